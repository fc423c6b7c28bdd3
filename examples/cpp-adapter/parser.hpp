// Bytes to events: a conforming, incremental parser of event streams in C++17, standard library only.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sse {

constexpr const char* version = "0.1.0";

struct Event {
  std::string type;  // "message" where the stream names none
  std::string data;
  std::string last_event_id;  // the one that holds at this event
};

/// UTF-8 as the standard decodes it: each maximal cut-off sequence and each other malformed byte becomes U+FFFD.
inline std::string decoded(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const auto byte = [&](std::size_t index) {
      return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0U;
    };
    const unsigned first = byte(at);
    std::size_t length = 1;
    // Only the second byte has narrower limits: they keep overlong forms, surrogates and all above U+10FFFF out.
    unsigned low = 0x80, high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
      length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
      length = 3;
      low = first == 0xE0 ? 0xA0 : low;
      high = first == 0xED ? 0x9F : high;
    } else if (first >= 0xF0 && first <= 0xF4) {
      length = 4;
      low = first == 0xF0 ? 0x90 : low;
      high = first == 0xF4 ? 0x8F : high;
    }
    std::size_t n_good = 1;
    for (; n_good < length && byte(at + n_good) >= low && byte(at + n_good) <= high; ++n_good) {
      low = 0x80, high = 0xBF;
    }
    if (n_good == length && (length > 1 || first < 0x80)) {
      text.append(bytes.substr(at, length));
    } else {
      text.append("\xEF\xBF\xBD");
    }
    at += n_good;
  }
  return text;
}

/// One event stream. Its end needs no call: what is unfinished then is discarded.
class Parser {
 public:
  /// The events that these bytes complete. Any cut of the stream gives the same events.
  std::vector<Event> feed(std::string_view chunk) {
    std::vector<Event> events;
    for (; !chunk.empty(); chunk.remove_prefix(1)) {
      const std::size_t n_plain = std::min(chunk.find_first_of("\r\n"), chunk.size());
      line_.append(chunk.substr(0, n_plain));
      after_cr_ = after_cr_ && n_plain == 0;
      chunk.remove_prefix(n_plain);
      if (chunk.empty()) {
        break;
      }
      // A CR ends its line at once; the LF of a CR LF, perhaps in the next chunk, is then no line of its own.
      const bool is_second_half = after_cr_ && chunk.front() == '\n';
      after_cr_ = chunk.front() == '\r';
      if (!is_second_half) {
        end_line(events);
      }
    }
    return events;
  }

  /// What a reconnect would send; only a blank line commits it.
  const std::string& last_event_id() const { return last_event_id_; }

  /// The last valid `retry`, held at the largest value where it is larger.
  std::optional<std::chrono::milliseconds> reconnection_time() const { return reconnection_time_; }

 private:
  void end_line(std::vector<Event>& events) {
    std::string_view line = line_;
    if (is_first_line_ && line.substr(0, 3) == "\xEF\xBB\xBF") {
      line.remove_prefix(3);
    }
    is_first_line_ = false;
    if (line.empty()) {
      dispatch(events);
    } else {
      // A line is cut at its colon before it is decoded: no part of a code point looks like one.
      const std::size_t colon = std::min(line.find(':'), line.size());
      std::string_view value = line.substr(std::min(colon + 1, line.size()));
      if (!value.empty() && value.front() == ' ') {
        value.remove_prefix(1);
      }
      // A comment is a field without a name, and unknown as such.
      process_field(line.substr(0, colon), value);
    }
    line_.clear();
  }

  void process_field(std::string_view name, std::string_view value) {
    if (name == "event") {
      event_type_ = decoded(value);
    } else if (name == "data") {
      data_.append(decoded(value)).push_back('\n');
    } else if (name == "id") {
      if (value.find('\0') == std::string_view::npos) {
        last_event_id_buffer_ = decoded(value);
      }
    } else if (name == "retry") {
      process_retry(value);
    }
  }

  void process_retry(std::string_view digits) {
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
      return;
    }
    using Count = std::chrono::milliseconds::rep;
    constexpr Count max = std::numeric_limits<Count>::max();
    Count count = 0;
    for (const char c : digits) {
      const Count digit = c - '0';
      count = count > (max - digit) / 10 ? max : count * 10 + digit;
    }
    reconnection_time_ = std::chrono::milliseconds(count);
  }

  void dispatch(std::vector<Event>& events) {
    last_event_id_ = last_event_id_buffer_;
    if (!data_.empty()) {
      data_.pop_back();  // The LF of the last data field.
      events.push_back({event_type_.empty() ? "message" : std::move(event_type_), std::move(data_), last_event_id_});
    }
    event_type_.clear();
    data_.clear();
  }

  std::string line_;
  bool is_first_line_ = true;
  bool after_cr_ = false;
  std::string event_type_;
  std::string data_;
  std::string last_event_id_buffer_;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> reconnection_time_;
};

}  // namespace sse

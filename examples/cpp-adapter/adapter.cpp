// Requests on standard input to answers on standard output, one JSON object per line.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "parser.hpp"  // 1. your implementation

using nlohmann::json;

const json description = {
    {"implementation", "cpp-adapter"},
    {"version", sse::version},
    {"language", "C++"},
    {"role", "parser"},
    {"features", {{"lastEventId", "stream"}, {"reconnectionTime", "stream"}, {"progress", true}}},  // 2. what it shows
};

const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string from_base64(const std::string& text) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned n_bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(alphabet.find(c));
    n_bits += 6;
    if (n_bits >= 8) bytes.push_back(static_cast<char>(bits >> (n_bits -= 8)));
  }
  return bytes;
}

// A text goes as its bytes: a std::string may hold what JSON cannot.
json base64(const std::string& bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = at; i < at + 3; ++i) bits = bits << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) text.push_back(i <= bytes.size() - at ? alphabet[bits >> (18 - 6 * i) & 63] : '=');
  }
  return {{"base64", text}};
}

json observe(const json& params) {
  json observation = {{"events", json::array()}};
  try {
    // 3. how its documentation drives it
    sse::Parser parser;
    for (std::size_t chunk = 0; chunk < params.at("chunks").size(); ++chunk) {
      for (const sse::Event& event : parser.feed(from_base64(params["chunks"][chunk]))) {
        observation["events"].push_back({{"type", base64(event.type)},
                                         {"data", base64(event.data)},
                                         {"lastEventId", base64(event.last_event_id)},
                                         {"chunk", chunk}});
      }
    }
    observation["lastEventId"] = base64(parser.last_event_id());
    if (const auto time = parser.reconnection_time()) observation["reconnectionTime"] = time->count();
  } catch (const std::exception& exception) {
    observation["error"] = exception.what();
  }
  return observation;
}

json answer(const std::string& method, const json& params) {
  if (method == "initialize" && params.at("protocolVersion") == 0 && params.at("role") == "parser") return {{"result", description}};
  if (method == "initialize") return {{"error", {{"code", -32602}, {"message", "only a parser, only version 0"}}}};
  if (method == "parse") return {{"result", observe(params)}};
  if (method == "shutdown") return {{"result", json::object()}};
  return {{"error", {{"code", -32601}, {"message", "unknown method " + method}}}};
}

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const json request = json::parse(line);
    json message = answer(request.at("method"), request.value("params", json::object()));
    message["jsonrpc"] = "2.0";
    message["id"] = request.at("id");
    std::cout << message.dump() << std::endl;
    if (request["method"] == "shutdown") break;
  }
}

//! The streams that the contestants read, each of about half a mebibyte and the same in every run.

use std::fmt::Write;

/// Small enough to stay in the cache, so that parsers are measured and not the memory.
const LENGTH: usize = 512 << 10;

/// A stream and what it is like.
pub struct Workload {
    /// Shown in the table's title.
    pub name: &'static str,
    /// The stream, which ends with a blank line. It stays as long as the program, so that all may borrow from it.
    pub stream: &'static [u8],
}

/// All of them.
pub fn all() -> [Workload; 4] {
    [
        Workload {
            name: "LLM tokens, events of about 200 bytes",
            stream: repeat(llm_token),
        },
        Workload {
            name: "`data: x`, events of 9 bytes",
            stream: repeat(|stream, _| stream.push_str("data: x\n\n")),
        },
        Workload {
            name: "lines of 64 KiB",
            stream: repeat(long_line),
        },
        Workload {
            name: "CRLF, with id, event, retry and comments",
            stream: repeat(mixed),
        },
    ]
}

/// Writes event after event, counted from 0, until the stream is long enough.
fn repeat(mut write_event: impl FnMut(&mut String, usize)) -> &'static [u8] {
    let mut stream = String::new();
    for number in 0.. {
        if stream.len() >= LENGTH {
            break;
        }
        write_event(&mut stream, number);
    }
    stream.leak().as_bytes()
}

/// Tokens of a text in several scripts, in no order that a branch predictor could learn.
fn llm_token(stream: &mut String, number: usize) {
    const TOKENS: [&str; 16] = [
        " the",
        " of",
        ",",
        " stream",
        " is",
        " parsed",
        " a",
        ".",
        " byte",
        " by",
        "\\n\\n",
        " naïve",
        " 東京",
        " 🙂",
        " un",
        "believable",
    ];
    let token = TOKENS[scrambled(number) % TOKENS.len()];
    writeln!(
        stream,
        "data: {{\"id\":\"chatcmpl-9wKqTr4XbZ0LmYp2\",\"object\":\"chat.completion.chunk\",\"created\":1754000000,\
         \"model\":\"a-model\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{token}\"}},\"logprobs\":null,\
         \"finish_reason\":null}}]}}\n"
    )
    .expect("a string takes everything");
}

/// What an image in base64 looks like.
fn long_line(stream: &mut String, number: usize) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const LINE: usize = 64 << 10;
    stream.push_str("data: ");
    let characters = ("data: ".len()..LINE).map(|at| ALPHABET[scrambled(number * LINE + at) % 64]);
    stream.extend(characters.map(char::from));
    stream.push_str("\n\n");
}

/// What a server of notifications sends: mostly short lines, sometimes a comment to keep the connection alive.
fn mixed(stream: &mut String, number: usize) {
    let random = scrambled(number);
    if number.is_multiple_of(64) {
        stream.push_str("retry: 3000\r\n");
    }
    if random.is_multiple_of(4) {
        stream.push_str(": keep-alive\r\n\r\n");
    }
    let event_type = ["update", "user-joined", "delete"][random % 3];
    write!(stream, "event: {event_type}\r\nid: {number}\r\n").expect("a string takes everything");
    for line in 0..1 + random / 4 % 3 {
        write!(stream, "data: {{\"line\":{line},\"value\":{random}}}\r\n")
            .expect("a string takes everything");
    }
    stream.push_str("\r\n");
}

/// A number as good as random (the finalizer of splitmix64).
fn scrambled(number: usize) -> usize {
    let mut z = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 32) as usize
}

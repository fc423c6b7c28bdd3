//! The bytes after the head of an answer to the bytes of its body: transfer coding and compression undone, piece by piece.
//!
//! Everything here is hostile: nothing is kept but the state of the decoder.

use crate::fetch::Decoder;
use crate::observation::server::Head;

/// A longer line among the chunks is no chunk's size and no trailer.
const MAX_LINE: usize = 4 << 10;
/// What a few compressed bytes may become before we look how much that is.
const STEP: usize = 1 << 10;

/// How the end of a body is told.
#[derive(Debug)]
pub enum Framing {
    /// HTTP/1.1 chunks.
    Chunked(Chunks),
    /// So many bytes are left.
    Length(u64),
    /// The end of the connection.
    UntilClose,
    /// There is no body.
    Nothing,
}

/// Where a chunked body stands.
#[derive(Debug)]
pub enum Chunks {
    /// In the line with a chunk's size.
    Size(Vec<u8>),
    /// So many bytes of the chunk are left.
    Data(u64),
    /// In the line end after a chunk.
    AfterData(Vec<u8>),
    /// In the trailers.
    Trailer(Vec<u8>),
    /// After the last trailer.
    Over,
}

impl Framing {
    /// How the body after this head is framed.
    ///
    /// # Errors
    ///
    /// One sentence: the head contradicts itself.
    pub fn of(head: &Head, is_head_request: bool) -> Result<Self, String> {
        if is_head_request || head.status == 204 || head.status == 304 {
            return Ok(Self::Nothing);
        }
        let codings: Vec<&[u8]> = head.values("transfer-encoding").collect();
        let lengths: Vec<&[u8]> = head.values("content-length").collect();
        match (codings.as_slice(), lengths.as_slice()) {
            ([], []) => Ok(Self::UntilClose),
            ([coding], _) if coding.eq_ignore_ascii_case(b"chunked") => {
                Ok(Self::Chunked(Chunks::Size(Vec::new())))
            }
            ([coding, ..], _) => Err(format!(
                "its Transfer-Encoding is \"{}\"",
                coding.escape_ascii()
            )),
            ([], [length, more @ ..]) => {
                let number = std::str::from_utf8(length).ok();
                let number = number.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
                match number.and_then(|text| text.parse().ok()) {
                    Some(number) if more.iter().all(|other| other == length) => {
                        Ok(Self::Length(number))
                    }
                    _ => Err(format!(
                        "its Content-Length is \"{}\"",
                        lengths.join(&b", "[..]).escape_ascii()
                    )),
                }
            }
        }
    }

    /// Takes bytes in and appends those of the body. Returns whether the body is complete.
    ///
    /// # Errors
    ///
    /// One sentence: what came is not framed so.
    pub fn decode(&mut self, mut bytes: &[u8], body: &mut Vec<u8>) -> Result<bool, String> {
        match self {
            Self::Nothing => Ok(true),
            Self::UntilClose => {
                body.extend_from_slice(bytes);
                Ok(false)
            }
            Self::Length(left) => {
                let n_bytes = bytes
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                body.extend_from_slice(&bytes[..n_bytes]);
                *left -= n_bytes as u64;
                if bytes.len() > n_bytes {
                    return Err("it sends more than its Content-Length allows".to_owned());
                }
                Ok(*left == 0)
            }
            Self::Chunked(chunks) => {
                while !bytes.is_empty() {
                    chunks.step(&mut bytes, body)?;
                }
                Ok(matches!(chunks, Chunks::Over))
            }
        }
    }
}

impl Chunks {
    fn step(&mut self, bytes: &mut &[u8], body: &mut Vec<u8>) -> Result<(), String> {
        match self {
            Self::Size(line) => {
                if let Some(line) = take_line(line, bytes)? {
                    let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
                    let size = std::str::from_utf8(size.trim_ascii()).unwrap_or_default();
                    let is_hex = !size.is_empty() && size.bytes().all(|b| b.is_ascii_hexdigit());
                    let size = u64::from_str_radix(size, 16).ok().filter(|_| is_hex);
                    *self = match size {
                        Some(0) => Self::Trailer(Vec::new()),
                        Some(size) => Self::Data(size),
                        None => {
                            return Err(format!(
                                "where a chunk's size should be stands \"{}\"",
                                shown(&line)
                            ));
                        }
                    };
                }
            }
            Self::Data(left) => {
                let n_bytes = bytes
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                body.extend_from_slice(&bytes[..n_bytes]);
                *bytes = &bytes[n_bytes..];
                *left -= n_bytes as u64;
                if *left == 0 {
                    *self = Self::AfterData(Vec::new());
                }
            }
            Self::AfterData(line) => {
                if let Some(line) = take_line(line, bytes)? {
                    if !line.is_empty() {
                        return Err(format!(
                            "after a chunk stands \"{}\" instead of a line end",
                            shown(&line)
                        ));
                    }
                    *self = Self::Size(Vec::new());
                }
            }
            Self::Trailer(line) => {
                if let Some(line) = take_line(line, bytes)? {
                    *self = if line.is_empty() {
                        Self::Over
                    } else {
                        Self::Trailer(Vec::new())
                    };
                }
            }
            Self::Over => {
                return Err("it goes on after its last chunk".to_owned());
            }
        }
        Ok(())
    }
}

/// Takes bytes off the front, up to a line end; the line, if it is whole.
fn take_line(line: &mut Vec<u8>, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, String> {
    let end = memchr::memchr(b'\n', bytes);
    line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
    *bytes = &bytes[end.map_or(bytes.len(), |end| end + 1)..];
    if line.len() > MAX_LINE {
        return Err(format!(
            "a line among its chunks has more than {MAX_LINE} bytes"
        ));
    }
    Ok(end.is_some().then(|| {
        let mut line = std::mem::take(line);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        line
    }))
}

fn shown(line: &[u8]) -> String {
    line[..line.len().min(40)].escape_ascii().to_string()
}

/// What there is to know of how a body is compressed.
pub enum Coding {
    /// Its decoder.
    Read(Decoder),
    /// In a way that the request did not offer; one sentence.
    NotOffered(String),
    /// In a way that it offered and nothing here reads; one sentence.
    Unread(String),
}

impl Coding {
    /// How the body after this head is compressed, where a request had these headers.
    pub fn of(head: &Head, asked: &[(String, Vec<u8>)]) -> Self {
        let codings: Vec<&[u8]> = head.values("content-encoding").collect();
        let coding = codings.join(&b", "[..]).to_ascii_lowercase();
        if coding.is_empty() || coding == b"identity" {
            return Self::Read(Decoder::Identity);
        }
        let of_name = |(name, _): &&(String, _)| name == "accept-encoding";
        let offered = asked.iter().filter(of_name);
        let mut offered = offered.flat_map(|(_, value)| value.split(|byte| *byte == b','));
        let written = coding.escape_ascii();
        if !offered.any(|offer| offer.trim_ascii() == coding) {
            return Self::NotOffered(format!(
                "its Content-Encoding is \"{written}\", which was not offered"
            ));
        }
        let decoder = std::str::from_utf8(&coding).ok();
        match decoder.and_then(|name| Decoder::of(Some(name))) {
            Some(decoder) => Self::Read(decoder),
            None => Self::Unread(format!(
                "its Content-Encoding is \"{written}\", which the harness cannot read"
            )),
        }
    }
}

/// Takes bytes in and returns what they stand for, no more than `limit` bytes of it.
///
/// # Errors
///
/// One sentence: they are not compressed so, or stand for too much.
pub fn decode(decoder: &mut Decoder, bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let mut decoded = Vec::new();
    let mut is_too_much = false;
    for step in bytes.chunks(STEP) {
        decoder.decode(step, &mut |part| {
            is_too_much |= decoded.len() + part.len() > limit;
            if !is_too_much {
                decoded.extend_from_slice(part);
            }
        })?;
        if is_too_much {
            return Err("its body stands for far more than was emitted".to_owned());
        }
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn head(headers: &[(&str, &str)]) -> Head {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Head {
            status: 200,
            minor_version: 1,
            headers: headers.iter().map(|(n, v)| (bytes(n), bytes(v))).collect(),
        }
    }

    /// Decodes a body given byte by byte and whole, which must be the same.
    fn decoded(headers: &[(&str, &str)], bytes: &[u8]) -> Result<(Vec<u8>, bool), String> {
        let run = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let mut framing = Framing::of(&head(headers), false)?;
            let (mut body, mut is_complete) = (Vec::new(), false);
            for piece in pieces {
                is_complete = framing.decode(piece, &mut body)?;
            }
            Ok((body, is_complete))
        };
        let whole = run(&mut std::iter::once(bytes));
        assert_eq!(whole, run(&mut bytes.chunks(1)));
        whole
    }

    const CHUNKED: &[(&str, &str)] = &[("Transfer-Encoding", "chunked")];

    #[test]
    fn chunks_are_joined() {
        let bytes = b"3;x=y\r\nabc\r\n1\nd\n0\r\nT: v\r\n\r\n";
        assert_eq!(decoded(CHUNKED, bytes), Ok((b"abcd".to_vec(), true)));
        assert_eq!(decoded(CHUNKED, b"3\r\nab"), Ok((b"ab".to_vec(), false)));
    }

    #[test]
    fn what_is_not_framed_so_is_one_sentence() {
        for (headers, bytes, sentence) in [
            (
                CHUNKED,
                &b"data: a\n\n"[..],
                "where a chunk's size should be stands \"data: a\"",
            ),
            (
                CHUNKED,
                b"+3\r\nabc\r\n",
                "where a chunk's size should be stands \"+3\"",
            ),
            (
                CHUNKED,
                b"1\r\nab\r\n",
                "after a chunk stands \"b\" instead of a line end",
            ),
            (CHUNKED, b"0\r\n\r\nmore", "it goes on after its last chunk"),
            (
                &[("Content-Length", "1")],
                b"ab",
                "it sends more than its Content-Length allows",
            ),
            (
                &[("Content-Length", "-1")],
                b"",
                "its Content-Length is \"-1\"",
            ),
            (
                &[("Transfer-Encoding", "gzip")],
                b"",
                "its Transfer-Encoding is \"gzip\"",
            ),
        ] {
            assert_eq!(decoded(headers, bytes), Err(sentence.to_owned()));
        }
    }

    #[test]
    fn a_coding_is_undone_at_each_flush() {
        let asked = [("accept-encoding".to_owned(), b"gzip, deflate, br".to_vec())];
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        let coding = Coding::of(&head(&[("content-encoding", "GZIP")]), &asked);
        let Coding::Read(mut decoder) = coding else {
            panic!("gzip is offered and read");
        };
        for event in ["data: a\n\n", "data: b\n\n"] {
            encoder.write_all(event.as_bytes()).expect("into memory");
            encoder.flush().expect("into memory");
            let flushed = std::mem::take(encoder.get_mut());
            let decoded = decode(&mut decoder, &flushed, 100);
            assert_eq!(decoded, Ok(event.as_bytes().to_vec()));
        }
        let garbage = decode(&mut decoder, &b"garbage".repeat(100), 100);
        assert!(garbage.is_err_and(|sentence| sentence.contains("gzip encoding is broken")));
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&[b'a'; 100_000]).expect("into memory");
        let bomb = encoder.finish().expect("into memory");
        let Coding::Read(mut decoder) =
            Coding::of(&head(&[("content-encoding", "deflate")]), &asked)
        else {
            panic!("deflate is offered and read");
        };
        let too_much = decode(&mut decoder, &bomb, 1000);
        assert_eq!(
            too_much,
            Err("its body stands for far more than was emitted".to_owned())
        );
    }

    #[test]
    fn what_was_not_offered_is_told_from_what_nothing_here_reads() {
        let asked = [("accept-encoding".to_owned(), b"gzip, x-unheard-of".to_vec())];
        let of = |name| Coding::of(&head(&[("content-encoding", name)]), &asked);
        assert!(matches!(of("br"), Coding::NotOffered(sentence) if sentence.contains("\"br\"")));
        assert!(matches!(of("x-unheard-of"), Coding::Unread(_)));
        assert!(matches!(of("identity"), Coding::Read(Decoder::Identity)));
    }
}

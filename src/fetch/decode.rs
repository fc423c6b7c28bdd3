//! Encoded bytes to what they decode to so far: flush by flush, so that what a compressor holds back is seen to be missing.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder as ZstdState, InBuffer, Operation as _, OutBuffer};

/// So much is decoded at a time, so that a few bytes that mean a gigabyte stay harmless.
const ROOM: usize = 64 << 10;

/// One decoder for one body.
pub enum Decoder {
    /// Nothing to decode.
    Identity,
    /// A wrapper around deflate.
    Gzip(Gzip),
    /// zlib, or deflate without a wrapper, which some servers send under this name.
    Deflate(Option<Decompress>),
    /// brotli.
    Brotli(Box<Brotli>),
    /// zstd, whose frames may follow each other.
    Zstd(ZstdState<'static>),
}

/// The content codings that this room decodes, as they are offered.
pub const OFFERED: &[&str] = &["gzip", "deflate", "br", "zstd"];

/// The state of a gzip body.
pub struct Gzip {
    head: GzipHead,
    inflate: Decompress,
    n_trailer: usize,
}

/// The state of a brotli body.
pub struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    is_done: bool,
}

impl Decoder {
    /// The decoder for a Content-Encoding, unless nothing here decodes it.
    pub fn of(encoding: Option<&str>) -> Option<Self> {
        Some(match encoding {
            None | Some("identity") => Self::Identity,
            Some("gzip" | "x-gzip") => Self::Gzip(Gzip {
                head: GzipHead::default(),
                inflate: Decompress::new(false),
                n_trailer: 0,
            }),
            Some("deflate") => Self::Deflate(None),
            Some("br") => Self::Brotli(Box::new(Brotli {
                state: BrotliState::new(
                    StandardAlloc::default(),
                    StandardAlloc::default(),
                    StandardAlloc::default(),
                ),
                is_done: false,
            })),
            Some("zstd") => Self::Zstd(ZstdState::new().ok()?),
            Some(_) => return None,
        })
    }

    /// Decodes what came and hands on what it gives, in parts of bounded size.
    ///
    /// # Errors
    ///
    /// One sentence; what was decoded before was handed on.
    pub fn decode(&mut self, mut bytes: &[u8], f: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        match self {
            Self::Identity => {
                f(bytes);
                Ok(())
            }
            Self::Gzip(gzip) => gzip.decode(bytes, f),
            Self::Deflate(inflate) => {
                let Some(&first) = bytes.first() else {
                    return Ok(());
                };
                // zlib's first byte names method 8 and a window of at most 32 KiB.
                let has_wrapper = first & 0x0F == 8 && first >> 4 <= 7;
                let inflate = inflate.get_or_insert_with(|| Decompress::new(has_wrapper));
                inflate_all(inflate, &mut bytes, f, "deflate").map(|_| ())
            }
            Self::Brotli(brotli) => brotli.decode(bytes, f),
            Self::Zstd(state) => decode_zstd(state, bytes, f),
        }
    }
}

impl Gzip {
    fn decode(&mut self, mut bytes: &[u8], f: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        while !bytes.is_empty() {
            if self.n_trailer > 0 {
                let n = self.n_trailer.min(bytes.len());
                self.n_trailer -= n;
                bytes = &bytes[n..];
                continue;
            }
            if !self.head.read(&mut bytes)? {
                return Ok(());
            }
            if inflate_all(&mut self.inflate, &mut bytes, f, "gzip")? {
                // Check sum and length, eight bytes; another member may follow.
                self.n_trailer = 8;
                self.head = GzipHead::default();
                self.inflate.reset(false);
            }
        }
        Ok(())
    }
}

impl Brotli {
    fn decode(&mut self, bytes: &[u8], f: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        let mut room = [0; ROOM];
        let (mut n_in, mut in_offset) = (bytes.len(), 0);
        while !self.is_done {
            let (mut n_room, mut out_offset, mut n_total) = (ROOM, 0, 0);
            let result = BrotliDecompressStream(
                &mut n_in,
                &mut in_offset,
                bytes,
                &mut n_room,
                &mut out_offset,
                &mut room,
                &mut n_total,
                &mut self.state,
            );
            if out_offset > 0 {
                f(&room[..out_offset]);
            }
            match result {
                BrotliResult::ResultSuccess => self.is_done = true,
                BrotliResult::NeedsMoreInput => return Ok(()),
                BrotliResult::NeedsMoreOutput => (),
                BrotliResult::ResultFailure => return Err("the br encoding is broken".to_owned()),
            }
        }
        Ok(())
    }
}

fn decode_zstd(
    state: &mut ZstdState<'_>,
    bytes: &[u8],
    f: &mut dyn FnMut(&[u8]),
) -> Result<(), String> {
    let mut room = vec![0; ROOM];
    let mut encoded = InBuffer::around(bytes);
    loop {
        let mut decoded = OutBuffer::around(&mut room);
        state
            .run(&mut encoded, &mut decoded)
            .map_err(|_| "the zstd encoding is broken".to_owned())?;
        let n_out = decoded.pos();
        if n_out > 0 {
            f(&room[..n_out]);
        }
        // A full buffer may hide more of what came.
        if encoded.pos == bytes.len() && n_out < ROOM {
            return Ok(());
        }
    }
}

/// Inflates all of `bytes` up to the end of the deflate stream; whether that end was reached.
fn inflate_all(
    inflate: &mut Decompress,
    bytes: &mut &[u8],
    f: &mut dyn FnMut(&[u8]),
    name: &str,
) -> Result<bool, String> {
    let mut room = [0; ROOM];
    loop {
        let (n_in, n_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate
            .decompress(bytes, &mut room, FlushDecompress::None)
            .map_err(|_| format!("the {name} encoding is broken"))?;
        let n_in = (inflate.total_in() - n_in) as usize;
        let n_out = (inflate.total_out() - n_out) as usize;
        *bytes = &bytes[n_in..];
        if n_out > 0 {
            f(&room[..n_out]);
        }
        match status {
            Status::StreamEnd => return Ok(true),
            // A full buffer may hide more of what came.
            _ if bytes.is_empty() && n_out < ROOM => return Ok(false),
            _ if n_in == 0 && n_out == 0 => return Ok(false),
            _ => (),
        }
    }
}

/// The head of a gzip member, which ends where its flags say.
#[derive(Default)]
struct GzipHead {
    fixed: Vec<u8>,
    part: usize,
    n_extra: Option<usize>,
    extra_length: Vec<u8>,
    n_check: usize,
}

impl GzipHead {
    /// Takes what belongs to the head; whether it is whole.
    fn read(&mut self, bytes: &mut &[u8]) -> Result<bool, String> {
        const FIXED: usize = 10;
        const HAS_CHECK: u8 = 2;
        const HAS_EXTRA: u8 = 4;
        const HAS_NAME: u8 = 8;
        const HAS_COMMENT: u8 = 16;
        let n = (FIXED - self.fixed.len()).min(bytes.len());
        self.fixed.extend_from_slice(&bytes[..n]);
        *bytes = &bytes[n..];
        let magic = &[0x1F, 0x8B, 8][..self.fixed.len().min(3)];
        if !self.fixed.starts_with(magic) {
            return Err("this is not the gzip encoding that the head announces".to_owned());
        }
        if self.fixed.len() < FIXED {
            return Ok(false);
        }
        let flags = self.fixed[3];
        loop {
            let is_there = match self.part {
                0 => flags & HAS_EXTRA == 0 || self.skip_extra(bytes),
                1 => flags & HAS_NAME == 0 || skip_text(bytes),
                2 => flags & HAS_COMMENT == 0 || skip_text(bytes),
                3 => flags & HAS_CHECK == 0 || self.skip_check(bytes),
                _ => return Ok(true),
            };
            if !is_there {
                return Ok(false);
            }
            self.part += 1;
        }
    }

    fn skip_extra(&mut self, bytes: &mut &[u8]) -> bool {
        while self.extra_length.len() < 2 {
            let Some((&first, rest)) = bytes.split_first() else {
                return false;
            };
            self.extra_length.push(first);
            *bytes = rest;
        }
        let length = usize::from(self.extra_length[0]) | usize::from(self.extra_length[1]) << 8;
        let left = self.n_extra.get_or_insert(length);
        let n = (*left).min(bytes.len());
        *left -= n;
        *bytes = &bytes[n..];
        *left == 0
    }

    fn skip_check(&mut self, bytes: &mut &[u8]) -> bool {
        let n = (2 - self.n_check).min(bytes.len());
        self.n_check += n;
        *bytes = &bytes[n..];
        self.n_check == 2
    }
}

/// Skips a text and the NUL behind it.
fn skip_text(bytes: &mut &[u8]) -> bool {
    let end = bytes.iter().position(|&byte| byte == 0);
    *bytes = end.map_or(&[], |end| &bytes[end + 1..]);
    end.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    /// What comes out by the time that all flushed bytes are in, however they are cut.
    #[track_caller]
    fn check(encoding: &str, encoded: &[u8], expected: &[u8]) {
        for size in [1, 7, encoded.len()] {
            let mut decoder = Decoder::of(Some(encoding)).expect("a known encoding");
            let mut decoded = Vec::new();
            for chunk in encoded.chunks(size) {
                let decoded = &mut |bytes: &[u8]| decoded.extend_from_slice(bytes);
                decoder.decode(chunk, decoded).expect("it is not broken");
            }
            assert_eq!(decoded, expected, "{encoding} in chunks of {size}");
        }
    }

    #[test]
    fn what_was_flushed_comes_out_at_once() {
        let text = b"data: a\n\n".repeat(20_000);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&text)
            .and_then(|()| gzip.flush())
            .expect("memory");
        check("gzip", gzip.get_ref(), &text);
        gzip.write_all(b"more").expect("memory");
        check("gzip", gzip.get_ref(), &text);
        check(
            "gzip",
            &gzip.finish().expect("memory"),
            &[&text[..], b"more"].concat(),
        );

        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text)
            .and_then(|()| zlib.flush())
            .expect("memory");
        check("deflate", zlib.get_ref(), &text);
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(&text)
            .and_then(|()| raw.flush())
            .expect("memory");
        check("deflate", raw.get_ref(), &text);
    }

    #[test]
    fn a_gzip_head_may_have_every_part() {
        let plain = {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(b"data: a\n\n").expect("memory");
            gzip.finish().expect("memory")
        };
        let mut full = plain[..10].to_vec();
        full[3] = 2 | 4 | 8 | 16;
        full.extend_from_slice(b"\x03\x00abcname\0comment\0\x12\x34");
        full.extend_from_slice(&plain[10..]);
        check("gzip", &full, b"data: a\n\n");
        check(
            "gzip",
            &[&full[..], &plain[..]].concat(),
            b"data: a\n\ndata: a\n\n",
        );
    }

    #[test]
    fn brotli_that_was_flushed_comes_out_at_once() {
        // Written by another encoder, flushed behind each event and then ended.
        let one = b"\x0b\x05\x80data: one\n\n";
        let two = b"\x50\x00\x80\x5f\x5a\xe1\x8d\xee\x4e\x11\xa2\x4a\x04\x60\x0b";
        check("br", one, b"data: one\n\n");
        let both = b"data: one\n\ndata: two\n\n";
        check("br", &[&one[..], two].concat(), both);
        check("br", &[&one[..], two, b"\x03"].concat(), both);
    }

    #[test]
    fn zstd_that_was_flushed_comes_out_at_once() {
        let text = b"data: a\n\n".repeat(20_000);
        let mut zstd = zstd::stream::Encoder::new(Vec::new(), 3).expect("a known level");
        zstd.write_all(&text)
            .and_then(|()| zstd.flush())
            .expect("memory");
        check("zstd", zstd.get_ref(), &text);
        let whole = zstd.finish().expect("memory");
        check("zstd", &whole, &text);
        // A frame for each event is what some servers send.
        check("zstd", &whole.repeat(2), &text.repeat(2));
    }

    #[test]
    fn what_is_broken_is_said_and_what_is_unknown_is_refused() {
        let mut gzip = Decoder::of(Some("gzip")).expect("known");
        assert!(gzip.decode(b"data: a\n\ndata", &mut |_| ()).is_err());
        let mut zstd = Decoder::of(Some("zstd")).expect("known");
        assert!(zstd.decode(b"data: a\n\ndata", &mut |_| ()).is_err());
        assert!(Decoder::of(Some("compress")).is_none());
    }
}

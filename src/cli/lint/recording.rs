//! A stream as it came, bytes with their times, to a file, and back.
//!
//! One JSON object a line: what was asked, the head, each read with its bytes in base64, the end. Credentials are masked.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write as _};
use std::path::Path;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::lint::exchange::{Came, End};
use crate::lint::head::{Asked, Head};
use crate::mask::{self, Secrets};

/// How a recording begins; no event stream that means anything does.
const MAGIC: &[u8] = b"{\"ssespecRecording\":";
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    #[serde(rename = "ssespecRecording")]
    version: u32,
    /// What was asked, without credentials.
    source: String,
    /// The times mean something.
    timed: bool,
    method: String,
    offered: Vec<String>,
}

/// Any further line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    /// Seconds since the request was sent.
    at: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<HeadLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<BytesLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<EndLine>,
}

#[derive(Debug, Serialize, Deserialize)]
struct HeadLine {
    version: String,
    status: u16,
    headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct BytesLine {
    /// Which read it was.
    read: u64,
    /// How many bytes it was before it was decoded.
    wire: usize,
    base64: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum EndLine {
    Complete,
    Broken(String),
    Stopped(String),
}

/// A recording that is being written.
pub struct Recorder {
    file: BufWriter<File>,
    secrets: Secrets,
    /// The end of what was recorded last, as it came: a credential may begin there.
    last: Vec<u8>,
}

/// What a recording holds, one thing after the other.
#[derive(Debug)]
pub enum Recorded {
    /// The head.
    Head(Duration, Head),
    /// What one read gave, decoded.
    Bytes(Came, Vec<u8>),
    /// The end.
    End(Duration, End),
}

impl Recorder {
    /// Opens the file and writes what is asked.
    ///
    /// # Errors
    ///
    /// One sentence on why it cannot be written.
    pub fn create(
        path: &Path,
        source: &str,
        asked: &Asked,
        is_timed: bool,
        secrets: Secrets,
    ) -> Result<Self, String> {
        let file =
            File::create(path).map_err(|error| format!("--record {}: {error}", path.display()))?;
        let mut recorder = Self {
            file: BufWriter::new(file),
            secrets,
            last: Vec::new(),
        };
        let start = Start {
            version: VERSION,
            source: source.to_owned(),
            timed: is_timed,
            method: asked.method.clone(),
            offered: asked.offered.clone(),
        };
        recorder
            .write(&start)
            .map_err(|error| format!("--record: {error}"))?;
        Ok(recorder)
    }

    /// Writes the head.
    ///
    /// # Errors
    ///
    /// A full disk, say.
    pub fn head(&mut self, at: Duration, head: &Head) -> io::Result<()> {
        let masked = |(name, value): &(String, String)| {
            let value = self.secrets.mask(&mask::header_value(name, value));
            (name.clone(), value)
        };
        let head = HeadLine {
            version: head.version.clone(),
            status: head.status,
            headers: head.headers.iter().map(masked).collect(),
        };
        self.line(at, Some(head), None, None)
    }

    /// Writes what one read gave.
    ///
    /// # Errors
    ///
    /// A full disk, say.
    pub fn bytes(&mut self, came: Came, bytes: &[u8]) -> io::Result<()> {
        let mut bytes = bytes.to_vec();
        self.secrets.blank_next(&mut self.last, &mut bytes);
        let line = BytesLine {
            read: came.number,
            wire: came.n_wire_bytes,
            base64: BASE64_STANDARD.encode(bytes),
        };
        self.line(came.at, None, Some(line), None)
    }

    /// Writes the end and closes the file.
    ///
    /// # Errors
    ///
    /// A full disk, say.
    pub fn end(mut self, at: Duration, end: &End) -> io::Result<()> {
        let line = match end {
            End::Complete => EndLine::Complete,
            End::Broken(sentence) => EndLine::Broken(self.secrets.mask(sentence)),
            End::Stopped(why) => EndLine::Stopped((*why).to_owned()),
        };
        self.line(at, None, None, Some(line))?;
        self.file.flush()
    }

    fn line(
        &mut self,
        at: Duration,
        head: Option<HeadLine>,
        bytes: Option<BytesLine>,
        end: Option<EndLine>,
    ) -> io::Result<()> {
        self.write(&Line {
            at: at.as_secs_f64(),
            head,
            bytes,
            end,
        })
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, line)?;
        self.file.write_all(b"\n")
    }
}

/// Whether bytes are the start of a recording; `None` if there are too few of them to tell.
pub fn is_recording(bytes: &[u8]) -> Option<bool> {
    if bytes.len() >= MAGIC.len() {
        Some(bytes.starts_with(MAGIC))
    } else {
        (!MAGIC.starts_with(bytes)).then_some(false)
    }
}

/// Reads the first line of a recording: what was asked, and whether the times mean something.
///
/// # Errors
///
/// One sentence on what is wrong with it.
pub fn start(input: &mut dyn BufRead) -> Result<(Asked, bool), String> {
    let mut line = String::new();
    input
        .read_line(&mut line)
        .map_err(|error| error.to_string())?;
    let start: Start = serde_json::from_str(&line).map_err(|error| at_fault(1, &error))?;
    if start.version != VERSION {
        return Err(format!(
            "a recording of version {}; this ssespec reads version {VERSION}",
            start.version
        ));
    }
    let asked = Asked {
        method: start.method,
        offered: start.offered,
    };
    Ok((asked, start.timed))
}

/// Reads the further lines of a recording.
pub fn rest(input: impl BufRead) -> impl Iterator<Item = Result<Recorded, String>> {
    (2..).zip(input.lines()).map(|(number, line)| {
        let line = line.map_err(|error| error.to_string())?;
        let line: Line = serde_json::from_str(&line).map_err(|error| at_fault(number, &error))?;
        let at = Duration::try_from_secs_f64(line.at)
            .map_err(|_| format!("line {number}: {} is no time", line.at))?;
        match (line.head, line.bytes, line.end) {
            (Some(head), None, None) => {
                let head = Head {
                    version: head.version,
                    status: head.status,
                    headers: head.headers,
                };
                Ok(Recorded::Head(at, head))
            }
            (None, Some(bytes), None) => {
                let decoded = BASE64_STANDARD.decode(&bytes.base64);
                let came = Came {
                    at,
                    number: bytes.read,
                    n_wire_bytes: bytes.wire,
                };
                let decoded = decoded.map_err(|_| format!("line {number}: this is no base64"))?;
                Ok(Recorded::Bytes(came, decoded))
            }
            (None, None, Some(end)) => Ok(Recorded::End(
                at,
                match end {
                    EndLine::Complete => End::Complete,
                    EndLine::Broken(sentence) => End::Broken(sentence),
                    EndLine::Stopped(_) => End::Stopped("by who recorded it"),
                },
            )),
            _ => Err(format!("line {number}: neither head nor bytes nor end")),
        }
    })
}

/// The stream in a recording, or the same bytes where they are none.
///
/// # Errors
///
/// What the input gives, or a recording that is broken.
pub fn plain(mut input: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut start_bytes = Vec::new();
    let is_recording = loop {
        if let Some(is_recording) = is_recording(&start_bytes) {
            break is_recording;
        }
        let mut buffer = [0; 4_096];
        match input.read(&mut buffer)? {
            0 => break false,
            n => start_bytes.extend_from_slice(&buffer[..n]),
        }
    };
    let whole = io::Cursor::new(start_bytes).chain(input);
    if !is_recording {
        return Ok(Box::new(whole));
    }
    let mut lines = io::BufReader::new(whole);
    start(&mut lines).map_err(io::Error::other)?;
    Ok(Box::new(Plain {
        rest: Box::new(rest(lines)),
        bytes: io::Cursor::default(),
    }))
}

/// The bytes of a recording's reads.
struct Plain {
    rest: Box<dyn Iterator<Item = Result<Recorded, String>>>,
    bytes: io::Cursor<Vec<u8>>,
}

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.bytes.read(buffer)? {
                0 => match self.rest.next().transpose().map_err(io::Error::other)? {
                    Some(Recorded::Bytes(_, bytes)) => self.bytes = io::Cursor::new(bytes),
                    Some(_) => (),
                    None => return Ok(0),
                },
                n => return Ok(n),
            }
        }
    }
}

fn at_fault(number: usize, error: &serde_json::Error) -> String {
    // serde_json counts its own lines, of which there is one.
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("line {number} of the recording: {what}")
}

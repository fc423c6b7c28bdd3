//! A file, a pipe or a recording to what it holds, one thing after the other.
//!
//! A thread reads, since a pipe cannot be waited for beside a clock otherwise.

use std::fs::File;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::recording::{self, Recorded};
use crate::lint::exchange::{Came, End};
use crate::lint::head::{self, Asked, Head};
use crate::report::escape;

/// A file or a pipe under way.
pub struct Input {
    /// What it holds.
    pub items: mpsc::Receiver<Item>,
    /// Its times are those at which we read, and mean something.
    pub is_timed: bool,
    /// When reading began.
    pub start: Instant,
}

/// One thing.
pub enum Item {
    /// What a recording says was asked, and whether its times mean something.
    Asked(Asked, bool),
    /// A head.
    Head(Duration, Head),
    /// Bytes as they stood there.
    Bytes(Came, Vec<u8>),
    /// Bytes of a recording, which are decoded.
    Decoded(Came, Vec<u8>),
    /// The end that a recording tells.
    End(Duration, End),
    /// It cannot be read; the sentence says why.
    Failed(String),
}

/// Begins to read a file, or standard input for `-`.
///
/// # Errors
///
/// One sentence on why it cannot be opened.
pub fn open(name: &str) -> Result<Input, String> {
    let shown = escape::prose(if name == "-" { "standard input" } else { name });
    let reader: Box<dyn Read + Send> = if name == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(name).map_err(|error| format!("{shown}: {error}"))?)
    };
    let start = Instant::now();
    let (sender, items) = mpsc::channel(16);
    let is_timed = name == "-" && !is_file(&io::stdin());
    std::thread::spawn(move || {
        let mut pump = Pump {
            reader,
            sender,
            start,
            n_reads: 0,
        };
        if let Err(sentence) = pump.run() {
            pump.send(Item::Failed(format!("{shown}: {sentence}")));
        }
    });
    Ok(Input {
        items,
        is_timed,
        start,
    })
}

/// Standard input is `< file`: its times say nothing.
#[cfg(unix)]
fn is_file(stdin: &io::Stdin) -> bool {
    use std::os::fd::AsFd as _;
    let file = stdin.as_fd().try_clone_to_owned().map(File::from);
    file.and_then(|file| file.metadata())
        .is_ok_and(|metadata| metadata.is_file())
}

#[cfg(not(unix))]
fn is_file(_: &io::Stdin) -> bool {
    false
}

struct Pump {
    reader: Box<dyn Read + Send>,
    sender: mpsc::Sender<Item>,
    start: Instant,
    n_reads: u64,
}

impl Pump {
    fn run(&mut self) -> Result<(), String> {
        let mut bytes = Vec::new();
        // Whether this is a recording, or begins with a head, its first bytes tell.
        while recording::is_recording(&bytes).is_none() && self.read(&mut bytes)? {}
        if recording::is_recording(&bytes) == Some(true) {
            return self.recording(bytes);
        }
        while b"HTTP/".starts_with(&bytes[..bytes.len().min(5)]) && self.read_head(&mut bytes)? {}
        loop {
            if !bytes.is_empty() {
                self.n_reads += 1;
                let came = Came {
                    at: self.start.elapsed(),
                    number: self.n_reads,
                    n_wire_bytes: bytes.len(),
                };
                if !self.send(Item::Bytes(came, std::mem::take(&mut bytes))) {
                    return Ok(());
                }
            }
            if !self.read(&mut bytes)? {
                return Ok(());
            }
        }
    }

    /// Sends one head, if the bytes begin with one; whether another may follow.
    fn read_head(&mut self, bytes: &mut Vec<u8>) -> Result<bool, String> {
        loop {
            if let Some((head, n)) = Head::parse(bytes) {
                bytes.drain(..n);
                let is_last = head.status / 100 != 1 && head.status / 100 != 3;
                // Of a chain of redirects, the last answer is the one.
                if is_last || !bytes.starts_with(b"HTTP/") {
                    self.send(Item::Head(self.start.elapsed(), head));
                    return Ok(false);
                }
                return Ok(true);
            }
            if bytes.len() > head::MAX_BYTES {
                let kb = head::MAX_BYTES / 1_000;
                return Err(format!("the head does not end: more than {kb} kB"));
            }
            let is_head = bytes.len() < 5 || bytes.starts_with(b"HTTP/");
            if !is_head || !self.read(bytes)? {
                return Ok(false);
            }
        }
    }

    fn recording(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        let reader = std::mem::replace(&mut self.reader, Box::new(io::empty()));
        let mut lines = io::BufReader::new(io::Cursor::new(bytes).chain(reader));
        let (asked, is_timed) = recording::start(&mut lines)?;
        let mut last = Duration::ZERO;
        self.send(Item::Asked(asked, is_timed));
        for recorded in recording::rest(lines) {
            let item = match recorded? {
                Recorded::Head(at, head) => Item::Head(at, head),
                Recorded::Bytes(came, bytes) => {
                    last = came.at;
                    Item::Decoded(came, bytes)
                }
                Recorded::End(at, end) => {
                    self.send(Item::End(at, end));
                    return Ok(());
                }
            };
            if !self.send(item) {
                return Ok(());
            }
        }
        // Whoever recorded it was killed.
        self.send(Item::End(last, End::Stopped("end of recording")));
        Ok(())
    }

    /// Reads on; `false` at the end.
    fn read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, String> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match self.reader.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(n) if bytes.is_empty() => {
                    buffer.truncate(n);
                    *bytes = buffer;
                    return Ok(true);
                }
                Ok(n) => {
                    bytes.extend_from_slice(&buffer[..n]);
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Whether anybody still wants more.
    fn send(&self, item: Item) -> bool {
        self.sender.blocking_send(item).is_ok()
    }
}

//! An adapter's process: lines in, lines out, a deadline for each answer, and an end for the whole process group.
//!
//! Everything that comes out of it is hostile.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::mask::mask;

/// No answer to a case is longer: the largest cases are a megabyte.
const MAX_ANSWER: usize = 32 << 20;
/// How much of the log is kept.
const N_LOG_LINES: usize = 20;
const MAX_LOG_LINE: usize = 300;

/// How to start a target.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// Program and arguments; empty for what runs in a browser.
    pub words: Vec<String>,
    /// The working directory.
    pub directory: PathBuf,
}

/// A running adapter. Dropping it kills its process group.
pub struct Process {
    child: Child,
    group: Option<Pid>,
    /// None once its standard input is closed.
    requests: Option<mpsc::Sender<Vec<u8>>>,
    answers: BufReader<ChildStdout>,
    line: Vec<u8>,
    log: Arc<Mutex<VecDeque<String>>>,
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The process ended; how.
    Died(String),
    /// It did not answer in time, though perhaps it had begun to.
    Hung {
        /// How long we waited.
        after: Duration,
        /// Part of a line had come.
        half_a_line: bool,
    },
    /// It sent a line that is too long to be an answer.
    Flooded,
}

impl std::fmt::Display for Silence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Died(how) => write!(f, "it ended with {how}"),
            Self::Hung { after, half_a_line } => {
                let half = if *half_a_line {
                    ", only half a line"
                } else {
                    ""
                };
                write!(f, "no answer within {} s{half}", after.as_secs_f64())
            }
            Self::Flooded => write!(f, "it sent a line of more than {} MiB", MAX_ANSWER >> 20),
        }
    }
}

impl Process {
    /// Starts a program in a process group of its own.
    ///
    /// # Errors
    ///
    /// One sentence: the program is missing or cannot be run.
    pub fn start(command: &CommandLine) -> Result<Self, String> {
        let Some(program) = command.words.first() else {
            return Err("it has no command: it runs in a browser, as a client".to_owned());
        };
        // A program named with a slash stands relative to the adapter's folder, whatever our own directory is.
        let path = if program.contains('/') {
            command.directory.join(program)
        } else {
            PathBuf::from(program)
        };
        let mut child = Command::new(&path)
            .args(&command.words[1..])
            .current_dir(&command.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                format!("cannot start `{}`: {error}", mask(&command.words.join(" ")))
            })?;
        let group = child
            .id()
            .and_then(|id| Some(Pid::from_raw(i32::try_from(id).ok()?)));
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("the pipes to the program could not be made".to_owned());
        };
        // Writing has a task of its own: a target that does not read must not keep us from reading.
        let (requests, mut queue) = mpsc::channel::<Vec<u8>>(1024);
        tokio::spawn(async move {
            let mut lines = Vec::new();
            while queue.recv_many(&mut lines, 64).await > 0 {
                let bytes = lines.concat();
                lines.clear();
                if stdin.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        });
        let log = Arc::new(Mutex::new(VecDeque::new()));
        tokio::spawn(keep_log(stderr, Arc::clone(&log)));
        Ok(Self {
            child,
            group,
            requests: Some(requests),
            answers: BufReader::with_capacity(1 << 16, stdout),
            line: Vec::new(),
            log,
        })
    }

    /// The number of the process, which is that of its group too; none once it has ended.
    pub fn leader(&self) -> Option<u32> {
        self.child.id()
    }

    /// Queues a line for the process. A process that is gone is noticed when its answer is awaited.
    pub async fn send(&self, line: Vec<u8>) {
        if let Some(requests) = &self.requests {
            _ = requests.send(line).await;
        }
    }

    /// Queues lines for the process, for whoever does not own it; none once its standard input is closed.
    pub fn requests(&self) -> Option<mpsc::Sender<Vec<u8>>> {
        self.requests.clone()
    }

    /// Closes its standard input once all that was queued is written.
    pub fn close_input(&mut self) {
        self.requests = None;
    }

    /// Waits for the next line.
    ///
    /// # Errors
    ///
    /// The process ended, was silent for too long, or sent too much.
    pub async fn receive(&mut self, deadline: Duration) -> Result<&[u8], Silence> {
        /// What a process wrote before it ended may still be on its way.
        const MOMENT: Duration = Duration::from_millis(200);
        self.line.clear();
        // A child that it left behind can hold standard output open, so its end is awaited as well as that of its output.
        let ended = {
            let read = read_line(&mut self.answers, &mut self.line);
            tokio::select! {
                biased;
                read = timeout(deadline, read) => Some(read),
                _ = self.child.wait() => None,
            }
        };
        let read = match ended {
            Some(Err(_)) => {
                let half_a_line = !self.line.is_empty();
                return Err(Silence::Hung {
                    after: deadline,
                    half_a_line,
                });
            }
            Some(Ok(read)) => read,
            None => timeout(MOMENT, read_line(&mut self.answers, &mut self.line))
                .await
                .unwrap_or(Read::End),
        };
        match read {
            Read::Line => Ok(self.line.trim_ascii_end()),
            Read::TooLong => Err(Silence::Flooded),
            Read::End => Err(Silence::Died(self.exit_status().await)),
        }
    }

    /// The last lines of its log, without credentials.
    pub fn log(&self) -> Vec<String> {
        self.log
            .lock()
            .map(|log| log.iter().map(|line| mask(line)).collect())
            .unwrap_or_default()
    }

    /// Asks it to go, gives it a moment, and ends the whole process group.
    pub async fn shut_down(mut self, line: Vec<u8>) {
        /// An adapter that ignores the request must not cost more than this.
        const MOMENT: Duration = Duration::from_millis(500);
        self.send(line).await;
        _ = timeout(MOMENT, self.child.wait()).await;
        self.kill();
        _ = self.child.wait().await;
    }

    /// Kills the process group: children that the process left behind go with it.
    pub fn kill(&mut self) {
        if let Some(group) = self.group {
            _ = killpg(group, Signal::SIGKILL);
        }
    }

    /// How the process ended. Its standard output is closed, so it is given a moment to end by itself.
    async fn exit_status(&mut self) -> String {
        let ended = timeout(Duration::from_secs(1), self.child.wait()).await;
        // What it wrote last is on its way through the log's task.
        tokio::time::sleep(Duration::from_millis(20)).await;
        match ended {
            Err(_) => "standard output closed".to_owned(),
            Ok(Err(error)) => format!("an unknown status ({error})"),
            Ok(Ok(status)) => describe(status),
        }
    }
}

enum Read {
    Line,
    TooLong,
    End,
}

/// Appends to `line` up to a line's end. May be given up and called again: nothing that was read is lost.
async fn read_line(answers: &mut BufReader<ChildStdout>, line: &mut Vec<u8>) -> Read {
    loop {
        let available = match answers.fill_buf().await {
            Ok(available) if !available.is_empty() => available,
            _ => return Read::End,
        };
        let end = memchr::memchr(b'\n', available);
        let n_bytes = end.map_or(available.len(), |end| end + 1);
        line.extend_from_slice(&available[..n_bytes]);
        answers.consume(n_bytes);
        if end.is_some() {
            return Read::Line;
        }
        if line.len() > MAX_ANSWER {
            return Read::TooLong;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn describe(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

/// Drains standard error and keeps its last lines, cut to a bearable length.
async fn keep_log(mut stderr: impl AsyncRead + Unpin, log: Arc<Mutex<VecDeque<String>>>) {
    let mut buffer = vec![0; 1 << 16];
    let mut line: Vec<u8> = Vec::new();
    while let Ok(n_bytes) = stderr.read(&mut buffer).await {
        if n_bytes == 0 {
            break;
        }
        let mut rest = &buffer[..n_bytes];
        // Of many short lines in one read only the last can be kept.
        if let Some(end) = memchr::memrchr_iter(b'\n', rest).nth(N_LOG_LINES) {
            rest = &rest[end + 1..];
            line.clear();
        }
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let room = MAX_LOG_LINE - line.len();
            line.extend_from_slice(&rest[..end.min(room)]);
            keep_line(&log, &line);
            line.clear();
            rest = &rest[end + 1..];
        }
        let room = MAX_LOG_LINE - line.len();
        line.extend_from_slice(&rest[..rest.len().min(room)]);
    }
    if !line.is_empty() {
        keep_line(&log, &line);
    }
}

fn keep_line(log: &Mutex<VecDeque<String>>, line: &[u8]) {
    let Ok(mut log) = log.lock() else { return };
    if log.len() == N_LOG_LINES {
        log.pop_front();
    }
    log.push_back(String::from_utf8_lossy(line).into_owned());
}

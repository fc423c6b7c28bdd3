//! The stream's bytes to its events, by the reference, and to findings on each line.

use memchr::{memchr2, memmem};

use super::finding::Findings;
use crate::event_stream::Event;
use crate::event_stream::decode::ByteOrderMark;
use crate::event_stream::interpreter::{self, Interpreter, Line, Step};
use crate::event_stream::lines::{self, Lines};

/// Longer lines and events are not kept, so that memory stays bounded whatever comes.
const LIMIT: usize = 16 << 20;
/// The start of a line whose end has not come, kept to be shown.
const PARTIAL_SHOWN: usize = 200;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];
/// U+2028, U+2029 and U+0085.
const UNICODE_LINE_ENDS: [&[u8]; 3] = [b"\xE2\x80\xA8", b"\xE2\x80\xA9", b"\xC2\x85"];

/// Follows one stream.
#[derive(Debug)]
pub(super) struct Stream {
    byte_order_mark: ByteOrderMark,
    lines: Lines,
    interpreter: Interpreter,
    block: Block,
    pub findings: Findings,
    pub n_lines: u64,
    pub n_events: usize,
    /// No more are read.
    pub max_events: usize,
    /// The first three bytes: they tell whether a byte order mark was removed.
    start: Vec<u8>,
    /// The last byte was a CR behind this line, and whether an LF follows is not known yet.
    after_cr: Option<(u64, Vec<u8>)>,
    /// A line whose end has not come: its start and its full length.
    partial: Vec<u8>,
    n_partial: usize,
    /// The rest of a line that went over the limit is still to come.
    skipping: bool,
    /// An id was set, in this block or before.
    has_had_id: bool,
}

/// What the current block has set so far.
#[derive(Debug, Default)]
struct Block {
    n_lines: usize,
    n_data: usize,
    has_text: bool,
    has_type: bool,
    has_id: bool,
    has_retry: bool,
    n_comments: usize,
    /// The line that says the most about it: what a finding on the block shows.
    shown: Option<(u64, Vec<u8>)>,
}

impl Stream {
    pub fn new(last_event_id: &str) -> Self {
        let mut interpreter = Interpreter::with_limit(LIMIT);
        interpreter.set_last_event_id(last_event_id);
        Self {
            byte_order_mark: ByteOrderMark::default(),
            lines: Lines::with_limit(LIMIT),
            interpreter,
            block: Block::default(),
            findings: Findings::default(),
            n_lines: 0,
            n_events: 0,
            max_events: usize::MAX,
            start: Vec::new(),
            after_cr: None,
            partial: Vec::new(),
            n_partial: 0,
            skipping: false,
            has_had_id: !last_event_id.is_empty(),
        }
    }

    /// Reads a chunk and hands on each event that it completes.
    pub fn feed(&mut self, mut chunk: &[u8], mut on_event: impl FnMut(Event<'_>)) {
        let n_more = (3 - self.start.len()).min(chunk.len());
        self.start.extend_from_slice(&chunk[..n_more]);
        // The LF of a CR LF whose CR ended the chunk before belongs to no line.
        let skips_lf = self.after_cr.is_some() && chunk.first() == Some(&b'\n');
        self.resolve_cr(chunk);
        let held_back = self.byte_order_mark.strip(&mut chunk);
        if !held_back.is_empty() {
            self.lines.hold(held_back);
            self.note_partial(held_back);
        }
        let mut is_first = true;
        loop {
            let before = chunk;
            let line = self.lines.next_line(&mut chunk);
            let consumed = &before[..before.len() - chunk.len()];
            match line {
                None if self.skipping => {
                    if memchr2(b'\r', b'\n', consumed).is_some() {
                        self.end_line();
                    }
                    return;
                }
                None => {
                    let rest = if is_first && skips_lf {
                        consumed.strip_prefix(b"\n").unwrap_or(consumed)
                    } else {
                        consumed
                    };
                    self.note_partial(rest);
                    return;
                }
                Some(lines::Line::Oversized) => {
                    let number = self.n_lines + 1;
                    self.partial_or(consumed, |findings, start| {
                        findings.on_line("risk.event-over-16-mib", number, start, "");
                        findings.on_line("risk.line-over-1-mib", number, start, "");
                    });
                    self.interpreter.discard_block();
                    self.skipping = !consumed.ends_with(b"\n") && !consumed.ends_with(b"\r");
                    if !self.skipping {
                        self.end_line();
                    }
                }
                Some(lines::Line::Whole(line)) => {
                    if self.skipping {
                        self.skipping = false;
                        self.n_lines += 1;
                    }
                    let number = self.n_lines + 1;
                    judge_line(
                        &mut self.findings,
                        &mut self.block,
                        &mut self.has_had_id,
                        number,
                        line,
                    );
                    self.after_cr = line_end(&mut self.findings, consumed, chunk, number, line);
                    match self.interpreter.interpret(line) {
                        Step::Continue => (),
                        Step::Dispatch => {
                            self.n_events += 1;
                            on_event(self.interpreter.dispatched());
                            if self.n_events >= self.max_events {
                                self.end_line();
                                return;
                            }
                        }
                        Step::Oversized => {
                            self.findings
                                .on_line("risk.event-over-16-mib", number, line, "");
                        }
                    }
                    self.end_line();
                }
            }
            is_first = false;
        }
    }

    /// The last event ID string.
    pub fn last_event_id(&self) -> &str {
        self.interpreter.last_event_id()
    }

    /// The reconnection time, if the stream has set one.
    pub fn reconnection_time(&self) -> Option<std::time::Duration> {
        self.interpreter.reconnection_time()
    }

    /// What came last stands within a block that may still become an event.
    pub fn is_within_a_block(&self) -> bool {
        self.n_partial > 0 || self.block.n_data > 0
    }

    /// The server ended the stream: what is pending is lost.
    pub fn end(&mut self) {
        if self.start == BYTE_ORDER_MARK && self.n_lines == 0 {
            self.findings
                .on_line("risk.byte-order-mark", 1, &self.start, "");
        }
        if let Some((number, line)) = self.after_cr.take() {
            self.findings.on_line("risk.cr", number, &line, "");
        }
        let number = self.n_lines + 1;
        let was_data = self.partial.starts_with(b"data") && self.n_partial > 4;
        if self.block.n_data > 0 || was_data {
            let (number, line) = match (&self.partial[..], self.block.shown.take()) {
                ([], Some((number, line))) => (number, line),
                (partial, _) => (number, partial.to_vec()),
            };
            let detail = if self.n_partial > 0 {
                "the last line has no end either"
            } else {
                ""
            };
            self.findings
                .on_line("stream.event-lost-at-end", number, &line, detail);
        } else if self.block.has_id {
            let (number, line) = self.block.shown.take().unwrap_or_default();
            self.findings.on_line(
                "stream.event-lost-at-end",
                number,
                &line,
                "the id is lost, since no blank line commits it",
            );
        }
        self.interpreter.end_of_stream();
    }

    fn end_line(&mut self) {
        self.skipping = false;
        self.n_lines += 1;
        self.partial.clear();
        self.n_partial = 0;
        if self.n_lines == 1 && self.start == BYTE_ORDER_MARK {
            self.findings
                .on_line("risk.byte-order-mark", 1, BYTE_ORDER_MARK, "");
        }
    }

    /// A CR ended the last chunk: now it shows whether it stood alone.
    fn resolve_cr(&mut self, chunk: &[u8]) {
        if let (Some(&first), Some((number, line))) = (chunk.first(), self.after_cr.take()) {
            let id = if first == b'\n' {
                "risk.crlf"
            } else {
                "risk.cr"
            };
            self.findings.on_line(id, number, &line, "");
        }
    }

    fn note_partial(&mut self, bytes: &[u8]) {
        self.n_partial += bytes.len();
        let room = PARTIAL_SHOWN - self.partial.len();
        self.partial
            .extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    fn partial_or(&mut self, line: &[u8], f: impl FnOnce(&mut Findings, &[u8])) {
        if self.partial.is_empty() {
            f(&mut self.findings, &line[..line.len().min(PARTIAL_SHOWN)]);
        } else {
            f(&mut self.findings, &self.partial);
        }
    }
}

/// What ended a line: a finding at once, or the line if a CR is the last byte that came.
fn line_end(
    findings: &mut Findings,
    consumed: &[u8],
    rest: &[u8],
    number: u64,
    line: &[u8],
) -> Option<(u64, Vec<u8>)> {
    match consumed {
        [.., b'\r', b'\n'] => findings.on_line("risk.crlf", number, line, ""),
        [.., b'\r'] if rest.is_empty() => {
            let start = line[..line.len().min(PARTIAL_SHOWN)].to_vec();
            return Some((number, start));
        }
        [.., b'\r'] => findings.on_line("risk.cr", number, line, ""),
        _ => (),
    }
    None
}

/// What a line means beside its block, which then holds what the line has set.
fn judge_line(
    findings: &mut Findings,
    block: &mut Block,
    has_had_id: &mut bool,
    number: u64,
    line: &[u8],
) {
    let mut on_line = |id, detail: &str| findings.on_line(id, number, line, detail);
    match line.len() {
        0..=0xFFFF => (),
        0x1_0000..=0x7_FFFF => on_line("risk.line-over-64-kib", ""),
        0x8_0000..=0xF_FFFF => on_line("risk.line-over-512-kib", ""),
        _ => on_line("risk.line-over-1-mib", ""),
    }
    match simdutf8::basic::from_utf8(line) {
        Err(_) => on_line("stream.invalid-utf8", ""),
        Ok(_) if line.is_ascii() => (),
        Ok(_) => {
            if UNICODE_LINE_ENDS
                .iter()
                .any(|end| memmem::find(line, end).is_some())
            {
                on_line("risk.unicode-line-end", "");
            }
        }
    }
    match Line::of(line) {
        Line::Blank => return judge_block(findings, std::mem::take(block), *has_had_id, number),
        Line::Comment(_) => block.n_comments += 1,
        Line::Field { name, value } => {
            let has_space = line.get(name.len() + 1) == Some(&b' ');
            if FIELDS.contains(&name) && !value.is_empty() && !has_space {
                on_line("risk.no-space", "");
            }
            match name {
                b"data" => {
                    block.n_data += 1;
                    block.has_text |= !value.is_empty();
                    if block.n_data == 2 {
                        on_line("risk.several-data-lines", "");
                    }
                    if value == b"[DONE]" {
                        on_line("stream.done-marker", "");
                    }
                }
                b"event" => block.has_type = !value.is_empty(),
                b"id" if value.contains(&0) => on_line("stream.nul-in-id", ""),
                b"id" => {
                    block.has_id = true;
                    *has_had_id = !value.is_empty();
                }
                b"retry" => {
                    block.has_retry = true;
                    if interpreter::reconnection_time(value).is_none() {
                        on_line("stream.retry-unusable", "");
                    }
                }
                name => unknown(name, line, &mut on_line),
            }
        }
    }
    block.n_lines += 1;
    // A copy for each line would cost more than all the rest.
    let is_better = block
        .shown
        .as_ref()
        .is_none_or(|(_, known)| telling(known) < telling(line));
    if is_better {
        block.shown = Some((number, line[..line.len().min(PARTIAL_SHOWN)].to_vec()));
    }
}

/// How much a line says about its block.
fn telling(line: &[u8]) -> u8 {
    match line {
        [b':', ..] => 0,
        [b'd', b'a', b't', b'a', ..] => 3,
        [b'e', b'v', b'e', b'n', b't', ..] => 2,
        _ => 1,
    }
}

fn unknown(name: &[u8], line: &[u8], on_line: &mut dyn FnMut(&'static str, &str)) {
    if line.iter().all(u8::is_ascii_whitespace) {
        return on_line("stream.white-space-line", "");
    }
    let after_mark = name.strip_prefix(BYTE_ORDER_MARK);
    let bare = after_mark.unwrap_or(name).trim_ascii();
    let like = FIELDS
        .iter()
        .find(|field| field.eq_ignore_ascii_case(bare))
        .map(|field| String::from_utf8_lossy(field));
    match like {
        Some(field) if after_mark.is_some() => on_line(
            "stream.near-miss-field",
            &format!("a byte order mark stands in front of {field}, in mid-stream"),
        ),
        Some(field) => on_line("stream.near-miss-field", &format!("did you mean {field}?")),
        None if name.len() == line.len() => on_line("stream.stray-line", ""),
        None => on_line("stream.unknown-field", ""),
    }
}

/// What a blank line ends.
fn judge_block(findings: &mut Findings, block: Block, has_had_id: bool, number: u64) {
    let (number, line) = block.shown.unwrap_or((number, Vec::new()));
    let mut on_block = |id| findings.on_line(id, number, &line, "");
    match block.n_data {
        0 if block.has_type => on_block("risk.event-without-data"),
        0 if block.has_id => on_block("risk.id-only-block"),
        0 if block.has_retry => on_block("risk.retry-only-block"),
        0 if block.n_comments > 0 && block.n_comments == block.n_lines && has_had_id => {
            on_block("risk.comment-after-id");
        }
        0 => (),
        1 if !block.has_text => on_block("risk.empty-data"),
        _ => (),
    }
}

//! Chunks to an observation: a model implementation with one choice per slot, each standard unless a quirk says so.
//!
//! The stages in their order: `decode`, `characters`, `byte_order_mark`, `shape`, `lines`, `interpret` (with `fields`),
//! `block` (with `retry`), and here the release of events.

pub mod block;
pub mod byte_order_mark;
pub mod characters;
pub mod choices;
pub mod decode;
pub mod fields;
mod interpret;
pub mod lines;
pub mod retry;
pub mod shape;
mod walked;

use block::{Block, Event, Own};
use byte_order_mark::ByteOrderMark;
use characters::Characters;
use choices::{Choices, Cut, EndOfStream, Release};
use decode::{Decode, Decoder};
use lines::{CutAfterCr, Lines};
use shape::Shape;
use walked::copy;

use crate::observation::{Number, ObservedEvent, Parsed, Text};

/// Why parsing ends before the stream does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    Silent,
    Error(&'static str),
}

/// A parser of one stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Model {
    choices: Choices,
    byte_order_mark: ByteOrderMark,
    decoder: Decoder,
    /// The text of the chunk; empty between chunks.
    text: Vec<u8>,
    /// The text of the block so far, where the shape is one of blocks.
    block_text: Vec<u8>,
    lines: Lines,
    /// A CR that waits for the byte after it.
    waiting_cr: bool,
    pub block: Block,
    n_chunks: usize,
    n_events_before_chunk: usize,
    /// What each event's own block says.
    pub own: Vec<Own>,
    pub events: Vec<ObservedEvent>,
    pub stop: Option<Stop>,
}

impl Model {
    pub fn new(choices: Choices) -> Self {
        Self {
            choices,
            byte_order_mark: ByteOrderMark::default(),
            decoder: Decoder::default(),
            text: Vec::new(),
            block_text: Vec::new(),
            lines: Lines::default(),
            waiting_cr: false,
            block: Block::default(),
            n_chunks: 0,
            n_events_before_chunk: 0,
            events: Vec::new(),
            own: Vec::new(),
            stop: None,
        }
    }

    /// Takes the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.stop.is_none() {
            self.n_events_before_chunk = self.events.len();
            self.stop = self.chunk(chunk).err();
        }
        self.n_chunks += 1;
    }

    /// Ends the stream.
    pub fn end_of_stream(self) -> Parsed {
        self.end_with_own().0
    }

    /// Ends the stream. What each event's own block says stands beside.
    pub fn end_with_own(mut self) -> (Parsed, Vec<Own>) {
        self.finish();
        let own = std::mem::take(&mut self.own);
        (self.parsed(), own)
    }

    fn finish(&mut self) {
        if self.stop.is_none() {
            self.n_events_before_chunk = self.events.len();
            self.stop = self.end().err();
        }
    }

    fn parsed(mut self) -> Parsed {
        let n_events = self.events.len();
        let first_held_back = match self.choices.release {
            Release::AtOnce | Release::WithNextChunk => n_events,
            Release::WithNextEvent => n_events.saturating_sub(1),
            Release::AtEnd => 0,
        };
        for (index, event) in self.events.iter_mut().enumerate() {
            if index >= first_held_back || event.chunk > Some(self.n_chunks) {
                event.chunk = Some(self.n_chunks);
            }
        }
        Parsed {
            events: self.events,
            last_event_id: Some(Text(self.block.last_event_id)),
            reconnection_time: self.block.reconnection_time.map(number),
            error: match self.stop {
                Some(Stop::Error(message)) => Some(message.into()),
                Some(Stop::Silent) | None => None,
            },
        }
    }

    fn chunk(&mut self, chunk: &[u8]) -> Result<(), Stop> {
        if self.is_untouched(chunk) {
            return self.take(chunk);
        }
        let mut text = std::mem::take(&mut self.text);
        let (bom, cut) = (self.choices.bom, self.choices.cut);
        let chunk = if cut == Cut::TrimsChunk {
            chunk.trim_ascii()
        } else {
            chunk
        };
        let without_mark;
        let mut bytes = chunk;
        if bom.is_of_bytes() {
            without_mark = self.byte_order_mark.strip_bytes(bom, chunk);
            bytes = &without_mark;
        }
        self.decoder.decode(self.choices.decode, bytes, &mut text)?;
        self.choices.characters.replace(&mut text);
        self.byte_order_mark
            .strip(bom, self.n_chunks, !chunk.is_empty(), &mut text)?;
        let taken = self.take(&text);
        text.clear();
        self.text = text;
        taken?;
        match cut {
            Cut::EndsLine => self.end_line(false),
            Cut::DropsLine => {
                self.lines.line.clear();
                Ok(())
            }
            Cut::DropsBlock => {
                self.lines.line.clear();
                self.block.clear();
                Ok(())
            }
            Cut::EndsBlock => self.flush(),
            Cut::Seamless | Cut::OneEvent | Cut::TrimsChunk => Ok(()),
        }
    }

    /// Whether the stages before the lines leave a chunk as it is, and what they remember too.
    fn is_untouched(&self, chunk: &[u8]) -> bool {
        let Choices {
            decode,
            characters,
            bom,
            cut,
            ..
        } = self.choices;
        (decode, characters, cut) == (Decode::Standard, Characters::Kept, Cut::Seamless)
            && self.byte_order_mark.is_behind(bom)
            && self.decoder.is_idle()
            && chunk.is_ascii()
    }

    fn take(&mut self, text: &[u8]) -> Result<(), Stop> {
        match self.choices.shape {
            Shape::ChunkIsEvent | Shape::ChunkIsEventWithoutPrefix => self.take_chunk(text),
            shape if shape.is_line_by_line() => self.take_text(text),
            shape => self.take_blocks(shape, text),
        }
    }

    fn end(&mut self) -> Result<(), Stop> {
        self.end_of_text()?;
        match self.choices.cut_after_cr {
            CutAfterCr::Waits if self.waiting_cr => self.byte(b'\r')?,
            CutAfterCr::WaitsThenEndsBlock if self.waiting_cr => {
                self.byte(b'\r')?;
                self.blank_line()?;
            }
            _ => (),
        }
        // A block that no separator ends is not looked at, unless the end of the stream makes something of it.
        let shape = self.choices.shape;
        let is_read =
            shape.blank_line_dispatches() || self.choices.end_of_stream != EndOfStream::Discards;
        if is_read && !self.block_text.is_empty() {
            let rest = std::mem::take(&mut self.block_text);
            self.lines.restart();
            self.take_text(shape.relevant(&rest))?;
        }
        if self.choices.decode == Decode::StrictByLineAndEnd
            && std::str::from_utf8(&self.lines.line).is_err()
        {
            return Err(Stop::Error("invalid UTF-8"));
        }
        let has_line = !self.lines.line.is_empty();
        let is_begun = has_line || self.block.is_begun;
        match self.choices.end_of_stream {
            EndOfStream::Discards => Ok(()),
            EndOfStream::Flushes | EndOfStream::FlushesDecoded if is_begun => self.flush(),
            EndOfStream::FlushesBlockOrLineError | EndOfStream::PendingLineError if has_line => {
                Err(Stop::Error("incomplete line"))
            }
            EndOfStream::FlushesBlock | EndOfStream::FlushesBlockOrLineError if is_begun => {
                self.blank_line()
            }
            EndOfStream::ProcessesLine => self.end_line(has_line),
            EndOfStream::PendingError if has_line || !self.block.is_empty() => {
                Err(Stop::Error("incomplete event"))
            }
            EndOfStream::PendingBlockError if !self.block.is_empty() => {
                Err(Stop::Error("incomplete event"))
            }
            EndOfStream::NoEventError if self.events.is_empty() => Err(Stop::Error("no event")),
            _ => Ok(()),
        }
    }

    /// Takes what the decoder held back for bytes that did not come.
    fn end_of_text(&mut self) -> Result<(), Stop> {
        if self.choices.end_of_stream == EndOfStream::FlushesDecoded {
            return Ok(());
        }
        let mut text = Vec::new();
        self.decoder.end(self.choices.decode, &mut text);
        match self.choices.shape {
            _ if text.is_empty() => Ok(()),
            Shape::ChunkIsEvent | Shape::ChunkIsEventWithoutPrefix => Ok(()),
            shape if shape.is_line_by_line() => self.take_text(&text),
            shape => self.take_blocks(shape, &text),
        }
    }

    /// A chunk is an event, or none.
    fn take_chunk(&mut self, text: &[u8]) -> Result<(), Stop> {
        let Some(data) = self.choices.shape.data_of_chunk(text) else {
            return Ok(());
        };
        self.block.add_data(&self.choices, &data);
        self.blank_line()
    }

    fn take_text(&mut self, text: &[u8]) -> Result<(), Stop> {
        let cut = self.choices.cut_after_cr;
        let n_swallowed = self.lines.start_chunk(cut, text);
        if self.waiting_cr && !text.is_empty() {
            self.waiting_cr = false;
            self.byte(b'\r')?;
        }
        let mut text = &text[n_swallowed..];
        let waits = matches!(
            cut,
            CutAfterCr::Waits | CutAfterCr::WaitsForEver | CutAfterCr::WaitsThenEndsBlock
        );
        if let ([before @ .., b'\r'], true) = (text, waits) {
            self.waiting_cr = true;
            text = before;
        }
        let Choices {
            line_ends,
            other_ends,
            long_line,
            ..
        } = self.choices;
        loop {
            let n_plain = lines::n_plain((line_ends, other_ends, long_line), text);
            let (plain, rest) = text.split_at(n_plain);
            self.lines.push_plain(plain);
            let Some((&byte, rest)) = rest.split_first() else {
                return Ok(());
            };
            self.byte(byte)?;
            text = rest;
        }
    }

    /// Blocks are lines without blank ones; what is a line is left to its slot.
    fn take_blocks(&mut self, shape: Shape, text: &[u8]) -> Result<(), Stop> {
        self.block_text.extend_from_slice(text);
        while let Some((length, n_separator)) = shape.block(&self.block_text) {
            let rest = self.block_text.split_off(length + n_separator);
            let block = std::mem::replace(&mut self.block_text, rest);
            self.take_block(shape.relevant(&block[..length]))?;
        }
        if shape == Shape::SplitsOnLfLfInChunk && !self.block_text.is_empty() {
            let block = std::mem::take(&mut self.block_text);
            self.take_block(&block)?;
        }
        Ok(())
    }

    fn take_block(&mut self, block: &[u8]) -> Result<(), Stop> {
        self.lines.restart();
        let text = if self.choices.bom == byte_order_mark::Bom::EachBlock {
            byte_order_mark::without_mark(block)
        } else {
            block
        };
        self.take_text(text)?;
        if self.choices.shape.blank_line_dispatches() {
            return Ok(());
        }
        self.flush()
    }

    fn byte(&mut self, byte: u8) -> Result<(), Stop> {
        let Choices {
            line_ends,
            other_ends,
            long_line,
            shape,
            ..
        } = self.choices;
        if self.lines.push((line_ends, other_ends, long_line), byte)? {
            let blank_dispatches = shape.blank_line_dispatches();
            self.end_line(blank_dispatches)?;
        }
        Ok(())
    }

    /// Processes what stands in the line, as a field and as a block.
    fn flush(&mut self) -> Result<(), Stop> {
        self.end_line(false)?;
        self.blank_line()
    }

    fn end_line(&mut self, blank_dispatches: bool) -> Result<(), Stop> {
        let mut line = std::mem::take(&mut self.lines.line);
        let processed = self.line(&line, blank_dispatches);
        line.clear();
        self.lines.line = line;
        processed
    }

    fn release(&mut self, event: Event) {
        if std::mem::take(&mut self.byte_order_mark.loses_event) {
            return;
        }
        if self.choices.cut == Cut::OneEvent && self.events.len() > self.n_events_before_chunk {
            return;
        }
        let chunk = match self.choices.release {
            Release::WithNextChunk => self.n_chunks + 1,
            Release::AtOnce | Release::WithNextEvent | Release::AtEnd => self.n_chunks,
        };
        if self.choices.release == Release::WithNextEvent
            && let Some(last) = self.events.last_mut()
        {
            last.chunk = Some(chunk);
        }
        self.own.push(event.own);
        self.events.push(ObservedEvent {
            event_type: Some(Text(event.event_type)),
            data: Some(Text(event.data)),
            last_event_id: Some(Text(event.last_event_id)),
            reconnection_time: None,
            chunk: Some(chunk),
        });
    }
}

pub fn number(milliseconds: i128) -> Number {
    Number::new(&milliseconds.to_string())
}

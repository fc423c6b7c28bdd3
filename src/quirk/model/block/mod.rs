//! Fields to events: the buffers, what each field does to them, and what a blank line makes of them.

mod dispatch;
mod values;

pub use dispatch::Dispatch;
pub use values::{DataEnd, DataLines, EventField, IdEmpty, IdNul, IdValue, Sentinel};

use super::choices::Choices;
use super::fields::{Comment, Field, Unknown};
use super::retry::{RetryCommit, RetryEvent, RetryInvalid, RetryScope};
use super::{Stop, copy};

/// When the event type buffer is cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventReset {
    #[default]
    AtBlankLine,
    NotAfterEvent,
    NotWithoutEvent,
    BlockGoesOn,
    Never,
}

/// The type of an event whose block names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultType {
    #[default]
    Message,
    Empty,
    EmptyIfNamed,
    FieldName,
}

/// When the data buffer is cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataReset {
    #[default]
    AtBlankLine,
    Never,
    ByOtherField,
}

/// Which events an id is shown with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdScope {
    #[default]
    Stream,
    OwnBlock,
    ClearedByBlankLine,
    BeforeData,
}

/// When an id becomes the last event ID string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdCommit {
    #[default]
    AtBlankLine,
    AtOnce,
    WithEvent,
    LostWithoutEvent,
}

/// An event before anybody has said when it comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub event_type: Vec<u8>,
    pub data: Vec<u8>,
    pub last_event_id: Vec<u8>,
    pub own: Own,
}

/// What the fields of a block itself set: all that some implementations show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Own {
    pub id: Option<Vec<u8>>,
    pub retry: Option<i128>,
    /// The time as it is shown, where that is no whole number.
    pub retry_text: Option<String>,
    pub has_data: bool,
}

/// The buffers of a stream.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Block {
    data: Vec<u8>,
    n_data: usize,
    event_type: Vec<u8>,
    id_buffer: Vec<u8>,
    id_before_data: Vec<u8>,
    pending_retry: Option<i128>,
    has: Has,
    own: Own,
    n_blank_lines: usize,
    id_is_set: bool,
    /// A line that is not blank came since the last one that is.
    pub is_begun: bool,
    /// The last event ID string.
    pub last_event_id: Vec<u8>,
    pub reconnection_time: Option<i128>,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for Block {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            data,
            event_type,
            id_buffer,
            id_before_data,
            last_event_id,
            n_data,
            pending_retry,
            has,
            own,
            n_blank_lines,
            id_is_set,
            is_begun,
            reconnection_time,
        } = source;
        copy(&mut self.data, data);
        copy(&mut self.event_type, event_type);
        copy(&mut self.id_buffer, id_buffer);
        copy(&mut self.id_before_data, id_before_data);
        copy(&mut self.last_event_id, last_event_id);
        self.n_data = *n_data;
        self.pending_retry = *pending_retry;
        self.has = *has;
        if self.own != *own {
            self.own.clone_from(own);
        }
        self.n_blank_lines = *n_blank_lines;
        self.id_is_set = *id_is_set;
        self.is_begun = *is_begun;
        self.reconnection_time = *reconnection_time;
    }
}

/// What the block holds beside data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Has {
    event: bool,
    id: bool,
    retry: bool,
    /// A comment or unknown field that makes an event under the choices.
    event_maker: bool,
}

impl Block {
    /// Nothing that an end of stream would discard.
    pub fn is_empty(&self) -> bool {
        let Has {
            event,
            id,
            retry,
            event_maker,
        } = self.has;
        self.n_data == 0 && !(event || id || retry || event_maker)
    }

    /// Processes a field; an event if the field makes one by itself.
    pub fn process_field(
        &mut self,
        choices: &Choices,
        field: Field,
        value: &[u8],
    ) -> Result<Option<Event>, Stop> {
        self.n_blank_lines = 0;
        if choices.data_reset == DataReset::ByOtherField && field != Field::Data {
            self.clear_data();
        }
        match field {
            Field::Event => {
                let event = if choices.event == EventField::StartsBlock {
                    self.blank_line(choices)?
                } else {
                    None
                };
                let has_data = self.n_data > 0;
                choices
                    .event
                    .set(&mut self.event_type, value, self.has.event, has_data);
                self.has.event = true;
                return Ok(event);
            }
            Field::Data => self.add_data(choices, value),
            Field::Id => self.set_id(choices, value),
            Field::Retry => self.set_reconnection_time(choices, value)?,
        }
        Ok(None)
    }

    /// Adds a line to the data buffer.
    pub fn add_data(&mut self, choices: &Choices, value: &[u8]) {
        if choices.id_scope == IdScope::BeforeData && self.n_data == 0 {
            self.id_before_data.clone_from(&self.id_buffer);
        }
        self.n_data += usize::from(choices.data.add(&mut self.data, value, self.n_data));
    }

    /// Continues the last data line.
    pub fn continue_data(&mut self, value: &[u8]) {
        self.data.extend_from_slice(value);
    }

    /// Forgets the data and type of the block.
    pub fn clear(&mut self) {
        self.clear_data();
        self.event_type.clear();
        self.has = Has::default();
    }

    /// Whatever a comment does to the buffers.
    pub fn comment(&mut self, comment: Comment) {
        match comment {
            Comment::ClearsBlock => self.clear(),
            Comment::MakesEvent => self.has.event_maker = true,
            Comment::ForgetsId => self.id_buffer.clear(),
            _ => (),
        }
    }

    /// Whatever an unknown field does to the buffers.
    pub fn unknown(&mut self, unknown: Unknown) {
        match unknown {
            Unknown::ClearsBlock => self.clear(),
            Unknown::MakesEvent => self.has.event_maker = true,
            _ => (),
        }
    }

    /// Ends the block; an event if it makes one.
    pub fn blank_line(&mut self, choices: &Choices) -> Result<Option<Event>, Stop> {
        self.n_blank_lines += 1;
        self.is_begun = false;
        let has_event = self.makes_event(choices)?;
        self.commit(choices, has_event);
        let event = has_event.then(|| self.event(choices));
        let event = match event {
            Some(event) if choices.sentinel != Sentinel::None => choices.sentinel.pass(event)?,
            event => event,
        };
        if choices.data_reset != DataReset::Never {
            self.clear_data();
        }
        let keeps_type = match choices.event_reset {
            EventReset::AtBlankLine => false,
            EventReset::NotAfterEvent => has_event,
            EventReset::NotWithoutEvent | EventReset::BlockGoesOn => !has_event,
            EventReset::Never => true,
        };
        if !keeps_type {
            self.event_type.clear();
        }
        if choices.event_reset != EventReset::BlockGoesOn || has_event {
            let retry = self
                .own
                .retry
                .filter(|_| choices.retry_scope == RetryScope::LaterToo);
            self.has = Has::default();
            self.own = Own {
                retry,
                ..Own::default()
            };
        }
        Ok(event)
    }

    fn clear_data(&mut self) {
        self.data.clear();
        self.n_data = 0;
    }

    fn set_id(&mut self, choices: &Choices, value: &[u8]) {
        let is_first = !std::mem::replace(&mut self.has.id, true);
        let has_data = self.n_data > 0;
        let is_ignored = value.is_empty() && choices.id_empty == IdEmpty::Ignored;
        if let (Some(value), false) = (choices.id_nul.read(value), is_ignored)
            && choices
                .id
                .set(&mut self.id_buffer, &value, is_first, has_data)
        {
            self.id_is_set = true;
            let looks_absent =
                self.id_buffer.is_empty() && choices.id_empty == IdEmpty::LooksAbsent;
            self.own.id = (!looks_absent).then(|| self.id_buffer.clone());
        }
        if choices.id_commit == IdCommit::AtOnce {
            self.last_event_id.clone_from(&self.id_buffer);
        }
    }

    fn set_reconnection_time(&mut self, choices: &Choices, value: &[u8]) -> Result<(), Stop> {
        self.has.retry = true;
        if choices.retry_invalid.is_too_large(value) {
            return Err(Stop::Error("retry too large"));
        }
        if choices.retry_event == RetryEvent::IsData {
            self.add_data(choices, value);
        }
        let number = match (choices.retry.read(value), choices.retry_invalid) {
            (Some(number), _) => Some(number),
            (
                None,
                RetryInvalid::Ignored
                | RetryInvalid::Over63BitsError
                | RetryInvalid::TimedeltaError,
            ) => return Ok(()),
            (None, RetryInvalid::Unsets) => None,
            (None, RetryInvalid::Zero) => Some(0),
            (None, RetryInvalid::Error) => return Err(Stop::Error("invalid retry")),
        };
        self.own.retry = number;
        self.own.retry_text = choices.retry.fraction(value);
        match choices.retry_commit {
            RetryCommit::AtOnce => self.reconnection_time = number,
            RetryCommit::FirstWins => self.reconnection_time = self.reconnection_time.or(number),
            RetryCommit::AtBlankLine
            | RetryCommit::AtBlankLineUnlessZero
            | RetryCommit::WithEvent => {
                self.pending_retry = number;
            }
        }
        Ok(())
    }

    /// Makes id and reconnection time hold.
    fn commit(&mut self, choices: &Choices, has_event: bool) {
        if choices.id_scope == IdScope::ClearedByBlankLine && !self.has.id {
            self.id_buffer.clear();
        }
        if choices.id_empty == IdEmpty::IgnoredAtBlankLine && self.id_buffer.is_empty() {
            self.id_buffer.clone_from(&self.last_event_id);
        }
        match choices.id_commit {
            IdCommit::WithEvent if !has_event => (),
            IdCommit::LostWithoutEvent if !has_event => {
                self.id_buffer.clone_from(&self.last_event_id)
            }
            _ => self.last_event_id.clone_from(&self.id_buffer),
        }
        match choices.retry_commit {
            RetryCommit::WithEvent if !has_event => self.pending_retry = None,
            RetryCommit::AtBlankLineUnlessZero if self.pending_retry == Some(0) => {
                self.pending_retry = None
            }
            _ => self.reconnection_time = self.pending_retry.take().or(self.reconnection_time),
        }
    }

    fn event(&self, choices: &Choices) -> Event {
        let default: &[u8] = match choices.default_type {
            DefaultType::Message => b"message",
            DefaultType::Empty => b"",
            DefaultType::EmptyIfNamed if self.has.event => b"",
            DefaultType::EmptyIfNamed => b"message",
            DefaultType::FieldName => b"data",
        };
        let event_type = if self.event_type.is_empty() {
            default
        } else {
            &self.event_type
        };
        let last_event_id: &[u8] = match choices.id_scope {
            IdScope::OwnBlock if !self.has.id => b"",
            IdScope::BeforeData => &self.id_before_data,
            _ => &self.last_event_id,
        };
        Event {
            event_type: event_type.to_vec(),
            data: choices.data_end.apply(&self.data),
            last_event_id: last_event_id.to_vec(),
            own: Own {
                has_data: self.n_data > 0,
                ..self.own.clone()
            },
        }
    }
}

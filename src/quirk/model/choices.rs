//! The slots of the model, and the choices that belong to no single stage.

use super::{block, byte_order_mark, characters, decode, fields, lines, retry, shape};

/// What the end of a chunk does to an unfinished line or block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    #[default]
    Seamless,
    EndsLine,
    DropsLine,
    DropsBlock,
    EndsBlock,
    OneEvent,
    TrimsChunk,
}

/// When an event comes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    #[default]
    AtOnce,
    WithNextChunk,
    WithNextEvent,
    AtEnd,
}

/// What the end of the stream does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndOfStream {
    #[default]
    Discards,
    Flushes,
    FlushesDecoded,
    FlushesBlock,
    FlushesBlockOrLineError,
    ProcessesLine,
    PendingError,
    PendingLineError,
    PendingBlockError,
    NoEventError,
}

/// One choice per slot. The default is the standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    pub decode: decode::Decode,
    pub characters: characters::Characters,
    pub bom: byte_order_mark::Bom,
    pub shape: shape::Shape,
    pub line_ends: lines::LineEnds,
    pub other_ends: lines::OtherEnds,
    pub cut_after_cr: lines::CutAfterCr,
    pub long_line: lines::LongLine,
    pub cut: Cut,
    pub whole_line: fields::WholeLine,
    pub blank_line: fields::BlankLine,
    pub separator: fields::Separator,
    pub leading_space: fields::LeadingSpace,
    pub names: fields::Names,
    pub no_colon: fields::NoColon,
    pub comment: fields::Comment,
    pub unknown: fields::Unknown,
    pub event: block::EventField,
    pub event_reset: block::EventReset,
    pub default_type: block::DefaultType,
    pub data: block::DataLines,
    pub data_end: block::DataEnd,
    pub data_reset: block::DataReset,
    pub sentinel: block::Sentinel,
    pub id_nul: block::IdNul,
    pub id_empty: block::IdEmpty,
    pub id: block::IdValue,
    pub id_scope: block::IdScope,
    pub id_commit: block::IdCommit,
    pub retry: retry::RetryValue,
    pub retry_commit: retry::RetryCommit,
    pub retry_invalid: retry::RetryInvalid,
    pub retry_event: retry::RetryEvent,
    pub retry_scope: retry::RetryScope,
    pub dispatch: block::Dispatch,
    pub release: Release,
    pub end_of_stream: EndOfStream,
}

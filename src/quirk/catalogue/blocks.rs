//! Quirks of blocks: which make an event, when it comes out, and what the end of the stream does.

use crate::quirk::model::block::Dispatch;
use crate::quirk::model::choices::{EndOfStream, Release};

quirks! {
    dispatch: Dispatch {
        WithNonEmptyData, "dispatch-empty-data-dropped", "data.empty-value", [b"data\n\n"],
            "A block whose data is the empty string makes no event.";
        WithTypeToo, "dispatch-with-type-only", "event.nodata", [b"event:a\n\n"],
            "A block with a type and no data makes an event.";
        WithIdToo, "dispatch-with-id-only", "dispatch.empty-return", [b"id\n\n"],
            "A block with an id and no data makes an event.";
        WithAnyField, "dispatch-with-any-field", "dispatch.empty-return", [b"event\n\n"],
            "A block with any known field makes an event.";
        WithAnyValidField, "dispatch-with-any-valid-field", "dispatch.empty-return", [b"event\n\n"],
            "A block with any known field makes an event, unless its only ones are an id with NUL or a retry that is no number.";
        WithDataTypeOrId, "dispatch-with-data-type-or-id", "dispatch.empty-return", [b"id\n\n"],
            "A block with an event or id field makes an event as one with data does; an id with NUL does not count.";
        OnceIdSeen, "dispatch-once-id-seen", "dispatch.empty-return", [b"id:1\n\n"],
            "Once an id is set, every blank line makes an event.";
        UnlessNothingSet, "dispatch-unless-nothing-set", "dispatch.empty-return", [b"retry:1\n\n"],
            "A blank line makes an event unless type, data, id and retry are all unset; the id stays set for good.";
        EveryBlankLine, "dispatch-at-every-blank-line", "kind.blank-multiple", [b"\n"],
            "Every blank line makes an event.";
        WithTypeOnly, "dispatch-needs-type", "dispatch.default-type", [b"data\n\n"],
            "A block without a type makes no event.";
        EmptyDataError, "dispatch-empty-data-is-error", "data.empty-value", [b"data\n\n"],
            "A block whose data is the empty string is an error.";
        NoDataError, "dispatch-no-data-is-error", "dispatch.empty-return", [b"id\n\n"],
            "A block with fields and no data is an error.";
        NothingSetError, "dispatch-nothing-set-is-error", "dispatch.empty-return", [b"event\n\n"],
            "A block with fields that set nothing, before any id, is an error.";
        SecondBlankLineError, "dispatch-second-blank-line-is-error", "kind.blank-multiple", [b"\n\n"],
            "A blank line after a blank line is an error.";
    }

    release: Release {
        WithNextChunk, "late-until-next-chunk", "line.liveness", [b"data\n\n"],
            "An event comes out only after the next chunk.";
        WithNextEvent, "late-until-next-event", "line.liveness", [b"data\n\n"],
            "An event comes out only with the next one.";
        AtEnd, "late-until-end", "line.liveness", [b"data\n\n", b"data\n\n"],
            "All events come out at the end of the stream.";
    }

    end_of_stream: EndOfStream {
        Flushes, "end-flushes", "eof.discard", [b"data"],
            "The end of the stream ends its last line and block.";
        FlushesDecoded, "end-flushes-decoded", "eof.discard", [b"data\xC3"],
            "The end of the stream ends its last line and block; a sequence that it cuts short is lost.";
        FlushesBlock, "end-flushes-block", "eof.discard", [b"data\n"],
            "The end of the stream ends its last block; a line without end is discarded.";
        FlushesBlockOrLineError, "end-flushes-block-or-is-error", "eof.discard", [b"data\n"],
            "The end of the stream ends its last block; inside a line it is an error.";
        ProcessesLine, "end-processes-line", "line.unterminated-eof", [b"retry:1"],
            "The end of the stream ends its last line, but not its block.";
        PendingError, "end-in-block-is-error", "eof.discard", [b"data"],
            "A stream that ends inside a line or block is an error.";
        PendingLineError, "end-in-line-is-error", "eof.discard", [b"data"],
            "A stream that ends inside a line is an error.";
        PendingBlockError, "end-in-begun-block-is-error", "eof.discard", [b"data\n"],
            "A stream that ends inside a block is an error, if a whole line of the block has come.";
        NoEventError, "end-without-event-is-error", "stream.empty", [b""],
            "A stream without events is an error.";
    }
}

//! Quirks of lines: what ends one, at cuts too, and how long it may be; parsers that know blocks instead.

use crate::quirk::model::choices::Cut;
use crate::quirk::model::lines::{CutAfterCr, LineEnds, LongLine, OtherEnds};
use crate::quirk::model::shape::Shape;

/// One byte more than the usual limit of 64 KiB.
static LONG: [u8; (64 << 10) + 1] = [b'a'; (64 << 10) + 1];

quirks! {
    shape: Shape {
        SplitsOnLfLf, "shape-splits-on-lf-lf", "line.mixed", [b"data\n\r\n"],
            "Blocks are what stands between two LF in a row.";
        SplitsOnCrlfCrlf, "shape-splits-on-crlf-crlf", "line.lf", [b"data\n\n"],
            "Blocks are what stands between two CR LF in a row.";
        SplitsOnSameTwice, "shape-splits-on-same-twice", "line.mixed", [b"data\n\r\n"],
            "Blocks are what stands between two equal line ends in a row; a mixed pair is not seen.";
        SplitsOnLfLfInChunk, "shape-splits-each-chunk", "line.split-anywhere", [b"data\n", b"\n"],
            "Each chunk is split at two LF in a row, and its last part is a block too.";
        SplitsOnSameLinesTwice, "shape-splits-on-same-lines-twice", "line.mixed", [b"data\n\r\n"],
            "Blocks are what stands between two equal line ends in a row, CR LF being one; a mixed pair is not seen.";
        WaitsForSameLinesTwice, "shape-waits-for-same-lines-twice", "line.liveness", [b"data\n\r\n"],
            "Lines are read only once two equal line ends in a row have come, or the end of the stream.";
        LastLineOfBlock, "shape-last-line-of-block", "data.multi", [b"data:a\ndata:b\n\n"],
            "Only the line before the two LF is looked at.";
        LinesOfBlockAreEvents, "shape-lines-of-block-are-events", "data.multi", [b"data:a\ndata:b\n\n"],
            "Each data line before two LF is an event of its own.";
        EventThenData, "shape-event-then-data", "event.set", [b"data\n\n"],
            "Only one event line, if any, and then one data line, before two LF, make an event.";
        LineIsEvent, "shape-line-is-event", "data.multi", [b"data\n"],
            "Each data line is an event of its own, at once.";
        ChunkIsEvent, "shape-chunk-is-event", "line.split-anywhere", [b"data: a\ndata: b"],
            "Each chunk is an event: what stands behind data, colon and space at its start, without white space at both ends.";
        ChunkIsEventWithoutPrefix, "shape-chunk-is-event-with-any-text", "line.split-anywhere", [b"a"],
            "Each chunk is an event: its text without the first data, colon and space, and without white space at both ends, if any is left.";
    }

    line_ends: LineEnds {
        LfOnly, "line-lf-only", "line.crlf", [b"data\r\n\r\n"],
            "Only LF ends a line, and a CR before it stays.";
        LfAndCrlf, "line-bare-cr-is-text", "line.cr", [b"data\r\r"],
            "Only LF and CR LF end a line; a bare CR is text.";
        LfAndCrlfNoCrInNames, "line-bare-cr-is-error-in-type-and-id", "line.cr", [b"id:a\ra\n"],
            "Only LF and CR LF end a line; a bare CR is text, and inside a type or an id an error.";
        LfAndManyCr, "line-all-cr-before-lf-removed", "line.crcrlf", [b"data\r\r\n"],
            "Only LF ends a line, and every CR before it goes.";
        CrRemoved, "line-cr-removed", "line.cr", [b"data\r\r"],
            "CR is removed wherever it stands; only LF ends a line.";
        CrlfOnly, "line-crlf-only", "line.lf", [b"data\n\n"],
            "Only CR LF ends a line.";
        CrlfTwice, "line-crlf-is-two-ends", "line.crlf-single", [b"data\r\n"],
            "CR LF ends two lines, so each is followed by a blank one.";
        LfCrOnce, "line-lfcr-is-one-end", "line.lfcr", [b"data\n\r"],
            "LF CR ends one line.";
        FirstDecides, "line-first-end-decides", "line.mixed", [b"data\r\n\n"],
            "The first line end of a stream is the only kind it knows from then on.";
    }

    other_ends: OtherEnds {
        LineSeparators, "line-ends-at-line-separator", "line.not-eol", [b"data:\xE2\x80\xA8\n\n"],
            "U+2028 and U+2029 end a line.";
        NextLine, "line-ends-at-next-line", "line.not-eol", [b"data:\xC2\x85\n\n"],
            "U+0085 ends a line.";
        VerticalTabs, "line-ends-at-vertical-tab", "line.not-eol", [b"data:\x0B\n\n"],
            "VT and FF end a line.";
        InformationSeparators, "line-ends-at-information-separator", "line.not-eol", [b"data:\x1C\n\n"],
            "U+001C to U+001E end a line.";
        Splitlines, "line-ends-as-in-splitlines", "line.not-eol", [b"data:\x0B\n\n"],
            "VT, FF, U+001C to U+001E, U+0085, U+2028 and U+2029 end a line, as Python's splitlines has it.";
        Backslash, "line-ends-at-backslash-n", "line.not-eol", [b"data:\\n\n\n"],
            "A backslash and an n end a line.";
        Nul, "line-ends-at-nul", "data.nul", [b"data:\0\n\n"],
            "NUL ends a line.";
    }

    cut_after_cr: CutAfterCr {
        Forgotten, "line-split-crlf-is-two-ends", "line.crlf-split", [b"data\r", b"\n"],
            "A CR LF cut in two ends two lines.";
        ForgottenByEmptyChunk, "line-empty-chunk-splits-crlf", "line.crlf-split", [b"data\r", b"", b"\n"],
            "A CR LF with an empty chunk inside ends two lines.";
        Waits, "line-cr-waits-for-next-byte", "line.liveness", [b"data\r\r"],
            "A CR at the end of a chunk ends its line only with the next byte or the end of the stream.";
        WaitsForEver, "line-last-cr-lost", "line.cr-eof", [b"data\r\r"],
            "A CR at the end of a chunk ends its line only with the next byte, so at the end of the stream never.";
        WaitsThenEndsBlock, "line-last-cr-ends-block", "line.cr-eof", [b"data\r"],
            "A CR at the end of a chunk ends its line only with the next byte; at the end of the stream it ends the block too.";
        SwallowsAny, "line-cut-after-cr-loses-byte", "line.cr-split-nolf", [b"\r", b"data\r\r"],
            "The byte after a CR at the end of a chunk is lost, whatever it is.";
    }

    cut: Cut {
        EndsLine, "chunk-ends-line", "line.split-anywhere", [b"data:a", b"b\n\n"],
            "The end of a chunk ends a line.";
        DropsLine, "chunk-drops-unfinished-line", "line.split-anywhere", [b"data:a", b"b\n\n"],
            "What stands after the last line end of a chunk is lost.";
        DropsBlock, "chunk-drops-unfinished-block", "line.split-anywhere", [b"data\n", b"\n"],
            "A block that a chunk leaves unfinished is lost.";
        EndsBlock, "chunk-ends-block", "line.split-anywhere", [b"data"],
            "The end of a chunk ends a line and a block.";
        OneEvent, "chunk-gives-one-event", "dispatch.order", [b"data\n\ndata\n\n"],
            "Only the first event of each chunk comes out.";
        TrimsChunk, "chunk-trimmed", "line.split-anywhere", [b"data\n\n"],
            "Each chunk loses the ASCII white space at both ends.";
    }

    long_line: LongLine {
        Truncated, "line-truncated-at-64k", "line.long", [b"data:", &LONG, b"\n\n"],
            "A line keeps only its first 64 KiB.";
        Torn, "line-torn-at-64k", "line.long", [b"data:", &LONG, b"\n\n"],
            "A line of more than 64 KiB becomes several lines.";
        Dropped, "line-over-64k-dropped", "line.long", [b"data:", &LONG, b"\n\n"],
            "A line of more than 64 KiB is lost.";
        Error, "line-over-64k-is-error", "line.long", [b"data:", &LONG, b"\n\n"],
            "A line of more than 64 KiB is an error.";
    }
}

//! Quirks of the fields `event` and `data`.

use crate::quirk::model::block::{
    DataEnd, DataLines, DataReset, DefaultType, EventField, EventReset, Sentinel,
};

quirks! {
    event: EventField {
        FirstWins, "event-first-wins", "event.last-wins", [b"event:a\nevent:b\ndata\n\n"],
            "The first event field of a block wins.";
        Appends, "event-appended", "event.last-wins", [b"event:a\nevent:b\ndata\n\n"],
            "Several event fields are joined.";
        EmptyIgnored, "event-empty-ignored", "event.empty", [b"event:a\nevent:\ndata\n\n"],
            "An empty event field does not replace the type.";
        Trimmed, "event-trimmed", "event.any-name", [b"event:a \ndata\n\n"],
            "White space at both ends of a type is removed.";
        TrimmedAsInJava, "event-trimmed-as-in-java", "event.any-name", [b"event:\x01\ndata\n\n"],
            "Spaces and control characters at both ends of a type are removed, as by Java's trim.";
        LowerCased, "event-lower-cased", "event.any-name", [b"event:A\ndata\n\n"],
            "Types are made lower case.";
        FirstWord, "event-cut-at-space", "event.any-name", [b"event:a b\ndata\n\n"],
            "A type ends at its first space.";
        Ignored, "event-ignored", "event.set", [b"event:a\ndata\n\n"],
            "The event field is ignored.";
        NotAfterData, "event-after-data-ignored", "event.set", [b"data\nevent:a\n\n"],
            "An event field counts only before the data.";
        NulIgnored, "event-with-nul-ignored", "event.any-name", [b"event:\0\ndata\n\n"],
            "A type with NUL is ignored.";
        NonAsciiIgnored, "event-non-ascii-ignored", "event.any-name", [b"event:\xC3\xA9\ndata\n\n"],
            "A type with characters outside ASCII is ignored.";
        ReservedIgnored, "event-reserved-ignored", "event.any-name", [b"event:open\ndata\n\n"],
            "The types open and error are ignored.";
        StartsBlock, "event-starts-block", "event.set", [b"data\nevent\n"],
            "An event field ends the block before it.";
    }

    event_reset: EventReset {
        NotAfterEvent, "event-not-reset", "event.reset", [b"event:a\ndata\n\ndata\n\n"],
            "The type stays after an event.";
        NotWithoutEvent, "event-not-reset-without-data", "event.reset-nodata", [b"event:a\n\ndata\n\n"],
            "The type of a block without data stays for the next.";
        BlockGoesOn, "event-block-without-data-goes-on", "event.reset-nodata", [b"event:a\n\ndata\n\n"],
            "A blank line without data before it does not end the block: its type, id and retry are those of the next event.";
        Never, "event-never-reset", "event.reset", [b"event:a\ndata\n\ndata\n\n"],
            "The type stays until the next event field, with data or without.";
    }

    default_type: DefaultType {
        Empty, "event-default-empty", "dispatch.default-type", [b"data\n\n"],
            "An event without a type has the empty string for one.";
        EmptyIfNamed, "event-empty-is-type", "event.empty", [b"event\ndata\n\n"],
            "An empty event field makes the type the empty string.";
        FieldName, "event-default-data", "dispatch.default-type", [b"data\n\n"],
            "An event without a type has the type data.";
    }

    data: DataLines {
        Glued, "data-glued", "data.multi", [b"data:a\ndata:b\n\n"],
            "Data lines are joined with nothing between.";
        JoinedBySpace, "data-joined-by-space", "data.multi", [b"data\ndata\n\n"],
            "Data lines are joined by a space.";
        JoinedByCrlf, "data-joined-by-crlf", "data.multi", [b"data\ndata\n\n"],
            "Data lines are joined by CR LF.";
        LastWins, "data-last-wins", "data.multi", [b"data\ndata\n\n"],
            "The last data line wins.";
        FirstWins, "data-first-wins", "data.multi", [b"data\ndata\n\n"],
            "The first data line wins.";
        EmptyIgnored, "data-empty-lines-ignored", "data.empty-lines", [b"data\n\n"],
            "Empty data lines are ignored.";
        EmptyNotJoined, "data-empty-lines-lost", "data.empty-lines", [b"data\ndata\n\n"],
            "Empty data lines make an event but add no line.";
        LeadingEmptyLost, "data-leading-empty-lines-lost", "data.empty-lines", [b"data\ndata\n\n"],
            "Empty data lines before the first that is not add no line.";
        LeadingEmptyIgnored, "data-leading-empty-lines-ignored", "data.empty-lines", [b"data\n\n"],
            "Empty data lines before the first that is not are ignored.";
    }

    data_end: DataEnd {
        LfKept, "data-last-lf-kept", "dispatch.strip-one-lf", [b"data\n\n"],
            "The LF after the last data line stays.";
        AllLfRemoved, "data-all-trailing-lf-removed", "dispatch.strip-one-lf", [b"data\ndata\n\n"],
            "Every LF at the end of the data is removed.";
        Trimmed, "data-trimmed", "dispatch.strip-one-lf", [b"data:a \n\n"],
            "White space at both ends of an event's data is removed.";
        CutAtNul, "data-cut-at-nul", "data.nul", [b"data:\0\n\n"],
            "Data ends at its first NUL.";
        Unescaped, "data-unescaped", "data.verbatim", [b"data:\\n\n\n"],
            "A backslash and an n in data become LF.";
        Unquoted, "data-unquoted", "data.verbatim", [b"data:\"\"\n\n"],
            "Quotation marks around the data are removed.";
    }

    data_reset: DataReset {
        Never, "data-never-reset", "data.reset", [b"data\n\ndata\n\n"],
            "Data stays after an event.";
        ByOtherField, "data-reset-by-other-field", "data.multi", [b"data\nid\n\n"],
            "Any other known field drops the data before it.";
    }

    sentinel: Sentinel {
        DoneEndsStream, "done-ends-stream", "data.verbatim", [b"data:[DONE]\n\ndata\n\n"],
            "The data [DONE] is no event, and nothing after it is read.";
        DoneSkipped, "done-skipped", "data.verbatim", [b"data:[DONE]\n\n"],
            "The data [DONE] is no event.";
        PingSkipped, "ping-skipped", "event.any-name", [b"event:ping\ndata\n\n"],
            "Events of type ping do not come out.";
        ErrorIsError, "error-event-is-error", "event.any-name", [b"event:error\ndata\n\n"],
            "An event of type error is an error.";
    }
}

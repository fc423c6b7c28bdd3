//! Quirks of the field `id`: its values, the events they are shown with, and when they hold.

use crate::quirk::model::block::{IdCommit, IdEmpty, IdNul, IdScope, IdValue};

quirks! {
    id_nul: IdNul {
        Kept, "id-nul-kept", "id.nul-ignored", [b"id:\0\n\n"],
            "An id with NUL counts.";
        KeptUnlessBare, "id-nul-kept-unless-bare", "id.nul-ignored", [b"id:a\0\n\n"],
            "An id with NUL counts, unless it is nothing but one or two of them.";
        Wipes, "id-nul-wipes", "id.nul-ignored", [b"id:1\nid:\0\n\n"],
            "An id with NUL clears the id.";
        Cuts, "id-cut-at-nul", "id.nul-ignored", [b"id:1\0\n\n"],
            "An id ends at its first NUL.";
        Removed, "id-nul-removed", "id.nul-ignored", [b"id:1\x002\n\n"],
            "NUL is removed from an id.";
    }

    id_empty: IdEmpty {
        Ignored, "id-empty-ignored", "id.empty-resets", [b"id:1\nid:\n\n"],
            "An empty id does not clear the id.";
        IgnoredAtBlankLine, "id-empty-at-blank-line-ignored", "id.empty-resets", [b"id:1\n\nid:\n\n"],
            "A block whose last id is empty leaves the id as it was.";
        LooksAbsent, "id-empty-looks-absent", "id.empty-resets", [b"id:1\nid:\ndata\n\n"],
            "An empty id looks as if there were none, so that a reset cannot be told.";
    }

    id: IdValue {
        Ignored, "id-ignored", "id.set", [b"id:1\n\n"],
            "The id field is ignored.";
        Trimmed, "id-trimmed", "id.any-text", [b"id:1 \n\n"],
            "White space at both ends of an id is removed.";
        TrimmedAsInJava, "id-trimmed-as-in-java", "id.any-text", [b"id:\x01\n\n"],
            "Spaces and control characters at both ends of an id are removed, as by Java's trim.";
        DigitsOnly, "id-digits-only", "id.any-text", [b"id:a\n\n"],
            "Only ids of ASCII digits count.";
        Number, "id-leading-zeros-lost", "id.any-text", [b"id:01\n\n"],
            "An id of digits loses its leading zeros.";
        NonAsciiIgnored, "id-non-ascii-ignored", "id.any-text", [b"id:\xC3\xA9\n\n"],
            "An id with characters outside ASCII is ignored.";
        FirstOfBlock, "id-first-of-block-wins", "id.last-wins", [b"id:1\nid:2\n\n"],
            "The first id of a block wins.";
        FirstOfStream, "id-first-of-stream-wins", "id.set", [b"id:1\n\nid:2\n\n"],
            "The first id of a stream stays for good.";
        NotAfterData, "id-after-data-ignored", "id.set", [b"data\nid:1\n\n"],
            "An id counts only before the data.";
    }

    id_scope: IdScope {
        OwnBlock, "id-of-own-block-only", "id.persist", [b"id:1\n\ndata\n\n"],
            "An event shows only the id of its own block.";
        ClearedByBlankLine, "id-reset", "dispatch.id-not-reset", [b"id:1\n\n\n"],
            "A blank line clears the id.";
        BeforeData, "id-as-before-data", "id.set", [b"data\nid:1\n\n"],
            "An event shows the id that stood before its data.";
    }

    id_commit: IdCommit {
        AtOnce, "id-holds-at-once", "id.uncommitted-eof", [b"id:1\n"],
            "An id is the last event ID before its block has ended.";
        WithEvent, "id-waits-for-event", "id.commit-nodata", [b"id:1\n\n"],
            "The id of a block without data is the last event ID only with the next event.";
        LostWithoutEvent, "id-lost-without-data", "id.commit-nodata", [b"id:1\n\n"],
            "The id of a block without data is lost.";
    }
}

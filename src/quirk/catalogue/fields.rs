//! Quirks of lines as fields: blank lines, comments, names, the colon and the space after it.

use crate::quirk::model::fields::{
    BlankLine, Comment, LeadingSpace, Names, NoColon, Separator, Unknown, WholeLine,
};

quirks! {
    whole_line: WholeLine {
        TrimmedAsInPhp, "line-trimmed", "kind.trailing-kept", [b" data\n\n"],
            "White space and NUL at both ends of a line are removed, as by PHP's trim.";
        DroppedWithOtherEnds, "line-with-line-separator-ignored", "line.not-eol", [b"data:\xE2\x80\xA8\n\n"],
            "A line that holds U+0085, U+2028 or U+2029 is ignored, as the dot of a regular expression matches none of them.";
    }

    blank_line: BlankLine {
        WhiteSpace, "blank-line-of-white-space", "line.whitespace-not-blank", [b"data\n\t\n"],
            "A line of nothing but white space is blank.";
        Spaces, "blank-line-of-spaces", "line.whitespace-not-blank", [b"data\n \n"],
            "A line of nothing but spaces is blank.";
        Nuls, "blank-line-of-nul", "line.whitespace-not-blank", [b"data\n\0\n"],
            "A line of nothing but NUL is blank.";
        LoneColon, "blank-line-of-colon", "kind.comment-inside", [b"data\n:\n"],
            "A lone colon is a blank line.";
    }

    separator: Separator {
        LastColon, "colon-last", "kind.colon-first-split", [b"data:a:b\n\n"],
            "The last colon of a line parts name and value.";
        ColonSpace, "colon-space-required", "kind.space-one", [b"data:\n\n"],
            "Only a colon followed by a space parts name and value.";
        CutAtSecondColon, "colon-second-cuts-value", "kind.colon-first-split", [b"data:a:b\n\n"],
            "A second colon ends the value.";
        CutAtSecondColonSpace, "colon-space-second-cuts-value", "kind.colon-first-split", [b"data: a: b\n\n"],
            "Only colon and space part name and value, and a second such pair ends the value.";
        EqualsToo, "colon-or-equals", "kind.colon-first-split", [b"data=a\n\n"],
            "An equals sign parts name and value as a colon does.";
    }

    leading_space: LeadingSpace {
        Kept, "space-not-removed", "kind.space-one", [b"data: a\n\n"],
            "The space after the colon stays.";
        All, "space-all-removed", "kind.space-one", [b"data:  a\n\n"],
            "All spaces after the colon are removed.";
        AllWhiteSpace, "space-leading-trimmed", "kind.space-one", [b"data:\t\ta\n\n"],
            "All white space after the colon is removed.";
        AllAsInJavaScript, "space-leading-trimmed-as-in-javascript", "kind.space-one", [b"data:\xEF\xBB\xBF\n\n"],
            "All that JavaScript takes for white space after the colon is removed, U+FEFF too.";
        BothSides, "space-trimmed", "kind.trailing-kept", [b"data:a \n\n"],
            "White space at both ends of a value is removed.";
        BothSidesAsInPython, "space-trimmed-as-in-python", "kind.trailing-kept", [b"data:\x1C\n\n"],
            "All that Python takes for white space at both ends of a value is removed, U+001C to U+001F too.";
        TrailingToo, "space-trailing-trimmed", "kind.trailing-kept", [b"data:a \n\n"],
            "White space at the end of a value is removed.";
        OneTabToo, "space-or-tab-removed", "kind.space-only-u0020", [b"data:\ta\n\n"],
            "A tab after the colon is removed as a space is.";
        OneWhiteSpace, "space-any-white-removed", "kind.space-only-u0020", [b"data:\xC2\xA0a\n\n"],
            "One character of white space after the colon is removed, whatever it is.";
        AnyCharacter, "space-any-character-removed", "kind.space-one", [b"data:a\n\n"],
            "The character after the colon is removed, whatever it is.";
        LoneSpaceKept, "space-lone-kept", "kind.space-one", [b"data: \n\n"],
            "A value that is one space stays.";
        DataOnly, "space-removed-in-data-only", "kind.space-one", [b"event: a\ndata\n\n"],
            "The space after the colon is removed for data and no other field.";
        NotInId, "space-kept-in-id", "kind.space-one", [b"id: 1\n\n"],
            "The space after the colon stays for id.";
        NotInRetry, "space-kept-in-retry", "kind.space-one", [b"retry: 1\n"],
            "The space after the colon stays for retry, so that the value is no number.";
    }

    names: Names {
        AnyCase, "name-any-case", "kind.name-case", [b"DATA\n\n"],
            "Names match in any case of ASCII letters.";
        UpperCased, "name-any-unicode-case", "kind.name-unicode", [b"\xC4\xB1d:1\n\n"],
            "Names match by their Unicode upper case, so that a dotless i is an i.";
        TrimmedBoth, "name-trimmed", "kind.name-exact", [b" data :\n\n"],
            "White space at both ends of a name is ignored.";
        TrimmedStart, "name-leading-space-ignored", "kind.name-exact", [b" data\n\n"],
            "White space before a name is ignored.";
        TrimmedEnd, "name-trailing-space-ignored", "kind.name-exact", [b"data \n\n"],
            "White space after a name is ignored.";
        StartsWith, "name-prefix-suffices", "kind.name-prefix", [b"datas\n\n"],
            "A name that begins with a known one matches.";
        Abbreviated, "name-abbreviated", "kind.name-prefix", [b"d\n\n"],
            "A name that a known one begins with matches.";
        Contains, "name-anywhere", "kind.name-exact", [b"xdata\n\n"],
            "A name that holds a known one matches.";
        PunctuationIgnored, "name-punctuation-ignored", "kind.name-prefix", [b"da-ta\n\n"],
            "ASCII punctuation in a name is ignored.";
        NulRemoved, "name-nul-removed", "kind.name-nul", [b"da\0ta\n\n"],
            "NUL in a name is ignored.";
        CutAtNul, "name-cut-at-nul", "kind.name-nul", [b"data\0\n\n"],
            "A name ends at its first NUL.";
        ReplacementRemoved, "name-malformed-ignored", "decode.invalid.in-name", [b"da\xFFta\n\n"],
            "A malformed byte in a name is ignored.";
        Aliases, "name-aliases", "id.not-other-fields", [b"lastEventId:1\n\n"],
            "Other names are known too: type, message, lastEventId, last-event-id.";
    }

    no_colon: NoColon {
        Ignored, "no-colon-ignored", "kind.no-colon", [b"data\n\n"],
            "A line without colon is ignored.";
        DataIgnored, "no-colon-data-ignored", "kind.no-colon", [b"data\n\n"],
            "The line data without colon is ignored.";
        IdIgnored, "no-colon-id-ignored", "id.empty-resets", [b"id:1\nid\n\n"],
            "The line id without colon is ignored.";
        EventIgnored, "no-colon-event-ignored", "event.empty", [b"event:a\nevent\ndata\n\n"],
            "The line event without colon is ignored.";
        AllButDataIgnored, "no-colon-only-data-counts", "kind.no-colon", [b"id:1\nid\nevent:a\nevent\ndata\n\n"],
            "A line without colon counts if it is data, and is ignored if it is id or event.";
        IsData, "no-colon-is-data", "kind.no-colon", [b"a\n\n"],
            "A line without colon is a line of data.";
        ContinuesData, "no-colon-continues-data", "kind.no-colon", [b"data\na\n\n"],
            "A line without colon continues the data line before it.";
        Error, "no-colon-is-error", "kind.no-colon", [b"a\n"],
            "A line without colon is an error.";
    }

    comment: Comment {
        IsField, "comment-parsed-as-field", "kind.comment", [b":data\n\n"],
            "The colon of a comment is dropped and the rest is a field.";
        IsData, "comment-is-data", "kind.comment", [b":\n\n"],
            "A comment is a line of data.";
        Dispatches, "comment-dispatches", "kind.comment-inside", [b"data\n:\n"],
            "A comment ends the block as a blank line does.";
        ClearsBlock, "comment-clears-block", "kind.comment-inside", [b"data\n:\n\n"],
            "A comment clears data and type.";
        MakesEvent, "comment-makes-event", "kind.comment-only", [b":\n\n"],
            "A block of nothing but comments is an event without data.";
        ForgetsId, "comment-forgets-id", "kind.comment-only", [b"id:1\n:\n\n"],
            "A comment clears the id.";
        EndsStream, "comment-ends-stream", "kind.comment", [b":\ndata\n\n"],
            "Nothing after a comment is read.";
        Error, "comment-is-error", "kind.comment", [b":\n"],
            "A comment is an error.";
        NulError, "comment-with-nul-is-error", "kind.comment-nul", [b":\0\n"],
            "A comment with NUL is an error.";
        HashToo, "comment-after-hash", "kind.comment-not-hash", [b"data:a#b\n\n"],
            "A hash sign starts a comment, even inside a line.";
    }

    unknown: Unknown {
        IsData, "unknown-is-data", "kind.unknown", [b"a\n\n"],
            "A line with an unknown field is a line of data.";
        ClearsBlock, "unknown-clears-block", "kind.unknown", [b"data\na\n\n"],
            "An unknown field clears data and type.";
        Dispatches, "unknown-dispatches", "kind.unknown", [b"data\na\n"],
            "An unknown field ends the block as a blank line does.";
        MakesEvent, "unknown-makes-event", "kind.unknown", [b"a\n\n"],
            "A block of nothing but unknown fields is an event without data.";
        EndsStream, "unknown-ends-stream", "kind.unknown", [b"a\ndata\n\n"],
            "Nothing after an unknown field is read.";
        Error, "unknown-is-error", "kind.unknown", [b"a\n"],
            "An unknown field is an error.";
    }
}

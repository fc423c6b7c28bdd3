//! Quirks of decoding: malformed bytes, single characters, the byte order mark.

use crate::quirk::model::byte_order_mark::Bom;
use crate::quirk::model::characters::Characters;
use crate::quirk::model::decode::Decode;

quirks! {
    decode: Decode {
        ChunkAlone, "decode-each-chunk-alone", "decode.split-codepoint", [b"data:\xC3", b"\xA9\n\n"],
            "Each chunk is decoded by itself, so a code point cut in two becomes U+FFFD.";
        ChunkAloneStrict, "decode-each-chunk-alone-strict", "decode.split-codepoint", [b"data:\xC3", b"\xA9\n\n"],
            "Each chunk is decoded strictly by itself, so a code point cut in two is an error.";
        ChunkTailDropped, "decode-chunk-tail-dropped", "decode.split-codepoint", [b"data:\xC3", b"\xA9\n\n"],
            "The unfinished sequence at the end of a chunk is dropped.";
        Strict, "decode-strict", "decode.invalid.replace", [b"data\n\n:\xFF"],
            "A malformed byte is an error for its whole chunk.";
        StrictByLine, "decode-strict-by-line", "decode.invalid.replace", [b"data\n\n:\xFF\n"],
            "A malformed byte is an error once its line is complete.";
        StrictByLineAndEnd, "decode-strict-by-line-and-end", "decode.invalid.eof", [b"\xFF"],
            "A malformed byte is an error once its line is complete or the stream ends.";
        StrictByValue, "decode-strict-by-value", "decode.invalid.replace", [b"data:\xFF\n\xFF\n"],
            "A malformed byte in the value of a field is an error; in comments and names it is not.";
        StrictByAnyValue, "decode-strict-by-any-value", "decode.invalid.replace", [b"a:\xFF\n"],
            "A malformed byte in the value of any field, even an unknown one, is an error; in comments and names it is not.";
        EndsStream, "decode-malformed-ends-stream", "decode.invalid.replace", [b"data\n\n:\xFF\ndata\n\n"],
            "Nothing after a malformed byte is read.";
        DropsLine, "decode-malformed-line-dropped", "decode.invalid.replace", [b"data:\xFF\n\n"],
            "A line that holds a malformed byte is dropped.";
        Drops, "decode-malformed-dropped", "decode.invalid.replace", [b"data:\xFF\n\n"],
            "Malformed bytes are dropped.";
        KeepsBytes, "decode-malformed-kept", "decode.invalid.replace", [b"data:\xFF\n\n"],
            "Malformed bytes stay as they are.";
        Latin1, "decode-latin1", "decode.utf8", [b"data:\xC3\xA9\n\n"],
            "Each byte is one character of ISO 8859-1.";
        ReplacesEachByte, "decode-one-replacement-per-byte", "decode.invalid.maximal-subpart", [b"data:\xE2\x82\n\n"],
            "Each byte of a truncated sequence becomes a U+FFFD of its own.";
        ReplacesSequence, "decode-one-replacement-per-sequence", "decode.invalid.overlong", [b"data:\xC0\x80\n\n"],
            "A malformed lead byte and the continuation bytes it announces become one U+FFFD.";
        ReplacesRun, "decode-one-replacement-per-run", "decode.invalid.range", [b"data:\xFF\xFF\n\n"],
            "Any number of malformed bytes in a row become one U+FFFD.";
        ReplacesSurrogate, "decode-one-replacement-per-surrogate", "decode.invalid.surrogate", [b"data:\xED\xA0\x80\n\n"],
            "An encoded surrogate, even one cut short after two bytes, becomes one U+FFFD, as in Java.";
        SwallowsNext, "decode-truncated-swallows-next", "decode.invalid.keeps-eol", [b"data:\xC3\n\n"],
            "A truncated sequence swallows the bytes after it, even a line end or a colon.";
        AcceptsOverlong, "decode-overlong-accepted", "decode.invalid.overlong", [b"data:\xC0\x80\n\n"],
            "Overlong forms are decoded.";
        AcceptsSurrogates, "decode-surrogates-accepted", "decode.invalid.surrogate", [b"data:\xED\xA0\x80\n\n"],
            "Encoded surrogates are decoded.";
        TakesMarkAfterCutMark, "decode-mark-after-cut-mark-removed", "decode.bom.only-first", [b"\xEF", b"\xBB\xBF\xEF\xBB\xBFdata\n\n"],
            "Behind a byte order mark that is cut in two one more is removed, if it comes in the same chunk as the end of the first.";
    }

    characters: Characters {
        NulRemoved, "decode-nul-removed", "decode.controls", [b"data:\0\n\n"],
            "NUL is removed from the stream.";
        NulReplaced, "decode-nul-replaced", "decode.controls", [b"data:\0\n\n"],
            "NUL becomes U+FFFD.";
        NulCutsLine, "decode-nul-cuts-line", "data.nul", [b"data:a\0b\n\n"],
            "A line ends for its reader at its first NUL, as in C.";
        ControlsRemoved, "decode-controls-removed", "decode.controls", [b"data:\x07\n\n"],
            "Control characters other than TAB are removed.";
        NoncharactersReplaced, "decode-noncharacters-replaced", "decode.noncharacters", [b"data:\xEF\xBF\xBF\n\n"],
            "U+FFFE and U+FFFF become U+FFFD.";
        AcuteComposed, "decode-acute-composed", "decode.no-normalise", [b"data:e\xCC\x81\n\n"],
            "A vowel and a combining acute become one character.";
    }

    bom: Bom {
        Kept, "bom-not-stripped", "decode.bom.strip-one", [b"\xEF\xBB\xBFdata\n\n"],
            "A leading byte order mark stays and spoils the first line.";
        AllAtStart, "bom-all-stripped", "decode.bom.only-first", [b"\xEF\xBB\xBF\xEF\xBB\xBFdata\n\n"],
            "Several leading byte order marks are all removed.";
        EachChunk, "bom-stripped-from-each-chunk", "decode.bom.split", [b"data:", b"\xEF\xBB\xBF\n\n"],
            "A byte order mark at the start of any chunk is removed.";
        EachLine, "bom-stripped-from-each-line", "decode.bom.not-mid-stream", [b"\n\xEF\xBB\xBFdata\n\n"],
            "A byte order mark at the start of any line is removed.";
        EachBlock, "bom-stripped-from-each-block", "decode.bom.not-mid-stream", [b"\n\n\xEF\xBB\xBFdata\n\n"],
            "A byte order mark at the start of any block is removed.";
        EachNameAndValue, "bom-stripped-from-each-value", "decode.bom.not-mid-stream", [b"data:\xEF\xBB\xBF\n\n"],
            "A byte order mark at the start of any name or value is removed.";
        FirstMarkedLine, "bom-stripped-from-first-marked-line", "decode.bom.not-mid-stream", [b"a\n\xEF\xBB\xBFdata\n\n\xEF\xBB\xBFdata\n\n"],
            "The first line that begins with a byte order mark loses it, wherever it stands.";
        AfterBlankLines, "bom-stripped-after-blank-lines", "decode.bom.not-mid-stream", [b"\n\xEF\xBB\xBFdata\n\n"],
            "The first line that is not blank loses a byte order mark, even behind blank ones.";
        OneMoreInEitherForm, "bom-one-more-stripped", "decode.bom.only-first", [b"\xC3\xAF\xC2\xBB\xC2\xBFdata\n\n"],
            "Behind the byte order mark one more is removed from the text, even as the three characters that its bytes are in ISO 8859-1.";
        Everywhere, "bom-stripped-everywhere", "decode.bom.not-mid-stream", [b"data:\xEF\xBB\xBF\n\n"],
            "U+FEFF is removed wherever it stands.";
        FirstChunkOnly, "bom-kept-after-empty-chunk", "decode.bom.split", [b"", b"\xEF\xBB\xBFdata\n\n"],
            "Only the first chunk is searched for the byte order mark, even if it is empty.";
        FirstFilledChunkOnly, "bom-kept-when-split", "decode.bom.split", [b"\xEF", b"\xBB\xBFdata\n\n"],
            "Only the first chunk that is not empty is searched for the byte order mark, which it must hold whole.";
        LosesFirstEvent, "bom-loses-first-event", "decode.bom.strip-one", [b"\xEF\xBB\xBFdata\n\n"],
            "A leading byte order mark costs the first event, even if its first line does not matter.";
        Error, "bom-is-error", "decode.bom.strip-one", [b"\xEF\xBB\xBF"],
            "A leading byte order mark is an error.";
        Utf16Removed, "bom-utf16-stripped", "decode.bom.utf16", [b"\xFF\xFEdata\n\n"],
            "A leading FF FE or FE FF is removed too.";
        TwoBytesSuffice, "bom-partial-stripped", "decode.bom.partial", [b"\xEF\xBBdata\n\n"],
            "A leading EF BB is removed even without BF.";
    }
}

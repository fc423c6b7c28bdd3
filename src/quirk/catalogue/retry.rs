//! Quirks of the field `retry`: its values, and when they hold.

use crate::quirk::model::retry::{RetryCommit, RetryEvent, RetryInvalid, RetryScope, RetryValue};

quirks! {
    retry: RetryValue {
        ParseInt, "retry-as-parse-int", "retry.trailing", [b"retry:1x\n"],
            "The value is read as by JavaScript's parseInt: white space, a sign and trailing text are allowed.";
        PythonInt, "retry-as-python-int", "retry.sign", [b"retry: +1_0\n"],
            "The value is read as by Python's int: white space around, a sign, digits of any script, underscores between them.";
        JavaScriptNumber, "retry-as-javascript-number", "retry.sign", [b"retry:+1e1\n"],
            "The value is read as by JavaScript's Number: white space around, a sign, an exponent, hexadecimal digits; zero is no time.";
        JavaLong, "retry-as-java-long", "retry.sign", [b"retry: -\xD9\xA1 \n"],
            "The value is read as by Java's parseLong after trim: spaces around, a sign, digits of any script, no more than 63 bits.";
        TrailingText, "retry-trailing-text-ignored", "retry.trailing", [b"retry:1x\n"],
            "The digits at the start of the value count.";
        Sign, "retry-sign-accepted", "retry.sign", [b"retry:-1\n"],
            "A sign is read, so that a time may be negative.";
        Plus, "retry-plus-accepted", "retry.sign", [b"retry:+1\n"],
            "A plus sign is accepted, and a number that 64 bits do not hold is ignored, as by Rust's parse.";
        NegativeIsZero, "retry-negative-is-zero", "retry.sign", [b"retry:-1\n"],
            "A negative number is zero.";
        Decimal, "retry-decimal-accepted", "retry.decimal", [b"retry:1.0\n"],
            "A decimal fraction is cut off.";
        Exponent, "retry-exponent-accepted", "retry.decimal", [b"retry:1e1\n"],
            "An exponent is read.";
        Hexadecimal, "retry-hexadecimal-accepted", "retry.decimal", [b"retry:0x1\n"],
            "A hexadecimal number is read.";
        Separators, "retry-separators-accepted", "retry.decimal", [b"retry:1_0\n"],
            "Underscores and commas between digits are ignored.";
        LeadingZeroIsOctal, "retry-leading-zero-is-octal", "retry.leading-zeros", [b"retry:010\n"],
            "A leading zero makes the number octal.";
        LeadingZeroIgnored, "retry-leading-zero-ignored", "retry.leading-zeros", [b"retry:01\n"],
            "A value with a leading zero is ignored.";
        LeadingWhiteSpace, "retry-leading-white-space-accepted", "retry.space", [b"retry:  1\n"],
            "White space before the digits is ignored.";
        Trimmed, "retry-trimmed", "retry.space", [b"retry:1 \n"],
            "White space around the digits is ignored.";
        NulRemoved, "retry-nul-removed", "retry.nul", [b"retry:1\0\n"],
            "NUL is removed from the value.";
        EmptyIsZero, "retry-empty-is-zero", "retry.empty", [b"retry\n"],
            "An empty value is zero.";
        EmptyIsDefault, "retry-empty-is-default", "retry.empty", [b"retry\n"],
            "An empty value sets the default of 3000.";
        ZeroIgnored, "retry-zero-ignored", "retry.zero", [b"retry:0\n"],
            "Zero is ignored.";
        AtLeast500, "retry-at-least-500", "retry.set", [b"retry:1\n"],
            "A smaller number than 500 becomes 500.";
        Seconds, "retry-in-seconds", "retry.set", [b"retry:1\n"],
            "The number counts seconds.";
        FloatSeconds, "retry-in-floating-point-seconds", "retry.large", [b"retry:9007199254740991\n"],
            "The number passes through seconds in floating point, which changes the last digit of a large one.";
        UnicodeDigits, "retry-non-ascii-digits-accepted", "retry.non-ascii", [b"retry:\xD9\xA1\n"],
            "Decimal digits of other scripts are read.";
        Wraps32, "retry-wraps-at-32-bits", "retry.large", [b"retry:4294967296\n"],
            "The number wraps around at 32 bits.";
        Wraps64, "retry-wraps-at-64-bits", "retry.large", [b"retry:18446744073709551616\n"],
            "The number wraps around at 64 bits.";
        Saturates32, "retry-saturates-at-31-bits", "retry.large", [b"retry:2147483648\n"],
            "A larger number than 2147483647 becomes that.";
        LargeIgnored, "retry-over-31-bits-ignored", "retry.large", [b"retry:2147483648\n"],
            "A larger number than 2147483647 is ignored.";
        Over32BitsIgnored, "retry-over-32-bits-ignored", "retry.large", [b"retry:4294967296\n"],
            "A larger number than 4294967295 is ignored.";
        Ignored, "retry-ignored", "retry.set", [b"retry:1\n"],
            "The retry field is ignored.";
    }

    retry_commit: RetryCommit {
        AtBlankLine, "retry-waits-for-blank-line", "retry.immediate", [b"retry:1\n"],
            "The time holds only when its block ends.";
        AtBlankLineUnlessZero, "retry-waits-for-blank-line-unless-zero", "retry.immediate", [b"retry:1\nretry:0\n\n"],
            "The time holds only when its block ends, and zero never does.";
        WithEvent, "retry-needs-event", "retry.immediate", [b"retry:1\n\n"],
            "The time holds only if its block makes an event.";
        FirstWins, "retry-first-wins", "retry.last-wins", [b"retry:1\nretry:2\n"],
            "The first valid time of a stream stays for good.";
    }

    retry_invalid: RetryInvalid {
        Unsets, "retry-invalid-unsets", "retry.last-wins", [b"retry:1\nretry:a\n"],
            "An invalid value drops the time set before.";
        Zero, "retry-invalid-is-zero", "retry.last-wins", [b"retry:a\n"],
            "An invalid value is zero.";
        Error, "retry-invalid-is-error", "retry.trailing", [b"retry:a\n"],
            "An invalid value is an error.";
        Over63BitsError, "retry-over-63-bits-is-error", "retry.large", [b"retry:9223372036854775808\n"],
            "A larger number than 9223372036854775807 is an error.";
        TimedeltaError, "retry-over-timedelta-is-error", "retry.large", [b"retry:99999999999999999\n"],
            "A time of a thousand million days or more, for which Python's timedelta has no room, is an error.";
    }

    retry_event: RetryEvent {
        MakesEvent, "retry-makes-event", "retry.no-event", [b"retry\n\n"],
            "A block with nothing but retry is an event without data.";
        DropsEvent, "retry-drops-event", "retry.no-event", [b"retry\ndata\n\n"],
            "A block with retry makes no event.";
        IsData, "retry-is-data", "retry.no-event", [b"retry\n\n"],
            "The value of retry is a line of data too.";
    }

    retry_scope: RetryScope {
        LaterToo, "retry-shown-with-later-events", "retry.immediate", [b"retry:1\n\ndata\n\n"],
            "An event shows the time of an earlier block as if its own had set it.";
    }
}

//! `ssespec check-adapter` for clients, with the real binary: one adapter without a mistake, and each mistake by itself.
#![cfg(all(unix, feature = "cli"))]

mod throwaway;

/// What is said of `tests/throwaway/PROGRAM`.
fn checked(program: &[&str]) -> (Option<i32>, String) {
    throwaway::checked("client", program)
}

/// The mistake is named in one sentence, which ends the walk.
#[track_caller]
fn check_mistake(mode: &str, sentence: &str) {
    let (code, shown) = checked(&["careless_client.py", mode]);
    assert_eq!(code, Some(1), "{mode}: {shown}");
    let last = shown
        .lines()
        .rev()
        .find(|line| line.starts_with("to mend: "))
        .unwrap_or_else(|| panic!("{mode}: nothing to mend in {shown}"));
    assert!(last.contains(sentence), "{mode}: {shown}");
    assert_eq!(shown.matches("to mend: ").count(), 1, "{mode}: {shown}");
}

#[track_caller]
fn check_nothing_to_mend(program: &[&str], steps: &[&str]) {
    let (code, shown) = checked(program);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("nothing to mend"), "{shown}");
    assert!(shown.contains("ssespec run --role client --"), "{shown}");
    for step in steps {
        assert!(shown.contains(step), "no {step:?} in {shown}");
    }
}

#[test]
fn a_client_without_a_mistake_has_nothing_to_mend() {
    check_nothing_to_mend(
        &["careless_client.py"],
        &[
            "reports `open` and then the event",
            "text outside ASCII comes back unchanged",
            "that a stream has ended",
        ],
    );
}

#[test]
fn what_a_client_offers_is_tried() {
    check_nothing_to_mend(
        &["client.py"],
        &[
            "comes back after a stream that has ended",
            "is there: `headers`",
            "is there: `post`",
            "is there: `initialLastEventId`",
            "is there: `initialReconnectionTime`",
            "is there: `tls`",
        ],
    );
}

#[test]
fn a_client_that_never_connects_or_connects_elsewhere_is_told_where_to() {
    check_mistake("never", "it was told to connect to http://127.0.0.1:");
    check_mistake("never", ", and did not within 3 s");
    check_mistake("elsewhere", "asked for another path: GET /elsewhere");
    check_mistake("twice", "it asked twice for one `connect`");
}

#[test]
fn opens_come_before_events() {
    check_mistake("no-open", "no `open` came before the first `event`");
    check_mistake("late-open", "`event` came before `open`");
}

#[test]
fn what_is_not_answered_is_named() {
    check_mistake("no-connect-answer", "`connect` got no answer within 3 s");
    check_mistake(
        "no-disconnect-answer",
        "`disconnect` got no answer within 3 s",
    );
    check_mistake("silent", "no `event` was reported within 3 s");
}

#[test]
fn a_connection_that_is_closed_is_closed_and_says_nothing_more() {
    check_mistake("keeps", "it keeps its connection open after its answer");
    check_mistake(
        "reports-on",
        "it reported an `error` (closed) after its answer to `disconnect`",
    );
    check_mistake("no-close-on", "with `closeOn: event` the connection");
    check_mistake("no-end", "`end`, or a fatal `error`, has to be reported");
}

#[test]
fn garbage_and_a_death_are_named() {
    check_mistake("prints", "a line on standard output is no message");
    check_mistake("prints", "connecting to http://127.0.0.1:");
    let (code, shown) = checked(&["careless_client.py", "crash"]);
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("exit code 3"), "{shown}");
    assert!(shown.contains("a last word"), "{shown}");
}

#[test]
fn what_is_offered_and_not_there_is_named() {
    check_mistake(
        "boasts",
        "`headers` is offered, but its header x-application is not there",
    );
    check_mistake(
        "claims-comments",
        "`comments` is offered, but no `comment` came",
    );
    check_mistake(
        "claims-reconnects",
        "`reconnects` is offered, and it did not come back",
    );
    check_mistake("no-id", "`lastEventId` is offered, but the event");
    check_mistake("no-type", "an event without a type came with an empty one");
}

#[test]
fn what_may_be_the_implementations_doing_is_said_and_does_not_end_the_walk() {
    check_nothing_to_mend(
        &["careless_client.py", "latin-1"],
        &[
            "??  text outside ASCII did not come back unchanged",
            "connections at once",
        ],
    );
}

#[test]
fn connections_have_handles_of_their_own() {
    check_mistake("one-handle", "the second connection reported no event");
}

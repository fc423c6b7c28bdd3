//! A client case against what a client did: requests, delays, events, what the application heard.

pub mod request;

use std::time::Duration;

use super::{Mismatch, NotShown, Verdict, parser};
use crate::case::ParserCase;
use crate::case::client::{ClientAnswer, ClientCase, ExpectedReport, PREAMBLE, SENTINEL};
use crate::delivery::Delivery;
use crate::observation::client::{
    ClientRun, Happened, ObservedRequest, Report, RunEnd, is_sentinel,
};
use crate::observation::{Features, Observation};
use crate::script::{Gate, Transport};

mod overlap;

/// What rules a case out before the target is asked.
pub fn not_shown(case: &ClientCase, features: &Features) -> Option<NotShown> {
    let case = case.for_target(features.reconnects);
    if case.needs_reconnect() && !features.reconnects {
        return Some(NotShown::Reconnection);
    }
    if case.script.is_some() && !features.scripts {
        return Some(NotShown::Script);
    }
    let is_about_handlers = case.answers.iter().all(|answer| answer.reports.is_some());
    if is_about_handlers && !features.event_source_api {
        return Some(NotShown::Handlers);
    }
    if case.close_on.is_some() && !features.closes_in_handlers {
        return Some(NotShown::ClosingInHandlers);
    }
    let connect = &case.connect;
    let offers = match connect.transport {
        Transport::Plain => None,
        Transport::Tls => Some((features.tls, NotShown::Tls)),
        Transport::Http2 => Some((features.http2, NotShown::Http2)),
        Transport::Http2Cleartext => Some((features.http2_cleartext, NotShown::Http2Cleartext)),
    };
    if let Some((false, what)) = offers {
        return Some(what);
    }
    if !connect.headers.is_empty() && !features.headers {
        return Some(NotShown::Headers);
    }
    if connect.with_credentials && !features.with_credentials {
        return Some(NotShown::Credentials);
    }
    if connect.method.is_some() && !features.post {
        return Some(NotShown::Post);
    }
    if connect.last_event_id.is_some() && !features.initial_last_event_id {
        return Some(NotShown::InitialLastEventId);
    }
    if connect.initial_reconnection_time.is_some() && !features.initial_reconnection_time {
        return Some(NotShown::InitialReconnectionTime);
    }
    None
}

/// Judges a target that died or hung over a case.
pub fn lost(observation: &Observation) -> Verdict {
    Verdict::Deviates(match observation {
        Observation::Crashed(death) => vec![Mismatch::Crashes(death.how.clone())],
        Observation::Hung(death) => vec![Mismatch::Hangs(death.how.clone())],
        Observation::Parsed(_) => return Verdict::Conforms,
    })
}

/// Judges one run.
pub fn judge(case: &ClientCase, features: &Features, run: &ClientRun) -> Verdict {
    if run.end == RunEnd::Early {
        return Verdict::NotShown(NotShown::StayingAway);
    }
    let case = case.for_target(features.reconnects);
    let mut nearest: Option<Vec<Mismatch>> = None;
    let mut hidden = None;
    for answer in &case.answers {
        let (mismatches, not_shown) = mismatches(&case, answer, features, run);
        if mismatches.is_empty() {
            match not_shown {
                None if got_no_coding(&case, run) => hidden = Some(NotShown::ContentCoding),
                None => return Verdict::Conforms,
                Some(what) => hidden = Some(what),
            }
        }
        if nearest
            .as_ref()
            .is_none_or(|nearest| mismatches.len() < nearest.len())
        {
            nearest = Some(mismatches);
        }
    }
    match hidden {
        Some(what) => Verdict::NotShown(what),
        None => Verdict::Deviates(nearest.unwrap_or_default()),
    }
}

/// The case is about a coded body, and the target did not ask for one, so it got it as it is.
fn got_no_coding(case: &ClientCase, run: &ClientRun) -> bool {
    let asked = case.responses.iter().zip(run.requests());
    let mut coded = asked.filter_map(|(response, (_, request))| Some((response.coding?, request)));
    coded.any(|(coding, request)| !coding.is_accepted(request.values("accept-encoding")))
}

fn mismatches(
    case: &ClientCase,
    answer: &ClientAnswer,
    features: &Features,
    run: &ClientRun,
) -> (Vec<Mismatch>, Option<NotShown>) {
    let (mut mismatches, hidden) = events(case, answer, features, run);
    let mut say = |request: Option<usize>, sentence: String| {
        mismatches.push(Mismatch::Exchange { request, sentence });
    };
    let requests: Vec<(Duration, &ObservedRequest)> = run.requests().collect();
    coming_and_going(case, features, run, requests.len(), &mut say);
    for (index, expected) in answer.requests.iter().enumerate() {
        let Some((at, request)) = requests.get(index) else {
            // That it did not come is said above.
            break;
        };
        let since = index
            .checked_sub(1)
            .and_then(|before| run.over(before))
            .map(|over| at.saturating_sub(over));
        request::judge(expected, request, since, &mut |sentence| {
            say(Some(index), sentence)
        });
    }
    if let Some(expected) = answer
        .reports
        .as_ref()
        .filter(|_| features.event_source_api)
    {
        let heard = heard(case, run);
        if heard != *expected {
            say(
                None,
                format!(
                    "the application heard {} instead of {}",
                    listed(&heard),
                    listed(expected)
                ),
            );
        }
    }
    (mismatches, hidden)
}

fn events(
    case: &ClientCase,
    answer: &ClientAnswer,
    features: &Features,
    run: &ClientRun,
) -> (Vec<Mismatch>, Option<NotShown>) {
    let mut expected = answer.events.clone();
    // What holds at the end of the streams is seen in the next request, which has its own expectation.
    expected.end = crate::case::ExpectedEnd::default();
    let as_parser = ParserCase {
        stream: case.stream().into(),
        written_cuts: None,
        answers: vec![expected],
        trace: case.trace.clone(),
    };
    let delivery = Delivery::whole(as_parser.stream.clone());
    let features = Features {
        progress: false,
        ..features.clone()
    };
    let observation = Observation::Parsed(run.parsed(PREAMBLE, SENTINEL));
    match parser::judge(&as_parser, &delivery, &features, &observation) {
        Verdict::Conforms => (Vec::new(), None),
        Verdict::Deviates(mismatches) => (mismatches, None),
        Verdict::NotShown(what) => (Vec::new(), Some(what)),
    }
}

/// Whether it came as often as it had to, stayed away when it had to, one connection at a time.
fn coming_and_going(
    case: &ClientCase,
    features: &Features,
    run: &ClientRun,
    n_requests: usize,
    say: &mut dyn FnMut(Option<usize>, String),
) {
    if case.script.is_some() {
        return script_ended(run, say);
    }
    let n_expected = case.n_requests();
    if !case.returns && n_requests > n_expected {
        say(
            Some(n_expected),
            "it came back, and had to stay away".to_owned(),
        );
    }
    // Nothing ends a connection that is held, so whoever says that it is over has left it.
    let is_over_by_design = !features.reconnects
        && !case.is_held()
        && run.reports().any(|report| *report == Report::End);
    if case.returns || n_requests < case.responses.len() {
        match run.end {
            RunEnd::Sentinel | RunEnd::Quiet | RunEnd::Early => (),
            RunEnd::GaveUp if is_over_by_design => (),
            RunEnd::GaveUp | RunEnd::Silent(_)
                if case.may_give_up && n_requests >= case.responses.len() => {}
            RunEnd::GaveUp => say(None, format!("it gave up{}", last_error(run))),
            RunEnd::Silent(waited) if n_requests < n_expected => say(
                Some(n_requests),
                format!("it did not come back within {:.1} s", waited.as_secs_f64()),
            ),
            RunEnd::Silent(waited) => say(
                None,
                format!(
                    "an event that followed did not come out within {:.1} s",
                    waited.as_secs_f64()
                ),
            ),
        }
    }
    for request in overlap::overlapping(run) {
        say(
            Some(request),
            "it opened a second connection beside one that was still open".to_owned(),
        );
    }
    let mut is_disconnected = false;
    for moment in &run.moments {
        match &moment.what {
            Happened::WaitedInVain(Gate::Events(n)) => say(
                None,
                format!("event {n} did not come out until more bytes followed"),
            ),
            Happened::WaitedInVain(Gate::Opens(n)) if features.event_source_api => say(
                None,
                format!("open {n} was not announced until bytes of the body came"),
            ),
            Happened::KeptOpen => say(
                None,
                "it kept the connection open after it was told to disconnect".to_owned(),
            ),
            Happened::Disconnected => is_disconnected = true,
            Happened::Reported(report)
                if is_disconnected
                    && (features.event_source_api || matches!(report, Report::Event(_))) =>
            {
                let what = listed(&[kind(report)].into_iter().flatten().collect::<Vec<_>>());
                say(
                    None,
                    format!("it reported {what} after it was told to disconnect"),
                );
            }
            _ => (),
        }
    }
}

fn script_ended(run: &ClientRun, say: &mut dyn FnMut(Option<usize>, String)) {
    match run.end {
        RunEnd::Sentinel | RunEnd::Quiet | RunEnd::Early => (),
        RunEnd::GaveUp => say(
            None,
            format!("its script threw an exception{}", last_error(run)),
        ),
        RunEnd::Silent(waited) => say(
            None,
            format!(
                "its script did not end within {:.1} s",
                waited.as_secs_f64()
            ),
        ),
    }
}

/// What the application heard up to the sentinel; where that has a connection of its own, this does not count.
fn heard(case: &ClientCase, run: &ClientRun) -> Vec<ExpectedReport> {
    let sentinel = run
        .reports()
        .position(|report| matches!(report, Report::Event(event) if is_sentinel(event, SENTINEL)));
    let reports = run.reports().take(sentinel.unwrap_or(usize::MAX));
    let mut heard: Vec<ExpectedReport> = reports.filter_map(kind).collect();
    let has_own_connection = sentinel.is_some() && !case.is_held();
    if has_own_connection && heard.last() == Some(&ExpectedReport::Open) && heard.len() > 1 {
        heard.pop();
    }
    heard
}

fn kind(report: &Report) -> Option<ExpectedReport> {
    match report {
        Report::Open => Some(ExpectedReport::Open),
        Report::Event(_) => Some(ExpectedReport::Event),
        Report::Error { fatal: false, .. } => Some(ExpectedReport::Error),
        Report::Error { fatal: true, .. } => Some(ExpectedReport::Fatal),
        Report::Comment(_) | Report::End => None,
    }
}

fn listed(reports: &[ExpectedReport]) -> String {
    let names = reports.iter().map(|report| match report {
        ExpectedReport::Open => "open",
        ExpectedReport::Event => "event",
        ExpectedReport::Error => "error",
        ExpectedReport::Fatal => "fatal error",
    });
    match names.collect::<Vec<_>>().join(", ") {
        nothing if nothing.is_empty() => "nothing".to_owned(),
        names => names,
    }
}

fn last_error(run: &ClientRun) -> String {
    let last = run.reports().filter_map(|report| match report {
        Report::Error { message, .. } => Some(message),
        _ => None,
    });
    last.last()
        .map(|message| format!(": {}", String::from_utf8_lossy(&message.0)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;

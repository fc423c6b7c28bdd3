//! The walk through a client adapter: one connection step by step, what it shows, what it offers, its end.

use std::time::{Duration, Instant};

use super::{Walk, shows_type};
use crate::case::Case;
use crate::case::client::{ClientAnswer, ClientCase, CloseOn, SENTINEL};
use crate::corpus::Corpus;
use crate::observation::client::{ClientRun, Report, RunEnd, is_sentinel};
use crate::observation::{Features, ObservedEvent, Text, View};
use crate::report::escape;
use crate::runner::rehearsal::Rehearsal;
use crate::script::{Ending, Response, Step};
use crate::target::adapter::Adapter;
use crate::verdict::{Mismatch, Verdict, client};

/// Connections at once.
const AT_ONCE: usize = 16;
/// Between two events, where the first one closes the connection.
const PAUSE: Duration = Duration::from_millis(300);
/// What takes more than one encoding unit, and what some take for the end of a line.
const TEXT: &str = "\u{20AC}\u{1F600}\u{2028}x";

/// A step that plays one connection, and what is made of the run.
struct Scene {
    /// What is played, where it could not be.
    what: &'static str,
    case: fn() -> ClientCase,
    /// What there is to be said of the run, or what is to be mended.
    judge: fn(&Features, &ClientRun) -> Result<Said, String>,
}

enum Said {
    /// The step is done.
    Right(&'static str),
    /// What may be the adapter's doing or the implementation's.
    Doubtful(&'static str),
}

const SCENES: &[Scene] = &[
    Scene {
        what: "with `closeOn`",
        case: two_events_of_which_the_first_closes,
        judge: closes,
    },
    Scene {
        what: "text outside ASCII",
        case: || plain(&format!("data: {TEXT}\n\n"), Ending::Hold),
        judge: keeps_text,
    },
    Scene {
        what: "two events",
        case: || {
            let stream = "data: a\n\nid: 7\n: c\nevent: add\ndata: a\n\n";
            plain(stream, Ending::Hold)
        },
        judge: shows,
    },
    Scene {
        what: "a stream that ends",
        case: || plain("retry: 20\ndata: a\n\n", Ending::Close),
        judge: comes_back,
    },
];

/// Something that an adapter may offer, and the case that shows whether it is there.
struct Offer {
    feature: &'static str,
    is_made: fn(&Features) -> bool,
    case: &'static str,
}

const OFFERS: &[Offer] = &[
    Offer {
        feature: "headers",
        is_made: |features| features.headers,
        case: "client/credentials/a-header-of-the-application-arrives",
    },
    Offer {
        feature: "post",
        is_made: |features| features.post,
        case: "client/post/the-method-and-the-body-arrive",
    },
    Offer {
        feature: "initialLastEventId",
        is_made: |features| features.initial_last_event_id,
        case: "client/initial-id/is-sent-in-the-first-request",
    },
    Offer {
        feature: "initialReconnectionTime",
        is_made: |features| features.initial_reconnection_time,
        case: "client/initial-time/is-waited-for-where-it-is-longer-than-most-defaults",
    },
    Offer {
        feature: "withCredentials",
        is_made: |features| features.with_credentials,
        case: "client/credentials/a-cookie-goes-along-over-a-redirect",
    },
    Offer {
        feature: "tls",
        is_made: |features| features.tls,
        case: "client/transport/over-tls-a-stream-is-a-stream",
    },
    Offer {
        feature: "http2",
        is_made: |features| features.http2,
        case: "client/transport/over-http2-a-stream-is-a-stream",
    },
    Offer {
        feature: "http2Cleartext",
        is_made: |features| features.http2_cleartext,
        case: "client/transport/over-cleartext-http2-a-stream-is-a-stream",
    },
];

impl Walk<'_> {
    pub(super) async fn client(
        &mut self,
        adapter: &Adapter,
        deadline: Duration,
    ) -> Result<(), String> {
        let rehearsal = Rehearsal::open(adapter, deadline).await?;
        let greeting = rehearsal.greeting().clone();
        self.greeted(&greeting)?;
        let features = &greeting.features;

        self.connects(&rehearsal, features).await?;
        for scene in SCENES {
            let run = play(&rehearsal, scene.what, &(scene.case)()).await?;
            match (scene.judge)(features, &run)? {
                Said::Right(sentence) => self.step(sentence),
                Said::Doubtful(sentence) => self.doubt(sentence),
            }
        }
        self.offers(&rehearsal, features).await?;
        self.many(&rehearsal).await?;

        let started = Instant::now();
        rehearsal.close().await;
        if adapter.browser.is_some() {
            // A page does not exit, and a browser takes its time.
            return Ok(());
        }
        self.exits_in_time(started)
    }

    async fn connects(&mut self, rehearsal: &Rehearsal, features: &Features) -> Result<(), String> {
        let mut attempt = rehearsal.connect().await?;
        let has_opened = attempt.event().await?;
        if features.event_source_api && !has_opened {
            return Err("`eventSourceApi` is offered, and no `open` came before the first `event`: report it when the implementation announces the connection".to_owned());
        }
        self.step(match has_opened {
            true => "it connects where it is told to, and reports `open` and then the event",
            false => "it connects where it is told to, and reports the event",
        });
        attempt.disconnect().await?;
        self.step("`disconnect` closes the connection, and nothing is reported after its answer");
        Ok(())
    }

    async fn offers(&mut self, rehearsal: &Rehearsal, features: &Features) -> Result<(), String> {
        let corpus = Corpus::embedded();
        for offer in OFFERS {
            let case = corpus.cases.iter().find(|case| case.id == offer.case);
            let case = case.and_then(Case::client);
            let case = case.filter(|_| (offer.is_made)(features));
            let Some(case) = case.filter(|case| client::not_shown(case, features).is_none()) else {
                continue;
            };
            let feature = offer.feature;
            let run = play(rehearsal, &format!("with `{feature}`"), case).await?;
            match client::judge(case, features, &run) {
                Verdict::Deviates(mismatches) => {
                    let what = match mismatches.first() {
                        Some(Mismatch::Exchange { sentence, .. }) => escape::prose(sentence),
                        _ => "its events differ".to_owned(),
                    };
                    return Err(format!(
                        "`{feature}` is offered, but {what} (case {}): pass it on, or leave the feature out",
                        offer.case
                    ));
                }
                _ => self.step(&format!("what it offers is there: `{feature}`")),
            }
        }
        Ok(())
    }
    async fn many(&mut self, rehearsal: &Rehearsal) -> Result<(), String> {
        let case = plain("data: a\n\n", Ending::Hold);
        let plays = (0..AT_ONCE).map(|_| play(rehearsal, "many connections at once", &case));
        for run in futures_util::future::join_all(plays).await {
            if events(&run?).len() != 1 {
                return Err(format!(
                    "of {AT_ONCE} connections at once some did not report their one event: give each its own state, by its handle"
                ));
            }
        }
        self.step(&format!("{AT_ONCE} connections at once"));
        Ok(())
    }
}

fn two_events_of_which_the_first_closes() -> ClientCase {
    let mut case = plain("data: a\n\n", Ending::Hold);
    (case.close_on, case.returns) = (Some(CloseOn::Event), false);
    // By then it is closed, whatever has been read ahead.
    let later = [Step::Pause(PAUSE), Step::Write(b"data: b\n\n".to_vec())];
    case.responses[0].steps.extend(later);
    case
}

fn closes(_: &Features, run: &ClientRun) -> Result<Said, String> {
    match events(run).len() {
        0 => Err("the second connection reported no event: report each connection under its own handle".to_owned()),
        1 => Ok(Said::Right("`closeOn` closes the connection inside the handler")),
        _ => Err("with `closeOn: event` the connection is closed inside that handler, and an event came out after it".to_owned()),
    }
}

fn keeps_text(_: &Features, run: &ClientRun) -> Result<Said, String> {
    let seen = events(run);
    let [event] = seen.as_slice() else {
        return Err(format!(
            "the stream held one event, and {} came",
            seen.len()
        ));
    };
    Ok(if event.data == Some(Text::from(TEXT)) {
        Said::Right("text outside ASCII comes back unchanged")
    } else {
        Said::Doubtful("text outside ASCII did not come back unchanged")
    })
}

/// Types, ids and comments.
fn shows(features: &Features, run: &ClientRun) -> Result<Said, String> {
    let seen = events(run);
    let [first, second] = seen.as_slice() else {
        return Err(format!(
            "the stream held two events, `message` and `add`, and {} came: listen for every type in `listen`",
            seen.len()
        ));
    };
    shows_type(features, first)?;
    if second.event_type != Some(Text::from("add")) {
        return Err("an event of the type `add` came with another".to_owned());
    }
    let id = second.last_event_id.as_ref();
    let is_7 = id == Some(&Text::from("7"));
    let has_comment = run.reports().any(|r| matches!(r, Report::Comment(_)));
    match (features.last_event_id, features.comments) {
        (View::None, _) if id.is_some_and(|id| !id.0.is_empty()) => Err(
            "events carry `lastEventId`, but the feature is not offered: add it, or leave it out"
                .to_owned(),
        ),
        (View::Stream | View::Block, _) if !is_7 => Err(
            "`lastEventId` is offered, but the event of a block with `id: 7` did not carry it"
                .to_owned(),
        ),
        (_, true) if !has_comment => Err(
            "`comments` is offered, but no `comment` came of a line that starts with a colon"
                .to_owned(),
        ),
        (_, false) if has_comment => Err(
            "a `comment` came, but the feature `comments` is not offered: add it, or leave it out"
                .to_owned(),
        ),
        _ => Ok(Said::Right("what it says it shows, it shows")),
    }
}

fn comes_back(features: &Features, run: &ClientRun) -> Result<Said, String> {
    let has_come_back = run.requests().nth(1).is_some();
    match (features.reconnects, has_come_back, run.end) {
        (true, true, RunEnd::Sentinel) => Ok(Said::Right("it comes back after a stream that has ended")),
        (true, ..) => Err("`reconnects` is offered, and it did not come back after a stream that had ended".to_owned()),
        (false, true, _) => Err("it came back after a stream that had ended: offer `reconnects`, unless that was the adapter's doing".to_owned()),
        (false, false, RunEnd::GaveUp) => Ok(Said::Right("it reports that a stream has ended")),
        (false, false, _) => Err("`reconnects` is not offered, so `end`, or a fatal `error`, has to be reported when the stream is over, and was not".to_owned()),
    }
}

async fn play(rehearsal: &Rehearsal, what: &str, case: &ClientCase) -> Result<ClientRun, String> {
    let played = rehearsal.play(case).await;
    played.map_err(|sentence| format!("{what}: {sentence}"))
}

/// The events up to the one that ends a case.
fn events(run: &ClientRun) -> Vec<&ObservedEvent> {
    let events = run.reports().filter_map(|report| match report {
        Report::Event(event) => Some(event),
        _ => None,
    });
    events
        .take_while(|event| !is_sentinel(event, SENTINEL))
        .collect()
}

/// A stream on the first connection, of which nothing is expected but what follows it.
fn plain(stream: &str, then: Ending) -> ClientCase {
    let response = Response::stream([stream.as_bytes().to_vec()], then);
    ClientCase::new(vec![response], vec![ClientAnswer::default()])
}

//! The walk through a server adapter: a request, events at their pace, what it says it offers, its end.

use std::time::{Duration, Instant};

use super::Walk;
use crate::case::server::{Check, Emitted, Pace, Reading, Retry, ServerCase, Then};
use crate::observation::server::{Offers, ServerRun};
use crate::observation::{Features, View};
use crate::report::escape;
use crate::runner;
use crate::target::adapter::Adapter;
use crate::target::conversation::Conversation;
use crate::target::server_message::ServerReport;
use crate::verdict::{Mismatch, Verdict, server};

/// Streams at once, unless the adapter offers fewer.
const AT_ONCE: usize = 8;

impl Walk<'_> {
    pub(super) async fn server(
        &mut self,
        adapter: &Adapter,
        deadline: Duration,
    ) -> Result<(), String> {
        let conversation = Conversation::open_server(adapter, deadline).await?;
        let greeting = conversation.greeting.clone();
        self.greeted(&greeting)?;
        let features = &greeting.features;
        let stage = Stage {
            conversation: &conversation,
            features,
            deadline,
        };

        let run = stage.play("one event", &plain(&["a"])).await?;
        let side = &run.sides[0];
        if side.request.is_none() {
            return Err("a client asked, and no `request` came: notify it in the handler, before the stream is opened".to_owned());
        }
        stage.judge("one event", &plain(&["a"]), &run)?;
        self.step("a client asks, the application is told, and its event arrives");

        let mut case = plain(&["a", "b"]);
        case.checks = vec![Check::Ends];
        stage.ask("a stream that ends", &case).await?;
        self.step("with `end: close` the stream ends after its last event");

        let mut case = plain(&["a", "b", "c"]);
        case.pace = Pace::Asked;
        let run = stage.play("events at the harness's pace", &case).await?;
        stage.judge("events at the harness's pace", &case, &run)?;
        self.step("with `pace: asked` each event comes when `emit` asks for it");

        let mut case = plain(&["a"]);
        case.then = Then::Hold;
        let run = stage.play("a stream that is held open", &case).await?;
        if run.sides[0].came_late {
            // A proxy or a buffer in front of the implementation, which is nothing that an adapter could mend.
            self.step("with `end: hold` the stream stays open until `stop`; nothing of it came before, so something holds it back");
        } else {
            stage.judge("a stream that is held open", &case, &run)?;
            self.step("with `end: hold` the stream stays open until `stop`");
        }

        stage
            .ask("everything it offers", &everything(&features.offers))
            .await?;
        self.step("what `fields` offers arrives");

        stage.last_event_id().await?;
        if features.offers.disconnects {
            stage.disconnects().await?;
            self.step("it tells when a client has left");
        }
        stage.answers(self).await?;
        let n_streams = features.offers.at_once.unwrap_or(AT_ONCE).min(AT_ONCE);
        let case = plain(&["a", "b"]);
        let plays = (0..n_streams).map(|_| stage.ask("several streams at once", &case));
        for played in futures_util::future::join_all(plays).await {
            played?;
        }
        self.step(&format!("{n_streams} streams at once"));

        let started = Instant::now();
        conversation.close().await;
        self.exits_in_time(started)
    }
}

struct Stage<'a> {
    conversation: &'a Conversation<ServerReport>,
    features: &'a Features,
    deadline: Duration,
}

impl Stage<'_> {
    async fn play(&self, what: &str, case: &ServerCase) -> Result<ServerRun, String> {
        let played = runner::rehearse(self.conversation, case, self.deadline).await;
        played.map_err(|sentence| format!("{what}: {sentence}"))
    }

    /// What goes wrong with plain values is the adapter's, until shown otherwise.
    fn judge(&self, what: &str, case: &ServerCase, run: &ServerRun) -> Result<(), String> {
        let Verdict::Deviates(mismatches) = server::judge(case, run) else {
            return Ok(());
        };
        let sentence = match mismatches.first() {
            Some(Mismatch::Emitted { sentence, .. } | Mismatch::Exchange { sentence, .. }) => {
                escape::prose(sentence)
            }
            _ => String::new(),
        };
        Err(format!("{what}: {sentence}"))
    }

    async fn ask(&self, what: &str, case: &ServerCase) -> Result<(), String> {
        let run = self.play(what, case).await?;
        self.judge(what, case, &run)
    }

    async fn last_event_id(&self) -> Result<(), String> {
        let mut case = plain(&["a"]);
        case.headers = vec![("last-event-id".to_owned(), b"7".to_vec())];
        let run = self.play("a request with Last-Event-ID: 7", &case).await?;
        let shown = run.sides[0].request.clone().flatten();
        match (self.features.last_event_id, shown) {
            (View::None, Some(_)) => Err("`request` carries `lastEventId`, but the feature is not offered: add it, or leave it out".to_owned()),
            (View::None, None) => Ok(()),
            (_, Some(id)) if id.0 == b"7" => Ok(()),
            _ => Err("`lastEventId` is offered, but `request` did not carry the 7 that was sent".to_owned()),
        }
    }

    /// What the application says of its answer, where it can.
    async fn answers(&self, walk: &mut Walk<'_>) -> Result<(), String> {
        if self.features.offers.headers {
            let mut case = plain(&["a"]);
            case.answer_headers = vec![("x-application".to_owned(), "a".to_owned())];
            case.checks = vec![Check::Headers];
            self.ask("a header of the application", &case).await?;
            walk.step("the application sets a header of its answer");
        }
        if self.features.offers.status {
            let mut case = plain(&[]);
            case.status = Some(503);
            case.checks = vec![Check::Refusal];
            self.ask("a status of the application", &case).await?;
            walk.step("the application answers with a status in place of a stream");
        }
        Ok(())
    }

    async fn disconnects(&self) -> Result<(), String> {
        let mut case = plain(&["a"; 60]);
        (case.pace, case.then) = (Pace::Asked, Then::Hold);
        case.reading = Reading::LeavesActive;
        if self.features.offers.headers {
            // What stands in front and buffers would notice that a client has left only when its buffers are full.
            case.answer_headers = vec![("x-accel-buffering".to_owned(), "no".to_owned())];
        }
        let run = self.play("a client that leaves", &case).await?;
        match run.sides[0].noticed {
            Some(_) => Ok(()),
            None => Err("`disconnects` is offered, but no `disconnected` came within 5 s after the client had left, though events were emitted".to_owned()),
        }
    }
}

fn plain(data: &[&str]) -> ServerCase {
    let event = |data: &&str| Emitted {
        data: Some((*data).to_owned()),
        ..Emitted::default()
    };
    ServerCase::new(data.iter().map(event).collect(), Vec::new())
}

/// An event with every field that the interface has.
fn everything(offers: &Offers) -> ServerCase {
    let text = |is_offered: bool, text: &str| is_offered.then(|| text.to_owned());
    let mut case = plain(&["a"]);
    let event = &mut case.events[0];
    event.event_type = text(offers.event_type, "add");
    event.id = text(offers.id, "7");
    event.retry = offers.retry.then_some(Retry::Number(2500));
    event.comment = text(offers.comment, "c");
    if offers.without_data && offers.id {
        case.events.push(Emitted {
            id: Some("8".to_owned()),
            ..Emitted::default()
        });
    }
    case
}

//! A client adapter by itself, one connection at a time: for whoever looks at the adapter, and not at a report.

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;

use super::client;
use super::lag::Lag;
use super::patience::Patience;
use super::play::{self, Unplayed};
use crate::case::client::ClientCase;
use crate::observation::client::{ClientRun, Report};
use crate::observation::{ObservedEvent, Text};
use crate::origin::{Fact, Origin, Playing, Told};
use crate::script::{Ending, Gate, Response, Script, Step, Transport};
use crate::target::adapter::Adapter;
use crate::target::client::Client;
use crate::target::client_message::Connect;
use crate::target::conversation::{Reported, Unanswered};
use crate::target::message::Greeting;
use crate::target::process::Silence;
use crate::target::session::{Trouble, with_log};

/// A target that waits longer of its own accord is not waited for.
const LONGEST_OWN_DELAY: Duration = Duration::from_secs(10);
/// Once a connection is closed, nothing may be reported for so long.
const QUIET: Duration = Duration::from_millis(500);
/// A closed connection may take so long to be seen as closed.
const UNTIL_LEFT: Duration = Duration::from_secs(2);

/// A client adapter that has greeted, and the server that it connects to.
pub struct Rehearsal {
    client: Client,
    origin: Origin,
    lag: Lag,
    patience: Patience,
    deadline: Duration,
}

impl Rehearsal {
    /// Starts both.
    ///
    /// # Errors
    ///
    /// One sentence.
    pub async fn open(adapter: &Adapter, deadline: Duration) -> Result<Self, String> {
        let (origin, client, lag) = client::meet(adapter, deadline).await?;
        Ok(Self {
            origin,
            client,
            lag,
            patience: Patience {
                own_delay: Some(LONGEST_OWN_DELAY),
                short_delay: Duration::ZERO,
                deadline,
            },
            deadline,
        })
    }

    /// What the adapter said of itself.
    pub fn greeting(&self) -> &Greeting {
        self.client.greeting()
    }

    /// Plays a case.
    ///
    /// # Errors
    ///
    /// One sentence: there is nothing to judge.
    pub async fn play(&self, case: &ClientCase) -> Result<ClientRun, String> {
        let case = case.for_target(self.greeting().features.reconnects);
        let play = play::play(&self.origin, &self.client, &case, self.patience, &self.lag);
        play.await.map_err(|unplayed| match unplayed {
            Unplayed::Error(sentence) => sentence,
            Unplayed::Over(trouble) => with_log(trouble.to_string(), &self.client.log()),
        })
    }

    /// Has the adapter connect to a stream of one event, which is then held open.
    ///
    /// # Errors
    ///
    /// One sentence: `connect` was not answered as it has to be.
    pub async fn connect(&self) -> Result<Attempt<'_>, String> {
        let event = |data: &str| Step::Write(format!("data: {data}\n\n").into_bytes());
        let mut response = Response::stream([], Ending::Hold);
        response.steps = vec![event("a"), Step::Gate(Gate::Disconnect), event("b")];
        let playing = self.origin.play(Script {
            afterwards: response.clone(),
            responses: vec![response],
            refusals: Vec::new(),
            transport: Transport::Plain,
        });
        let params = Connect {
            connection: "first".to_owned(),
            url: playing.url.clone(),
            listen: vec!["message".to_owned()],
            ..Connect::default()
        };
        let reports = self
            .client
            .connect(&params)
            .await
            .map_err(|why| self.unanswered("connect", "and connect then", why))?;
        Ok(Attempt {
            rehearsal: self,
            connection: params.connection,
            playing,
            reports,
            go_on: None,
            has_asked: false,
            has_opened: false,
        })
    }

    /// Ends the conversation.
    pub async fn close(self) {
        self.client.close().await;
    }

    fn unanswered(&self, request: &str, advice: &str, why: Unanswered) -> String {
        match why {
            Unanswered::Refused(why) => format!("its answer to `{request}`: {why}"),
            Unanswered::Over(Trouble::Silence(Silence::Hung { .. })) => format!(
                "`{request}` got no answer within {:.0} s: answer {{}}, {advice}",
                self.deadline.as_secs_f64()
            ),
            Unanswered::Over(trouble) => {
                let sentence = format!("asked to `{request}`: {trouble}");
                with_log(sentence, &self.client.log())
            }
        }
    }

    /// Why no more is reported, where that was not to be.
    fn over(&self) -> String {
        let trouble = self.client.over();
        let trouble = trouble.map_or("it stopped reporting".to_owned(), |why| why.to_string());
        with_log(trouble, &self.client.log())
    }
}

/// A connection that is looked at step by step.
pub struct Attempt<'a> {
    rehearsal: &'a Rehearsal,
    connection: String,
    playing: Playing,
    reports: mpsc::UnboundedReceiver<Reported>,
    /// Lets the second event go, once it was told to disconnect.
    go_on: Option<oneshot::Sender<()>>,
    has_asked: bool,
    has_opened: bool,
}

impl Attempt<'_> {
    /// Waits for the first event. Returns whether an open came before it.
    ///
    /// # Errors
    ///
    /// One sentence: something else came, or nothing.
    pub async fn event(&mut self) -> Result<bool, String> {
        let ends_at = Instant::now() + self.rehearsal.deadline;
        loop {
            tokio::select! {
                Some(Told { fact, .. }) = self.playing.facts.recv() => match fact {
                    Fact::Asked(_) if self.has_asked => return Err(
                        "it asked twice for one `connect`: connect once, since coming back is the implementation's business".to_owned()
                    ),
                    Fact::Asked(_) => self.has_asked = true,
                    Fact::Gate(_, go_on) => self.go_on = Some(go_on),
                    Fact::Left => return Err(
                        "it left a stream that was held open, and was not told to disconnect".to_owned()
                    ),
                    _ => (),
                },
                reported = self.reports.recv() => match reported {
                    Some((_, Report::Open)) => self.has_opened = true,
                    Some((_, Report::Event(event))) => return self.first_event(&event).await,
                    Some((_, Report::Comment(_))) => (),
                    Some((_, report)) => return Err(self.elsewhere().unwrap_or_else(|| format!(
                        "the stream held one event and stayed open, and it reported {}", told(&report)
                    ))),
                    None => return Err(self.rehearsal.over()),
                },
                () = sleep_until(ends_at.into()) => return Err(self.nothing()),
            }
        }
    }

    /// Tells it to disconnect, and waits for what may not come after that.
    ///
    /// # Errors
    ///
    /// One sentence: it was not answered, the connection stayed open, or something was reported.
    pub async fn disconnect(mut self) -> Result<(), String> {
        let rehearsal = self.rehearsal;
        let advice = "once the implementation was told to close";
        let answered = rehearsal.client.disconnect(&self.connection).await;
        let answered = answered.map_err(|why| rehearsal.unanswered("disconnect", advice, why))?;
        // An event more for who still reads.
        drop(self.go_on.take());
        let mut has_left = false;
        loop {
            let until = if has_left { QUIET } else { UNTIL_LEFT };
            let until = answered + until + rehearsal.lag.allowance();
            tokio::select! {
                Some(Told { fact, .. }) = self.playing.facts.recv() => match fact {
                    Fact::Left => has_left = true,
                    Fact::Gate(_, go_on) => _ = go_on.send(()),
                    // The first request may be told of after the event that answered it.
                    Fact::Asked(_) if !std::mem::replace(&mut self.has_asked, true) => (),
                    Fact::Asked(_) => return Err(
                        "it came back after its answer to `disconnect`".to_owned()
                    ),
                    _ => (),
                },
                reported = self.reports.recv() => match reported {
                    // What was said before the answer counts as said in time.
                    Some((at, _)) if at <= answered => (),
                    Some((_, report)) => return Err(format!(
                        "it reported {} after its answer to `disconnect`: report nothing for a connection that was closed", told(&report)
                    )),
                    None => return Err(rehearsal.over()),
                },
                () = sleep_until(until.into()) => break,
            }
        }
        rehearsal.client.forget(&self.connection);
        if has_left {
            return Ok(());
        }
        Err("it keeps its connection open after its answer to `disconnect`: close it as an application would".to_owned())
    }

    async fn first_event(&mut self, event: &ObservedEvent) -> Result<bool, String> {
        let data = event.data.as_ref().and_then(Text::as_str);
        if data != Some("a") {
            return Err(format!(
                "the stream held an event with the data \"a\", and it reported one with {data:?}"
            ));
        }
        if self.has_opened {
            return Ok(true);
        }
        let until = Instant::now() + QUIET;
        loop {
            tokio::select! {
                Some(Told { fact, .. }) = self.playing.facts.recv() => {
                    match fact {
                        Fact::Gate(_, go_on) => self.go_on = Some(go_on),
                        Fact::Asked(_) => self.has_asked = true,
                        _ => (),
                    }
                }
                Some((_, report)) = self.reports.recv() => {
                    if report == Report::Open {
                        return Err("`event` came before `open`: report each when the implementation tells of it, in that order".to_owned());
                    }
                }
                () = sleep_until(until.into()) => return Ok(false),
            }
        }
    }

    /// What is missing, where nothing came in time.
    fn nothing(&self) -> String {
        let seconds = self.rehearsal.deadline.as_secs_f64();
        if self.has_asked {
            return format!(
                "the stream held one event, and no `event` was reported within {seconds:.0} s: listen for its type, and write each line out at once"
            );
        }
        self.elsewhere().unwrap_or_else(|| {
            let url = &self.playing.url;
            format!(
                "it was told to connect to {url}, and did not within {seconds:.0} s: connect once `connect` is answered"
            )
        })
    }

    /// What it has asked for instead, if it has.
    fn elsewhere(&self) -> Option<String> {
        let strays = self.rehearsal.origin.strays();
        let url = &self.playing.url;
        strays.last().map(|stray| {
            format!("it was told to connect to {url}, and asked for another path: {stray}; take the whole `url`")
        })
    }
}

fn told(report: &Report) -> String {
    match report {
        Report::Open => "`open`".to_owned(),
        Report::Event(_) => "an `event`".to_owned(),
        Report::Comment(_) => "a `comment`".to_owned(),
        Report::Error { fatal, message } => {
            let kind = if *fatal {
                "a fatal `error`"
            } else {
                "an `error`"
            };
            format!("{kind} ({})", String::from_utf8_lossy(&message.0))
        }
        Report::End => "`end`".to_owned(),
    }
}

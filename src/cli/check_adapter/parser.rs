//! The walk through a parser adapter: streams and chunks, what it shows, many requests at once, its end.

use std::time::{Duration, Instant};

use super::{Walk, shows_type};
use crate::clause::Role;
use crate::delivery::{Cutting, Delivery};
use crate::observation::{Features, Number, Parsed, Text, View};
use crate::report::escape;
use crate::target::adapter::Adapter;
use crate::target::message::Answered;
use crate::target::session::{Answer, Job, Session};

impl Walk<'_> {
    pub(super) async fn parser(
        &mut self,
        adapter: &Adapter,
        deadline: Duration,
    ) -> Result<(), String> {
        let mut session = Session::open(&adapter.command, Role::Parser, deadline).await?;
        let greeting = session.greeting.clone();
        self.greeted(&greeting)?;
        let features = &greeting.features;

        let parsed = ask(&mut session, &[b""]).await?;
        if !parsed.events.is_empty() {
            return Err(
                "an empty stream gave events: does the adapter reset between two `parse` requests?"
                    .to_owned(),
            );
        }
        self.step("an empty stream gives no events");

        let parsed = ask(&mut session, &[b"data: a\n\n"]).await?;
        expect_data(&parsed, &["a"], "`data: a` and a blank line")?;
        shows_type(features, &parsed.events[0])?;
        self.step("one event arrives with its data and type");

        let parsed = ask(&mut session, &[b"da", b"ta: a\n", b"", b"\ndata: b\n\n"]).await?;
        expect_data(
            &parsed,
            &["a", "b"],
            "two events in four chunks, one of them empty",
        )?;
        self.step("chunks are fed one after the other");

        self.text(&mut session).await?;
        self.features(&mut session, features).await?;
        self.pipelining(&mut session).await?;

        let started = Instant::now();
        session.close().await;
        self.exits_in_time(started)
    }

    async fn text(&mut self, session: &mut Session) -> Result<(), String> {
        let parsed = ask(
            session,
            &["data: \u{20AC}\u{1F600}\u{2028}x\n\n".as_bytes()],
        )
        .await?;
        expect_data(
            &parsed,
            &["\u{20AC}\u{1F600}\u{2028}x"],
            "data outside ASCII",
        )?;
        self.step("text outside ASCII comes back unchanged");
        Ok(())
    }

    async fn features(&mut self, session: &mut Session, features: &Features) -> Result<(), String> {
        let parsed = ask(session, &[b"id: 7\nretry: 1234\nevent: x\ndata: a\n\n"]).await?;
        expect_data(&parsed, &["a"], "an event with id, retry and event")?;
        let event = &parsed.events[0];
        if features.last_event_id != View::None && event.last_event_id != Some(Text::from("7")) {
            return Err(
                "`lastEventId` is offered, but the event of a block with `id: 7` did not carry it"
                    .to_owned(),
            );
        }
        if features.last_event_id == View::None && event.last_event_id.is_some() {
            return Err("events carry `lastEventId`, but the feature is not offered: add it, or leave it out".to_owned());
        }
        let is_1234 = |time: &Option<Number>| time.as_ref().is_some_and(|t| t.as_str() == "1234");
        match features.reconnection_time {
            View::Stream if !is_1234(&parsed.reconnection_time) => {
                return Err(
                    "`reconnectionTime` is \"stream\", but the answer to `retry: 1234` has no \
                            `reconnectionTime` of 1234 beside `events`"
                        .to_owned(),
                );
            }
            View::Block if !is_1234(&event.reconnection_time) => {
                return Err("`reconnectionTime` is \"block\", but the event of a block with `retry: 1234` did not carry it"
                    .to_owned());
            }
            _ => (),
        }
        if features.progress {
            let parsed = ask(session, &[b"data: a\n\n", b"data: b\n\n"]).await?;
            expect_data(&parsed, &["a", "b"], "two events in two chunks")?;
            if parsed
                .events
                .iter()
                .any(|event| event.chunk.is_none_or(|chunk| chunk > 2))
            {
                return Err("`progress` is offered, but an event has no `chunk`, or one beyond the number of chunks".to_owned());
            }
        }
        self.step("what it says it shows, it shows");
        Ok(())
    }

    async fn pipelining(&mut self, session: &mut Session) -> Result<(), String> {
        const N: usize = 500;
        let mut n_wrong = 0;
        let mut n_answers = 0;
        let mut jobs = (0..N).map(|case| Job {
            case,
            place: 0,
            delivery: Delivery::whole(format!("data: {case}\n\n").into_bytes().into()),
        });
        let mut record = |job: &Job, answer: Answer| {
            n_answers += 1;
            let is_right = answer.is_ok_and(|Answered { parsed, .. }| {
                parsed.events.len() == 1
                    && parsed.events[0].data == Some(Text::from(job.case.to_string()))
            });
            n_wrong += usize::from(!is_right);
            true
        };
        let started = Instant::now();
        session
            .ask_all(&mut jobs, &mut record)
            .await
            .map_err(|failure| format!("of many requests at once: {}", failure.trouble))?;
        let per_second = N as f64 / started.elapsed().as_secs_f64();
        if n_wrong > 0 || n_answers != N {
            return Err(format!(
                "{n_wrong} of {N} requests sent at once got another request's answer: copy each `id`"
            ));
        }
        let how = if session.greeting.features.batch {
            "parseAll"
        } else {
            "parse"
        };
        self.step(&format!(
            "{N} streams at once through `{how}`, about {per_second:.0} a second"
        ));
        Ok(())
    }
}

async fn ask(session: &mut Session, chunks: &[&[u8]]) -> Result<Parsed, String> {
    let mut cuts: Vec<usize> = chunks
        .iter()
        .scan(0, |end, chunk| {
            *end += chunk.len();
            Some(*end)
        })
        .collect();
    cuts.pop();
    let delivery = Delivery::new(Cutting::AsWritten, chunks.concat().into(), cuts);
    let shown = escape::bytes(&chunks.concat());
    let answer = session
        .ask(&delivery)
        .await
        .map_err(|trouble| format!("asked for {shown}: {trouble}"))?;
    let Answered { parsed, .. } =
        answer.map_err(|sentence| format!("asked for {shown}: {sentence}"))?;
    match &parsed.error {
        Some(error) => Err(format!(
            "asked for {shown}: the implementation raised {}",
            escape::text(error)
        )),
        None => Ok(parsed),
    }
}

fn expect_data(parsed: &Parsed, expected: &[&str], what: &str) -> Result<(), String> {
    let data: Vec<Option<&str>> = parsed
        .events
        .iter()
        .map(|event| event.data.as_ref().and_then(Text::as_str))
        .collect();
    if data == expected.iter().map(|data| Some(*data)).collect::<Vec<_>>() {
        return Ok(());
    }
    Err(format!(
        "{what} must give the data {expected:?}, and gave {data:?}"
    ))
}

//! `ssespec check-adapter`: walks the author of an adapter through its first mistakes, one sentence each.

mod client;
mod server;

use std::io::Write;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};

use crate::clause::Role;
use crate::delivery::{Cutting, Delivery};
use crate::observation::{EventTypeView, Features, Parsed, Text, View};
use crate::report::escape;
use crate::target::adapter::Adapter;
use crate::target::message::{Answered, Greeting};
use crate::target::session::{Answer, Job, Session};
use crate::target::setup;

/// The flags of `ssespec check-adapter`.
#[derive(Debug, Parser)]
pub struct Args {
    /// A folder with adapter.yaml, or the name of an adapter below ./adapters
    target: Option<String>,
    /// In which role [default: the first that it has]
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
    /// Seconds for each answer
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    timeout: f64,
    /// A program that speaks the adapter protocol, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    Parser,
    Client,
    Server,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Parser => Self::Parser,
            RoleArg::Client => Self::Client,
            RoleArg::Server => Self::Server,
        }
    }
}

/// Runs the command: 0 if the adapter is ready, 1 if something is to be mended.
///
/// # Errors
///
/// One sentence where there is no adapter to check.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let mut adapter = match (&args.target, args.command.as_slice()) {
        (Some(target), []) => Adapter::find(target)?,
        (None, [_, ..]) => Adapter::from_command(&args.command),
        _ => return Err("name one adapter, or give its command after `--`".to_owned()),
    };
    if !(args.timeout > 0.0 && args.timeout < 1e6) {
        return Err("--timeout takes a positive number of seconds".to_owned());
    }
    if let (Some(role), None) = (args.role, &adapter.folder) {
        adapter.roles = vec![role.into()];
    }
    let role = args.role.map_or(adapter.roles[0], Role::from);
    if !adapter.roles.contains(&role) {
        return Err(format!(
            "`{}` does not have the role that is to be checked",
            adapter.name
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime cannot start: {error}"))?;
    let mut walk = Walk { out, n_steps: 0 };
    let ended = runtime.block_on(walk.all(&adapter, role, Duration::from_secs_f64(args.timeout)));
    let (text, code) = match ended {
        Ok(()) => (
            format!(
                "{} steps, nothing to mend. Next: ssespec run {}",
                walk.n_steps,
                rerun(args, role)
            ),
            0,
        ),
        Err(sentence) => (format!("to mend: {sentence}"), 1),
    };
    _ = writeln!(walk.out, "{text}");
    Ok(code)
}

fn rerun(args: &Args, role: Role) -> String {
    let role = match role {
        Role::Client => "--role client ",
        Role::Server => "--role server ",
        _ => "",
    };
    match &args.target {
        Some(target) => format!("{role}{target}"),
        None => format!("{role}-- {}", args.command.join(" ")),
    }
}

struct Walk<'a> {
    out: &'a mut dyn Write,
    n_steps: usize,
}

impl Walk<'_> {
    fn step(&mut self, sentence: &str) {
        self.n_steps += 1;
        _ = writeln!(self.out, "ok  {sentence}");
        _ = self.out.flush();
    }

    /// Says what may be the adapter's doing or the implementation's, and goes on.
    fn doubt(&mut self, sentence: &str) {
        let whose =
            "mend it if that is the adapter's doing; the implementation's is for a run to show";
        _ = writeln!(self.out, "??  {sentence}: {whose}");
    }

    /// Each step builds on the one before, so the walk ends at the first mistake.
    async fn all(
        &mut self,
        adapter: &Adapter,
        role: Role,
        deadline: Duration,
    ) -> Result<(), String> {
        if let Some(tool) = setup::missing_tool(adapter) {
            return Err(format!(
                "adapter.yaml requires `{tool}`, which is not on the PATH"
            ));
        }
        setup::prepare(adapter, false).await?;
        self.step("required programs are there, set-up and build succeed");

        match role {
            Role::Client => return self.client(adapter, deadline).await,
            Role::Server => return self.server(adapter, deadline).await,
            Role::Parser | Role::Browser => (),
        }
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
        let event_type = parsed.events[0].event_type.as_ref().and_then(Text::as_str);
        match (features.event_type, event_type) {
            (EventTypeView::Default, Some("message"))
            | (EventTypeView::Raw, None | Some("" | "message")) => (),
            (EventTypeView::Default, None | Some("")) => {
                return Err("an event without a type came without one; if the implementation leaves it out, \
                            say so: features {\"eventType\": \"raw\"}"
                    .to_owned());
            }
            (_, Some(other)) => {
                return Err(format!(
                    "an event without a type came with the type `{}`",
                    escape::prose(other)
                ));
            }
        }
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

    fn greeted(&mut self, greeting: &Greeting) -> Result<(), String> {
        self.step(&format!(
            "it starts and answers `initialize`: {} {} ({})",
            escape::prose(&greeting.implementation),
            escape::prose(&greeting.version),
            escape::prose(&greeting.language),
        ));
        if greeting.version.is_empty() {
            return Err("`version` is empty: read it from the installed package".to_owned());
        }
        Ok(())
    }

    fn exits_in_time(&mut self, started: Instant) -> Result<(), String> {
        if started.elapsed() > Duration::from_millis(450) {
            return Err(
                "it did not exit within half a second of `shutdown`: answer {} and exit".to_owned(),
            );
        }
        self.step("it exits on `shutdown`");
        Ok(())
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
        let is_1234 = |time: &Option<crate::observation::Number>| {
            time.as_ref().is_some_and(|t| t.as_str() == "1234")
        };
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

//! `ssespec check-adapter`: walks the author of an adapter through its first mistakes, one sentence each.

mod client;
mod parser;
mod server;

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Parser;

use super::flags::{self, RoleArg};
use super::runtime;
use crate::clause::Role;
use crate::observation::{EventTypeView, Features, ObservedEvent, Text};
use crate::report::{command, escape};
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;
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
    if let (Some(role), None) = (args.role, &adapter.folder) {
        adapter.roles = vec![role.into()];
    }
    let deadline = flags::deadline(args.timeout)?;
    let role = args.role.map_or(adapter.roles[0], Role::from);
    if !adapter.roles.contains(&role) {
        return Err(format!(
            "`{}` does not have the role that is to be checked",
            adapter.name
        ));
    }
    let runtime = runtime()?;
    let mut walk = Walk { out, n_steps: 0 };
    let ended = runtime.block_on(walk.all(&adapter, role, deadline));
    let (text, code) = match ended {
        Ok(()) => (
            format!(
                "{} steps, nothing to mend. Next: ssespec run {}",
                walk.n_steps,
                rerun(&adapter, role)
            ),
            0,
        ),
        Err(sentence) => (format!("to mend: {sentence}"), 1),
    };
    _ = writeln!(walk.out, "{text}");
    Ok(code)
}

fn rerun(adapter: &Adapter, role: Role) -> String {
    let role = match role {
        Role::Client => "--role client ",
        Role::Server => "--role server ",
        _ => "",
    };
    format!("{role}{}", command::target_words(&adapter.asked_as, ""))
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
            Role::Client => self.client(adapter, deadline).await,
            Role::Server => self.server(adapter, deadline).await,
            Role::Parser | Role::Browser => self.parser(adapter, deadline).await,
        }
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
}

/// Whether the event of a block without a type comes as the adapter says that it shows it.
fn shows_type(features: &Features, event: &ObservedEvent) -> Result<(), String> {
    let event_type = event.event_type.as_ref().and_then(Text::as_str);
    match (features.event_type, event_type) {
        (_, None | Some("message")) | (EventTypeView::Raw, Some("")) => Ok(()),
        (EventTypeView::Default, Some("")) => Err(
            "an event without a type came with an empty one; if the implementation shows it so, say it: features {\"eventType\": \"raw\"}"
                .to_owned(),
        ),
        (_, Some(other)) => Err(format!(
            "an event without a type came with the type `{}`",
            escape::prose(other)
        )),
    }
}

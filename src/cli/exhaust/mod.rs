//! `ssespec exhaust`: every stream of up to so many tokens, through a target or our own three parsers.

mod search;
mod shown;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{flags, literal, n_cores, runtime, targets};
use crate::clause::Role;
use crate::exhaust::Plan;
use crate::exhaust::state::State;
use crate::report::escape;
use crate::target::adapter::Adapter;
use crate::target::setup;

/// What `ssespec exhaust` takes.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// `reference`: our parser, the literal one and the model, in this process; else a folder with adapter.yaml, or the
    /// name of an adapter below ./adapters
    #[arg(value_name = "TARGET", required_unless_present = "command")]
    target: Option<String>,
    /// How many tokens a stream has at most
    #[arg(long, value_name = "N")]
    depth: usize,
    /// The tokens, between spaces, with the escapes of `parse --stream`; a space is \x20 [default: 16 that reach every
    /// rule of the standard]
    #[arg(long, value_name = "TOKENS")]
    alphabet: Option<String>,
    /// Leave out the probe, `\ndata:P\n\n`, that is tried after each stream to make its state show
    #[arg(long)]
    no_probe: bool,
    /// Search the Kth of N shares only
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Keep in FILE how far the search is, and go on from there if it exists
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Threads, or processes of the target [default: as many as there are cores, or half as many]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Do not install dependencies
    #[arg(long)]
    no_setup: bool,
    /// Seconds for each answer
    #[arg(
        long,
        value_name = "S",
        default_value_t = 10.0,
        hide_default_value = true
    )]
    timeout: f64,
    /// The target as a program that speaks the adapter protocol, with its arguments
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "target")]
    command: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  ssespec exhaust reference --depth 6
  ssespec exhaust httpx-sse --depth 3
  ssespec exhaust --depth 5 --alphabet 'data: \\n \\r a' -- node adapter.mjs

Exit codes: 0 equal on every stream; 1 a difference; 2 not every stream could be tried.";

/// What is searched.
#[derive(Clone)]
enum Target {
    /// Our own parsers.
    Reference,
    /// A process.
    Adapter(Arc<Adapter>),
}

impl Target {
    fn name(&self) -> &str {
        match self {
            Self::Reference => "reference",
            Self::Adapter(adapter) => &adapter.name,
        }
    }
}

/// Searches, prints what differs, and returns the exit code. `Err` is one sentence for the user.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let deadline = flags::deadline(args.timeout)?;
    let plan = Arc::new(plan(args)?);
    let target = target(args)?;
    let state = match &args.state {
        Some(file) => read_state(file, target.name(), &plan)?,
        None => State::default(),
    };
    let n_jobs = match (&target, args.jobs) {
        (_, Some(0)) => return Err("--jobs takes a number from 1".to_owned()),
        (_, Some(n_jobs)) => n_jobs,
        (Target::Reference, None) => n_cores(),
        (Target::Adapter(_), None) => n_cores().div_ceil(2),
    };
    let runtime = runtime()?;
    let mut search = search::Search::new(Arc::clone(&plan), &target, state, args.state.clone());
    let end = runtime.block_on(async {
        if let Target::Adapter(adapter) = &target {
            setup::prepare(adapter, args.no_setup).await?;
        }
        search.run(&target, n_jobs, deadline).await
    })?;
    let state = search.into_state();
    shown::write(out, &plan, &target, &state).map_err(|error| format!("cannot write: {error}"))?;
    if let Target::Adapter(adapter) = &target {
        let write = shown::write_compared(out, adapter, &state, deadline);
        runtime
            .block_on(write)
            .map_err(|error| format!("cannot write: {error}"))?;
    }
    match end {
        search::End::Complete => Ok(u8::from(!state.found.differences.is_empty())),
        search::End::Early(sentence) => Err(sentence),
    }
}

fn plan(args: &Args) -> Result<Plan, String> {
    let alphabet = match &args.alphabet {
        None => Plan::default_alphabet(),
        Some(text) => {
            let tokens = text.split_ascii_whitespace().map(|token| {
                let shown = escape::shortened(&escape::prose(token), 40);
                literal::bytes(&format!("--alphabet, token `{shown}`"), token)
            });
            tokens.collect::<Result<_, _>>()?
        }
    };
    let plan = Plan::new(alphabet, args.depth, !args.no_probe)?;
    let (number, n_shards) = flags::shard(args.shard.as_deref())?;
    Ok(plan.with_shard(number, n_shards))
}

fn target(args: &Args) -> Result<Target, String> {
    let adapter = match args.target.as_deref() {
        Some("reference") => return Ok(Target::Reference),
        Some(name) => Adapter::find(name)
            .map_err(|sentence| format!("{sentence}; `reference` is our own parser"))?,
        None => Adapter::from_command(&args.command),
    };
    targets::usable(&adapter, Some(Role::Parser))?;
    Ok(Target::Adapter(Arc::new(adapter)))
}

fn read_state(file: &Path, target: &str, plan: &Plan) -> Result<State, String> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => return Err(format!("--state {}: {error}", file.display())),
    };
    State::from_text(&text, target, plan)
        .map_err(|sentence| format!("--state {}: {sentence}", file.display()))
}

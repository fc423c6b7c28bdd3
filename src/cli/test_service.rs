//! `ssespec test-service`: one client adapter, offered as a LaunchDarkly test service.

use std::io::Write;
use std::path::Path;

use clap::Parser;
use tokio::net::TcpListener;

use super::{flags, prose, runtime, shown, stop};
use crate::clause::Role;
use crate::target::adapter::Adapter;
use crate::target::setup;
use crate::target::test_service::offer::Offer;

/// The flags of `ssespec test-service`.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A folder with adapter.yaml, or the name of an adapter below ./adapters
    #[arg(required_unless_present = "command", conflicts_with = "command")]
    target: Option<String>,
    /// Where to listen, on loopback; 0 is any free port
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    port: u16,
    /// Seconds for each answer of the adapter
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    timeout: f64,
    /// Do not install dependencies
    #[arg(long)]
    no_setup: bool,
    /// A program that speaks the adapter protocol as a client, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

const EXAMPLES: &str = "\
Another harness that speaks the protocol of LaunchDarkly's sse-contract-tests can then test the adapter:
  ssespec test-service --port 8000 eventsource
  sse-contract-tests --url http://127.0.0.1:8000

Exit codes: 0 the harness has stopped the service, or Ctrl-C has; 2 it could not be offered.";

/// Runs the command. Returns the exit code.
///
/// # Errors
///
/// One sentence: it could not be offered.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let deadline = flags::deadline(args.timeout)?;
    let adapter = match &args.target {
        Some(target) => find(target)?,
        None => Adapter::from_command(&args.command),
    };
    let runtime = runtime()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", args.port))
            .await
            .map_err(|error| not_free(args.port, &error))?;
        setup::prepare(&adapter, args.no_setup).await?;
        let offer = Offer::open(&adapter, listener, deadline).await?;
        shown(announce(&offer, out))?;
        for shortcoming in offer.shortcomings() {
            anstream::eprintln!("note: {shortcoming}");
        }
        tokio::select! {
            () = offer.serve() => Ok(0),
            _ = stop::asked_for() => Ok(0),
        }
    })
}

fn find(target: &str) -> Result<Adapter, String> {
    // One name may stand for a parser and for a client.
    let named = match Path::new(target).join("adapter.yaml").is_file() {
        true => vec![Adapter::find(target)?],
        false => Adapter::all()?,
    };
    let is_client = |adapter: &Adapter| adapter.roles.contains(&Role::Client);
    let is_meant = |adapter: &Adapter| adapter.name == target || named.len() == 1;
    let adapter = match named
        .iter()
        .find(|adapter| is_client(adapter) && is_meant(adapter))
    {
        Some(adapter) => adapter.clone(),
        None => Adapter::find(target)?,
    };
    if !is_client(&adapter) {
        return Err(format!(
            "{} has no role client, and test services are clients",
            adapter.name
        ));
    }
    match setup::missing_tool(&adapter) {
        Some(tool) => Err(setup::missing_tool_sentence(&adapter, tool)),
        None => Ok(adapter),
    }
}

fn not_free(port: u16, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("port {port} is in use: choose another with --port, or 0 for any that is free")
        }
        _ => format!("port {port} cannot be listened on: {error}"),
    }
}

fn announce(offer: &Offer, out: &mut dyn Write) -> std::io::Result<()> {
    let name = format!(
        "{} {}",
        offer.greeting.implementation, offer.greeting.version
    );
    writeln!(
        out,
        "{} is offered at {} with the capabilities {}; DELETE {} or Ctrl-C ends it",
        prose(name.trim()),
        offer.url,
        offer.capabilities().join(", "),
        offer.url
    )?;
    out.flush()
}

//! A live endpoint, a file or a pipe to its events as they arrive, findings and a summary that stands alone.

mod curl;
mod explained;
mod follow;
mod input;
pub mod recording;
mod watcher;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use super::stop;
use super::written::OpenFile;
use crate::lint::comparison::Difference;
use crate::lint::exchange::{End, Exchange, Seen};
use crate::lint::head;
use crate::lint::rule::Severity;
use crate::lint::session::Session;
use crate::mask::Secrets;
use crate::report::escape;
use crate::report::lint::{html, json, markdown, masked, terminal};
use follow::Limits;
use recording::Recorder;
use watcher::{Show, Watcher};

/// How long lint looks at a stream that does not end.
const TIME: Duration = Duration::from_secs(30);
/// The reconnection time that browsers use where the stream sets none.
const RECONNECTION_TIME: Duration = Duration::from_secs(3);
/// A longer reconnection time is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What `ssespec lint` takes.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A URL, a file, or - for standard input
    #[arg(value_name = "URL|FILE|-", required_unless_present = "explain")]
    what: Option<String>,
    /// Say what a rule means; without RULE, list them all
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
    /// Stop after so many seconds [default: 30]
    #[arg(long = "for", id = "for_seconds", value_name = "SECONDS")]
    seconds: Option<f64>,
    /// Stop after so many events
    #[arg(long, value_name = "N")]
    events: Option<usize>,
    /// Ask a second time, as a client does that lost its connection: does the stream go on?
    #[arg(long)]
    reconnect: bool,
    /// Send the same request there too (the origin, past the proxies); the same URL again: without compression
    #[arg(long, value_name = "URL2")]
    against: Option<String>,
    /// From which severity on the exit code is 1: info, risk, warn or fail
    #[arg(long, value_name = "SEVERITY", default_value = "fail", value_parser = severity)]
    fail_on: Severity,
    /// Show no events, only the summary
    #[arg(long, conflicts_with = "json_lines")]
    quiet: bool,
    /// One JSON object a line: events as they come, findings, a summary
    #[arg(long)]
    json_lines: bool,
    /// Write a report as well: html, json or markdown [repeatable]
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
    /// Keep the bytes with their times; lint and parse read them back
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    curl: curl::Args,
}

const EXAMPLES: &str = "\
Examples:
  ssespec lint https://example.com/events                         What arrives, when, and what is wrong with it?
  ssespec lint URL -H 'Authorization: Bearer …' -d '{\"stream\":true}' The command that a browser copies for curl, with curl replaced
  ssespec lint https://example.com/events --against http://10.0.0.7:8080/events  Who holds the events back?
  curl -siN URL | ssespec lint -                                  What curl received

Exit codes: 0 nothing at or above --fail-on; 1 findings, or no event stream; 2 no HTTP answer.";

/// Follows one stream and says what is wrong with it. `Err` is one sentence for the user.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    if let Some(rule) = &args.explain {
        return explained::run(rule, out);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    let reports = reports(&args.report)?;
    let mut secrets = Secrets::default();
    let session = runtime.block_on(session(args, &mut secrets, out));
    // A thread may still wait for standard input.
    runtime.shutdown_background();
    let session = masked::session(
        session.map_err(|sentence| secrets.mask(&sentence))?,
        &secrets,
    );
    for (format, file) in reports {
        let shown = file.shown();
        let written = format(&session).and_then(|bytes| file.write(&bytes));
        written.map_err(|error| format!("{shown}: the report cannot be written: {error}"))?;
    }
    let written = if args.json_lines {
        json::lines(out, &session)
    } else {
        let width = super::width();
        terminal::summary(out, &session, width)
    };
    super::shown(written)?;
    let is_bad =
        !session.seen.is_stream || session.worst().is_some_and(|worst| worst >= args.fail_on);
    Ok(u8::from(is_bad))
}

async fn session(
    args: &Args,
    secrets: &mut Secrets,
    out: &mut dyn Write,
) -> Result<Session, String> {
    let limits = limits(args)?;
    let show = match (args.quiet, args.json_lines) {
        (true, _) => Show::Nothing,
        (_, true) => Show::Json,
        _ => Show::Lines(super::width()),
    };
    let what = args.what.as_deref().unwrap_or("-");
    if !is_url(what) {
        if args.reconnect || args.against.is_some() {
            return Err("--reconnect and --against need a URL".to_owned());
        }
        let input = input::open(what)?;
        let asked = head::Asked::default();
        let recorder = recorder(args, what, &asked, input.is_timed, secrets)?;
        let mut watcher = Watcher::new(Some(out), show, recorder, secrets);
        let seen = follow::input(input, &limits, &mut watcher).await?;
        let source = if what == "-" { "standard input" } else { what };
        return Ok(Session::new(
            source.to_owned(),
            String::new(),
            seen,
            None,
            None,
        ));
    }
    let first = args.curl.request(what, secrets)?;
    let source = first.request.address.masked();
    let asked = head::Asked {
        method: first.request.method.clone(),
        offered: first.offered.clone(),
    };
    let second = match &args.against {
        Some(url) => Some(second(args, url, &first, secrets)?),
        None => None,
    };
    let secrets = &*secrets;
    let recorder = recorder(args, &source, &asked, true, secrets)?;
    let mut watcher = Watcher::new(Some(out), show, recorder, secrets);
    let ours = follow::http(&first.request, asked.clone(), "", &limits, &mut watcher);
    let (seen, theirs) = tokio::join!(ours, async {
        let (name, difference, second) = second.as_ref()?;
        let mut unseen = Watcher::new(None, Show::Nothing, None, secrets);
        let asked = head::Asked {
            method: second.request.method.clone(),
            offered: second.offered.clone(),
        };
        let seen = follow::http(&second.request, asked.clone(), "", &limits, &mut unseen).await;
        let seen = seen.unwrap_or_else(|sentence| no_answer(asked, sentence));
        Some((name.clone(), *difference, seen))
    });
    let seen = seen?;
    let again = match args.reconnect {
        true => again(&first, &asked, &seen, &limits, secrets).await,
        false => None,
    };
    Ok(Session::new(source, first.command, seen, theirs, again))
}

/// The request for the second address; for the same address, one without compression.
fn second(
    args: &Args,
    url: &str,
    first: &curl::Asked,
    secrets: &mut Secrets,
) -> Result<(String, Difference, curl::Asked), String> {
    let mut second = args.curl.request(url, secrets)?;
    let is_same = second.request.address == first.request.address;
    let mut name = second.request.address.masked();
    if is_same {
        let identity = Some("identity".to_owned());
        curl::set(&mut second.request.headers, "Accept-Encoding", identity);
        second.offered.clear();
        name.push_str(" without compression");
    }
    let difference = if is_same {
        Difference::Compression
    } else {
        Difference::Address
    };
    Ok((name, difference, second))
}

/// Asks again, as a client does that lost its connection; nothing, if we are ended before there is an answer.
async fn again(
    first: &curl::Asked,
    asked: &head::Asked,
    seen: &Seen,
    limits: &Limits,
    secrets: &Secrets,
) -> Option<Seen> {
    let wait = seen.reconnection_time.unwrap_or(RECONNECTION_TIME);
    tokio::select! {
        biased;
        _ = limits.interrupted() => return None,
        () = tokio::time::sleep(wait.min(LONGEST_WAIT)) => (),
    }
    let mut request = first.request.clone();
    let id = &seen.last_event_id;
    if !id.is_empty() {
        curl::set(&mut request.headers, "Last-Event-ID", Some(id.clone()));
    }
    let mut unseen = Watcher::new(None, Show::Nothing, None, secrets);
    match follow::http(&request, asked.clone(), id, limits, &mut unseen).await {
        Ok(seen) => Some(seen),
        // That we left says nothing of the server.
        Err(_) if limits.interrupted_by().is_some() => None,
        Err(sentence) => Some(no_answer(asked.clone(), sentence)),
    }
}

fn no_answer(asked: head::Asked, sentence: String) -> Seen {
    Exchange::new(asked, true, "").end(Duration::ZERO, End::Broken(sentence))
}

fn limits(args: &Args) -> Result<Limits, String> {
    let time = match args.seconds.or(args.curl.max_time) {
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|time| !time.is_zero() && *time < Duration::from_secs(1 << 31))
            .ok_or_else(|| format!("--for {seconds}: write a number of seconds"))?,
        None => TIME,
    };
    let (sender, interrupted) = watch::channel(None);
    tokio::spawn(async move {
        _ = sender.send(Some(stop::asked_for().await));
        // The receivers wait on a sender that lives.
        std::future::pending::<()>().await;
    });
    Ok(Limits {
        time,
        n_events: args.events.unwrap_or(usize::MAX),
        interrupted,
    })
}

fn recorder(
    args: &Args,
    source: &str,
    asked: &head::Asked,
    is_timed: bool,
    secrets: &Secrets,
) -> Result<Option<Recorder>, String> {
    args.record
        .as_deref()
        .map(|path| Recorder::create(path, source, asked, is_timed, secrets.clone()))
        .transpose()
}

/// A URL, or what curl would take for one; a file of that name goes first.
fn is_url(what: &str) -> bool {
    if what.contains("://") {
        return true;
    }
    let host = what.split(['/', '?']).next().unwrap_or_default();
    let is_host = host.starts_with("localhost") || host.contains([':', '.']);
    what != "-" && is_host && !host.starts_with('.') && !Path::new(what).exists()
}

type Format = fn(&Session) -> io::Result<Vec<u8>>;

/// Opens the files of all reports, so that a bad path costs no request.
fn reports(asked: &[String]) -> Result<Vec<(Format, OpenFile)>, String> {
    let open = |text: &String| {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or_else(|| format!("--report {text}: write FORMAT=PATH"))?;
        let format: Format = match format {
            "html" => html::document,
            "json" => json::document,
            "markdown" => markdown::document,
            other => {
                let other = escape::prose(other);
                return Err(format!(
                    "--report: unknown format `{other}`; known: html, json, markdown"
                ));
            }
        };
        Ok((format, OpenFile::new(Path::new(path))?))
    };
    asked.iter().map(open).collect()
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.word() == text)
        .ok_or_else(|| "write info, risk, warn or fail".to_owned())
}

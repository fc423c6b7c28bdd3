//! `ssespec parse --against`: one delivery through the reference and through targets, side by side.

use std::io::{self, Write};

use owo_colors::OwoColorize;

use super::{flags, runtime, targets, width};
use crate::case::ParserCase;
use crate::clause::{Level, Role};
use crate::corpus::{Corpus, IdGlob, replay};
use crate::delivery::{Cutting, Delivery};
use crate::report::escape;
use crate::report::terminal::comparison;
use crate::runner;
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;
use crate::target::setup;
use crate::verdict::sweep::Failing;
use crate::verdict::{Mismatch, Part, Verdict, parser};

/// The flags of `ssespec parse` that are about targets.
#[derive(clap::Args, Debug, Default)]
#[group(id = "against-args")]
pub struct Args {
    /// Compare with these targets: folders with adapter.yaml, or names of adapters below ./adapters
    #[arg(long, value_name = "TARGET", num_args = 0..)]
    against: Option<Vec<String>>,
    /// Take the stream of a case, in one of its deliveries: ID or ID@DELIVERY
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "stream", "cut"])]
    case: Option<String>,
    /// Add the case files below this folder [may be repeated]
    #[arg(long, value_name = "DIR", requires = "case")]
    corpus: Vec<std::path::PathBuf>,
    /// For the random cuts of a case
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    seed: u64,
    /// Give the stream to the targets in chunks that end at this offset [may be repeated]
    #[arg(long, value_name = "OFFSET", requires = "against")]
    cut: Vec<usize>,
    /// Do not install dependencies
    #[arg(long, requires = "against")]
    no_setup: bool,
    /// Seconds for each answer
    #[arg(
        long,
        value_name = "S",
        default_value_t = 10.0,
        hide_default_value = true
    )]
    timeout: f64,
    /// The command knows no protocol: the stream on standard input, one JSON event a line on standard output
    #[arg(long, requires = "command")]
    stdin: bool,
    /// One more target: a program that speaks the adapter protocol, with its arguments
    #[arg(last = true, value_name = "COMMAND", requires = "against")]
    command: Vec<String>,
}

impl Args {
    /// Whether there is anything to compare with.
    pub fn is_asked_for(&self) -> bool {
        self.against.is_some()
    }

    /// The delivery of the case that is asked for.
    ///
    /// # Errors
    ///
    /// There is no such case, or no such delivery of it.
    pub fn delivery_of_case(&self) -> Result<Option<Delivery>, String> {
        let Some(asked) = &self.case else {
            return Ok(None);
        };
        let (id, cutting) = match asked.split_once('@') {
            Some((id, cutting)) => (id, Some(cutting)),
            None => (asked.as_str(), None),
        };
        let mut corpus = Corpus::load(&self.corpus).map_err(|error| error.to_string())?;
        corpus.select(&[IdGlob::new(id)?]);
        let case = match corpus.cases.as_slice() {
            [case] => case,
            [] => return Err(format!("no case `{id}`; `ssespec cases` lists the ids")),
            cases => return Err(format!("`{id}` matches {} cases: name one", cases.len())),
        };
        let Some(cutting) = cutting else {
            let parser_case = case.parser().ok_or_else(|| {
                format!("the case `{id}` asks a client; use `ssespec run --role client -k {id}`")
            })?;
            return Ok(Some(as_written(parser_case)));
        };
        let mut deliveries = case.deliveries(true, self.seed).into_iter();
        let delivery = deliveries.find(|delivery| delivery.cutting.to_string() == cutting);
        delivery.map(Some).ok_or_else(|| {
            format!("the case `{id}` has no delivery `{cutting}` (whole, byte-by-byte and cut-1 are some of them)")
        })
    }

    /// The stream, cut at the offsets that are asked for.
    ///
    /// # Errors
    ///
    /// An offset beyond the stream.
    pub fn delivery(&self, stream: Vec<u8>, own_cuts: Vec<usize>) -> Result<Delivery, String> {
        let mut cuts = own_cuts;
        cuts.extend(&self.cut);
        cuts.sort_unstable();
        if let Some(beyond) = cuts.iter().find(|&&cut| cut > stream.len()) {
            return Err(format!(
                "--cut {beyond} lies beyond the end of the stream, which has {} bytes",
                stream.len()
            ));
        }
        Ok(match cuts.as_slice() {
            [] => Delivery::whole(stream.into()),
            _ => Delivery::new(Cutting::AsWritten, stream.into(), cuts),
        })
    }
}

fn as_written(case: &ParserCase) -> Delivery {
    match &case.written_cuts {
        Some(cuts) => Delivery::new(Cutting::AsWritten, case.stream.clone(), cuts.clone()),
        None => Delivery::whole(case.stream.clone()),
    }
}

/// Compares, prints, and returns the exit code: 0 if all conform, 1 if one deviates.
///
/// # Errors
///
/// One sentence for each target that could not be asked; what the others did is printed before.
pub fn run(args: &Args, delivery: &Delivery, out: &mut dyn Write) -> Result<u8, String> {
    let deadline = flags::deadline(args.timeout)?;
    let names = args.against.as_deref().unwrap_or_default();
    let role = Some(Role::Parser);
    let needed = "--against needs a target";
    let targets = targets::find(names, &args.command, args.stdin, role, needed)?;
    let runtime = runtime()?;
    let at_output = |error: io::Error| format!("standard output: {error}");
    write_stream(out, delivery).map_err(at_output)?;
    let (mut deviates, mut not_asked) = (false, Vec::new());
    for (adapter, _) in &targets {
        let asked = runtime.block_on(async {
            setup::prepare(adapter, args.no_setup).await?;
            runner::ask_one(adapter, delivery, deadline).await
        });
        match asked {
            Ok((greeting, observation)) => {
                deviates |= write_comparison(out, adapter, &greeting, delivery, observation)
                    .map_err(at_output)?;
            }
            Err(sentence) => not_asked.push(format!("{}: {sentence}", adapter.name)),
        }
    }
    if !not_asked.is_empty() {
        return Err(not_asked.join("\n"));
    }
    Ok(u8::from(deviates))
}

/// Writes what is delivered.
pub fn write_stream(out: &mut dyn Write, delivery: &Delivery) -> io::Result<()> {
    match escape::delivery(delivery, 8 * width()) {
        empty if empty.is_empty() => writeln!(out, "stream  (empty)"),
        stream => writeln!(out, "stream  {stream}"),
    }
}

/// Writes what a target made of a delivery beside what conforms, and says whether it deviates.
pub fn write_comparison(
    out: &mut dyn Write,
    adapter: &Adapter,
    greeting: &Greeting,
    delivery: &Delivery,
    observation: crate::observation::Observation,
) -> io::Result<bool> {
    let case = replay::case(delivery.bytes().into());
    let verdict = parser::judge(&case, delivery, &greeting.features, &observation);
    let deviates = matches!(verdict, Verdict::Deviates(_));
    let shown = Shown {
        adapter,
        greeting,
        case: &case,
        verdict,
    };
    shown.write(out, delivery, observation)?;
    Ok(deviates)
}

/// One target's side of the comparison.
struct Shown<'a> {
    adapter: &'a Adapter,
    greeting: &'a Greeting,
    case: &'a ParserCase,
    verdict: Verdict,
}

impl Shown<'_> {
    fn write(
        self,
        out: &mut dyn Write,
        delivery: &Delivery,
        observation: crate::observation::Observation,
    ) -> io::Result<()> {
        let version = match self.greeting.version.as_str() {
            "" => String::new(),
            version => format!(" {version}"),
        };
        let name = escape::prose(&format!("{}{version}", self.adapter.name));
        let (verdict, mismatches) = match self.verdict {
            Verdict::Conforms => ("conforms".to_owned(), Vec::new()),
            Verdict::NotShown(what) => (
                format!("conforms as far as can be seen: {what}"),
                Vec::new(),
            ),
            Verdict::Deviates(mismatches) => {
                let first = mismatches.first().map_or(String::new(), first_difference);
                (format!("deviates: {first}"), mismatches)
            }
        };
        let heading = format!("== {name}: {verdict}");
        if mismatches.is_empty() {
            writeln!(out, "\n{}", heading.bold())?;
        } else {
            writeln!(out, "\n{}", heading.red().bold())?;
        }
        let failing = Failing {
            delivery: delivery.clone(),
            observation,
            mismatches,
            level: Level::Must,
        };
        for row in comparison::side_by_side(&self.case.answers[0], &failing, width() - 2) {
            if row.differs {
                writeln!(out, "  {}", row.text.red())?;
            } else {
                writeln!(out, "  {}", row.text)?;
            }
        }
        Ok(())
    }
}

/// Where the target first parts from the reference.
fn first_difference(mismatch: &Mismatch) -> String {
    match mismatch {
        Mismatch::Event { index, parts } => {
            let part = match parts.first() {
                Some(Part::EventType { .. }) => "its type",
                Some(Part::Data { .. }) => "its data",
                Some(Part::LastEventId { .. }) => "its last event ID",
                Some(Part::ReconnectionTime { .. }) | None => "its reconnection time",
            };
            format!("event {} differs in {part}", index + 1)
        }
        Mismatch::Missing { index } => format!("event {} is missing", index + 1),
        Mismatch::Unexpected { index, .. } => format!("event {} was not asked for", index + 1),
        Mismatch::Late { index, .. } => format!("event {} comes late", index + 1),
        Mismatch::EndLastEventId { .. } => "the last event ID at the end differs".to_owned(),
        Mismatch::EndReconnectionTime { .. } => {
            "the reconnection time at the end differs".to_owned()
        }
        Mismatch::Exchange { sentence, .. } | Mismatch::Emitted { sentence, .. } => {
            sentence.clone()
        }
        Mismatch::Error(_) => "it raises an error".to_owned(),
        Mismatch::Crashes(_) => "it crashes".to_owned(),
        Mismatch::Hangs(_) => "it hangs".to_owned(),
    }
}

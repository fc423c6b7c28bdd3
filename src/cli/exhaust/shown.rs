//! What a search found, to text: one sentence if all is equal, else each kind of difference with its shortest stream.

use std::io::{self, Write};
use std::time::Duration;

use owo_colors::OwoColorize;

use super::super::{against, count, width};
use super::{Target, search};
use crate::delivery::Delivery;
use crate::event_stream::literal::Literal;
use crate::exhaust::state::State;
use crate::exhaust::{Difference, Plan};
use crate::observation::Observation;
use crate::report::escape;
use crate::target::adapter::Adapter;
use crate::{quirk, reference, runner};

/// More kinds than this are counted only.
const MAX_KINDS: usize = 12;

/// Writes what was found in all units that are done.
pub fn write(out: &mut dyn Write, plan: &Plan, target: &Target, state: &State) -> io::Result<()> {
    let found = &state.found;
    let n_tried = found.n_streams - found.n_left_out;
    let all = if n_tried == plan.n_streams() && plan.shard().1 == 1 {
        "all "
    } else {
        ""
    };
    let streams = format!(
        "{all}{} streams of up to {} of {} tokens",
        count(n_tried),
        plan.depth(),
        plan.alphabet().len()
    );
    let probe = if plan.probe {
        ", and with a probe behind each"
    } else {
        ""
    };
    let shard = match plan.shard() {
        (_, 1) => String::new(),
        (number, n_shards) => format!(", shard {} of {n_shards}", number + 1),
    };
    let name = escape::prose(target.name());
    if found.differences.is_empty() {
        let equal = match target {
            Target::Reference => "parser, literal parser and model are equal on",
            Target::Adapter(_) => "equal to the reference, as far as it shows, on",
        };
        writeln!(out, "{name}: {equal} {streams}{probe}{shard}")?;
    } else {
        let n: u64 = found.differences.values().map(|d| d.count).sum();
        let kinds = match found.differences.len() {
            1 => "1 kind".to_owned(),
            n => format!("{n} kinds"),
        };
        writeln!(
            out,
            "{name}: {} differences of {kinds} on {streams}{probe}{shard}",
            count(n)
        )?;
    }
    if found.n_left_out > 0 {
        writeln!(
            out,
            "{} streams left out: the target reads text, and they are not UTF-8",
            count(found.n_left_out)
        )?;
    }
    let seconds = Duration::from_millis(state.milliseconds).as_secs_f64();
    writeln!(
        out,
        "{seconds:.1} s, {} streams a second",
        search::rate(found.n_streams as f64 / seconds.max(1e-3))
    )?;
    if let Target::Reference = target {
        for (kind, difference) in found.differences.iter().take(MAX_KINDS) {
            write_kind(out, kind, difference)?;
            write_readings(out, &difference.shortest)?;
        }
        write_more(out, found.differences.len())?;
    }
    Ok(())
}

/// Writes each kind of difference as `parse --against` does, from a fresh process.
pub async fn write_compared(
    out: &mut dyn Write,
    adapter: &Adapter,
    state: &State,
    deadline: Duration,
) -> io::Result<()> {
    let differences = &state.found.differences;
    for (kind, difference) in differences.iter().take(MAX_KINDS) {
        write_kind(out, kind, difference)?;
        match runner::ask_one(adapter, &difference.shortest, deadline).await {
            Err(sentence) => writeln!(out, "asked once more: {}", escape::prose(&sentence))?,
            Ok((greeting, observation)) => {
                let delivery = &difference.shortest;
                if !against::write_comparison(out, adapter, &greeting, delivery, observation)? {
                    writeln!(
                        out,
                        "Alone in a fresh process it conforms: it takes earlier requests"
                    )?;
                }
            }
        }
    }
    write_more(out, differences.len())
}

fn write_kind(out: &mut dyn Write, kind: &str, difference: &Difference) -> io::Result<()> {
    let times = match difference.count {
        1 => "once".to_owned(),
        n => format!("{} times, the shortest", count(n)),
    };
    writeln!(out, "\n{}, {times}:", escape::prose(kind).bold())?;
    against::write_stream(out, &difference.shortest)
}

fn write_more(out: &mut dyn Write, n_kinds: usize) -> io::Result<()> {
    match n_kinds.saturating_sub(MAX_KINDS) {
        0 => Ok(()),
        n => writeln!(out, "\nand {n} more kinds"),
    }
}

/// What each of our parsers makes of a delivery.
fn write_readings(out: &mut dyn Write, delivery: &Delivery) -> io::Result<()> {
    let (events, literal) = Literal::default().events(delivery.bytes());
    let literal = format!(
        "{events:?}, last event ID {:?}, reconnection time {:?}",
        literal.last_event_id, literal.reconnection_time
    );
    let parser = match reference::observe(delivery) {
        Observation::Parsed(parsed) => format!("{parsed:?}"),
        other => format!("{other:?}"),
    };
    let model = format!("{:?}", quirk::observe(&[], delivery));
    for (name, reading) in [("parser", parser), ("literal", literal), ("model", model)] {
        let reading = escape::shortened(&escape::prose(&reading), 8 * width());
        writeln!(out, "{name:<8}{reading}")?;
    }
    Ok(())
}

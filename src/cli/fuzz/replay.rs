//! `ssespec fuzz --replay`: a finding to whether it still comes, in fresh processes.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::saved;
use crate::case::server::Emitted;
use crate::clause::{Clauses, Role};
use crate::corpus::replay;
use crate::fuzz::case_file::{Finding, Question};
use crate::fuzz::case_text;
use crate::observation::{Observation, Text};
use crate::report::escape;
use crate::runner::asker::Asker;
use crate::runner::fuzzing::server::asker::{self, Answer};
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;
use crate::target::setup;
use crate::verdict::{Verdict, parser};

/// How often.
const N_REPLAYS: usize = 3;

/// The finding in a file.
///
/// # Errors
///
/// One sentence: the file is no finding, or none that a stream can show.
pub fn read(path: &Path, clauses: &Clauses) -> Result<Finding, String> {
    let saved::File { text, cases, .. } = saved::read(path, clauses)?;
    let finding = Finding::read(&text, &cases)
        .map_err(|sentence| format!("{}: {sentence}", path.display()))?;
    if finding.is_growth() {
        return Err(format!(
            "{}: is about time or memory that grows, which one stream does not show; `ssespec fuzz` measures it anew",
            path.display()
        ));
    }
    Ok(finding)
}

/// What the replays in one target came to.
struct Replayed {
    greeting: Greeting,
    n_deviating: usize,
    /// In the last one; of a server, in the last that deviated.
    observed: String,
}

/// Asks every target again. Returns 1 if one deviates, else 0.
///
/// # Errors
///
/// One sentence: a target cannot be asked.
pub async fn replay(
    finding: &Finding,
    targets: &[(Adapter, Role)],
    no_setup: bool,
    deadline: Duration,
    out: &mut (dyn Write + Send),
) -> Result<u8, String> {
    let mut deviates = false;
    for (adapter, _) in targets {
        let replayed = async {
            setup::prepare(adapter, no_setup).await?;
            match &finding.question {
                Question::Parser | Question::Client => stream(finding, adapter, deadline).await,
                Question::Server(events) => {
                    emission(&finding.emitted_before, events, adapter, deadline).await
                }
            }
        };
        let Replayed {
            greeting,
            n_deviating,
            observed,
        } = replayed
            .await
            .map_err(|sentence| format!("{}: {sentence}", adapter.name))?;
        deviates |= n_deviating > 0;
        let name = format!("{} ({})", adapter.name, greeting.about());
        let asked = match &finding.question {
            Question::Parser | Question::Client => {
                format!("stream    {}", escape::delivery(&finding.delivery, 240))
            }
            Question::Server(events) => {
                let emitted = case_text::emitted(events).join("; ");
                format!("emitted   {}", escape::prose(&emitted))
            }
        };
        writeln!(
            out,
            "{}: deviates in {n_deviating} of {N_REPLAYS} replays\n  finding   {}\n  {asked}\n  observed  {}",
            escape::prose(&name),
            escape::prose(&finding.fingerprint.to_string()),
            escape::prose(&observed),
        )
        .map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(u8::from(deviates))
}

async fn stream(
    finding: &Finding,
    adapter: &Adapter,
    deadline: Duration,
) -> Result<Replayed, String> {
    let case = replay::case(finding.delivery.bytes().into());
    let asker = Asker::open(adapter, finding.question.role(), deadline).await?;
    let mut replayed = Replayed {
        greeting: asker.greeting.clone(),
        n_deviating: 0,
        observed: String::new(),
    };
    for _ in 0..N_REPLAYS {
        let observation = asker
            .ask_fresh(&finding.history, &finding.delivery)
            .await??;
        let features = &asker.greeting.features;
        let verdict = parser::judge(&case, &finding.delivery, features, &observation);
        replayed.n_deviating += usize::from(matches!(verdict, Verdict::Deviates(_)));
        replayed.observed = shown(&observation);
    }
    asker.close().await;
    Ok(replayed)
}

async fn emission(
    before: &[Vec<Emitted>],
    events: &[Emitted],
    adapter: &Adapter,
    deadline: Duration,
) -> Result<Replayed, String> {
    let asker = asker::Asker::open(adapter, deadline).await?;
    let mut replayed = Replayed {
        greeting: asker.greeting.clone(),
        n_deviating: 0,
        observed: "what was emitted".to_owned(),
    };
    for _ in 0..N_REPLAYS {
        let faults = match asker.ask_fresh(before, events).await?? {
            Answer::Ran(run) => asker::faults(events, &run)
                .into_iter()
                .map(|fault| format!("{}: {}", fault.class, fault.sentence))
                .collect(),
            Answer::Lost(death) => vec![shown(&death)],
        };
        if !faults.is_empty() {
            replayed.n_deviating += 1;
            replayed.observed = faults.join("; ");
        }
    }
    asker.close().await;
    Ok(replayed)
}

fn shown(observation: &Observation) -> String {
    match observation {
        Observation::Crashed(death) | Observation::Hung(death) => death.how.clone(),
        Observation::Parsed(parsed) => {
            let mut shown: Vec<String> = parsed
                .events
                .iter()
                .map(|event| {
                    let text = |text: &Option<Text>| {
                        text.as_ref()
                            .map_or("-".to_owned(), |text| escape::quoted(&text.0, 60))
                    };
                    format!("{} {}", text(&event.event_type), text(&event.data))
                })
                .collect();
            shown.extend(
                parsed
                    .error
                    .as_ref()
                    .map(|error| format!("error {}", escape::text(error))),
            );
            if shown.is_empty() {
                "no event".to_owned()
            } else {
                shown.join("; ")
            }
        }
    }
}

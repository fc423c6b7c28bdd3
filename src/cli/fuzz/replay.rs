//! `ssespec fuzz --replay`: a finding to whether it still comes, in fresh processes.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::saved;
use crate::case::server::Emitted;
use crate::clause::Role;
use crate::corpus::{Corpus, replay};
use crate::fuzz::case_file::{Finding, Question};
use crate::fuzz::case_text;
use crate::observation::Observation;
use crate::report::escape;
use crate::runner::asker::Asker;
use crate::runner::fuzzing::server::asker::{self, Answer};
use crate::target::adapter::Adapter;
use crate::target::setup;
use crate::verdict::{Verdict, parser};

/// How often.
const N_REPLAYS: usize = 3;

/// Asks every target again. Returns 1 if one deviates, else 0.
///
/// # Errors
///
/// One sentence: the file is no finding, or a target cannot be asked.
pub async fn replay(
    path: &Path,
    targets: &[(Adapter, Role)],
    no_setup: bool,
    deadline: Duration,
    out: &mut (dyn Write + Send),
) -> Result<u8, String> {
    let clauses = Corpus::load(&[])
        .map_err(|error| error.to_string())?
        .clauses;
    let (text, case) = saved::read(path, &clauses)?;
    let finding = Finding::read(&text, &case)
        .map_err(|sentence| format!("{}: {sentence}", path.display()))?;
    if finding.is_growth() {
        return Err(format!(
            "{}: is about time or memory that grows, which one stream does not show; `ssespec fuzz` measures it anew",
            path.display()
        ));
    }
    let case = replay::case(finding.delivery.bytes().into());
    if let Question::Server(events) = &finding.question {
        return replay_server(&finding, events, targets, no_setup, deadline, out).await;
    }
    let role = finding.question.role();
    let mut deviates = false;
    for (adapter, _) in targets {
        let in_target = |sentence: String| format!("{}: {sentence}", adapter.name);
        setup::prepare(adapter, no_setup).await.map_err(in_target)?;
        let asker = Asker::open(adapter, role, deadline)
            .await
            .map_err(in_target)?;
        let mut n_deviating = 0;
        let mut last = String::new();
        for _ in 0..N_REPLAYS {
            let asked = asker.ask_fresh(&finding.history, &finding.delivery).await;
            let observation = asked.and_then(|asked| asked).map_err(in_target)?;
            let features = &asker.greeting.features;
            if let Verdict::Deviates(_) =
                parser::judge(&case, &finding.delivery, features, &observation)
            {
                n_deviating += 1;
            }
            last = shown(&observation);
        }
        let greeting = asker.greeting.clone();
        asker.close().await;
        deviates |= n_deviating > 0;
        let name = format!("{} ({})", adapter.name, greeting.about());
        writeln!(
            out,
            "{}: deviates in {n_deviating} of {N_REPLAYS} replays\n  finding   {}\n  stream    {}\n  observed  {}",
            escape::prose(&name),
            escape::prose(&finding.fingerprint.to_string()),
            escape::delivery(&finding.delivery, 240),
            escape::prose(&last),
        )
        .map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(u8::from(deviates))
}

async fn replay_server(
    finding: &Finding,
    events: &[Emitted],
    targets: &[(Adapter, Role)],
    no_setup: bool,
    deadline: Duration,
    out: &mut (dyn Write + Send),
) -> Result<u8, String> {
    let mut deviates = false;
    for (adapter, _) in targets {
        let in_target = |sentence: String| format!("{}: {sentence}", adapter.name);
        setup::prepare(adapter, no_setup).await.map_err(in_target)?;
        let asker = asker::Asker::open(adapter, deadline)
            .await
            .map_err(in_target)?;
        let mut n_deviating = 0;
        let mut last = "what was emitted".to_owned();
        for _ in 0..N_REPLAYS {
            let asked = asker.ask_fresh(events).await;
            let faults = match asked.and_then(|asked| asked).map_err(in_target)? {
                Answer::Ran(run) => asker::faults(events, &run)
                    .into_iter()
                    .map(|fault| format!("{}: {}", fault.class, fault.sentence))
                    .collect(),
                Answer::Lost(death) => vec![shown(&death)],
            };
            n_deviating += usize::from(!faults.is_empty());
            if !faults.is_empty() {
                last = faults.join("; ");
            }
        }
        let name = format!("{} ({})", adapter.name, asker.greeting.about());
        asker.close().await;
        deviates |= n_deviating > 0;
        writeln!(
            out,
            "{}: deviates in {n_deviating} of {N_REPLAYS} replays\n  finding   {}\n  emitted   {}\n  observed  {}",
            escape::prose(&name),
            escape::prose(&finding.fingerprint.to_string()),
            escape::prose(&case_text::emitted(events).join("; ")),
            escape::prose(&last),
        )
        .map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(u8::from(deviates))
}

fn shown(observation: &Observation) -> String {
    match observation {
        Observation::Crashed(death) | Observation::Hung(death) => death.how.clone(),
        Observation::Parsed(parsed) => {
            let mut shown: Vec<String> = parsed
                .events
                .iter()
                .map(|event| {
                    let text = |text: &Option<crate::observation::Text>| {
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

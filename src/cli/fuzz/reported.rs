//! What campaigns tell, target by target, to the reports that `--report` asks for.

use std::time::Duration;

use crate::clause::{Clauses, Role};
use crate::fuzz::case_file::Finding;
use crate::report::found::{Findings, Search, Searched};
use crate::runner::fuzzing::{Tally, reporting};
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;

/// Findings that grow while the campaigns go on, so that whatever ends them loses none.
pub struct Reported {
    findings: Findings,
    by: String,
    seed: u64,
}

impl Reported {
    /// Before anything is known of the targets. `by` is the machine, with the shard where there are several.
    pub fn new(targets: &[(Adapter, Role)], clauses: &Clauses, seed: u64, by: String) -> Self {
        let targets = targets
            .iter()
            .map(|(adapter, role)| unsearched(adapter, *role));
        Self {
            findings: Findings {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                clauses: clauses.clone(),
                targets: targets.collect(),
            },
            by,
            seed,
        }
    }

    /// What the target in this place said of itself.
    pub fn greeted(&mut self, place: usize, greeting: &Greeting) {
        let target = &mut self.findings.targets[place];
        target.implementation.clone_from(&greeting.implementation);
        target.version.clone_from(&greeting.version);
        target.language.clone_from(&greeting.language);
    }

    /// Takes in a finding.
    pub fn found(&mut self, place: usize, finding: &Finding, is_known: bool) {
        let finding = reporting::finding(finding, is_known, &self.by);
        self.findings.targets[place].findings.push(finding);
    }

    /// The search in the target in this place is over; why, if it was not done.
    pub fn ended(&mut self, place: usize, tally: &Tally, time: Duration, trouble: Option<String>) {
        let search = search(&self.by, self.seed, time, trouble);
        let searches = &mut self.findings.targets[place].searches;
        searches.push(reporting::search(tally, search));
    }

    /// All that was found.
    pub fn findings(self) -> Findings {
        self.findings
    }
}

/// A target before the first search in it.
fn unsearched(adapter: &Adapter, role: Role) -> Searched {
    Searched {
        name: adapter.name.clone(),
        implementation: String::new(),
        version: String::new(),
        language: String::new(),
        asked_as: adapter.asked_as.clone(),
        homepage: adapter.homepage.clone(),
        role,
        searches: Vec::new(),
        findings: Vec::new(),
    }
}

/// A search on this machine, before it is counted.
pub fn search(by: &str, seed: u64, time: Duration, trouble: Option<String>) -> Search {
    Search {
        by: by.to_owned(),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        seed,
        n_streams: 0,
        n_deviating: 0,
        n_explained: 0,
        n_unread: 0,
        seconds: time.as_secs_f64(),
        trouble,
        not_looked_for: Vec::new(),
    }
}

/// Who searches: the machine's name unless one is given, with the shard where there are several.
pub fn by(machine: Option<&str>, shard: Option<&str>) -> String {
    let machine = machine.map_or_else(machine_name, str::to_owned);
    match shard {
        Some(shard) => format!("{machine} (shard {shard})"),
        None => machine,
    }
}

fn machine_name() -> String {
    let of_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let variables = ["HOSTNAME", "COMPUTERNAME"].map(|name| std::env::var(name).ok());
    let names = std::iter::once(of_kernel).chain(variables).flatten();
    let mut names = names
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    names.next().unwrap_or_else(|| "this machine".to_owned())
}

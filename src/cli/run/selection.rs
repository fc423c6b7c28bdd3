//! Targets, roles and globs over case ids to what is asked of whom.

use std::sync::Arc;

use super::{Args, browsers, read_baseline};
use crate::baseline::Baseline;
use crate::clause::Role;
use crate::corpus::{Corpus, IdGlob};
use crate::report::AskedCase;
use crate::runner::evidence::asked_cases;
use crate::target::adapter::Adapter;

/// In this order, so that the roles in which time is measured do not run beside those that keep every core busy.
const ROLES: [Role; 3] = [Role::Parser, Role::Server, Role::Client];

/// What is asked in one role.
pub struct Questions {
    /// The role.
    pub role: Role,
    /// The cases.
    pub corpus: Arc<Corpus>,
    /// The same, as reports show them.
    pub asked: Arc<[Arc<AskedCase>]>,
}

/// A target in one of its roles.
#[derive(Clone)]
pub struct Job {
    /// The target.
    pub adapter: Adapter,
    /// The role.
    pub role: Role,
    /// What is known of it.
    pub baseline: Arc<Baseline>,
}

/// The questions of each role that a target is asked in, and the targets; neither is empty.
///
/// # Errors
///
/// One sentence: no such target, no such case, a bad baseline.
pub fn select(args: &Args) -> Result<(Vec<Questions>, Vec<Job>), String> {
    let corpus = Corpus::load(&args.corpus).map_err(|error| error.to_string())?;
    let mut jobs = Vec::new();
    for (adapter, role) in targets(args)? {
        let baseline = read_baseline(args, &adapter)?;
        jobs.push(Job {
            adapter,
            role,
            baseline,
        });
    }
    let is_asked = |role: &Role| jobs.iter().any(|job| job.role == *role);
    let mut questions = Vec::new();
    for role in ROLES.into_iter().filter(is_asked) {
        let mut corpus = corpus.clone();
        corpus.keep_role(role);
        questions.push((role, corpus));
    }
    let globs = args
        .keep
        .iter()
        .map(|glob| IdGlob::new(glob))
        .collect::<Result<Vec<_>, _>>()?;
    for glob in &globs {
        let mut cases = questions.iter().flat_map(|(_, corpus)| &corpus.cases);
        if !cases.any(|case| glob.matches(&case.id)) {
            return Err(format!(
                "no case matches {}; `ssespec cases` lists the ids",
                glob.as_str()
            ));
        }
    }
    let questions: Vec<Questions> = questions
        .into_iter()
        .map(|(role, mut corpus)| {
            corpus.select(&globs);
            Questions {
                role,
                asked: asked_cases(&corpus),
                corpus: Arc::new(corpus),
            }
        })
        .filter(|questions| !questions.corpus.cases.is_empty())
        .collect();
    // A target of several roles is left alone in those that no selected case asks.
    jobs.retain(|job| questions.iter().any(|of_role| of_role.role == job.role));
    Ok((questions, jobs))
}

/// Each target with each role in which it is asked; the unnamed ones by role, the named ones as they were named.
fn targets(args: &Args) -> Result<Vec<(Adapter, Role)>, String> {
    let adapters = match &args.page {
        Some(page) => vec![Adapter::clone(page)],
        None => named(args)?,
    };
    let targets: Vec<(Adapter, Role)> = if adapters.is_empty() {
        let all = Adapter::all()?;
        let in_role = |role: Role| {
            let has_it = all
                .iter()
                .filter(move |adapter| adapter.roles.contains(&role));
            has_it.map(move |adapter| (adapter.clone(), role))
        };
        let (clients, others): (Vec<Role>, Vec<Role>) = asked_roles(args)
            .into_iter()
            .partition(|role| *role == Role::Client);
        let mut targets: Vec<(Adapter, Role)> = others.into_iter().flat_map(in_role).collect();
        // All clients take minutes, since their cases wait: beside others they are asked where --role says so.
        if targets.is_empty() {
            targets.extend(clients.into_iter().flat_map(in_role));
        }
        targets
    } else {
        let in_each_role = |adapter: Adapter| {
            let mut roles = asked_roles(args);
            match adapter.folder {
                Some(_) => roles.retain(|role| adapter.roles.contains(role)),
                // What a bare command is, only --role can tell; without it, a parser.
                None => roles.truncate(1),
            }
            let with_role = move |role| (adapter.clone(), role);
            roles.into_iter().map(with_role).collect::<Vec<_>>()
        };
        adapters.into_iter().flat_map(in_each_role).collect()
    };
    if targets.is_empty() {
        return Err(
            "there is no target: name one, give a command after `--`, or run where ./adapters is"
                .to_owned(),
        );
    }
    if args.known_failures.is_some() && targets.len() > 1 {
        return Err("--known-failures is for one target in one role; name it".to_owned());
    }
    Ok(targets)
}

fn named(args: &Args) -> Result<Vec<Adapter>, String> {
    let mut adapters = Vec::new();
    let asked = asked_roles(args);
    for target in &args.targets {
        let adapter = Adapter::find(target)?;
        if !asked.iter().any(|role| adapter.roles.contains(role)) {
            return Err(format!(
                "{} has no role {}: name a target that has it, or another --role",
                adapter.name,
                asked.first().map_or("", |role| role.name())
            ));
        }
        adapters.push(match args.browser {
            Some(browser) => browsers::inside(adapter, browser.into())?,
            None => adapter,
        });
    }
    if let Some(browser) = args.browser.filter(|_| adapters.is_empty()) {
        adapters.push(browsers::own(browser.into())?);
    }
    if !args.command.is_empty() {
        adapters.push(if args.stdin {
            Adapter::from_plain_command(&args.command)
        } else {
            Adapter::from_command(&args.command)
        });
    }
    for url in &args.test_service {
        adapters.push(Adapter::from_test_service(url)?);
    }
    Ok(adapters)
}

/// The roles in which targets are asked, where they have them: browsers and test services are clients.
fn asked_roles(args: &Args) -> Vec<Role> {
    let is_client = args.browser.is_some() || args.page.is_some() || !args.test_service.is_empty();
    match args.role {
        _ if is_client => vec![Role::Client],
        Some(role) => vec![role.into()],
        None => ROLES.to_vec(),
    }
}

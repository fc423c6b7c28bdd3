//! The corpus to a list of cases, to one case in full, or to the clauses that have none.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exchange;
use crate::case::{Answer, Case, Kind, ParserCase};
use crate::clause::{Clause, Observe};
use crate::corpus::{Corpus, IdGlob, export};
use crate::delivery::{Cutting, Delivery};
use crate::report::terminal::{level, plural};
use crate::report::{command, escape};

/// The seed that counts deliveries; only which cuts are drawn depends on it, not how many.
const SEED: u64 = 0;

/// What `ssespec cases` takes.
#[derive(clap::Args, Debug, Default)]
pub struct Args {
    /// Only cases whose id matches (`*` matches any run of characters); can be repeated
    #[arg(short = 'k', long = "cases", value_name = "GLOB")]
    globs: Vec<String>,
    /// Only cases that check this clause; a glob can name a family
    #[arg(long, value_name = "CLAUSE")]
    clause: Option<String>,
    /// Add the case files below this folder
    #[arg(long, value_name = "DIR")]
    corpus: Vec<PathBuf>,
    /// Show how many cases each clause has, and the clauses that have none
    #[arg(long)]
    coverage: bool,
    /// Explain every case that matches in full; a single one is always explained
    #[arg(long)]
    explain: bool,
    /// Write the cases to this folder as JSON and raw streams, for tests in other languages
    #[arg(long, value_name = "DIR", conflicts_with_all = ["coverage", "explain"])]
    export: Option<PathBuf>,
}

/// Lists, explains or counts. `Err` is one sentence for the user.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let globs = globs(&args.globs)?;
    let clause = args.clause.as_deref().map(IdGlob::new).transpose()?;
    let mut corpus = Corpus::load(&args.corpus).map_err(|error| error.to_string())?;
    if let Some(glob) = &clause
        && !corpus.clauses.iter().any(|clause| glob.matches(&clause.id))
    {
        return Err(no_such_clause(&corpus, glob.as_str()));
    }
    corpus.select(&globs);
    if let Some(glob) = &clause {
        corpus
            .cases
            .retain(|case| case.clauses.iter().any(|id| glob.matches(id)));
    }
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    let written = if args.coverage {
        coverage(out, &corpus, clause.as_ref(), width)
    } else if corpus.cases.is_empty() {
        return Err("no case matches; `ssespec cases` lists them all".to_owned());
    } else if let Some(folder) = &args.export {
        let parser_cases = corpus.cases.iter().filter_map(Case::parser);
        let n_cases = plural(parser_cases.count(), "case");
        let n_streams = plural(write_export(folder, &corpus)?, "raw stream");
        let folder = escape::prose(&folder.display().to_string());
        writeln!(out, "{n_cases} and {n_streams} in {folder}")
    } else if args.explain || corpus.cases.len() == 1 {
        corpus
            .cases
            .iter()
            .try_for_each(|case| explain(out, &corpus, case, width))
    } else {
        corpus
            .cases
            .iter()
            .try_for_each(|case| list(out, case, width))
    };
    match written {
        // Whoever reads, `head` for one, has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(format!("cannot write: {error}")),
        Ok(()) => Ok(0),
    }
}

/// Replaces what an earlier export left in the folder, and returns how many raw streams it now holds.
fn write_export(folder: &Path, corpus: &Corpus) -> Result<usize, String> {
    let files = export::files(corpus);
    let failed = |path: &Path| {
        let shown = path.display().to_string();
        move |error: io::Error| format!("{shown}: cannot be written: {error}")
    };
    let earlier = fs::read_to_string(folder.join(export::INDEX)).unwrap_or_default();
    for path in export::raw_paths(&earlier) {
        let path = folder.join(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&path)(error));
            }
            // Fails, as it should, where the folder still holds something.
            _ => _ = path.parent().map(fs::remove_dir),
        }
    }
    for file in &files {
        let path = folder.join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::write(&path, &file.contents).map_err(failed(&path))?;
    }
    Ok(files
        .iter()
        .filter(|file| file.path.ends_with(".sse"))
        .count())
}

fn globs(texts: &[String]) -> Result<Vec<IdGlob>, String> {
    texts.iter().map(|text| IdGlob::new(text)).collect()
}

fn no_such_clause(corpus: &Corpus, id: &str) -> String {
    let similar = corpus
        .clauses
        .iter()
        .map(|clause| (strsim::jaro_winkler(&clause.id, id), &clause.id));
    match similar.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, similar)) if likeness > 0.8 => {
            format!("no clause `{id}` (did you mean `{similar}`?)")
        }
        _ => format!("no clause `{id}`; `ssespec cases --coverage` lists them"),
    }
}

fn list(out: &mut dyn Write, case: &Case, width: usize) -> io::Result<()> {
    let clause = case.clauses.first().map_or("", String::as_str);
    let head = format!(
        "{:<50} {:<6} {:<24} ",
        escape::prose(&case.id),
        level(case.level),
        clause
    );
    // On a narrow terminal the reason gets a line of its own.
    let room = width.saturating_sub(escape::columns(&head));
    if room >= 30 {
        writeln!(out, "{head}{}", escape::shortened(&case.why, room))
    } else {
        writeln!(out, "{}", head.trim_end())?;
        writeln!(
            out,
            "    {}",
            escape::shortened(&case.why, width.saturating_sub(4))
        )
    }
}

fn explain(out: &mut dyn Write, corpus: &Corpus, case: &Case, width: usize) -> io::Result<()> {
    writeln!(out, "{}", escape::prose(&case.id))?;
    writeln!(out, "  why         {}", escape::prose(&case.why))?;
    if let Some(reason) = &case.disputes {
        writeln!(out, "  disputes    {}", escape::prose(reason))?;
    }
    let (answers, role) = match &case.kind {
        Kind::Parser(parser_case) => {
            explain_stream(out, parser_case, width)?;
            (parser_case.answers.iter().collect::<Vec<_>>(), "")
        }
        Kind::Client(client_case) => {
            exchange::script(out, client_case, width)?;
            let answers = client_case.answers.iter().map(|answer| &answer.events);
            (answers.collect(), " --role client")
        }
        Kind::Server(server_case) => {
            exchange::emitted(out, server_case, width)?;
            (Vec::new(), " --role server")
        }
    };
    for (index, answer) in answers.into_iter().enumerate() {
        if let Some(reason) = &answer.reason {
            writeln!(out, "  answer {}    {}", index + 1, escape::prose(reason))?;
        }
        explain_answer(out, answer, width)?;
    }
    for id in &case.clauses {
        let Some(clause) = corpus.clauses.find(id) else {
            continue;
        };
        explain_clause(out, clause)?;
    }
    writeln!(
        out,
        "  rerun       ssespec run{role} -k {}\n",
        command::shell_word(&case.id)
    )
}

fn explain_stream(out: &mut dyn Write, case: &ParserCase, width: usize) -> io::Result<()> {
    let delivery = match &case.written_cuts {
        Some(cuts) => Delivery::new(Cutting::AsWritten, case.stream.clone(), cuts.clone()),
        None => Delivery::whole(case.stream.clone()),
    };
    let stream = match escape::delivery(&delivery, 8 * width) {
        empty if empty.is_empty() => "(empty)".to_owned(),
        stream => stream,
    };
    let n_deliveries = case.deliveries(SEED).len();
    writeln!(out, "  stream      {stream}")?;
    writeln!(
        out,
        "  tried in    {n_deliveries} deliveries of {}",
        plural(case.stream.len(), "byte")
    )
}

fn explain_answer(out: &mut dyn Write, answer: &Answer, width: usize) -> io::Result<()> {
    if answer.events.is_empty() {
        writeln!(out, "  events      none")?;
    }
    for (index, event) in answer.events.iter().enumerate() {
        let label = if index == 0 { "events" } else { "" };
        let room = width.saturating_sub(60).max(40);
        let event_type = escape::quoted(event.event_type.as_bytes(), 30);
        let data = escape::quoted(event.data.as_bytes(), room);
        let id = escape::quoted(event.last_event_id.as_bytes(), 30);
        writeln!(
            out,
            "  {label:<11} {}  type={event_type}  data={data}  id={id}",
            index + 1
        )?;
    }
    if let Some(id) = &answer.end.last_event_id {
        writeln!(
            out,
            "  at the end  last event ID {}",
            escape::quoted(id.as_bytes(), width)
        )?;
    }
    if let Some(time) = &answer.end.reconnection_time {
        writeln!(out, "  at the end  reconnection time {time} ms")?;
    }
    Ok(())
}

fn explain_clause(out: &mut dyn Write, clause: &Clause) -> io::Result<()> {
    writeln!(
        out,
        "  clause      {} ({}): {}",
        clause.id,
        level(clause.level),
        clause.requirement
    )?;
    if clause.reading {
        writeln!(
            out,
            "              the text is ambiguous; this is the reading taken"
        )?;
    }
    if let Some(basis) = &clause.basis {
        writeln!(out, "              {basis}")?;
    }
    writeln!(out, "              {}", clause.url())
}

fn coverage(
    out: &mut dyn Write,
    corpus: &Corpus,
    glob: Option<&IdGlob>,
    width: usize,
) -> io::Result<()> {
    let mut n_shown = 0;
    let mut n_without = 0;
    let mut untestable = Vec::new();
    let mut elsewhere = [(Observe::Browser, Vec::new()), (Observe::Wire, Vec::new())];
    for clause in corpus
        .clauses
        .iter()
        .filter(|clause| glob.is_none_or(|glob| glob.matches(&clause.id)))
    {
        let is_seen = |observe: &Observe| matches!(observe, Observe::Bytes | Observe::Network);
        let n_cases = corpus
            .cases
            .iter()
            .filter(|case| case.clauses.contains(&clause.id))
            .count();
        if let Some(reason) = &clause.untestable {
            untestable.push((clause, reason));
            continue;
        }
        if !clause.observe.iter().any(is_seen) && n_cases == 0 {
            let places = elsewhere.iter_mut();
            for (_, ids) in places.filter(|(observe, _)| clause.observe.contains(observe)) {
                ids.push(clause.id.as_str());
            }
            continue;
        }
        n_shown += 1;
        n_without += usize::from(n_cases == 0);
        let mark = if n_cases == 0 { "NO CASE" } else { "" };
        let requirement = escape::shortened(&clause.requirement, width.saturating_sub(50));
        writeln!(
            out,
            "{n_cases:>5} {mark:<7} {:<6} {:<28} {requirement}",
            level(clause.level),
            clause.id
        )?;
    }
    if !untestable.is_empty() {
        writeln!(out, "\nuntestable:")?;
    }
    for (clause, reason) in &untestable {
        let level = level(clause.level);
        writeln!(out, "              {level:<6} {:<28} {reason}", clause.id)?;
    }
    for (observe, ids) in elsewhere.iter().filter(|(_, ids)| !ids.is_empty()) {
        let whom = match observe {
            Observe::Browser => "seen only by script in a browser",
            _ => "seen in what a server writes, and without a case",
        };
        writeln!(out, "\n{whom}: {}", ids.join(", "))?;
    }
    writeln!(
        out,
        "\n{} that parsers, clients and servers show, {n_without} of them without a case; {} untestable",
        plural(n_shown, "clause"),
        untestable.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(args: &Args) -> Result<String, String> {
        let mut out = Vec::new();
        run(args, &mut out)?;
        Ok(String::from_utf8(out).expect("UTF-8"))
    }

    fn selecting(glob: &str) -> Args {
        Args {
            globs: vec![glob.to_owned()],
            ..Args::default()
        }
    }

    #[test]
    fn a_single_case_is_explained() {
        let text = output(&selecting("parser/fields/id-nul/nul-at-the-start")).expect("a case");
        for part in [
            r"stream      id: 1\ndata: a\n\nid:\0x\ndata: b\n\n",
            "type=\"message\"  data=\"b\"  id=\"1\"",
            "at the end  last event ID \"1\"",
            "clause      id.nul-ignored (must)",
            "server-sent-events.html#processField",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn many_cases_are_listed() {
        let text = output(&selecting("parser/fields/id-nul/*")).expect("cases");
        assert!(text.lines().count() >= 4, "{text}");
        assert!(!text.contains("stream"), "{text}");
    }

    #[test]
    fn an_empty_selection_and_an_unknown_clause_are_errors() {
        assert_eq!(
            output(&selecting("nothing/*")),
            Err("no case matches; `ssespec cases` lists them all".to_owned())
        );
        let args = Args {
            clause: Some("id.nul-ignord".to_owned()),
            ..Args::default()
        };
        assert_eq!(
            output(&args),
            Err("no clause `id.nul-ignord` (did you mean `id.nul-ignored`?)".to_owned())
        );
    }

    #[test]
    fn coverage_counts_the_cases_of_each_clause() {
        let args = Args {
            coverage: true,
            ..Args::default()
        };
        let text = output(&args).expect("a table");
        assert!(text.contains("id.nul-ignored"), "{text}");
        assert!(text.contains("req.last-event-id.utf8"), "{text}");
        // A clause has cases, or a reason why it has none.
        assert!(!text.contains("NO CASE"), "{text}");
        let (_, untestable) = text.split_once("untestable:").expect("reasons");
        assert!(untestable.contains("gc.open"), "{text}");
    }
}

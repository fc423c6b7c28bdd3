//! A diagnosis to Markdown that is fit for an issue in the implementation's own tracker.

use std::fmt::Write as _;

use super::others::Others;
use super::{Diagnosis, Example, Growth};
use crate::clause::{Clause, Level};
use crate::observation::Observation;
use crate::report::terminal::{comparison, plural};
use crate::report::{command, escape};
use crate::verdict::danger;

/// Wide enough for most values, narrow enough for a web page.
const WIDTH: usize = 96;
/// A longer program is no snippet.
const MAX_SNIPPET_LINES: usize = 80;

/// The whole page: each quirk a section of its own, so that it can be posted alone.
pub fn markdown(diagnosis: &Diagnosis, others: Option<&Others<'_>>) -> String {
    let mut text = String::new();
    // Whoever posts the whole page must see it before all else.
    if let Some(warning) = diagnosis.warning() {
        _ = writeln!(text, "> **{warning}**\n");
    }
    _ = writeln!(
        text,
        "# {} {}: deviations from the event stream standard\n",
        prose(&diagnosis.implementation),
        prose(&diagnosis.version)
    );
    _ = writeln!(
        text,
        "Found by ssespec {} with the adapter `{}`; {}.",
        env!("CARGO_PKG_VERSION"),
        code(&diagnosis.target),
        diagnosis.share()
    );
    if !diagnosis.homepage.is_empty() {
        _ = writeln!(text, "Home page: {}.", address(&diagnosis.homepage));
    }
    if diagnosis.platform_decodes {
        text.push_str("The platform's decoder stands in front of the implementation, as its documentation shows.\n");
    }
    for quirk in &diagnosis.quirks {
        _ = writeln!(text, "\n## {}\n", quirk.sentence.trim_end_matches('.'));
        if let Some(warning) = quirk.example.as_ref().and_then(Example::warning) {
            _ = writeln!(text, "> **{warning}**\n");
        }
        _ = writeln!(text, "Known to ssespec as `{}`.", quirk.name);
        for (name, sentence) in &quirk.alternatives {
            _ = writeln!(
                text,
                "It could as well be `{name}` ({sentence}): what the implementation shows does not tell which."
            );
        }
        write_clause(&mut text, diagnosis, &quirk.clause);
        if let Some(example) = &quirk.example {
            write_example(&mut text, diagnosis, example);
        }
        write_others(&mut text, others, &quirk.name, &quirk.clause);
    }
    for undecided in &diagnosis.undecided {
        let [a, b] = &undecided.names;
        _ = writeln!(
            text,
            "\n## Undecided between `{a}` and `{b}`\n\nNeither does as the implementation on this stream:\n\n```sh\n{}\n```",
            command::printf(&undecided.delivery)
        );
    }
    for example in &diagnosis.remaining {
        _ = writeln!(text, "\n## Not explained: {}\n", prose(&example.title));
        if let Some(warning) = example.warning() {
            _ = writeln!(text, "> **{warning}**\n");
        }
        write_clause(&mut text, diagnosis, &example.clause);
        write_example(&mut text, diagnosis, example);
        // Without a quirk it is not sure what the example is about, so the others are not named.
    }
    for growth in &diagnosis.growth {
        write_growth(&mut text, diagnosis, growth);
    }
    write_sources(&mut text, diagnosis);
    text
}

fn write_clause(text: &mut String, diagnosis: &Diagnosis, id: &str) {
    let Some(clause) = diagnosis.clauses.find(id) else {
        return;
    };
    _ = writeln!(
        text,
        "\nClause [`{}`]({}) ({}): {}.",
        clause.id,
        clause.url(),
        level(clause.level),
        prose(clause.requirement.trim_end_matches('.'))
    );
    write_reading(text, clause);
}

fn write_others(text: &mut String, others: Option<&Others<'_>>, quirk: &str, clause: &str) {
    let Some((others, behaviour)) =
        others.and_then(|others| Some((others, others.behaviour(quirk, clause)?)))
    else {
        return;
    };
    let (name, clause) = (prose(others.name), code(clause));
    if behaviour.groups.is_empty() {
        _ = writeln!(
            text,
            "\nHow other implementations behave here is not known: {name} has no case about `{clause}`.\n"
        );
        return;
    }
    _ = writeln!(
        text,
        "\nHow {} behave where `{clause}` is asked for, in {name} of ssespec {} ({}):\n",
        plural(behaviour.n_others, "other implementation"),
        prose(&others.report.version),
        prose(&others.report.platform)
    );
    for (manner, names) in &behaviour.groups {
        _ = writeln!(
            text,
            "- {} of {} {}: {}.",
            names.len(),
            behaviour.n_others,
            manner.words(names.len()),
            prose(&names.join(", "))
        );
    }
}

fn write_growth(text: &mut String, diagnosis: &Diagnosis, growth: &Growth) {
    _ = writeln!(
        text,
        "\n## {}\n",
        prose(growth.sentence.trim_end_matches('.'))
    );
    _ = writeln!(text, "> **{}**\n", danger::WARNING);
    _ = writeln!(
        text,
        "Known to ssespec as `{}`.\nThe shortest of the streams is {} bytes long, in {} chunks, and starts so; the others repeat it:\n\n```text\n{}\n```",
        code(&growth.title),
        growth.delivery.bytes().len(),
        growth.delivery.cuts().len() + 1,
        code(&escape::delivery(&growth.delivery, WIDTH))
    );
    _ = writeln!(
        text,
        "\nTo measure it again: `ssespec fuzz --runs 1 {}`",
        code(&command::target_words(&diagnosis.asked_as, ""))
    );
}

/// Where the text leaves room, a maintainer should hear it from us first.
fn write_reading(text: &mut String, clause: &Clause) {
    if clause.reading {
        text.push_str("The standard's text can be read in more than one way here; this is the reading that ssespec takes.\n");
    }
    if let Some(basis) = &clause.basis {
        _ = writeln!(
            text,
            "Why it has this level: {}.",
            prose(basis.trim_end_matches('.'))
        );
    }
    if let Some(against) = &clause.against {
        _ = writeln!(
            text,
            "The argument against this reading: {}.",
            prose(against.trim_end_matches('.'))
        );
    }
}

fn write_example(text: &mut String, diagnosis: &Diagnosis, example: &Example) {
    let delivery = &example.failing.delivery;
    _ = writeln!(text, "\n```sh\n{}\n```\n", command::printf(delivery));
    if !delivery.cuts().is_empty() {
        _ = writeln!(
            text,
            "The chunks end where `│` stands: `{}`\n",
            code(&escape::delivery(delivery, 400))
        );
    }
    text.push_str("```text\n");
    for row in comparison::side_by_side(&example.case.answers[0], &example.failing, WIDTH) {
        _ = writeln!(text, "{}", row.text.replace("```", "'''").trim_end());
    }
    if let Observation::Crashed(death) | Observation::Hung(death) = &example.failing.observation {
        for line in &death.log {
            _ = writeln!(text, "log: {}", escape::prose(line).replace("```", "'''"));
        }
    }
    text.push_str("```\n");
    _ = writeln!(
        text,
        "\nTo see it again: `{}`",
        code(&command::parse(delivery, &diagnosis.asked_as))
    );
}

/// How the implementation was driven, in its own language.
fn write_sources(text: &mut String, diagnosis: &Diagnosis) {
    let mut sources = diagnosis.sources.iter();
    let is_snippet = |text: &str| text.lines().count() <= MAX_SNIPPET_LINES;
    let Some(source) = sources.find(|source| is_snippet(&source.text)) else {
        return;
    };
    _ = writeln!(
        text,
        "\n## How it was driven\n\n`{}`:\n\n```{}\n{}\n```",
        code(&source.path),
        code(&diagnosis.language.to_ascii_lowercase()),
        source.text.replace("```", "'''").trim_end()
    );
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::May => "may",
        Level::Open => "left open",
    }
}

/// Text between backticks.
fn code(text: &str) -> String {
    escape::prose(text).replace('`', "'")
}

/// Text that must not become markup.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    for c in escape::prose(text).chars() {
        if matches!(
            c,
            '<' | '>' | '[' | ']' | '*' | '_' | '`' | '\\' | '#' | '|' | '@'
        ) {
            prose.push('\\');
        }
        prose.push(c);
    }
    prose
}

/// A link, in which Markdown knows no escapes, or text where it is none of the web.
fn address(url: &str) -> String {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_plain = url
        .chars()
        .all(|c| c.is_ascii_graphic() && c != '<' && c != '>');
    if is_web && is_plain {
        format!("<{url}>")
    } else {
        prose(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_the_web_becomes_a_link() {
        let plain = "https://a.example/b_c#d";
        assert_eq!(address(plain), format!("<{plain}>"));
        assert_eq!(address("https://a> @b"), "https://a\\> \\@b");
        assert_eq!(address("javascript:1_"), "javascript:1\\_");
    }
}

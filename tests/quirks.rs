//! Does the corpus notice each deliberate mistake? A surviving quirk is a missing case.
//!
//! The kill matrix is committed as `reports/kill-matrix.md`; `INSTA_UPDATE=always cargo test --test quirks` writes it anew.

use std::fmt::Write as _;

use ssespec::corpus::Corpus;
use ssespec::observation::{Features, Observation, View};
use ssespec::quirk;
use ssespec::verdict::{Verdict, parser};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/kill-matrix.md");

/// A target that shows what the block of an event itself says: some mistakes show nowhere else.
const OWN_BLOCK: Features = Features {
    last_event_id: View::Block,
    reconnection_time: View::Block,
    ..Features::FULL
};

#[test]
fn every_quirk_is_killed_by_a_case() {
    let mut corpus = Corpus::embedded();
    corpus.cases.retain(|case| case.parser().is_some());
    let mut matrix = format!(
        "# The kill matrix\n\n\
         Each row is a mistake that a parser can make, in a model of our own; the corpus of {} cases notices each of the {}.\n\
         Cases of more than 2 KiB are left out of the counts, except for mistakes about long lines.\n\n\
         | quirk | clause | cases that notice it | the first | what such a parser does |\n|---|---|---:|---|---|\n",
        corpus.cases.len(),
        quirk::all().len(),
    );
    let mut survivors = Vec::new();
    for quirk in quirk::all() {
        let killers: Vec<&str> = corpus
            .cases
            .iter()
            .filter(|case| {
                let Some(parser_case) = case.parser() else {
                    return false;
                };
                // The long cases cost too much for every quirk; those about long lines run below.
                let is_affordable = parser_case.stream.len() <= 2048 || quirk.name.contains("64k");
                is_affordable
                    && case.deliveries(true, 0).iter().any(|delivery| {
                        [Features::FULL, OWN_BLOCK].iter().any(|features| {
                            let parsed = quirk::show(&[quirk], delivery, features);
                            let observation = Observation::Parsed(parsed);
                            let verdict =
                                parser::judge(parser_case, delivery, features, &observation);
                            matches!(verdict, Verdict::Deviates(_))
                        })
                    })
            })
            .map(|case| case.id.as_str())
            .collect();
        match killers.as_slice() {
            [] => survivors.push(format!(
                "{} ({}): {}",
                quirk.name, quirk.clause, quirk.sentence
            )),
            [first, ..] => {
                _ = writeln!(
                    matrix,
                    "| `{}` | `{}` | {} | `{first}` | {} |",
                    quirk.name,
                    quirk.clause,
                    killers.len(),
                    quirk.sentence.replace('|', "\\|"),
                );
            }
        }
    }
    // The page is what a reader of the test sees as well.
    println!("{matrix}");
    assert!(
        survivors.is_empty(),
        "{} quirks survive the corpus:\n{}",
        survivors.len(),
        survivors.join("\n")
    );
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(PAGE, &matrix).expect("reports/ can be written to");
    }
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        page == matrix,
        "reports/kill-matrix.md is stale: INSTA_UPDATE=always cargo test --test quirks"
    );
}

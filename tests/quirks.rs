//! Does the corpus notice each deliberate mistake? A surviving quirk is a missing case.

use std::fmt::Write as _;

use ssespec::case::Kind;
use ssespec::corpus::Corpus;
use ssespec::observation::{Features, Observation};
use ssespec::quirk;
use ssespec::verdict::{Verdict, parser};

#[test]
fn every_quirk_is_killed_by_a_case() {
    let corpus = Corpus::embedded();
    let mut matrix = String::new();
    let mut survivors = Vec::new();
    for quirk in quirk::all() {
        let killers: Vec<&str> = corpus
            .cases
            .iter()
            .filter(|case| {
                let Kind::Parser(parser_case) = &case.kind;
                // The long cases cost too much for every quirk; those about long lines run below.
                let is_affordable = parser_case.stream.len() <= 2048 || quirk.name.contains("64k");
                is_affordable
                    && case.deliveries(true, 0).iter().any(|delivery| {
                        let observation = Observation::Parsed(quirk::observe(&[quirk], delivery));
                        let verdict =
                            parser::judge(parser_case, delivery, &Features::FULL, &observation);
                        matches!(verdict, Verdict::Deviates(_))
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
                _ = writeln!(matrix, "{:<45} {:>4}  {first}", quirk.name, killers.len());
            }
        }
    }
    println!("{matrix}");
    assert!(
        survivors.is_empty(),
        "{} quirks survive the corpus:\n{}",
        survivors.len(),
        survivors.join("\n")
    );
}

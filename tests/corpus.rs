//! Does our parser pass every case, in every delivery? Each case is a named test.

use libtest_mimic::{Arguments, Failed, Trial};
use ssespec::case::Case;
use ssespec::corpus::Corpus;
use ssespec::observation::Features;
use ssespec::reference;
use ssespec::verdict::{Verdict, parser};

fn main() {
    let arguments = Arguments::from_args();
    let trials = Corpus::embedded()
        .cases
        .into_iter()
        .filter(|case| case.parser().is_some())
        .map(|case| Trial::test(case.id.clone(), move || check(&case)));
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn check(case: &Case) -> Result<(), Failed> {
    let parser_case = case.parser().ok_or("it asks no parser")?;
    for delivery in parser_case.deliveries(0) {
        let observation = reference::observe(&delivery);
        match parser::judge(parser_case, &delivery, &Features::FULL, &observation) {
            Verdict::Conforms => (),
            other => return Err(format!("{}@{}: {other:?}", case.id, delivery.cutting).into()),
        }
    }
    Ok(())
}

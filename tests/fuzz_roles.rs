//! `ssespec fuzz` of clients and servers through the real binary, against adapters with one known fault, and with none.
#![cfg(all(unix, feature = "cli"))]

mod fuzzing;

use std::process::Command;

use fuzzing::{Fuzz, Saved, check_jobs_change_nothing, tally};

/// A search in `throwaway/fuzzed_ROLE.py`.
fn faulty(role: &str, fault: &[&str]) -> Fuzz {
    let program = format!("tests/throwaway/fuzzed_{role}.py");
    let target = [&["python3", program.as_str()][..], fault].concat();
    Fuzz::new(&target).with(&["--timeout", "10", "--role", role])
}

#[track_caller]
fn check_is_faultless(fuzz: &Fuzz) {
    let finished = fuzz.go();
    assert_eq!(finished.exit_code, 0, "{}", finished.all());
    assert!(fuzz.saved().is_empty(), "{}", finished.all());
    assert!(
        tally(&finished).contains(" 0 deviate"),
        "{}",
        finished.all()
    );
}

/// The one finding of a search.
#[track_caller]
fn found(fuzz: &Fuzz, name: &str) -> Saved {
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(saved.name, name, "{}", finished.all());
    saved
}

#[track_caller]
fn check_warns(saved: &Saved) {
    let warning = "# possible vulnerability";
    assert!(saved.text.contains(warning), "{}", saved.text);
}

/// What was found is found again by a replay, is told but no news where it is known, and stands in the file of a case.
#[track_caller]
fn check_is_kept(fuzz: &Fuzz, saved: &Saved, role: &str, faultless: &Fuzz) {
    assert!(
        saved.text.contains(&format!("# role: {role}\n")),
        "{}",
        saved.text
    );
    assert!(saved.text.contains("# standing: stable"), "{}", saved.text);
    let replayed = fuzz.replay(&saved.path);
    assert_eq!(replayed.exit_code, 1, "{}", replayed.all());
    assert!(
        replayed.stdout.contains("deviates in 3 of 3 replays"),
        "{}",
        replayed.all()
    );
    let replayed = faultless.replay(&saved.path);
    assert_eq!(replayed.exit_code, 0, "{}", replayed.all());
    let path = saved.path.display().to_string();
    let known = fuzz.anew().with(&["--known", &path]).with_report();
    let finished = known.go();
    assert_eq!(finished.exit_code, 0, "{}", finished.all());
    assert!(known.saved().is_empty(), "{}", finished.all());
    let report = known.report();
    let finding = &report["targets"][0]["findings"][0];
    assert_eq!(finding["known"], true, "{finding}");
}

#[test]
fn a_faultless_client_has_no_findings() {
    check_is_faultless(&faulty("client", &["none"]).with(&["--runs", "300"]));
}

#[test]
fn a_fault_of_a_clients_parser_is_found_over_http_and_named() {
    let fuzz = faulty("client", &["glues", "once"]).with(&["--runs", "300"]);
    let saved = found(&fuzz, "data-glued");
    // Two lines of data and a blank one.
    assert_eq!(saved.stream.len(), 11, "{}", saved.text);
    check_is_kept(&fuzz, &saved, "client", &faulty("client", &["none"]));
    let run = fuzz.run("client", "http/*/data-glued");
    assert!(
        run.exit_code == 1 && run.stdout.contains("1 fail"),
        "{}",
        run.all()
    );
}

#[test]
fn cuts_reach_a_client_where_they_are() {
    let fuzz = faulty("client", &["splits-crlf", "once"]).with(&["--runs", "500"]);
    let saved = found(&fuzz, "line-split-crlf-is-two-ends");
    assert!(saved.text.contains("chunks: ["), "{}", saved.text);
    check_is_kept(&fuzz, &saved, "client", &faulty("client", &["none"]));
}

#[test]
fn a_client_that_dies_is_a_finding_with_a_warning() {
    let fuzz = faulty("client", &["dies", "once"]).with(&["--runs", "100"]);
    let saved = found(&fuzz, "crash-exit-code-7");
    check_warns(&saved);
    // One line of data, which holds that character.
    assert_eq!(saved.stream.len(), 9, "{}", saved.text);
}

#[cfg(target_os = "linux")]
#[test]
fn processor_time_of_a_client_that_grows_with_the_square_of_the_stream_is_a_finding_with_a_warning()
{
    let fuzz = faulty("client", &["crawls", "once"]).with(&["--runs", "20"]);
    let saved = found(&fuzz, "growth-time-colons");
    check_warns(&saved);
    assert!(saved.text.contains("32 KiB in "), "{}", saved.text);
    assert!(saved.text.contains("# role: client\n"), "{}", saved.text);
}

#[test]
fn a_faultless_server_has_no_findings() {
    check_is_faultless(&faulty("server", &["none"]).with(&["--runs", "1000"]));
}

#[test]
fn an_injection_is_found_and_named_by_its_field_and_character() {
    let fuzz = faulty("server", &["injects"]).with(&["--runs", "400"]);
    let saved = found(&fuzz, "server-injected-id-lf");
    assert!(
        saved.text.contains("clauses: [server.no-injection]"),
        "{}",
        saved.text
    );
    assert!(saved.stream.starts_with(b"id: "), "{}", saved.text);
    check_warns(&saved);
    check_is_kept(&fuzz, &saved, "server", &faulty("server", &["none"]));
    let run = fuzz.run("server", "*/server-injected-id-lf");
    assert!(
        run.exit_code == 1 && run.stdout.contains("1 fail"),
        "{}",
        run.all()
    );
}

#[test]
fn a_long_text_becomes_as_short_as_the_fault_allows() {
    let fuzz = faulty("server", &["truncates"]).with(&["--runs", "400"]);
    let saved = found(&fuzz, "server-altered-data-long");
    let data = format!("emit:\n      - {{ data: \"{}\" }}\n", "a".repeat(1025));
    assert!(saved.text.contains(&data), "{}", saved.text);
}

#[test]
fn a_server_that_dies_is_a_finding_with_a_warning() {
    let fuzz = faulty("server", &["dies"]).with(&["--runs", "300"]);
    let saved = found(&fuzz, "crash-exit-code-9");
    check_warns(&saved);
    assert!(saved.text.contains("type: \":\""), "{}", saved.text);
}

#[test]
fn what_a_server_shows_only_after_other_emissions_is_saved_with_them() {
    let fuzz = faulty("server", &["tires"]).with(&["--runs", "60"]);
    let finished = fuzz.go();
    let mut saved = fuzz.saved().into_iter();
    let saved = saved
        .find(|saved| saved.text.contains("# standing: needs history"))
        .unwrap_or_else(|| panic!("{}", finished.all()));
    assert!(saved.text.contains("name: before-1\n"), "{}", saved.text);
    let replayed = fuzz.replay(&saved.path);
    assert!(
        replayed.stdout.contains("deviates in 3 of 3 replays"),
        "{}",
        replayed.all()
    );
}

#[test]
fn the_same_seed_gives_the_same_findings_however_many_jobs() {
    for (role, fault) in [
        ("client", ["glues", "once"].as_slice()),
        ("server", &["injects"]),
    ] {
        check_jobs_change_nothing(&faulty(role, fault).with(&["--runs", "1200", "--seed", "9"]));
    }
}

#[test]
fn a_role_that_a_target_does_not_have_is_said() {
    let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["fuzz", "--role", "server", "adapters/javascript/undici"])
        .output()
        .expect("the binary starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("`undici` has no role server"), "{stderr}");
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn processor_time_of_a_server_that_grows_with_the_square_of_an_emission_is_a_finding_with_a_warning()
 {
    let fuzz = faulty("server", &["crawls"]).with(&["--runs", "20"]);
    let saved = found(&fuzz, "growth-time-emitted-carriage-returns");
    check_warns(&saved);
    assert!(saved.text.contains("32 KiB in "), "{}", saved.text);
    assert!(saved.text.contains("# role: server\n"), "{}", saved.text);
}

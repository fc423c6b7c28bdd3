//! The lock file of the workspace, to the version of the implementation that an adapter is built with.

use std::env;
use std::fs;
use std::path::Path;

/// Gives the crate whose build script calls it `IMPLEMENTATION_VERSION`, the version to which `package` was resolved.
pub fn export(package: &str) {
    let manifest_dir = env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder of the crate");
    let lock_file = Path::new(&manifest_dir).join("../Cargo.lock");
    let lock = fs::read_to_string(lock_file).expect("the workspace has a lock file");
    println!("cargo::rerun-if-changed=../Cargo.lock");
    match resolved(&lock, package) {
        Ok(version) => println!("cargo::rustc-env=IMPLEMENTATION_VERSION={version}"),
        Err(reason) => println!("cargo::error={reason}"),
    }
}

/// Finds the one version of `package`; with two of them nobody could say which is under test.
fn resolved<'a>(lock: &'a str, package: &str) -> Result<&'a str, String> {
    let name = format!("name = \"{package}\"");
    let mut versions = lock
        .split("[[package]]")
        .filter(|entry| entry.lines().any(|line| line == name))
        .filter_map(|entry| entry.lines().find_map(version));
    match (versions.next(), versions.next()) {
        (Some(version), None) => Ok(version),
        (None, _) => Err(format!("{package} is not in the lock file")),
        (Some(_), Some(_)) => Err(format!("{package} is in the lock file more than once")),
    }
}

fn version(line: &str) -> Option<&str> {
    line.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::resolved;

    const LOCK: &str = r#"
version = 4

[[package]]
name = "sse-stream"
version = "0.3.0"
dependencies = [
 "bytes",
]

[[package]]
name = "sse-stream-adapter"
version = "0.0.0"
dependencies = [
 "sse-stream",
]
"#;

    #[test]
    fn the_name_is_matched_in_full() {
        assert_eq!(resolved(LOCK, "sse-stream"), Ok("0.3.0"));
    }

    #[test]
    fn an_absent_package_has_no_version() {
        assert_eq!(
            resolved(LOCK, "sse"),
            Err("sse is not in the lock file".to_owned())
        );
    }
}

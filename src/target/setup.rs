//! An adapter's set-up and build: required tools, dependencies once for each lock file, a fresh build before each run.

use std::fs;
use std::hash::Hasher as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fnv::FnvHasher;
use tokio::process::Command;
use tokio::time::timeout;

use super::adapter::{Adapter, Setup};
use super::browser::program::Program;

/// Installing or building may take this long: a cold build of tokio and its friends takes three minutes on two cores.
const TIME_LIMIT: Duration = Duration::from_secs(20 * 60);

/// The first required program or file that is not installed.
pub fn missing_tool(adapter: &Adapter) -> Option<&str> {
    let is_missing = |tool: &&String| {
        if tool.contains('/') {
            !Path::new(tool).exists()
        } else {
            which::which(tool).is_err()
        }
    };
    let browser = adapter.browser.as_ref().and_then(|browser| browser.program);
    let browser = browser.filter(|browser| browser.find().is_none());
    let required = adapter.requires.iter().find(is_missing);
    required.map(String::as_str).or(browser.map(Program::name))
}

/// Says that a tool is missing, and what to do.
pub fn missing_tool_sentence(adapter: &Adapter, tool: &str) -> String {
    let where_it_is_not = if tool.contains('/') {
        "which does not exist"
    } else {
        "which is not on the PATH"
    };
    let browser = adapter.browser.as_ref().and_then(|browser| browser.program);
    let remedy = browser.filter(|browser| browser.name() == tool);
    format!(
        "`{}` needs `{tool}`, {where_it_is_not}; {}",
        adapter.name,
        remedy.map_or("install it", Program::remedy)
    )
}

/// Whether dependencies would be installed now.
pub fn is_needed(adapter: &Adapter) -> bool {
    adapter.setup.as_ref().is_some_and(|setup| !is_done(setup))
}

/// Installs dependencies if the lock file says so (unless `no_setup`), and builds.
///
/// # Errors
///
/// One sentence with the end of the failed command's output.
pub async fn prepare(adapter: &Adapter, no_setup: bool) -> Result<(), String> {
    if let Some(setup) = adapter.setup.as_ref().filter(|_| !no_setup) {
        install(setup).await?;
    }
    if let Some(build) = &adapter.build {
        for command in &build.commands {
            run(command, &build.directory).await?;
        }
    }
    Ok(())
}

async fn install(setup: &Setup) -> Result<(), String> {
    if is_done(setup) {
        return Ok(());
    }
    let folder = setup.directory.join(".ssespec");
    let at_folder =
        |error: std::io::Error| format!("{}: cannot be written: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(at_folder)?;
    // The folder keeps itself out of version control.
    fs::write(folder.join(".gitignore"), "*\n").map_err(at_folder)?;
    let lock = fs::File::create(folder.join("lock")).map_err(at_folder)?;
    // Adapters of one language share a folder: the second waits here and then finds the work done.
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
        .await
        .map_err(|error| error.to_string())?
        .map_err(at_folder)?;
    if !is_done(setup) {
        for command in &setup.commands {
            run(command, &setup.directory).await?;
        }
        fs::write(folder.join("done"), stamp(setup)).map_err(at_folder)?;
    }
    drop(lock);
    Ok(())
}

fn is_done(setup: &Setup) -> bool {
    fs::read_to_string(setup.directory.join(".ssespec/done")).is_ok_and(|done| done == stamp(setup))
}

/// Tells one state of the lock file and the commands from another.
fn stamp(setup: &Setup) -> String {
    let mut hasher = FnvHasher::default();
    hasher.write(&fs::read(&setup.lock).unwrap_or_default());
    for word in setup.commands.iter().flatten() {
        hasher.write(word.as_bytes());
    }
    format!("{:016x}\n", hasher.finish())
}

async fn run(words: &[String], directory: &Path) -> Result<(), String> {
    let Some((program, arguments)) = words.split_first() else {
        return Ok(());
    };
    let shown = words.join(" ");
    let path = if program.contains('/') {
        directory.join(program)
    } else {
        program.into()
    };
    let path = if path.components().count() > 1 {
        std::path::absolute(&path).unwrap_or(path)
    } else {
        path
    };
    let child = Command::new(path)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cannot run `{shown}` in {}: {error}", directory.display()))?;
    let output = match timeout(TIME_LIMIT, child.wait_with_output()).await {
        Err(_) => {
            return Err(format!(
                "`{shown}` took more than {} minutes and was ended",
                TIME_LIMIT.as_secs() / 60
            ));
        }
        Ok(output) => output.map_err(|error| format!("`{shown}`: {error}"))?,
    };
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let tail = lines[lines.len().saturating_sub(6)..].join("\n    ");
    Err(format!(
        "`{shown}` in {} failed ({}):\n    {tail}",
        directory.display(),
        output.status
    ))
}

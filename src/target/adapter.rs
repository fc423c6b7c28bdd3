//! A TARGET on the command line, to what starts it: a folder with adapter.yaml, an adapter's name, or a command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::browser::Browser;
use super::browser::program::Program;
use super::process::CommandLine;
use crate::clause::Role;
use crate::corpus::{Fault, file};
use crate::mask::mask;

/// An adapter, as its adapter.yaml describes it.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Its name in reports and on the command line.
    pub name: String,
    /// The words of the command line that name it.
    pub asked_as: String,
    /// The roles it can take.
    pub roles: Vec<Role>,
    /// How to start it; empty for a browser.
    pub command: CommandLine,
    /// It runs in a page of this browser.
    pub browser: Option<Browser>,
    /// Programs that must be on the PATH, and files (with a slash) that must exist.
    pub requires: Vec<String>,
    /// Installs dependencies, once for each state of the lock file.
    pub setup: Option<Setup>,
    /// Builds it, before every run.
    pub build: Option<Build>,
    /// The platform's decoder stands in front of the implementation.
    pub platform_decodes: bool,
    /// Written by us after the recipe that tutorials show, so that its faults are no library's.
    pub is_tutorial: bool,
    /// Where the implementation lives.
    pub homepage: String,
    /// It knows no protocol: the stream on its standard input, one JSON event a line on its standard output.
    pub is_plain: bool,
    /// The URL of a LaunchDarkly test service, which is asked in the place of a process.
    pub test_service: Option<String>,
    /// Its own folder; none for a bare command.
    pub folder: Option<PathBuf>,
    /// Where its baseline is, whether or not the file exists.
    pub known_failures: Option<PathBuf>,
}

/// Commands that install dependencies.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where they run.
    pub directory: PathBuf,
    /// The file whose contents tell whether they must run again.
    pub lock: PathBuf,
    /// In order.
    pub commands: Vec<Vec<String>>,
}

/// Commands that build an adapter.
#[derive(Clone, Debug)]
pub struct Build {
    /// Where they run.
    pub directory: PathBuf,
    /// In order.
    pub commands: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdapterFile {
    name: String,
    role: Option<Role>,
    roles: Option<Vec<Role>>,
    #[serde(default)]
    command: Vec<String>,
    browser: Option<BrowserName>,
    module: Option<PathBuf>,
    #[serde(default, rename = "implementation")]
    _implementation: Option<String>,
    #[serde(default, rename = "language")]
    _language: Option<String>,
    #[serde(default)]
    homepage: String,
    #[serde(default)]
    requires: Vec<String>,
    setup: Option<SetupFile>,
    build: Option<BuildFile>,
    decodes: Option<Decodes>,
    #[serde(default)]
    tutorial: bool,
    #[serde(default, rename = "features")]
    _features: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetupFile {
    #[serde(default)]
    directory: PathBuf,
    lock: PathBuf,
    commands: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BuildFile {
    #[serde(default)]
    directory: PathBuf,
    commands: Vec<Vec<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BrowserName {
    Chromium,
    Firefox,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decodes {
    Platform,
    Implementation,
}

impl Adapter {
    /// Reads `folder`/adapter.yaml.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, and where.
    pub fn from_folder(folder: &Path) -> Result<Self, String> {
        let path = folder.join("adapter.yaml");
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{shown}: cannot be read: {error}"))?;
        let file: AdapterFile =
            serde_yaml::from_str(&text).map_err(|error| file::fault(&shown, &error).to_string())?;
        let fault = |key: &str, message: String| {
            let line = 1 + text
                .lines()
                .position(|line| line.starts_with(key))
                .unwrap_or(0);
            Fault {
                file: shown.clone(),
                line,
                column: 1,
                message,
            }
            .to_string()
        };
        let has_command = file.command.first().is_some_and(|word| !word.is_empty());
        if has_command == file.browser.is_some() {
            return Err(fault(
                "command",
                "give either `command`, the program and its arguments as a list, or `browser`"
                    .to_owned(),
            ));
        }
        if file.module.is_some() && file.browser.is_none() {
            return Err(fault(
                "module",
                "`module` runs in the page of a browser: give `browser` too".to_owned(),
            ));
        }
        let roles = match (file.role, file.roles) {
            (Some(role), None) => vec![role],
            (None, Some(roles)) if !roles.is_empty() => roles,
            _ => {
                return Err(fault(
                    "role",
                    "give either `role` or a list `roles`".to_owned(),
                ));
            }
        };
        let setup = file.setup.map(|setup| Setup {
            directory: folder.join(&setup.directory),
            lock: folder.join(&setup.directory).join(&setup.lock),
            commands: setup.commands,
        });
        if let Some(setup) = setup.as_ref().filter(|setup| !setup.lock.is_file()) {
            return Err(fault(
                "setup",
                format!("the lock file {} does not exist", setup.lock.display()),
            ));
        }
        Ok(Self {
            asked_as: file.name.clone(),
            name: file.name,
            roles,
            command: CommandLine {
                words: file.command,
                directory: absolute(folder),
            },
            browser: file.browser.map(|name| Browser {
                program: Some(match name {
                    BrowserName::Chromium => Program::Chromium,
                    BrowserName::Firefox => Program::Firefox,
                }),
                module: file.module.map(|module| folder.join(module)),
                site: None,
            }),
            requires: file.requires,
            setup,
            build: file.build.map(|build| Build {
                directory: folder.join(build.directory),
                commands: build.commands,
            }),
            platform_decodes: matches!(file.decodes, Some(Decodes::Platform)),
            is_tutorial: file.tutorial,
            homepage: file.homepage,
            is_plain: false,
            test_service: None,
            folder: Some(folder.to_owned()),
            known_failures: Some(folder.join("known-failures.yaml")),
        })
    }

    /// Finds a TARGET: a folder with adapter.yaml, or the name of an adapter below ./adapters.
    ///
    /// # Errors
    ///
    /// No such adapter, with the nearest names; or a bad adapter.yaml.
    pub fn find(target: &str) -> Result<Self, String> {
        if Path::new(target).join("adapter.yaml").is_file() {
            return Ok(Self {
                asked_as: target.to_owned(),
                ..Self::from_folder(Path::new(target))?
            });
        }
        let mut nearest: Vec<(usize, String)> = Vec::new();
        for adapter in Self::all()? {
            if adapter.name == target {
                return Ok(adapter);
            }
            nearest.push((
                strsim::damerau_levenshtein(&adapter.name, target),
                adapter.name,
            ));
        }
        nearest.sort();
        let hint = match nearest.first() {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => "there is no folder `adapters` here".to_owned(),
        };
        Err(format!(
            "no such adapter: `{target}` is neither a folder with adapter.yaml nor the name of one below ./adapters ({hint}); \
             a command goes after `--`"
        ))
    }

    /// Every adapter below ./adapters, or the one in this folder, by name.
    ///
    /// # Errors
    ///
    /// A bad adapter.yaml.
    pub fn all() -> Result<Vec<Self>, String> {
        let mut folders = Vec::new();
        if Path::new("adapter.yaml").is_file() {
            folders.push(PathBuf::from("."));
        }
        adapter_folders(Path::new("adapters"), 2, &mut folders);
        let mut adapters = folders
            .iter()
            .map(|folder| Self::from_folder(folder))
            .collect::<Result<Vec<_>, _>>()?;
        adapters.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(pair) = adapters
            .windows(2)
            .find(|pair| pair[0].name == pair[1].name && pair[0].roles == pair[1].roles)
        {
            let [a, b] =
                [&pair[0], &pair[1]].map(|adapter| adapter.command.directory.display().to_string());
            return Err(format!(
                "two adapters are called `{}`: {a} and {b}; rename one",
                pair[0].name
            ));
        }
        Ok(adapters)
    }
}

impl Adapter {
    /// The adapter's own program text, path and text of each file: how the implementation was driven.
    ///
    /// Empty for a bare command, and for a folder that holds more than an adapter.
    pub fn sources(&self) -> Vec<(String, String)> {
        /// An adapter is small; a folder with more files is a project that an adapter stands in.
        const MAX_FILES: usize = 12;
        const MAX_BYTES: u64 = 32 << 10;
        const LANGUAGES: [&str; 16] = [
            "c", "cc", "cpp", "cs", "go", "h", "hpp", "java", "js", "jsx", "kt", "mjs", "php",
            "py", "rb", "rs",
        ];
        let Some(folder) = &self.folder else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = [folder.clone(), folder.join("src")]
            .iter()
            .filter_map(|folder| std::fs::read_dir(folder).ok())
            .flatten()
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                let extension = path.extension().and_then(|extension| extension.to_str());
                extension.is_some_and(|extension| LANGUAGES.contains(&extension))
                    && path
                        .metadata()
                        .is_ok_and(|file| file.is_file() && file.len() <= MAX_BYTES)
            })
            .collect();
        if paths.len() > MAX_FILES {
            return Vec::new();
        }
        paths.sort();
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).ok()?;
            let name = path.strip_prefix(folder).ok()?.display().to_string();
            Some((name, mask(&text)))
        };
        paths.iter().filter_map(read).collect()
    }
}

fn adapter_folders(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.join("adapter.yaml").is_file() {
            found.push(path);
        } else if depth > 1 && path.is_dir() {
            adapter_folders(&path, depth - 1, found);
        }
    }
}

fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

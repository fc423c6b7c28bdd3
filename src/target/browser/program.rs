//! A browser's name to the program, started without a window on one address and with a profile of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::target::process::{CommandLine, Process};

/// A browser that we can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Chromium, or Chrome.
    Chromium,
    /// Firefox.
    Firefox,
}

/// A running browser. Dropping it ends it and removes its profile.
pub struct Running {
    // Dropped in this order: first the processes, then the files that they write.
    pub(super) process: Process,
    _profile: Profile,
}

/// A folder that processes which are just being killed may still write to.
struct Profile(Option<TempDir>);

impl Program {
    /// What adapter.yaml and the command line call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    /// What the program may be called, the likeliest first.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
            ],
            Self::Firefox => &["firefox", "firefox-esr"],
        }
    }

    /// What installs it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Chromium => "install Chromium or Chrome (Debian: apt install chromium)",
            Self::Firefox => "install Firefox (Debian: apt install firefox-esr)",
        }
    }

    /// Where it is, if it is on the PATH.
    pub fn find(self) -> Option<PathBuf> {
        self.names().iter().find_map(|name| which::which(name).ok())
    }

    /// The version, where the page is told only a part of it.
    pub async fn version(self) -> Option<String> {
        /// It prints one line.
        const MOMENT: Duration = Duration::from_secs(5);
        if self != Self::Firefox {
            return None;
        }
        let words = vec![self.find()?.display().to_string(), "--version".to_owned()];
        let directory = PathBuf::from(".");
        let mut process = Process::start(&CommandLine { words, directory }).ok()?;
        let text = String::from_utf8_lossy(process.receive(MOMENT).await.ok()?).into_owned();
        let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        text.split_whitespace().find(is_version).map(str::to_owned)
    }

    fn arguments(self, profile: &Path) -> Vec<String> {
        let profile = profile.display();
        match self {
            Self::Chromium => {
                // `--no-sandbox`: containers and root cannot have it, and the page is ours. The rest keeps it from asking
                // anybody but the origin, and from slowing down a page that nobody looks at.
                const SWITCHES: [&str; 11] = [
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--disable-dev-shm-usage",
                    "--disable-background-timer-throttling",
                    "--no-proxy-server",
                ];
                let mut arguments: Vec<String> = SWITCHES.map(str::to_owned).into();
                arguments.push(format!("--user-data-dir={profile}"));
                arguments
            }
            Self::Firefox => ["--headless", "--no-remote", "--profile"]
                .map(str::to_owned)
                .into_iter()
                .chain([profile.to_string()])
                .collect(),
        }
    }
}

impl Running {
    /// Starts a browser on an address.
    ///
    /// # Errors
    ///
    /// One sentence: it is not there, or cannot be run.
    pub fn start(program: Program, address: &str) -> Result<Self, String> {
        let path = program.find().ok_or_else(|| {
            format!(
                "`{}` is not on the PATH; {}",
                program.name(),
                program.remedy()
            )
        })?;
        let profile = tempfile::Builder::new()
            .prefix("ssespec-profile-")
            .tempdir()
            .map_err(|error| format!("no folder for the browser's profile: {error}"))?;
        if program == Program::Firefox {
            std::fs::write(profile.path().join("user.js"), FIREFOX_PREFERENCES)
                .map_err(|error| format!("the browser's profile cannot be written: {error}"))?;
        }
        let mut words = vec![path.display().to_string()];
        words.extend(program.arguments(profile.path()));
        words.push(address.to_owned());
        let directory = profile.path().to_owned();
        Ok(Self {
            process: Process::start(&CommandLine { words, directory })?,
            _profile: Profile(Some(profile)),
        })
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let Some(folder) = self.0.take().map(TempDir::keep) else {
            return;
        };
        // The processes are killed, but perhaps not gone yet.
        for _ in 0..20 {
            if std::fs::remove_dir_all(&folder).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A fresh profile asks nobody but the origin, and opens no page of its own.
const FIREFOX_PREFERENCES: &str = r#"user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.downloads.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("network.http.throttle.enable", false);
user_pref("network.prefetch-next", false);
user_pref("network.proxy.type", 0);
user_pref("services.settings.server", "http://127.0.0.1:9/");
user_pref("startup.homepage_welcome_url", "");
user_pref("toolkit.telemetry.enabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
"#;

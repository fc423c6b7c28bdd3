//! What no adapter.yaml describes, to adapters: a command, a browser, a page that somebody opens, a test service.

use std::path::PathBuf;

use super::adapter::Adapter;
use super::browser::Browser;
use super::browser::site::Site;
use super::process::CommandLine;
use crate::clause::Role;
use crate::mask::mask;

impl Adapter {
    /// An adapter given as a command alone.
    pub fn from_command(words: &[String]) -> Self {
        Self {
            name: mask(&words.join(" ")),
            asked_as: mask(&format!("-- {}", words.join(" "))),
            roles: vec![Role::Parser],
            command: CommandLine {
                words: words.to_vec(),
                directory: PathBuf::from("."),
            },
            browser: None,
            requires: Vec::new(),
            setup: None,
            build: None,
            platform_decodes: false,
            is_tutorial: false,
            homepage: String::new(),
            is_plain: false,
            test_service: None,
            folder: None,
            known_failures: None,
        }
    }

    /// A program that knows no protocol (`--stdin -- COMMAND`).
    pub fn from_plain_command(words: &[String]) -> Self {
        Self {
            is_plain: true,
            asked_as: mask(&format!("--stdin -- {}", words.join(" "))),
            ..Self::from_command(words)
        }
    }

    /// A browser's own EventSource, where no adapter.yaml describes it.
    pub fn from_browser(browser: Browser, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            asked_as: format!("--browser {name}"),
            roles: vec![Role::Client],
            browser: Some(browser),
            ..Self::from_command(&[])
        }
    }

    /// The site whose page somebody opens.
    pub fn site(&self) -> Option<&Site> {
        self.browser.as_ref()?.site.as_deref()
    }

    /// A LaunchDarkly test service (`--test-service URL`), which has its name from the service itself.
    ///
    /// # Errors
    ///
    /// The URL is none that could be asked.
    pub fn from_test_service(url: &str) -> Result<Self, String> {
        let is_usable = url.strip_prefix("http://").is_some_and(|rest| {
            !rest.is_empty() && !rest.starts_with(['/', ':']) && !rest.contains(char::is_whitespace)
        });
        if !is_usable {
            return Err(format!(
                "--test-service takes a URL such as http://127.0.0.1:8000, and {url:?} is none"
            ));
        }
        Ok(Self {
            name: mask(url),
            asked_as: mask(&format!("--test-service {url}")),
            roles: vec![Role::Client],
            test_service: Some(url.to_owned()),
            ..Self::from_command(&[])
        })
    }
}

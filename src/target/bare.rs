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
            asked_as: mask(&format!("-- {}", pasted(words))),
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
            asked_as: mask(&format!("--stdin -- {}", pasted(words))),
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

/// A command as it is pasted into a shell. A word with NUL is no word of any shell; it stands as it is.
fn pasted(words: &[String]) -> String {
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_as_it_is_pasted_into_a_shell() {
        let asked_as = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            Adapter::from_command(&words).asked_as
        };
        assert_eq!(asked_as(&["node", "adapter.mjs"]), "-- node adapter.mjs");
        let words = ["python3", "my adapter.py", "it's", "--flag=$HOME"];
        let pasted = asked_as(&words);
        let read = shlex::split(&pasted).expect("a shell reads it");
        assert_eq!(read[1..], words);
    }
}

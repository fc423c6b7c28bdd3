//! `--browser`: the adapters that it concerns, each in that browser.

use clap::ValueEnum;

use crate::clause::Role;
use crate::target::adapter::Adapter;
use crate::target::browser::Browser;
use crate::target::browser::program::Program;

/// A browser that we can start.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum BrowserArg {
    Chromium,
    Firefox,
}

impl From<BrowserArg> for Program {
    fn from(browser: BrowserArg) -> Self {
        match browser {
            BrowserArg::Chromium => Self::Chromium,
            BrowserArg::Firefox => Self::Firefox,
        }
    }
}

/// The browser's own EventSource: as an adapter below ./adapters has it, with its known failures, or else bare.
///
/// # Errors
///
/// A bad adapter.yaml.
pub fn own(program: Program) -> Result<Adapter, String> {
    let is_own = |adapter: &Adapter| {
        let browser = adapter.browser.as_ref();
        browser.is_some_and(|browser| browser.program == Some(program) && browser.module.is_none())
    };
    let described = Adapter::all()?.into_iter().find(is_own);
    Ok(described.unwrap_or_else(|| Adapter::from_browser(Browser::own(program), program.name())))
}

/// An adapter, in this browser instead of its own.
///
/// # Errors
///
/// It runs in no browser.
pub fn inside(adapter: Adapter, program: Program) -> Result<Adapter, String> {
    let Some(browser) = &adapter.browser else {
        return Err(format!(
            "{} is no page, so --browser cannot run it: name a target whose adapter.yaml has `browser`",
            adapter.name
        ));
    };
    if browser.program == Some(program) {
        return Ok(adapter);
    }
    if browser.module.is_none() {
        return own(program);
    }
    Ok(Adapter {
        name: format!("{} ({})", adapter.name, program.name()),
        asked_as: format!("--browser {} {}", program.name(), adapter.asked_as),
        roles: vec![Role::Client],
        browser: Some(Browser {
            program: Some(program),
            ..browser.clone()
        }),
        // What is known of it was seen in another browser.
        known_failures: None,
        ..adapter
    })
}

//! A browser as a target: a page that drives an EventSource, and carries the messages of the adapter protocol over HTTP.

mod files;
pub mod page;
pub mod program;
pub mod site;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clause::Role;
use crate::target::message::{self, Greeting};
use crate::target::session::{read_greeting, with_log};
use page::Page;
use program::{Program, Running};
use site::Site;

/// A browser may take this many deadlines to start and to load the page.
const START_FACTOR: u32 = 4;

/// A browser, and what runs in its page.
#[derive(Clone, Debug)]
pub struct Browser {
    /// The browser itself.
    pub program: Option<Program>,
    /// A module that drives another implementation than the browser's own, built into one file.
    pub module: Option<PathBuf>,
    /// A site that somebody opens in a browser of their own; without one, each page gets its own.
    pub site: Option<Arc<Site>>,
}

impl Browser {
    /// The browser's own EventSource.
    pub fn own(program: Program) -> Self {
        Self {
            program: Some(program),
            module: None,
            site: None,
        }
    }

    /// Starts the browser if there is one to start, waits for its page and for what the page says of itself.
    ///
    /// # Errors
    ///
    /// One sentence, with the end of the browser's log.
    pub async fn open(&self, deadline: Duration) -> Result<(Page, Greeting), String> {
        let site = match &self.site {
            Some(site) => Arc::clone(site),
            None => Arc::new(Site::start(0, self.module.as_deref()).await?),
        };
        let running = match self.program {
            Some(program) => Some(Running::start(program, &site.address())?),
            None => None,
        };
        let mut page = Page::new(site, running, deadline);
        let patience = if self.program.is_some() {
            deadline * START_FACTOR
        } else {
            PERSON
        };
        if let Err(why) = page.loads(patience).await {
            return Err(with_log(why, &page.log()));
        }
        _ = page
            .requests()
            .send(message::initialize(1, Role::Client))
            .await;
        let greeting = match page.receive(deadline).await {
            Err(silence) => Err(format!("no answer to `initialize`: {silence}")),
            Ok(line) => read_greeting(line, Role::Client)
                .map_err(|sentence| format!("its answer to `initialize`: {sentence}")),
        };
        let own_version = match self.program {
            Some(program) if self.module.is_none() => program.version().await,
            _ => None,
        };
        match greeting {
            Ok(greeting) => {
                let version = own_version.unwrap_or_else(|| greeting.version.clone());
                Ok((
                    page,
                    Greeting {
                        version,
                        ..greeting
                    },
                ))
            }
            Err(sentence) => Err(with_log(sentence, &page.log())),
        }
    }
}

/// Somebody has to open a browser by hand.
const PERSON: Duration = Duration::from_secs(24 * 3600);

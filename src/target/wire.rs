//! What carries the messages of a client: the pipes of a process, or a page in a browser.

use std::time::Duration;

use tokio::sync::mpsc;

use super::browser::page::Page;
use super::process::{Process, Silence};

/// Lines in, lines out. Dropping it ends what is at its other end.
pub enum Wire {
    /// An adapter.
    Process(Process),
    /// An implementation in a browser.
    Page(Page),
}

impl Wire {
    /// Queues lines; none once the other end takes no more.
    pub fn requests(&self) -> Option<mpsc::Sender<Vec<u8>>> {
        match self {
            Self::Process(process) => process.requests(),
            Self::Page(page) => Some(page.requests()),
        }
    }

    /// Waits for the next line.
    ///
    /// # Errors
    ///
    /// There will be none.
    pub async fn receive(&mut self, deadline: Duration) -> Result<&[u8], Silence> {
        match self {
            Self::Process(process) => process.receive(deadline).await,
            Self::Page(page) => page.receive(deadline).await,
        }
    }

    /// The number of the process group at the other end, if it is one of ours.
    pub fn leader(&self) -> Option<u32> {
        match self {
            Self::Process(process) => process.leader(),
            Self::Page(page) => page.leader(),
        }
    }

    /// The last lines of the other end's log.
    pub fn log(&self) -> Vec<String> {
        match self {
            Self::Process(process) => process.log(),
            Self::Page(page) => page.log(),
        }
    }
}

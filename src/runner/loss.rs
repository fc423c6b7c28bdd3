//! Processes that were lost to what that says: of the implementation, where it was alone; of the target, where nothing was
//! under way.

use super::evidence::Observed;
use super::stage::Process;
use crate::observation::{Death, Observation};
use crate::target::process::Silence;
use crate::target::session::{Trouble, with_log};

/// A process that goes down this often with nothing under way is given up.
const MAX_IDLE_DEATHS: usize = 3;

/// The processes that were lost over one question, asked alone.
///
/// Twice dead or silent is the implementation's doing. Anything else is ours or the adapter's: an error.
#[derive(Default)]
pub struct Losses {
    last: Option<(Silence, Vec<String>)>,
}

impl Losses {
    /// Takes in why a process was lost, and its log.
    ///
    /// # Errors
    ///
    /// One sentence: it neither died nor fell silent.
    pub fn note(&mut self, trouble: Trouble, log: Vec<String>) -> Result<(), String> {
        match trouble {
            Trouble::Silence(silence @ (Silence::Died(_) | Silence::Hung { .. })) => {
                self.last = Some((silence, log));
                Ok(())
            }
            trouble => Err(with_log(trouble.to_string(), &log)),
        }
    }

    /// What the last one shows of the implementation.
    ///
    /// # Errors
    ///
    /// One sentence: none was lost.
    pub fn observed(self) -> Result<Observed, String> {
        let lost = self.last.map(|(silence, log)| death(silence, log));
        lost.ok_or_else(|| "no answer".to_owned())
    }
}

/// What is known of a target that died or fell silent, alone, twice.
pub fn death(silence: Silence, log: Vec<String>) -> Observed {
    let death = Death {
        how: silence.to_string(),
        log,
    };
    Observed {
        observation: match silence {
            Silence::Hung { .. } => Observation::Hung(death),
            Silence::Died(_) | Silence::Flooded => Observation::Crashed(death),
        },
        raw: String::new(),
        run: None,
    }
}

/// The processes that went down with nothing under way.
#[derive(Default)]
pub struct IdleDeaths(usize);

impl IdleDeaths {
    /// Takes in that one did.
    ///
    /// # Errors
    ///
    /// Why, in one sentence: that was once too often.
    pub fn note(&mut self, process: &impl Process) -> Result<(), String> {
        self.0 += 1;
        if self.0 < MAX_IDLE_DEATHS {
            return Ok(());
        }
        let why = process.over().map(|trouble| trouble.to_string());
        Err(with_log(why.unwrap_or_default(), &process.log()))
    }
}

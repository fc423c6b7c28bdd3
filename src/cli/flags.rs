//! Flags that several commands have, as words of the command line, to what they mean: --timeout, --for, --shard, --role.

use std::time::Duration;

use crate::clause::Role;
use crate::report::escape;

/// What `--role` takes.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum RoleArg {
    /// Streams in, events out, in the adapter protocol
    Parser,
    /// Streams over HTTP in, events out
    Client,
    /// What an application emits in, streams over HTTP out
    Server,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Parser => Self::Parser,
            RoleArg::Client => Self::Client,
            RoleArg::Server => Self::Server,
        }
    }
}

/// The seconds of `--timeout` to a time.
///
/// # Errors
///
/// One sentence.
pub fn deadline(seconds: f64) -> Result<Duration, String> {
    if seconds > 0.0 && seconds < 1e6 {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("--timeout takes a positive number of seconds".to_owned())
    }
}

/// `8h` to a time.
///
/// # Errors
///
/// One sentence.
pub fn time(text: &str) -> Result<Duration, String> {
    let error = || {
        let shown = escape::prose(text);
        format!("`{shown}` is no time: write a number and s, m or h, for example 8h")
    };
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(error)?;
    let number: f64 = number.parse().map_err(|_| error())?;
    let seconds = match unit {
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(error()),
    };
    if !(seconds > 0.0 && seconds < 1e9) {
        return Err(error());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// `2/4` to the second part, counted from 0, of four; all of it where no shard is asked for.
///
/// # Errors
///
/// One sentence.
pub fn shard(text: Option<&str>) -> Result<(u64, u64), String> {
    let Some(text) = text else {
        return Ok((0, 1));
    };
    let numbers = text
        .split_once('/')
        .and_then(|(k, n)| Some((k.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
    match numbers {
        Some((k, n)) if (1..=n).contains(&k) && n <= 1 << 20 => Ok((k - 1, n)),
        _ => Err(format!(
            "--shard {}: write K/N with K from 1 to N, for example 1/4",
            escape::prose(text)
        )),
    }
}

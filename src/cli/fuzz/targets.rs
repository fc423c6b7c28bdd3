//! Words of the command line to targets, each in the role in which it is fuzzed.

use crate::clause::Role;
use crate::target::adapter::Adapter;
use crate::target::setup;

/// What `--role` takes.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum RoleArg {
    /// Random streams, in the parser's protocol
    Parser,
    /// Random streams, over HTTP
    Client,
    /// Random emissions of an application
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

/// The targets that are named, in this role; without one, in their only role, or as parsers.
///
/// # Errors
///
/// One sentence on the first that cannot be fuzzed.
pub fn find(
    names: &[String],
    command: &[String],
    is_plain: bool,
    asked: Option<Role>,
) -> Result<Vec<(Adapter, Role)>, String> {
    let mut targets = Vec::new();
    for name in names {
        let adapter = Adapter::find(name)?;
        let role = role_of(&adapter, asked)?;
        if let Some(tool) = setup::missing_tool(&adapter) {
            return Err(setup::missing_tool_sentence(&adapter, tool));
        }
        targets.push((adapter, role));
    }
    // What a bare command is, only --role can tell.
    let role = asked.unwrap_or(Role::Parser);
    match (command, is_plain) {
        ([], _) => (),
        (words, true) if role == Role::Parser => {
            targets.push((Adapter::from_plain_command(words), role));
        }
        (_, true) => return Err("--stdin is for parsers".to_owned()),
        (words, false) => targets.push((Adapter::from_command(words), role)),
    }
    if targets.is_empty() {
        return Err(
            "there is no target to fuzz: name one, or give a command after `--`".to_owned(),
        );
    }
    Ok(targets)
}

fn role_of(adapter: &Adapter, asked: Option<Role>) -> Result<Role, String> {
    let (name, roles) = (&adapter.name, &adapter.roles);
    match (asked, roles.as_slice()) {
        (Some(role), _) if roles.contains(&role) => Ok(role),
        (Some(role), _) => Err(format!("`{name}` has no role {}", role.name())),
        (None, [role]) => Ok(*role),
        (None, _) if roles.contains(&Role::Parser) => Ok(Role::Parser),
        (None, _) => Err(format!("`{name}` has several roles: name one with --role")),
    }
}

//! Words of the command line to targets, each in the role in which it is asked.

use crate::clause::Role;
use crate::target::adapter::Adapter;
use crate::target::setup;

/// The targets that are named, in this role; without one, in their only role, or as parsers. `for_what` begins the sentence
/// on there being none.
///
/// # Errors
///
/// One sentence on the first that cannot be asked.
pub fn find(
    names: &[String],
    command: &[String],
    is_plain: bool,
    asked: Option<Role>,
    for_what: &str,
) -> Result<Vec<(Adapter, Role)>, String> {
    let mut targets = Vec::new();
    for name in names {
        let adapter = Adapter::find(name)?;
        let role = usable(&adapter, asked)?;
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
        return Err(format!(
            "{for_what}: name one, or give a command after `--`"
        ));
    }
    Ok(targets)
}

/// The role in which this target is asked.
///
/// # Errors
///
/// One sentence: it does not have the role, or a tool that it needs is not there.
pub fn usable(adapter: &Adapter, asked: Option<Role>) -> Result<Role, String> {
    let role = role_of(adapter, asked)?;
    match setup::missing_tool(adapter) {
        Some(tool) => Err(setup::missing_tool_sentence(adapter, tool)),
        None => Ok(role),
    }
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

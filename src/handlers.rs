//! `uchat handlers`: the table of operations.

use std::borrow::Cow;

use anyhow::Result;
use serde::Serialize;
use uchat_framework::{Background, HandlerInfo, Operation, Registry, background};

use crate::SettingsArgs;

/// One operation, as `--json` prints it.
#[derive(Serialize)]
struct Row {
    /// Opcode, for core operations.
    opcode: Option<u8>,
    /// Name of the opcode, or of the named call.
    name: String,
    handler: Cow<'static, str>,
    /// The crate that is linked in, or the file that was loaded.
    #[serde(rename = "crate")]
    krate: Cow<'static, str>,
    login: bool,
    role: Option<Cow<'static, str>>,
    doc: Cow<'static, str>,
}

impl From<&HandlerInfo> for Row {
    fn from(info: &HandlerInfo) -> Self {
        let (opcode, name) = match info.operation {
            Operation::Opcode(opcode) => {
                (Some(opcode.0), opcode.name().map_or_else(|| info.origin.name.to_owned(), ToOwned::to_owned))
            }
            Operation::Call(name) => (None, name.to_owned()),
        };
        Self {
            opcode,
            name,
            handler: info.origin.name.into(),
            krate: info.origin.krate.into(),
            login: info.login_needed(),
            role: info.policy.role.map(Into::into),
            doc: info.origin.doc.into(),
        }
    }
}

/// How the table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Aligned, for a terminal.
    Text,
    /// For programs.
    Json,
    /// `docs/HANDLERS.md`.
    Markdown,
}

/// Prints the table: what is linked in, and what the running server has loaded.
pub(crate) fn print(style: Style, args: &SettingsArgs) -> Result<()> {
    let registry = Registry::linked()?;
    let mut rows: Vec<Row> = registry.handlers().iter().map(|info| Row::from(*info)).collect();
    if style != Style::Markdown {
        rows.extend(loaded(args));
    }
    match style {
        Style::Json => println!("{}", serde_json::to_string_pretty(&rows)?),
        Style::Markdown => print!("{}", markdown(&rows, &background())),
        Style::Text => print_text(&rows),
    }
    Ok(())
}

/// The operations of the plug-ins that the running server has loaded; none where no server runs.
#[cfg(feature = "hot")]
fn loaded(args: &SettingsArgs) -> Vec<Row> {
    let Ok(loaded) = crate::settings::load(args) else { return Vec::new() };
    let row = |plugin: &str, operation: crate::hot::Served| Row {
        opcode: None,
        handler: operation.name.clone().into(),
        name: operation.name,
        krate: format!("{plugin}.wasm").into(),
        login: operation.login,
        role: operation.role.map(Into::into),
        doc: operation.doc.into(),
    };
    let plugins = crate::hot::loaded(&loaded.settings).unwrap_or_default();
    plugins
        .into_iter()
        .flat_map(|plugin| plugin.operations.into_iter().map(move |operation| row(&plugin.name, operation)))
        .collect()
}

#[cfg(not(feature = "hot"))]
fn loaded(_args: &SettingsArgs) -> Vec<Row> {
    Vec::new()
}

fn print_text(rows: &[Row]) {
    let width = |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).len()).max().unwrap_or(0);
    let (name, handler, krate) = (width(|row| &row.name), width(|row| &row.handler), width(|row| &row.krate));
    println!(
        "opcode  {:name$}  {:handler$}  {:krate$}  login  what it does",
        "operation", "handler", "crate"
    );
    for row in rows {
        let opcode = row.opcode.map_or_else(|| "call".to_owned(), |opcode| opcode.to_string());
        let login = if row.login { "yes" } else { "no" };
        println!(
            "{opcode:>6}  {:name$}  {:handler$}  {:krate$}  {login:5}  {}",
            row.name, row.handler, row.krate, row.doc
        );
    }
    let background = background();
    let on = background.iter().map(|one| one.on.len()).max().unwrap_or(0);
    for Background { kind, on: when, origin } in background {
        println!("{kind:>6}  {when:on$}  {}  {}  {}", origin.name, origin.krate, origin.doc);
    }
}

/// The table as a page of documentation.
fn markdown(rows: &[Row], background: &[Background]) -> String {
    let operation = |row: &Row| {
        let opcode = row.opcode.map(|opcode| opcode.to_string()).unwrap_or_default();
        let who = match (row.role.as_deref(), row.login) {
            (Some(role), _) => role,
            (None, true) => "yes",
            (None, false) => "no",
        };
        format!("| `{}` | {opcode} | `{}` | {who} | {} |\n", row.name, row.krate, cell(&row.doc))
    };
    let other = |one: &Background| {
        let Background { kind, on, origin } = one;
        format!("| {kind} | {on} | `{}` | `{}` | {} |\n", origin.name, origin.krate, cell(origin.doc))
    };
    let head = "# What this server can do\n\nWritten by `uchat handlers --markdown`. Operations with an opcode belong to \
                the existing protocol; the others are named calls\n(see [PROTOCOL.md](../codec/PROTOCOL.md), section \
                5).\n\n| operation | opcode | crate | login | what it does |\n| --- | --- | --- | --- | --- |\n";
    let middle = "\n## What runs without being asked\n\n| kind | on | function | crate | what it does |\n\
                  | --- | --- | --- | --- | --- |\n";
    let operations: String = rows.iter().map(operation).collect();
    let others: String = background.iter().map(other).collect();
    [head, &operations, middle, &others].concat()
}

/// Text that stays within its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(not(feature = "hot"), ignore = "the page is that of a server with every feature")]
    fn the_page_of_operations_is_that_of_this_program() {
        let rows: Vec<Row> =
            Registry::linked().unwrap().handlers().iter().map(|info| Row::from(*info)).collect();
        let written = include_str!("../docs/HANDLERS.md");
        assert!(
            written == markdown(&rows, &background()),
            "run: cargo run --features hot -- handlers --markdown > docs/HANDLERS.md"
        );
    }
}

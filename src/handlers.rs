//! `uchat handlers`: the table of operations.

use anyhow::Result;
use serde::Serialize;
use uchat_framework::{HandlerInfo, Operation, Registry};

/// One operation, as `--json` prints it.
#[derive(Serialize)]
struct Row {
    /// Opcode, for core operations.
    opcode: Option<u8>,
    /// Name of the opcode, or of the named call.
    name: String,
    handler: &'static str,
    #[serde(rename = "crate")]
    krate: &'static str,
    login: bool,
    role: Option<&'static str>,
    doc: &'static str,
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
            handler: info.origin.name,
            krate: info.origin.krate,
            login: info.login_needed(),
            role: info.policy.role,
            doc: info.origin.doc,
        }
    }
}

/// Prints the table, for people or for programs.
pub(crate) fn print(json: bool) -> Result<()> {
    let registry = Registry::linked()?;
    let rows: Vec<Row> = registry.handlers().iter().map(|info| Row::from(*info)).collect();
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    let width = |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).len()).max().unwrap_or(0);
    let (name, handler, krate) = (width(|row| &row.name), width(|row| row.handler), width(|row| row.krate));
    println!(
        "opcode  {:name$}  {:handler$}  {:krate$}  login  what it does",
        "operation", "handler", "crate"
    );
    for row in &rows {
        let opcode = row.opcode.map_or_else(|| "call".to_owned(), |opcode| opcode.to_string());
        let login = if row.login { "yes" } else { "no" };
        println!(
            "{opcode:>6}  {:name$}  {:handler$}  {:krate$}  {login:5}  {}",
            row.name, row.handler, row.krate, row.doc
        );
    }
    Ok(())
}

//! What a plug-in author reads after a usual mistake: it says what to do. `UPDATE_TEXTS=1` writes the texts anew.
//!
//! Each `framework/tests/mistakes/NAME.rs` is compiled as a handler crate of its own; `NAME.txt` is what the compiler says, in the
//! parts that are this project's: the messages, where they point, and the advice under them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "support/workspace.rs"]
mod workspace;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use workspace::Workspace;

/// The folder of the mistakes.
const MISTAKES: &str = "framework/tests/mistakes";

const MANIFEST: &str = "[package]\nname = \"uchat-mistakes\"\nversion.workspace = true\nedition.workspace = true\n\n\
                        [dependencies]\nserde.workspace = true\nuchat-framework.workspace = true\n";

/// What an author reads of these lines of cargo, by the name of the mistake.
fn read(lines: &str) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for line in lines.lines() {
        let said: Json = serde_json::from_str(line).unwrap();
        let message = &said["message"];
        if said["reason"] == "compiler-message" && message["level"] == "error" {
            let mut one = String::new();
            error(&mut one, message);
            let text = texts.entry(said["target"]["name"].as_str().unwrap().to_owned()).or_default();
            // What an attribute writes may meet one mistake twice; the compiler mostly says it once.
            if !text.contains(&one) {
                text.push_str(&one);
            }
        }
    }
    texts
}

fn error(text: &mut String, message: &Json) {
    let line = message["message"].as_str().unwrap();
    if line.starts_with("aborting due to") || line.starts_with("For more information") {
        return;
    }
    writeln!(text, "error: {line}").unwrap();
    for span in message["spans"].as_array().unwrap().iter().filter(|span| span["is_primary"] == true) {
        let code = span["text"][0]["text"].as_str().unwrap_or_default().trim();
        writeln!(text, "  line {}: {code}", span["line_start"]).unwrap();
    }
    // Advice that points somewhere is the compiler's own, and changes with it.
    for child in message["children"].as_array().unwrap() {
        let (level, advice) = (child["level"].as_str().unwrap(), child["message"].as_str().unwrap());
        let compiler = [
            "required for",
            "the following",
            "the full name",
            "the trait",
            "the nightly-only",
            "for that trait",
        ];
        if child["spans"].as_array().unwrap().is_empty()
            && !compiler.iter().any(|begin| advice.starts_with(begin))
        {
            writeln!(text, "  {level}: {advice}").unwrap();
        }
    }
}

#[test]
fn a_usual_mistake_is_explained_where_it_was_made() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(MISTAKES);
    let workspace = Workspace::copy();
    let mut manifest = MANIFEST.to_owned();
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|extension| extension == "rs") {
            // An example is a crate of its own; a library needs no `main`.
            writeln!(manifest, "[[example]]\nname = \"{name}\"\ncrate-type = [\"lib\"]").unwrap();
            workspace
                .write(&format!("handlers/mistakes/examples/{name}.rs"), &fs::read_to_string(&path).unwrap());
            names.push(name);
        }
    }
    assert!(names.len() > 10, "the mistakes were not found");
    workspace.write("handlers/mistakes/Cargo.toml", &manifest);
    workspace.write("handlers/mistakes/src/lib.rs", "//! Mistakes.\n");
    let check = ["check", "-p", "uchat-mistakes", "--examples", "--keep-going", "--message-format=json"];
    let texts = read(&String::from_utf8(workspace.cargo(&check, true).stdout).unwrap());
    let mut wrong = Vec::new();
    for name in names {
        let said = texts.get(&name).map_or("nothing: it compiles\n", String::as_str);
        let expected = folder.join(format!("{name}.txt"));
        if std::env::var_os("UPDATE_TEXTS").is_some() {
            fs::write(&expected, said).unwrap();
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        if !texts.contains_key(&name) || said != wanted {
            wrong.push(format!("{name}:\n{said}-- and not:\n{wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

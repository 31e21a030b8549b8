//! `uchat new-handler NAME`: a crate with one handler and one test, linked into the server.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// Ends the block of handler dependencies in Cargo.toml.
const BLOCK_END: &str = "# handlers: end";

/// Writes the crate below the current folder, which must be the workspace.
pub(crate) fn run(name: &str) -> Result<()> {
    create(Path::new("."), name)?;
    println!("wrote handlers/{name}; edit handlers/{name}/src/lib.rs, then:");
    println!("  cargo test -p uchat-{name}");
    println!("  ./run");
    Ok(())
}

fn create(root: &Path, name: &str) -> Result<()> {
    let legal = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    ensure!(
        legal && name.len() <= 32,
        "a handler is named like `nudge` or `dice_game`: a-z, 0-9 and _, at most 32"
    );
    let manifest_path = root.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&manifest_path).context("run this in the folder of the Uchat workspace")?;
    let folder = root.join("handlers").join(name);
    if folder.exists() {
        bail!("{} is there already", folder.display());
    }
    let linked = link(&manifest, name)?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), MANIFEST.replace("NAME", name))?;
    fs::write(folder.join("src/lib.rs"), SOURCE.replace("NAME", name))?;
    fs::write(&manifest_path, linked)?;
    Ok(())
}

/// The root manifest with one more handler dependency.
fn link(manifest: &str, name: &str) -> Result<String> {
    let line = format!("uchat-{name} = {{ path = \"handlers/{name}\" }}\n");
    let Some(end) = manifest.find(BLOCK_END) else { bail!("Cargo.toml has no line `{BLOCK_END}`") };
    let mut linked = manifest.to_owned();
    if !manifest.contains(&line) {
        linked.insert_str(end, &line);
    }
    Ok(linked)
}

const MANIFEST: &str = r#"[package]
name = "uchat-NAME"
description = "NAME"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lints]
workspace = true

[dependencies]
uchat-framework.workspace = true
serde.workspace = true

[dev-dependencies]
uchat-framework = { workspace = true, features = ["testkit"] }
tokio.workspace = true
"#;

const SOURCE: &str = r#"//! NAME: say here what it is for.

use uchat_framework::prelude::*;

rejections! { Nobody = "say to whom" }

/// Answers a text: say here what people get.
#[handler("my.NAME", rate = "5/s")]
async fn NAME(me: User, Args(text): Args<String>) -> Result<String> {
    ensure!(!text.is_empty(), Nobody);
    Ok(format!("{} says {text}", me.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit;

    #[tokio::test]
    async fn a_text_is_answered_and_none_is_refused() {
        let ann = testkit::user(1, "ann");
        assert_eq!(NAME(ann.clone(), Args("hi".into())).await.unwrap(), "ann says hi");
        assert!(NAME(ann, Args(String::new())).await.unwrap_err() == Nobody);
    }
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linking_adds_one_line_to_the_block_and_no_second_one() {
        let manifest = "[dependencies]\n# handlers: begin\n# handlers: end\n";
        let once = link(manifest, "nudge").unwrap();
        assert!(once.contains("begin\nuchat-nudge = { path = \"handlers/nudge\" }\n# handlers: end"));
        assert_eq!(link(&once, "nudge").unwrap(), once);
    }

    #[test]
    fn a_name_that_is_no_crate_name_is_refused() {
        for bad in ["", "Nudge", "a-b", "../x", "1st"] {
            assert!(create(Path::new("."), bad).is_err(), "{bad}");
        }
    }
}

//! The rules of the house, checked: who may import whom, and what every file begins with.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

/// Longer files are split by idea.
const MAX_LINES: usize = 450;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust source of ours.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') && name != "data" {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

#[test]
fn every_source_begins_with_a_sentence_that_says_what_it_is() {
    let silent: Vec<_> =
        sources().into_iter().filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! ")).collect();
    assert!(silent.is_empty(), "no //! sentence at the top: {silent:#?}");
}

#[test]
fn every_source_can_be_read_in_one_sitting() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

/// The packages of ours that a manifest depends on, development aside.
fn imports(folder: &str) -> Vec<String> {
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let section =
        manifest.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap_or_default();
    let names = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| name.starts_with("uchat-")).map(ToOwned::to_owned).collect()
}

#[test]
fn rooms_import_only_what_the_plan_of_the_house_allows() {
    let mut rooms = vec![
        ("codec".to_owned(), vec![]),
        ("config".to_owned(), vec![]),
        ("db".to_owned(), vec![]),
        ("events".to_owned(), vec!["uchat-framework"]),
        ("framework".to_owned(), vec!["uchat-codec", "uchat-config", "uchat-framework-macros"]),
        ("framework/guest".to_owned(), vec!["uchat-codec", "uchat-framework-macros"]),
        ("client-fltk/core".to_owned(), vec!["uchat-codec"]),
    ];
    for entry in fs::read_dir(root().join("handlers")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        rooms.push((
            format!("handlers/{name}"),
            vec!["uchat-framework", "uchat-db", "uchat-config", "uchat-events"],
        ));
    }
    for (room, allowed) in rooms {
        for import in imports(&room) {
            assert!(allowed.contains(&import.as_str()), "{room} must not import {import}");
        }
    }
}

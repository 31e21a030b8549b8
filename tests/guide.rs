//! The plug-in author's guide, done: its files are written, its commands run, and what they say is what it says.
//!
//! A fenced block says in its first line what happens with it: `file=PATH` is written; `sh run` must succeed, `sh fails` must not;
//! `sh serve` stays running, on a free port; `text shows` holds lines that the last command has printed, with `…` for what
//! may differ; `sh first` is what was built before, and is not counted.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "support/workspace.rs"]
mod workspace;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use workspace::Workspace;

/// A fenced block.
#[derive(Debug, PartialEq)]
struct Block {
    /// The words behind the language.
    marks: Vec<String>,
    text: String,
}

impl Block {
    fn file(&self) -> Option<&str> {
        self.marks.iter().find_map(|mark| mark.strip_prefix("file="))
    }

    fn is(&self, mark: &str) -> bool {
        self.marks.iter().any(|have| have == mark)
    }
}

fn guide(name: &str) -> Vec<Block> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(""), Some(_)) => blocks.extend(open.take()),
            (Some(head), None) => {
                let marks = head.split_whitespace().skip(1).map(ToOwned::to_owned).collect();
                open = Some(Block { marks, text: String::new() });
            }
            (_, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (_, None) => {}
        }
    }
    assert!(open.is_none(), "a block of {name} has no end");
    blocks
}

/// The server that the guide has started.
struct Serving {
    process: Child,
    address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The author at work.
struct Author {
    workspace: Workspace,
    server: Option<Serving>,
    said: String,
}

impl Author {
    fn does(&mut self, block: &Block) {
        if let Some(path) = block.file() {
            self.workspace.write(path, &block.text);
        } else if block.is("serve") {
            // The one that runs is stopped first, as with Ctrl+C.
            self.server = None;
            self.server = Some(self.serve(&block.text));
        } else if block.is("shows") {
            for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
                assert!(self.has_seen(line), "the guide shows {line:?}, but there came:\n{}", self.said);
            }
        } else if block.is("run") || block.is("first") || block.is("fails") {
            self.run(&block.text, !block.is("fails"));
        }
    }

    /// Whether a line has these parts in this order.
    fn has_seen(&self, shown: &str) -> bool {
        self.said.lines().any(|line| {
            let mut rest = line;
            shown.trim().split('…').all(|part| match rest.split_once(part.trim()) {
                Some((_, behind)) => {
                    rest = behind;
                    true
                }
                None => false,
            })
        })
    }

    fn run(&mut self, script: &str, succeeds: bool) {
        let script = match &self.server {
            Some(server) => script.replace("uchat-cli ", &format!("uchat-cli --server {} ", server.address)),
            None => script.to_owned(),
        };
        let started = Instant::now();
        let output = self.workspace.command("bash").args(["-euc", &script]).output().unwrap();
        self.said = String::from_utf8_lossy(&output.stdout).into_owned();
        self.said.push_str(&String::from_utf8_lossy(&output.stderr));
        println!("{:6.1} s  {}", started.elapsed().as_secs_f32(), script.lines().next().unwrap_or_default());
        assert_eq!(output.status.success(), succeeds, "{script}\n{}", self.said);
    }

    fn serve(&self, script: &str) -> Serving {
        let started = Instant::now();
        let mut process = self
            .workspace
            .command("bash")
            .args(["-euc", &format!("exec env {script}")])
            .env("UCHAT__SERVER__LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(File::create(self.workspace.path("server.log")).unwrap())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.into_iter().find_map(|line| Some(line.strip_prefix("listening on ")?.to_owned()));
        println!("{:6.1} s  {}", started.elapsed().as_secs_f32(), script.trim());
        Serving { process, address: address.unwrap() }
    }
}

#[test]
fn the_guide_does_what_it_says() {
    let blocks = guide("PLUGINS.md");
    let mut author = Author { workspace: Workspace::copy(), server: None, said: String::new() };
    let (first, rest): (Vec<_>, Vec<_>) = blocks.iter().partition(|block| block.is("first"));
    for block in first {
        author.does(block);
    }
    let started = Instant::now();
    for block in rest {
        author.does(block);
    }
    println!("the guide took {:.1} s behind the first build", started.elapsed().as_secs_f32());
}

#[test]
fn both_languages_show_the_same_code() {
    for (english, chinese) in guide("PLUGINS.md").iter().zip(&guide("PLUGINS.zh-CN.md")) {
        assert_eq!(english, chinese);
    }
    assert_eq!(guide("PLUGINS.md").len(), guide("PLUGINS.zh-CN.md").len());
}

#[test]
fn the_smallest_crate_is_as_small_as_it_is_said_to_be() {
    let blocks = guide("PLUGINS.md");
    let (mut handler, mut test) = (0, 0);
    for block in blocks.iter().filter(|block| block.is("smallest")) {
        let begins = ["[dev-dependencies]", "#[cfg(test)]"];
        let of_test = block.text.lines().skip_while(|line| !begins.contains(line)).count();
        handler += block.text.lines().count() - of_test;
        test += of_test;
    }
    println!("the smallest handler crate: {handler} lines, its test: {test}");
    assert!((8..=15).contains(&handler) && (5..=10).contains(&test), "{handler} lines, {test} of its test");
}

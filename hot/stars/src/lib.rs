//! Stars for the notes of the notice board (`framework/examples/noticeboard.rs`): a module for a server that is no chat.

use serde::{Deserialize, Serialize};
use uchat_framework::prelude::*;

grants! { keep = ["server"] }

/// Notes of one list.
const SHOWN: usize = 100;

rejections! {
    /// One star a watcher.
    Starred = "it has your star",
}

/// `[plugins.stars]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    /// How many stars a note may have.
    most: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self { most: 100 }
    }
}

/// Who gave stars, for each note, and how many there may be.
struct Stars {
    rules: Rules,
    kept: Namespace,
}

/// Where they are.
#[service]
fn stars(tables: Service<PluginSettings>, keep: Service<Keep>) -> Result<Stars> {
    Ok(Stars { rules: tables.read("stars")?, kept: keep.namespace("stars") })
}

/// How many stars a note has.
#[derive(Serialize)]
struct Counted {
    note: String,
    stars: usize,
}

/// Gives a note a star.
#[handler("board.star", rate = "30/min")]
async fn star(me: User, Args(note): Args<u64>, stars: Service<Stars>) -> Result<usize> {
    let (note, most) = (note.to_string(), stars.rules.most);
    let before: Vec<UserId> = stars.kept.get(Scope::SERVER, &note).await?.unwrap_or_default();
    ensure!(!before.contains(&me.id), Starred);
    let add = |givers: Option<Vec<UserId>>| {
        let mut givers = givers.unwrap_or_default();
        if givers.len() < most && !givers.contains(&me.id) {
            givers.push(me.id);
        }
        givers
    };
    Ok(stars.kept.update(Scope::SERVER, &note, add).await?.len())
}

/// Lists the notes that have stars.
#[handler("board.stars")]
async fn list(stars: Service<Stars>) -> Result<Vec<Counted>> {
    let all = stars.kept.list::<Vec<UserId>>(Scope::SERVER, "", SHOWN).await?;
    Ok(all.into_iter().map(|(note, givers)| Counted { note, stars: givers.len() }).collect())
}

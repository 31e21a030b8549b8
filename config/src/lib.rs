//! Typed settings of Uchat: file, environment, command line.
//!
//! `config/uchat.toml` is their manual: it holds every key with a sentence and its default. Layers, each over the one
//! before: the defaults, a profile, a file (TOML, or a `config.json` of the existing program), the environment
//! (`UCHAT__SECTION__KEY`), the command line (`--set section.key=value`). Everything that is wrong is reported at once,
//! with where it was said and the nearest right key.
//!
//! # Layout
//!
//! - `settings`: the typed sections and their defaults
//! - `load`: the layers
//! - `profile`: the limits of a profile
//! - `layer`: one layer, its keys and where each was said
//! - `classic_json`: a `config.json` of the existing program
//! - `validate`: values that can't work

mod classic_json;
mod layer;
mod load;
mod profile;
mod settings;
mod validate;

pub use load::{ConfigError, Loaded, Problem, Sources};
pub use settings::{
    Accounts, Certificates, Classic, Database, Files, History, Hot, Limits, Log, LogFormat, Profile, Rooms,
    Server, Settings, Suite, Synchronous,
};

//! What the module asks to be allowed.

use serde::Serialize;

/// What [`grants!`](crate::grants) says, for the manifest.
#[derive(Clone, Debug, Serialize)]
pub struct Grants {
    #[serde(skip)]
    pub(crate) version: &'static str,
    keep: &'static [&'static str],
    tell: &'static [&'static str],
    online: bool,
    random: bool,
    clock: bool,
}

impl Grants {
    /// Nothing yet; the version is that of the module.
    pub const fn new(version: &'static str) -> Self {
        Self { version, keep: &[], tell: &[], online: false, random: false, clock: false }
    }

    /// Kinds of scopes in which values are kept.
    #[must_use]
    pub const fn keep(self, kinds: &'static [&'static str]) -> Self {
        Self { keep: kinds, ..self }
    }

    /// Named events that users are told.
    #[must_use]
    pub const fn tell(self, names: &'static [&'static str]) -> Self {
        Self { tell: names, ..self }
    }

    /// Who is online.
    #[must_use]
    pub const fn online(self) -> Self {
        Self { online: true, ..self }
    }

    /// Random numbers.
    #[must_use]
    pub const fn random(self) -> Self {
        Self { random: true, ..self }
    }

    /// The time.
    #[must_use]
    pub const fn clock(self) -> Self {
        Self { clock: true, ..self }
    }
}

inventory::collect!(Grants);

/// Says what a plug-in does besides answering: what it is granted when it is loaded (PLUGIN-ABI.md, manifest).
#[macro_export]
macro_rules! grants {
    ($($grant:ident $(= [$($name:literal),* $(,)?])?),* $(,)?) => {
        $crate::__private::inventory::submit! {
            $crate::Grants::new(::core::env!("CARGO_PKG_VERSION"))$(.$grant($(&[$($name),*])?))*
        }
    };
}

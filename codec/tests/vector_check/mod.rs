//! Checks a file of test vectors; used by a test and by the `check_vectors` example.

mod certificates;
mod handshakes;
mod strong;
mod tagged;
mod wire;

use serde_json::Value as Json;

/// What came of a file.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How many vectors hold.
    pub(crate) passed: usize,
    /// One line for each that doesn't: its id and the reason.
    pub(crate) failures: Vec<String>,
    /// What the file holds that nobody here understands.
    pub(crate) notes: Vec<String>,
}

/// Why a vector doesn't hold.
type Verdict = Result<(), String>;

/// One kind of vectors: the section of the file, the keys that are understood, the check.
struct Section {
    name: &'static str,
    keys: &'static [&'static str],
    check: fn(&Json) -> Verdict,
}

const SECTIONS: [Section; 9] = [
    Section {
        name: "values",
        keys: &["id", "value", "serialized", "error", "parsed_back", "parse_error"],
        check: wire::value,
    },
    Section {
        name: "messages",
        keys: &["id", "type", "name", "parameters", "plaintext"],
        check: wire::message,
    },
    Section { name: "parse", keys: &["id", "plaintext", "error", "type", "parameters"], check: wire::parse },
    Section { name: "frames", keys: &["id", "key", "iv", "name", "plaintext", "frame"], check: wire::frame },
    Section {
        name: "handshakes",
        keys: &[
            "id",
            "base",
            "modulus",
            "server_secret",
            "client_secret",
            "server_public",
            "client_public",
            "client_first_bytes",
            "server_certificate",
            "client_certificate",
            "client_certificate_after_registering",
            "aes_key",
        ],
        check: handshakes::handshake,
    },
    Section {
        name: "strong_frames",
        keys: &[
            "id",
            "direction",
            "to_server_key",
            "to_client_key",
            "handshake_hash",
            "rekey_frames",
            "rekey_bytes",
            "frames",
        ],
        check: strong::frames,
    },
    Section { name: "strong_handshakes", keys: strong::HANDSHAKE_KEYS, check: strong::handshake },
    Section { name: "certificates", keys: certificates::KEYS, check: certificates::certificate },
    Section { name: "safety_numbers", keys: &["id", "one", "other", "number"], check: certificates::safety },
];

/// Checks every vector of a file.
pub(crate) fn check(text: &str) -> Result<Report, String> {
    let file: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let file = file.as_object().ok_or("the file is not a JSON object")?;
    let mut report = Report::default();
    for (name, content) in file {
        match SECTIONS.iter().find(|section| section.name == name) {
            Some(section) => section.run(content, &mut report),
            None if name == "about" => {}
            None => report.notes.push(format!("section `{name}` is not understood and was not checked")),
        }
    }
    Ok(report)
}

impl Section {
    fn run(&self, content: &Json, report: &mut Report) {
        let Some(vectors) = content.as_array() else {
            report.failures.push(format!("{}: not a list", self.name));
            return;
        };
        for (index, vector) in vectors.iter().enumerate() {
            let id = vector["id"].as_str().map_or_else(|| format!("{}[{index}]", self.name), str::to_owned);
            for key in vector.as_object().into_iter().flat_map(serde_json::Map::keys) {
                if !self.keys.contains(&key.as_str()) {
                    report.notes.push(format!("{id}: key `{key}` is not understood and was not checked"));
                }
            }
            match (self.check)(vector) {
                Ok(()) => report.passed += 1,
                Err(reason) => report.failures.push(format!("{id}: {reason}")),
            }
        }
    }
}

/// A text field of a vector.
fn text<'a>(vector: &'a Json, key: &str) -> Result<&'a str, String> {
    vector[key].as_str().ok_or_else(|| format!("`{key}` is missing or not text"))
}

/// A field of hex digits.
fn bytes(vector: &Json, key: &str) -> Result<Vec<u8>, String> {
    hex::decode(text(vector, key)?).map_err(|error| format!("`{key}`: {error}"))
}

/// A field of hex digits of a certain length.
fn array<const N: usize>(vector: &Json, key: &str) -> Result<[u8; N], String> {
    bytes(vector, key)?.try_into().map_err(|_| format!("`{key}` is not {N} bytes"))
}

/// Compares bytes.
fn same_bytes(what: &str, have: &[u8], want: &[u8]) -> Verdict {
    if have == want {
        return Ok(());
    }
    let at = have.iter().zip(want).take_while(|(have, want)| have == want).count();
    let shown = |bytes: &[u8]| hex::encode(bytes.iter().skip(at).take(16).copied().collect::<Vec<_>>());
    let (have_len, want_len) = (have.len(), want.len());
    Err(format!(
        "{what} has {have_len} bytes and should have {want_len}; from byte {at} on it is {} and not {}",
        shown(have),
        shown(want)
    ))
}

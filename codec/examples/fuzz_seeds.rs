//! Writes the seeds of the fuzz targets: `cargo run -p uchat-codec --example fuzz_seeds -- VECTORS codec/fuzz/corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// The first bytes of a frame.
const FRAME: &[u8] = b"\0\0\0\x10";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(vectors), Some(corpus)) = (args.next(), args.next()) else {
        return Err("usage: fuzz_seeds VECTORS CORPUS".into());
    };
    let file: Json = serde_json::from_str(&fs::read_to_string(vectors)?)?;
    for (section, target, field) in [
        ("values", "value", "serialized"),
        ("messages", "message", "plaintext"),
        ("parse", "message", "plaintext"),
        ("frames", "frame", "frame"),
    ] {
        for vector in file[section].as_array().into_iter().flatten() {
            if let Some(digits) = vector[field].as_str() {
                seed(&corpus, target, text(vector, "id"), &hex::decode(digits)?)?;
            }
        }
    }
    for vector in file["handshakes"].as_array().into_iter().flatten() {
        let id = text(vector, "id");
        seed(&corpus, "handshake_client", id, text(vector, "server_certificate").as_bytes())?;
        for certificate in ["client_certificate", "client_certificate_after_registering"] {
            let (address, certificate_text) = (text(vector, "client_first_bytes"), text(vector, certificate));
            // The first byte says how long the pieces are in which the rest arrives, less one.
            let bytes = [b"\x08", address.as_bytes(), certificate_text.as_bytes(), FRAME].concat();
            seed(&corpus, "handshake_server", &format!("{id}-{certificate}"), &bytes)?;
        }
    }
    strong(&file, &corpus)?;
    certificates(&file, &corpus)?;
    let degenerate = format!("server a@b.c {:0>231}", 1);
    seed(&corpus, "handshake_client", "degenerate", degenerate.as_bytes())?;
    seed(&corpus, "handshake_server", "degenerate", format!("\x08127.0.0.1 {degenerate}\0").as_bytes())?;
    seed(&corpus, "handshake_server", "newer-suite", b"\x08UCHAT/1")?;
    seed(&corpus, "frame", "announces-4-gib", &[0xff; 4])?;
    Ok(())
}

/// The messages of the strong handshakes, and the frames of one connection one after the other.
fn strong(file: &Json, corpus: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for vector in file["strong_handshakes"].as_array().into_iter().flatten() {
        let (first, third) = (text(vector, "client_first"), text(vector, "client_third"));
        let client = [vec![0xff], hex::decode(first)?, hex::decode(third)?].concat();
        seed(corpus, "strong_server", text(vector, "id"), &client)?;
        seed(corpus, "strong_client", text(vector, "id"), &hex::decode(text(vector, "server_second"))?)?;
    }
    for vector in file["strong_frames"].as_array().into_iter().flatten() {
        let frames = vector["frames"].as_array().into_iter().flatten();
        let frames: Result<Vec<_>, _> = frames.map(|frame| hex::decode(text(frame, "frame"))).collect();
        seed(corpus, "strong_frame", text(vector, "id"), &frames?.concat())?;
    }
    Ok(())
}

/// Certificates and requests, as they are and as text. Requests of another key than the target knows are left out.
fn certificates(file: &Json, corpus: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for vector in file["certificates"].as_array().into_iter().flatten() {
        for field in ["certificate", "authority_certificate", "request"] {
            let id = text(vector, "id");
            if field != "request" || id == "ascii" {
                let der = hex::decode(text(vector, field))?;
                seed(corpus, "certificate", &format!("{id}-{field}"), &der)?;
                let text = pem::encode(&pem::Pem::new("CERTIFICATE", der));
                seed(corpus, "certificate", &format!("{id}-{field}-pem"), text.as_bytes())?;
            }
        }
    }
    Ok(())
}

fn text<'a>(vector: &'a Json, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_default()
}

fn seed(corpus: &Path, target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = corpus.join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}

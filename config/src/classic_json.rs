//! A `config.json` of the existing program: where it listens, and the group of its key exchange.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value as Json;
use toml::Value;

use crate::layer::{Raw, Said};
use crate::load::Problem;

/// The keys that mean something here. Those that are missing keep their defaults; others are noted.
pub(crate) fn file(text: &str, name: &str, notes: &mut Vec<String>) -> Result<Vec<Said>, Problem> {
    let json: Json = serde_json::from_str(text)
        .map_err(|error| Problem { place: format!("{name}:{}", error.line()), message: error.to_string() })?;
    let refuse =
        |key: &str, what: &str| Problem { place: name.to_owned(), message: format!("`{key}` takes {what}") };
    let said = |key: &str, from: &str, value: String| Said {
        key: key.to_owned(),
        value: Raw::Typed(Value::String(value)),
        place: format!("{name}, {from}"),
    };
    let mut found = Vec::new();
    for (from, to) in [("crypto.base", "classic.base"), ("crypto.modulus", "classic.modulus")] {
        if let Some(value) = get(&json, from) {
            let digits = value.to_string();
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(refuse(from, "a whole number"));
            }
            found.push(said(to, from, digits));
        }
    }
    let ip = get(&json, "server.bind_ip")
        .map(|ip| ip.as_str().ok_or_else(|| refuse("server.bind_ip", "an address")));
    let port = get(&json, "server.bind_port")
        .map(|port| port.as_u64().ok_or_else(|| refuse("server.bind_port", "a port number")));
    // To the existing program an empty address means every one.
    let ip = ip.transpose()?.filter(|ip| !ip.is_empty()).unwrap_or("0.0.0.0");
    let ip: IpAddr = ip.parse().map_err(|_| refuse("server.bind_ip", "an IP address"))?;
    let port = u16::try_from(port.transpose()?.unwrap_or(2333))
        .map_err(|_| refuse("server.bind_port", "a port number"))?;
    let listen = SocketAddr::new(ip, port).to_string();
    found.push(said("server.listen", "server.bind_ip and server.bind_port", listen));
    note_others(&json, notes);
    Ok(found)
}

fn get<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(json, |value, key| value.get(key))
}

fn note_others(json: &Json, notes: &mut Vec<String>) {
    let known = ["crypto.base", "crypto.modulus", "server.bind_ip", "server.bind_port"];
    let Some(sections) = json.as_object() else { return };
    for (section, keys) in sections {
        // The section of the existing client says nothing to a server.
        if section == "client" {
            continue;
        }
        let names = match keys.as_object() {
            Some(keys) => keys.keys().map(|key| format!("{section}.{key}")).collect(),
            None => vec![section.clone()],
        };
        for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
            notes.push(format!("`{name}` has no meaning here and is ignored"));
        }
    }
}

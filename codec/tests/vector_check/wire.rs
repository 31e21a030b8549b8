//! Values, messages and frames.

use bytes::{Bytes, BytesMut};
use serde_json::Value as Json;
use tokio_util::codec::{Decoder, Encoder};
use uchat_codec::{ClassicKey, FrameCodec, Limits, Message, Opcode, Opener, Value, encode_to};

use super::tagged::{as_read, read, same};
use super::{Verdict, array, bytes, same_bytes, text};

/// What we write is what the original writes, what we read is what it reads; and we refuse to write what it refuses
/// to write or can't read back.
pub(crate) fn value(vector: &Json) -> Verdict {
    let value = read(&vector["value"])?;
    let mut out = BytesMut::new();
    let encoded = value.and_then(|value| value.encode(&mut out).map(|()| value));
    let unreadable = vector["parsed_back"].is_null();
    match (&encoded, vector["serialized"].is_null()) {
        (Ok(_), true) => return Err("written although the original refuses".into()),
        (Err(_), true) => return Ok(()),
        (Err(_), false) if unreadable => {}
        (Err(error), false) => return Err(format!("not written: {error}")),
        (Ok(value), false) => {
            let serialized = bytes(vector, "serialized")?;
            same_bytes("what we write", &out, &serialized)?;
            let mut through_serde = BytesMut::new();
            encode_to(value, &mut through_serde).map_err(|error| format!("not written by serde: {error}"))?;
            same_bytes("what serde writes", &through_serde, &serialized)?;
        }
    }
    let decoded = Value::decode(bytes(vector, "serialized")?.into(), &Limits::default());
    match (decoded, unreadable) {
        (Ok(value), true) => Err(format!("read as {value:?} although the original can't")),
        (Err(_), true) => Ok(()),
        (Err(error), false) => Err(format!("not read: {error}")),
        (Ok(value), false) => same_value(&value, &tagged(vector, "parsed_back")?),
    }
}

/// Writing gives the plaintext, reading gives the parameters back, floats turned around.
pub(crate) fn message(vector: &Json) -> Verdict {
    let opcode = opcode(vector)?;
    if opcode.name() != vector["name"].as_str() {
        return Err(format!("opcode {} is called {opcode}", opcode.0));
    }
    let parameters = tagged(vector, "parameters")?;
    let message = Message { opcode, parameters };
    let mut out = BytesMut::new();
    message.encode(&mut out).map_err(|error| format!("not written: {error}"))?;
    same_bytes("the plaintext", &out, &bytes(vector, "plaintext")?)?;
    let back =
        Message::decode(out.freeze(), &Limits::default()).map_err(|error| format!("not read: {error}"))?;
    if back.opcode != opcode {
        return Err(format!("read with opcode {}", back.opcode));
    }
    same_value(&back.parameters, &as_read(&message.parameters))
}

/// What the original makes of a plaintext. Opcodes that it doesn't know are errors to it.
pub(crate) fn parse(vector: &Json) -> Verdict {
    let decoded = Message::decode(bytes(vector, "plaintext")?.into(), &Limits::default());
    let decoded = decoded.map_err(|error| error.to_string()).and_then(|message| {
        if message.opcode.is_classic() { Ok(message) } else { Err(format!("opcode {}", message.opcode)) }
    });
    match (decoded, vector["error"].is_null()) {
        (Ok(message), false) => Err(format!("read as {message:?} although the original can't")),
        (Err(_), false) => Ok(()),
        (Err(error), true) => Err(format!("not read: {error}")),
        (Ok(message), true) => {
            let opcode = opcode(vector)?;
            if message.opcode != opcode {
                return Err(format!("opcode {} and not {opcode}", message.opcode));
            }
            same_value(&message.parameters, &tagged(vector, "parameters")?)
        }
    }
}

/// Opening gives the plaintext, sealing with the same vector gives the same bytes.
pub(crate) fn frame(vector: &Json) -> Verdict {
    let key = ClassicKey::new(array(vector, "key")?);
    let (iv, plaintext, whole) = (array(vector, "iv")?, bytes(vector, "plaintext")?, bytes(vector, "frame")?);
    let mut input = BytesMut::from(&whole[..]);
    let mut codec = FrameCodec::new(Limits::default().max_frame_body);
    let frame =
        codec.decode(&mut input).map_err(|error| error.to_string())?.ok_or("the frame is not whole")?;
    same_bytes("what follows the frame", &input, &[])?;
    same_bytes("the vector", &frame.iv, &iv)?;
    let mut again = BytesMut::new();
    codec.encode(frame.clone(), &mut again).map_err(|error| error.to_string())?;
    same_bytes("the frame written again", &again, &whole)?;
    let opened: Bytes = key.opener().open(frame).map_err(|error| format!("not opened: {error}"))?;
    same_bytes("the plaintext", &opened, &plaintext)?;
    let mut out = BytesMut::new();
    let mut sealer = key.sealer(Limits::default().max_frame_body);
    sealer.seal_with_iv(&plaintext, iv, &mut out).map_err(|error| format!("not sealed: {error}"))?;
    same_bytes("the sealed frame", &out, &whole)?;
    match Message::decode(opened, &Limits::default()) {
        Ok(message) if message.opcode.name() == text(vector, "name").ok() => Ok(()),
        Ok(message) => Err(format!("holds a message of opcode {}", message.opcode)),
        Err(error) => Err(format!("holds no message: {error}")),
    }
}

fn opcode(vector: &Json) -> Result<Opcode, String> {
    let number = vector["type"].as_u64().and_then(|number| u8::try_from(number).ok());
    number.map(Opcode).ok_or_else(|| "`type` is not an opcode".into())
}

fn tagged(vector: &Json, key: &str) -> Result<Value, String> {
    read(&vector[key])?.map_err(|error| format!("`{key}`: {error}"))
}

fn same_value(have: &Value, want: &Value) -> Verdict {
    if same(have, want) { Ok(()) } else { Err(format!("read as {have:?} and not {want:?}")) }
}

//! Values as the vector files write them: a kind and a content.

use serde_json::Value as Json;
use uchat_codec::{Dict, EncodeError, EncodeErrorKind, Int, Value, to_value};

/// Reads a tagged value. The inner error is that of a value which can't exist here at all, like a negative int.
pub(crate) fn read(tagged: &Json) -> Result<Result<Value, EncodeError>, String> {
    let content = &tagged["v"];
    let list = || content.as_array().ok_or("a list without elements");
    Ok(Ok(match tagged["t"].as_str().ok_or("a value without a kind")? {
        "none" => Value::None,
        "bool" => Value::Bool(content.as_bool().ok_or("a bool that isn't")?),
        "int" => return int(content.as_str().ok_or("an int that isn't text")?),
        "float" => {
            let bits = tagged["f32_bits_be"].as_str().and_then(|hex| u32::from_str_radix(hex, 16).ok());
            Value::Float(f32::from_bits(bits.ok_or("a float without bits")?))
        }
        "str" => Value::from(content.as_str().ok_or("a string that isn't")?),
        "bytes" => {
            let hex = tagged["hex"].as_str().ok_or("bytes without hex")?;
            Value::Bytes(hex::decode(hex).map_err(|error| error.to_string())?.into())
        }
        "list" => {
            let mut values = Vec::new();
            for element in list()? {
                match read(element)? {
                    Ok(value) => values.push(value),
                    Err(error) => return Ok(Err(error)),
                }
            }
            Value::List(values)
        }
        "dict" => {
            let mut dict = Dict::new();
            for pair in list()? {
                let Some(key) = pair[0].as_str() else { return Ok(Err(EncodeErrorKind::KeyNotText.into())) };
                match read(&pair[1])? {
                    Ok(value) => dict.insert(key, value),
                    Err(error) => return Ok(Err(error)),
                };
            }
            Value::Dict(dict)
        }
        other => return Err(format!("kind `{other}` is not understood")),
    }))
}

/// A negative number is given to the encoder, which has to refuse it.
fn int(text: &str) -> Result<Result<Value, EncodeError>, String> {
    if text.starts_with('-') {
        let number: i128 = text.parse().map_err(|_| "an int out of range")?;
        return Ok(to_value(&number));
    }
    Ok(Ok(Int::from_decimal(text).ok_or("an int that isn't decimal")?.into()))
}

/// Whether two values are the same, floats bit for bit.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Dict(one), Value::Dict(other)) => {
            one.len() == other.len()
                && one.iter().zip(other.iter()).all(|(one, other)| one.0 == other.0 && same(one.1, other.1))
        }
        _ => one == other,
    }
}

/// The value as a peer reads it: the bytes of floats come out the other way round.
pub(crate) fn as_read(value: &Value) -> Value {
    match value {
        Value::Float(float) => Value::Float(f32::from_bits(float.to_bits().swap_bytes())),
        Value::List(list) => Value::List(list.iter().map(as_read).collect()),
        Value::Dict(dict) => Value::Dict(dict.iter().map(|(key, value)| (key, as_read(value))).collect()),
        other => other.clone(),
    }
}

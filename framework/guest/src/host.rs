//! Asking the server: a value there, a value or a refusal back.

use bytes::{Bytes, BytesMut};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uchat_codec::{Limits, Value};

use crate::border;
use crate::error::{Rejection, Result};

/// Statuses of an answer, in both directions.
pub(crate) const OK: u8 = 0;
pub(crate) const REFUSED: u8 = 1;
pub(crate) const FAILED: u8 = 2;

/// What can be asked for, by its number (PLUGIN-ABI.md, what can be asked).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Function {
    Get = 1,
    Tell = 4,
    Online = 5,
    Random = 6,
    Clock = 7,
    List = 8,
    Swap = 9,
    TellOthers = 10,
    MayTell = 11,
    Belongs = 12,
}

/// The server answered what can't be.
#[derive(Debug, thiserror::Error)]
#[error("the server answered with status {0}")]
struct Strange(u8);

/// There was nobody to ask: this is no module.
#[derive(Debug, thiserror::Error)]
#[error("there is no server to ask: this code runs in no module")]
struct NoServer;

/// The server could not do it; its log says why.
#[derive(Debug, thiserror::Error)]
#[error("the server failed: {0}")]
struct Failed(String);

/// A refusal on its way over the border.
#[derive(Serialize, Deserialize)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Asks the server for something.
///
/// # Errors
///
/// The refusal of the server, or that it failed.
pub(crate) fn ask<T: DeserializeOwned>(function: Function, arguments: &impl Serialize) -> Result<T> {
    let mut bytes = BytesMut::new();
    uchat_codec::encode_to(arguments, &mut bytes)?;
    let mut answer = Bytes::from(border::ask(function as i32, &bytes));
    if answer.is_empty() {
        return Err(NoServer.into());
    }
    let rest = answer.split_off(1);
    let value = Value::decode(rest, &Limits::default())?;
    match answer[0] {
        OK => Ok(uchat_codec::from_value(value)?),
        REFUSED => {
            let Refused { code, message } = uchat_codec::from_value(value)?;
            Err(Rejection::told(code, message).into())
        }
        FAILED => Err(Failed(value.as_str().unwrap_or_default().to_owned()).into()),
        other => Err(Strange(other).into()),
    }
}

//! A connection to a server as its operator: the strong suite, with the server's own identity key on both sides.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_util::codec::Decoder as _;
use uchat_codec::chat::{Call, CallResult};
use uchat_codec::{
    FrameCodec, Handshake as _, Limits, Message, Opener, Progress, Sealer, StrongClient, StrongIdentity,
    encode_message, from_value, opcode, to_value,
};
use uchat_framework::Transport;

/// A server that is there shakes hands in this time.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// A call is answered in this time, also on a busy server.
const CALL_TIME: Duration = Duration::from_mins(1);
/// How much is read at once.
const CHUNK: usize = 4096;

/// A refusal of the server: a code for programs, a sentence for people.
#[derive(Debug, thiserror::Error)]
#[error("{message} [{code}]")]
struct Refused {
    code: String,
    message: String,
}

/// A connection whose handshake is done.
pub(super) struct Link {
    stream: Box<dyn Transport>,
    sealer: Box<dyn Sealer>,
    opener: Box<dyn Opener>,
    codec: FrameCodec,
    input: BytesMut,
}

impl Link {
    /// Shakes hands. Whoever is at the other end has to prove the server's key, too.
    pub(super) async fn open(stream: Box<dyn Transport>, identity: Arc<StrongIdentity>) -> Result<Self> {
        timeout(HANDSHAKE_TIME, Self::shake_hands(stream, identity)).await.context("it does not answer")?
    }

    async fn shake_hands(mut stream: Box<dyn Transport>, identity: Arc<StrongIdentity>) -> Result<Self> {
        let limits = Limits::default();
        let key = identity.public_key();
        let mut machine = Box::new(StrongClient::new(identity, &limits).expect_server(key));
        let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
        while machine.advance(&mut input, &mut output)? != Progress::Done {
            stream.write_all(&output).await?;
            output.clear();
            input.reserve(CHUNK);
            ensure!(
                stream.read_buf(&mut input).await? > 0,
                "it does not offer the strong suite (server.suites), or is another server"
            );
        }
        stream.write_all(&output).await?;
        let done = machine.finish()?;
        let codec = FrameCodec::new(limits.max_frame_body);
        Ok(Self { stream, sealer: done.sealer, opener: done.opener, codec, input })
    }

    /// Makes a call and takes its answer.
    pub(super) async fn call<T: DeserializeOwned>(&mut self, name: &str, args: &impl Serialize) -> Result<T> {
        let call = Call { name: name.to_owned(), id: 1, args: to_value(args)? };
        let mut frame = BytesMut::new();
        self.sealer.seal(&encode_message(opcode::CALL, &call)?, &mut frame)?;
        self.stream.write_all(&frame).await?;
        let answer = timeout(CALL_TIME, self.answer()).await.context("the server does not answer")??;
        match answer.outcome {
            Ok(value) => Ok(from_value(value)?),
            Err(error) => Err(Refused { code: error.code, message: error.message }.into()),
        }
    }

    async fn answer(&mut self) -> Result<CallResult> {
        loop {
            let message = Message::decode(self.next().await?, &Limits::default())?;
            match message.opcode {
                opcode::CALL_RESULT => return Ok(from_value(message.parameters)?),
                opcode::GENERAL_FAILURE => bail!("{}", message.parameters.as_str().unwrap_or_default()),
                _ => {}
            }
        }
    }

    async fn next(&mut self) -> Result<Bytes> {
        loop {
            if let Some(frame) = self.codec.decode(&mut self.input)? {
                return Ok(self.opener.open(frame)?);
            }
            self.input.reserve(CHUNK);
            ensure!(self.stream.read_buf(&mut self.input).await? > 0, "the server has closed the connection");
        }
    }
}

//! A connection of the strong suite, through the codec alone.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::bail;
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::codec::Decoder as _;
use uchat_codec::chat::{Call, CallResult};
use uchat_codec::{
    FrameCodec, Handshake as _, Limits, Message, Opcode, Opener, Progress, Sealer, StrongClient,
    StrongIdentity, Value, encode_message, from_value, opcode, to_value,
};

use crate::plain::Plain;

/// What is read at once.
const READ: usize = 64 * 1024;

/// Both directions.
pub(crate) struct Link {
    pub(crate) input: Input,
    pub(crate) output: Output,
}

/// What comes.
pub(crate) struct Input {
    stream: OwnedReadHalf,
    buffer: BytesMut,
    codec: FrameCodec,
    opener: Box<dyn Opener>,
}

/// What goes.
pub(crate) struct Output {
    stream: OwnedWriteHalf,
    sealer: Box<dyn Sealer>,
    frames: BytesMut,
}

impl Link {
    /// Connects and shakes hands.
    pub(crate) async fn open(address: SocketAddr, identity: &Arc<StrongIdentity>) -> anyhow::Result<Self> {
        let limits = Limits::default();
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut machine = Box::new(StrongClient::new(Arc::clone(identity), &limits));
        let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
        while machine.advance(&mut input, &mut output)? != Progress::Done {
            stream.write_all(&output).await?;
            output.clear();
            if stream.read_buf(&mut input).await? == 0 {
                bail!("closed in the handshake");
            }
        }
        let established = machine.finish()?;
        let (read, mut write) = stream.into_split();
        write.write_all(&output).await?;
        output.clear();
        let codec = FrameCodec::new(limits.max_frame_body);
        let input = Input { stream: read, buffer: input, codec, opener: established.opener };
        Ok(Self { input, output: Output { stream: write, sealer: established.sealer, frames: output } })
    }

    /// Connects to a relay, as one of a group; returns when it knows.
    pub(crate) async fn plain(address: SocketAddr, group: u32) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        stream.write_u32(group).await?;
        stream.read_u8().await?;
        let (read, write) = stream.into_split();
        let codec = FrameCodec::new(Limits::default().max_frame_body);
        let input = Input { stream: read, buffer: BytesMut::new(), codec, opener: Box::new(Plain) };
        Ok(Self { input, output: Output { stream: write, sealer: Box::new(Plain), frames: BytesMut::new() } })
    }

    /// Sends a message and waits for one with one of these opcodes.
    pub(crate) async fn ask<T: Serialize + ?Sized>(
        &mut self,
        opcode: Opcode,
        parameters: &T,
        answers: &[Opcode],
    ) -> anyhow::Result<Value> {
        self.output.send(&[encode_message(opcode, parameters)?]).await?;
        loop {
            let message = Message::decode(self.input.next().await?, &Limits::default())?;
            if answers.contains(&message.opcode) {
                return Ok(message.parameters);
            }
            if [opcode::GENERAL_FAILURE, opcode::LOGIN_FAILED].contains(&message.opcode) {
                bail!("refused: {:?}", message.parameters);
            }
        }
    }

    /// Makes a named call and waits for its answer.
    pub(crate) async fn call<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        args: &T,
    ) -> anyhow::Result<Value> {
        let call = Call { name: name.to_owned(), id: 0, args: to_value(args)? };
        let answer: CallResult = from_value(self.ask(opcode::CALL, &call, &[opcode::CALL_RESULT]).await?)?;
        match answer.outcome {
            Ok(answer) => Ok(answer),
            Err(error) => bail!("{name} was refused: {} {}", error.code, error.message),
        }
    }
}

impl Input {
    /// Waits for the next message.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Bytes> {
        loop {
            if let Some(plaintext) = self.buffered()? {
                return Ok(plaintext);
            }
            self.fill().await?;
        }
    }

    /// A message that has arrived whole.
    pub(crate) fn buffered(&mut self) -> anyhow::Result<Option<Bytes>> {
        let frame = self.codec.decode(&mut self.buffer)?;
        Ok(frame.map(|frame| self.opener.open(frame)).transpose()?)
    }

    /// Waits for the next message and doesn't open it: then none behind it can be opened.
    pub(crate) async fn skip(&mut self) -> anyhow::Result<()> {
        while !self.skip_buffered()? {
            self.fill().await?;
        }
        Ok(())
    }

    /// Drops a message that has arrived whole; whether there was one.
    pub(crate) fn skip_buffered(&mut self) -> anyhow::Result<bool> {
        Ok(self.codec.decode(&mut self.buffer)?.is_some())
    }

    /// Waits for bytes.
    async fn fill(&mut self) -> anyhow::Result<()> {
        self.buffer.reserve(READ);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server has closed the connection");
        }
        Ok(())
    }
}

impl Output {
    /// Sends encoded messages in one write.
    pub(crate) async fn send(&mut self, plaintexts: &[Bytes]) -> anyhow::Result<()> {
        for plaintext in plaintexts {
            self.sealer.seal(plaintext, &mut self.frames)?;
        }
        self.stream.write_all(&self.frames).await?;
        self.frames.clear();
        Ok(())
    }
}

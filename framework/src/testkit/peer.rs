//! Somebody in a play: a session in memory, or a client at the other end of a socket.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::BytesMut;
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_util::codec::Decoder as _;
use uchat_codec::chat::Call;
use uchat_codec::{
    Established, FrameCodec, Handshake, Limits, Message, Opcode, Opener, Progress, Sealer, Value,
    encode_message, opcode, to_value,
};

use super::{Received, TestClient};
use crate::connection::Transport;
use crate::error::Result;
use crate::outbound::Next;
use crate::reply::Push;

/// What does not come in this time does not come.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much is read at once.
const CHUNK: usize = 16 * 1024;
/// A call that nobody serves. It is answered all the same, behind everything that was queued before.
const MARK: &str = "play.mark";

/// Somebody who talks to a server.
pub struct Peer {
    line: Line,
    /// What has come and was not asked for yet.
    inbox: VecDeque<Received>,
    calls: u64,
}

enum Line {
    /// With what has been taken from the queue of the session.
    Memory(TestClient, VecDeque<Received>),
    Wire(Box<Wire>),
}

impl Peer {
    /// A session without a socket.
    pub fn in_memory(client: TestClient) -> Self {
        Self { line: Line::Memory(client, VecDeque::new()), inbox: VecDeque::new(), calls: 0 }
    }

    /// A client at the other end of a stream: it shakes hands first.
    ///
    /// # Errors
    ///
    /// If the server refuses, or there is none.
    pub async fn over(stream: impl Transport, machine: Box<dyn Handshake>) -> Result<Self> {
        let wire = timeout(PATIENCE, Wire::open(Box::new(stream), machine)).await??;
        Ok(Self { line: Line::Wire(Box::new(wire)), inbox: VecDeque::new(), calls: 0 })
    }

    /// Makes a request, and waits until it is served.
    ///
    /// # Errors
    ///
    /// If the connection has ended before.
    pub async fn request<T: Serialize + ?Sized>(&mut self, opcode: Opcode, parameters: &T) -> Result<()> {
        self.send(opcode, parameters).await?;
        self.settle().await
    }

    /// Makes a named call, and waits until it is served; the answer comes as a message.
    ///
    /// # Errors
    ///
    /// If the connection has ended before.
    pub async fn call<T: Serialize + ?Sized>(&mut self, name: &str, args: &T) -> Result<()> {
        self.calls += 1;
        let call = Call { name: name.to_owned(), id: self.calls, args: to_value(args)? };
        self.request(opcode::CALL, &call).await
    }

    /// Makes a named call and takes its answer out of what has come: `{id, ok}` or `{id, err}`.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub async fn ask<T: Serialize + ?Sized>(&mut self, name: &str, args: &T) -> Result<Value> {
        self.call(name, args).await?;
        let id = Some(self.calls);
        let answer = self.inbox.iter().position(|(opcode, parameters)| {
            *opcode == opcode::CALL_RESULT && parameters.get("id").and_then(Value::as_u64) == id
        });
        let taken = answer.and_then(|at| self.inbox.remove(at));
        taken.map(|(_, parameters)| parameters).ok_or_else(|| std::io::Error::other("no answer").into())
    }

    /// Takes in whatever was queued before; a connection that has ended has nothing more.
    ///
    /// # Errors
    ///
    /// If the server doesn't answer, or what it answers can't be read.
    pub async fn settle(&mut self) -> Result<()> {
        let mark = Call { name: MARK.into(), id: u64::MAX, args: Value::None };
        // If it has been closed, what was written before may still be there.
        let _ = self.send(opcode::CALL, &mark).await;
        while let Some((opcode, parameters)) = self.next().await? {
            let id = parameters.get("id").and_then(Value::as_u64);
            if opcode == opcode::CALL_RESULT && id == Some(u64::MAX) {
                break;
            }
            self.inbox.push_back((opcode, parameters));
        }
        Ok(())
    }

    /// The next message; none when the connection has ended.
    ///
    /// # Errors
    ///
    /// If none comes for a long time, or it can't be read.
    pub async fn receive(&mut self) -> Result<Option<Received>> {
        match self.inbox.pop_front() {
            Some(received) => Ok(Some(received)),
            None => self.next().await,
        }
    }

    /// Puts back what was received, as if it had not been looked at.
    pub(super) fn put_back(&mut self, received: Vec<Received>) {
        for one in received.into_iter().rev() {
            self.inbox.push_front(one);
        }
    }

    /// What has come and was not asked for.
    pub fn left(&self) -> impl Iterator<Item = &Received> {
        self.inbox.iter()
    }

    /// Goes away.
    ///
    /// # Errors
    ///
    /// If the connection is broken already.
    pub async fn leave(mut self) -> Result<()> {
        match &mut self.line {
            Line::Memory(client, _) => client.disconnect().await,
            Line::Wire(wire) => {
                wire.stream.shutdown().await?;
                // The server has signed the user out when it closes its side.
                while wire.next().await?.is_some() {}
            }
        }
        Ok(())
    }

    async fn send<T: Serialize + ?Sized>(&mut self, opcode: Opcode, parameters: &T) -> Result<()> {
        let plaintext = encode_message(opcode, parameters)?;
        match &mut self.line {
            Line::Memory(client, _) if client.is_closed() => Err(std::io::Error::other("closed").into()),
            Line::Memory(client, _) => {
                client.serve(plaintext).await;
                Ok(())
            }
            Line::Wire(wire) => {
                let mut frame = BytesMut::new();
                wire.sealer.seal(&plaintext, &mut frame)?;
                Ok(wire.stream.write_all(&frame).await?)
            }
        }
    }

    async fn next(&mut self) -> Result<Option<Received>> {
        match &mut self.line {
            Line::Wire(wire) => timeout(PATIENCE, wire.next()).await?,
            Line::Memory(client, taken) => {
                if taken.is_empty()
                    && let Next::Write(pushes) = timeout(PATIENCE, client.session.outbound.next()).await??
                {
                    for push in pushes {
                        taken.push_back(received(push)?);
                    }
                }
                Ok(taken.pop_front())
            }
        }
    }
}

fn received(push: Push) -> Result<Received> {
    let message = Message::try_from(&push)?;
    if let Some(written) = push.written {
        written();
    }
    Ok((message.opcode, message.parameters))
}

/// A client over a stream, in either suite.
struct Wire {
    stream: Box<dyn Transport>,
    sealer: Box<dyn Sealer>,
    opener: Box<dyn Opener>,
    codec: FrameCodec,
    input: BytesMut,
}

impl Wire {
    async fn open(mut stream: Box<dyn Transport>, mut machine: Box<dyn Handshake>) -> Result<Self> {
        let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
        loop {
            let progress = machine.advance(&mut input, &mut output)?;
            stream.write_all(&output).await?;
            output.clear();
            if progress == Progress::Done {
                break;
            }
            input.reserve(CHUNK);
            if stream.read_buf(&mut input).await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
        let Established { sealer, opener, .. } = machine.finish()?;
        let codec = FrameCodec::new(Limits::default().max_frame_body);
        Ok(Self { stream, sealer, opener, codec, input })
    }

    async fn next(&mut self) -> Result<Option<Received>> {
        loop {
            if let Some(frame) = self.codec.decode(&mut self.input)? {
                let message = Message::decode(self.opener.open(frame)?, &Limits::default())?;
                return Ok(Some((message.opcode, message.parameters)));
            }
            self.input.reserve(CHUNK);
            match self.stream.read_buf(&mut self.input).await {
                Ok(0) => return Ok(None),
                // A reset is an end, too.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return Ok(None),
                other => other?,
            };
        }
    }
}

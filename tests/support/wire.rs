//! A client of the classic suite over a real, blocking socket.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, and not each uses all"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::codec::Decoder;
use uchat_codec::{
    ClassicClient, ClassicKeyPair, DhParams, Established, FrameCodec, Handshake, Limits, Message, Opcode,
    Opener, Progress, Sealer, Value, client_certificate, encode_message, from_value,
};

use super::{Server, raw};

/// A test that waits for longer than this has failed.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// One connection.
pub struct Wire {
    pub stream: TcpStream,
    buffer: BytesMut,
    codec: FrameCodec,
    sealer: Box<dyn Sealer>,
    opener: Box<dyn Opener>,
}

/// One key pair is enough for all test clients, as it is for all users of one machine with the existing program.
fn key_pair() -> ClassicKeyPair {
    static PAIR: OnceLock<ClassicKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| ClassicKeyPair::from_secret(&DhParams::default(), num_bigint::BigUint::from(4093u32)))
        .clone()
}

impl Wire {
    /// Connects and shakes hands. The server needs the first frame to see that the certificate is complete.
    pub fn connect(server: &Server) -> Self {
        let pair = key_pair();
        let certificate = client_certificate("aaa", "bbb", pair.public());
        Self::connect_with(server, &certificate)
    }

    /// The same with a certificate text of one's own.
    pub fn connect_with(server: &Server, certificate: &str) -> Self {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let limits = Limits::default();
        let mut machine: Box<dyn Handshake> =
            Box::new(ClassicClient::new(key_pair(), certificate.into(), "127.0.0.1".into(), &limits));
        let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
        loop {
            let progress = machine.advance(&mut input, &mut output).unwrap();
            stream.write_all(&output).unwrap();
            output.clear();
            if progress == Progress::Done {
                break;
            }
            let mut chunk = [0; 1024];
            let count = stream.read(&mut chunk).unwrap();
            assert!(count > 0, "closed during the handshake");
            input.extend_from_slice(&chunk[..count]);
        }
        let Established { sealer, opener, .. } = machine.finish().unwrap();
        Self { stream, buffer: input, codec: FrameCodec::new(limits.max_frame_body), sealer, opener }
    }

    /// Sends a message.
    pub fn send<T: Serialize + ?Sized>(&mut self, opcode: Opcode, parameters: &T) {
        let plaintext = encode_message(opcode, parameters).unwrap();
        self.send_plaintext(&plaintext);
    }

    /// Seals any plaintext, sound or not.
    pub fn send_plaintext(&mut self, plaintext: &[u8]) {
        let frame = self.sealed(plaintext);
        self.stream.write_all(&frame).unwrap();
    }

    /// The frame of a plaintext, not sent.
    pub fn sealed(&mut self, plaintext: &[u8]) -> Bytes {
        let mut out = BytesMut::new();
        self.sealer.seal(plaintext, &mut out).unwrap();
        out.freeze()
    }

    /// Sends bytes as they are; false if the server has closed the connection.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> bool {
        match self.stream.write_all(bytes) {
            Ok(()) => true,
            Err(error) if raw::is_close(error.kind()) => false,
            Err(error) => panic!("the server neither reads nor closes: {error}"),
        }
    }

    /// The next message; none when the server has closed the connection.
    pub fn try_recv(&mut self) -> Option<(Opcode, Value)> {
        loop {
            if let Some(frame) = self.codec.decode(&mut self.buffer).unwrap() {
                let plaintext = self.opener.open(frame).unwrap();
                let message = Message::decode(plaintext, &Limits::default()).unwrap();
                return Some((message.opcode, message.parameters));
            }
            let mut chunk = vec![0; 256 * 1024];
            match self.stream.read(&mut chunk) {
                Ok(0) => return None,
                Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
                Err(error) if raw::is_close(error.kind()) => return None,
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }

    /// The next message.
    pub fn recv(&mut self) -> (Opcode, Value) {
        self.try_recv().expect("the server has closed the connection")
    }

    /// The parameters of the next message, which must have this opcode.
    pub fn expect(&mut self, opcode: Opcode) -> Value {
        let (found, parameters) = self.recv();
        assert_eq!(found, opcode, "with {parameters:?}");
        parameters
    }

    /// The same in a plain type.
    pub fn recv_params<T: DeserializeOwned>(&mut self, opcode: Opcode) -> T {
        from_value(self.expect(opcode)).unwrap()
    }

    /// Waits until the server closes the connection, whatever it sends before.
    pub fn expect_closed(&mut self) {
        while self.try_recv().is_some() {}
    }
}

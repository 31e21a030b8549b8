//! Bare sockets, for peers that keep to no protocol.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests, and not each uses all"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use super::{Server, wire::PATIENCE};

/// A connection on which nothing has been sent.
pub fn connected(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A connection that has announced itself with these bytes.
pub fn announced(server: &Server, address: &[u8]) -> TcpStream {
    let mut stream = connected(server);
    stream.write_all(address).unwrap();
    stream
}

/// One that has also read the server's certificate.
pub fn greeted(server: &Server, address: &[u8]) -> TcpStream {
    let mut stream = announced(server, address);
    let mut certificate = [0; 1024];
    assert!(stream.read(&mut certificate).unwrap() > 200);
    stream
}

/// What the server sends until it closes. A server that keeps the connection fails the test.
pub fn until_closed(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    if let Err(error) = stream.read_to_end(&mut rest) {
        assert!(is_close(error.kind()), "the server did not close: {error}");
    }
    assert!(rest.len() < 4096, "{} bytes for a peer that has said nothing sensible", rest.len());
    rest
}

/// A reset is a close too; a time-out is none.
pub fn is_close(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
}

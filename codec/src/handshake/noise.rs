//! `Noise_XX_25519_AESGCM_SHA256` as both sides of the strong handshake use it (PROTOCOL.md §13).
//!
//! ```text
//! client                                          server
//!   | -- "UCHAT/2\n" -------------------------------> |
//!   | -- 1: length u16, e --------------------------> |
//!   | <- 2: length u16, e, ee, s, es, who it is ----- |
//!   | -- 3: length u16, s, se, who it is -----------> |
//! ```

use std::ops::RangeInclusive;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use snow::{Builder, HandshakeState};
use zeroize::Zeroizing;

use super::identity::{MAX_PAYLOAD, MIN_PAYLOAD, verify};
use super::primitives::Primitives;
use super::{HandshakeError, PeerIdentity, StrongIdentity};
use crate::StrongKeys;

/// What a client begins with that wants the strong suite.
pub const PREAMBLE: &[u8; 8] = b"UCHAT/2\n";
/// What both sides must agree on beforehand: the preamble, and the suite and its version.
const PROLOGUE: &[u8; 16] = b"UCHAT/2\nstrong/1";
const PATTERN: &str = "Noise_XX_25519_AESGCM_SHA256";
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const LENGTH_LEN: usize = 2;
/// What message 2 has besides its payload: e, s and two tags.
const SECOND: usize = KEY_LEN + KEY_LEN + TAG_LEN + TAG_LEN;
/// What message 3 has besides its payload: s and two tags.
const THIRD: usize = KEY_LEN + TAG_LEN + TAG_LEN;

/// One side's half of the Noise handshake.
pub(super) struct Noise {
    state: Box<HandshakeState>,
    /// The number of the next message, from 1.
    message: u8,
    /// How many bytes the peer may send.
    max: usize,
    /// How many of those are left.
    left: usize,
}

/// Which side one is.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Client,
    Server,
}

impl Noise {
    /// With an ephemeral key only for test vectors. The peer may send `max` bytes.
    pub(super) fn new(
        role: Role,
        identity: &StrongIdentity,
        max: usize,
        ephemeral: Option<&[u8; 32]>,
    ) -> Result<Self, HandshakeError> {
        Self::with_prologue(PROLOGUE, role, identity, max, ephemeral)
    }

    fn with_prologue(
        prologue: &[u8],
        role: Role,
        identity: &StrongIdentity,
        max: usize,
        ephemeral: Option<&[u8; 32]>,
    ) -> Result<Self, HandshakeError> {
        let build = || {
            let (secret, public) = identity.static_pair();
            let primitives = Primitives { known: (secret.clone(), *public) };
            let builder = Builder::with_resolver(PATTERN.parse()?, Box::new(primitives))
                .prologue(prologue)?
                .local_private_key(secret.as_bytes())?;
            let builder = match ephemeral {
                Some(key) => builder.fixed_ephemeral_key_for_testing_only(key),
                None => builder,
            };
            match role {
                Role::Client => builder.build_initiator(),
                Role::Server => builder.build_responder(),
            }
        };
        // All of it is fixed above: were anything wrong with it, no handshake would ever succeed.
        let state = build().map_err(|_: snow::Error| HandshakeError::Setup)?;
        let left = match role {
            Role::Client => max,
            Role::Server => max.saturating_sub(PREAMBLE.len()),
        };
        Ok(Self { state: Box::new(state), message: 1, max, left })
    }

    /// How long the next message can be.
    fn lengths(&self) -> RangeInclusive<usize> {
        match self.message {
            1 => KEY_LEN..=KEY_LEN,
            2 => SECOND + MIN_PAYLOAD..=SECOND + MAX_PAYLOAD,
            _ => THIRD + MIN_PAYLOAD..=THIRD + MAX_PAYLOAD,
        }
    }

    fn not_authentic(&self) -> HandshakeError {
        HandshakeError::NotAuthentic(self.message)
    }

    /// Appends the next message.
    pub(super) fn write(&mut self, payload: &[u8], output: &mut BytesMut) -> Result<(), HandshakeError> {
        let mut message = [0; SECOND + MAX_PAYLOAD];
        let length = self.state.write_message(payload, &mut message).map_err(|_| self.not_authentic())?;
        let field = u16::try_from(length).map_err(|_| self.not_authentic())?;
        output.put_u16(field);
        output.put_slice(&message[..length]);
        self.message += 1;
        Ok(())
    }

    /// Eats the next message once it is whole, and gives its payload. A length that can't be is told at once.
    pub(super) fn read(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, HandshakeError> {
        let Some(length) = input.first_chunk::<LENGTH_LEN>() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes(*length));
        if !self.lengths().contains(&length) {
            return Err(HandshakeError::MessageLength { message: self.message, length });
        }
        let left = self.left.checked_sub(LENGTH_LEN + length).ok_or(HandshakeError::TooLong(self.max))?;
        if input.len() < LENGTH_LEN + length {
            return Ok(None);
        }
        self.left = left;
        input.advance(LENGTH_LEN);
        let message = input.split_to(length);
        let mut payload = BytesMut::zeroed(length);
        let read = self.state.read_message(&message, &mut payload).map_err(|_| self.not_authentic())?;
        payload.truncate(read);
        self.message += 1;
        Ok(Some(payload.freeze()))
    }

    /// Who the peer is, from the payload of the message that also had its static key.
    pub(super) fn peer(&self, payload: Bytes) -> Result<PeerIdentity, HandshakeError> {
        let static_key = self.state.get_remote_static().and_then(|key| key.first_chunk::<KEY_LEN>());
        verify(payload, static_key.ok_or(HandshakeError::Identity)?)
    }

    /// The keys that both sides share, after the last message.
    pub(super) fn keys(mut self) -> Result<StrongKeys, HandshakeError> {
        let hash = self.state.get_handshake_hash().first_chunk::<32>().copied();
        let hash = hash.filter(|_| self.state.is_handshake_finished()).ok_or(HandshakeError::Unfinished)?;
        let (to_server, to_client) = self.state.dangerously_get_raw_split();
        Ok(StrongKeys::new(&Zeroizing::new(to_server), &Zeroizing::new(to_client), &hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_that_mean_different_suites_or_versions_never_meet() -> Result<(), HandshakeError> {
        let identity = StrongIdentity::generate(&mut rand::rng());
        for (prologue, meets) in [(&PROLOGUE[..], true), (b"UCHAT/2\nstrong/0", false), (b"", false)] {
            let mut client = Noise::with_prologue(prologue, Role::Client, &identity, 4096, None)?;
            let mut server = Noise::new(Role::Server, &identity, 4096, None)?;
            let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
            client.write(&[], &mut to_server)?;
            assert!(server.read(&mut to_server)?.is_some());
            server.write(&identity.payload(), &mut to_client)?;
            let read = client.read(&mut to_client).map(|payload| payload.is_some());
            assert_eq!(read, if meets { Ok(true) } else { Err(HandshakeError::NotAuthentic(2)) });
        }
        Ok(())
    }
}

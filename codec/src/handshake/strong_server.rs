//! The server's side of the strong handshake.

use std::sync::Arc;

use bytes::{Buf, BytesMut};

use super::noise::{Noise, PREAMBLE, Role};
use super::{Established, Handshake, HandshakeError, PeerIdentity, Progress, StrongIdentity, SuiteName};
use crate::certificate::{CertificateCheck, CertificateError};
use crate::chat::Refused;
use crate::suite::Sealer;
use crate::{Limits, encode_message, opcode};

/// Answers one client that begins with [`PREAMBLE`].
///
/// The server shows who it is before it knows who asks; the client's identity is seen by nobody but the server.
pub struct StrongServer {
    identity: Arc<StrongIdentity>,
    certificates: Option<Arc<dyn CertificateCheck>>,
    limits: Limits,
    ephemeral: Option<[u8; 32]>,
    state: State,
}

enum State {
    Preamble,
    First(Noise),
    Third(Noise),
    Done(Established),
    Failed,
}

impl StrongServer {
    /// A machine for one connection.
    pub fn new(identity: Arc<StrongIdentity>, limits: &Limits) -> Self {
        Self { identity, certificates: None, limits: limits.clone(), ephemeral: None, state: State::Preamble }
    }

    /// Refuses clients whose certificates don't pass this check; those that present none are still served. The machine
    /// then fails with [`HandshakeError::Certificate`], and its last output is a frame that tells the client why.
    #[must_use]
    pub fn check_certificates(mut self, check: Arc<dyn CertificateCheck>) -> Self {
        self.certificates = Some(check);
        self
    }

    /// The same with an ephemeral key that is known already, for test vectors: there is no secrecy left.
    #[must_use]
    pub fn with_ephemeral_for_tests(mut self, secret: [u8; 32]) -> Self {
        self.ephemeral = Some(secret);
        self
    }

    /// One step, as far as the input goes: the next state, and whether more steps may be possible.
    fn step(
        &self,
        state: State,
        input: &mut BytesMut,
        output: &mut BytesMut,
    ) -> Result<(State, bool), HandshakeError> {
        match state {
            State::Preamble if input.len() < PREAMBLE.len() && PREAMBLE.starts_with(input) => {
                Ok((State::Preamble, false))
            }
            State::Preamble if input.starts_with(PREAMBLE) => {
                input.advance(PREAMBLE.len());
                let noise = Noise::new(
                    Role::Server,
                    &self.identity,
                    self.limits.max_handshake,
                    self.ephemeral.as_ref(),
                )?;
                Ok((State::First(noise), true))
            }
            State::Preamble => Err(HandshakeError::UnsupportedSuite),
            State::First(mut noise) => {
                if noise.read(input)?.is_none() {
                    return Ok((State::First(noise), false));
                }
                noise.write(&self.identity.payload(), output)?;
                Ok((State::Third(noise), true))
            }
            State::Third(mut noise) => {
                let Some(payload) = noise.read(input)? else { return Ok((State::Third(noise), false)) };
                let peer = noise.peer(payload)?;
                let (mut sealer, opener) = noise.keys()?.server(self.limits.max_frame_body);
                if let Err(error) = check(self.certificates.as_deref(), &peer) {
                    refuse(&mut sealer, &error, output);
                    return Err(error.into());
                }
                let (sealer, opener) = (Box::new(sealer), Box::new(opener));
                Ok((State::Done(Established { suite: SuiteName::Strong, sealer, opener, peer }), false))
            }
            State::Done(established) => Ok((State::Done(established), false)),
            State::Failed => Err(HandshakeError::Unfinished),
        }
    }
}

/// A peer that presents no certificate passes: it is known by its key alone.
pub(super) fn check(
    certificates: Option<&dyn CertificateCheck>,
    peer: &PeerIdentity,
) -> Result<(), CertificateError> {
    match (certificates, &peer.identity_key, &peer.certificate_der) {
        (Some(check), Some(key), Some(certificate)) => check.check(key, certificate),
        _ => Ok(()),
    }
}

/// The one frame that a refused client gets. Should it not be possible, the client sees the connection closed.
fn refuse(sealer: &mut dyn Sealer, error: &CertificateError, output: &mut BytesMut) {
    if let Ok(last) = encode_message(opcode::REFUSED, &Refused(error.code().into(), error.to_string())) {
        let before = output.len();
        if sealer.seal(&last, output).is_err() {
            output.truncate(before);
        }
    }
}

impl Handshake for StrongServer {
    fn advance(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        let mut more = true;
        while more {
            // A step that fails leaves a machine that does nothing any more.
            let state = std::mem::replace(&mut self.state, State::Failed);
            (self.state, more) = self.step(state, input, output)?;
        }
        self.quiet(output)
    }

    /// Every message has a length: silence tells nothing.
    fn quiet(&mut self, _output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        match self.state {
            State::Done(_) => Ok(Progress::Done),
            State::Failed => Err(HandshakeError::Unfinished),
            _ => Ok(Progress::NeedInput),
        }
    }

    fn finish(self: Box<Self>) -> Result<Established, HandshakeError> {
        match self.state {
            State::Done(established) => Ok(established),
            _ => Err(HandshakeError::Unfinished),
        }
    }
}

impl std::fmt::Debug for StrongServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StrongServer").field("identity", &self.identity).finish_non_exhaustive()
    }
}

//! The client's side of the strong handshake.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};

use super::noise::{Noise, PREAMBLE, Role};
use super::strong_server::check;
use super::{Established, Handshake, HandshakeError, Progress, StrongIdentity, SuiteName};
use crate::Limits;
use crate::certificate::CertificateCheck;

/// Meets one server.
///
/// Without an expected key any server will do: the caller has to look at the
/// [`identity_key`](super::PeerIdentity::identity_key) that comes out.
pub struct StrongClient {
    identity: Arc<StrongIdentity>,
    expected: Option<[u8; 32]>,
    certificate: Option<Arc<dyn CertificateCheck>>,
    limits: Limits,
    ephemeral: Option<[u8; 32]>,
    state: State,
}

enum State {
    Start,
    Second(Noise),
    Done(Established),
    Failed,
}

impl StrongClient {
    /// A machine for one connection.
    pub fn new(identity: Arc<StrongIdentity>, limits: &Limits) -> Self {
        let limits = limits.clone();
        Self { identity, expected: None, certificate: None, limits, ephemeral: None, state: State::Start }
    }

    /// Only a server with this identity key will do. Another one doesn't learn who the client is.
    #[must_use]
    pub fn expect_server(mut self, identity_key: [u8; 32]) -> Self {
        self.expected = Some(identity_key);
        self
    }

    /// Refuses a server whose certificate doesn't pass this check; one that presents none is known by its key alone. A
    /// refused server doesn't learn who the client is.
    #[must_use]
    pub fn check_certificate(mut self, check: Arc<dyn CertificateCheck>) -> Self {
        self.certificate = Some(check);
        self
    }

    /// The same with an ephemeral key that is known already, for test vectors: there is no secrecy left.
    #[must_use]
    pub fn with_ephemeral_for_tests(mut self, secret: [u8; 32]) -> Self {
        self.ephemeral = Some(secret);
        self
    }

    fn start(&self, output: &mut BytesMut) -> Result<State, HandshakeError> {
        let mut noise =
            Noise::new(Role::Client, &self.identity, self.limits.max_handshake, self.ephemeral.as_ref())?;
        output.put_slice(PREAMBLE);
        noise.write(&[], output)?;
        Ok(State::Second(noise))
    }

    fn answer(
        &self,
        mut noise: Noise,
        input: &mut BytesMut,
        output: &mut BytesMut,
    ) -> Result<State, HandshakeError> {
        let Some(payload) = noise.read(input)? else { return Ok(State::Second(noise)) };
        let peer = noise.peer(payload)?;
        let found = peer.identity_key.ok_or(HandshakeError::Identity)?;
        if self.expected.is_some_and(|expected| expected != found) {
            return Err(HandshakeError::WrongServerKey { found });
        }
        check(self.certificate.as_deref(), &peer)?;
        noise.write(&self.identity.payload(), output)?;
        let (sealer, opener) = noise.keys()?.client(self.limits.max_frame_body);
        let (sealer, opener) = (Box::new(sealer), Box::new(opener));
        Ok(State::Done(Established { suite: SuiteName::Strong, sealer, opener, peer }))
    }
}

impl Handshake for StrongClient {
    fn advance(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        if matches!(self.state, State::Start) {
            self.state = self.start(output)?;
        }
        // A step that fails leaves a machine that does nothing any more.
        self.state = match std::mem::replace(&mut self.state, State::Failed) {
            State::Second(noise) => self.answer(noise, input, output)?,
            other => other,
        };
        self.quiet(output)
    }

    /// Every message has a length: silence tells nothing.
    fn quiet(&mut self, _output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        match self.state {
            State::Done(_) => Ok(Progress::Done),
            State::Failed => Err(HandshakeError::Unfinished),
            State::Start | State::Second(_) => Ok(Progress::NeedInput),
        }
    }

    fn finish(self: Box<Self>) -> Result<Established, HandshakeError> {
        match self.state {
            State::Done(established) => Ok(established),
            _ => Err(HandshakeError::Unfinished),
        }
    }
}

impl std::fmt::Debug for StrongClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StrongClient").field("identity", &self.identity).finish_non_exhaustive()
    }
}

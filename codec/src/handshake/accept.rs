//! One port for both suites: the first bytes of a client tell which one it wants.

use std::sync::Arc;

use bytes::BytesMut;

use super::server::NEWER_SUITE;
use super::{
    ClassicIdentity, ClassicServer, Established, Handshake, HandshakeError, Progress, StrongIdentity,
    StrongServer,
};
use crate::Limits;
use crate::certificate::CertificateCheck;

/// Answers one client in the suite that it begins with, if that is offered; else with
/// [`HandshakeError::UnsupportedSuite`], and not a byte of its own.
///
/// A client that begins with `UCHAT/` wants a newer suite, any other one the classic suite.
pub struct Acceptor {
    classic: Option<Arc<ClassicIdentity>>,
    strong: Option<Arc<StrongIdentity>>,
    certificates: Option<Arc<dyn CertificateCheck>>,
    limits: Limits,
    chosen: Option<Box<dyn Handshake>>,
}

impl Acceptor {
    /// A machine for one connection that offers nothing yet.
    pub fn new(limits: &Limits) -> Self {
        Self { classic: None, strong: None, certificates: None, limits: limits.clone(), chosen: None }
    }

    /// Offers the classic suite too.
    #[must_use]
    pub fn classic(mut self, identity: Arc<ClassicIdentity>) -> Self {
        self.classic = Some(identity);
        self
    }

    /// Offers the strong suite too.
    #[must_use]
    pub fn strong(mut self, identity: Arc<StrongIdentity>) -> Self {
        self.strong = Some(identity);
        self
    }

    /// Refuses strong clients whose certificates don't pass this check, as
    /// [`StrongServer::check_certificates`] says.
    #[must_use]
    pub fn check_certificates(mut self, check: Arc<dyn CertificateCheck>) -> Self {
        self.certificates = Some(check);
        self
    }

    fn strong_server(&self, identity: Arc<StrongIdentity>) -> StrongServer {
        let server = StrongServer::new(identity, &self.limits);
        match &self.certificates {
            Some(check) => server.check_certificates(Arc::clone(check)),
            None => server,
        }
    }

    /// The machine that the first bytes ask for; none while they could be the beginning of either.
    fn choose(&self, input: &[u8]) -> Result<Option<Box<dyn Handshake>>, HandshakeError> {
        let newer = input.starts_with(NEWER_SUITE);
        if !newer && NEWER_SUITE.starts_with(input) {
            return Ok(None);
        }
        let machine = if newer {
            self.strong.clone().map(|identity| Box::new(self.strong_server(identity)) as _)
        } else {
            self.classic.clone().map(|identity| Box::new(ClassicServer::new(identity, &self.limits)) as _)
        };
        machine.map(Some).ok_or(HandshakeError::UnsupportedSuite)
    }
}

impl Handshake for Acceptor {
    fn advance(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        if self.chosen.is_none() {
            self.chosen = self.choose(input)?;
        }
        match &mut self.chosen {
            Some(machine) => machine.advance(input, output),
            None => Ok(Progress::NeedInput),
        }
    }

    fn quiet(&mut self, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        self.chosen.as_mut().map_or(Ok(Progress::NeedInput), |machine| machine.quiet(output))
    }

    fn awaits_first_frame(&self) -> bool {
        self.chosen.as_ref().is_some_and(|machine| machine.awaits_first_frame())
    }

    fn finish(self: Box<Self>) -> Result<Established, HandshakeError> {
        self.chosen.ok_or(HandshakeError::Unfinished)?.finish()
    }
}

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Acceptor")
            .field("classic", &self.classic.is_some())
            .field("strong", &self.strong.is_some())
            .field("chosen", &self.chosen.is_some())
            .finish_non_exhaustive()
    }
}

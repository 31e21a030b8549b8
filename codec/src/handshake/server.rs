//! The server's side of the classic handshake.

use std::sync::Arc;

use bytes::BytesMut;
use rand::CryptoRng;

use super::certificate::{parse, public_number};
use super::keys::{ClassicKeyPair, DhParams, ParamsError};
use super::{Established, Handshake, HandshakeError, PeerIdentity, Progress, SuiteName};
use crate::Limits;

/// What a client begins with that wants something newer than the classic suite.
pub(super) const NEWER_SUITE: &[u8] = b"UCHAT/";

/// Who a server is towards classic clients.
#[derive(Clone, Debug)]
pub struct ClassicIdentity {
    /// The numbers that clients must have too: those that `key_pair` was made with.
    pub params: DhParams,
    /// The server's own pair.
    pub key_pair: ClassicKeyPair,
    /// The first word of the certificate; white space in it would hide the number from clients.
    pub certificate_name: String,
    /// The second word of the certificate; without white space too.
    pub certificate_email: String,
}

impl ClassicIdentity {
    /// A server with the name and e-mail that the existing one has.
    pub fn new(key_pair: ClassicKeyPair) -> Self {
        Self {
            params: key_pair.params().clone(),
            key_pair,
            certificate_name: "server".into(),
            certificate_email: "ahahahaha@qq.com".into(),
        }
    }

    /// The same with a new pair.
    pub fn generate<R: CryptoRng + ?Sized>(params: &DhParams, rng: &mut R) -> Result<Self, ParamsError> {
        ClassicKeyPair::generate(params, rng).map(Self::new)
    }

    /// What the server sends: `server ahahahaha@qq.com <public number>`.
    pub fn certificate(&self) -> String {
        format!("{} {} {}", self.certificate_name, self.certificate_email, self.key_pair.public())
    }
}

/// Answers one client.
///
/// The client's address and certificate have neither length nor end mark, and TCP may cut them anywhere. So all of
/// it goes into one buffer until a byte 00, the first of the first frame; the certificate's number is the last long
/// run of digits in there.
pub struct ClassicServer {
    identity: Arc<ClassicIdentity>,
    limits: Limits,
    /// Everything that the client has sent before its first frame.
    collected: Vec<u8>,
    /// How much of that came before the certificate was sent: the address, or the beginning of it.
    greeted: Option<usize>,
    done: Option<Established>,
}

impl ClassicServer {
    /// A machine for one connection.
    pub fn new(identity: Arc<ClassicIdentity>, limits: &Limits) -> Self {
        Self { identity, limits: limits.clone(), collected: Vec::new(), greeted: None, done: None }
    }

    /// Takes the first bytes as the address. A 00 in there ends nothing unless a certificate stands before it.
    fn greet(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<(), HandshakeError> {
        if input.starts_with(NEWER_SUITE) {
            return Err(HandshakeError::UnsupportedSuite);
        }
        if input.is_empty() || NEWER_SUITE.starts_with(input) {
            return Ok(());
        }
        output.extend_from_slice(self.identity.certificate().as_bytes());
        let end = input.iter().position(|byte| *byte == 0).unwrap_or(input.len());
        if public_number(&input[..end], self.identity.params.min_public_digits()).is_none() {
            self.collect(input, input.len())?;
            self.collected.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
        }
        self.greeted = Some(self.collected.len());
        Ok(())
    }

    fn collect(&mut self, input: &mut BytesMut, length: usize) -> Result<(), HandshakeError> {
        let max = self.limits.max_handshake;
        if length > max.saturating_sub(self.collected.len()) {
            return Err(HandshakeError::TooLong(max));
        }
        self.collected.extend_from_slice(&input.split_to(length));
        Ok(())
    }

    /// The certificate is complete: make the key.
    fn establish(&mut self) -> Result<Established, HandshakeError> {
        let identity = &self.identity;
        let digits = public_number(&self.collected, identity.params.min_public_digits())
            .ok_or(HandshakeError::NoPublicNumber)?;
        let public = parse(&self.collected[digits]);
        let key = identity.key_pair.agree(&public)?;
        let (address, certificate) = self.collected.split_at(self.greeted.unwrap_or_default());
        let address = std::str::from_utf8(address).ok().and_then(|text| text.trim().parse().ok());
        Ok(Established {
            suite: SuiteName::Classic,
            sealer: Box::new(key.sealer(self.limits.max_frame_body)),
            opener: Box::new(key.opener()),
            peer: PeerIdentity {
                certificate: String::from_utf8_lossy(certificate).into_owned(),
                public_number: Some(public),
                claimed_address: address,
                ..PeerIdentity::default()
            },
        })
    }
}

impl Handshake for ClassicServer {
    fn advance(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        if self.done.is_some() {
            return Ok(Progress::Done);
        }
        if self.greeted.is_none() {
            self.greet(input, output)?;
        }
        if self.greeted.is_none() {
            return Ok(Progress::NeedInput);
        }
        let end = input.iter().position(|byte| *byte == 0);
        self.collect(input, end.unwrap_or(input.len()))?;
        if end.is_none() {
            return Ok(Progress::NeedInput);
        }
        self.done = Some(self.establish()?);
        Ok(Progress::Done)
    }

    /// A client may think for as long as the driver lets it: silence ends nothing here.
    fn quiet(&mut self, _output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        Ok(if self.done.is_some() { Progress::Done } else { Progress::NeedInput })
    }

    fn awaits_first_frame(&self) -> bool {
        self.done.is_none()
            && public_number(&self.collected, self.identity.params.min_public_digits()).is_some()
    }

    fn finish(self: Box<Self>) -> Result<Established, HandshakeError> {
        self.done.ok_or(HandshakeError::Unfinished)
    }
}

impl std::fmt::Debug for ClassicServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClassicServer")
            .field("collected", &self.collected.len())
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

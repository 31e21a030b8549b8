//! The client's side of the classic handshake.

use std::ops::Range;

use bytes::{Buf, BytesMut};

use super::certificate::parse;
use super::keys::ClassicKeyPair;
use super::{Established, Handshake, HandshakeError, PeerIdentity, Progress, SuiteName};
use crate::Limits;

/// Meets one server.
///
/// A server of ours sends a number as long as the modulus, so its end is known. The **original** server's number may
/// be up to two digits shorter, and then only silence tells that it is complete: call [`Handshake::quiet`] when
/// nothing has come for a while. The original server also needs a pause of about 100 ms between the certificate and
/// the first frame, else it takes the frame for a part of the certificate; the driver has to make it.
pub struct ClassicClient {
    key_pair: ClassicKeyPair,
    certificate: String,
    address: String,
    limits: Limits,
    /// What the server has sent so far.
    collected: Vec<u8>,
    state: State,
}

enum State {
    Start,
    Reading,
    Done(Established),
}

/// How far the server's certificate has come: where its number is.
enum Number {
    /// There is none yet, or too little of it.
    Missing,
    /// It could be all; the server's silence would tell.
    Maybe(Range<usize>),
    /// It can't grow any further.
    Whole(Range<usize>),
}

impl ClassicClient {
    /// A machine that announces `address` and presents `certificate`
    /// (see [`client_certificate`](super::client_certificate)).
    pub fn new(key_pair: ClassicKeyPair, certificate: String, address: String, limits: &Limits) -> Self {
        Self {
            key_pair,
            certificate,
            address,
            limits: limits.clone(),
            collected: Vec::new(),
            state: State::Start,
        }
    }

    /// Takes what may belong to the certificate, and gives back what comes after it.
    fn read(&mut self, input: &mut BytesMut) -> Result<Number, HandshakeError> {
        let max = self.limits.max_handshake;
        let taken = input.len().min(max.saturating_sub(self.collected.len()));
        self.collected.extend_from_slice(&input[..taken]);
        let number = self.number();
        match &number {
            Number::Whole(digits) => {
                let end = digits.end + quotes(&self.collected[digits.end..]);
                let behind = self.collected.len() - end;
                self.collected.truncate(end);
                input.advance(taken.saturating_sub(behind));
            }
            _ if taken < input.len() => return Err(HandshakeError::TooLong(max)),
            _ => input.advance(taken),
        }
        Ok(number)
    }

    /// Looks for the digits in the third word.
    fn number(&self) -> Number {
        let params = self.key_pair.params();
        let Some(start) = third_word(&self.collected) else { return Number::Missing };
        let word = &self.collected[start..];
        let Some(first) = word.iter().position(u8::is_ascii_digit) else { return Number::Missing };
        // No more digits than a number below the modulus can have, so that it doesn't matter how TCP cuts them.
        let possible = word[first..].iter().take(params.modulus_digits());
        let count = possible.take_while(|byte| byte.is_ascii_digit()).count();
        let digits = start + first..start + first + count;
        if count < params.min_public_digits() {
            Number::Missing
        } else if count >= params.modulus_digits() || digits.end < self.collected.len() {
            Number::Whole(digits)
        } else {
            Number::Maybe(digits)
        }
    }

    /// The server's number is there: make the key and answer.
    fn establish(&mut self, digits: Range<usize>, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        let public = parse(&self.collected[digits]);
        let key = self.key_pair.agree(&public)?;
        output.extend_from_slice(self.certificate.as_bytes());
        self.state = State::Done(Established {
            suite: SuiteName::Classic,
            sealer: Box::new(key.sealer(self.limits.max_frame_body)),
            opener: Box::new(key.opener()),
            peer: PeerIdentity {
                certificate: String::from_utf8_lossy(&self.collected).into_owned(),
                public_number: Some(public),
                ..PeerIdentity::default()
            },
        });
        Ok(Progress::Done)
    }
}

/// Where the third word begins, separated by ASCII white space.
fn third_word(text: &[u8]) -> Option<usize> {
    let mut words = 0;
    let mut inside = false;
    for (at, byte) in text.iter().enumerate() {
        let blank = byte.is_ascii_whitespace();
        words += usize::from(!blank && !inside);
        inside = !blank;
        if words == 3 {
            return Some(at);
        }
    }
    None
}

/// How many bytes at the beginning can only be what the existing program writes around a number.
fn quotes(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b'\'' | b'"') || byte.is_ascii_whitespace()).count()
}

impl Handshake for ClassicClient {
    fn advance(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        if matches!(self.state, State::Done(_)) {
            return Ok(Progress::Done);
        }
        if matches!(self.state, State::Start) {
            output.extend_from_slice(self.address.as_bytes());
            self.state = State::Reading;
        }
        match self.read(input)? {
            Number::Whole(digits) => self.establish(digits, output),
            Number::Missing | Number::Maybe(_) => Ok(Progress::NeedInput),
        }
    }

    /// A number that is long enough counts as complete now.
    fn quiet(&mut self, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        if matches!(self.state, State::Done(_)) {
            return Ok(Progress::Done);
        }
        match self.number() {
            Number::Whole(digits) | Number::Maybe(digits) => self.establish(digits, output),
            Number::Missing => Ok(Progress::NeedInput),
        }
    }

    fn finish(self: Box<Self>) -> Result<Established, HandshakeError> {
        match self.state {
            State::Done(established) => Ok(established),
            State::Start | State::Reading => Err(HandshakeError::Unfinished),
        }
    }
}

impl std::fmt::Debug for ClassicClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClassicClient")
            .field("key_pair", &self.key_pair)
            .field("collected", &self.collected.len())
            .finish_non_exhaustive()
    }
}

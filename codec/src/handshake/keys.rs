//! Finite-field Diffie–Hellman over configured numbers.

use std::borrow::Borrow;
use std::fmt;

use num_bigint::BigUint;
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::HandshakeError;
use crate::ClassicKey;

/// The base of the existing program: 96 bits.
const BASE: &str = "43655024726164288056430428019";
/// The modulus of the existing program: 768 bits.
const MODULUS: &str = "836034150286187598601609126611132477484927747235174899077774542660916309180006577265610059653826870006336512911689242330699668680273552002802989560127156496671763196338405270374495387775167451878006613792892125711917661002749401209";
/// Below this the key exchange is not even meant to be safe.
const MIN_MODULUS_BITS: u64 = 512;
/// Above this a handshake would be a way to keep the server busy.
const MAX_MODULUS_BITS: u64 = 8192;
/// More decimal digits than [`MAX_MODULUS_BITS`] can have.
const MAX_DECIMAL_LEN: usize = 2500;
/// How long a secret exponent is: 256 random bits and some to spare.
const SECRET_BYTES: usize = 40;
/// With the existing numbers one draw in eight has to be repeated.
const MAX_DRAWS: usize = 1000;
/// The existing program's shortest public number has 229 digits of 231; PROTOCOL.md §7.4 allows 200.
const SHORTEST_PUBLIC: (usize, usize) = (200, 231);

/// The numbers that both sides must have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DhParams {
    base: BigUint,
    modulus: BigUint,
    modulus_digits: usize,
}

/// Why numbers are no good for a key exchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// An even modulus can't be prime.
    #[error("the modulus is even")]
    EvenModulus,
    /// A modulus outside the range that is safe and quick enough.
    #[error("the modulus has {0} bits; {MIN_MODULUS_BITS} to {MAX_MODULUS_BITS} are possible")]
    ModulusSize(u64),
    /// A base that is not between 1 and modulus − 1.
    #[error("the base is not between 1 and the modulus less 1")]
    BaseRange,
    /// Something else than decimal digits.
    #[error("base and modulus must be decimal numbers")]
    NotDecimal,
    /// No public number of full length turned up.
    #[error("these numbers give no public number as long as the modulus in {MAX_DRAWS} attempts")]
    NoFullLength,
}

impl DhParams {
    /// Checks the numbers as far as that is cheap: an odd modulus of 512 to 8192 bits, 1 < base < modulus − 1.
    pub fn new(base: BigUint, modulus: BigUint) -> Result<Self, ParamsError> {
        if !(MIN_MODULUS_BITS..=MAX_MODULUS_BITS).contains(&modulus.bits()) {
            return Err(ParamsError::ModulusSize(modulus.bits()));
        }
        Self::insecure_for_tests(base, modulus)
    }

    /// Like [`new`](Self::new), from decimal digits as they stand in settings.
    pub fn from_decimal(base: &str, modulus: &str) -> Result<Self, ParamsError> {
        let number = |text: &str| {
            let digits = text.len() <= MAX_DECIMAL_LEN && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| BigUint::parse_bytes(text.as_bytes(), 10)).flatten().ok_or(ParamsError::NotDecimal)
        };
        Self::new(number(base)?, number(modulus)?)
    }

    /// Like [`new`](Self::new), but a modulus may be as small as one likes. Not for real connections.
    pub fn insecure_for_tests(base: BigUint, modulus: BigUint) -> Result<Self, ParamsError> {
        let one = BigUint::from(1_u8);
        if !modulus.bit(0) {
            return Err(ParamsError::EvenModulus);
        }
        if base <= one || &base + &one >= modulus {
            return Err(ParamsError::BaseRange);
        }
        let modulus_digits = modulus.to_string().len();
        Ok(Self { base, modulus, modulus_digits })
    }

    /// The number that is raised.
    pub fn base(&self) -> &BigUint {
        &self.base
    }

    /// The number that is divided by.
    pub fn modulus(&self) -> &BigUint {
        &self.modulus
    }

    /// How many decimal digits the modulus has, and so the longest public number.
    pub fn modulus_digits(&self) -> usize {
        self.modulus_digits
    }

    /// A run of fewer decimal digits is not taken for a public number.
    pub(crate) fn min_public_digits(&self) -> usize {
        let (part, whole) = SHORTEST_PUBLIC;
        (self.modulus_digits * part / whole).max(1)
    }
}

/// The numbers of the existing program.
impl Default for DhParams {
    fn default() -> Self {
        let number = |text: &str| BigUint::parse_bytes(text.as_bytes(), 10).unwrap_or_default();
        let (base, modulus) = (number(BASE), number(MODULUS));
        Self { base, modulus, modulus_digits: MODULUS.len() }
    }
}

/// A secret exponent and the public number that belongs to it. The secret is wiped when dropped, never printed.
///
/// The arithmetic itself is that of num-bigint: its intermediate numbers are not wiped, and the time that it takes
/// depends on the secret. The classic suite is for compatibility; it does not promise more.
#[derive(Clone)]
pub struct ClassicKeyPair {
    params: DhParams,
    secret: Zeroizing<Vec<u8>>,
    public: BigUint,
}

impl ClassicKeyPair {
    /// Draws a secret of 320 bits, and again until the public number has as many decimal digits as the modulus:
    /// so a peer can tell where it ends.
    pub fn generate<R: CryptoRng + ?Sized>(params: &DhParams, rng: &mut R) -> Result<Self, ParamsError> {
        for _ in 0..MAX_DRAWS {
            let mut secret = Zeroizing::new(vec![0; SECRET_BYTES]);
            rng.fill_bytes(&mut secret);
            // The length of the exponent is no secret, and so always the same.
            secret[0] |= 0x80;
            let pair = Self::from_bytes(params, secret);
            if pair.public.to_string().len() == params.modulus_digits {
                return Ok(pair);
            }
        }
        Err(ParamsError::NoFullLength)
    }

    /// The pair of a secret that is known already: from a client's key file, or from test vectors.
    pub fn from_secret(params: &DhParams, secret: impl Borrow<BigUint>) -> Self {
        Self::from_bytes(params, Zeroizing::new(secret.borrow().to_bytes_be()))
    }

    fn from_bytes(params: &DhParams, secret: Zeroizing<Vec<u8>>) -> Self {
        let public = params.base.modpow(&BigUint::from_bytes_be(&secret), &params.modulus);
        Self { params: params.clone(), secret, public }
    }

    /// The number for the peer.
    pub fn public(&self) -> &BigUint {
        &self.public
    }

    /// The numbers that this pair was made with.
    pub fn params(&self) -> &DhParams {
        &self.params
    }

    /// The secret in decimal, for a client's key file. Wiped when dropped.
    pub fn secret_decimal(&self) -> Zeroizing<String> {
        Zeroizing::new(BigUint::from_bytes_be(&self.secret).to_string())
    }

    /// The key that only the two sides know.
    pub fn agree(&self, peer_public: &BigUint) -> Result<ClassicKey, HandshakeError> {
        let modulus = &self.params.modulus;
        let one = BigUint::from(1_u8);
        let degenerate = match peer_public {
            number if number >= modulus => "not below the modulus",
            number if number.bits() == 0 => "0",
            number if *number == one => "1",
            number if number + &one == *modulus => "the modulus less 1",
            number => {
                let shared = number.modpow(&BigUint::from_bytes_be(&self.secret), modulus);
                return Ok(ClassicKey::from_shared_secret(&shared));
            }
        };
        Err(HandshakeError::DegeneratePublicNumber(degenerate))
    }
}

impl fmt::Debug for ClassicKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClassicKeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

//! Unsigned integers of any size.

use std::fmt;

use num_bigint::BigUint;

/// Beyond this many bits an integer is described and not written out in decimal, which takes more than linear time.
const MAX_DECIMAL_BITS: u64 = 16 * 1024;

/// An unsigned integer of any size, as the wire carries it (PROTOCOL.md §2.2). Small ones need no allocation.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Int(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small(u64),
    /// Always above `u64::MAX`, so that equal numbers are equal values.
    Big(Box<BigUint>),
}

impl Int {
    /// Reads big-endian bytes. No bytes are 0, leading zeros don't count.
    pub fn from_be_bytes(bytes: &[u8]) -> Self {
        let digits = strip_zeros(bytes);
        let mut small = [0; 8];
        match small.len().checked_sub(digits.len()) {
            Some(start) => {
                small[start..].copy_from_slice(digits);
                Self(Repr::Small(u64::from_be_bytes(small)))
            }
            None => Self(Repr::Big(Box::new(BigUint::from_bytes_be(digits)))),
        }
    }

    /// Reads decimal digits; `None` for anything else, and for numbers so long that reading them would be slow.
    pub fn from_decimal(text: &str) -> Option<Self> {
        if let Ok(small) = text.parse::<u64>() {
            return text.bytes().all(|b| b.is_ascii_digit()).then_some(Self(Repr::Small(small)));
        }
        // Three bits are the least that a decimal digit stands for.
        if text.is_empty() || text.len() as u64 > MAX_DECIMAL_BITS / 3 {
            return None;
        }
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| BigUint::parse_bytes(text.as_bytes(), 10))?
            .map(Self::from)
    }

    /// The number, when it fits.
    pub fn to_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Small(small) => Some(small),
            Repr::Big(_) => None,
        }
    }

    /// The number, when it fits.
    pub fn to_u128(&self) -> Option<u128> {
        match &self.0 {
            Repr::Small(small) => Some(u128::from(*small)),
            Repr::Big(big) => u128::try_from(&**big).ok(),
        }
    }

    /// The number, whatever its size.
    pub fn to_biguint(&self) -> BigUint {
        match &self.0 {
            Repr::Small(small) => BigUint::from(*small),
            Repr::Big(big) => (**big).clone(),
        }
    }

    /// Calls `write` with the shortest big-endian bytes; 0 is one byte 00.
    pub(crate) fn with_be_bytes<R>(&self, write: impl FnOnce(&[u8]) -> R) -> R {
        match &self.0 {
            Repr::Small(small) => write(shortest(&small.to_be_bytes())),
            Repr::Big(big) => write(&big.to_bytes_be()),
        }
    }
}

/// The bytes of a number without leading zeros; 0 keeps one byte.
pub(crate) fn shortest(bytes: &[u8]) -> &[u8] {
    match strip_zeros(bytes) {
        [] => &[0],
        digits => digits,
    }
}

fn strip_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

impl From<u64> for Int {
    fn from(small: u64) -> Self {
        Self(Repr::Small(small))
    }
}

impl From<BigUint> for Int {
    fn from(big: BigUint) -> Self {
        match u64::try_from(&big) {
            Ok(small) => Self(Repr::Small(small)),
            Err(_) => Self(Repr::Big(Box::new(big))),
        }
    }
}

/// Decimal; a number of more than 16,384 bits is only described, since writing it out takes more than linear time.
impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(small) => small.fmt(f),
            Repr::Big(big) if big.bits() <= MAX_DECIMAL_BITS => big.fmt(f),
            Repr::Big(big) => write!(f, "<int of {} bits>", big.bits()),
        }
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

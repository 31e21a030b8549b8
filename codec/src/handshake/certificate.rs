//! Certificates of the classic suite: three words of text, the last of them a public number.

use std::ops::Range;

use num_bigint::BigUint;

/// The certificate that a client presents: `<username> <e-mail> <public number>`. Before it has registered for the
/// first time a client calls itself `aaa bbb`, as the existing one does.
pub fn client_certificate(username: &str, email: &str, public: &BigUint) -> String {
    format!("{username} {email} {public}")
}

/// Where the last run of at least `min_digits` decimal digits is. Such a run is the public number, whatever stands
/// around it: the existing client writes `b'…'`, and a name may hold spaces (PROTOCOL.md §7.4).
pub(crate) fn public_number(text: &[u8], min_digits: usize) -> Option<Range<usize>> {
    let mut end = text.len();
    while let Some(last) = text[..end].iter().rposition(u8::is_ascii_digit) {
        let start =
            text[..last].iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |before| before + 1);
        if last + 1 - start >= min_digits {
            return Some(start..last + 1);
        }
        end = start;
    }
    None
}

/// Reads a run of digits.
pub(crate) fn parse(digits: &[u8]) -> BigUint {
    BigUint::parse_bytes(digits, 10).unwrap_or_default()
}

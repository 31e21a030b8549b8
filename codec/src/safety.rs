//! The number by which two people see whether they have each other's real keys (PROTOCOL.md §15.5).

use sha2::{Digest, Sha512};

/// What the first hash of each key begins with: the purpose and its version.
const PREFIX: &[u8; 21] = b"uchat safety number/1";
/// How often each key is hashed: what makes it dear to search for a key with nearly the same digits.
const ROUNDS: u32 = 5200;
/// How many groups of digits each key has a part in.
const GROUPS: usize = 6;
/// How many bytes of the hash become one group.
const GROUP_BYTES: usize = 5;

/// The safety number of two identity keys: 60 digits in 12 groups of 5, with blanks between. It is the same whoever
/// computes it.
///
/// ```
/// use uchat_codec::safety::safety_number;
///
/// let number = safety_number(&[1; 32], &[2; 32]);
/// assert_eq!(number, safety_number(&[2; 32], &[1; 32]));
/// assert_eq!(number.split(' ').count(), 12);
/// ```
pub fn safety_number(one: &[u8; 32], other: &[u8; 32]) -> String {
    let mut halves = [half(one), half(other)];
    halves.sort_unstable();
    halves.join(" ")
}

/// The part of one key: 30 digits.
fn half(key: &[u8; 32]) -> String {
    let mut hash = Sha512::new().chain_update(PREFIX).chain_update(key).finalize();
    for _ in 1..ROUNDS {
        hash = Sha512::new().chain_update(hash).chain_update(key).finalize();
    }
    let group = |bytes: &[u8]| {
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:05}", number % 100_000)
    };
    hash.chunks_exact(GROUP_BYTES).take(GROUPS).map(group).collect::<Vec<_>>().join(" ")
}

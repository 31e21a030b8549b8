//! X25519: by graviola where the processor has what it needs, which takes half of the time, or else by `x25519-dalek`.

use x25519_dalek::StaticSecret;

/// The public key of a secret.
pub(super) fn public_key(secret: &StaticSecret) -> [u8; 32] {
    if fast::is_possible() { fast::public_key(secret) } else { portable::public_key(secret) }
}

/// The secret that both sides share; none for a public key of small order, with which it would be zero, known to everybody.
pub(super) fn shared_secret(secret: &StaticSecret, public: &[u8; 32]) -> Option<StaticSecret> {
    if fast::is_possible() {
        fast::shared_secret(secret, public)
    } else {
        portable::shared_secret(secret, public)
    }
}

mod portable {
    use x25519_dalek::{PublicKey, StaticSecret};

    pub(super) fn public_key(secret: &StaticSecret) -> [u8; 32] {
        PublicKey::from(secret).to_bytes()
    }

    pub(super) fn shared_secret(secret: &StaticSecret, public: &[u8; 32]) -> Option<StaticSecret> {
        let shared = secret.diffie_hellman(&PublicKey::from(*public));
        shared.was_contributory().then(|| StaticSecret::from(shared.to_bytes()))
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod fast {
    use graviola::key_agreement::x25519::{PublicKey, StaticPrivateKey};
    pub(super) use graviola::util::is_cpu_supported as is_possible;
    use x25519_dalek::StaticSecret;
    use zeroize::Zeroize as _;

    pub(super) fn public_key(secret: &StaticSecret) -> [u8; 32] {
        StaticPrivateKey::from_array(secret.as_bytes()).public_key().as_bytes()
    }

    pub(super) fn shared_secret(secret: &StaticSecret, public: &[u8; 32]) -> Option<StaticSecret> {
        let own = StaticPrivateKey::from_array(secret.as_bytes());
        let mut shared = own.diffie_hellman(&PublicKey::from_array(public)).ok()?;
        let kept = StaticSecret::from(shared.0);
        shared.0.zeroize();
        Some(kept)
    }
}

/// Other kinds of processors have nothing faster.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod fast {
    pub(super) use super::portable::{public_key, shared_secret};

    pub(super) fn is_possible() -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> [u8; 32] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_example_of_rfc_7748_comes_out() {
        let bob =
            StaticSecret::from(bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        let alice = bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        let shared = bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_eq!(shared_secret(&bob, &alice).map(|secret| secret.to_bytes()), Some(shared));
    }

    #[test]
    fn keys_of_small_order_are_refused() {
        let secret = StaticSecret::from([7; 32]);
        let (mut one, mut other) = ([0; 32], [0xff; 32]);
        one[0] = 1;
        // The order of the field less one.
        (other[0], other[31]) = (0xec, 0x7f);
        for public in [[0; 32], one, other] {
            assert!(shared_secret(&secret, &public).is_none(), "{public:?}");
            assert!(portable::shared_secret(&secret, &public).is_none(), "{public:?}");
        }
    }

    proptest! {
        #[test]
        fn both_libraries_say_the_same(secret: [u8; 32], other: [u8; 32]) {
            let secret = StaticSecret::from(secret);
            prop_assert_eq!(public_key(&secret), portable::public_key(&secret));
            let shared = [shared_secret, portable::shared_secret].map(|by| by(&secret, &other).unwrap().to_bytes());
            prop_assert_eq!(shared[0], shared[1]);
        }
    }
}

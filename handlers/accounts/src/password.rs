//! Passwords: Argon2id only, a bounded number at once, off the async threads.

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use md5::{Digest, Md5};
use tokio::sync::Semaphore;
use uchat_config::{Accounts, Settings};
use uchat_db::PasswordHash;
use uchat_framework::prelude::*;
use zeroize::Zeroizing;

/// Marks an Argon2id hash of the MD5 digest that the existing program stored: upgraded at the next login.
const WRAPPED_MD5: &str = "md5:";

rejections! {
    /// More logins and registrations are waiting than `accounts.password_queue` allows.
    Busy = "服务器繁忙，请稍后再试 (busy)",
}

/// What was wrong with the parameters or with a stored hash.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The configured cost or a stored hash is not one that Argon2id takes.
    #[error("argon2: {0}")]
    Argon2(String),
    /// The thread that hashes has failed.
    #[error("password thread failed")]
    Thread,
}

/// How a password compares with the stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, and its hash should be made anew: it wraps an old MD5 digest, or was made at another cost
    /// than the configured one.
    RightButOld,
}

/// Hashes and verifies passwords.
pub struct Passwords {
    argon2: Argon2<'static>,
    at_once: Semaphore,
    waiting: Semaphore,
    /// Compared with when there is no such user, so that the answer takes as long.
    nobody: PasswordHash,
}

/// Passwords with the cost that the configuration names.
#[service]
fn passwords(settings: Service<Settings>) -> Result<Passwords> {
    Ok(Passwords::new(&settings.accounts)?)
}

impl Passwords {
    /// Passwords with this cost and these bounds.
    pub fn new(limits: &Accounts) -> Result<Self, PasswordError> {
        let params =
            Params::new(limits.argon2_memory_kib, limits.argon2_passes, 1, None).map_err(argon2_error)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash_now(&argon2, "nobody", "")?;
        Ok(Self {
            argon2,
            at_once: Semaphore::new(limits.max_password_hashes_at_once),
            waiting: Semaphore::new(limits.password_queue),
            nobody,
        })
    }

    /// The hash to store.
    pub async fn hash(&self, password: &str) -> Result<PasswordHash> {
        let (argon2, password) = (self.argon2.clone(), Zeroizing::new(password.to_owned()));
        self.off_thread(move || hash_now(&argon2, &password, "")).await
    }

    /// Compares with what is stored; `None` for a user that there isn't, which takes as long and is `Wrong`.
    pub async fn verify(&self, password: &str, stored: Option<PasswordHash>) -> Result<Verdict> {
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let (argon2, password) = (self.argon2.clone(), Zeroizing::new(password.to_owned()));
        let verdict = self.off_thread(move || verify_now(&argon2, &password, &stored)).await?;
        Ok(if exists { verdict } else { Verdict::Wrong })
    }

    /// The hash to store for a password of which only the MD5 digest of the existing program is known. Blocks for as
    /// long as a hash takes.
    pub fn wrap_md5(&self, md5_hex: &str) -> Result<PasswordHash, PasswordError> {
        hash_now(&self.argon2, &md5_hex.to_ascii_lowercase(), WRAPPED_MD5)
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Busy)?;
        let _turn = self.at_once.acquire().await.map_err(|_| PasswordError::Thread)?;
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| PasswordError::Thread)?;
        Ok(done?)
    }
}

fn hash_now(argon2: &Argon2<'_>, password: &str, prefix: &str) -> Result<PasswordHash, PasswordError> {
    let hash = argon2.hash_password(password.as_bytes()).map_err(argon2_error)?;
    Ok(PasswordHash(format!("{prefix}{hash}")))
}

fn verify_now(argon2: &Argon2<'_>, password: &str, stored: &PasswordHash) -> Result<Verdict, PasswordError> {
    let (secret, phc, right) = match stored.0.strip_prefix(WRAPPED_MD5) {
        Some(phc) => {
            let digest = Zeroizing::new(hex::encode(Md5::digest(password.as_bytes())));
            (digest, phc, Verdict::RightButOld)
        }
        None => (Zeroizing::new(password.to_owned()), stored.0.as_str(), Verdict::Right),
    };
    let phc = Phc::new(phc).map_err(argon2_error)?;
    match argon2.verify_password(secret.as_bytes(), &phc) {
        Ok(()) if has_cost_of(argon2, &phc) => Ok(right),
        // A check of it takes another time than that of `nobody`.
        Ok(()) => Ok(Verdict::RightButOld),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(argon2_error(error)),
    }
}

/// Whether a hash was made with the memory, passes and lanes that new ones get.
fn has_cost_of(argon2: &Argon2<'_>, phc: &Phc) -> bool {
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    Params::try_from(phc).is_ok_and(|params| cost(&params) == cost(argon2.params()))
}

fn argon2_error(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Argon2(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick() -> Passwords {
        let limits = Accounts { argon2_memory_kib: 64, argon2_passes: 1, ..Accounts::default() };
        Passwords::new(&limits).unwrap()
    }

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let passwords = quick();
        let stored = passwords.hash("secret").await.unwrap();
        assert!(stored.0.starts_with("$argon2id$"));
        assert_eq!(passwords.verify("secret", Some(stored.clone())).await.unwrap(), Verdict::Right);
        assert_eq!(passwords.verify("Secret", Some(stored)).await.unwrap(), Verdict::Wrong);
        assert_eq!(passwords.verify("secret", None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_wrapped_md5_digest_lets_its_password_in_and_asks_for_an_upgrade() {
        let passwords = quick();
        let stored = passwords.wrap_md5("5ebe2294ecd0e0f08eab7690d2a6ee69").unwrap();
        assert_eq!(passwords.verify("secret", Some(stored.clone())).await.unwrap(), Verdict::RightButOld);
        assert_eq!(passwords.verify("other", Some(stored)).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_lets_its_password_in_and_asks_for_an_upgrade() {
        let before = Accounts { argon2_memory_kib: 64, argon2_passes: 2, ..Accounts::default() };
        let stored = Passwords::new(&before).unwrap().hash("secret").await.unwrap();
        let passwords = quick();
        assert_eq!(passwords.verify("secret", Some(stored.clone())).await.unwrap(), Verdict::RightButOld);
        assert_eq!(passwords.verify("other", Some(stored)).await.unwrap(), Verdict::Wrong);
    }
}

//! Fakes of the small ports, for tests of use cases and of the web: each the simplest thing that keeps its
//! port's contract. They are no adapters: no process serves with them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use gallery_core::mail::Message;
use gallery_core::ports::{Bell, Clock, Entropy, HashError, MailError, Mailer, PasswordHasher, Verdict};
use gallery_core::values::{Password, PasswordHash, Timestamp};

/// A clock that moves only when it is told to, or slept on.
pub struct StoppedClock(AtomicI64);

impl Default for StoppedClock {
    /// Some day in November 2026.
    fn default() -> Self {
        Self(AtomicI64::new(1_795_335_330_000))
    }
}

impl StoppedClock {
    /// Moves the clock into the future.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        tokio::task::yield_now().await;
    }
}

/// Bytes that never repeat.
#[derive(Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (byte, count) in buffer.iter_mut().rev().zip(count.iter().rev().chain(std::iter::repeat(&0x5a))) {
            *byte = *count;
        }
    }
}

/// "Hashes" by keeping the password, so that tests are fast.
pub struct PlainHasher;

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::from_phc(format!("$plain${}", password.expose())))
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let matches = hash.as_str() == format!("$plain${}", password.expose());
        Ok(if matches { Verdict::Match { weak: false } } else { Verdict::Mismatch })
    }
}

/// A bell that nobody hears: tests run jobs themselves.
pub struct SilentBell;

impl Bell for SilentBell {
    fn ring(&self) {}
}

/// Mails in memory.
#[derive(Default)]
pub struct KeptMails(Mutex<Vec<Message>>);

impl KeptMails {
    /// All mails, oldest first.
    pub fn all(&self) -> Vec<Message> {
        self.0.lock().unwrap().clone()
    }

    /// The newest mail.
    pub fn last(&self) -> Message {
        self.all().pop().expect("a mail was sent")
    }
}

#[async_trait]
impl Mailer for KeptMails {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

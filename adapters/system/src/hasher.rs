//! Password hashing. It must not know accounts, nor what becomes of a verdict.

use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use async_trait::async_trait;
use gallery_core::ports::{Entropy, HashError, HashQueue, PasswordHasher, Verdict};
use gallery_core::values::{Password, PasswordHash};
use tokio::sync::{AcquireError, Semaphore};
use tokio::task::spawn_blocking;

/// Memory for one hash in KiB, passes over it, and lanes: the OWASP Password Storage cheat sheet's
/// first choice.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of salt: what RFC 9106 §3.1 recommends.
const SALT_BYTES: usize = 16;
/// Callers waiting in each queue, per core. One hash takes some 20 ms, so that nobody waits for
/// more than about two seconds, or six while every queue is full.
const WAITING_PER_CORE: usize = 100;

/// Password hashing by argon2id with m = 19,456 KiB, t = 2, p = 1 (OWASP Password Storage) and 16
/// bytes of salt, as PHC strings.
///
/// It runs on tokio's blocking threads: at most one hash per core at once, a bounded number of
/// callers waiting in each [`HashQueue`], and [`HashError::Busy`] for the rest, so that they can
/// take neither all memory nor all threads. The queues take turns at the cores: a full one keeps
/// the first of another waiting for two or three hashes, not for its hundreds. A hash that was made
/// with less than today's parameters still verifies, and is told to be weak.
pub struct Argon2Hasher {
    entropy: Arc<dyn Entropy>,
    /// One for each of [`HashQueue::ALL`].
    queues: [Queue; HashQueue::ALL.len()],
    /// Hashes running.
    cores: Arc<Semaphore>,
}

/// Callers of one kind.
struct Queue {
    /// Those that are running or waiting.
    places: Arc<Semaphore>,
    /// Those that are running, or next: as many as there are cores. So every queue is there when a
    /// core becomes free, which goes to whoever has been next for longest.
    next: Arc<Semaphore>,
}

impl Queue {
    fn new(cores: usize, waiting: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(cores + waiting)), next: Arc::new(Semaphore::new(cores)) }
    }
}

impl Argon2Hasher {
    /// A hasher that uses every core of the machine, with salts from `entropy`, and lets 100
    /// callers per core wait in each queue.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::with_capacity(entropy, cores, cores * WAITING_PER_CORE)
    }

    /// A hasher for `cores` hashes at once (19 MiB each), with at most `waiting` callers of each
    /// queue waiting for their turn; one hash takes some 20 ms.
    pub fn with_capacity(entropy: Arc<dyn Entropy>, cores: usize, waiting: usize) -> Self {
        Self {
            entropy,
            queues: HashQueue::ALL.map(|_| Queue::new(cores, waiting)),
            cores: Arc::new(Semaphore::new(cores)),
        }
    }

    fn queue(&self, queue: HashQueue) -> &Queue {
        &self.queues[queue as usize]
    }

    /// Runs `work` on a blocking thread when it is its turn. The permits go with it: when the
    /// caller goes away, they are given back only when the work is done.
    async fn run<T: Send + 'static>(
        &self,
        queue: HashQueue,
        work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, HashError> {
        let failed = |closed: AcquireError| HashError::Failed(closed.into());
        let queue = self.queue(queue);
        let place = Arc::clone(&queue.places).try_acquire_owned().map_err(|_| HashError::Busy)?;
        let next = Arc::clone(&queue.next).acquire_owned().await.map_err(failed)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(failed)?;
        let hashed = spawn_blocking(move || {
            let _permits = (place, next, core);
            work()
        });
        hashed
            .await
            .map_err(|died| HashError::Failed(died.into()))?
            .map_err(|error| HashError::Failed(error.into()))
    }
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are in argon2's range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// True when a hash was made with another algorithm, or with less of anything, than today's.
fn is_weak(hash: &Phc) -> bool {
    let today = argon2id();
    let same_kind =
        hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
    let params = Params::try_from(hash).ok();
    !same_kind
        || params.is_none_or(|of_hash| {
            of_hash.m_cost() < today.params().m_cost()
                || of_hash.t_cost() < today.params().t_cost()
                || of_hash.p_cost() < today.params().p_cost()
        })
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &Password, queue: HashQueue) -> Result<PasswordHash, HashError> {
        let mut salt = [0; SALT_BYTES];
        self.entropy.fill(&mut salt);
        let password = password.clone();
        let hash = move || argon2id().hash_password_with_salt(password.expose().as_bytes(), &salt);
        let hashed = self.run(queue, hash).await?;
        Ok(PasswordHash::from_phc(hashed.to_string()))
    }

    async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
        queue: HashQueue,
    ) -> Result<Verdict, HashError> {
        let stored = Phc::new(hash.as_str()).map_err(|error| HashError::Failed(error.into()))?;
        let weak = is_weak(&stored);
        let password = password.clone();
        let matches = self.run(queue, move || {
            match argon2id().verify_password(password.expose().as_bytes(), &stored) {
                Ok(()) => Ok(true),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(other) => Err(other),
            }
        });
        Ok(if matches.await? { Verdict::Match { weak } } else { Verdict::Mismatch })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::OsEntropy;

    fn hasher(cores: usize, waiting: usize) -> Argon2Hasher {
        Argon2Hasher::with_capacity(Arc::new(OsEntropy), cores, waiting)
    }

    fn password(text: &str) -> Password {
        Password::claimed(text).unwrap()
    }

    #[tokio::test]
    async fn rule_4_hashes_are_argon2id_with_todays_parameters_and_a_fresh_salt() {
        let hasher = hasher(1, 9);
        let first = hasher.hash(&password("blue heron at dusk"), HashQueue::LogIn).await.unwrap();
        let second = hasher.hash(&password("blue heron at dusk"), HashQueue::LogIn).await.unwrap();
        assert!(first.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", first.as_str());
        assert_ne!(first.as_str(), second.as_str());
        let verdict = hasher.verify(&password("blue heron at dusk"), &first, HashQueue::LogIn).await.unwrap();
        assert_eq!(verdict, Verdict::Match { weak: false });
    }

    #[tokio::test]
    async fn rule_2_every_byte_counts() {
        let hasher = hasher(1, 9);
        let head = "x".repeat(72);
        let hash = hasher.hash(&password(&format!("{head}one")), HashQueue::LogIn).await.unwrap();
        for other in [format!("{head}two"), head.clone(), format!("{head}One")] {
            assert_eq!(
                hasher.verify(&password(&other), &hash, HashQueue::LogIn).await.unwrap(),
                Verdict::Mismatch
            );
        }
    }

    #[tokio::test]
    async fn weaker_hashes_are_told() {
        let params = Params::new(MEMORY_KIB / 2, PASSES, LANES, None).unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let other_kind = Argon2::new(Algorithm::Argon2i, Version::V0x13, argon2id().params().clone());
        for made_by in [weak, other_kind] {
            let hash = made_by.hash_password_with_salt(b"blue heron", &[7; 16]).unwrap();
            let phc = PasswordHash::from_phc(hash.to_string());
            let verdict = hasher(1, 9).verify(&password("blue heron"), &phc, HashQueue::LogIn).await;
            assert_eq!(verdict.unwrap(), Verdict::Match { weak: true });
        }
    }

    #[tokio::test]
    async fn rule_5_callers_beyond_the_queue_are_told_busy_at_once() {
        let hasher = Arc::new(hasher(1, 1));
        let turn = Arc::clone(&hasher.cores).acquire_owned().await.unwrap();
        let started = || {
            let hasher = Arc::clone(&hasher);
            tokio::spawn(async move { hasher.hash(&password("blue heron"), HashQueue::LogIn).await })
        };
        let waiting = [started(), started()];
        while hasher.queue(HashQueue::LogIn).places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(hasher.hash(&password("blue heron"), HashQueue::LogIn).await, Err(HashError::Busy)));
        drop(turn);
        for waiter in waiting {
            assert!(waiter.await.unwrap().is_ok());
        }
        assert!(
            hasher.hash(&password("blue heron"), HashQueue::LogIn).await.is_ok(),
            "places are given back"
        );
    }

    #[tokio::test]
    async fn rule_47_a_full_queue_keeps_no_other_waiting() {
        let hasher = Arc::new(hasher(1, 50));
        let turn = Arc::clone(&hasher.cores).acquire_owned().await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let started = |queue: HashQueue| {
            let (hasher, order) = (Arc::clone(&hasher), Arc::clone(&order));
            tokio::spawn(async move {
                hasher.hash(&password("blue heron"), queue).await.unwrap();
                order.lock().unwrap().push(queue);
            })
        };
        let mut waiting: Vec<_> = (0..51).map(|_| started(HashQueue::SignUp)).collect();
        while hasher.queue(HashQueue::SignUp).places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let full = hasher.hash(&password("blue heron"), HashQueue::SignUp).await;
        assert!(matches!(full, Err(HashError::Busy)));
        waiting.push(started(HashQueue::LogIn));
        while hasher.queue(HashQueue::LogIn).next.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        drop(turn);
        for waiter in waiting {
            waiter.await.unwrap();
        }
        let place = order.lock().unwrap().iter().position(|queue| *queue == HashQueue::LogIn);
        assert!(place.is_some_and(|place| place <= 2), "the log-in was number {place:?}");
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_no_mismatch() {
        let damaged = PasswordHash::from_phc("$argon2id$nonsense");
        assert!(matches!(
            hasher(1, 1).verify(&password("x"), &damaged, HashQueue::LogIn).await,
            Err(HashError::Failed(_))
        ));
    }
}

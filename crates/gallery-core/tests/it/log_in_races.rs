//! What happens to the account while a log-in compares the password, which takes its time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};

use crate::kit::{Bent, PASSWORD, World, client};
use async_trait::async_trait;
use gallery_core::model::{Content, JobKind, NewJob, OutgoingMail};
use gallery_core::ports::{HashError, HashQueue, PasswordHasher, SharedStore, Verdict};
use gallery_core::texts::Language;
use gallery_core::usecases::Error;
use gallery_core::values::{Email, JobId, Password, PasswordHash, Timestamp};

/// What somebody else does meanwhile.
enum Meddling {
    Nothing,
    ChangePassword(&'static str),
    Rehash(&'static str),
    Cancel,
}

/// Keeps passwords behind a scheme's name, and meddles with the account after each comparison.
#[derive(Default)]
struct Meddler {
    store: OnceLock<SharedStore>,
    plans: Mutex<VecDeque<Meddling>>,
    /// Whether hashes are to be replaced by those of a better scheme.
    weak: bool,
}

fn hash(scheme: &str, password: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("${scheme}${password}"))
}

impl Meddler {
    async fn meddle(&self, plan: Meddling) {
        let Some(store) = self.store.get() else { return };
        let user = store.user_by_email(Email::parse("ann@example.org").unwrap().key()).await.unwrap();
        let at = Timestamp::from_millis(0);
        let job = |kind| NewJob::new(JobId::new(at, &[7; 10]), kind, at);
        match plan {
            Meddling::Nothing => {}
            Meddling::ChangePassword(to) => {
                let mail = OutgoingMail {
                    user: Some(user.id),
                    to: user.email.clone(),
                    name: user.name.clone(),
                    language: Language::English,
                    issued_at: at,
                    content: Content::PasswordChanged,
                };
                let mail = job(JobKind::SendMail { mail });
                store
                    .change_password(user.id, &user.password_hash, &hash("new", to), None, mail)
                    .await
                    .unwrap();
            }
            Meddling::Rehash(scheme) => {
                let stronger = hash(scheme, PASSWORD);
                store.rehash_password(user.id, &user.password_hash, &stronger).await.unwrap();
            }
            Meddling::Cancel => {
                let purge = job(JobKind::PurgeAccount { user: user.id, receipt: None });
                store.begin_account_deletion(user.id, purge).await.unwrap();
            }
        }
    }
}

#[async_trait]
impl PasswordHasher for Meddler {
    async fn hash(&self, password: &Password, _: HashQueue) -> Result<PasswordHash, HashError> {
        Ok(hash("plain", password.expose()))
    }

    async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
        _: HashQueue,
    ) -> Result<Verdict, HashError> {
        let matches = hash.as_str().rsplit('$').next() == Some(password.expose());
        let plan = self.plans.lock().unwrap().pop_front().unwrap_or(Meddling::Nothing);
        self.meddle(plan).await;
        Ok(if matches { Verdict::Match { weak: self.weak } } else { Verdict::Mismatch })
    }
}

/// Ann logs in while this happens.
async fn log_in_during(weak: bool, plans: impl IntoIterator<Item = Meddling>) -> (World, Result<(), Error>) {
    let meddler = Arc::new(Meddler { weak, ..Meddler::default() });
    let world = World::bent(Bent { hasher: Some(meddler.clone()), ..Bent::default() });
    world.member("ann@example.org").await;
    let _ = meddler.store.set(world.store.clone());
    meddler.plans.lock().unwrap().extend(plans);
    let result = world.gallery.log_in("ann@example.org", PASSWORD, &client()).await;
    (world, result.map(drop))
}

#[tokio::test]
async fn nobody_gets_in_with_a_password_that_was_changed_meanwhile() {
    let (world, result) = log_in_during(false, [Meddling::ChangePassword("a quite new one")]).await;
    assert!(matches!(result, Err(Error::BadCredentials)), "{result:?}");
    world.gallery.log_in("ann@example.org", "a quite new one", &client()).await.unwrap();
}

#[tokio::test]
async fn two_log_ins_that_hash_the_password_anew_both_get_in() {
    let (_, result) = log_in_during(false, [Meddling::Rehash("better")]).await;
    result.unwrap();
    let (_, result) = log_in_during(true, [Meddling::Rehash("better")]).await;
    result.unwrap();
}

#[tokio::test]
async fn an_account_that_is_cancelled_meanwhile_is_an_unknown_one() {
    for weak in [false, true] {
        let (_, result) = log_in_during(weak, [Meddling::Cancel]).await;
        assert!(matches!(result, Err(Error::BadCredentials)), "{result:?}");
    }
}

#[tokio::test]
async fn a_log_in_gives_up_when_the_password_changes_all_the_time() {
    let plans = ["first", "second", "third"].map(Meddling::Rehash);
    let (world, result) = log_in_during(false, plans).await;
    assert!(matches!(result, Err(Error::Contended)), "{result:?}");
    world.gallery.log_in("ann@example.org", PASSWORD, &client()).await.unwrap();
}

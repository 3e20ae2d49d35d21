//! Jobs: work that must happen although the process may die.

use serde::{Deserialize, Serialize};

use super::{JobCause, JobClass, JobQueue, OutgoingMail, Receipt, Rendition, Tally};
use crate::texts::Language;
use crate::values::{AlbumId, Email, Generation, JobId, PhotoId, Shard, Timestamp, UserId};

/// What a job does. Handlers are idempotent: a job may run again after it has done its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobKind {
    /// Remove a photo that is marked as deleting: its blobs, then its row.
    PurgePhoto {
        /// The photo.
        photo: PhotoId,
        /// Whose it was.
        owner: UserId,
    },
    /// Remove an album that is marked as deleting, and everything in it.
    PurgeAlbum {
        /// The album.
        album: AlbumId,
        /// Whose it was.
        owner: UserId,
    },
    /// Remove an account that is marked as deleting, and everything of it.
    PurgeAccount {
        /// The account.
        user: UserId,
        /// Where the receipt goes; absent for an account that was never confirmed, as there were
        /// until 2026-11-22.
        receipt: Option<Receipt>,
    },
    /// Make a photo's renditions anew from its original, as a new generation.
    Reprocess {
        /// Whose it is.
        owner: UserId,
        /// The photo.
        photo: PhotoId,
    },
    /// Do that for every photo of an account, page by page.
    ReprocessAccount {
        /// The account.
        owner: UserId,
        /// The last photo of the page before; absent for the first page.
        after: Option<PhotoId>,
    },
    /// Remove the blobs that a new generation has replaced, when nobody fetches them any more.
    RemoveRenditions {
        /// The photo.
        photo: PhotoId,
        /// Whose it is.
        owner: UserId,
        /// Which blobs.
        objects: Vec<(Generation, Rendition)>,
    },
    /// Send a mail.
    SendMail {
        /// What to send, and to whom.
        #[serde(rename = "letter")]
        mail: OutgoingMail,
    },
    /// Find out whether this address has an account, and send it what was asked for. Recorded for
    /// every address alike, so that the answer to the request takes as long for a known one as for
    /// an unknown one.
    #[serde(rename = "answer_request")]
    SendRequestedMail(RequestedMail),
    /// Look in the store for what has expired or was left behind by a crash; comes back by itself.
    Sweep,
    /// Look in the blob store for what no row knows, and in the queue for mails that could not be
    /// sent for so long that their addresses are to be forgotten; comes back by itself.
    SweepBlobs,
    /// Bring the records of a release before to what this one writes; comes back by itself until
    /// all are.
    Upgrade,
}

impl JobKind {
    /// The kind's stable name in `snake_case`: for logs, figures and stores.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PurgePhoto { .. } => "purge_photo",
            Self::PurgeAlbum { .. } => "purge_album",
            Self::PurgeAccount { .. } => "purge_account",
            Self::Reprocess { .. } => "reprocess",
            Self::ReprocessAccount { .. } => "reprocess_account",
            Self::RemoveRenditions { .. } => "remove_renditions",
            Self::SendMail { .. } => "send_mail",
            Self::SendRequestedMail(_) => "answer_request",
            Self::Sweep => "sweep",
            Self::SweepBlobs => "sweep_blobs",
            Self::Upgrade => "upgrade",
        }
    }

    /// The class of such a job.
    pub fn class(&self) -> JobClass {
        match self {
            Self::PurgePhoto { .. } | Self::PurgeAlbum { .. } | Self::PurgeAccount { .. } => {
                JobClass::Deletion
            }
            Self::SendMail { .. } | Self::SendRequestedMail(_) => JobClass::Mail,
            Self::Reprocess { .. } | Self::ReprocessAccount { .. } | Self::RemoveRenditions { .. } => {
                JobClass::Photo
            }
            Self::Sweep | Self::SweepBlobs | Self::Upgrade => JobClass::Upkeep,
        }
    }

    /// Who has caused such a job, as far as it says so itself: the account that it is about.
    pub fn cause(&self) -> JobCause {
        self.user().map_or(JobCause::Gallery, JobCause::Account)
    }

    /// Deletions are never dropped: a parked one is tried again, if rarely. Removing renditions is
    /// none: the sweeper finds them, too.
    pub fn is_deletion(&self) -> bool {
        matches!(self, Self::PurgePhoto { .. } | Self::PurgeAlbum { .. } | Self::PurgeAccount { .. })
    }

    /// Upkeep: there is one job of each kind, and it comes back whatever became of it.
    pub fn comes_back(&self) -> bool {
        matches!(self, Self::Sweep | Self::SweepBlobs | Self::Upgrade)
    }

    /// When the mail that this job sends was caused; `None` when it sends none.
    pub fn mail_caused_at(&self) -> Option<Timestamp> {
        match self {
            Self::SendMail { mail } => Some(mail.issued_at),
            Self::SendRequestedMail(request) => Some(request.requested_at),
            _ => None,
        }
    }

    /// The account or registration that the job is about, which may not outlive it.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::PurgePhoto { owner, .. }
            | Self::PurgeAlbum { owner, .. }
            | Self::Reprocess { owner, .. }
            | Self::ReprocessAccount { owner, .. }
            | Self::RemoveRenditions { owner, .. } => Some(*owner),
            Self::PurgeAccount { user, .. } => Some(*user),
            Self::SendMail { mail } => mail.user,
            Self::SendRequestedMail(_) | Self::Sweep | Self::SweepBlobs | Self::Upgrade => None,
        }
    }
}

/// A mail that somebody who is not logged in has asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedMail {
    /// The address as typed.
    pub email: Email,
    /// What was asked for.
    pub wanted: MailRequest,
    /// Which of the sign-ups that may wait for the address is meant, if whoever asks has shown one.
    #[serde(default)]
    pub registration: Option<UserId>,
    /// The language that the client asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When it was asked for: links are good for 10 minutes from then.
    pub requested_at: Timestamp,
}

/// What somebody who is not logged in asked to be mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailRequest {
    /// A new confirmation link.
    Confirmation,
    /// A link for choosing a new password.
    PasswordReset,
}

/// A job to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Names the job. Recording the same id again changes nothing.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// When it may first run.
    pub due_at: Timestamp,
    /// Who or what has caused it; only its shard is recorded.
    pub cause: JobCause,
}

impl NewJob {
    /// A job that is caused by the account that it is about, if it is about one.
    pub fn new(id: JobId, kind: JobKind, due_at: Timestamp) -> Self {
        Self { id, cause: kind.cause(), kind, due_at }
    }

    /// The same job of another cause.
    #[must_use]
    pub fn caused_by(self, cause: JobCause) -> Self {
        Self { cause, ..self }
    }

    /// The queue that it belongs to.
    pub fn queue(&self) -> JobQueue {
        JobQueue { class: self.kind.class(), shard: self.cause.shard() }
    }
}

/// A recorded job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Names the job.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// When it may run (again).
    pub due_at: Timestamp,
    /// Until when a worker holds it; absent when none does.
    pub leased_until: Option<Timestamp>,
    /// How often it failed.
    pub failures: u32,
    /// Why it failed last; never holds an address or a token.
    pub last_error: Option<String>,
    /// True after too many failures: it does not run unless it is resumed, or is a deletion.
    pub parked: bool,
    /// What it has removed so far.
    pub tally: Tally,
    /// The shard of its cause, as it was recorded.
    pub shard: Shard,
}

impl Job {
    /// The queue that it is in.
    pub fn queue(&self) -> JobQueue {
        JobQueue { class: self.kind.class(), shard: self.shard }
    }

    /// Whether a worker may have it at this instant: it is due, no lease reaches beyond the
    /// instant, and it is not parked, or is a deletion.
    pub fn is_available(&self, now: Timestamp) -> bool {
        let is_free = self.leased_until.is_none_or(|end| end <= now);
        self.due_at <= now && is_free && (!self.parked || self.kind.is_deletion())
    }
}

/// A job held by a worker. The lease is lost when `lease` is no longer the store's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedJob {
    /// The job.
    pub job: Job,
    /// Random bits that name this lease; finishing and retrying require them.
    pub lease: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Jobs of the release before, as its stores hold them.
    fn stored() -> [Value; 2] {
        let user = "019ac3f2-0000-7000-8000-000000000001";
        let email = json!({"typed": "Ann@example.org", "key": "ann@example.org"});
        let mail = json!({
            "user": user, "to": email, "name": "Ann", "issued_at": 1_000,
            "content": {"says": "confirm_address"}, "language": "en",
        });
        [
            json!({"kind": "send_mail", "letter": mail}),
            json!({
                "kind": "answer_request", "email": email, "wanted": "password_reset",
                "registration": user, "requested_at": 1_000,
            }),
        ]
    }

    #[test]
    fn mails_from_before_there_were_languages_are_english() {
        let [mut send, _] = stored();
        let current: JobKind = serde_json::from_value(send.clone()).unwrap();
        send["letter"].as_object_mut().unwrap().remove("language");
        assert_eq!(serde_json::from_value::<JobKind>(send).unwrap(), current);
    }

    #[test]
    fn a_job_is_caused_by_its_account_unless_it_says_otherwise() {
        let at = Timestamp::from_millis(0);
        let owner = UserId::new(at, &[1; 10]);
        let kind = JobKind::PurgePhoto { photo: PhotoId::new(at, &[2; 10]), owner };
        let job = NewJob::new(JobId::new(at, &[3; 10]), kind, at);
        let shard = Shard::of(owner.uuid().as_bytes());
        assert_eq!(job.queue(), JobQueue { class: JobClass::Deletion, shard });
        let network = JobCause::Network("hash".to_owned());
        assert_eq!(job.caused_by(network).queue().shard, Shard::of(b"hash"));
        let sweep = NewJob::new(JobId::new(at, &[3; 10]), JobKind::Sweep, at);
        assert_eq!(sweep.queue(), JobQueue { class: JobClass::Upkeep, shard: Shard::default() });
    }

    #[test]
    fn jobs_are_stored_as_they_always_were() {
        for stored in stored() {
            let kind: JobKind = serde_json::from_value(stored.clone()).unwrap();
            assert_eq!(kind.name(), stored["kind"]);
            assert_eq!(serde_json::to_value(&kind).unwrap(), stored);
        }
    }
}

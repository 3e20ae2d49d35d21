//! What a history consists of: [`Step`]s, each an [`Operation`] on one of two instances, perhaps
//! disturbed.
//!
//! An operation names people, albums, photos and links by their place among those that exist when
//! it runs (0 is the newest), so that it still means something when a history shrinks.

use std::time::Duration;

use gallery_core::model::{PhotoSort, Rendition};

/// One of the three people, by number.
pub type Person = u8;
/// A place in one of the lists of `texts`.
pub type Text = u8;

/// One step of a history.
#[derive(Debug, Clone)]
pub struct Step {
    /// Which of the two instances serves it.
    pub instance: usize,
    /// What is done.
    pub operation: Operation,
    /// What goes wrong meanwhile.
    pub disturbance: Option<Disturbance>,
}

/// What goes wrong while an operation runs.
#[derive(Debug, Clone)]
pub enum Disturbance {
    /// The store fails at the n-th port call (from 0).
    Store(usize, StoreFault),
    /// The process dies before the n-th port call.
    CrashBefore(usize),
    /// The process dies after the n-th port call, before it hears of the outcome.
    CrashAfter(usize),
    /// The other instance serves another request, from beginning to end, before the n-th port call.
    Meanwhile(usize, Box<Operation>),
    /// The other instance serves the same request, from beginning to end, before the n-th port
    /// call.
    Twin(usize),
    /// The mail system is away; or refuses for good.
    Mail(MailFault),
    /// The blob store is away.
    Blobs,
}

/// How the store fails.
#[derive(Debug, Clone, Copy)]
pub enum StoreFault {
    /// Away: nothing happened.
    Refuse,
    /// Broken: nothing happened, and trying again will not help.
    Break,
    /// Done, but the reply was lost.
    LoseReply,
    /// Done, the reply was lost, and done again.
    Repeat,
}

/// How the mail system fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFault {
    /// It says "later".
    Later,
    /// It says "never".
    Never,
}

/// Who does it: a person with one of the cookies that they got.
#[derive(Debug, Clone, Copy)]
pub struct Visitor {
    /// The person.
    pub person: Person,
    /// Which cookie.
    pub cookie: Cookie,
}

/// How a person shows who they are.
#[derive(Debug, Clone, Copy)]
pub enum Cookie {
    /// By the newest token; they sign up and log in before, if they must.
    Newest,
    /// By an older one, good or not.
    Older(u8),
    /// The request was authenticated some time ago, and goes on only now.
    Pending(u8),
}

/// An album or a photo.
#[derive(Debug, Clone, Copy)]
pub enum Pick {
    /// One of the person's own that exist; one is made before if there is none.
    Own(u8),
    /// One of all that anybody ever had.
    Any(u8),
}

/// A link from a mail.
#[derive(Debug, Clone, Copy)]
pub enum Link {
    /// One that the person got for this purpose.
    Got(u8),
    /// One for the other purpose.
    OtherPurpose,
    /// None of the gallery's.
    Forged,
}

/// What says which sign-up's mail is wanted again.
#[derive(Debug, Clone, Copy)]
pub enum Naming {
    /// The address alone.
    Address,
    /// What one of the person's sign-ups was answered with, besides.
    SignUp(u8),
    /// A confirmation link.
    Link(Link),
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The most items.
    pub limit: u32,
    /// After one of the cursors that were answered for lists in this order; at the beginning when
    /// absent.
    pub cursor: Option<u8>,
}

/// A file that is uploaded.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// What imaging finds in it (see `PictureImaging`).
    pub content: u8,
    /// Its size in bytes.
    pub bytes: u16,
}

/// An upload's form.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The file.
    pub file: File,
    /// The size that the client says in advance, relative to the true one; absent when it says
    /// none.
    pub declared: Option<i16>,
    /// The `Idempotency-Key`.
    pub key: Option<u8>,
    /// Title, description, tags and file name.
    pub text: Text,
}

/// How a change treats a cover.
#[derive(Debug, Clone, Copy)]
pub enum CoverChoice {
    /// The gallery shall choose.
    Newest,
    /// This photo.
    Photo(Pick),
    /// What is no id.
    Malformed,
}

/// What somebody who is logged in does.
#[derive(Debug, Clone)]

pub enum Deed {
    WhoAmI,
    Sessions,
    LogOut,
    EndSession {
        session: u8,
        of: Person,
    },
    ChangePassword {
        current: Text,
        new: Text,
    },
    UpdateAccount {
        name: Option<Text>,
        language: Option<Text>,
    },
    Cancel {
        password: Text,
    },
    CreateAlbum {
        text: Text,
        key: Option<u8>,
    },
    ChangeAlbum {
        album: Pick,
        text: Option<Text>,
        description: Option<Text>,
        cover: Option<CoverChoice>,
    },
    DeleteAlbum {
        album: Pick,
    },
    ReadAlbum {
        album: Pick,
    },
    ListAlbums {
        query: Option<Text>,
        part: Part,
    },
    Upload {
        album: Pick,
        form: Form,
    },
    /// Sends the file, but leaves the upload unfinished until a later step.
    BeginUpload {
        album: Pick,
        form: Form,
    },
    ReadPhoto {
        photo: Pick,
    },
    ReadRendition {
        photo: Pick,
        rendition: Rendition,
    },
    ListPhotos {
        sort: PhotoSort,
        part: Part,
    },
    ListAlbum {
        album: Pick,
        sort: PhotoSort,
        part: Part,
    },
    Search {
        query: Text,
        album: Option<Pick>,
        part: Part,
    },
    ChangePhoto {
        photo: Pick,
        title: Option<Text>,
        tags: Option<Text>,
        album: Option<Pick>,
        taken: Option<Text>,
    },
    DeletePhoto {
        photo: Pick,
    },
}

/// What ends after some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The minute after which a token is renewed.
    Renewal,
    /// A worker's minute.
    Lease,
    /// A token's 5 minutes.
    Token,
    /// A link's 10 minutes.
    Link,
    /// The 10 minutes of a counter.
    Counter,
    /// The minute after which an upload that shows no life is dead, and that at which it is swept.
    Upload,
    /// A session's 8 hours.
    Session,
    /// The 24 hours in which an account is confirmed, or a key remembered.
    Day,
}

/// What happens in a step.
#[derive(Debug, Clone)]

pub enum Operation {
    /// Time passes.
    Tick(Duration),
    /// Time passes until so many milliseconds before (−), at or after the next instant at which
    /// such a thing ends; then whoever notices the end does what depends on it.
    JumpTo {
        end: End,
        offset: i64,
        person: Person,
    },
    SignUp {
        person: Person,
        spelling: u8,
        password: Text,
        name: Text,
    },
    Confirm {
        person: Person,
        link: Link,
    },
    ResendConfirmation {
        person: Person,
        by: Naming,
    },
    ForgotPassword {
        person: Person,
    },
    OpenReset {
        person: Person,
        link: Link,
    },
    ResetPassword {
        person: Person,
        link: Link,
        password: Text,
    },
    LogIn {
        person: Person,
        spelling: u8,
        password: Text,
    },
    /// Somebody who is logged in does something.
    Do(Visitor, Deed),
    /// An unfinished upload is finished.
    FinishUpload {
        upload: u8,
        text: Text,
    },
    /// An unfinished upload is given up.
    AbandonUpload {
        upload: u8,
    },
    /// The process with an unfinished upload dies.
    LoseUpload {
        upload: u8,
    },
    /// A worker runs the next job.
    Work,
    /// A worker runs jobs until none is due.
    WorkAll,
    Sweep,
    /// An operator has the renditions of a photo, or of all of a person's, made anew.
    Reprocess {
        person: Person,
        photo: Option<Pick>,
    },
    /// An instance starts, which schedules the sweeps.
    ScheduleUpkeep,
    Verify,
}

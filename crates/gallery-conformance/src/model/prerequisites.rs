//! What operations require: nobody uploads without an album, or has an album without a log-in. Also
//! what is done at the instant at which something ends.
//!
//! Knows the [`World`] only; a history asks before each step, and does what it is told until
//! nothing is missing.

use gallery_core::values::Timestamp;

use super::operation::{
    Cookie, Deed, End, File, Form, Link, Naming, Operation, Person as Number, Pick, Visitor,
};
use super::world::{Person, Stage, World};

/// A person who has tried this often to log in, or to get a mail, waits until time has passed.
const MOST_ATTEMPTS: usize = 7;

impl World {
    /// What has to be done before this operation means something; it is asked again after that was
    /// done.
    pub fn prerequisite(&self, operation: &Operation, now: Timestamp, attempt: usize) -> Option<Operation> {
        let (visitor, deed) = match operation {
            Operation::Do(visitor, deed) => (*visitor, deed),
            Operation::Reprocess { person, .. } => (
                Visitor { person: *person, cookie: Cookie::Newest },
                &Deed::ReadPhoto { photo: Pick::Own(0) },
            ),
            Operation::OpenReset { person, link: Link::Got(_) }
            | Operation::ResetPassword { person, link: Link::Got(_), .. } => {
                return self.towards_reset(*person, now, attempt);
            }
            Operation::JumpTo { end, person, .. }
                if self.ends.range((*end, now)..).all(|(known, _)| known != end) =>
            {
                return self.towards_end(*end, *person, now, attempt);
            }
            _ => return None,
        };
        let person = self.person(visitor.person);
        if matches!(visitor.cookie, Cookie::Newest) && !person.is_logged_in(now) {
            return person.towards_log_in(visitor.person, attempt);
        }
        let (albums, photos) = deed.needs();
        let missing = if person.albums.len() < albums {
            Deed::an_album(person.albums.len())
        } else if person.photos.len() < photos {
            Deed::an_upload(person.photos.len())
        } else {
            return None;
        };
        let visitor = Visitor { cookie: Cookie::Newest, ..visitor };
        Some(match self.prerequisite(&Operation::Do(visitor, Deed::WhoAmI), now, attempt) {
            Some(first) => first,
            None => Operation::Do(visitor, missing),
        })
    }

    /// What begins a thing that ends like this.
    fn towards_end(&self, end: End, person: Number, now: Timestamp, attempt: usize) -> Option<Operation> {
        let visitor = Visitor { person, cookie: Cookie::Newest };
        let begins = match end {
            End::Renewal | End::Token | End::Session => Operation::Do(visitor, Deed::WhoAmI),
            End::Upload => Operation::Do(visitor, Deed::an_unfinished_upload()),
            End::Link => return self.towards_reset(person, now, attempt),
            End::Lease | End::Counter | End::Day => return None,
        };
        self.prerequisite(&begins, now, attempt).or_else(|| (attempt < MOST_ATTEMPTS).then_some(begins))
    }

    /// Nobody gets a link for a new password without an account.
    fn towards_reset(&self, person: Number, now: Timestamp, attempt: usize) -> Option<Operation> {
        let visitor = Visitor { person, cookie: Cookie::Newest };
        if !self.person(person).resets.is_empty() {
            return None;
        }
        let has_account = self.person(person).stage == Stage::Confirmed;
        let logged_in = Operation::Do(visitor, Deed::WhoAmI);
        let first = if has_account { None } else { self.prerequisite(&logged_in, now, attempt) };
        match attempt {
            _ if first.is_some() => first,
            // Too many mails were asked for.
            MOST_ATTEMPTS.. => None,
            _ if attempt.is_multiple_of(2) => Some(Operation::ForgotPassword { person }),
            _ => Some(Operation::WorkAll),
        }
    }
}

impl Person {
    fn towards_log_in(&self, person: Number, attempt: usize) -> Option<Operation> {
        let (spelling, password) = (0, self.password);
        Some(match self.stage {
            // They have tried too often, or got too many mails.
            _ if attempt >= MOST_ATTEMPTS => return None,
            Stage::Absent => Operation::SignUp { person, spelling, password, name: 0 },
            Stage::Pending if !self.confirmations.is_empty() => {
                Operation::Confirm { person, link: Link::Got(0) }
            }
            Stage::Pending => match attempt % 4 {
                2 => Operation::SignUp { person, spelling, password, name: 0 },
                3 => Operation::ResendConfirmation { person, by: Naming::SignUp(0) },
                _ => Operation::WorkAll,
            },
            Stage::Confirmed => Operation::LogIn { person, spelling, password },
        })
    }
}

impl End {
    /// What is done by those who notice it.
    pub fn noticed(self, person: Number) -> Vec<Operation> {
        let visit = |deed| Operation::Do(Visitor { person, cookie: Cookie::Newest }, deed);
        let link = Link::Got(0);
        match self {
            Self::Renewal | Self::Token => vec![visit(Deed::WhoAmI)],
            Self::Session => vec![visit(Deed::WhoAmI), visit(Deed::Sessions)],
            Self::Lease => vec![Operation::Work],
            Self::Link => vec![Operation::OpenReset { person, link }, Operation::Confirm { person, link }],
            Self::Counter => vec![Operation::LogIn { person, spelling: 0, password: 2 }],
            // Whoever sends it again takes its place.
            Self::Upload => vec![Operation::Sweep, visit(Deed::the_upload_again())],
            Self::Day => vec![
                Operation::LogIn { person, spelling: 0, password: 0 },
                visit(Deed::CreateAlbum { text: 0, key: Some(0) }),
                Operation::Sweep,
            ],
        }
    }
}

impl Deed {
    /// How many albums and photos of their own a person must have for it to mean something.
    fn needs(&self) -> (usize, usize) {
        let own = |pick: &Pick| usize::from(matches!(pick, Pick::Own(_)));
        match self {
            Self::ChangeAlbum { album, .. }
            | Self::DeleteAlbum { album }
            | Self::ReadAlbum { album }
            | Self::Upload { album, .. }
            | Self::BeginUpload { album, .. } => (own(album), 0),
            Self::ReadPhoto { photo } | Self::ReadRendition { photo, .. } | Self::DeletePhoto { photo } => {
                (own(photo), own(photo))
            }
            Self::ChangePhoto { photo, album, .. } => (own(photo) + usize::from(album.is_some()), own(photo)),
            Self::ListAlbums { .. } => (2, 0),
            Self::ListPhotos { .. } | Self::ListAlbum { .. } | Self::Search { .. } => (1, 2),
            _ => (0, 0),
        }
    }

    fn an_unfinished_upload() -> Self {
        Self::BeginUpload { album: Pick::Own(0), form: Self::a_repeated_form() }
    }

    fn the_upload_again() -> Self {
        Self::Upload { album: Pick::Own(0), form: Self::a_repeated_form() }
    }

    fn a_repeated_form() -> Form {
        Form { file: File { content: 2, bytes: 50 }, declared: Some(0), key: Some(1), text: 3 }
    }

    fn an_album(known: usize) -> Self {
        Self::CreateAlbum { text: u8::try_from(known).unwrap_or(0), key: None }
    }

    fn an_upload(known: usize) -> Self {
        let number = u8::try_from(known).unwrap_or(0);
        let file = File { content: number % 6, bytes: 100 };
        let form = Form { file, declared: Some(0), key: None, text: number };
        Self::Upload { album: Pick::Own(0), form }
    }
}

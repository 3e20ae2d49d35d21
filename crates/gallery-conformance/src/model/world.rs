//! What is known while a history runs: people, their cookies and links, the albums and photos that
//! were answered.
//!
//! Both sides answer the same, so there is one world. It learns from answers alone, as a client
//! does: what it believes to be there may be gone, and what a lost reply told of is unknown until a
//! list shows it.

use std::collections::BTreeSet;
use std::time::Duration;

use gallery_core::mail::Message;
use gallery_core::model::{NewUpload, Photo, PhotoSort};
use gallery_core::token::LINK_LIFETIME;
use gallery_core::usecases::{Caller, SESSION_LIFETIME, TOKEN_LIFETIME, TOKEN_RENEWAL_AGE, Throttling};
use gallery_core::values::{AlbumId, Cursor, Email, JobId, PhotoId, SessionId, Timestamp, UserId};

use super::action::{Action, Answer, Identity, Outcome, Request, Seen};
use super::operation::{Deed, End, Operation, Person as Number, Visitor};
use super::texts::ADDRESSES;

/// The core's own: an account is confirmed within a day, a key remembered for one.
const DAY: Duration = Duration::from_hours(24);
/// The core's own: a lease's length.
const LEASE: Duration = Duration::from_mins(1);

/// Whether a person has an account, as far as anybody was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// They have none.
    #[default]
    Absent,
    /// It waits for its confirmation.
    Pending,
    /// They can log in.
    Confirmed,
}

/// What a person has. Everything is in the order in which it was got: the newest last.
#[derive(Debug, Default)]
pub struct Person {
    /// Whether they have an account.
    pub stage: Stage,
    /// Which password they believe to have.
    pub password: u8,
    /// Cookies that may be good: when each was issued, and its value.
    pub cookies: Vec<(Timestamp, String)>,
    /// What their device is known by.
    pub device: Option<String>,
    /// What names their sign-ups.
    pub sign_ups: Vec<String>,
    /// Cookies that were refused.
    pub spent_cookies: Vec<String>,
    /// Callers as they were found to be.
    pub callers: Vec<Caller>,
    /// Tokens of confirmation links that were not opened yet.
    pub confirmations: Vec<String>,
    /// Tokens of confirmation links that were.
    pub opened: Vec<String>,
    /// Tokens of links for a new password.
    pub resets: Vec<String>,
    /// Albums that are there.
    pub albums: Vec<AlbumId>,
    /// Photos that are there.
    pub photos: Vec<PhotoId>,
    /// Sessions.
    pub sessions: Vec<SessionId>,
}

/// What is known of everybody.
#[derive(Debug, Default)]
pub struct World {
    /// The people, by number.
    pub people: [Person; ADDRESSES.len()],
    /// All albums that ever were.
    pub albums: Vec<AlbumId>,
    /// All photos that ever were.
    pub photos: Vec<PhotoId>,
    /// Cursors of lists by id.
    pub cursors: Vec<Cursor>,
    /// Cursors of lists by the time taken.
    pub cursors_taken: Vec<Cursor>,
    /// Uploads that wait for their end.
    pub uploads: Vec<usize>,
    /// The slot of the next one.
    pub next_slot: usize,
    /// Instants at which something ends.
    pub ends: BTreeSet<(End, Timestamp)>,
    /// Every account that was seen.
    pub accounts: BTreeSet<UserId>,
    /// Accounts that were cancelled, with the job that removes each.
    pub cancelled: Vec<(UserId, JobId)>,
}

impl World {
    /// A person, by number counted round.
    pub fn person(&self, number: Number) -> &Person {
        &self.people[usize::from(number) % self.people.len()]
    }

    fn person_mut(&mut self, number: Number) -> &mut Person {
        let number = usize::from(number) % self.people.len();
        &mut self.people[number]
    }

    fn person_at(&mut self, address: &Email) -> Option<&mut Person> {
        let own =
            |addresses: &[&str; 2]| Email::parse(addresses[0]).is_ok_and(|own| own.key() == address.key());
        ADDRESSES.iter().position(own).map(|number| &mut self.people[number])
    }

    /// Learns from a mail.
    pub fn read(&mut self, mail: &Message) {
        let Some((way, token)) = mail.link.as_deref().and_then(|link| link.rsplit_once('/')) else { return };
        self.ends.insert((End::Link, mail.date.plus(LINK_LIFETIME)));
        let confirmation = way.ends_with("/confirm");
        let Some(person) = self.person_at(&mail.to.address) else { return };
        let links = if confirmation { &mut person.confirmations } else { &mut person.resets };
        links.push(token.to_owned());
    }

    /// Learns from what became of an operation.
    pub fn learn(&mut self, operation: &Operation, action: &Action, outcome: &Outcome, now: Timestamp) {
        match operation {
            Operation::Do(visitor, deed) => {
                self.learn_of_caller(*visitor, action, outcome, now);
                self.learn_of_deed(*visitor, deed, action, outcome, now);
            }
            Operation::SignUp { person, password, .. } if outcome.result.is_ok() => {
                let person = self.person_mut(*person);
                if let Ok(Answer::SignedUp(named)) = &outcome.result {
                    person.sign_ups.push(named.clone());
                }
                if person.stage != Stage::Confirmed {
                    (person.stage, person.password) = (Stage::Pending, *password);
                }
                self.ends.insert((End::Day, now.plus(DAY)));
                self.ends.insert((End::Counter, now.plus(Throttling::default().window)));
            }
            Operation::Confirm { person, .. } => {
                let person = self.person_mut(*person);
                if outcome.result.is_ok() {
                    person.stage = Stage::Confirmed;
                }
                let answered = outcome.result.as_ref().err().is_none_or(|error| error.starts_with("Token"));
                if let Action::Confirm { token } = action
                    && answered
                {
                    person.confirmations.retain(|known| known != token);
                    person.opened.push(token.clone());
                }
            }
            Operation::ResetPassword { person, password, .. } if outcome.result.is_ok() => {
                let person = self.person_mut(*person);
                person.password = *password;
                person.cookies.clear();
            }
            Operation::LogIn { person, .. } => self.learn_of_log_in(*person, outcome, now),
            Operation::FinishUpload { .. }
            | Operation::AbandonUpload { .. }
            | Operation::LoseUpload { .. } => {
                self.learn_of_upload(action, outcome);
            }
            Operation::Work if outcome.result.is_err() => {
                self.ends.insert((End::Lease, now.plus(LEASE)));
            }
            _ => {}
        }
    }

    fn learn_of_log_in(&mut self, number: Number, outcome: &Outcome, now: Timestamp) {
        let person = self.person_mut(number);
        match &outcome.result {
            Ok(Answer::LoggedIn { user, token, device, .. }) => {
                person.stage = Stage::Confirmed;
                person.device = Some(device.clone());
                person.cookies.push((now, token.clone()));
                let id = user.id;
                self.accounts.insert(id);
                self.token_issued(now);
                self.ends.insert((End::Session, now.plus(SESSION_LIFETIME)));
            }
            Err(error) if error == "BadCredentials" => {
                // Another password, or no account: the first time it tries the other one, then
                // signs up.
                if person.stage == Stage::Pending {
                    return;
                }
                person.stage = if person.password == 0 { Stage::Confirmed } else { Stage::Absent };
                person.password = 1 - person.password.min(1);
            }
            _ => {}
        }
    }

    fn token_issued(&mut self, now: Timestamp) {
        self.ends.insert((End::Renewal, now.plus(TOKEN_RENEWAL_AGE)));
        self.ends.insert((End::Token, now.plus(TOKEN_LIFETIME)));
    }

    fn learn_of_caller(&mut self, visitor: Visitor, action: &Action, outcome: &Outcome, now: Timestamp) {
        let Action::Do(identity, _) = action else { return };
        let person = self.person_mut(visitor.person);
        match (&**identity, &outcome.caller) {
            (Identity::Cookie(_), Some(Seen { user, session, fresh })) => {
                let caller = Caller { user: user.clone(), session: session.clone(), fresh_token: None };
                person.callers.push(caller);
                if !person.sessions.contains(&session.id) {
                    person.sessions.push(session.id);
                }
                if let Some(token) =
                    fresh.as_ref().filter(|token| person.cookies.iter().all(|(_, known)| known != *token))
                {
                    person.cookies.push((now, token.clone()));
                    self.token_issued(now);
                }
            }
            (Identity::Cookie(cookie), None) if outcome.result == Err("NoSession".to_owned()) => {
                person.cookies.retain(|(_, known)| known != cookie);
                person.spent_cookies.push(cookie.clone());
            }
            _ => {}
        }
    }

    fn learn_of_deed(
        &mut self,
        visitor: Visitor,
        deed: &Deed,
        action: &Action,
        outcome: &Outcome,
        now: Timestamp,
    ) {
        let Action::Do(_, request) = action else { return };
        let person = self.person_mut(visitor.person);
        match (&outcome.result, deed) {
            (Ok(Answer::Sessions(sessions)), _) => {
                person.sessions = sessions.iter().rev().map(|session| session.id).collect();
            }
            (Ok(Answer::Done), Deed::ChangePassword { new, .. }) => person.password = *new,
            (Ok(Answer::Cancelled(job)), _) => {
                let cancelled = outcome.caller.as_ref().map(|caller| (caller.user.id, *job));
                *person = Person {
                    spent_cookies: std::mem::take(&mut person.spent_cookies),
                    callers: std::mem::take(&mut person.callers),
                    resets: std::mem::take(&mut person.resets),
                    ..Person::default()
                };
                self.cancelled.extend(cancelled);
            }
            (Ok(Answer::Album(album)), _) => self.has_album(visitor.person, album.id, now),
            (Ok(Answer::Albums(page)), _) => {
                for album in page.items.iter().rev() {
                    self.has_album(visitor.person, album.id, now);
                }
                self.cursors.extend(page.next);
            }
            (Ok(Answer::Photo(photo)), _) => self.has_photo(visitor.person, photo, now),
            (Ok(Answer::Photos(sort, page)), _) => {
                for photo in page.items.iter().rev() {
                    self.has_photo(visitor.person, photo, now);
                }
                let cursors =
                    if *sort == PhotoSort::Taken { &mut self.cursors_taken } else { &mut self.cursors };
                cursors.extend(page.next);
            }
            (Ok(Answer::Waiting), _) => {
                let Request::Upload(_, sent) = request else { return };
                self.uploads.extend(sent.slot);
                let overdue = now.plus(NewUpload::LIFETIME);
                self.ends.insert((End::Upload, overdue));
                self.ends.insert((End::Upload, overdue.plus(NewUpload::SWEPT_AFTER)));
            }
            (Ok(Answer::Done), _) => self.forget(visitor.person, request),
            (Err(error), _) if error == "NotFound" => self.forget(visitor.person, request),
            _ => {}
        }
    }

    fn learn_of_upload(&mut self, action: &Action, outcome: &Outcome) {
        if let Action::FinishUpload { slot, .. }
        | Action::AbandonUpload { slot }
        | Action::LoseUpload { slot } = action
        {
            self.uploads.retain(|known| known != slot);
        }
        if let Ok(Answer::Photo(photo)) = &outcome.result {
            self.photos.push(photo.id);
        }
    }

    fn has_album(&mut self, number: Number, album: AlbumId, now: Timestamp) {
        let person = self.person_mut(number);
        if !person.albums.contains(&album) {
            person.albums.push(album);
            self.albums.push(album);
            self.ends.insert((End::Day, now.plus(DAY)));
        }
    }

    fn has_photo(&mut self, number: Number, photo: &Photo, now: Timestamp) {
        let person = self.person_mut(number);
        if !person.photos.contains(&photo.id) {
            person.photos.push(photo.id);
            self.photos.push(photo.id);
            self.ends.insert((End::Day, now.plus(DAY)));
        }
    }

    /// What was deleted, or is not there (any more).
    fn forget(&mut self, number: Number, request: &Request) {
        let person = self.person_mut(number);
        match request {
            Request::DeleteAlbum(album) | Request::ReadAlbum(album) | Request::ChangeAlbum { album, .. } => {
                person.albums.retain(|known| known != album);
            }
            Request::DeletePhoto(photo) | Request::ReadPhoto(photo) | Request::ChangePhoto { photo, .. } => {
                person.photos.retain(|known| known != photo);
            }
            Request::Upload(album, _) | Request::ListAlbum(album, ..) => {
                person.albums.retain(|known| known != album);
            }
            _ => {}
        }
    }
}

impl Person {
    /// Whether their newest token is good, as far as anybody knows.
    pub fn is_logged_in(&self, now: Timestamp) -> bool {
        self.cookies.last().is_some_and(|(issued, _)| now < issued.plus(TOKEN_LIFETIME))
    }
}

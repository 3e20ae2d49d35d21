//! From operations to actions: the places that an operation names become the ids, tokens and texts
//! that are there.

use bytes::Bytes;
use gallery_core::usecases::{AccountPatch, TakenPatch, UploadDetails};
use gallery_core::values::{AlbumId, Cursor, PageRequest, PhotoId, SessionId};
use uuid::Uuid;

use super::action::{Action, CoverWish, Identity, Request, Sent};
use super::operation::{
    Cookie, CoverChoice, Deed, Form, Link, Naming, Operation, Part, Person as Number, Pick, Visitor,
};
use super::texts::{ADDRESSES, DESCRIPTIONS, FILES, LANGUAGES, NAMES, PASSWORDS, QUERIES, TAGS, TIMES, pick};
use super::world::{Person, World};

impl World {
    /// The action that an operation means now; `None` for one that only moves the clock or is made
    /// of several, or for which there is nothing to act on.
    pub fn resolve(&mut self, operation: &Operation) -> Option<Action> {
        let address = |person: Number, spelling: u8| pick(&pick(&ADDRESSES, person), spelling).to_owned();
        Some(match operation {
            Operation::Tick(_) | Operation::JumpTo { .. } | Operation::WorkAll => return None,
            Operation::FinishUpload { .. }
            | Operation::AbandonUpload { .. }
            | Operation::LoseUpload { .. }
                if self.uploads.is_empty() =>
            {
                return None;
            }
            Operation::SignUp { person, spelling, password, name } => Action::SignUp {
                email: address(*person, *spelling),
                password: pick(&PASSWORDS, *password),
                name: pick(&NAMES, *name),
            },
            Operation::Confirm { person, link } => {
                let person = self.person(*person);
                let links =
                    if person.confirmations.is_empty() { &person.opened } else { &person.confirmations };
                Action::Confirm { token: token(*link, links, &person.resets) }
            }
            Operation::ResendConfirmation { person, by } => self.resend(*person, *by),
            Operation::ForgotPassword { person } => Action::ForgotPassword { email: address(*person, 0) },
            Operation::OpenReset { person, link } => {
                let person = self.person(*person);
                Action::OpenReset { token: token(*link, &person.resets, &person.confirmations) }
            }
            Operation::ResetPassword { person, link, password } => {
                let person = self.person(*person);
                let token = token(*link, &person.resets, &person.confirmations);
                Action::ResetPassword { token, password: pick(&PASSWORDS, *password) }
            }
            Operation::LogIn { person, spelling, password } => {
                let (email, password) = (address(*person, *spelling), pick(&PASSWORDS, *password));
                Action::LogIn { email, password, device: self.person(*person).device.clone() }
            }
            Operation::Do(visitor, deed) => {
                let identity = self.identity(*visitor);
                Action::Do(Box::new(identity), self.request(visitor.person, deed))
            }
            Operation::FinishUpload { upload, text } => {
                Action::FinishUpload { slot: self.slot(*upload), details: details(*text) }
            }
            Operation::AbandonUpload { upload } => Action::AbandonUpload { slot: self.slot(*upload) },
            Operation::LoseUpload { upload } => Action::LoseUpload { slot: self.slot(*upload) },
            Operation::Work => Action::Work,
            Operation::Sweep => Action::Sweep,
            Operation::Reprocess { person, photo: Some(photo) } => {
                Action::ReprocessPhoto(self.photo(*person, *photo))
            }
            Operation::Reprocess { person, photo: None } => {
                Action::ReprocessAccount { email: address(*person, 0) }
            }
            Operation::ScheduleUpkeep => Action::ScheduleUpkeep,
            Operation::Verify => Action::Verify,
        })
    }

    fn resend(&self, number: Number, by: Naming) -> Action {
        let person = self.person(number);
        let email = pick(&pick(&ADDRESSES, number), 0).to_owned();
        let links = if person.confirmations.is_empty() { &person.opened } else { &person.confirmations };
        match by {
            Naming::Link(link) => Action::ResendLink { token: token(link, links, &person.resets) },
            Naming::Address => Action::ResendConfirmation { email, sign_up: None },
            Naming::SignUp(place) => {
                Action::ResendConfirmation { email, sign_up: from_newest(&person.sign_ups, place) }
            }
        }
    }

    fn identity(&self, visitor: Visitor) -> Identity {
        let person = self.person(visitor.person);
        let newest = person.cookies.last().map(|(_, cookie)| cookie.clone());
        let nobody = || Identity::Cookie("no cookie of ours".to_owned());
        match visitor.cookie {
            Cookie::Newest => newest.map_or_else(nobody, Identity::Cookie),
            Cookie::Older(place) => {
                let all: Vec<&String> = person
                    .spent_cookies
                    .iter()
                    .chain(person.cookies.iter().map(|(_, cookie)| cookie))
                    .collect();
                from_newest(&all, place).map_or_else(nobody, |cookie| Identity::Cookie(cookie.clone()))
            }
            Cookie::Pending(place) => from_newest(&person.callers, place)
                .map_or_else(nobody, |caller| Identity::Known(Box::new(caller))),
        }
    }

    fn request(&mut self, number: Number, deed: &Deed) -> Request {
        let person = self.person(number);
        match deed {
            Deed::WhoAmI => Request::WhoAmI,
            Deed::Sessions => Request::Sessions,
            Deed::LogOut => Request::LogOut,
            Deed::EndSession { session, of } => {
                let known = from_newest(&self.person(*of).sessions, *session);
                Request::EndSession(known.unwrap_or_else(|| SessionId::from_uuid(nothing())))
            }
            Deed::ChangePassword { current, new } => {
                // Most people know what their password is.
                let current = if *current == 0 { person.password } else { *current };
                Request::ChangePassword { current: pick(&PASSWORDS, current), new: pick(&PASSWORDS, *new) }
            }
            Deed::UpdateAccount { name, language } => Request::UpdateAccount(AccountPatch {
                name: name.map(|name| pick(&NAMES, name)),
                language: language.map(|language| pick(&LANGUAGES, language)),
            }),
            Deed::Cancel { password } => {
                let password = if *password == 0 { person.password } else { *password };
                Request::Cancel { password: pick(&PASSWORDS, password) }
            }
            _ => self.album_request(number, deed),
        }
    }

    fn album_request(&mut self, number: Number, deed: &Deed) -> Request {
        match deed {
            Deed::CreateAlbum { text, key } => {
                let (name, description) = (pick(&NAMES, *text), pick(&DESCRIPTIONS, *text));
                Request::CreateAlbum { name, description, key: key.map(name_of_key) }
            }
            Deed::ChangeAlbum { album, text, description, cover } => Request::ChangeAlbum {
                album: self.album(number, *album),
                name: text.map(|text| pick(&NAMES, text)),
                description: description.map(|text| pick(&DESCRIPTIONS, text)),
                cover: match cover {
                    None => CoverWish::Unchanged,
                    Some(CoverChoice::Newest) => CoverWish::Newest,
                    Some(CoverChoice::Photo(photo)) => {
                        CoverWish::Photo(self.photo(number, *photo).to_string())
                    }
                    Some(CoverChoice::Malformed) => CoverWish::Photo("no id".to_owned()),
                },
            },
            Deed::DeleteAlbum { album } => Request::DeleteAlbum(self.album(number, *album)),
            Deed::ReadAlbum { album } => Request::ReadAlbum(self.album(number, *album)),
            Deed::ListAlbums { query, part } => {
                let query = query.map(|query| pick(&QUERIES, query));
                Request::ListAlbums { query, page: page(*part, &self.cursors) }
            }
            _ => self.photo_request(number, deed),
        }
    }

    fn photo_request(&mut self, number: Number, deed: &Deed) -> Request {
        use gallery_core::model::PhotoSort::Taken;
        match deed {
            Deed::Upload { album, form } => {
                Request::Upload(self.album(number, *album), Box::new(sent(*form, None)))
            }
            Deed::BeginUpload { album, form } => {
                let slot = self.next_slot;
                self.next_slot += 1;
                Request::Upload(self.album(number, *album), Box::new(sent(*form, Some(slot))))
            }
            Deed::ReadPhoto { photo } => Request::ReadPhoto(self.photo(number, *photo)),
            Deed::ReadRendition { photo, rendition } => {
                Request::ReadRendition(self.photo(number, *photo), *rendition)
            }
            Deed::ListPhotos { sort, part } => {
                let cursors = if *sort == Taken { &self.cursors_taken } else { &self.cursors };
                Request::ListPhotos(*sort, page(*part, cursors))
            }
            Deed::ListAlbum { album, sort, part } => {
                let cursors = if *sort == Taken { &self.cursors_taken } else { &self.cursors };
                Request::ListAlbum(self.album(number, *album), *sort, page(*part, cursors))
            }
            Deed::Search { query, album, part } => Request::Search {
                query: pick(&QUERIES, *query),
                album: album.map(|album| self.album(number, album)),
                page: page(*part, &self.cursors),
            },
            Deed::ChangePhoto { photo, title, tags, album, taken } => Request::ChangePhoto {
                photo: self.photo(number, *photo),
                title: title.map(|title| pick(&NAMES, title)),
                tags: tags.map(|tags| pick(&TAGS, tags)),
                album: album.map(|album| self.album(number, album).to_string()),
                taken: match taken.map(|taken| pick(&TIMES, taken)) {
                    None => TakenPatch::Unchanged,
                    Some("") => TakenPatch::Restored,
                    Some(text) => TakenPatch::Typed(text),
                },
            },
            Deed::DeletePhoto { photo } => Request::DeletePhoto(self.photo(number, *photo)),
            other => unreachable!("{other:?} is resolved elsewhere"),
        }
    }

    fn album(&self, number: Number, choice: Pick) -> AlbumId {
        let own = |person: &Person, place| from_newest(&person.albums, place);
        let album = match choice {
            Pick::Own(place) => own(self.person(number), place),
            Pick::Any(place) => from_newest(&self.albums, place),
        };
        album.unwrap_or_else(|| AlbumId::from_uuid(nothing()))
    }

    fn photo(&self, number: Number, choice: Pick) -> PhotoId {
        let photo = match choice {
            Pick::Own(place) => from_newest(&self.person(number).photos, place),
            Pick::Any(place) => from_newest(&self.photos, place),
        };
        photo.unwrap_or_else(|| PhotoId::from_uuid(nothing()))
    }

    fn slot(&self, place: u8) -> usize {
        from_newest(&self.uploads, place).unwrap_or(usize::MAX)
    }
}

/// The id of nothing.
fn nothing() -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)
}

/// Counted from the newest, and round.
fn from_newest<T: Clone>(items: &[T], place: u8) -> Option<T> {
    let last = items.len().checked_sub(1)?;
    items.get(last - usize::from(place) % items.len()).cloned()
}

fn token(link: Link, got: &[String], others: &[String]) -> String {
    let token = match link {
        Link::Got(place) => from_newest(got, place),
        Link::OtherPurpose => from_newest(others, 0),
        Link::Forged => None,
    };
    token.unwrap_or_else(|| "IjAxOTAi.aSFpMA.c2lnbmF0dXJl".to_owned())
}

fn name_of_key(key: u8) -> String {
    format!("key-{key}")
}

fn page(part: Part, cursors: &[Cursor]) -> PageRequest {
    let cursor = part.cursor.and_then(|place| from_newest(cursors, place)).map(|cursor| cursor.encode());
    PageRequest::new(Some(part.limit), cursor.as_deref()).expect("a page of a size that is allowed")
}

fn details(text: u8) -> UploadDetails<'static> {
    UploadDetails {
        file_name: Some(pick(&FILES, text)),
        title: Some(pick(&NAMES, text)),
        description: Some(pick(&DESCRIPTIONS, text)),
        tags: Some(pick(&TAGS, text)),
    }
}

fn sent(form: Form, slot: Option<usize>) -> Sent {
    let bytes = Bytes::from(vec![form.file.content; usize::from(form.file.bytes)]);
    let size = i64::from(form.file.bytes);
    let declared = form.declared.map(|more| u64::try_from(size + i64::from(more)).unwrap_or(0));
    Sent { bytes, declared, key: form.key.map(name_of_key), details: details(form.text), slot }
}

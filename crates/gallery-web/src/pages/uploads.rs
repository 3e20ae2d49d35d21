//! The upload form of an album's page: several files at once, without JavaScript. Tests are in
//! `tests/pages/albums.rs`.

use gallery_core::usecases::Caller;
use gallery_core::values::AlbumId;

use super::albums::{address, album_page};
use super::flash::Flash;
use super::form::Form;
use super::format::count;
use super::visit::{Answer, Visit, show_again};
use crate::http::{Code, Problem, Received};

/// What became of an upload of which something was refused.
#[derive(Debug, Default)]
pub(super) struct Uploaded {
    /// Photos that are in the album now.
    pub taken: u64,
    /// The others, by file name.
    pub refused: Vec<Refused>,
}

/// A file that is no photo in the album, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub file_name: String,
    pub reason: String,
}

/// `POST /albums/{id}/photos`
pub(super) async fn upload(mut visit: Visit, caller: Caller) -> Answer {
    let id: AlbumId = visit.id()?;
    visit.gallery().album(&caller, id).await?;
    let (problem, uploaded) = match visit.photo_form()?.receive_several(visit.web(), caller.clone(), id).await
    {
        Ok(Received { refused, .. }) if refused.is_empty() => {
            return visit.go(&address(id), Some(Flash::PhotosUploaded));
        }
        Ok(received) => (Problem::new(received.refused[0].1.code()), Some(Uploaded::of(&received))),
        Err(problem) if problem.code() == Code::Invalid => (problem, None),
        Err(problem) => return Err(problem),
    };
    let album = visit.gallery().album(&caller, id).await?;
    let mut page = album_page(&visit, &caller, &album).await?;
    page.form = Form::default().refused(&problem);
    page.uploaded = uploaded;
    show_again(&problem, &page)
}

impl Uploaded {
    fn of(received: &Received) -> Self {
        let refused = received.refused.iter().map(|(file_name, problem)| Refused {
            file_name: file_name.to_string(),
            reason: reason(problem),
        });
        Self { taken: received.taken, refused: refused.collect() }
    }

    /// How much of it is in the album.
    pub(super) fn summary(&self) -> String {
        let refused = match self.refused.len() {
            1 => "This file was not taken:".to_owned(),
            many => format!("These {many} files were not taken:"),
        };
        match self.taken {
            0 => refused,
            1 => format!("1\u{a0}photo is in the album. {refused}"),
            many => format!("{} are in the album. {refused}", count(many, "photo", "photos")),
        }
    }
}

/// Why a file was refused: what is wrong with its fields, else what is wrong as a whole.
fn reason(problem: &Problem) -> String {
    match problem.errors() {
        [] => problem.sentence().to_owned(),
        errors => errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" "),
    }
}

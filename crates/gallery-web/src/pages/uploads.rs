//! The upload form of an album's page: several files at once, without JavaScript. Tests are in
//! `tests/it/pages/albums.rs`.

use gallery_core::usecases::Caller;
use gallery_core::values::AlbumId;

use super::albums::{address, album_page};
use super::flash::Flash;
use super::form::Form;
use super::uploaded::Uploaded;
use super::visit::{Answer, Visit, show_again};
use crate::http::{Code, Problem};

/// `POST /albums/{id}/photos`
pub(super) async fn upload(mut visit: Visit, caller: Caller) -> Answer {
    let id: AlbumId = visit.id()?;
    visit.gallery().album(&caller, id).await?;
    let (problem, uploaded) = match visit.photo_form()?.receive_several(visit.web(), caller.clone(), id).await
    {
        Ok(received) => {
            let refused = received.refused.first().map(|(_, problem)| problem);
            let Some(worst) = received.cut_short.as_ref().or(refused) else {
                return visit.go(&address(id), Some(Flash::PhotosUploaded));
            };
            (Problem::new(worst.code()), Some(Uploaded::of(&received)))
        }
        Err(problem) if problem.code() == Code::Invalid => (problem, None),
        Err(problem) => return Err(problem),
    };
    let album = visit.gallery().album(&caller, id).await?;
    let mut page = album_page(&visit, &caller, &album).await?;
    page.form = Form::default().refused(&problem);
    page.uploaded = uploaded;
    show_again(&problem, &page)
}

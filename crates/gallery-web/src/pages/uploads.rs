//! The upload form of an album's page: several files at once, without JavaScript. Tests are in
//! `tests/it/pages/albums.rs`.

use gallery_core::usecases::Caller;
use gallery_core::values::AlbumId;

use super::albums::{address, album_page};
use super::flash::Flash;
use super::form::Form;
use super::page_context::{Answer, PageContext, show_again};
use super::uploaded::Uploaded;
use crate::http::{Code, Problem};

/// `POST /albums/{id}/photos`
pub(super) async fn upload(mut context: PageContext, caller: Caller) -> Answer {
    let id: AlbumId = context.id()?;
    context.gallery().album(&caller, id).await?;
    let (problem, uploaded) =
        match context.photo_form()?.receive_several(context.web(), caller.clone(), id).await {
            Ok(received) => {
                let refused = received.refused.first().map(|(_, problem)| problem);
                let Some(worst) = received.cut_short.as_ref().or(refused) else {
                    return context.go(&address(id), Some(Flash::PhotosUploaded));
                };
                (Problem::new(worst.code()), Some(Uploaded::of(&received, context.language())))
            }
            Err(problem) if problem.code() == Code::Invalid => (problem, None),
            Err(problem) => return Err(problem),
        };
    let album = context.gallery().album(&caller, id).await?;
    let mut page = album_page(&context, &caller, &album).await?;
    page.form = context.refused(Form::default(), &problem);
    page.uploaded = uploaded;
    show_again(&problem, &page)
}

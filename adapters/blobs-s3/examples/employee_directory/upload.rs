//! Adding an employee: the form is streamed into an upload of the core, which ends as soon as the
//! photo has too many bytes. Nothing holds a whole photo in memory.

use std::error::Error as StdError;
use std::pin::pin;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Redirect;
use futures_util::TryStreamExt as _;
use gallery_core::Gallery;
use gallery_core::usecases::{Error, Pulse, Upload, UploadDetails};
use gallery_core::values::PersonName;
use multer::{Constraints, Multipart, SizeLimit};

use super::directory::{Directory, MAX_PHOTO_BYTES};
use super::failure::Failure;

/// How much a form may have besides the photo, in bytes.
const FORM_BYTES: u64 = 64 * 1024;
/// After so many pulses, five minutes, an upload is given up.
const MAX_PULSES: u32 = 20;

/// `POST /`: `multipart/form-data` with `name`, `place` and `photo`.
pub async fn add(
    State(directory): State<Directory>,
    headers: HeaderMap,
    body: Body,
) -> Result<Redirect, Failure> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default())?;
    let limit = SizeLimit::new().whole_stream(MAX_PHOTO_BYTES + FORM_BYTES);
    let limit = limit.for_field("name", FORM_BYTES).for_field("place", FORM_BYTES);
    let form = Constraints::new().allowed_fields(vec!["name", "place", "photo"]).size_limit(limit);
    let form = Multipart::with_constraints(body.into_data_stream(), boundary, form);
    // In a task of its own: when the browser goes away, the upload is still abandoned.
    tokio::spawn(receive(directory, form)).await.map_err(|error| Failure::internal(&error))??;
    Ok(Redirect::to("/"))
}

/// Streams a form into an upload, and shows meanwhile that it is alive.
async fn receive(directory: Directory, mut form: Multipart<'static>) -> Result<(), Failure> {
    let Directory { gallery, caller, album } = directory;
    let mut upload = gallery.begin_upload(&caller, album, None, None).await?;
    let pulse = upload.pulse();
    let mut work = pin!(async {
        match read(&gallery, &mut upload, &mut form).await {
            Ok((name, place)) => {
                let (title, description) = (Some(name.as_str()), Some(place.as_str()));
                let details = UploadDetails { title, description, ..UploadDetails::default() };
                Ok(gallery.finish_upload(upload, details).await.map(drop)?)
            }
            Err(failure) => {
                gallery.abandon_upload(upload).await;
                Err(failure)
            }
        }
    });
    for _ in 0..MAX_PULSES {
        if let Ok(done) = tokio::time::timeout(Pulse::EVERY, &mut work).await {
            return done;
        }
        if let Err(error) = gallery.keep_alive(&pulse).await {
            // If the upload has ended for the store, its next step fails.
            tracing::warn!(error = &error as &dyn StdError, "an upload could not be kept alive");
        }
    }
    Err(Failure(StatusCode::REQUEST_TIMEOUT, "the upload took too long".into()))
}

/// Reads every part: texts are returned, the photo goes to the upload.
async fn read(
    gallery: &Gallery,
    upload: &mut Upload,
    form: &mut Multipart<'static>,
) -> Result<(String, String), Failure> {
    let (mut name, mut place) = (String::new(), String::new());
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("name") => name = field.text().await?,
            Some("place") => place = field.text().await?,
            _ => gallery.receive_file(upload, Box::pin(field.map_err(std::io::Error::other))).await?,
        }
    }
    PersonName::parse(&name).map_err(|invalid| Error::field("name", invalid))?;
    Ok((name, place))
}

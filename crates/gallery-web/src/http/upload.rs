//! Receiving a photo: a form is streamed into the use cases of an upload, whatever order its parts
//! come in.

mod several;

use std::pin::pin;
use std::sync::Arc;

use gallery_core::model::Photo;
use gallery_core::texts::Text;
use gallery_core::usecases::{Caller, Pulse, Upload, UploadDetails};
use gallery_core::values::{AlbumId, Invalid};
use poem::Body;
use poem::http::{HeaderMap, header};
use tracing::Instrument;

use super::body::content_length;
use super::multipart::Form;
use super::{Code, Problem, Web};

pub use several::Received;

/// What a form has besides the photo: its parts' headers and texts, generously.
const FORM_BYTES: u64 = 256 * 1024;

/// A request that carries a photo: `multipart/form-data` with `file`, and optionally `title`,
/// `description` and `tags` (separated by commas).
pub struct PhotoForm {
    boundary: String,
    declared_bytes: Option<u64>,
    idempotency_key: Option<String>,
    body: Body,
}

#[derive(Default)]
struct Texts {
    file_name: Option<String>,
    title: Option<String>,
    description: Option<String>,
    tags: Option<String>,
}

impl PhotoForm {
    /// The form of a request with these headers and this body.
    pub fn new(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let text =
            |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let boundary =
            multer::parse_boundary(text(header::CONTENT_TYPE).unwrap_or_default()).map_err(|_| {
                Problem::new(Code::UnsupportedMediaType).detail(Text::new("request-not-multipart"))
            })?;
        let declared_bytes = content_length(headers);
        let idempotency_key = text(header::HeaderName::from_static("idempotency-key"));
        Ok(Self { boundary, declared_bytes, idempotency_key, body })
    }

    /// Makes a photo of the form, in this album.
    ///
    /// Runs in a task of its own: when the client goes away, the upload is still abandoned in good
    /// order.
    pub async fn receive(self, web: &Arc<Web>, caller: Caller, album: AlbumId) -> Result<Photo, Problem> {
        let web = web.clone();
        let task = async move { self.run(&web, &caller, album).await };
        tokio::spawn(task.in_current_span()).await.unwrap_or_else(|failed| Err(Problem::internal(failed)))
    }

    async fn run(self, web: &Web, caller: &Caller, album: AlbumId) -> Result<Photo, Problem> {
        let mut form = Form::new(self.boundary, self.body);
        let limit = web.gallery.rules().max_upload_bytes;
        if self.declared_bytes.is_some_and(|bytes| bytes > limit + FORM_BYTES) {
            return Err(gallery_core::usecases::Error::TooLarge { limit }.into());
        }
        let key = self.idempotency_key.as_deref();
        let mut upload = web.gallery.begin_upload(caller, album, self.declared_bytes, key).await?;
        let pulse = upload.pulse();
        let work = async {
            match read(web, &mut upload, &mut form).await {
                Ok(texts) => Ok(web.gallery.finish_upload(upload, texts.details()).await?),
                Err(problem) => {
                    web.gallery.abandon_upload(upload).await;
                    Err(problem)
                }
            }
        };
        alive(web, &pulse, work).await
    }
}

/// Does the work of an upload, and shows meanwhile that it is alive.
async fn alive<T>(web: &Web, pulse: &Pulse, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Ok(done) = tokio::time::timeout(Pulse::EVERY, &mut work).await {
            return done;
        }
        if let Err(error) = web.gallery.keep_alive(pulse).await {
            // Whoever is right about the upload tells the work, too.
            tracing::debug!(error = &error as &dyn std::error::Error, "an upload could not be kept alive");
        }
    }
}

/// Reads every part: texts are kept, the file goes to the upload.
async fn read(web: &Web, upload: &mut Upload, form: &mut Form) -> Result<Texts, Problem> {
    let mut texts = Texts::default();
    while let Some(part) = form.next().await? {
        let slot = match part.name() {
            "file" => {
                if texts.file_name.is_some() {
                    let invalid = Invalid::new("too_many", Text::new("request-one-photo"));
                    return Err(Problem::field("file", invalid));
                }
                texts.file_name = Some(part.file_name().unwrap_or_default().to_owned());
                web.gallery.receive_file(upload, part.into_stream()).await?;
                continue;
            }
            "title" => &mut texts.title,
            "description" => &mut texts.description,
            "tags" => &mut texts.tags,
            _ => return Err(Problem::new(Code::Malformed).detail(Text::new("request-unknown-field"))),
        };
        if slot.is_some() {
            return Err(Problem::new(Code::Malformed).detail(Text::new("request-field-twice")));
        }
        *slot = Some(part.text().await?);
    }
    Ok(texts)
}

impl Texts {
    fn details(&self) -> UploadDetails<'_> {
        UploadDetails {
            file_name: self.file_name.as_deref(),
            title: self.title.as_deref(),
            description: self.description.as_deref(),
            tags: self.tags.as_deref(),
        }
    }
}

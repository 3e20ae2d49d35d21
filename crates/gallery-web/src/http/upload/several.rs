//! Receiving several photos in one form, for people without JavaScript: what is refused is named,
//! and everything else stays. A form takes any number of photos, and up to [`REFUSED_FILES`] files
//! that become none: then it ends. Tests are in `tests/it/pages/albums.rs`.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use gallery_core::ports::ByteStream;
use gallery_core::texts::Text;
use gallery_core::usecases::{Caller, Error};
use gallery_core::values::{AlbumId, FileName, Invalid};
use tracing::Instrument;

use super::{PhotoForm, Texts, alive};
use crate::http::multipart::{Form, Part};
use crate::http::{Code, Problem, Web};

/// So many files that become no photo are named in one answer, which is kept in memory and read by
/// a person.
const REFUSED_FILES: usize = 1_000;
/// So many times the size of the largest photo is read past in one form, to get at the photos
/// behind what was refused; then the form ends.
const SKIPPED_PHOTOS: u64 = 20;

/// What became of the files of a form.
#[derive(Debug, Default)]
pub struct Received {
    /// Those that have become photos, by name.
    pub taken: Vec<FileName>,
    /// Those that were refused, by name, with the reason.
    pub refused: Vec<(FileName, Problem)>,
    /// Why the form was not read to its end, if it was not.
    pub cut_short: Option<Problem>,
}

impl Received {
    fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.refused.is_empty()
    }
}

impl PhotoForm {
    /// Makes a photo of every file of the form, in this album. Texts before the files are those of
    /// every photo. When the form ends badly after some files, they stay, and the reason is told
    /// with them; fails when there is nothing to tell of, or the album is gone.
    ///
    /// Runs in a task of its own: when the client goes away, the upload under way is still
    /// abandoned in good order.
    pub async fn receive_several(
        self,
        web: &Arc<Web>,
        caller: Caller,
        album: AlbumId,
    ) -> Result<Received, Problem> {
        let limit = web.gallery.rules().max_upload_bytes;
        let (declared_bytes, form) = (self.declared_bytes, Form::new(self.boundary, self.body));
        let (texts, received) = Default::default();
        let skippable = limit.saturating_mul(SKIPPED_PHOTOS);
        let batch = Batch { web: web.clone(), caller, album, declared_bytes, texts, received, skippable };
        let task = async move { batch.receive(form).await };
        tokio::spawn(task.in_current_span()).await.unwrap_or_else(|failed| Err(Problem::internal(failed)))
    }
}

struct Batch {
    web: Arc<Web>,
    caller: Caller,
    album: AlbumId,
    declared_bytes: Option<u64>,
    texts: Texts,
    received: Received,
    skippable: u64,
}

impl Batch {
    async fn receive(mut self, form: Form) -> Result<Received, Problem> {
        match self.run(form).await {
            Ok(()) => Ok(self.received),
            Err(problem) if self.received.is_empty() || problem.code() == Code::NotFound => Err(problem),
            Err(problem) => {
                problem.log();
                Ok(Received { cut_short: Some(problem), ..self.received })
            }
        }
    }

    async fn run(&mut self, mut form: Form) -> Result<(), Problem> {
        while let Some(part) = form.next().await? {
            let file_name = part.file_name().unwrap_or_default().to_owned();
            match part.name() {
                // An empty file field is sent as a file without a name.
                "file" if file_name.is_empty() => drop(part.text().await?),
                "file" => self.take_file(&file_name, part).await?,
                _ => self.take_text(part).await?,
            }
        }
        if self.received.is_empty() {
            return Err(Problem::field("file", Invalid::new("required", Text::new("file-required"))));
        }
        Ok(())
    }

    async fn take_text(&mut self, part: Part) -> Result<(), Problem> {
        let malformed = |key| Problem::new(Code::Malformed).detail(Text::new(key));
        if !self.received.is_empty() {
            return Err(malformed("request-texts-first"));
        }
        let slot = match part.name() {
            "title" => &mut self.texts.title,
            "description" => &mut self.texts.description,
            "tags" => &mut self.texts.tags,
            _ => return Err(malformed("request-unknown-field")),
        };
        *slot = Some(part.text().await?);
        Ok(())
    }

    /// Makes a photo of one file, or notes why not. Fails only when there is no use in going on.
    async fn take_file(&mut self, file_name: &str, part: Part) -> Result<(), Problem> {
        let header_bytes = part.header_bytes() as u64;
        let file = SharedStream::new(part.into_stream());
        match self.upload(file_name, &file).await {
            Ok(()) => {
                self.received.taken.push(FileName::clean(file_name));
                Ok(())
            }
            // The album, the account or the sender is gone.
            Err(gone @ (Error::NotFound | Error::Interrupted)) => Err(gone.into()),
            Err(refusal) => {
                let problem = Problem::from(refusal);
                problem.log();
                if self.received.refused.len() == REFUSED_FILES {
                    return Err(too_many_refused(&FileName::clean(file_name)));
                }
                self.received.refused.push((FileName::clean(file_name), problem));
                self.count_skipped(header_bytes)?;
                self.skip(&file).await
            }
        }
    }

    async fn upload(&mut self, file_name: &str, file: &SharedStream) -> Result<(), Error> {
        let gallery = &self.web.gallery;
        let mut upload = gallery.begin_upload(&self.caller, self.album, self.declared_bytes, None).await?;
        self.texts.file_name = Some(file_name.to_owned());
        let pulse = upload.pulse();
        let work = async {
            if let Err(error) = gallery.receive_file(&mut upload, Box::pin(file.clone())).await {
                gallery.abandon_upload(upload).await;
                return Err(error);
            }
            gallery.finish_upload(upload, self.texts.details()).await.map(drop)
        };
        alive(&self.web, &pulse, work).await
    }

    /// Reads past the rest of a refused file.
    async fn skip(&mut self, file: &SharedStream) -> Result<(), Problem> {
        let mut file = file.clone();
        while let Some(chunk) = file.next().await {
            self.count_skipped(chunk.map_err(|_| Problem::new(Code::Interrupted))?.len() as u64)?;
        }
        Ok(())
    }

    /// Counts bytes of files that became no photo.
    fn count_skipped(&mut self, bytes: u64) -> Result<(), Problem> {
        self.skippable = self
            .skippable
            .checked_sub(bytes)
            .ok_or_else(|| Problem::new(Code::TooLarge).detail(Text::new("request-not-photos")))?;
        Ok(())
    }
}

fn too_many_refused(next: &FileName) -> Problem {
    let files = Text::new("count-files").with("count", REFUSED_FILES);
    let detail = Text::new("request-too-many-refused").with("files", files).with("next", next.to_string());
    Problem::new(Code::TooLarge).detail(detail)
}

/// A stream that its reader may drop, so that somebody else reads on.
#[derive(Clone)]
struct SharedStream(Arc<Mutex<ByteStream>>);

impl SharedStream {
    fn new(stream: ByteStream) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }
}

impl Stream for SharedStream {
    type Item = std::io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().poll_next(context)
    }
}

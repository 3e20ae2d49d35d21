//! The bytes of photos: conditional requests, ranges, or a link to the object store.

use std::ops::Range;
use std::sync::Arc;

use gallery_core::model::Rendition;
use gallery_core::usecases::{OpenRendition, RenditionLink};
use gallery_core::values::PhotoId;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, IntoResponse, Request, Response, ResponseBuilder};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Payload};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Enum, OpenApi};

use super::login::Login;
use super::refusal::{Answer, Reading};
use super::tag::Tag;
use super::types::Id;
use crate::Web;
use crate::http::{Code, Problem, RequestContext, Wanted, content_disposition, is_known, wanted};

/// Operations on the files of photos.
pub(super) struct Renditions(pub(super) Arc<Web>);

/// The forms in which a photo is stored.
#[derive(Enum, Clone, Copy)]
#[oai(rename_all = "lowercase", rename = "RenditionName")]
enum Name {
    /// The file as uploaded, to be saved.
    Original,
    /// At most 2,048 pixels on the longest side.
    Large,
    /// At most 1,024 pixels on the longest side.
    Medium,
    /// At most 320 pixels on the longest side.
    Small,
}

/// The bytes of a rendition, or what stands for them.
struct File(Response);

/// What an answer says of the version of the file that it is about.
struct Version {
    etag: String,
    cache_control: &'static str,
}

/// An address with a `v` names one version for ever.
const FOR_EVER: &str = "private, max-age=31536000, immutable";
/// An address without is the file's as it is now: renditions can be made anew.
const FOR_TEN_MINUTES: &str = "private, max-age=600";

#[OpenApi(tag = "Tag::Photos")]
impl Renditions {
    /// Read the file of a photo
    ///
    /// Renditions are upright and carry no metadata. Ranges (one at a time) and `If-None-Match` are
    /// understood. By configuration, the answer to GET is a short-lived link to the object store.
    #[oai(path = "/photos/:photo_id/renditions/:name", method = "get", operation_id = "getRendition")]
    async fn read(
        &self,
        request: &Request,
        login: Login,
        photo_id: Path<Id<PhotoId>>,
        /// Which form of the photo.
        name: Path<Name>,
        /// The photo's `generation`: with it, the answer may be kept for ever, because renditions
        /// that are made anew have another address; without it, for ten minutes. The answer is the
        /// same.
        v: Query<Option<String>>,
    ) -> Answer<File, Reading> {
        let caller = login.caller(&self.0).await?;
        let open = self.0.gallery.open_rendition(&caller, photo_id.0.0, name.0.into()).await?;
        let version = Version {
            etag: format!("\"{}\"", open.object.sha256.hex()),
            cache_control: if v.0.is_some() { FOR_EVER } else { FOR_TEN_MINUTES },
        };
        if is_known(request.headers(), &version.etag) {
            let response = Response::builder().status(StatusCode::NOT_MODIFIED);
            return Ok(File(about(&open, &version, response).finish()));
        }
        // A link is signed for GET; HEAD is answered from the record.
        if RequestContext::of(request)?.method == Method::HEAD {
            return Ok(File(complete(&open, &version, Body::empty())));
        }
        if let RenditionLink::Elsewhere(url) =
            self.0.gallery.link_rendition(&open, disposition(&open)).await?
        {
            return Ok(File(elsewhere(&url)?));
        }
        self.deliver(request, &open, &version).await
    }
}

impl Renditions {
    async fn deliver(
        &self,
        request: &Request,
        open: &OpenRendition,
        version: &Version,
    ) -> Answer<File, Reading> {
        let bytes = open.object.bytes;
        Ok(File(match wanted(request.headers(), &version.etag, bytes) {
            Wanted::Whole => complete(open, version, self.body(open, None).await?),
            Wanted::Part(range) => {
                partial(open, version, &range, self.body(open, Some(range.clone())).await?)
            }
            Wanted::Nothing => {
                let language = RequestContext::of(request)?.language();
                let mut response = Problem::new(Code::RangeNotSatisfiable).to_response(language);
                response.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{bytes}")));
                response
            }
        }))
    }

    async fn body(&self, open: &OpenRendition, range: Option<Range<u64>>) -> Result<Body, Problem> {
        let read = self.0.gallery.read_rendition(open, range).await?;
        Ok(Body::from_bytes_stream(read.stream))
    }
}

impl From<Name> for Rendition {
    fn from(name: Name) -> Self {
        match name {
            Name::Original => Self::Original,
            Name::Large => Self::Large,
            Name::Medium => Self::Medium,
            Name::Small => Self::Small,
        }
    }
}

/// Originals are saved, never shown: they are bytes that somebody else made (ASVS 5.0 V3.2.1).
fn disposition(open: &OpenRendition) -> String {
    let kind = if open.object.rendition == Rendition::Original { "attachment" } else { "inline" };
    content_disposition(kind, &open.file_name)
}

fn elsewhere(url: &str) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(url).map_err(Problem::internal)?;
    Ok(Response::builder().status(StatusCode::FOUND).header(header::LOCATION, location).finish())
}

/// What every answer about this version of the file says.
fn about(open: &OpenRendition, version: &Version, response: ResponseBuilder) -> ResponseBuilder {
    response
        .header(header::ETAG, &version.etag)
        .header(header::CACHE_CONTROL, version.cache_control)
        // What a browser keeps is good for the session that got it: with another cookie, or none,
        // it asks again. So a photo is not shown any more after log-out, whatever the browser has
        // in its cache.
        .header(header::VARY, header::COOKIE)
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        .header(header::CONTENT_DISPOSITION, value(&disposition(open)))
}

fn file(open: &OpenRendition, version: &Version, status: StatusCode, length: u64) -> ResponseBuilder {
    about(open, version, Response::builder().status(status))
        .header(header::CONTENT_TYPE, open.object.content_type.media_type())
        .header(header::CONTENT_LENGTH, length)
        .header(header::ACCEPT_RANGES, "bytes")
}

fn complete(open: &OpenRendition, version: &Version, body: Body) -> Response {
    file(open, version, StatusCode::OK, open.object.bytes).body(body)
}

fn partial(open: &OpenRendition, version: &Version, range: &Range<u64>, body: Body) -> Response {
    let part = format!("bytes {}-{}/{}", range.start, range.end - 1, open.object.bytes);
    file(open, version, StatusCode::PARTIAL_CONTENT, range.end - range.start)
        .header(header::CONTENT_RANGE, value(&part))
        .body(body)
}

/// A value that is made of visible ASCII.
fn value(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for File {
    fn meta() -> MetaResponses {
        let images = [
            "image/jpeg",
            "image/png",
            "image/gif",
            "image/webp",
            "image/avif",
            "image/heic",
            "image/tiff",
            "image/bmp",
        ];
        let schema = Binary::<Vec<u8>>::schema_ref;
        let content = || images.map(|content_type| MetaMediaType { content_type, schema: schema() }).into();
        let etag = || header_meta("ETag", "The SHA-256 of the file, quoted.");
        let range = |text: &str| header_meta("Content-Range", text);
        MetaResponses {
            responses: vec![
                response(200, "The file.", content(), vec![etag()]),
                response(
                    206,
                    "The part that was asked for.",
                    content(),
                    vec![etag(), range("Which part it is.")],
                ),
                response(
                    302,
                    "The file is elsewhere.",
                    vec![],
                    vec![header_meta("Location", "A link, good for minutes.")],
                ),
                response(304, "The client has the file already.", vec![], vec![etag()]),
                response(
                    416,
                    "`range_not_satisfiable`: Range not satisfiable.",
                    vec![],
                    vec![range("How long the file is.")],
                ),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}

fn response(
    status: u16,
    description: &'static str,
    content: Vec<MetaMediaType>,
    headers: Vec<MetaHeader>,
) -> MetaResponse {
    MetaResponse { description, status: Some(status), status_range: None, content, headers }
}

fn header_meta(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}

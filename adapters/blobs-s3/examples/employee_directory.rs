//! An employee directory on the gallery's core: photos in S3, records in DynamoDB, pages by axum.
//! No key is in the code or on the machine: on AWS its instances have a role (`docs/iam.md`).
//!
//! The directory is an album of the service's own account, and an employee is a photo in it: the
//! title is the name, the description is the place. Who may use it is decided in front of it, by a
//! load balancer with a sign-in. `tests/it/employee_directory.rs` runs it on local servers.
//! Left out for brevity: refusing forms that other sites send, a log, pages beyond 200 employees.
//!
//! ```sh
//! export DIRECTORY_BUCKET=my-photos AWS_REGION=eu-central-1 DIRECTORY_FOLDER=/var/lib/directory
//! export DIRECTORY_SECRET=$(aws secretsmanager get-secret-value …)   # the same everywhere
//! cargo run -p gallery-blobs-s3 --example employee_directory create  # once: tables
//! cargo run -p gallery-blobs-s3 --example employee_directory         # any number of instances
//! ```
use std::{collections::HashMap, env, io, path::PathBuf, sync::Arc, time::Duration};

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect};
use axum::{Router, body::Body, routing::get, routing::post};
use futures_util::TryStreamExt as _;
use gallery_blobs_disk::DiskSpool;
use gallery_blobs_s3::{S3Blobs, S3Options};
use gallery_core::mail::{MailSettings, Mailbox};
use gallery_core::model::{Photo, PhotoSort, Rendition};
use gallery_core::usecases::{Caller, Error, Gallery, Ports, Rules, UploadDetails};
use gallery_core::values::{AlbumId, Email, PageRequest, PhotoId, SecretKey};
use gallery_imaging::{Limits, RustImaging};
use gallery_mail_outbox::OutboxMailer;
use gallery_store_nosql::{DynamoOptions, DynamoStore};
use gallery_system::{Argon2Hasher, OsEntropy, SystemClock, TokioJobNotifier};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::{net::TcpListener, time::timeout};

pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
/// The service's own account.
const ACCOUNT: &str = "directory@example.org";

#[derive(Clone)]
pub struct Directory {
    gallery: Gallery,
    caller: Arc<Caller>,
    pub album: AlbumId,
}

/// The page. Askama escapes what is in braces.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Employees</title>
<form><input name="q" aria-label="Name or place"><button>Find</button></form>{% for employee in self.0 %}<article>
<img src="/employees/{{ employee.id }}/photo" alt=""><b>{{ employee.facts.title }}</b> {{ employee.facts.description }}
<form method="post" action="/employees/{{ employee.id }}/delete"><button>Delete</button></form></article>{% endfor %}
<form method="post" enctype="multipart/form-data"><input name="name" required aria-label="Name"><input name="place"
aria-label="Place"><input type="file" name="photo" accept="image/*" required><button>Add</button></form>"#
)]
struct Listing(Vec<Photo>);

type Answer<T> = Result<T, StatusCode>;

type Asked = Query<HashMap<String, String>>;

async fn list(State(d): State<Directory>, Query(asked): Asked) -> Answer<Html<String>> {
    let page = PageRequest::new(Some(PageRequest::MAX_LIMIT), None).expect("a good limit");
    let found = match asked.get("q").map_or("", |words| words.trim()) {
        "" => d.gallery.photos_in_album(&d.caller, d.album, PhotoSort::Uploaded, &page).await,
        words => d.gallery.search(&d.caller, words, Some(d.album), &page).await,
    };
    Listing(found.map_err(status)?.items).render().map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// `multipart/form-data` with `name`, `place` and, last, `photo`, which is streamed.
async fn add(State(d): State<Directory>, headers: HeaderMap, body: Body) -> Answer<Redirect> {
    let bad = |_| StatusCode::BAD_REQUEST;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default()).map_err(bad)?;
    let limit = SizeLimit::new().for_field("name", 9_999).for_field("place", 99_999);
    let limits = Constraints::new().size_limit(limit); // of the photo, the core's
    let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, limits);
    let (mut name, mut place) = (String::new(), String::new());
    while let Some(field) = form.next_field().await.map_err(bad)? {
        match field.name() {
            Some("name") => name = field.text().await.map_err(bad)?,
            Some("place") => place = field.text().await.map_err(bad)?,
            Some("photo") if !name.trim().is_empty() => {
                let file = Box::pin(field.map_err(io::Error::other));
                // In a task of its own: whoever leaves does not leave half an upload behind.
                let added = tokio::spawn(async move {
                    let (title, description) = (Some(name.as_str()), Some(place.as_str()));
                    let details = UploadDetails { title, description, ..UploadDetails::default() };
                    d.gallery.upload_photo(&d.caller, d.album, None, file, details).await
                });
                added.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.map_err(status)?;
                return Ok(Redirect::to("/"));
            }
            _ => break,
        }
    }
    Err(StatusCode::UNPROCESSABLE_ENTITY)
}

async fn delete(State(d): State<Directory>, Path(id): Path<PhotoId>) -> Answer<Redirect> {
    d.gallery.delete_photo(&d.caller, id).await.map_err(status)?;
    Ok(Redirect::to("/"))
}

async fn photo(State(d): State<Directory>, Path(id): Path<PhotoId>) -> Answer<impl IntoResponse> {
    let small = d.gallery.open_rendition(&d.caller, id, Rendition::Small).await.map_err(status)?;
    let bytes = d.gallery.read_rendition(&small, None).await.map_err(status)?;
    let media_type = small.object.content_type.media_type();
    Ok(([(CONTENT_TYPE, media_type)], Body::from_stream(bytes.stream)))
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn status(error: Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Invalid(_) | Error::UndecodablePhoto(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::UnsupportedPhoto => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::TooLarge { .. } | Error::QuotaExceeded => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Interrupted => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Plugs the adapters in, and finds the service's own account and its album, or creates them.
pub async fn open(at: (DynamoOptions, S3Options, PathBuf), secret: SecretKey) -> Outcome<Directory> {
    let entropy = Arc::new(OsEntropy);
    let ports = Ports::builder()
        .store(Arc::new(DynamoStore::open(at.0).await?))
        .blobs(Arc::new(S3Blobs::open(at.1).await?))
        .spool(Arc::new(DiskSpool::open(&at.2.join("spool"))?))
        .imaging(Arc::new(RustImaging::new(Limits::default())))
        .mailer(Arc::new(OutboxMailer::open(&at.2.join("outbox"), false)?)) // nobody is mailed
        .hasher(Arc::new(Argon2Hasher::new(entropy.clone())))
        .clock(Arc::new(SystemClock))
        .entropy(entropy)
        .job_notifier(Arc::new(TokioJobNotifier::default()))
        .build()?;
    let from = Mailbox { name: String::new(), address: Email::parse(ACCOUNT)? };
    let (site_name, base_url) = ("Directory".into(), "https://example.org".into());
    let mails = MailSettings { site_name, base_url, from, reply_to: None };
    let gallery = Gallery::new(ports, Rules::new(secret, mails));
    let caller = Arc::new(gallery.service_account(ACCOUNT, "Directory").await?);
    let albums = gallery.albums(&caller, None, &PageRequest::new(None, None)?).await?.items;
    let album = match albums.into_iter().next() {
        Some(album) => album,
        None => gallery.create_album(&caller, "Employees", "", Some("employees")).await?,
    };
    Ok(Directory { gallery, caller, album: album.id })
}

/// Serves, and runs the jobs: what was deleted is removed from S3 by them.
pub async fn serve(listener: TcpListener, directory: Directory) -> Outcome<()> {
    let gallery = directory.gallery.clone();
    gallery.schedule_upkeep().await?;
    tokio::spawn(async move {
        loop {
            if !matches!(gallery.run_due_job().await, Ok(Some(_))) {
                // What other instances record is not heard of.
                let _ = timeout(Duration::from_secs(5), gallery.job_notified()).await;
            }
        }
    });
    let router = Router::new()
        .route("/", get(list).post(add))
        .route("/employees/{id}/photo", get(photo))
        .route("/employees/{id}/delete", post(delete));
    Ok(axum::serve(listener, router.with_state(directory)).await?)
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let records = DynamoOptions { table_prefix: "Employees-".into(), ..DynamoOptions::default() };
    if env::args().nth(1).is_some_and(|argument| argument == "create") {
        return Ok(DynamoStore::create_tables(records).await.map(drop)?);
    }
    let photos = S3Options::new(env::var("DIRECTORY_BUCKET")?);
    let (folder, secret) = (env::var("DIRECTORY_FOLDER")?, env::var("DIRECTORY_SECRET")?);
    let directory = open((records, photos, folder.into()), SecretKey::new(secret)?).await?;
    serve(TcpListener::bind("127.0.0.1:8080").await?, directory).await
}

//! An employee directory on the gallery's core: photos in S3, records in DynamoDB, pages by axum.
//! No key is in the code or on the machine: on AWS, its instances have a role, and `docs/iam.md`
//! has the least that it must allow.
//!
//! The directory is an album of the service's own account, and an employee is a photo in it: the
//! title is the name, the description is the place of work. Looking somebody up is the core's
//! search. Who may use the directory is decided in front of it, by a load balancer with a sign-in.
//!
//! ```sh
//! export DIRECTORY_BUCKET=my-photos AWS_REGION=eu-central-1
//! cargo run -p gallery-blobs-s3 --example employee_directory create  # once: tables, account
//! cargo run -p gallery-blobs-s3 --example employee_directory         # any number of instances
//! ```
//!
//! `tests/it/employee_directory.rs` runs it on local servers.

mod directory;
mod failure;
mod upload;

use std::env;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use gallery_blobs_s3::S3Options;
use gallery_core::model::{Photo, PhotoSort, Rendition};
use gallery_core::usecases::{Error, PhotoPatch};
use gallery_core::values::{PageRequest, PersonName, PhotoId};
use gallery_store_nosql::DynamoOptions;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

pub use self::directory::{Directory, Outcome, Settings};
use self::failure::Failure;

/// The page. Askama escapes what is in braces.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Employees</title>
<form><input name="q" value="{{ q }}" aria-label="Name or place"><button>Find</button></form>
{% for employee in employees %}<article><img src="/employees/{{ employee.id }}/photo" alt="">
<form method="post" action="/employees/{{ employee.id }}">
<input name="name" value="{{ employee.facts.title }}"><input name="place" value="{{ employee.facts.description }}">
<button>Save</button><button formaction="/employees/{{ employee.id }}/delete">Delete</button></form></article>{% endfor %}
{% if let Some(next) = next %}<form><input type="hidden" name="q" value="{{ q }}">
<input type="hidden" name="after" value="{{ next }}"><button>More</button></form>{% endif %}
<form method="post" enctype="multipart/form-data"><input name="name" required aria-label="Name">
<input name="place" aria-label="Place"><input type="file" name="photo" required><button>Add</button></form>"#
)]
struct Listing {
    q: String,
    employees: Vec<Photo>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Lookup {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

#[derive(Deserialize)]
struct Change {
    name: String,
    place: String,
}

async fn list(
    State(directory): State<Directory>,
    Query(Lookup { q, after }): Query<Lookup>,
) -> Result<impl IntoResponse, Failure> {
    let Directory { gallery, caller, album } = &directory;
    let page = PageRequest::new(None, after.as_deref()).map_err(|invalid| Error::field("after", invalid))?;
    let found = if q.trim().is_empty() {
        gallery.photos_in_album(caller, *album, PhotoSort::Uploaded, &page).await?
    } else {
        gallery.search(caller, &q, Some(*album), &page).await?
    };
    let page = Listing { q, employees: found.items, next: found.next.map(|cursor| cursor.encode()) };
    let html = page.render().map_err(|error| Failure::internal(&error))?;
    let policy = "default-src 'none'; img-src 'self'; form-action 'self'; frame-ancestors 'none'";
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)))
}

async fn edit(
    State(Directory { gallery, caller, .. }): State<Directory>,
    Path(id): Path<String>,
    Form(Change { name, place }): Form<Change>,
) -> Result<Redirect, Failure> {
    PersonName::parse(&name).map_err(|invalid| Error::field("name", invalid))?;
    let patch = PhotoPatch { title: Some(&name), description: Some(&place), ..PhotoPatch::default() };
    gallery.update_photo(&caller, employee(&id)?, patch).await?;
    Ok(Redirect::to("/"))
}

async fn delete(
    State(Directory { gallery, caller, .. }): State<Directory>,
    Path(id): Path<String>,
) -> Result<Redirect, Failure> {
    gallery.delete_photo(&caller, employee(&id)?).await?;
    Ok(Redirect::to("/"))
}

async fn photo(
    State(Directory { gallery, caller, .. }): State<Directory>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    let open = gallery.open_rendition(&caller, employee(&id)?, Rendition::Small).await?;
    let stream = gallery.read_rendition(&open, None).await?.stream;
    let media_type = (header::CONTENT_TYPE, open.object.content_type.media_type());
    let headers = [media_type, (header::CACHE_CONTROL, "private, max-age=300")];
    Ok((headers, Body::from_stream(stream)))
}

fn employee(id: &str) -> Result<PhotoId, Error> {
    id.parse().map_err(|_| Error::NotFound)
}

/// Forms of other sites are refused.
async fn same_origin(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site");
    if request.method() == Method::POST && site.is_some_and(|site| site != "same-origin") {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn ready(State(directory): State<Directory>) -> Result<(), Failure> {
    Ok(directory.gallery.ready().await?)
}

/// Serves until `stop`, then finishes the requests under way. A job that is cut off is done again
/// by any instance, once its lease has ended.
pub async fn serve(
    listener: TcpListener,
    directory: Directory,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Outcome<()> {
    let worker = directory.clone();
    worker.gallery.schedule_sweeps().await?;
    let router = Router::new()
        .route("/", get(list).post(upload::add))
        .route("/employees/{id}", post(edit))
        .route("/employees/{id}/delete", post(delete))
        .route("/employees/{id}/photo", get(photo))
        .route("/readyz", get(ready))
        .layer(from_fn(same_origin))
        .with_state(directory);
    tokio::select! {
        served = axum::serve(listener, router).with_graceful_shutdown(stop) => Ok(served?),
        () = worker.work() => Ok(()),
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    tracing_subscriber::fmt().init();
    let photos = S3Options { prefix: "employees/".into(), ..S3Options::new(env::var("DIRECTORY_BUCKET")?) };
    let records = DynamoOptions { table_prefix: "Employees-".into(), ..DynamoOptions::default() };
    let spool = tempfile::tempdir()?;
    let settings = Settings { records, photos, spool: spool.path().into() };
    if env::args().nth(1).is_some_and(|argument| argument == "create") {
        return Directory::create(settings).await;
    }
    let directory = Directory::open(settings).await?;
    let mut terminated = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    serve(TcpListener::bind("127.0.0.1:8080").await?, directory, stop).await
}

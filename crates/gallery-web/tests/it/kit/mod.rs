//! The site over the memory store and blobs on disk, and a client that keeps its cookie. The clock
//! stands still, passwords are hashed by not hashing them, imaging believes what the bytes say.
//!
//! Every answer under `/api/v1` is held against the OpenAPI document: its status and its type must
//! be there.

pub mod document;
pub mod fakes;

use std::sync::Arc;
use std::time::Duration;

use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_core::Gallery;
use gallery_core::mail::{MailSettings, Mailbox};
use gallery_core::ports::{Blobs, Feedback, SharedStore};
use gallery_core::usecases::{Client, Ports, Rules, SignUp};
use gallery_core::values::{Email, SecretKey};
use gallery_store_memory::MemoryStore;
use gallery_web::{Web, WebSettings};
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, Method, StatusCode, Uri, header};
use poem::{Body, Endpoint, EndpointExt, Request, Response};
use serde_json::Value;

use fakes::FakeImaging;
use gallery_conformance::fakes::{CountingEntropy, KeptMails, PlainHasher, SilentJobNotifier, StoppedClock};

pub const PASSWORD: &str = "blue heron at dusk";
pub const MAX_UPLOAD_BYTES: u64 = 300_000;

/// A site and what is behind it.
pub struct Site {
    pub web: Arc<Web>,
    pub clock: Arc<StoppedClock>,
    pub mails: Arc<KeptMails>,
    pub store: SharedStore,
    endpoint: BoxEndpoint<'static, Response>,
    _folder: tempfile::TempDir,
}

/// What the records of an album or photo count, in bytes.
pub const RECORD_BYTES: u64 = 2_000;

/// What a photo counts whose original has so many bytes: its renditions are their names.
pub const fn counted(original: u64) -> u64 {
    original + 16 + RECORD_BYTES
}

/// What a test wants to be different.
pub struct Bent {
    pub base_url: &'static str,
    pub quota_bytes: u64,
    pub trusted_proxies: Vec<&'static str>,
    pub blobs: Option<Arc<dyn Blobs>>,
    pub store: Option<SharedStore>,
    pub feedback: Option<Arc<dyn Feedback>>,
}

impl Default for Bent {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1:8080",
            quota_bytes: 10_000_000,
            trusted_proxies: Vec::new(),
            blobs: None,
            store: None,
            feedback: None,
        }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Site {
    pub fn new() -> Self {
        Self::bent(Bent::default())
    }

    pub fn bent(bent: Bent) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(StoppedClock::default());
        let mails = Arc::new(KeptMails::default());
        let store = bent.store.unwrap_or_else(|| Arc::new(MemoryStore::new()));
        let blobs =
            bent.blobs.unwrap_or_else(|| Arc::new(DiskBlobs::open(&folder.path().join("blobs")).unwrap()));
        let ports = Ports::builder()
            .store(store.clone())
            .blobs(blobs)
            .mailer(mails.clone())
            .feedback(bent.feedback)
            .imaging(Arc::new(FakeImaging::default()))
            .spool(Arc::new(DiskSpool::open(&folder.path().join("spool")).unwrap()))
            .hasher(Arc::new(PlainHasher))
            .clock(clock.clone())
            .entropy(Arc::new(CountingEntropy::default()))
            .job_notifier(Arc::new(SilentJobNotifier))
            .build()
            .unwrap();
        let settings = WebSettings {
            base_url: bent.base_url.parse().unwrap(),
            trusted_proxies: bent.trusted_proxies.iter().map(|text| text.parse().unwrap()).collect(),
            image_origins: Vec::new(),
        };
        let web = Web::new(Gallery::new(ports, rules(bent.base_url, bent.quota_bytes)), settings);
        let endpoint = gallery_web::app(web.clone()).boxed();
        Self { web, clock, mails, store, endpoint, _folder: folder }
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A request, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> Sending<'_> {
        let (path, headers, body) = (path.to_owned(), HeaderMap::new(), Body::empty());
        Sending { site: self, method, path, headers, body, without_host: false }
    }

    pub fn get(&self, path: &str) -> Sending<'_> {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Sending<'_> {
        self.request(Method::POST, path)
    }

    /// Runs jobs until none is due.
    pub async fn work(&self) {
        while self.web.gallery.run_due_job().await.unwrap().is_some() {}
    }

    /// The token in the link of the last mail.
    pub fn last_token(&self) -> String {
        let link = self.mails.last().link.expect("the last mail has a link");
        link.rsplit('/').next().unwrap().to_owned()
    }

    /// A confirmed account.
    pub async fn account(&self, email: &str) {
        let form = SignUp { email, password: PASSWORD, name: "Ann" };
        self.web.gallery.sign_up(form, &Client::default()).await.unwrap();
        self.work().await;
        self.web.gallery.confirm_address(&self.last_token()).await.unwrap();
    }

    /// A confirmed account, logged in: the value of its `Cookie` header.
    pub async fn member(&self, email: &str) -> String {
        self.account(email).await;
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let answer = self.post("/api/v1/sessions").json(&body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.cookie()
    }

    /// A new album's id.
    pub async fn album(&self, cookie: &str) -> String {
        let body = serde_json::json!({ "name": "Summer" });
        let answer = self.post("/api/v1/albums").cookie(cookie).json(&body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.text_at("id")
    }

    /// A new photo, as the answer to its upload.
    pub async fn photo(&self, cookie: &str, album: &str, file_name: &str, content: &[u8]) -> Answer {
        let parts = [Part::file(file_name, content)];
        self.post(&format!("/api/v1/albums/{album}/photos")).cookie(cookie).form(&parts).await
    }
}

/// A request being made.
pub struct Sending<'a> {
    site: &'a Site,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
    without_host: bool,
}

impl Sending<'_> {
    /// As no client of HTTP/1.1 sends it.
    pub fn without_host(mut self) -> Self {
        self.without_host = true;
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        self.body = body.into();
        self
    }

    pub async fn json(self, value: &Value) -> Answer {
        self.body("application/json", value.to_string()).send().await
    }

    pub async fn form(self, parts: &[Part<'_>]) -> Answer {
        self.body("multipart/form-data; boundary=edge", multipart(parts)).send().await
    }

    pub async fn send(self) -> Answer {
        let path = self.path.clone();
        let mut request =
            Request::builder().method(self.method.clone()).uri(path.parse::<Uri>().unwrap()).finish();
        *request.headers_mut() = self.headers;
        if !self.without_host {
            request
                .headers_mut()
                .entry(header::HOST)
                .or_insert(header::HeaderValue::from_static("gallery.test"));
        }
        request.set_body(self.body);
        let response = self.site.endpoint.call(request).await.expect("the site renders its errors");
        let (parts, body) = response.into_parts();
        let answer =
            Answer { status: parts.status, headers: parts.headers, body: body.into_vec().await.unwrap() };
        document::check(&self.method, &path, &answer);
        answer
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The text at this key of the JSON body.
    pub fn text_at(&self, key: &str) -> String {
        self.json()[key].as_str().unwrap_or_else(|| panic!("no text {key} in {self:?}")).to_owned()
    }

    /// The `code` of a problem document, which it must be.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(self.json()["status"], self.status.as_u16());
        self.text_at("code")
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, String) {
        (self.status.as_u16(), self.code())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Name and value of the session cookie that the answer sets.
    pub fn cookie(&self) -> String {
        let set = self.headers.get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap());
        let set: Vec<_> = set.filter(|set| set.contains("gallery_session=")).collect();
        assert_eq!(set.len(), 1, "{self:?}");
        set[0].split(';').next().unwrap().to_owned()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A part of a form.
pub struct Part<'a> {
    pub disposition: String,
    pub content: &'a [u8],
}

impl<'a> Part<'a> {
    pub fn text(name: &str, content: &'a str) -> Self {
        Self { disposition: format!("name=\"{name}\""), content: content.as_bytes() }
    }

    pub fn file(file_name: &str, content: &'a [u8]) -> Self {
        Self { disposition: format!("name=\"file\"; filename=\"{file_name}\""), content }
    }
}

/// The parts between boundaries called `edge`.
pub fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(
            format!("--edge\r\nContent-Disposition: form-data; {}\r\n\r\n", part.disposition).as_bytes(),
        );
        body.extend_from_slice(part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge--\r\n");
    body
}

fn rules(base_url: &str, quota_bytes: u64) -> Rules {
    let address = Email::parse("gallery@example.org").unwrap();
    Rules::new(
        SecretKey::new("0123456789abcdef0123456789abcdef").unwrap(),
        MailSettings {
            site_name: "Gallery".to_owned(),
            base_url: base_url.to_owned(),
            from: Mailbox { name: "Gallery".to_owned(), address },
            reply_to: None,
        },
    )
    .with_quota_bytes(quota_bytes)
    .with_max_upload_bytes(MAX_UPLOAD_BYTES)
}

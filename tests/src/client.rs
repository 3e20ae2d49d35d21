//! An HTTP client that does nothing by itself: no redirect is followed, cookies are kept by hand so
//! that tests can look at them, steal them and put them back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Method, RequestBuilder, multipart};
use serde_json::Value;

use crate::{Answer, Sample};

/// Somebody who speaks to a gallery. Clones share cookies.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// A request that is being put together.
pub struct Request<'a> {
    client: &'a Client,
    builder: RequestBuilder,
    asked: String,
}

impl Client {
    /// A client without cookies.
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_mins(1))
            .build()
            .expect("an HTTP client");
        Self { http, base: base.to_owned(), cookies: Arc::default() }
    }

    /// Somebody else: the same gallery, no cookies.
    #[must_use]
    pub fn stranger(&self) -> Self {
        Self::new(&self.base)
    }

    /// Somebody with a copy of the cookies that there are now.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self::new(&self.base);
        copy.cookies().clone_from(&self.cookies());
        copy
    }

    /// The gallery's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The cookies by name.
    pub fn cookies(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().expect("no test panics while it holds the cookies")
    }

    /// The session cookie's value; panics without one.
    pub fn session_token(&self) -> String {
        self.cookies().get("gallery_session").cloned().expect("a session cookie")
    }

    /// Whether `/readyz` answers 200.
    pub async fn is_ready(&self) -> bool {
        let asked = self.http.get(format!("{}/readyz", self.base)).send().await;
        asked.is_ok_and(|answer| answer.status() == 200)
    }

    /// A request to `path` (of the gallery, or a whole address of it).
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let asked = format!("{method} {path}");
        let mut builder = self.http.request(method, url);
        let cookies = self.cookies();
        if !cookies.is_empty() {
            let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            builder = builder.header("cookie", pairs.join("; "));
        }
        drop(cookies);
        Request { client: self, builder, asked }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PATCH, path).json(&body).send().await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// POST of a form, as a browser sends it from a page of the gallery.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path);
        let builder = request.builder.form(fields);
        Request { builder, ..request }
            .header("origin", &self.base)
            .header("sec-fetch-site", "same-origin")
            .header("accept", "text/html")
            .send()
            .await
    }

    /// Uploads a photo, with more form fields.
    pub async fn upload(&self, album: &str, file: &Upload, fields: &[(&str, &str)]) -> Answer {
        self.upload_request(album, file, fields).send().await
    }

    /// An upload that is not sent yet.
    pub fn upload_request(&self, album: &str, file: &Upload, fields: &[(&str, &str)]) -> Request<'_> {
        let path = format!("/api/v1/albums/{album}/photos");
        self.request(Method::POST, &path).multipart(file.form(fields))
    }
}

impl Request<'_> {
    /// With a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// With these bytes as body, and their media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, bytes: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.header("content-type", media_type).body(bytes);
        self
    }

    /// With a multipart form.
    #[must_use]
    pub fn multipart(mut self, form: multipart::Form) -> Self {
        self.builder = self.builder.multipart(form);
        self
    }

    /// Sends it and reads the answer to its end; panics when there is none.
    pub async fn send(self) -> Answer {
        let asked = self.asked.clone();
        self.try_send().await.unwrap_or_else(|error| panic!("{asked}: {error:?}"))
    }

    /// Sends it; an error when the connection broke before the answer's end.
    pub async fn try_send(self) -> reqwest::Result<Answer> {
        let response = self.builder.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await?.to_vec();
        let answer = Answer { asked: self.asked, status, headers, body };
        self.client.keep(&answer);
        Ok(answer)
    }
}

impl Client {
    /// Does with `Set-Cookie` what a browser does.
    fn keep(&self, answer: &Answer) {
        let mut cookies = self.cookies();
        for line in answer.set_cookies() {
            let (pair, attributes) = line.split_once(';').unwrap_or((&line, ""));
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let ended = attributes.to_ascii_lowercase().split(';').any(|part| part.trim() == "max-age=0");
            if ended || value.is_empty() {
                cookies.remove(name.trim());
            } else {
                cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

/// A file to upload.
#[derive(Clone)]
pub struct Upload {
    /// Its name on the sender's machine.
    pub file_name: String,
    /// What the sender says it is.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// A file with this name and these bytes.
    pub fn new(file_name: &str, media_type: &str, bytes: Vec<u8>) -> Self {
        Self { file_name: file_name.to_owned(), media_type: media_type.to_owned(), bytes }
    }

    /// A small JPEG whose pixels depend on `seed`.
    pub fn small(seed: u8) -> Self {
        Self::new(&format!("photo-{seed}.jpg"), "image/jpeg", Sample::new(64, 48).seed(seed).jpeg())
    }

    /// The multipart form that carries it, the other fields first.
    pub fn form(&self, fields: &[(&str, &str)]) -> multipart::Form {
        let mut form = multipart::Form::new();
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        let part = multipart::Part::bytes(self.bytes.clone())
            .file_name(self.file_name.clone())
            .mime_str(&self.media_type)
            .expect("a media type");
        form.part("file", part)
    }
}

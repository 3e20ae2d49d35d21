//! People with an account, and what they do all the time.

use std::ops::Deref;

use serde_json::{Value, json};

use crate::client::Upload;
use crate::{Client, Outbox, Server};

/// What the records of one album or photo count, in bytes.
pub const RECORD_BYTES: u64 = 2_000;

/// Who signs up.
#[derive(Debug, Clone)]
pub struct Person {
    /// The address.
    pub email: String,
    /// A password that the rules accept.
    pub password: String,
    /// The name.
    pub name: String,
}

impl Person {
    /// `ann` is Ann, `ann@example.org`, with a password of her own.
    pub fn named(name: &str) -> Self {
        Self {
            email: format!("{}@example.org", name.to_lowercase()),
            password: format!("violet-harbour-{name}-7!"),
            name: name.to_owned(),
        }
    }
}

/// A person with a confirmed account and a session; speaks like a [`Client`].
pub struct Member {
    /// Who it is.
    pub person: Person,
    client: Client,
}

impl Deref for Member {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Member {
    /// Signs up through this client, confirms the address with the mail from this outbox, and logs
    /// in.
    pub async fn joining(client: Client, outbox: &Outbox, name: &str) -> Self {
        let person = Person::named(name);
        let address = person.email.clone();
        let mailed = async || outbox.latest_to(&address, "Confirm").await.token("/confirm/");
        Self::confirming(client, person, mailed).await
    }

    /// The same for this person, who is told the token of the confirmation link.
    pub async fn confirming(client: Client, person: Person, mailed: impl AsyncFnOnce() -> String) -> Self {
        let member = Self { person, client };
        member.sign_up(&member.person).await;
        member.post("/api/v1/accounts/confirm", json!({"token": mailed().await})).await.ok(204);
        member.log_in(&member.person).await;
        member
    }
}

impl Server {
    /// Somebody of this name who signed up, confirmed the address and logged in.
    pub async fn member(&self, name: &str) -> Member {
        Member::joining(self.client(), &self.outbox(), name).await
    }
}

impl Client {
    /// Signs up.
    pub async fn sign_up(&self, person: &Person) {
        let body = json!({"email": person.email, "password": person.password, "name": person.name});
        self.post("/api/v1/accounts", body).await.ok(202);
    }

    /// Logs in, and keeps the cookie. Returns the session.
    pub async fn log_in(&self, person: &Person) -> Value {
        let body = json!({"email": person.email, "password": person.password});
        self.post("/api/v1/sessions", body).await.expect(201).json()
    }

    /// Makes an album and returns its id.
    pub async fn album(&self, name: &str) -> String {
        id_of(&self.post("/api/v1/albums", json!({"name": name})).await.expect(201).json())
    }

    /// Uploads a photo and returns it.
    pub async fn photo(&self, album: &str, file: &Upload, fields: &[(&str, &str)]) -> Value {
        self.upload(album, file, fields).await.expect(201).json()
    }

    /// The usage of the account, in bytes.
    pub async fn used(&self) -> u64 {
        self.get("/api/v1/account").await.expect(200).json()["usage"]["bytes"].as_u64().expect("bytes")
    }

    /// What a photo counts, in bytes: all that is stored of it, and its records.
    pub async fn counted(&self, photo: &Value) -> u64 {
        let mut bytes = RECORD_BYTES;
        for rendition in ["original", "large", "medium", "small"] {
            let path = format!("/api/v1/photos/{}/renditions/{rendition}", id_of(photo));
            bytes += self.get(&path).await.expect(200).body.len() as u64;
        }
        bytes
    }

    /// The ids in a list, page by page, from `path` (which may have a query).
    pub async fn all_ids(&self, path: &str) -> Vec<String> {
        let mut ids = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let next = cursor.as_ref().map_or_else(String::new, |cursor| format!("{joint}cursor={cursor}"));
            let page = self.get(&format!("{path}{next}")).await.expect(200).json();
            ids.extend(ids_of(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return ids,
            }
        }
    }
}

/// The `id` of an album, a photo, …
#[track_caller]
pub fn id_of(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id in {thing}")).to_owned()
}

/// The ids of a page's items, in their order.
#[track_caller]
pub fn ids_of(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap_or_else(|| panic!("no items in {page}")).iter().map(id_of).collect()
}

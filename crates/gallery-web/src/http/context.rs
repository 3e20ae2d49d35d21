//! What is known about a request before any handler sees it.

use std::sync::{Arc, OnceLock};

use gallery_core::Gallery;
use gallery_core::model::User;
use gallery_core::texts::Language;
use gallery_core::usecases::LoggedIn;
use gallery_core::values::JobId;
use poem::Request;
use poem::http::{HeaderMap, Method, Uri, header};
use uuid::Uuid;

use super::kept::{Kept, KeptCookie};
use super::{Problem, SessionCookie};

/// What is known about a request before any handler sees it.
#[derive(Debug)]
pub struct RequestContext {
    /// Names the request: in the logs, and in the answer's `X-Request-Id`. Made by the gallery,
    /// never taken from the client.
    pub id: Uuid,
    /// The method as sent; a handler of GET sees HEAD here.
    pub method: Method,
    /// The address as sent.
    pub uri: Uri,
    /// The session cookie: log-in sets it, log-out clears it.
    pub session: SessionCookie,
    /// What the browser is known by that has logged in before: log-in sets it.
    pub device: KeptCookie,
    /// What names the browser's sign-up: sign-up sets it.
    pub sign_up: KeptCookie,
    /// The language that the browser asks for.
    pub accepted_language: Option<Language>,
    /// The language of the account that calls.
    account_language: OnceLock<Language>,
}

/// Who an answer is for: decides the form of errors and how loudly a request is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Programs: problem documents.
    Api,
    /// Load balancers: problem documents, quiet logs.
    Probe,
    /// People: pages.
    Page,
    /// Stylesheets, scripts and the like: quiet logs.
    Asset,
}

impl RequestContext {
    pub(super) fn new(gallery: &Gallery, https: bool, request: &Request) -> Arc<Self> {
        Arc::new(Self {
            // A UUID version 7, like all ids, so that logs sort.
            id: JobId::new(gallery.now(), &gallery.random()).uuid(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            session: SessionCookie::of(request.headers(), https),
            device: KeptCookie::of(request.headers(), Kept::Device, https),
            sign_up: KeptCookie::of(request.headers(), Kept::SignUp, https),
            accepted_language: accepted_language(request.headers()),
            account_language: OnceLock::new(),
        })
    }

    /// The context of a request. [`Code::Internal`](super::Code::Internal) when it did not come
    /// through [`shell`](crate::shell): then nothing is known about it, not even that nobody is
    /// logged in.
    pub fn of(request: &Request) -> Result<Arc<Self>, Problem> {
        let context = request.data::<Arc<Self>>();
        context.cloned().ok_or_else(|| Problem::internal("a request did not come through the shell"))
    }

    /// The language of the answer: the account's, else the browser's, else English.
    pub fn language(&self) -> Language {
        self.account_language.get().copied().or(self.accepted_language).unwrap_or_default()
    }

    /// Answers in the language of the account that calls, if it has chosen one.
    pub fn called_by(&self, user: &User) {
        if let Some(language) = user.language {
            // A request has one caller.
            let _ = self.account_language.set(language);
        }
    }

    /// Lets the answer carry what a log-in gives.
    pub fn logged_in(&self, logged_in: &LoggedIn) {
        self.session.set(&logged_in.token);
        self.device.set(logged_in.device.clone());
    }

    /// Who the answer is for.
    pub fn surface(&self) -> Surface {
        let path = self.uri.path();
        match path {
            "/healthz" | "/readyz" => Surface::Probe,
            "/api" => Surface::Api,
            _ if path.starts_with("/api/") || is_hook(path) => Surface::Api,
            _ if path.starts_with("/assets/") => Surface::Asset,
            _ => Surface::Page,
        }
    }
}

/// The language that a browser asks for, in any number of lines.
fn accepted_language(headers: &HeaderMap) -> Option<Language> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    Language::accepted(&lines.collect::<Vec<_>>().join(","))
}

/// Whether other services call this path.
pub(super) fn is_hook(path: &str) -> bool {
    path == "/hooks" || path.starts_with("/hooks/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;

    #[test]
    fn a_request_that_came_another_way_is_a_defect_and_nobodys() {
        let stray = Request::builder().header("cookie", "gallery_session=x").finish();
        assert_eq!(RequestContext::of(&stray).unwrap_err().code(), Code::Internal);
    }
}

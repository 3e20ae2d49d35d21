//! [`Web`]: everything that handlers share, and the questions they ask about a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gallery_core::Gallery;
use gallery_core::usecases::{Caller, Client, Error};
use gallery_core::values::UserAgent;
use poem::Request;
use poem::http::{HeaderMap, header};

use super::client::client_address;
use super::headers::SecurityHeaders;
use super::readiness::Readiness;
use super::{Problem, RequestContext, WebSettings};

/// What pages and API share. Handlers hold it in an [`Arc`].
pub struct Web {
    /// The use cases.
    pub gallery: Gallery,
    /// What the operator decided.
    pub settings: WebSettings,
    pub(super) readiness: Readiness,
    pub(super) security_headers: SecurityHeaders,
    draining: AtomicBool,
}

impl Web {
    /// A site over this gallery.
    pub fn new(gallery: Gallery, settings: WebSettings) -> Arc<Self> {
        Arc::new(Self {
            gallery,
            readiness: Readiness::default(),
            security_headers: SecurityHeaders::new(&settings),
            settings,
            draining: AtomicBool::new(false),
        })
    }

    /// From now on `/readyz` answers 503, so that load balancers send no new requests; those that
    /// come are served.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether [`drain`](Self::drain) was called.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether people reach the site by https.
    pub fn is_https(&self) -> bool {
        self.settings.base_url.scheme() == "https"
    }

    /// The headers that every answer of the site has, for answers that are made without it: a
    /// listener's.
    pub fn security_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        self.security_headers.complete(&mut headers);
        headers
    }

    /// Who is calling, by the session cookie; [`Error::NoSession`] when nobody. When the session
    /// has got a fresh token, the answer will carry it: handlers have nothing to do for that.
    pub async fn caller(&self, request: &Request) -> Result<Caller, Error> {
        let context = RequestContext::of(request).map_err(|problem| Error::Internal(Box::new(problem)))?;
        self.caller_with(&context).await
    }

    /// As [`caller`](Self::caller), for a handler that holds the context and not the request.
    pub async fn caller_with(&self, context: &RequestContext) -> Result<Caller, Error> {
        let cookie = &context.session;
        let caller = self.gallery.authenticate(cookie.shown().ok_or(Error::NoSession)?).await?;
        if let Some(token) = &caller.fresh_token {
            cookie.set(token);
        }
        context.called_by(&caller.user);
        Ok(caller)
    }

    /// Who sends the request, for limits on guessing and for the list of sessions.
    pub fn client(&self, request: &Request) -> Result<Client, Problem> {
        let context = RequestContext::of(request)?;
        let peer = request.remote_addr().as_socket_addr().map(SocketAddr::ip);
        let user_agent = request.headers().get(header::USER_AGENT);
        let user_agent =
            user_agent.map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default();
        Ok(Client {
            address: client_address(peer, request.headers(), &self.settings.trusted_proxies),
            user_agent: UserAgent::clean(&user_agent),
            device: context.device.shown().map(str::to_owned),
            language: context.accepted_language,
        })
    }
}

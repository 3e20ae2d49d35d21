//! [`Login`]: the session cookie as an operation's security requirement.

use std::sync::Arc;

use gallery_core::usecases::{Caller, Error};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::Web;
use crate::http::RequestContext;

const NAME: &str = "session";

/// The operation needs a session.
pub(super) struct Login(Arc<RequestContext>);

impl Login {
    /// Who is logged in.
    pub(super) async fn caller(&self, web: &Web) -> Result<Caller, Error> {
        web.caller_with(&self.0).await
    }

    /// Takes the cookie away with the answer.
    pub(super) fn clear(&self) {
        self.0.session.clear();
    }
}

impl<'a> ApiExtractor<'a> for Login {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            NAME,
            MetaSecurityScheme {
                ty: "apiKey",
                description: Some(
                    "The cookie that `POST /sessions` sets; `gallery_session` on plain-http loopback. A token lives \
                     5 minutes; an answer to a request with one over a minute old carries a fresh one.",
                ),
                name: Some("__Host-gallery_session"),
                key_in: Some("cookie"),
                scheme: None,
                bearer_format: None,
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![NAME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self(RequestContext::of(request)?))
    }
}

//! The foundation under pages and API: what every request goes through, and what every handler
//! needs.
//!
//! A request passes, in this order: request id and span, security headers, panic catcher, address,
//! cross-site guard, body limit ([`Shell`]), then the routes. A handler asks [`Web::caller`] who is
//! calling, and fails with a [`Problem`], which becomes a problem document for programs and a page
//! for people. Nothing here knows a particular route, except which paths are API, hook, probe or
//! upload.

mod address;
mod body;
mod client;
mod code;
mod context;
mod cookies;
mod disposition;
mod endpoint;
mod guard;
mod headers;
mod kept;
mod multipart;
pub(crate) mod probes;
mod problem;
mod range;
mod readiness;
mod session;
mod settings;
mod shell;
mod translate;
mod upload;
mod web;

pub use body::{MAX_BODY_BYTES, MAX_REPORT_BYTES};
pub use client::{Network, NetworkError};
pub use code::Code;
pub use context::{RequestContext, Surface};
pub(crate) use cookies::cookies;
pub(crate) use disposition::content_disposition;
pub(crate) use endpoint::allow;
pub(crate) use endpoint::moved;
pub use endpoint::{Methods, handle, see_other};
pub use kept::KeptCookie;
pub use problem::Problem;
pub(crate) use problem::ProblemDocument;
pub(crate) use range::{Wanted, is_known, wanted};
pub use session::SessionCookie;
pub use settings::WebSettings;
pub use shell::Shell;
pub use upload::{PhotoForm, Received};
pub use web::Web;

//! [`Refused`]: a [`Problem`] as the answer of an operation, documented with the codes that the
//! operation has.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use gallery_core::usecases::Error;
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;

use crate::http::{Code, Problem, ProblemDocument};

/// The problems that an operation can answer.
pub(super) trait Cases: Send + Sync + 'static {
    /// Groups of codes.
    const CODES: &'static [&'static [Code]];
}

/// A problem of an operation that has these cases.
pub(super) struct Refused<C>(Problem, PhantomData<fn() -> C>);

/// The answer of an operation: `T`, or one of the problems of `C`.
pub(super) type Answer<T, C> = Result<T, Refused<C>>;

/// Every operation.
const ANY: &[Code] = &[Code::Malformed, Code::Internal, Code::Unavailable];
/// Operations that change something.
const CHANGE: &[Code] = &[Code::CrossSite];
/// Operations with a body.
const BODY: &[Code] = &[Code::Interrupted, Code::TooLarge, Code::UnsupportedMediaType, Code::Invalid];
/// Operations of somebody who is logged in.
const SESSION: &[Code] = &[Code::NoSession];

macro_rules! cases {
    ($($(#[doc = $doc:literal])+ $name:ident = $($group:ident)+ $(, $code:ident)*;)+) => {
        $(
            $(#[doc = $doc])+
            pub(super) struct $name;

            impl Cases for $name {
                const CODES: &'static [&'static [Code]] = &[$($group),+, &[$(Code::$code),*]];
            }
        )+
    };
}

cases! {
    /// Asking for a mail.
    MailRequest = ANY CHANGE BODY, TooManyAttempts;
    /// Asking for a mail again.
    MailAgain = ANY CHANGE BODY, TokenExpired, TokenInvalid, TooManyAttempts;
    /// Redeeming a token from a mail.
    Redemption = ANY CHANGE BODY, TokenExpired, TokenInvalid;
    /// Logging in.
    LogIn = ANY CHANGE BODY, BadCredentials, TooManyAttempts;
    /// Doing what needs the password again.
    PasswordAgain = ANY CHANGE BODY SESSION, WrongPassword, Contended, TooManyAttempts;
    /// Reading a list of one's own.
    Listing = ANY SESSION, InvalidCursor;
    /// Reading a list under something.
    SubListing = ANY SESSION, InvalidCursor, NotFound;
    /// Reading one's account.
    OwnReading = ANY SESSION;
    /// Changing one's account.
    OwnChange = ANY CHANGE BODY SESSION;
    /// Reading one thing.
    Reading = ANY SESSION, NotFound;
    /// Creating an album.
    Creation = ANY CHANGE BODY SESSION, QuotaExceeded, IdempotencyMismatch, IdempotencyUnresolved;
    /// Changing one thing.
    Change = ANY CHANGE BODY SESSION, NotFound, Contended;
    /// Ending one's session.
    OwnRemoval = ANY CHANGE SESSION;
    /// Removing one thing.
    Removal = ANY CHANGE SESSION, NotFound;
    /// Uploading a photo.
    Uploading = ANY CHANGE BODY SESSION, NotFound, QuotaExceeded, UnsupportedPhoto, UndecodablePhoto,
        IdempotencyMismatch, IdempotencyUnresolved, StorageFull;
}

impl<C> From<Problem> for Refused<C> {
    fn from(problem: Problem) -> Self {
        Self(problem, PhantomData)
    }
}

impl<C> From<Error> for Refused<C> {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

impl<C> From<Refused<C>> for poem::Error {
    fn from(refused: Refused<C>) -> Self {
        refused.0.into()
    }
}

impl<C: Cases> ApiResponse for Refused<C> {
    fn meta() -> MetaResponses {
        let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
        for code in C::CODES.iter().copied().flatten() {
            by_status.entry(code.status().as_u16()).or_default().push(*code);
        }
        MetaResponses {
            responses: by_status.into_iter().map(|(status, codes)| response(status, &codes)).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ProblemDocument::register(registry);
    }
}

fn response(status: u16, codes: &[Code]) -> MetaResponse {
    let lines: Vec<_> = codes.iter().map(|code| format!("`{}`: {}.", code.name(), code.title())).collect();
    let schema = ProblemDocument::schema_ref();
    MetaResponse {
        description: intern(lines.join(" ")),
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType { content_type: "application/problem+json", schema }],
        headers: if matches!(status, 409 | 429 | 503) { vec![retry_after()] } else { Vec::new() },
    }
}

fn retry_after() -> MetaHeader {
    MetaHeader {
        name: "Retry-After".to_owned(),
        description: Some("When to try again, in seconds from now.".to_owned()),
        required: false,
        deprecated: false,
        schema: u64::schema_ref(),
    }
}

/// The registry wants texts that live for ever; each is made once.
fn intern(text: String) -> &'static str {
    static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(text.as_str()) {
        return known;
    }
    let text: &'static str = text.leak();
    texts.insert(text);
    text
}

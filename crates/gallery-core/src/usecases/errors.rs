//! Why a use case did not do what it was asked, in the domain's words. The web layer gives each its
//! status.

use crate::ports::{BlobError, Conflict, FeedbackError, HashError, ImagingError, SpoolError, StoreError};
use crate::texts::Text;
use crate::token::TokenError;
use crate::values::Invalid;

/// A field of the input and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, as in the JSON body or form.
    pub field: &'static str,
    /// What is wrong with it.
    pub invalid: Invalid,
}

/// Why a use case failed. Nothing changed, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not there, or belongs to somebody else: the two are never told apart.
    #[error("not found")]
    NotFound,
    /// Fields of the input break rules.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// There is no session: none was shown, or it has ended.
    #[error("no session")]
    NoSession,
    /// Wrong address or password; nothing tells whether the address is known, or waits to be
    /// confirmed.
    #[error("wrong address or password")]
    BadCredentials,
    /// The link from a mail is not good (any more).
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The account's quota does not hold this photo.
    #[error("the quota is used up")]
    QuotaExceeded,
    /// The photo has more bytes than allowed.
    #[error("over {limit} bytes")]
    TooLarge {
        /// What is allowed, in bytes.
        limit: u64,
    },
    /// The bytes are of no supported type of photo.
    #[error("not a supported photo")]
    UnsupportedPhoto,
    /// The photo is damaged, too costly to decode or has too many pixels.
    #[error("the photo cannot be used: {0}")]
    UndecodablePhoto(Text),
    /// The body ended before the photo did.
    #[error("the upload was interrupted")]
    Interrupted,
    /// The `Idempotency-Key` was used for a request with other content.
    #[error("the key was used for another request")]
    IdempotencyMismatch,
    /// The first request with this `Idempotency-Key` is still running, or its result has been
    /// deleted since.
    #[error("the key's first request is still running, or its result is gone")]
    IdempotencyUnresolved,
    /// Somebody else keeps changing the same thing.
    #[error("changed by somebody else at the same time")]
    Contended,
    /// Too many attempts.
    #[error("too many attempts")]
    TooManyAttempts {
        /// When to try again, in seconds from now.
        retry_after: u64,
    },
    /// What should be a report of the mail system is none; says why, without an address.
    #[error("not a report of the mail system: {0}")]
    MalformedReport(String),
    /// Nothing proves that a report is the mail system's; says why, without an address.
    #[error("not proven to be of the mail system: {0}")]
    ForgedReport(String),
    /// Something the gallery depends on is away or overloaded. Whether anything changed is unknown;
    /// trying again is safe.
    #[error("unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No space is left.
    #[error("no space is left")]
    Full,
    /// A defect of the gallery or of something it depends on.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One field that breaks a rule.
    pub fn field(field: &'static str, invalid: Invalid) -> Self {
        Self::Invalid(vec![FieldError { field, invalid }])
    }

    /// Something that must not happen.
    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Unavailable(source) => Self::Unavailable(source),
            StoreError::Backend(source) => Self::Internal(source),
            StoreError::Conflict(Conflict::QuotaExceeded) => Self::QuotaExceeded,
            StoreError::Conflict(Conflict::Stale) => Self::Contended,
            StoreError::Conflict(Conflict::NotInAlbum) => {
                Self::field("cover_photo_id", Invalid::new("not_in_album", Text::new("cover-not-here")))
            }
            conflict @ StoreError::Conflict(_) => Self::internal(conflict),
        }
    }
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::NotFound => Self::NotFound,
            BlobError::Full => Self::Full,
            BlobError::Unavailable(source) => Self::Unavailable(source),
            BlobError::Backend(source) => Self::Internal(source),
            other => Self::internal(other),
        }
    }
}

impl From<HashError> for Error {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Unavailable(Box::new(error)),
            HashError::Failed(source) => Self::Internal(source),
        }
    }
}

impl From<ImagingError> for Error {
    fn from(error: ImagingError) -> Self {
        match error {
            ImagingError::Unsupported => Self::UnsupportedPhoto,
            ImagingError::TooManyPixels { width, height, max_megapixels } => Self::UndecodablePhoto(
                Text::new("photo-too-many-pixels")
                    .with("width", width)
                    .with("height", height)
                    .with("most", max_megapixels),
            ),
            ImagingError::Undecodable(reason) => Self::UndecodablePhoto(reason),
            ImagingError::Busy => Self::Unavailable(Box::new(error)),
            ImagingError::Failed(source) => Self::Internal(source),
        }
    }
}

impl From<SpoolError> for Error {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLarge { limit } => Self::TooLarge { limit },
            SpoolError::Interrupted(_) => Self::Interrupted,
            SpoolError::Full => Self::Full,
            SpoolError::Failed(source) => Self::internal(source),
        }
    }
}

impl From<FeedbackError> for Error {
    fn from(error: FeedbackError) -> Self {
        match error {
            FeedbackError::Malformed(reason) => Self::MalformedReport(reason),
            FeedbackError::Forged(reason) => Self::ForgedReport(reason),
            FeedbackError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

/// Collects the broken rules of several fields, so that a person sees all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// The value, or `None` after noting what is wrong with it.
    pub(crate) fn take<T>(&mut self, field: &'static str, parsed: Result<T, Invalid>) -> Option<T> {
        parsed.map_err(|invalid| self.0.push(FieldError { field, invalid })).ok()
    }

    /// As [`take`](Self::take), for a field that may be absent.
    pub(crate) fn take_optional<T>(
        &mut self,
        field: &'static str,
        parsed: Option<Result<T, Invalid>>,
    ) -> Option<T> {
        parsed.and_then(|parsed| self.take(field, parsed))
    }

    /// Fails when any field broke a rule.
    pub(crate) fn check(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// The error, for a caller that knows that a field broke a rule.
    pub(crate) fn into_error(self) -> Error {
        Error::Invalid(self.0)
    }
}

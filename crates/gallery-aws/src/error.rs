//! What a call came to when it did not succeed. Must not know any service: what its codes mean, an
//! adapter says. Tests are below.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::result;
use aws_smithy_runtime_api::http::{Headers, Response};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::backoff::RetryClass;
use crate::chain::error_chain;

/// The SDK's error, as clients return it.
pub(crate) type SdkError<E> = result::SdkError<E, Response>;

/// What the errors of a service mean: an adapter's list of the reasons why its calls fail.
pub trait Classify: fmt::Debug + Copy + PartialEq + Send + Sync + 'static {
    /// Throttled: nothing happened, and the service has too much to do.
    const THROTTLED: Self;
    /// Another request held the same thing: nothing happened. Absent where a service knows no such
    /// failure.
    const CONTENTION: Option<Self> = None;
    /// No response, or one that says nothing: it may have happened.
    const UNKNOWN_OUTCOME: Self;
    /// The request could not be sent, or the adapter says that it failed.
    const FAILED: Self;

    /// What an error response means.
    fn of(response: &ErrorResponse<'_>) -> Self;

    /// What a failure of this kind means for the next attempt.
    fn retry_class(self) -> RetryClass {
        match self {
            kind if kind == Self::THROTTLED => RetryClass::Throttled,
            kind if Some(kind) == Self::CONTENTION => RetryClass::Contention,
            kind if kind == Self::UNKNOWN_OUTCOME => RetryClass::UnknownOutcome,
            _ => RetryClass::Permanent,
        }
    }

    /// What happened, behind the name of the operation, as "was throttled".
    fn phrase(self) -> &'static str;
}

/// An error response of a service.
#[derive(Debug, Clone, Copy)]
pub struct ErrorResponse<'e> {
    /// The service's name of the error; empty when it sent none.
    pub code: &'e str,
    /// What it says for people; may be empty.
    pub message: &'e str,
    /// The status of HTTP.
    pub status: u16,
    /// The SDK's form of it.
    pub error: &'e (dyn Error + 'static),
}

/// A call that did not succeed.
#[derive(Debug)]
pub struct CallError<K> {
    /// Why, in the adapter's words.
    pub kind: K,
    /// What was called.
    pub operation: &'static str,
    /// The service's name of the error, if it sent one.
    pub code: Option<String>,
    /// What the service says for people, if it does.
    pub message: Option<String>,
    headers: Option<Box<Headers>>,
    source: Box<dyn Error + Send + Sync>,
}

impl<K: Classify> CallError<K> {
    /// A failure that the adapter found.
    pub fn new(kind: K, operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, operation, code: None, message: None, headers: None, source: source.into() }
    }

    /// A request that cannot be made.
    pub fn unsendable(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(K::FAILED, operation, source)
    }

    /// No response in time.
    pub(crate) fn timed_out(operation: &'static str) -> Self {
        Self::new(K::UNKNOWN_OUTCOME, operation, "no answer in time")
    }

    /// What the SDK returned.
    pub(crate) fn of<E>(operation: &'static str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let kind = kind(&error);
        let (code, message) = (error.code().map(str::to_owned), error.message().map(str::to_owned));
        let headers = error.raw_response().map(|response| Box::new(response.headers().clone()));
        Self { kind, operation, code, message, headers, source: error.into() }
    }

    /// A header field of the response.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.as_ref()?.get(name)
    }

    /// Why, in one line: the causes without this call.
    pub fn cause(&self) -> String {
        error_chain(&*self.source)
    }
}

/// What the SDK's error means.
fn kind<K: Classify, E>(error: &SdkError<E>) -> K
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let error = answer.err();
            let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
            K::of(&ErrorResponse { code, message, status: answer.raw().status().as_u16(), error })
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => K::FAILED,
        SdkError::ConstructionFailure(_) => K::FAILED,
        // No connection, a lost one, no answer in time, no credentials at the moment, or not the
        // service's words.
        _ => K::UNKNOWN_OUTCOME,
    }
}

impl<K: Classify> fmt::Display for CallError<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.kind.phrase())?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

impl<K: Classify> Error for CallError<K> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

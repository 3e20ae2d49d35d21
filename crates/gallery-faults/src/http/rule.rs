//! Which requests meet which fault.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::{HeaderMap, Method};

/// A request, read whole.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// What is asked for, in the words of the service's API reference: `PutItem` of DynamoDB,
    /// `UploadPart` of S3 (signed requests, bucket in the path), `SendEmail` of SES v2; for
    /// anything else the method's name.
    pub operation: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// An answer that the proxy gives by itself.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header fields; the length is added.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What becomes of a request.
#[derive(Clone)]
pub enum Fault {
    /// Answered by the proxy; the engine never hears of it.
    Answer(Answer),
    /// Done by the engine, but answered like this.
    AnswerAfter(Answer),
    /// Passed on after this time.
    Delay(Duration),
    /// Neither passed on nor answered: the client's time-out ends it.
    Hang,
    /// Done by the engine, never answered: a time-out after success.
    HangAfter,
    /// The connection is reset before the engine hears of the request.
    Reset,
    /// The connection is reset after the engine has done it: done, but the reply was lost.
    ResetAfter,
}

/// Makes a reply to a request.
type Answer = Arc<dyn Fn(&Call) -> Reply + Send + Sync>;

impl Fault {
    /// Always this answer, without asking the engine.
    pub fn answer(reply: Reply) -> Self {
        Self::Answer(Arc::new(move |_| reply.clone()))
    }

    /// An answer that depends on the request, without asking the engine.
    pub fn answer_with(reply: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        Self::Answer(Arc::new(reply))
    }

    /// Always this answer, after the engine has done what was asked.
    pub fn answer_after(reply: Reply) -> Self {
        Self::AnswerAfter(Arc::new(move |_| reply.clone()))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(_) => formatter.write_str("Answer"),
            Self::AnswerAfter(_) => formatter.write_str("AnswerAfter"),
            Self::Delay(time) => formatter.debug_tuple("Delay").field(time).finish(),
            Self::Hang => formatter.write_str("Hang"),
            Self::HangAfter => formatter.write_str("HangAfter"),
            Self::Reset => formatter.write_str("Reset"),
            Self::ResetAfter => formatter.write_str("ResetAfter"),
        }
    }
}

impl Reply {
    /// A reply of plain text.
    pub fn text(status: u16, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        Self { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
    }
}

/// A fault and the requests that meet it: by default every one of an operation.
pub struct Rule {
    operation: Option<String>,
    fits: Option<Predicate>,
    spared: usize,
    left: Option<usize>,
    fault: Fault,
}

type Predicate = Box<dyn Fn(&Call) -> bool + Send>;

impl Rule {
    /// For requests of this [operation](Call::operation).
    pub fn on(operation: &str, fault: Fault) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::any(fault) }
    }

    /// For every request.
    pub fn any(fault: Fault) -> Self {
        Self { operation: None, fits: None, spared: 0, left: None, fault }
    }

    /// Only for requests of which this is true, besides the operation.
    #[must_use]
    pub fn when(mut self, fits: impl Fn(&Call) -> bool + Send + 'static) -> Self {
        self.fits = Some(Box::new(fits));
        self
    }

    /// Only after this many requests that fit were spared.
    #[must_use]
    pub fn after(mut self, calls: usize) -> Self {
        self.spared = calls;
        self
    }

    /// Only this many times; then the rule is spent.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.left = Some(times);
        self
    }

    /// Only one time.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// The fault, if this request meets it; counts.
    pub(super) fn apply(&mut self, call: &Call) -> Option<Fault> {
        let named = self.operation.as_ref().is_none_or(|operation| *operation == call.operation);
        if !named || self.left == Some(0) || self.fits.as_ref().is_some_and(|fits| !fits(call)) {
            return None;
        }
        if self.spared > 0 {
            self.spared -= 1;
            return None;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        Some(self.fault.clone())
    }
}

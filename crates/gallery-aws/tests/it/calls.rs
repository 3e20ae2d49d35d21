//! How often a call is made, in what time, and what is returned in the end.

#![expect(clippy::result_large_err, reason = "the SDK's errors are large")]

use std::future::{Ready, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use gallery_aws::Idempotency::{Idempotent, NotIdempotent};
use gallery_aws::{
    Backoff, CallError, Classify, ErrorResponse, Retrier, RetryClass, RetryPolicy, TimeBudget,
};
use tokio::time::Instant;

/// The classes are the kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind(RetryClass);

impl Classify for Kind {
    const THROTTLED: Self = Self(RetryClass::Throttled);
    const CONTENTION: Option<Self> = Some(Self(RetryClass::Contention));
    const UNKNOWN_OUTCOME: Self = Self(RetryClass::UnknownOutcome);
    const FAILED: Self = Self(RetryClass::Permanent);

    fn of(response: &ErrorResponse<'_>) -> Self {
        Self(match (response.code, response.status) {
            ("SlowDown", _) => RetryClass::Throttled,
            ("Conflict", _) => RetryClass::Contention,
            (_, 500..) => RetryClass::UnknownOutcome,
            _ => RetryClass::Permanent,
        })
    }

    fn phrase(self) -> &'static str {
        "failed"
    }
}

type Reply = Result<u32, SdkError<ErrorMetadata, Response>>;

const TIME: TimeBudget = TimeBudget { attempt: Duration::from_secs(2), total: Duration::from_secs(5) };

fn retrier() -> Retrier<Kind> {
    let backoff = |retries| Backoff::new(retries, Duration::from_millis(10), Duration::from_millis(50));
    Retrier::new(RetryPolicy { throttled: backoff(3), contention: backoff(4), unknown_outcome: backoff(2) })
}

/// An error response of this status and code.
fn error(status: u16, code: &str) -> Reply {
    let mut raw = Response::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
    raw.headers_mut().insert("x-region", "eu-west-1");
    Err(SdkError::service_error(ErrorMetadata::builder().code(code).message("no\nway").build(), raw))
}

/// A service that replies like this, and how often it was asked.
struct Service<R>(R, AtomicUsize);

impl<R: Fn(usize) -> Reply + Sync> Service<R> {
    fn new(reply: R) -> Self {
        Self(reply, AtomicUsize::new(0))
    }

    fn reply(&self) -> Ready<Reply> {
        let Self(reply, asked) = self;
        ready(reply(asked.fetch_add(1, Ordering::Relaxed)))
    }

    fn asked(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_made_again_as_the_policy_says() {
    for (status, code, calls) in
        [(400, "Denied", 1), (503, "SlowDown", 4), (409, "Conflict", 5), (500, "", 3)]
    {
        let service = Service::new(|_| error(status, code));
        let retrier = retrier();
        let failed = retrier.begin(TIME).call("Get", Idempotent, || service.reply()).await.unwrap_err();
        assert_eq!(service.asked(), calls, "{failed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_succeeds_in_the_end_has_succeeded() {
    let service = Service::new(|asked| if asked < 2 { error(503, "SlowDown") } else { Ok(7) });
    let done = retrier().begin(TIME).call("Get", NotIdempotent, || service.reply()).await;
    assert_eq!((done.unwrap(), service.asked()), (7, 3));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_idempotent_is_not_made_again_when_it_may_have_happened() {
    let service = Service::new(|_| error(500, ""));
    let failed = retrier().begin(TIME).call("Put", NotIdempotent, || service.reply()).await.unwrap_err();
    assert_eq!((service.asked(), failed.kind), (1, Kind::UNKNOWN_OUTCOME));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_ends_in_time() {
    for (idempotency, attempts) in [(Idempotent, 3), (NotIdempotent, 1)] {
        let asked = AtomicUsize::new(0);
        let hang = || {
            asked.fetch_add(1, Ordering::Relaxed);
            std::future::pending::<Reply>()
        };
        let began = Instant::now();
        let failed = retrier().begin(TIME).call("Get", idempotency, hang).await.unwrap_err();
        assert_eq!(failed.cause(), "no answer in time");
        assert_eq!(asked.into_inner(), attempts, "{idempotency:?}");
        assert!(began.elapsed() < TIME.total + Duration::from_millis(50), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn several_calls_share_the_time_and_the_retries() {
    let retrier = retrier();
    let service = Service::new(|asked| if asked == 2 { Ok(0) } else { error(503, "SlowDown") });
    let mut attempts = retrier.begin(TIME);
    attempts.call("First", Idempotent, || service.reply()).await.unwrap();
    // One retry is left.
    attempts.call("Second", Idempotent, || service.reply()).await.unwrap_err();
    assert_eq!(service.asked(), 5);
    assert!(!attempts.pause(RetryClass::Throttled).await);
    assert!(!attempts.pause(RetryClass::Permanent).await);
    tokio::time::sleep(TIME.total).await;
    assert!(!attempts.pause(RetryClass::Contention).await, "no time is left");
}

#[tokio::test(start_paused = true)]
async fn a_service_in_trouble_sees_hardly_more_calls() {
    for (status, code) in [(500, ""), (503, "SlowDown")] {
        let service = Service::new(|_| error(status, code));
        let retrier = retrier();
        for _ in 0..200 {
            retrier.begin(TIME).call("Get", Idempotent, || service.reply()).await.unwrap_err();
        }
        assert_eq!(service.asked(), 220, "{code}");
        // A response is worth a tenth of a retry, whether it is a success or a refusal.
        for n in 0..10 {
            let reply = || async move { if n % 2 == 0 { Ok(1) } else { error(400, "Denied") } };
            let _ = retrier.begin(TIME).call("Get", Idempotent, reply).await;
        }
        retrier.begin(TIME).call("Get", Idempotent, || service.reply()).await.unwrap_err();
        retrier.begin(TIME).call("Get", Idempotent, || service.reply()).await.unwrap_err();
        assert_eq!(service.asked(), 223, "{code}");
    }
}

#[tokio::test]
async fn an_error_says_what_was_called_and_what_was_said() {
    let failed = retrier().once("Get", TIME.attempt, Box::pin(async { error(400, "Denied") })).await;
    let failed: CallError<Kind> = failed.unwrap_err();
    assert_eq!(failed.to_string(), "Get failed (Denied)");
    assert_eq!(failed.header("x-region"), Some("eu-west-1"));
    assert_eq!((failed.code.as_deref(), failed.message.as_deref()), (Some("Denied"), Some("no\nway")));
    assert!(!failed.cause().contains('\n'), "{}", failed.cause());
}

#[tokio::test]
async fn a_request_that_cannot_be_sent_has_failed_and_a_lost_one_may_have_happened() {
    let lost = || async { Reply::Err(SdkError::timeout_error("lost")) };
    let failed = retrier().once("Get", TIME.attempt, Box::pin(lost())).await.unwrap_err();
    assert_eq!(failed.kind, Kind::UNKNOWN_OUTCOME);
    let unsendable = async { Reply::Err(SdkError::construction_failure("no file")) };
    let failed = retrier().once("Get", TIME.attempt, Box::pin(unsendable)).await.unwrap_err();
    assert_eq!(failed.kind, Kind::FAILED);
}

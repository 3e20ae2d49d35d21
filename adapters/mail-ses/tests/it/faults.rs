//! SES in trouble, played by a proxy: what is tried again, how often, and for how long.

use std::time::{Duration, Instant};

use gallery_core::ports::Mailer;
use gallery_faults::{Fault, HttpProxy, Reply, Rule};
use gallery_mail_ses::{SesLimits, SesMailer, SesOptions};

use crate::fixture::{asked, later, mailer, message, options, ses};

fn throttled() -> Fault {
    let mut reply = Reply::text(429, r#"{"message":"Maximum sending rate exceeded."}"#);
    reply.headers.push(("x-amzn-errortype".to_owned(), "TooManyRequestsException".to_owned()));
    Fault::answer(reply)
}

fn broken() -> Fault {
    Fault::answer(Reply::text(500, r#"{"message":"Internal error"}"#))
}

/// How often SES was asked since the last time.
fn calls(proxy: &HttpProxy) -> usize {
    let calls = proxy.counts().values().sum();
    proxy.reset_counts();
    calls
}

#[tokio::test]
async fn a_moments_trouble_is_made_up_for() {
    let proxy = ses();
    let mailer = mailer(&proxy).await;
    for fault in [throttled(), broken(), Fault::Reset] {
        proxy.add(Rule::any(fault.clone()).times(2));
        mailer.send(&message("ann@example.com")).await.unwrap();
        assert_eq!(calls(&proxy), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn lasting_trouble_means_later() {
    let proxy = ses();
    let mailer = mailer(&proxy).await;
    for (fault, told) in [(throttled(), "throttles"), (broken(), "did not answer"), (Fault::Reset, "did not")]
    {
        proxy.clear();
        proxy.add(Rule::any(fault));
        let said = later(mailer.send(&message("ann@example.com")).await);
        assert!(said.contains(told), "{said}");
        assert_eq!(calls(&proxy), 3);
    }
    proxy.clear();
    mailer.send(&message("ann@example.com")).await.unwrap();
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_sent_again_as_it_was() {
    let proxy = ses();
    let mailer = mailer(&proxy).await;
    proxy.add(Rule::any(Fault::ResetAfter).once());
    mailer.send(&message("ann@example.com")).await.unwrap();
    let exchanges = proxy.exchanges();
    let [first, second] = exchanges.as_slice() else { panic!("{} exchanges", exchanges.len()) };
    assert_eq!(asked(first), asked(second));
    assert!(!first.reply.is_empty() && first.status.is_none(), "it was done, and the answer lost");
}

#[tokio::test]
async fn a_service_that_hangs_is_not_waited_for_long() {
    let proxy = ses();
    let limits = SesLimits {
        read: Duration::from_millis(1500),
        attempt: Duration::from_secs(2),
        operation: Duration::from_millis(4500),
        ..SesLimits::default()
    };
    let mailer = SesMailer::open(SesOptions { limits, ..options(&proxy) }).await.unwrap();
    // One that was overheard is made up for.
    proxy.add(Rule::any(Fault::Hang).once());
    mailer.send(&message("ann@example.com")).await.unwrap();
    for fault in [Fault::Hang, Fault::HangAfter] {
        proxy.clear();
        proxy.add(Rule::any(fault));
        let began = Instant::now();
        later(mailer.send(&message("ann@example.com")).await);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_service_that_is_away_is_found_again() {
    let proxy = ses();
    let mailer = mailer(&proxy).await;
    proxy.cut();
    for _ in 0..3 {
        later(mailer.send(&message("ann@example.com")).await);
    }
    proxy.restore();
    mailer.send(&message("ann@example.com")).await.unwrap();
}

#[tokio::test]
async fn retries_do_not_amplify() {
    for fault in [throttled(), broken(), Fault::Reset] {
        let proxy = ses();
        let mailer = mailer(&proxy).await;
        proxy.add(Rule::any(fault.clone()));
        for _ in 0..300 {
            later(mailer.send(&message("ann@example.com")).await);
        }
        let calls = calls(&proxy);
        assert!((300..=330).contains(&calls), "{calls} calls for 300 mails: {fault:?}");
        // Answers give the retries back, a tenth each.
        proxy.clear();
        for _ in 0..20 {
            mailer.send(&message("ann@example.com")).await.unwrap();
        }
        proxy.reset_counts();
        proxy.add(Rule::any(fault.clone()));
        for _ in 0..100 {
            later(mailer.send(&message("ann@example.com")).await);
        }
        let calls = self::calls(&proxy);
        assert!((101..=103).contains(&calls), "{calls} calls for 100 mails: {fault:?}");
    }
}

//! Reports of the mail system: who may make them, what they change, and how each is answered.

use std::sync::Arc;

use crate::kit::{Answer, Bent, Site};
use gallery_conformance::fakes::PlainFeedback;
use gallery_core::values::Email;

fn reporting() -> Site {
    Site::bent(Bent { feedback: Some(Arc::new(PlainFeedback)), ..Bent::default() })
}

/// As Amazon SNS sends it.
async fn report(site: &Site, text: impl Into<String>) -> Answer {
    site.post("/hooks/ses").body("text/plain; charset=UTF-8", text.into()).send().await
}

#[tokio::test]
async fn a_report_is_taken_and_the_address_is_not_written_to() {
    let site = reporting();
    let answer = report(&site, "bounced ann@example.org").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert!(!answer.headers.contains_key("set-cookie"));
    let ann = Email::parse("ann@example.org").unwrap();
    assert!(site.web.gallery.suppression(&ann).await.unwrap().is_some());

    let sign_up =
        serde_json::json!({ "email": "ann@example.org", "password": crate::kit::PASSWORD, "name": "Ann" });
    let suppressed = site.post("/api/v1/accounts").json(&sign_up).await;
    let sign_up =
        serde_json::json!({ "email": "bob@example.org", "password": crate::kit::PASSWORD, "name": "Bob" });
    let other = site.post("/api/v1/accounts").json(&sign_up).await;
    assert_eq!((suppressed.status, &suppressed.body), (other.status, &other.body), "nobody is told");
    site.work().await;
    let mails: Vec<_> = site.mails.all().into_iter().map(|mail| mail.to.address.to_string()).collect();
    assert_eq!(mails, ["bob@example.org"]);
}

#[tokio::test]
async fn every_other_report_has_its_answer() {
    let site = reporting();
    for (text, status, code, retry_after) in [
        ("<html>", 400, "malformed", ""),
        ("forged", 403, "forged_report", ""),
        ("away", 503, "unavailable", "5"),
    ] {
        let answer = report(&site, text).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{text}");
        assert_eq!(answer.header("retry-after"), retry_after, "{text}");
    }
}

#[tokio::test]
async fn without_a_mail_system_that_reports_nothing_is_there() {
    let site = Site::new();
    assert_eq!(report(&site, "bounced ann@example.org").await.problem(), (404, "not_found".to_owned()));
    assert_eq!(site.post("/hooks/other").send().await.problem(), (404, "not_found".to_owned()));
    assert_eq!(site.get("/hooks").send().await.problem(), (404, "not_found".to_owned()));
    let got = site.get("/hooks/ses").send().await;
    assert_eq!((got.problem().0, got.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn a_report_may_be_longer_than_a_form_and_not_without_end() {
    let site = reporting();
    let of = |bytes: usize| "bounced ann@example.org\n".repeat(bytes / 24);
    assert_eq!(report(&site, of(gallery_web::MAX_REPORT_BYTES)).await.status, 204);
    let too_long = of(gallery_web::MAX_REPORT_BYTES) + &of(48);
    assert_eq!(report(&site, too_long.clone()).await.problem(), (413, "too_large".to_owned()));
    let declared = too_long.len().to_string();
    let sending = site.post("/hooks/ses").header("content-length", &declared);
    assert_eq!(sending.body("text/plain", too_long).send().await.problem(), (413, "too_large".to_owned()));
}

#[tokio::test]
async fn a_browser_cannot_be_made_to_report() {
    let site = reporting();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let sending =
            site.post("/hooks/ses").header(name, value).body("text/plain", "bounced ann@example.org");
        assert_eq!(sending.send().await.problem(), (403, "cross_site".to_owned()));
    }
}

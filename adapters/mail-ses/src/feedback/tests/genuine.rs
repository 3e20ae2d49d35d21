//! Messages that SNS made, and SNS in trouble.

use super::*;

#[tokio::test]
async fn messages_signed_by_another_program_are_read() {
    let sns = FakeSns::new(include_str!("certificate.pem"));
    for body in [include_str!("signed-1.json"), include_str!("signed-2.json")] {
        let events = feedback(&sns).read(body.as_bytes(), now()).await.unwrap();
        let [MailEvent::Bounced { address }] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(address.key().as_str(), "gone@example.com");
    }
}

#[tokio::test]
async fn the_certificate_is_fetched_once() {
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    let feedback = feedback(&sns);
    for n in 0..5 {
        let address = format!("ann{n}@example.com");
        let body = signer.bounce(&address).to_string();
        // Read again, it answers the same.
        for _ in 0..2 {
            let events = feedback.read(body.as_bytes(), now()).await.unwrap();
            assert!(
                matches!(&events[..], [MailEvent::Bounced { address: found }] if found.typed() == address)
            );
        }
    }
    assert_eq!(sns.asked(), [CERTIFICATE]);
}

#[tokio::test]
async fn a_subscription_is_confirmed_where_it_belongs() {
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    let body = signer.subscription("SubscriptionConfirmation");
    assert_eq!(feedback(&sns).read(body.to_string().as_bytes(), now()).await.unwrap(), []);
    let url = body["SubscribeURL"].as_str().unwrap();
    assert_eq!(sns.asked(), [CERTIFICATE, url]);
}

#[tokio::test]
async fn being_unsubscribed_is_no_event_and_is_not_undone() {
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    let body = signer.subscription("UnsubscribeConfirmation").to_string();
    assert_eq!(feedback(&sns).read(body.as_bytes(), now()).await.unwrap(), []);
    assert_eq!(sns.asked(), [CERTIFICATE]);
}

#[tokio::test]
async fn what_sns_cannot_be_asked_now_is_to_be_sent_again() {
    let signer = Signer::new();
    let body = signer.bounce("ann@example.com").to_string();
    for trouble in [Err("away".to_owned()), Ok(Fetched { status: 503, body: Vec::new() })] {
        let sns = FakeSns::with(trouble, 200);
        let feedback = feedback(&sns);
        unavailable(&feedback, &body).await;
        let mended = Fetched { status: 200, body: signer.certificate.clone().into() };
        *sns.certificate.lock().unwrap() = Ok(mended);
        assert_eq!(feedback.read(body.as_bytes(), now()).await.unwrap().len(), 1);
    }
    let certificate = Fetched { status: 200, body: signer.certificate.clone().into() };
    let sns = FakeSns::with(Ok(certificate), 500);
    let body = signer.subscription("SubscriptionConfirmation").to_string();
    unavailable(&feedback(&sns), &body).await;
}

#[tokio::test]
async fn clocks_may_differ_a_little() {
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    for time in ["2026-11-22T12:04:00Z", "2026-11-22T11:01:00.000Z", "2026-11-22T12:30:00+01:00"] {
        let mut message = signer.bounce("ann@example.com");
        message["Timestamp"] = time.into();
        let body = signer.sign(message).to_string();
        assert_eq!(feedback(&sns).read(body.as_bytes(), now()).await.unwrap().len(), 1, "{time}");
    }
}

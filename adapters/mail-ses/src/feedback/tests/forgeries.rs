//! Messages that SNS did not make, or not for this gallery, or not now. For a stranger nothing is
//! fetched.

use serde_json::{Value, json};

use super::*;

/// What a stranger posts, and that SNS is not asked anything because of it.
async fn nothing_is_fetched_for(change: impl FnOnce(&mut Value)) {
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    let mut message = signer.bounce("ann@example.com");
    change(&mut message);
    forged(&feedback(&sns), &message.to_string()).await;
    assert!(sns.asked().is_empty(), "{:?}", sns.asked());
}

#[tokio::test]
async fn a_message_of_another_topic_is_refused_unseen() {
    for topic in [
        "arn:aws:sns:us-east-1:123456789012:another",
        "arn:aws:sns:us-east-1:999999999999:gallery-mail",
        "arn:aws:sns:us-east-1:123456789012:gallery-mail ",
        "",
    ] {
        let signer = Signer::new();
        let topic = topic.to_owned();
        // Genuine in everything else, as any customer of AWS can make it.
        nothing_is_fetched_for(move |message| {
            message["TopicArn"] = topic.into();
            *message = signer.sign(message.take());
        })
        .await;
    }
}

#[tokio::test]
async fn a_certificate_from_elsewhere_is_not_fetched() {
    for url in [
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        "https://user@sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://203.0.113.7/SimpleNotificationService-1.pem",
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/mine.pem",
        "file:///etc/passwd",
    ] {
        nothing_is_fetched_for(|message| message["SigningCertURL"] = url.into()).await;
    }
}

#[tokio::test]
async fn what_is_old_or_of_the_future_is_refused() {
    for time in
        ["2026-11-22T10:59:59Z", "2025-11-22T12:00:00Z", "2026-11-22T12:06:00Z", "1926-11-22T12:00:00Z"]
    {
        let signer = Signer::new();
        let again = |message: &mut Value| {
            message["Timestamp"] = time.into();
            *message = signer.sign(message.take());
        };
        nothing_is_fetched_for(again).await;
    }
    // The same message, genuine once, an hour and a bit later.
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    let (feedback, body) = (feedback(&sns), signer.bounce("ann@example.com").to_string());
    assert_eq!(feedback.read(body.as_bytes(), now()).await.unwrap().len(), 1);
    let later = now().plus(std::time::Duration::from_hours(1));
    let again = feedback.read(body.as_bytes(), later).await;
    assert!(matches!(again, Err(FeedbackError::Forged(_))), "{again:?}");
}

#[tokio::test]
async fn every_signed_field_counts() {
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    let feedback = feedback(&sns);
    let other = signer.bounce("eve@example.com");
    for (field, value) in [
        ("Message", other["Message"].clone()),
        ("MessageId", "another".into()),
        ("Subject", "added".into()),
        ("Timestamp", "2026-11-22T12:00:02.000Z".into()),
        ("Signature", other["Signature"].clone()),
        ("SignatureVersion", "1".into()),
        ("SignatureVersion", "3".into()),
        ("Signature", "".into()),
    ] {
        let mut message = signer.bounce("ann@example.com");
        message[field] = value;
        forged(&feedback, &message.to_string()).await;
    }
    let mut message = signer.subscription("SubscriptionConfirmation");
    message["Token"] = "another".into();
    forged(&feedback, &message.to_string()).await;
    // A confirmation does not pass for a notification.
    let mut message = signer.subscription("SubscriptionConfirmation");
    message["Type"] = "UnsubscribeConfirmation".into();
    forged(&feedback, &message.to_string()).await;
    assert_eq!(sns.asked(), [CERTIFICATE]);
}

#[tokio::test]
async fn the_signature_of_another_key_is_refused() {
    let sns = FakeSns::new(&Signer::new().certificate);
    let why = forged(&feedback(&sns), &Signer::new().bounce("ann@example.com").to_string()).await;
    assert!(why.contains("signature"), "{why}");
}

#[tokio::test]
async fn a_certificate_must_be_valid_now() {
    for (from, until) in [(2024, 2026), (2027, 2028)] {
        let signer = Signer::valid(from, until);
        let sns = FakeSns::new(&signer.certificate);
        let why = forged(&feedback(&sns), &signer.bounce("ann@example.com").to_string()).await;
        assert!(why.contains("not valid now"), "{why}");
    }
    // One that was valid when it was fetched.
    let signer = Signer::valid(2026, 2027);
    let sns = FakeSns::new(&signer.certificate);
    let feedback = feedback(&sns);
    let mut message = signer.bounce("ann@example.com");
    assert_eq!(feedback.read(message.to_string().as_bytes(), now()).await.unwrap().len(), 1);
    message["Timestamp"] = "2027-01-01T00:00:10Z".into();
    let later = Timestamp::from_millis(1_798_761_620_000);
    let read = feedback.read(signer.sign(message).to_string().as_bytes(), later).await;
    assert!(matches!(read, Err(FeedbackError::Forged(_))), "{read:?}");
}

#[tokio::test]
async fn what_is_no_certificate_proves_nothing() {
    let signer = Signer::new();
    let key = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let elliptic = rcgen::generate_simple_self_signed(["sns.amazonaws.com".to_owned()]).unwrap().cert.pem();
    for certificate in ["", "<html>", key, &signer.certificate[..400], &elliptic] {
        let sns = FakeSns::new(certificate);
        forged(&feedback(&sns), &signer.bounce("ann@example.com").to_string()).await;
    }
    let missing = FakeSns::with(Ok(Fetched { status: 404, body: Vec::new() }), 200);
    forged(&feedback(&missing), &signer.bounce("ann@example.com").to_string()).await;
}

#[tokio::test]
async fn a_subscription_elsewhere_is_not_confirmed_even_if_signed() {
    for url in [
        "https://sns.us-east-1.amazonaws.com.evil.example/?Action=ConfirmSubscription",
        "https://169.254.169.254/latest/meta-data/",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=another&Token=1",
    ] {
        let signer = Signer::new();
        let sns = FakeSns::new(&signer.certificate);
        let mut message = signer.subscription("SubscriptionConfirmation");
        message["SubscribeURL"] = url.into();
        forged(&feedback(&sns), &signer.sign(message).to_string()).await;
        assert_eq!(sns.asked(), [CERTIFICATE]);
    }
}

#[tokio::test]
async fn what_is_no_message_is_malformed() {
    let signer = Signer::new();
    let sns = FakeSns::new(&signer.certificate);
    let feedback = feedback(&sns);
    let mut truncated = signer.bounce("ann@example.com");
    let signature = truncated["Signature"].as_str().unwrap().to_owned();
    truncated["Signature"] = signature[..signature.len() - 5].into();
    let mut timeless = signer.bounce("ann@example.com");
    timeless["Timestamp"] = "yesterday".into();
    let whole = signer.bounce("ann@example.com").to_string();
    let twice = whole.replacen("{\"", "{\"TopicArn\":\"x\",\"", 1);
    for body in ["", "{}", "null", "<xml/>", &whole[..whole.len() - 1], &twice] {
        let why = malformed(&feedback, body).await;
        assert!(!why.contains("ann"), "{why}");
    }
    malformed(&feedback, &truncated.to_string()).await;
    malformed(&feedback, &timeless.to_string()).await;
    let huge = json!({ "Type": "Notification", "Message": "x".repeat(LARGEST_BODY) }).to_string();
    assert!(malformed(&feedback, &huge).await.contains("bytes"));
    assert!(sns.asked().is_empty());
    let unknown = signer.sign(json!({
        "Type": "Something", "MessageId": "1", "TopicArn": TOPIC, "Message": "x", "Token": "1",
        "SubscribeURL": "x", "Timestamp": "2026-11-22T12:00:01Z",
    }));
    malformed(&feedback, &unknown.to_string()).await;
}

//! Makes and signs messages as SNS does.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, PKCS_RSA_SHA256, date_time_ymd};
use serde_json::{Value, json};

pub const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:gallery-mail";
pub const CERTIFICATE: &str =
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem";

pub struct Signer {
    key: KeyPair,
    /// PEM.
    pub certificate: String,
}

impl Signer {
    /// With a certificate for the years 2026 and 2027.
    pub fn new() -> Self {
        Self::valid(2026, 2028)
    }

    pub fn valid(from: i32, until: i32) -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = key.as_der().unwrap().as_ref().to_vec();
        let own = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der.into(), &PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::new(["sns.amazonaws.com".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        Self { key, certificate: params.self_signed(&own).unwrap().pem() }
    }

    /// A report that this address is not there any more.
    pub fn bounce(&self, address: &str) -> Value {
        let report = json!({
            "eventType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": address}]},
        });
        self.sign(json!({
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Message": report.to_string(),
            "Timestamp": "2026-11-22T12:00:01.234Z",
        }))
    }

    /// The question whether to be subscribed, or the news of not being so any more.
    pub fn subscription(&self, kind: &str) -> Value {
        let url = format!(
            "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"
        );
        self.sign(json!({
            "Type": kind,
            "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
            "Token": "2336412f37",
            "TopicArn": TOPIC,
            "Message": "You have chosen to subscribe to the topic.",
            "SubscribeURL": url,
            "Timestamp": "2026-11-22T12:00:01.234Z",
        }))
    }

    /// Signs what is there now.
    pub fn sign(&self, mut message: Value) -> Value {
        let names: &[&str] = if message["Type"] == "Notification" {
            &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        } else {
            &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        };
        let mut text = String::new();
        for name in names {
            if let Some(value) = message[*name].as_str() {
                text.extend([name, "\n", value, "\n"]);
            }
        }
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        message["SignatureVersion"] = "2".into();
        message["Signature"] = STANDARD.encode(signature).into();
        message["SigningCertURL"] = CERTIFICATE.into();
        message
    }
}

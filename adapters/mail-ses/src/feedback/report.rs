//! What SES says in a message: a notification of an identity (`notificationType`) or an event of a
//! configuration set (`eventType`), which are alike for bounces and complaints (SES developer
//! guide, "Notification contents" and "Contents of event data"). Tests are below.
//!
//! SES adds fields and kinds of events as it likes, and says hello to a new topic in plain text:
//! what is not understood says nothing.

use gallery_core::ports::MailEvent;
use gallery_core::values::Email;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(alias = "eventType")]
    notification_type: String,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    complaint_feedback_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// What a report says about addresses that is for good.
pub fn events(text: &str) -> Vec<MailEvent> {
    let Ok(report) = serde_json::from_str::<Report>(text) else { return Vec::new() };
    match (report.notification_type.as_str(), report.bounce, report.complaint) {
        // "Transient" and "Undetermined" may pass.
        ("Bounce", Some(bounce), _) if bounce.bounce_type == "Permanent" => {
            addresses(&bounce.bounced_recipients).map(|address| MailEvent::Bounced { address }).collect()
        }
        // Somebody found it where unwanted mail lies, and took it out.
        ("Complaint", _, Some(complaint))
            if complaint.complaint_feedback_type.as_deref() != Some("not-spam") =>
        {
            addresses(&complaint.complained_recipients)
                .map(|address| MailEvent::Complained { address })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The addresses among them that a person could have here.
fn addresses(recipients: &[Recipient]) -> impl Iterator<Item = Email> {
    recipients.iter().filter_map(|recipient| {
        let text = recipient.email_address.as_str();
        // With a name, when it was taken from a header.
        let bare = text.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(text);
        Email::parse(bare).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounce(kind: &str, name: &str) -> String {
        format!(
            r#"{{"{kind}":"Bounce","bounce":{{"feedbackId":"0102","bounceType":"{name}","bounceSubType":"General",
            "bouncedRecipients":[{{"emailAddress":"Ann@example.com","action":"failed","status":"5.1.1"}},
            {{"emailAddress":"Jo Lee <jo@xn--bcher-kva.example>"}},{{"emailAddress":"not one"}}],
            "timestamp":"2026-11-22T08:15:30.000Z"}},"mail":{{"messageId":"0102","destination":["ann@example.com"]}},
            "somethingNew":[{{"a":1}}]}}"#
        )
    }

    fn complaint(feedback: &str) -> String {
        format!(
            r#"{{"notificationType":"Complaint","complaint":{{"userAgent":"x",{feedback}
            "complainedRecipients":[{{"emailAddress":"ann@example.com"}}]}},"mail":{{}}}}"#
        )
    }

    fn keys(text: &str) -> Vec<(bool, String)> {
        let key = |event: &MailEvent| match event {
            MailEvent::Bounced { address } => (true, address.key().as_str().to_owned()),
            MailEvent::Complained { address } => (false, address.key().as_str().to_owned()),
            other => panic!("{other:?}"),
        };
        events(text).iter().map(key).collect()
    }

    #[test]
    fn permanent_bounces_name_their_addresses_in_both_forms() {
        let expected = ["ann@example.com", "jo@xn--bcher-kva.example"].map(|key| (true, key.to_owned()));
        for kind in ["notificationType", "eventType"] {
            assert_eq!(keys(&bounce(kind, "Permanent")), expected);
            for passing in ["Transient", "Undetermined", "SomethingNew"] {
                assert!(keys(&bounce(kind, passing)).is_empty(), "{passing}");
            }
        }
    }

    #[test]
    fn complaints_name_their_addresses() {
        let expected = [(false, "ann@example.com".to_owned())];
        assert_eq!(keys(&complaint("")), expected);
        assert_eq!(keys(&complaint(r#""complaintFeedbackType":"abuse","#)), expected);
        assert!(keys(&complaint(r#""complaintFeedbackType":"not-spam","#)).is_empty());
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        for text in [
            "",
            "Successfully validated SNS topic for Amazon SES event publishing.",
            "{}",
            "[]",
            r#"{"notificationType":"AmazonSnsSubscriptionSucceeded","message":"hello"}"#,
            r#"{"eventType":"Delivery","mail":{},"delivery":{"recipients":["ann@example.com"]}}"#,
            r#"{"eventType":"Bounce"}"#,
            r#"{"eventType":"Bounce","bounce":{"bounceType":"Permanent"}}"#,
            r#"{"eventType":"Complaint","bounce":{"bounceType":"Permanent","bouncedRecipients":[]}}"#,
        ] {
            assert!(events(text).is_empty(), "{text}");
        }
    }
}

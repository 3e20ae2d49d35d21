//! Mails as a mail system gets them: a [`MailSettings`] makes a [`Message`] of an
//! [`OutgoingMail`].
//!
//! A mail holds no token: the link is signed when the mail is written, with the mail's own instant,
//! so that neither a store nor its backup can confirm an address or reset a password.

mod greeting;
mod wording;

use askama::Template;

use self::greeting::greeted_name;
use self::wording::{Frame, MailTexts, Wording};
use crate::model::OutgoingMail;
use crate::token::Signer;
use crate::values::{Email, JobId, Timestamp};

/// An address with a name, as mail headers carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name; may be empty.
    pub name: String,
    /// The address.
    pub address: Email,
}

/// What every mail of a gallery has in common.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The gallery's name, for subjects and greetings.
    pub site_name: String,
    /// Where links lead to: scheme, host and optional path, without a slash at the end.
    pub base_url: String,
    /// The sender.
    pub from: Mailbox,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Mailbox>,
}

/// A mail as a mail system gets it. Adapters add `MIME-Version` and
/// `Auto-Submitted: auto-generated` (RFC 3834), and encode names (RFC 2047).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `Message-ID` without angle brackets; the same however often the mail is sent.
    pub message_id: String,
    /// The `Date`.
    pub date: Timestamp,
    /// The `From`.
    pub from: Mailbox,
    /// The `Reply-To`.
    pub reply_to: Option<Mailbox>,
    /// The `To`.
    pub to: Mailbox,
    /// The `Subject`.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The link with a token that the mail carries. Never to be logged.
    pub link: Option<String>,
}

#[derive(Template)]
#[template(path = "mail/mail.txt", escape = "none")]
struct TextPart<'a> {
    frame: &'a Frame,
    site_name: &'a str,
    base_url: &'a str,
    wording: &'a Wording,
}

#[derive(Template)]
#[template(path = "mail/mail.html")]
struct HtmlPart<'a> {
    frame: &'a Frame,
    site_name: &'a str,
    base_url: &'a str,
    wording: &'a Wording,
}

impl MailSettings {
    /// Writes the mail of a job: signs its link and fills the templates.
    pub fn write(&self, job: JobId, mail: &OutgoingMail, signer: &Signer) -> Result<Message, askama::Error> {
        let (name, site_name) = (greeted_name(mail), self.site_name.as_str());
        let base_url = self.base_url.as_str();
        let texts = MailTexts { site_name, base_url, language: mail.language };
        let (wording, frame) = (texts.wording(mail, signer), texts.frame(&name));
        let base = url::Url::parse(base_url).ok();
        let host = base.as_ref().and_then(url::Url::host_str).unwrap_or("gallery");
        Ok(Message {
            message_id: format!("{job}@{host}"),
            date: mail.issued_at,
            from: self.from.clone(),
            reply_to: self.reply_to.clone(),
            to: Mailbox { name, address: mail.to.clone() },
            text: plain(&TextPart { frame: &frame, site_name, base_url, wording: &wording }.render()?),
            html: HtmlPart { frame: &frame, site_name, base_url, wording: &wording }.render()?,
            subject: plain(&wording.subject),
            link: wording.secret_link(),
        })
    }
}

/// No-break spaces are for what is set in columns.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Content, Tally};
    use crate::texts::Language;
    use crate::values::{PersonName, SecretKey, UserId};

    fn write(content: Content) -> Message {
        write_in(Language::English, content)
    }

    fn write_in(language: Language, content: Content) -> Message {
        let at = Timestamp::from_millis(1_795_335_330_007);
        let mail_settings = MailSettings {
            site_name: "Gallery".to_owned(),
            base_url: "https://photos.example.org".to_owned(),
            from: Mailbox {
                name: "Gallery".to_owned(),
                address: Email::parse("gallery@example.org").unwrap(),
            },
            reply_to: None,
        };
        let mail = OutgoingMail {
            user: Some(UserId::new(at, &[1; 10])),
            to: Email::parse("ann@example.org").unwrap(),
            name: PersonName::parse("Ann <b>Lee</b>").unwrap(),
            language,
            issued_at: at,
            content,
        };
        let signer = Signer::new(SecretKey::new("0123456789abcdef0123456789abcdef").unwrap());
        mail_settings.write(JobId::new(at, &[2; 10]), &mail, &signer).unwrap()
    }

    #[test]
    fn every_mail_reads_well() {
        let removed = Tally { albums: 1, photos: 1_204, objects: 4_816, bytes: 4_295_000_000 };
        let cancelled_at = Timestamp::from_millis(1_795_335_000_000);
        for (name, content) in [
            ("confirm_address", Content::ConfirmAddress),
            ("already_registered", Content::AlreadyRegistered),
            ("sign_up_again", Content::SignUpAgain),
            ("reset_password", Content::ResetPassword { password: "fingerprint".to_owned() }),
            ("password_changed", Content::PasswordChanged),
            ("account_cancelled", Content::AccountCancelled { cancelled_at, removed }),
        ] {
            let message = write(content.clone());
            insta::assert_snapshot!(
                name,
                format!(
                    "Message-ID: {}\nSubject: {}\n\n{}",
                    message.message_id, message.subject, message.text
                )
            );
            insta::assert_snapshot!(format!("{name}_html"), message.html);
            let german = write_in(Language::German, content);
            assert!(german.html.contains("<html lang=\"de\">"));
            insta::assert_snapshot!(
                format!("{name}_german"),
                format!("Subject: {}\n\n{}", german.subject, german.text)
            );
        }
    }

    #[test]
    fn names_are_escaped_in_html_and_links_stand_in_both_parts() {
        let message = write(Content::ConfirmAddress);
        let link = message.link.unwrap();
        assert!(message.html.contains("Ann &#60;b&#62;Lee"), "{}", message.html);
        assert!(message.html.contains(&link) && message.text.contains(&link));
    }

    #[test]
    fn only_links_with_a_token_are_secrets() {
        let reset = Content::ResetPassword { password: "fingerprint".to_owned() };
        assert!(write(Content::ConfirmAddress).link.is_some_and(|link| link.contains("/confirm/")));
        assert!(write(reset).link.is_some_and(|link| link.contains("/reset/")));
        let removed = Tally { albums: 0, photos: 1, objects: 4, bytes: 1 };
        let cancelled_at = Timestamp::from_millis(0);
        for content in [
            Content::AlreadyRegistered,
            Content::SignUpAgain,
            Content::PasswordChanged,
            Content::AccountCancelled { cancelled_at, removed },
        ] {
            assert_eq!(write(content).link, None);
        }
    }
}

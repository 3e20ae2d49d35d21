//! Which texts a mail is made of. The templates put them into shape. Tested by the snapshots of
//! `mail`.

use crate::model::{Content, OutgoingMail, Tally};
use crate::texts::{Instant, Language, Size, Text};
use crate::token::{LINK_LIFETIME, Purpose, Signer};
use crate::values::Timestamp;

/// What a mail's text is made of, from top to bottom.
pub(super) struct Wording {
    pub(super) subject: String,
    /// The headline: the subject where the site's name stands above it anyway.
    pub(super) title: String,
    /// What lists of mails show beside the subject.
    pub(super) preview: String,
    pub(super) paragraphs: Vec<Paragraph>,
    /// What was counted.
    pub(super) receipt: Option<String>,
    /// The one thing to do.
    pub(super) button: Option<Button>,
    pub(super) closing: Vec<Paragraph>,
}

/// Sentences, and an address that they end with.
pub(super) struct Paragraph {
    pub(super) text: String,
    pub(super) link: Option<String>,
}

/// Where to go.
pub(super) struct Button {
    pub(super) label: String,
    pub(super) url: String,
    /// Whoever has the address can do what it is for.
    pub(super) holds_token: bool,
}

impl Wording {
    /// The address with a token, if there is one.
    pub(super) fn secret_link(self) -> Option<String> {
        self.button.filter(|button| button.holds_token).map(|button| button.url)
    }
}

impl Paragraph {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), link: None }
    }

    fn with_link(text: impl Into<String>, link: String) -> Self {
        Self { text: text.into(), link: Some(link) }
    }
}

/// What mails say of the gallery itself, and in which language.
pub(super) struct MailTexts<'a> {
    /// Its name.
    pub(super) site_name: &'a str,
    /// Where links lead to.
    pub(super) base_url: &'a str,
    /// The mail's language.
    pub(super) language: Language,
}

impl MailTexts<'_> {
    /// What the mail says.
    pub(super) fn wording(&self, mail: &OutgoingMail, signer: &Signer) -> Wording {
        match &mail.content {
            Content::ConfirmAddress => self.confirm_address(mail, signer),
            Content::AlreadyRegistered => self.already_registered(),
            Content::SignUpAgain => self.sign_up_again(),
            Content::ResetPassword { password } => self.reset_password(mail, password, signer),
            Content::PasswordChanged => self.password_changed(mail.issued_at),
            Content::AccountCancelled { cancelled_at, removed } => {
                self.account_cancelled(*cancelled_at, removed)
            }
        }
    }

    /// A text about nothing but the gallery.
    fn say(&self, key: &'static str) -> String {
        self.write(Text::new(key))
    }

    /// A text about the gallery: what names it has its name.
    fn write(&self, text: Text) -> String {
        text.with("site", self.site_name).in_language(self.language)
    }

    /// A text about a link that works for minutes.
    fn link(&self, key: &'static str) -> String {
        self.write(Text::new(key).with("minutes", LINK_LIFETIME.as_secs() / 60))
    }

    fn plain(&self, key: &'static str) -> Paragraph {
        Paragraph::plain(self.say(key))
    }

    /// A button that leads to a page of the gallery.
    fn button(&self, key: &'static str, path: &str) -> Button {
        Button { label: self.say(key), url: format!("{}{path}", self.base_url), holds_token: false }
    }

    fn confirm_address(&self, mail: &OutgoingMail, signer: &Signer) -> Wording {
        let user = mail.user.map(|user| user.to_string()).unwrap_or_default();
        let token = signer.sign(Purpose::ConfirmAddress, &user, mail.issued_at);
        let button = self.button("mail-confirm-button", &format!("/confirm/{token}"));
        Wording {
            subject: self.say("mail-confirm-subject"),
            title: self.say("mail-confirm-title"),
            preview: self.link("mail-confirm-preview"),
            paragraphs: vec![self.plain("mail-confirm-text")],
            receipt: None,
            button: Some(Button { holds_token: true, ..button }),
            closing: vec![
                Paragraph::plain(self.link("mail-confirm-link")),
                self.plain("mail-confirm-ignore"),
            ],
        }
    }

    fn already_registered(&self) -> Wording {
        Wording {
            subject: self.say("mail-known-subject"),
            title: self.say("mail-known-title"),
            preview: self.say("mail-known-preview"),
            paragraphs: vec![self.plain("mail-known-text")],
            receipt: None,
            button: Some(self.button("mail-known-button", "/login")),
            closing: vec![
                Paragraph::with_link(self.say("mail-known-forgot"), format!("{}/forgot", self.base_url)),
                self.plain("mail-not-you"),
            ],
        }
    }

    fn sign_up_again(&self) -> Wording {
        Wording {
            subject: self.say("mail-again-subject"),
            title: self.say("mail-again-title"),
            preview: self.say("mail-again-preview"),
            paragraphs: vec![self.plain("mail-again-text")],
            receipt: None,
            button: Some(self.button("mail-again-button", "/signup")),
            closing: vec![self.plain("mail-again-how"), self.plain("mail-not-you")],
        }
    }

    fn reset_password(&self, mail: &OutgoingMail, password: &str, signer: &Signer) -> Wording {
        let payload = mail.user.map(|user| OutgoingMail::reset_payload(user, password)).unwrap_or_default();
        let token = signer.sign(Purpose::ResetPassword, &payload, mail.issued_at);
        let button = self.button("mail-reset-button", &format!("/reset/{token}"));
        let works = self.link("mail-reset-preview");
        Wording {
            subject: self.say("mail-reset-subject"),
            title: self.say("mail-reset-title"),
            preview: works.clone(),
            paragraphs: vec![self.plain("mail-reset-text")],
            receipt: None,
            button: Some(Button { holds_token: true, ..button }),
            closing: vec![Paragraph::plain(works), self.plain("mail-reset-ignore")],
        }
    }

    fn password_changed(&self, at: Timestamp) -> Wording {
        let text = Text::new("mail-changed-text").with("at", Instant(at.millis()));
        Wording {
            subject: self.say("mail-changed-subject"),
            title: self.say("mail-changed-title"),
            preview: self.say("mail-changed-preview"),
            paragraphs: vec![Paragraph::plain(self.write(text))],
            receipt: None,
            button: None,
            closing: vec![
                self.plain("mail-changed-was-you"),
                Paragraph::with_link(
                    self.say("mail-changed-was-not-you"),
                    format!("{}/forgot", self.base_url),
                ),
            ],
        }
    }

    fn account_cancelled(&self, at: Timestamp, removed: &Tally) -> Wording {
        let text = Text::new("mail-cancelled-text").with("at", Instant(at.millis()));
        let count = |key, number: u64| Text::new(key).with("count", number);
        let receipt = Text::new("mail-cancelled-receipt")
            .with("albums", count("count-albums", removed.albums))
            .with("photos", count("count-photos", removed.photos))
            .with("objects", count("count-objects", removed.objects))
            .with("size", Size(removed.bytes));
        Wording {
            subject: self.say("mail-cancelled-subject"),
            title: self.say("mail-cancelled-title"),
            preview: self.say("mail-cancelled-preview"),
            paragraphs: vec![Paragraph::plain(self.write(text))],
            receipt: Some(self.write(receipt)),
            button: None,
            closing: vec![self.plain("mail-cancelled-last")],
        }
    }

    /// What every mail has around its own text.
    pub(super) fn frame(&self, name: &str) -> Frame {
        let hello = match name {
            "" => Text::new("mail-hello-nobody"),
            name => Text::new("mail-hello").with("name", name),
        };
        Frame {
            language: self.language,
            hello: self.write(hello),
            button_hint: self.say("mail-button-hint"),
            sent_by: self.say("mail-sent-by"),
        }
    }
}

/// What every mail has around its own text.
pub(super) struct Frame {
    pub(super) language: Language,
    pub(super) hello: String,
    pub(super) button_hint: String,
    pub(super) sent_by: String,
}

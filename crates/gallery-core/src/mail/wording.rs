//! What the mails say. Text only: the templates put it into shape. Tested by the snapshots of
//! `mail`.

use crate::human::{count, minute, size};
use crate::model::{Content, OutgoingMail, Tally};
use crate::token::{LINK_LIFETIME, Purpose, Signer};
use crate::values::Timestamp;

/// What a mail's text is made of, from top to bottom.
pub(super) struct Wording {
    pub(super) subject: String,
    /// The headline: the subject where the site's name stands above it anyway.
    pub(super) title: &'static str,
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
    pub(super) label: &'static str,
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

/// What mails say of the gallery itself.
pub(super) struct Site<'a> {
    /// Its name.
    pub(super) site_name: &'a str,
    /// Where links lead to.
    pub(super) base_url: &'a str,
}

impl Site<'_> {
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

    fn confirm_address(&self, mail: &OutgoingMail, signer: &Signer) -> Wording {
        let user = mail.user.map(|user| user.to_string()).unwrap_or_default();
        let token = signer.sign(Purpose::ConfirmAddress, &user, mail.issued_at);
        let site = &self.site_name;
        Wording {
            subject: format!("Confirm your address for {site}"),
            title: "Confirm your address",
            preview: format!(
                "One click, and your account is ready. The link works for {} minutes.",
                link_minutes()
            ),
            paragraphs: vec![Paragraph::plain(format!(
                "Thank you for signing up to {site}. Please confirm that this address is yours."
            ))],
            receipt: None,
            button: Some(Button {
                label: "Confirm my address",
                url: format!("{}/confirm/{token}", self.base_url),
                holds_token: true,
            }),
            closing: vec![
                Paragraph::plain(format!(
                    "The link works for {} minutes. After that, its page offers to send a new one.",
                    link_minutes()
                )),
                Paragraph::plain(
                    "If you did not sign up, ignore this mail: without confirmation the sign-up is forgotten within a day.",
                ),
            ],
        }
    }

    fn already_registered(&self) -> Wording {
        let (site, base) = (&self.site_name, &self.base_url);
        Wording {
            subject: format!("You already have an account at {site}"),
            title: "You already have an account",
            preview: "Somebody, probably you, tried to sign up again. Nothing was changed.".to_owned(),
            paragraphs: vec![Paragraph::plain(format!(
                "Somebody, probably you, tried to sign up to {site} with this address. It already has an account, \
                 which was not changed."
            ))],
            receipt: None,
            button: Some(Button { label: "Log in", url: format!("{base}/login"), holds_token: false }),
            closing: vec![
                Paragraph::with_link(
                    "If you do not remember the password, choose a new one:",
                    format!("{base}/forgot"),
                ),
                Paragraph::plain("If it was not you, there is nothing to do."),
            ],
        }
    }

    fn sign_up_again(&self) -> Wording {
        let (site, base) = (&self.site_name, &self.base_url);
        Wording {
            subject: format!("Please sign up to {site} again"),
            title: "Please sign up again",
            preview: "There is no confirmed account with this address yet.".to_owned(),
            paragraphs: vec![Paragraph::plain(format!(
                "Somebody, probably you, asked for a link for an account at {site} with this address. There is no \
                 confirmed account yet, and it is not clear which sign-up is yours."
            ))],
            receipt: None,
            button: Some(Button { label: "Sign up", url: format!("{base}/signup"), holds_token: false }),
            closing: vec![
                Paragraph::plain(
                    "Sign up again, and open the link in the mail that follows: it confirms that sign-up and no other.",
                ),
                Paragraph::plain("If it was not you, there is nothing to do."),
            ],
        }
    }

    fn reset_password(&self, mail: &OutgoingMail, password: &str, signer: &Signer) -> Wording {
        let payload = mail.user.map(|user| OutgoingMail::reset_payload(user, password)).unwrap_or_default();
        let token = signer.sign(Purpose::ResetPassword, &payload, mail.issued_at);
        let site = &self.site_name;
        Wording {
            subject: format!("Choose a new password for {site}"),
            title: "Choose a new password",
            preview: format!("The link works once, for {} minutes.", link_minutes()),
            paragraphs: vec![Paragraph::plain(format!(
                "Somebody, probably you, asked for a new password for your account at {site}."
            ))],
            receipt: None,
            button: Some(Button {
                label: "Choose a new password",
                url: format!("{}/reset/{token}", self.base_url),
                holds_token: true,
            }),
            closing: vec![
                Paragraph::plain(format!("The link works once, for {} minutes.", link_minutes())),
                Paragraph::plain("If it was not you, ignore this mail: your password stays as it is."),
            ],
        }
    }

    fn password_changed(&self, at: Timestamp) -> Wording {
        let site = &self.site_name;
        Wording {
            subject: format!("Your password for {site} was changed"),
            title: "Your password was changed",
            preview: "If it was not you, choose a new password at once.".to_owned(),
            paragraphs: vec![Paragraph::plain(format!(
                "The password of your account at {site} was changed on {}. All other sessions have ended.",
                minute(at)
            ))],
            receipt: None,
            button: None,
            closing: vec![
                Paragraph::plain("If it was you, there is nothing to do."),
                Paragraph::with_link(
                    "If it was not you, choose a new password at once:",
                    format!("{}/forgot", self.base_url),
                ),
            ],
        }
    }

    fn account_cancelled(&self, at: Timestamp, removed: &Tally) -> Wording {
        let site = &self.site_name;
        let albums = count(removed.albums, "album", "albums");
        let photos = count(removed.photos, "photo", "photos");
        let objects = count(removed.objects, "stored object", "stored objects");
        let had = if removed.photos == 1 { "the photo had" } else { "the photos had" };
        Wording {
            subject: format!("Your account at {site} is cancelled"),
            title: "Your account is cancelled",
            preview: "Everything in it has been removed for good.".to_owned(),
            paragraphs: vec![Paragraph::plain(format!(
                "You cancelled your account on {}. Everything in it has been removed for good:",
                minute(at)
            ))],
            receipt: Some(format!("{albums}, {photos}, {objects}; {had} {}.", size(removed.bytes))),
            button: None,
            closing: vec![Paragraph::plain(format!(
                "This mail is the last thing that {site} did with your address, which is now forgotten."
            ))],
        }
    }
}

fn link_minutes() -> u64 {
    LINK_LIFETIME.as_secs() / 60
}

//! What the mails say. Text only: the templates put it into shape. Tested by the snapshots of `mail`.

use super::{Content, Letter, Letterhead};
use crate::model::Tally;
use crate::token::{LINK_LIFETIME, Purpose, Signer};
use crate::values::Timestamp;

/// What a mail's text is made of.
pub(super) struct Wording {
    pub(super) subject: String,
    pub(super) paragraphs: Vec<String>,
    /// An address with a token, and what its button says.
    pub(super) link: Option<(String, &'static str)>,
    pub(super) closing: Vec<String>,
}

impl Letterhead {
    pub(super) fn wording(&self, letter: &Letter, signer: &Signer) -> Wording {
        match &letter.content {
            Content::ConfirmAddress => self.confirm_address(letter, signer),
            Content::AlreadyRegistered => self.already_registered(),
            Content::ResetPassword { password } => self.reset_password(letter, password, signer),
            Content::PasswordChanged => self.password_changed(letter.issued_at),
            Content::AccountCancelled { cancelled_at, removed } => {
                self.account_cancelled(*cancelled_at, removed)
            }
        }
    }

    fn confirm_address(&self, letter: &Letter, signer: &Signer) -> Wording {
        let user = letter.user.map(|user| user.to_string()).unwrap_or_default();
        let token = signer.sign(Purpose::ConfirmAddress, &user, letter.issued_at);
        let site = &self.site_name;
        Wording {
            subject: format!("Confirm your address for {site}"),
            paragraphs: vec![format!("Thank you for signing up to {site}. Confirm that this address is yours:")],
            link: Some((format!("{}/confirm/{token}", self.base_url), "Confirm my address")),
            closing: vec![
                format!("The link works for {} minutes. After that, its page offers to send a new one.", link_minutes()),
                "If you did not sign up, ignore this mail: without confirmation the account disappears within a day."
                    .to_owned(),
            ],
        }
    }

    fn already_registered(&self) -> Wording {
        let (site, base) = (&self.site_name, &self.base_url);
        Wording {
            subject: format!("You already have an account at {site}"),
            paragraphs: vec![format!(
                "Somebody, probably you, tried to sign up to {site} with this address. It already has an account, which was not changed."
            )],
            link: None,
            closing: vec![
                format!("Log in at {base}/login, or choose a new password at {base}/forgot."),
                "If it was not you, there is nothing to do.".to_owned(),
            ],
        }
    }

    fn reset_password(&self, letter: &Letter, password: &str, signer: &Signer) -> Wording {
        let payload = letter.user.map(|user| Letter::reset_payload(user, password)).unwrap_or_default();
        let token = signer.sign(Purpose::ResetPassword, &payload, letter.issued_at);
        let site = &self.site_name;
        Wording {
            subject: format!("Choose a new password for {site}"),
            paragraphs: vec![format!(
                "Somebody, probably you, asked for a new password for your account at {site}. Choose one here:"
            )],
            link: Some((format!("{}/reset/{token}", self.base_url), "Choose a new password")),
            closing: vec![
                format!("The link works once, for {} minutes.", link_minutes()),
                "If it was not you, ignore this mail: your password stays as it is.".to_owned(),
            ],
        }
    }

    fn password_changed(&self, at: Timestamp) -> Wording {
        let site = &self.site_name;
        Wording {
            subject: format!("Your password for {site} was changed"),
            paragraphs: vec![format!(
                "The password of your account at {site} was changed at {at}. All other sessions have ended."
            )],
            link: None,
            closing: vec![format!(
                "If it was not you, choose a new password at once: {}/forgot",
                self.base_url
            )],
        }
    }

    fn account_cancelled(&self, at: Timestamp, removed: &Tally) -> Wording {
        let site = &self.site_name;
        let Tally { albums, photos, objects, bytes } = removed;
        Wording {
            subject: format!("Your account at {site} is cancelled"),
            paragraphs: vec![
                format!("You cancelled your account at {at}. Everything in it has been removed for good:"),
                format!(
                    "{albums} albums, {photos} photos, {objects} stored objects; the photos had {bytes} bytes."
                ),
            ],
            link: None,
            closing: vec![format!(
                "This mail is the last thing that {site} did with your address, which is now forgotten."
            )],
        }
    }
}

fn link_minutes() -> u64 {
    LINK_LIFETIME.as_secs() / 60
}

//! How mails leave, as the settings want it. Knows the mailers and nothing of records or photos.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use gallery_core::ports::{Feedback, Mailer};
use gallery_core::texts::Text;
use gallery_mail_outbox::OutboxMailer;
use gallery_mail_ses::{SesMailer, SesOptions, SnsFeedback};
use gallery_mail_smtp::{Security, SmtpLogin, SmtpMailer, SmtpOptions};
use gallery_runtime::config::{Config, MailTransport, Secret, Smtp, SmtpSecurity};
use gallery_runtime::{Opening, Purpose};

/// A mailer, opened.
pub(crate) struct Mail {
    pub(crate) mailer: Arc<dyn Mailer>,
    /// What reports bounces and complaints, if anything does.
    pub(crate) feedback: Option<Arc<dyn Feedback>>,
    /// Where mails go, as a person is told.
    pub(crate) place: Text,
}

/// Opens what the settings want.
pub(crate) async fn open(opening: Opening<'_>) -> Result<Mail> {
    let Opening { config, derived, folder, purpose } = opening;
    match config.mail.transport {
        MailTransport::Outbox => outbox(&folder.join("outbox"), config.mail.print_links),
        MailTransport::Smtp => {
            smtp(smtp_options(&config.smtp, derived.smtp_password.as_ref()), purpose).await
        }
        MailTransport::Ses => ses(config).await,
    }
}

fn outbox(folder: &Path, echo: bool) -> Result<Mail> {
    let mailer = Arc::new(OutboxMailer::open(folder, echo)?);
    Ok(Mail { mailer, feedback: None, place: outbox_place(folder, echo) })
}

async fn smtp(options: SmtpOptions, purpose: Purpose) -> Result<Mail> {
    let server = format!("{}:{}", options.host, options.port);
    let place = Text::new("cli-place-smtp").with("server", server);
    let mailer = SmtpMailer::open(options)?;
    if purpose == Purpose::Serve
        // A connection's future is large.
        && let Err(error) = Box::pin(mailer.check()).await
    {
        // Mails wait for a server that is away.
        tracing::warn!("no mail can be sent now: {error}");
    }
    Ok(Mail { mailer: Arc::new(mailer), feedback: None, place })
}

fn smtp_options(settings: &Smtp, password: Option<&Secret>) -> SmtpOptions {
    let security = match settings.security {
        SmtpSecurity::Tls => Security::Tls,
        SmtpSecurity::StartTls => Security::StartTls,
        SmtpSecurity::None => Security::None,
    };
    let usual = SmtpOptions::new(settings.host.clone().unwrap_or_default(), security);
    let user = settings.user.as_ref().filter(|user| !user.is_empty());
    SmtpOptions {
        port: if settings.port == 0 { usual.port } else { settings.port },
        login: user.zip(password).map(|(user, password)| SmtpLogin::new(user, password.expose())),
        ca_file: settings.tls_ca_file.clone(),
        ..usual
    }
}

async fn ses(config: &Config) -> Result<Mail> {
    let settings = &config.ses;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let feedback = given(&settings.feedback_topic).map(|topic| SnsFeedback::new(&topic)).transpose();
    let feedback = feedback.context("ses.feedback_topic")?;
    let options = SesOptions {
        region: given(&settings.region),
        endpoint: given(&settings.endpoint),
        configuration_set: given(&settings.configuration_set),
        tags: config.ses_tags(),
        ..SesOptions::default()
    };
    let place = match (&options.endpoint, &options.region) {
        (Some(endpoint), _) => Text::new("cli-place-ses-at").with("endpoint", endpoint),
        (None, Some(region)) => Text::new("cli-place-ses-in").with("region", region),
        (None, None) => Text::new("cli-place-ses"),
    };
    // The SDK's futures are large.
    let mailer = Box::pin(SesMailer::open(options)).await?;
    let feedback = feedback.map(|feedback| Arc::new(feedback) as Arc<dyn Feedback>);
    Ok(Mail { mailer: Arc::new(mailer), feedback, place })
}

/// Where mails go, as a person is told.
fn outbox_place(outbox: &Path, echo: bool) -> Text {
    let key = if echo { "cli-place-outbox-printed" } else { "cli-place-outbox" };
    Text::new(key).with("folder", outbox.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_about_printed_links() {
        let outbox = Path::new("/srv/outbox");
        assert!(outbox_place(outbox, true).to_string().contains("printed"));
        assert!(!outbox_place(outbox, false).to_string().contains("printed"));
    }

    #[test]
    fn the_smtp_server_is_the_settings() {
        let mut settings = Smtp { host: Some("mail.example.org".to_owned()), ..Smtp::default() };
        let options = smtp_options(&settings, None);
        assert_eq!((options.port, options.security, options.login), (465, Security::Tls, None));
        settings.security = SmtpSecurity::StartTls;
        settings.port = 2525;
        settings.user = Some("gallery".to_owned());
        let password = Secret::from("hunter2".to_owned());
        let options = smtp_options(&settings, Some(&password));
        assert_eq!((options.port, options.security), (2525, Security::StartTls));
        assert_eq!(options.login, Some(SmtpLogin::new("gallery", "hunter2")));
    }
}

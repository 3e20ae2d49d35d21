//! Whether the settings of where photos are kept and how mails leave fit together. Opens nothing
//! and connects to nothing: that is the adapters' business.

use std::net::IpAddr;
use std::path::Path;

use gallery_core::texts::Text;

use super::check::Checks;
use super::{BlobPlace, Config, MailTransport, S3Delivery, S3Encryption, SmtpSecurity};

/// The longest life of a presigned URL, in seconds.
const LONGEST_LINK: u64 = 300;

impl Config {
    pub(super) fn check_places(&self, checks: &mut Checks) {
        self.check_s3(checks);
        self.check_smtp(checks);
        self.check_ses(checks);
        let real = self.mail.transport != MailTransport::Outbox;
        let from = is_given(self.mail.from.as_ref());
        checks.demand("mail.from", !real || from, Text::new("config-mail-from-required"));
    }

    fn check_s3(&self, checks: &mut Checks) {
        let s3 = &self.s3;
        let used = self.blobs.place == BlobPlace::S3;
        let named = is_given(s3.bucket.as_ref());
        checks.demand("s3.bucket", !used || named, Text::new("config-bucket-required"));
        checks.demand("s3.bucket", used || !named, unused("blobs.place = \"s3\""));
        let slash = s3.prefix.is_empty() || s3.prefix.ends_with('/');
        checks.demand("s3.prefix", slash, Text::new("config-prefix-slash"));
        let plain = !s3.prefix.starts_with('/') && !s3.prefix.chars().any(char::is_control);
        checks.demand("s3.prefix", plain, Text::new("config-prefix-plain"));
        let kms = s3.encryption == S3Encryption::Kms;
        let key = is_given(s3.kms_key_id.as_ref());
        checks.demand("s3.kms_key_id", !kms || key, Text::new("config-key-required"));
        checks.demand("s3.kms_key_id", kms || !key, unused("encryption = \"kms\""));
        let short = (1..=LONGEST_LINK).contains(&s3.link_seconds);
        let range = Text::new("config-link-seconds").with("most", LONGEST_LINK);
        checks.demand("s3.link_seconds", short, range);
        endpoint(checks, "s3.endpoint", s3.endpoint.as_deref());
        let reachable = s3.delivery == S3Delivery::Proxied || used;
        checks.demand("s3.delivery", reachable, Text::new("config-delivery-unused"));
    }

    fn check_smtp(&self, checks: &mut Checks) {
        let smtp = &self.smtp;
        let used = self.mail.transport == MailTransport::Smtp;
        let host = smtp.host.as_deref().unwrap_or_default();
        checks.demand("smtp.host", !used || !host.is_empty(), Text::new("config-smtp-host-required"));
        checks.demand("smtp.host", used || host.is_empty(), unused("mail.transport = \"smtp\""));
        let password = smtp.password.is_some() || smtp.password_file.is_some();
        let both = is_given(smtp.user.as_ref()) == password;
        checks.demand("smtp.user", both, Text::new("config-user-and-password"));
        let clear = smtp.security == SmtpSecurity::None;
        checks.demand(
            "smtp.security",
            !clear || !password || is_this_machine(host),
            Text::new("config-smtp-in-the-clear"),
        );
        let verified = smtp.tls_ca_file.is_none() || !clear;
        checks.demand("smtp.tls_ca_file", verified, Text::new("config-smtp-tls-unused"));
        let readable = smtp.tls_ca_file.as_deref().is_none_or(Path::is_file);
        checks.demand("smtp.tls_ca_file", readable, Text::new("config-no-such-file"));
    }

    fn check_ses(&self, checks: &mut Checks) {
        let ses = &self.ses;
        let used = self.mail.transport == MailTransport::Ses;
        for (name, value) in
            [("ses.configuration_set", &ses.configuration_set), ("ses.feedback_topic", &ses.feedback_topic)]
        {
            let needless = !used && is_given(value.as_ref());
            checks.demand(name, !needless, unused("mail.transport = \"ses\""));
        }
        let topic = ses.feedback_topic.as_deref().unwrap_or_default();
        let is_topic = topic.is_empty() || (topic.starts_with("arn:") && topic.contains(":sns:"));
        checks.demand("ses.feedback_topic", is_topic, Text::new("config-topic"));
        let tags_good = self.ses_tags().len() == ses.tags.len();
        checks.demand("ses.tags", tags_good, Text::new("config-tags"));
        endpoint(checks, "ses.endpoint", ses.endpoint.as_deref());
    }

    /// The tags of mails: name and value.
    pub fn ses_tags(&self) -> Vec<(String, String)> {
        // The characters and the length that SES takes (API reference, `MessageTag`).
        let good = |text: &str| {
            (1..=256).contains(&text.len())
                && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_' || char == '-')
        };
        let pairs = self.ses.tags.iter().filter_map(|tag| tag.split_once('='));
        pairs
            .filter(|(name, value)| good(name) && good(value))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

/// What is said of a setting that only another one puts to use.
fn unused(setting: &'static str) -> Text {
    Text::new("config-unused").with("setting", setting)
}

fn is_given(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

fn endpoint(checks: &mut Checks, name: &str, text: Option<&str>) {
    let url = text.filter(|text| !text.is_empty()).map(url::Url::parse);
    let good =
        url.is_none_or(|url| url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()));
    checks.demand(name, good, Text::new("config-endpoint"));
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(config: &Config) -> Vec<String> {
        config.check().err().map_or_else(Vec::new, |found| found.0.into_iter().map(|p| p.name).collect())
    }

    fn in_s3() -> Config {
        let mut config = Config::default();
        config.blobs.place = BlobPlace::S3;
        config.s3.bucket = Some("photos".to_owned());
        config
    }

    fn through(transport: MailTransport) -> Config {
        let mut config = Config::default();
        config.mail.transport = transport;
        config.mail.from = Some("gallery@example.org".to_owned());
        if transport == MailTransport::Smtp {
            config.smtp.host = Some("mail.example.org".to_owned());
        }
        config
    }

    #[test]
    fn what_fits_together_is_good() {
        let mut config = in_s3();
        config.s3.prefix = "family/".to_owned();
        config.s3.encryption = S3Encryption::Kms;
        config.s3.kms_key_id = Some("alias/gallery".to_owned());
        config.s3.delivery = S3Delivery::Redirect;
        config.s3.endpoint = Some("http://127.0.0.1:9000".to_owned());
        assert_eq!(names(&config), Vec::<String>::new());
        let mut config = through(MailTransport::Smtp);
        config.smtp.user = Some("gallery".to_owned());
        config.smtp.password = Some("hunter2".to_owned().into());
        assert_eq!(config.check().unwrap().smtp_password.unwrap().expose(), "hunter2");
        let mut config = through(MailTransport::Ses);
        config.ses.tags = vec!["site=family".to_owned()];
        config.ses.feedback_topic = Some("arn:aws:sns:eu-central-1:123456789012:bounces".to_owned());
        assert_eq!(names(&config), Vec::<String>::new());
        assert_eq!(config.ses_tags(), [("site".to_owned(), "family".to_owned())]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut config = Config::default();
        config.blobs.place = BlobPlace::S3;
        config.s3.encryption = S3Encryption::Kms;
        config.mail.transport = MailTransport::Smtp;
        assert_eq!(names(&config), ["s3.bucket", "s3.kms_key_id", "smtp.host", "mail.from"]);
        config.mail.transport = MailTransport::Ses;
        assert_eq!(names(&config), ["s3.bucket", "s3.kms_key_id", "mail.from"]);
    }

    #[test]
    fn what_nothing_uses_is_named() {
        let mut config = Config::default();
        config.s3.bucket = Some("photos".to_owned());
        config.s3.kms_key_id = Some("alias/gallery".to_owned());
        config.s3.delivery = S3Delivery::Redirect;
        config.smtp.host = Some("mail.example.org".to_owned());
        config.ses.feedback_topic = Some("arn:aws:sns:eu-central-1:123456789012:bounces".to_owned());
        config.ses.configuration_set = Some("gallery".to_owned());
        let expected = [
            "s3.bucket",
            "s3.kms_key_id",
            "s3.delivery",
            "smtp.host",
            "ses.configuration_set",
            "ses.feedback_topic",
        ];
        assert_eq!(names(&config), expected);
    }

    #[test]
    fn strange_values_are_named() {
        let mut config = in_s3();
        config.s3.prefix = "/family".to_owned();
        config.s3.link_seconds = 301;
        config.s3.endpoint = Some("127.0.0.1:9000".to_owned());
        assert_eq!(names(&config), ["s3.prefix", "s3.prefix", "s3.link_seconds", "s3.endpoint"]);
        let mut config = through(MailTransport::Ses);
        config.ses.tags = vec!["site".to_owned()];
        config.ses.feedback_topic = Some("bounces".to_owned());
        config.ses.endpoint = Some("ses".to_owned());
        assert_eq!(names(&config), ["ses.feedback_topic", "ses.tags", "ses.endpoint"]);
    }

    #[test]
    fn passwords_do_not_cross_a_network_in_the_clear() {
        let mut config = through(MailTransport::Smtp);
        config.smtp.security = SmtpSecurity::None;
        assert_eq!(names(&config), Vec::<String>::new());
        config.smtp.password = Some("hunter2".to_owned().into());
        assert_eq!(names(&config), ["smtp.user", "smtp.security"]);
        config.smtp.user = Some("gallery".to_owned());
        config.smtp.host = Some("127.0.0.1".to_owned());
        assert_eq!(names(&config), Vec::<String>::new());
        config.smtp.tls_ca_file = Some("absent.pem".into());
        assert_eq!(names(&config), ["smtp.tls_ca_file", "smtp.tls_ca_file"]);
    }
}

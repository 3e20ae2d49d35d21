//! The topic, and which addresses belong to it: everything that is fetched is fetched from SNS in
//! the topic's own region, and of that only what is expected there. Tests are below.

use std::str::FromStr;

use url::Url;

/// A name that is not the ARN of an SNS topic.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:123456789012:gallery-mail")]
pub struct TopicError(String);

/// An SNS topic.
#[derive(Debug)]
pub struct Topic {
    arn: String,
    /// Where SNS of its region is.
    host: String,
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(arn: &str) -> Result<Self, TopicError> {
        let wrong = || TopicError(arn.to_owned());
        let parts: Vec<&str> = arn.split(':').collect();
        let &["arn", partition, "sns", region, account, name] = parts.as_slice() else { return Err(wrong()) };
        // The domains of the partitions (AWS General Reference, "Service endpoints").
        let domain = match partition {
            "aws" | "aws-us-gov" => "amazonaws.com",
            "aws-cn" => "amazonaws.com.cn",
            _ => return Err(wrong()),
        };
        let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let good = !region.is_empty()
            && region.chars().all(is_region)
            && account.len() == 12
            && account.chars().all(|c| c.is_ascii_digit())
            && (1..=256).contains(&name.len())
            && name.chars().all(is_name);
        if !good {
            return Err(wrong());
        }
        Ok(Self { arn: arn.to_owned(), host: format!("sns.{region}.{domain}") })
    }
}

impl Topic {
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The address of a certificate, if it is one of SNS in the topic's region; else what is wrong
    /// with it.
    pub fn certificate(&self, url: &str) -> Result<Url, String> {
        let url = self.own(url).map_err(|cause| format!("its certificate {cause}"))?;
        let name = url.path().strip_prefix("/SimpleNotificationService-");
        let name = name.and_then(|rest| rest.strip_suffix(".pem")).unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_name && url.query().is_none() {
            return Ok(url);
        }
        Err("its certificate is not one of SNS".to_owned())
    }

    /// The address that confirms the topic's subscription; else what is wrong with it.
    pub fn subscription(&self, url: &str) -> Result<Url, String> {
        let url = self.own(url).map_err(|cause| format!("its subscription {cause}"))?;
        let only = |name: &str| {
            let mut values = url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value);
            values.next().filter(|_| values.next().is_none())
        };
        let confirms = only("Action").is_some_and(|action| action == "ConfirmSubscription");
        let this = only("TopicArn").is_some_and(|arn| arn == self.arn);
        if url.path() == "/" && confirms && this {
            return Ok(url);
        }
        Err("its subscription is not one to this topic".to_owned())
    }

    /// An address of SNS in the topic's region, over HTTPS, written as every program reads it.
    fn own(&self, text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text).map_err(|_| "has no address")?;
        let own = url.scheme() == "https" && url.host_str() == Some(&self.host) && url.fragment().is_none();
        // User, password and port lie between scheme and path, as does everything that parsers
        // differ in.
        if own && text.starts_with(&format!("https://{}/", self.host)) {
            return Ok(url);
        }
        Err("is not at SNS of the topic's region")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:us-east-1:123456789012:gallery-mail";

    fn topic(arn: &str) -> Topic {
        arn.parse().unwrap()
    }

    #[test]
    fn a_topic_knows_where_its_sns_is() {
        for (arn, host) in [
            (ARN, "sns.us-east-1.amazonaws.com"),
            ("arn:aws-cn:sns:cn-north-1:123456789012:x", "sns.cn-north-1.amazonaws.com.cn"),
            ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:x", "sns.us-gov-west-1.amazonaws.com"),
        ] {
            assert_eq!(topic(arn).host, host);
        }
    }

    #[test]
    fn what_is_not_a_topic_is_refused() {
        for arn in [
            "",
            "gallery-mail",
            "arn:aws:sqs:us-east-1:123456789012:gallery-mail",
            "arn:aws:sns:us-east-1:123456789012:gallery-mail:5b1c-subscription",
            "arn:aws:sns:us-east-1:1234:gallery-mail",
            "arn:aws:sns:evil.example/:123456789012:gallery-mail",
            "arn:aws:sns::123456789012:gallery-mail",
            "arn:other:sns:us-east-1:123456789012:gallery-mail",
            "arn:aws:sns:us-east-1:123456789012:",
        ] {
            let error = arn.parse::<Topic>().unwrap_err();
            assert!(error.to_string().contains(&format!("\"{arn}\"")), "{error}");
        }
    }

    #[test]
    fn certificates_are_those_of_sns_in_the_topics_region() {
        let good = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem";
        assert_eq!(topic(ARN).certificate(good).unwrap().as_str(), good);
        for url in [
            "",
            "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem",
            "https://user@sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-1.pem",
            "https://sns.us-east-1.amazonaws.com:443/SimpleNotificationService-1.pem",
            "https://evil.example/SimpleNotificationService-1.pem",
            "https://evil.example\\@sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https:\\\\sns.us-east-1.amazonaws.com\\SimpleNotificationService-1.pem",
            "https://169.254.169.254/SimpleNotificationService-1.pem",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.us-east-1.amazonaws.com.cn/SimpleNotificationService-1.pem",
            "https://s3.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.us-east-1.amazonaws.com/mine/SimpleNotificationService-1.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1/../mine.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem?x",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem#x",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-%31.pem",
            " https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://SNS.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        ] {
            assert!(topic(ARN).certificate(url).is_err(), "{url}");
        }
    }

    #[test]
    fn subscriptions_are_those_of_the_topic() {
        let good = format!(
            "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={ARN}&Token=23f2"
        );
        assert!(topic(ARN).subscription(&good).is_ok());
        for (part, other) in [
            ("https://sns.us-east-1.", "https://sns.eu-west-1."),
            ("amazonaws.com/", "amazonaws.com.evil.example/"),
            ("https", "http"),
            ("ConfirmSubscription", "DeleteTopic"),
            ("gallery-mail", "another"),
            ("/?", "/another?"),
            ("&Token", "&Action=DeleteTopic&Token"),
            ("&Token", "&TopicArn=another&Token"),
        ] {
            let url = good.replace(part, other);
            assert!(topic(ARN).subscription(&url).is_err(), "{url}");
        }
    }
}

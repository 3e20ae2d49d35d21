//! Options that cannot be right, told by name before anything is asked of AWS.

use gallery_mail_ses::{SesError, SesMailer, SesOptions};

async fn refusal(options: SesOptions) -> SesError {
    let error = SesMailer::open(options).await.unwrap_err();
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let endpoint = Some("ses.example.org".to_owned());
    let error = refusal(SesOptions { endpoint, ..SesOptions::default() }).await;
    assert!(matches!(&error, SesError::BadEndpoint(bad) if bad == "ses.example.org"), "{error:?}");
    let configuration_set = Some("my set".to_owned());
    let error = refusal(SesOptions { configuration_set, ..SesOptions::default() }).await;
    assert!(matches!(&error, SesError::BadConfigurationSet(bad) if bad == "my set"), "{error:?}");
    let tags = vec![("site".to_owned(), "photos.example.org".to_owned())];
    let error = refusal(SesOptions { tags, ..SesOptions::default() }).await;
    assert!(error.to_string().contains("site=photos.example.org"), "{error}");
}

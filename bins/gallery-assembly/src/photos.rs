//! Where photos are kept, as the settings want it. Knows the adapters for blobs and nothing of
//! records or mail.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_blobs_s3::{Delivery, Encryption, S3Blobs, S3Options};
use gallery_core::model::{BlobKey, ImageType, Rendition};
use gallery_core::ports::{Blobs, LinkRequest};
use gallery_core::texts::{Argument, Text};
use gallery_core::values::{Generation, PhotoId, Timestamp};
use gallery_runtime::config::{BlobPlace, S3, S3Delivery, S3Encryption};
use gallery_runtime::{Opening, OrSay as _};
use url::Url;

/// The adapter for blobs, opened.
pub(crate) struct Photos {
    pub(crate) blobs: Arc<dyn Blobs>,
    /// Where it is, as a person is told.
    pub(crate) place: Argument,
    /// Where else than from the gallery browsers get photos from.
    pub(crate) origin: Option<Url>,
}

/// Opens what the settings want. The spool's finished files become blobs without being copied,
/// where they can.
pub(crate) async fn open(opening: Opening<'_>, spool: &DiskSpool) -> Result<Photos> {
    match opening.config.blobs.place {
        BlobPlace::Disk => {
            let path = opening.folder.join("blobs");
            let blobs = Arc::new(DiskBlobs::open(&path)?.linking_from(spool));
            Ok(Photos { blobs, place: path.display().to_string().into(), origin: None })
        }
        BlobPlace::S3 => in_s3(&opening.config.s3).await,
    }
}

async fn in_s3(settings: &S3) -> Result<Photos> {
    let options = options(settings);
    let (bucket, prefix) = (options.bucket.clone(), options.prefix.clone());
    let delivery = options.delivery;
    // The SDK's futures are large.
    let blobs = Box::pin(S3Blobs::open(options)).await?;
    for warning in blobs.warnings() {
        tracing::warn!("{warning}");
    }
    let origin = match delivery {
        Delivery::Proxied => None,
        Delivery::Presigned { lifetime } => Some(origin(&blobs, lifetime).await?),
    };
    let place = format!("s3://{bucket}/{prefix}").into();
    Ok(Photos { blobs: Arc::new(blobs), place, origin })
}

fn options(settings: &S3) -> S3Options {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    S3Options {
        prefix: settings.prefix.clone(),
        region: given(&settings.region),
        endpoint: given(&settings.endpoint),
        path_style: settings.path_style,
        encryption: match settings.encryption {
            S3Encryption::None => Encryption::BucketDefault,
            S3Encryption::S3 => Encryption::S3,
            S3Encryption::Kms => Encryption::Kms { key_id: settings.kms_key_id.clone().unwrap_or_default() },
        },
        delivery: match settings.delivery {
            S3Delivery::Proxied => Delivery::Proxied,
            S3Delivery::Redirect => {
                Delivery::Presigned { lifetime: Duration::from_secs(settings.link_seconds) }
            }
        },
        ..S3Options::new(settings.bucket.clone().unwrap_or_default())
    }
}

/// Where links lead to, for the pages' content security policy: found by making one, because only
/// the SDK knows how bucket, region and endpoint become an address.
async fn origin(blobs: &S3Blobs, lifetime: Duration) -> Result<Url> {
    let request = LinkRequest {
        key: BlobKey::of(
            PhotoId::new(Timestamp::from_millis(0), &[0; 10]),
            Generation::FIRST,
            Rendition::Small,
        ),
        content_type: ImageType::Jpeg,
        disposition: "inline".to_owned(),
        lifetime,
    };
    let link = blobs.link(&request).await?.or_say(|| Text::new("start-s3-no-links"))?;
    let mut origin = Url::parse(&link).or_say(|| Text::new("start-s3-bad-links"))?;
    origin.set_path("");
    origin.set_query(None);
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_follow_the_settings() {
        let mut settings = S3 { bucket: Some("photos".to_owned()), ..S3::default() };
        let plain = options(&settings);
        assert_eq!(
            (plain.bucket.as_str(), plain.region, plain.delivery),
            ("photos", None, Delivery::Proxied)
        );
        assert_eq!(plain.encryption, Encryption::BucketDefault);
        settings.prefix = "family/".to_owned();
        settings.region = Some("eu-central-1".to_owned());
        settings.endpoint = Some(String::new());
        settings.encryption = S3Encryption::Kms;
        settings.kms_key_id = Some("alias/gallery".to_owned());
        settings.delivery = S3Delivery::Redirect;
        settings.link_seconds = 60;
        settings.path_style = true;
        let chosen = options(&settings);
        assert_eq!(chosen.encryption, Encryption::Kms { key_id: "alias/gallery".to_owned() });
        assert_eq!(chosen.delivery, Delivery::Presigned { lifetime: Duration::from_mins(1) });
        assert_eq!((chosen.prefix.as_str(), chosen.region.as_deref()), ("family/", Some("eu-central-1")));
        assert!(chosen.path_style && chosen.endpoint.is_none());
    }
}

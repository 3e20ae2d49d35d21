//! Fresh buckets, and blob stores over them.

use std::io::Write as _;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use gallery_aws::ClientOptions;
use gallery_blobs_s3::{S3Blobs, S3Options, TimeLimits};
use gallery_core::model::{BlobKey, ImageType, Rendition};
use gallery_core::ports::{BlobError, BlobMetadata, BlobSource, Blobs as _};
use gallery_core::values::{ContentHash, Generation, PhotoId, Timestamp};
use gallery_faults::HttpProxy;
use tempfile::NamedTempFile;

/// Bytes in a MiB.
pub const MIB: usize = 1024 * 1024;
/// How often a list is asked for again.
const LISTINGS: usize = 50;

/// A server of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    S3sFs,
    RadosGw,
}

/// Both.
pub const SERVERS: [Server; 2] = [Server::S3sFs, Server::RadosGw];

impl Server {
    pub fn url(self) -> String {
        let (name, variable) = match self {
            Self::S3sFs => ("s3s-fs", "GALLERY_TEST_S3_URL"),
            Self::RadosGw => ("Ceph RadosGW", "GALLERY_TEST_RADOSGW_URL"),
        };
        std::env::var(variable).unwrap_or_else(|_| {
            panic!("this test needs {name}: run `cargo xtask test`, or `cargo xtask engines up`")
        })
    }

    /// A bucket of its own.
    pub async fn bucket(self) -> Bucket {
        let name = format!("test-{}", gallery_aws::random_token());
        let client = client(&self.url()).await;
        client.create_bucket().bucket(&name).send().await.expect("a bucket is made");
        Bucket { url: self.url(), name, client }
    }
}

/// An empty bucket, and a client that asks the server itself.
pub struct Bucket {
    pub url: String,
    pub name: String,
    pub client: Client,
}

impl Bucket {
    /// As in production, but patient: a busy machine is not what is tested, where time is not.
    pub fn options(&self) -> S3Options {
        let patient = Duration::from_mins(1);
        S3Options {
            endpoint: Some(self.url.clone()),
            region: Some("us-east-1".to_owned()),
            path_style: true,
            limits: TimeLimits { answer: patient, whole: 3 * patient, ..TimeLimits::default() },
            ..S3Options::new(&self.name)
        }
    }

    /// Behind a proxy, so that faults can be played.
    pub fn behind(&self, proxy: &HttpProxy) -> S3Options {
        S3Options { endpoint: Some(proxy.url()), ..self.options() }
    }

    pub fn proxy(&self) -> HttpProxy {
        HttpProxy::start(&self.url)
    }

    /// From now on keeps versions.
    pub async fn keep_versions(&self) {
        self.set_versioning(BucketVersioningStatus::Enabled).await;
    }

    pub async fn set_versioning(&self, status: BucketVersioningStatus) {
        let configuration = VersioningConfiguration::builder().status(status).build();
        let put = self.client.put_bucket_versioning().bucket(&self.name);
        put.versioning_configuration(configuration).send().await.unwrap();
    }

    /// Every object's key, as the server lists it. s3s-fs fails when an object goes while it lists;
    /// then it is asked again.
    pub async fn objects(&self) -> Vec<String> {
        let list = || self.client.list_objects_v2().bucket(&self.name).send();
        let mut listed = list().await;
        for _ in 0..LISTINGS {
            if listed.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            listed = list().await;
        }
        let listed = listed.unwrap();
        listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    /// How many uploads were begun and not finished. `RadosGW` can tell; s3s-fs cannot.
    pub async fn uploads(&self) -> usize {
        let listed = self.client.list_multipart_uploads().bucket(&self.name).send().await.unwrap();
        listed.uploads().len()
    }
}

/// A client of the SDK as it comes, but for checksums that not every server knows.
pub async fn client(url: &str) -> Client {
    let (config, _) = ClientOptions {
        service: "S3",
        region: Some("us-east-1"),
        fallback_region: None,
        endpoint: Some(url),
        connect_timeout: Duration::from_secs(1),
        read_timeout: None,
    }
    .connect()
    .await
    .unwrap();
    let config = aws_sdk_s3::config::Builder::from(&config)
        .force_path_style(true)
        .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired);
    Client::from_conf(config.build())
}

pub async fn open(options: S3Options) -> S3Blobs {
    S3Blobs::open(options).await.expect("the bucket can be opened")
}

/// The key number `number`.
pub fn key(number: u8) -> BlobKey {
    let id = PhotoId::new(Timestamp::from_millis(1_795_335_330_007), &[number / 4; 10]);
    BlobKey::of(id, Generation::FIRST, Rendition::ALL[usize::from(number % 4)])
}

/// Bytes that differ from place to place.
pub fn content(length: usize) -> Bytes {
    (0_u64..).flat_map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()).take(length).collect()
}

/// A picture of this content.
pub fn metadata(content: &[u8]) -> BlobMetadata {
    BlobMetadata { content_type: ImageType::Jpeg, sha256: ContentHash::of(content) }
}

pub async fn put(blobs: &S3Blobs, key: &BlobKey, content: &Bytes) -> Result<(), BlobError> {
    blobs.put(key, &metadata(content), BlobSource::Bytes(content.clone())).await
}

/// A file of this content, and a source that reads it.
pub fn file(content: &[u8]) -> (NamedTempFile, BlobSource) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    let source = BlobSource::File { path: file.path().to_owned(), bytes: content.len() as u64 };
    (file, source)
}

pub async fn get(blobs: &S3Blobs, key: &BlobKey) -> Result<Vec<u8>, BlobError> {
    let pieces: Vec<Bytes> = blobs.get(key, None).await?.stream.try_collect().await.expect("it is read");
    Ok(pieces.concat())
}

pub fn unavailable<T: std::fmt::Debug>(answer: &Result<T, BlobError>) {
    assert!(matches!(answer, Err(BlobError::Unavailable(_))), "{answer:?}");
}

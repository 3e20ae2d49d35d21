//! A bucket of its own for each test, on the S3 server that `cargo xtask engines up` starts. Made
//! and looked into with Amazon's SDK for Python, so that what the gallery did is seen by another
//! client than its own.

use crate::engine::{of_environment, unique_name};
use crate::{Launch, python};

/// The environment variable with the server's address: `http://127.0.0.1:port`.
const S3: &str = "GALLERY_TEST_S3_URL";

/// What the gallery's keys begin with in tests.
const PREFIX: &str = "tests/";

/// What every script begins with: `s3` is the client, `bucket` the bucket's name.
const CONNECT: &str = "
import sys, boto3
from botocore.config import Config
s3 = boto3.client('s3', endpoint_url=sys.argv[1], config=Config(s3={'addressing_style': 'path'}))
bucket = sys.argv[2]
";

/// An empty bucket. It goes with the server.
pub struct Bucket {
    name: String,
}

impl Bucket {
    /// Makes one; panics when there is no server.
    pub fn fresh() -> Self {
        // A bucket's name knows no capitals and no underscores.
        let bucket = Self { name: unique_name("photos-").to_lowercase().replace('_', "-") };
        bucket.script("s3.create_bucket(Bucket=bucket)");
        bucket
    }

    /// Where the server answers.
    pub fn server() -> String {
        of_environment(S3)
    }

    /// A gallery that keeps its photos here, and reaches the server at this endpoint.
    #[must_use]
    pub fn used_by(&self, launch: Launch, endpoint: &str) -> Launch {
        launch
            .setting("GALLERY__BLOBS__PLACE", "s3")
            .setting("GALLERY__S3__BUCKET", &self.name)
            .setting("GALLERY__S3__PREFIX", PREFIX)
            .setting("GALLERY__S3__REGION", "us-east-1")
            .setting("GALLERY__S3__ENDPOINT", endpoint)
            .setting("GALLERY__S3__PATH_STYLE", "true")
    }

    /// The keys in it, without the prefix that all of them have.
    pub fn keys(&self) -> Vec<String> {
        let listed = self.script(
            "
for page in s3.get_paginator('list_objects_v2').paginate(Bucket=bucket):
    for found in page.get('Contents', []):
        print(found['Key'])
",
        );
        let keys = listed.lines().map(|key| {
            key.strip_prefix(PREFIX).unwrap_or_else(|| panic!("{key} does not begin with {PREFIX}"))
        });
        keys.map(str::to_owned).collect()
    }

    fn script(&self, script: &str) -> String {
        python::run(&format!("{CONNECT}{script}"), &[&Self::server(), &self.name])
    }
}

//! The conformance suite for blobs, on both servers.

use std::sync::Arc;

use gallery_blobs_s3::S3Options;
use gallery_conformance::blobs::SharedBlobs;

use crate::fixture::{Server, open};

async fn fresh(server: Server) -> (SharedBlobs, ()) {
    let bucket = server.bucket().await;
    // Behind a prefix, beside objects that are nobody's blobs.
    for foreign in ["gallery/photos/readme", "gallery/photos", "galleries", "photos/x/small"] {
        let put = bucket.client.put_object().bucket(&bucket.name).key(foreign);
        // Some servers keep objects as files, which cannot be folders too.
        if server == Server::RadosGw || foreign != "gallery/photos" {
            put.send().await.unwrap();
        }
    }
    let options = S3Options { prefix: "gallery/".to_owned(), ..bucket.options() };
    (Arc::new(open(options).await), ())
}

mod s3s_fs {
    use super::*;

    async fn fresh() -> (SharedBlobs, ()) {
        super::fresh(Server::S3sFs).await
    }

    gallery_conformance::blobs_suite!(fresh);
}

mod radosgw {
    use super::*;

    async fn fresh() -> (SharedBlobs, ()) {
        super::fresh(Server::RadosGw).await
    }

    gallery_conformance::blobs_suite!(fresh);
}

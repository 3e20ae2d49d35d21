//! One consistent Query of an album's partition, backwards: its head and its newest photos.
//! Endpoint, region and credentials come from the SDK's default chain.

use anyhow::Result;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

/// The table of albums.
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub async fn open(prefix: &str) -> Self {
        let client = Client::new(&aws_config::load_from_env().await);
        Self { client, name: format!("{prefix}PhotoGallery") }
    }

    pub async fn rows(&self, album: Uuid) -> Result<usize> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("albumID = :album AND photoID <= :head")
            .expression_attribute_values(":album", AttributeValue::S(album.to_string()))
            .expression_attribute_values(":head", AttributeValue::S("head".to_owned()))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(52);
        Ok(query.send().await?.items().len())
    }
}

//! As much of an OpenAPI document as the page shows. Maps keep the document's order.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
pub(super) struct Document {
    pub info: Info,
    pub servers: Vec<Server>,
    pub tags: Vec<Tag>,
    paths: Pairs<Pairs<Operation>>,
    pub components: Components,
}

#[derive(Deserialize)]
pub(super) struct Info {
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub version: String,
}

#[derive(Deserialize)]
pub(super) struct Server {
    pub url: String,
}

#[derive(Deserialize)]
pub(super) struct Tag {
    pub name: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Deserialize)]
pub(super) struct Components {
    pub schemas: Pairs<Schema>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    #[serde(rename = "operationId")]
    pub id: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pub summary: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    pub request_body: Option<RequestBody>,
    pub responses: Pairs<Response>,
    #[serde(default)]
    pub security: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct Parameter {
    pub name: String,
    #[serde(rename = "in")]
    pub place: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub required: bool,
    pub schema: Schema,
}

#[derive(Deserialize)]
pub(super) struct RequestBody {
    #[serde(default)]
    pub description: String,
    pub content: Pairs<MediaType>,
    #[serde(default)]
    pub required: bool,
}

#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub content: Pairs<MediaType>,
    #[serde(default)]
    pub headers: Pairs<Header>,
}

#[derive(Deserialize)]
pub(super) struct MediaType {
    pub schema: Schema,
}

#[derive(Deserialize)]
pub(super) struct Header {
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub required: bool,
    pub schema: Schema,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schema {
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    #[serde(rename = "type", default)]
    pub ty: String,
    pub format: Option<String>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub nullable: bool,
    #[serde(default)]
    pub required: Vec<String>,
    #[serde(default)]
    pub properties: Pairs<Schema>,
    #[serde(rename = "enum", default)]
    pub choices: Vec<String>,
    pub items: Option<Box<Schema>>,
    pub additional_properties: Option<Box<Schema>>,
    #[serde(default)]
    pub all_of: Vec<Schema>,
}

impl Document {
    /// Path, method and operation of everything with this tag.
    pub(super) fn operations_of<'a>(
        &'a self,
        tag: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a Operation)> {
        let paths = self.paths.0.iter();
        let operations = paths.flat_map(|(path, methods)| {
            methods.0.iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        });
        operations.filter(move |(_, _, operation)| operation.tags.iter().any(|own| own == tag))
    }
}

/// A map in the order in which it is written.
pub(super) struct Pairs<T>(pub Vec<(String, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Pairs(entries))
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

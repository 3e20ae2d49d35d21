//! What the settings mean for this binary's store.

use std::path::PathBuf;

use gallery_runtime::config::{Config, Derived, Problem};
use gallery_runtime::texts::Text;
use gallery_store_nosql::DynamoOptions;

/// Where records are kept.
#[derive(Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// In the embedded store of the data folder.
    DataFolder,
    /// In the embedded store in this file.
    File(PathBuf),
    /// In the tables that `[dynamodb]` describes.
    DynamoDb,
}

/// The location that `database.url` names.
pub fn store_location(derived: &Derived) -> Result<StoreLocation, Problem> {
    let Some(url) = &derived.database_url else { return Ok(StoreLocation::DataFolder) };
    if url.expose() == "dynamodb:" {
        return Ok(StoreLocation::DynamoDb);
    }
    let file = url.expose().strip_prefix("redb:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    if let Some(file) = file.filter(|file| !file.is_empty() && !file.contains('?')) {
        return Ok(StoreLocation::File(PathBuf::from(file)));
    }
    // A URL may hold a password, so it is not repeated.
    Err(Problem::new("database.url", Text::new("config-database-nosql")))
}

/// How the tables are reached. Credentials come from the SDK's default chain alone.
pub fn dynamodb(config: &Config) -> DynamoOptions {
    let settings = &config.dynamodb;
    DynamoOptions {
        table_prefix: settings.table_prefix.clone(),
        region: settings.region.clone(),
        endpoint: settings.endpoint.clone(),
        ..DynamoOptions::default()
    }
}

/// Where the records are, as a person is told.
pub fn dynamodb_place(config: &Config) -> Text {
    let settings = &config.dynamodb;
    let prefix = &settings.table_prefix;
    match settings.endpoint.as_ref().or(settings.region.as_ref()) {
        Some(place) => Text::new("cli-place-dynamodb-at").with("place", place),
        None => Text::new("cli-place-dynamodb"),
    }
    .with("first", format!("{prefix}PhotoGallery"))
    .with("second", format!("{prefix}PhotoGalleryUser"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location_of(url: &str) -> Result<StoreLocation, Problem> {
        let mut config = Config::default();
        config.auth.secret = Some("0f4c8a7be21d93650f4c8a7be21d9365".to_owned().into());
        config.database.url = Some(url.to_owned().into());
        store_location(&config.check().unwrap())
    }

    #[test]
    fn urls_name_a_file_or_dynamodb() {
        assert_eq!(store_location(&Config::default().check().unwrap()), Ok(StoreLocation::DataFolder));
        for url in ["redb:/srv/g.redb", "redb:///srv/g.redb"] {
            assert_eq!(location_of(url), Ok(StoreLocation::File(PathBuf::from("/srv/g.redb"))));
        }
        assert_eq!(location_of("dynamodb:"), Ok(StoreLocation::DynamoDb));
    }

    #[test]
    fn other_urls_are_refused_and_not_repeated() {
        for url in ["redb:", "dynamodb:x", "sqlite:/srv/g.db", "mysql://u:hunter2@db/gallery"] {
            let problem = location_of(url).unwrap_err();
            assert_eq!(problem.name, "database.url");
            assert!(!problem.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn people_are_told_the_tables_and_where_they_are() {
        let mut config = Config::default();
        config.dynamodb.table_prefix = "family-".to_owned();
        config.dynamodb.region = Some("eu-west-1".to_owned());
        let place = dynamodb_place(&config).to_string();
        assert_eq!(place, "DynamoDB tables family-PhotoGallery and family-PhotoGalleryUser at eu-west-1");
    }
}

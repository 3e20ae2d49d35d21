//! The photo gallery with its records as key-value items: plugs the adapters into the runtime,
//! which does the rest.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use async_trait::async_trait;
use gallery_runtime::config::{Derived, Problem};
use gallery_runtime::texts::Text;
use gallery_runtime::{Adapters, DataFolder, Opening, System, Variant};

mod records;
mod settings;

use settings::StoreLocation;

struct NoSql;

#[async_trait]
impl Variant for NoSql {
    const NAME: &'static str = "gallery-nosql";
    const ABOUT: Text = Text::new("cli-about-nosql");

    fn check(&self, derived: &Derived) -> Option<Problem> {
        settings::store_location(derived).err()
    }

    fn system(&self) -> System {
        gallery_assembly::system()
    }

    fn exclusive_store(&self, derived: &Derived, folder: &DataFolder) -> Option<PathBuf> {
        match settings::store_location(derived).ok()? {
            StoreLocation::DataFolder => Some(folder.join("gallery.redb")),
            StoreLocation::File(path) => Some(path),
            StoreLocation::DynamoDb => None,
        }
    }

    async fn open(&self, opening: Opening<'_>) -> Result<Adapters> {
        let records = match self.exclusive_store(opening.derived, opening.folder) {
            Some(file) => records::embedded(&file).await?,
            None => records::dynamodb(&opening).await?,
        };
        gallery_assembly::adapters(opening, records).await
    }
}

fn main() -> ExitCode {
    gallery_runtime::main(&NoSql)
}

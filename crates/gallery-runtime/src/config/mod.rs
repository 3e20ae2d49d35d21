//! The configuration: what an operator can decide, where it comes from and whether it makes sense.
//!
//! * `sections` declares every setting once, with its default and its comment,
//! * `layers` reads them: defaults, then a TOML file, then `GALLERY__SECTION__KEY`,
//! * `check` says what is wrong with the values and derives what follows from them, `places` of photos and mail,
//! * `print` prints them as TOML and as the reference.
//!
//! Nothing here opens a port or makes a folder. Tests are beside the code.

mod check;
mod layers;
mod places;
mod print;
mod sections;
mod setting;

use std::fmt;
use std::path::Path;

pub use check::Derived;
pub(crate) use check::parse_filter;
pub use print::{default_toml, reference_markdown};
pub use sections::{
    Auth, BlobPlace, Blobs, Database, DatabaseTls, DynamoDb, General, Limits, Log, LogFormat, Mail,
    MailTransport, Metrics, Photos, S3, S3Delivery, S3Encryption, Server, Ses, Site, Smtp, SmtpSecurity,
    Throttling, Workers,
};
pub use setting::{Secret, Section, Setting};

/// Every setting.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Settings outside any section.
    pub general: General,
    /// `[site]`
    pub site: Site,
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[dynamodb]`
    pub dynamodb: DynamoDb,
    /// `[blobs]`
    pub blobs: Blobs,
    /// `[s3]`
    pub s3: S3,
    /// `[auth]`
    pub auth: Auth,
    /// `[photos]`
    pub photos: Photos,
    /// `[limits]`
    pub limits: Limits,
    /// `[mail]`
    pub mail: Mail,
    /// `[smtp]`
    pub smtp: Smtp,
    /// `[ses]`
    pub ses: Ses,
    /// `[throttling]`
    pub throttling: Throttling,
    /// `[workers]`
    pub workers: Workers,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[log]`
    pub log: Log,
}

impl Config {
    /// Reads the file (or `gallery.toml` of the working directory, if it exists) and the environment, and checks
    /// everything, at last what only `variant` understands. Answers all that is wrong.
    pub fn load(
        file: Option<&Path>,
        variant: impl FnOnce(&Derived) -> Option<Problem>,
    ) -> Result<(Self, Derived), Problems> {
        let mut problems = Vec::new();
        let variables = std::env::vars_os().filter_map(|(name, text)| {
            let name = name.into_string().ok().filter(|name| name.starts_with(layers::PREFIX))?;
            let text = text.into_string();
            if text.is_err() {
                problems.push(Problem::new(&name, "the variable's value is not UTF-8"));
            }
            Some((name, text.ok()?))
        });
        let variables: Vec<_> = variables.collect();
        let (config, found) = layers::read(file, variables);
        problems.extend(found);
        match config.check() {
            Ok(derived) => {
                problems.extend(variant(&derived));
                if problems.is_empty() { Ok((config, derived)) } else { Err(Problems(problems)) }
            }
            Err(found) => {
                problems.extend(found.0);
                Err(Problems(problems))
            }
        }
    }

    /// Every section, in the order in which they are printed.
    fn sections(&mut self) -> [&mut dyn Section; 17] {
        let Self {
            general,
            site,
            server,
            database,
            dynamodb,
            blobs,
            s3,
            auth,
            photos,
            limits,
            mail,
            smtp,
            ses,
            throttling,
            workers,
            metrics,
            log,
        } = self;
        [
            general, site, server, database, dynamodb, blobs, s3, auth, photos, limits, mail, smtp, ses,
            throttling, workers, metrics, log,
        ]
    }
}

/// Something that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {what}")]
pub struct Problem {
    /// The setting's full name, or the file's.
    pub name: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl Problem {
    /// A problem with the setting of this name.
    pub fn new(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self { name: name.into(), what: what.into() }
    }
}

/// Everything that is wrong with the configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration is wrong:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

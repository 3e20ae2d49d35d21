//! The configuration: what an operator can decide, where it comes from and whether it makes sense.
//!
//! * `sections` declares every setting once, with its default and its comment, `all` has them all,
//! * `layers` reads them: defaults, then a TOML file, then `GALLERY__SECTION__KEY`; `former` knows
//!   names of the release before,
//! * `check` says what is wrong with the values and derives what follows from them, `places` of
//!   photos and mail,
//! * `print` prints them as TOML and as the reference.
//!
//! Nothing here opens a port or makes a folder. Tests are beside the code.

mod all;
mod check;
mod former;
mod layers;
mod places;
mod print;
mod problem;
mod sections;
mod setting;

use std::path::Path;

use gallery_core::texts::Text;

pub use all::Config;
pub use check::Derived;
pub(crate) use check::parse_filter;
pub use print::{default_toml, reference_markdown};
pub use problem::{Problem, Problems};
pub use sections::{
    Auth, BlobPlace, Blobs, Database, DatabaseTls, DynamoDb, General, Limits, Log, LogFormat, Mail,
    MailTransport, Metrics, Photos, S3, S3Delivery, S3Encryption, Server, Ses, Site, Smtp, SmtpSecurity,
    Throttling, Workers,
};
pub use setting::{Secret, Section, Setting};

/// A configuration without a problem.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// What follows from them.
    pub derived: Derived,
    /// What works for now, and what to do.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Reads the file (or `gallery.toml` of the working directory, if it exists) and the
    /// environment, and checks everything, at last what only `variant` understands. Returns all
    /// that is wrong.
    pub fn load(
        file: Option<&Path>,
        variant: impl FnOnce(&Derived) -> Option<Problem>,
    ) -> Result<Loaded, Problems> {
        let mut problems = Vec::new();
        let variables = std::env::vars_os().filter_map(|(name, text)| {
            let name = name.into_string().ok().filter(|name| name.starts_with(layers::PREFIX))?;
            let text = text.into_string();
            if text.is_err() {
                problems.push(Problem::new(&name, Text::new("config-not-utf8")));
            }
            Some((name, text.ok()?))
        });
        let variables: Vec<_> = variables.collect();
        let layers::Layers { config, problems: found, warnings } = layers::read(file, variables);
        problems.extend(found);
        match config.check() {
            Ok(derived) => {
                problems.extend(variant(&derived));
                if problems.is_empty() {
                    Ok(Loaded { config, derived, warnings })
                } else {
                    Err(Problems(problems))
                }
            }
            Err(found) => {
                problems.extend(found.0);
                Err(Problems(problems))
            }
        }
    }
}

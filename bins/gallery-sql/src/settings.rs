//! What the settings mean for this binary's adapters.

use std::path::{Path, PathBuf};

use gallery_imaging::Limits;
use gallery_runtime::config::{Config, Derived, Problem};

/// The file named by `database.url`, if it is given.
pub fn sqlite_file(derived: &Derived) -> Result<Option<PathBuf>, Problem> {
    let Some(url) = &derived.database_url else { return Ok(None) };
    let file = url.expose().strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    match file.filter(|file| !file.is_empty() && !file.contains('?')) {
        Some(file) => Ok(Some(PathBuf::from(file))),
        // The URL may hold a password, so it is not repeated.
        None => Err(Problem::new("database.url", "it must be of the form `sqlite:/path/to/gallery.db`")),
    }
}

/// What processing photos may cost.
pub fn imaging(config: &Config) -> Limits {
    let limits = &config.limits;
    let default = Limits::default();
    let half = gallery_runtime::available_memory().map_or(u64::MAX, |bytes| bytes / 2);
    Limits {
        max_megapixels: limits.max_megapixels,
        memory_bytes: match limits.decode_memory_bytes {
            0 => default.memory_bytes.min(half),
            bytes => bytes,
        },
        workers: if limits.decode_workers == 0 { default.workers } else { limits.decode_workers.into() },
        decode_seconds: limits.decode_seconds,
        ..default
    }
}

/// Where mails go, as a person is told.
pub fn mail_place(outbox: &Path, echo: bool) -> String {
    let printed = if echo { "; their links are also printed here" } else { "" };
    format!("{} (one file per mail{printed})", outbox.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> Result<Option<PathBuf>, Problem> {
        let mut config = Config::default();
        config.auth.secret = Some("0f4c8a7be21d93650f4c8a7be21d9365".to_owned().into());
        config.database.url = Some(url.to_owned().into());
        sqlite_file(&config.check().unwrap())
    }

    #[test]
    fn urls_of_sqlite_name_a_file() {
        assert_eq!(sqlite_file(&Config::default().check().unwrap()), Ok(None));
        for url in ["sqlite:/srv/g.db", "sqlite:///srv/g.db"] {
            assert_eq!(file(url), Ok(Some(PathBuf::from("/srv/g.db"))));
        }
        assert_eq!(file("sqlite:g.db"), Ok(Some(PathBuf::from("g.db"))));
    }

    #[test]
    fn other_urls_are_refused_and_not_repeated() {
        for url in ["sqlite:", "mysql://u:hunter2@db/gallery", "/srv/g.db", "sqlite:g.db?mode=ro"] {
            let problem = file(url).unwrap_err();
            assert_eq!(problem.name, "database.url");
            assert!(!problem.what.contains("hunter2"));
        }
    }
}

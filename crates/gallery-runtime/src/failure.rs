//! Errors that somebody at a terminal reads: each says its [`Text`], and is written when the
//! reader's language is known. In logs they are in English, as every `Text`. What adapters and
//! drivers say of causes stays as it is. Tests are below.

use std::error::Error;
use std::fmt;

use anyhow::Result;
use gallery_core::texts::{Language, Text};

use crate::config::{Problem, Problems};

/// What failed, and perhaps because of what.
#[derive(Debug)]
pub struct Failure {
    text: Text,
    cause: Option<anyhow::Error>,
}

impl Failure {
    /// A failure without a cause.
    pub fn new(text: Text) -> Self {
        Self { text, cause: None }
    }

    /// A failure with its cause, which is told after it.
    pub fn because(text: Text, cause: impl Into<anyhow::Error>) -> Self {
        Self { text, cause: Some(cause.into()) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| -> &(dyn Error + 'static) { cause.as_ref() })
    }
}

/// Says what failed.
pub trait OrSay<T> {
    /// The value, or a [`Failure`] with this text.
    fn or_say(self, text: impl FnOnce() -> Text) -> Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrSay<T> for Result<T, E> {
    fn or_say(self, text: impl FnOnce() -> Text) -> Result<T> {
        self.map_err(|cause| Failure::because(text(), cause).into())
    }
}

impl<T> OrSay<T> for Option<T> {
    fn or_say(self, text: impl FnOnce() -> Text) -> Result<T> {
        self.ok_or_else(|| Failure::new(text()).into())
    }
}

/// An error with its causes on one line, as its reader gets it.
pub fn in_language(error: &anyhow::Error, language: Language) -> String {
    let said = error.chain().map(|cause| {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            failure.text.in_language(language)
        } else if let Some(problems) = cause.downcast_ref::<Problems>() {
            problems.in_language(language)
        } else if let Some(problem) = cause.downcast_ref::<Problem>() {
            problem.text().in_language(language)
        } else {
            cause.to_string()
        }
    });
    said.collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn heads_are_translated_and_causes_stay_as_they_are() {
        let failed: io::Result<()> = Err(io::Error::other("disk on fire"));
        let failed = failed.or_say(|| Text::new("cli-stdout")).or_say(|| Text::new("admin-verify-failed"));
        let error = failed.unwrap_err();
        let english = "the gallery could not be checked: cannot write to standard output: disk on fire";
        assert_eq!(in_language(&error, Language::English), english);
        assert_eq!(format!("{error:#}"), english);
        let german = "die Galerie konnte nicht geprüft werden: auf die Standardausgabe lässt sich nicht \
                      schreiben: disk on fire";
        assert_eq!(in_language(&error, Language::German), german);
    }

    #[test]
    fn problems_are_translated_wherever_they_stand() {
        let problem = Problem::new("data_dir", Text::new("config-folder-required"));
        let alone = anyhow::Error::new(problem.clone()).context("more");
        assert_eq!(in_language(&alone, Language::German), "more: data_dir: ein Ordner ist erforderlich");
        let all = anyhow::Error::new(Problems(vec![problem]));
        let german = "die Konfiguration ist falsch:\n  data_dir: ein Ordner ist erforderlich";
        assert_eq!(in_language(&all, Language::German), german);
    }

    #[test]
    fn nothing_is_a_failure_too() {
        let error = None::<()>.or_say(|| Text::new("start-s3-no-links")).unwrap_err();
        assert_eq!(in_language(&error, Language::English), "S3 does not create presigned URLs");
    }
}

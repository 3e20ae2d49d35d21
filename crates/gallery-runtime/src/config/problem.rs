//! What can be wrong with the configuration. Tests: those of the modules that find it.

use std::fmt;

use gallery_core::texts::{Language, Text};

/// Something that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {what}")]
pub struct Problem {
    /// The setting's full name, or the file's.
    pub name: String,
    /// What is wrong, and what to do.
    pub what: Text,
}

impl Problem {
    /// A problem with the setting of this name.
    pub fn new(name: impl Into<String>, what: Text) -> Self {
        Self { name: name.into(), what }
    }

    /// The name, and what is wrong.
    pub fn text(&self) -> Text {
        Text::new("config-problem").with("name", &self.name).with("what", &self.what)
    }
}

/// Everything that is wrong with the configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// All of it, one problem a line.
    pub fn in_language(&self, language: Language) -> String {
        self.0.iter().fold(Text::new("config-wrong").in_language(language), |said, problem| {
            said + "\n  " + &problem.text().in_language(language)
        })
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

//! What a setting is, and the macro that declares a section once: its struct, its defaults, its
//! documentation and how a value is put into it. Knows no file and no environment. Tested through
//! `layers` and `print`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A setting, as the reference prints it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its key within the section.
    pub key: &'static str,
    /// What it is for, as the comment on its field.
    pub doc: &'static str,
    /// Its default; absent when it has none.
    pub default: Option<toml::Value>,
}

/// A section of the configuration; declared by the macro `section!`.
pub trait Section {
    /// Its name; empty for the settings outside any section.
    fn name(&self) -> &'static str;

    /// What it is about.
    fn about(&self) -> &'static str;

    /// Every setting, in the order of declaration.
    fn settings(&self) -> Vec<Setting>;

    /// Puts a value into a setting; the error says what was expected. The key MUST be one of
    /// [`settings`](Self::settings).
    fn set(&mut self, key: &str, value: toml::Value) -> Result<(), String>;
}

/// The full name of a setting: `server.listen`, `data_dir`.
pub fn full_name(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// Declares a section: the doc comments become both the struct's documentation and the reference's
/// text.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $section:ident($name:literal) {
            $( $(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr; )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $section {
            $( $(#[doc = $doc])+ pub $key: $type, )+
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $( $key: $default, )+ }
            }
        }

        impl $crate::config::setting::Section for $section {
            fn name(&self) -> &'static str {
                $name
            }

            fn about(&self) -> &'static str {
                concat!($($about, "\n"),+)
            }

            fn settings(&self) -> Vec<$crate::config::setting::Setting> {
                let defaults = Self::default();
                vec![$( $crate::config::setting::Setting {
                    key: stringify!($key),
                    doc: concat!($($doc, "\n"),+),
                    // An absent value is the only one that TOML cannot say.
                    default: toml::Value::try_from(&defaults.$key).ok(),
                } ),+]
            }

            fn set(&mut self, key: &str, value: toml::Value) -> Result<(), String> {
                match key {
                    $( stringify!($key) => {
                        let parsed = value.try_into().map_err(|error| error.to_string().trim().to_owned())?;
                        self.$key = parsed;
                    } )+
                    unknown => unreachable!("{unknown} is no setting of {}", $name),
                }
                Ok(())
            }
        }
    };
}
pub(crate) use section;

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Secrets have no default, so nothing ever prints one: serialising fails.
impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a secret is not printed"))
    }
}

//! The language of the terminal: that of its locale, as POSIX has it. Tests are below.

use gallery_core::texts::Language;

/// Where a locale is named that messages follow, the first that is set and not empty.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The language that this process's environment names.
pub fn of_terminal() -> Language {
    // What is no UTF-8 names a locale too, though none that is known.
    chosen(|name| std::env::var_os(name).map(|locale| locale.to_string_lossy().into_owned()))
}

fn chosen(variable: impl Fn(&str) -> Option<String>) -> Language {
    let locale = VARIABLES.into_iter().filter_map(variable).find(|locale| !locale.is_empty());
    locale.and_then(|locale| Language::of_locale(&locale)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Language {
        chosen(|wanted| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, locale)| (*locale).to_owned())
        })
    }

    #[test]
    fn the_first_variable_that_says_something_decides() {
        for (variables, expected) in [
            (&[][..], Language::English),
            (&[("LANG", "de_DE.UTF-8")], Language::German),
            (&[("LC_MESSAGES", "de"), ("LANG", "en_GB.UTF-8")], Language::German),
            (&[("LC_ALL", "C"), ("LC_MESSAGES", "de"), ("LANG", "de")], Language::English),
            (&[("LC_ALL", ""), ("LANG", "de_AT")], Language::German),
            (&[("LC_ALL", "fr_FR.UTF-8"), ("LANG", "de_DE.UTF-8")], Language::English),
            (&[("LC_CTYPE", "de_DE.UTF-8")], Language::English),
        ] {
            assert_eq!(of(variables), expected, "{variables:?}");
        }
    }
}

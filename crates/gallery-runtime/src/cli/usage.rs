//! What is wrong with a command line, in the reader's language. What clap finds rarely is said as
//! clap says it. Tests are below.

use std::error::Error as _;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use gallery_core::texts::{Argument, Language, Text};
use gallery_core::values::Invalid;

/// The whole message; `None` where clap's own is to be printed, which the help is, too.
pub fn message(error: &Error, language: Language) -> Option<String> {
    let what = what(error)?;
    let mut lines = vec![Text::new("cli-error").with("what", what).in_language(language)];
    let similar = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg]
        .into_iter()
        .flat_map(|kind| strings(error, kind))
        .map(|name| Text::new("cli-error-similar-name").with("name", name));
    let either = |first, second| Text::new("cli-or").with("first", first).with("second", second);
    if let Some(names) = similar.reduce(either) {
        lines.push(Text::new("cli-error-similar").with("names", names).in_language(language));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let heading = Text::new("cli-usage-heading").in_language(language);
        lines.push(format!("{heading} {}", usage.strip_prefix("Usage:").unwrap_or(&usage).trim()));
    }
    lines.push(Text::new("cli-error-help").in_language(language));
    Some(lines.join("\n\n") + "\n")
}

fn what(error: &Error) -> Option<Text> {
    let first = |kind| strings(error, kind).into_iter().next();
    let argument = || first(ContextKind::InvalidArg);
    Some(match error.kind() {
        ErrorKind::InvalidSubcommand => {
            Text::new("cli-error-subcommand").with("name", first(ContextKind::InvalidSubcommand)?)
        }
        ErrorKind::UnknownArgument => Text::new("cli-error-argument").with("name", argument()?),
        ErrorKind::ValueValidation => Text::new("cli-error-value")
            .with("value", first(ContextKind::InvalidValue)?)
            .with("argument", argument()?)
            .with("reason", reason(error)),
        ErrorKind::InvalidValue if first(ContextKind::InvalidValue)?.is_empty() => {
            Text::new("cli-error-value-missing").with("argument", argument()?)
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = strings(error, ContextKind::InvalidArg).join(", ");
            Text::new("cli-error-required").with("arguments", missing)
        }
        ErrorKind::ArgumentConflict => {
            let (argument, others) = (argument()?, strings(error, ContextKind::PriorArg));
            if others.contains(&argument) {
                Text::new("cli-error-twice").with("argument", argument)
            } else {
                let others = others.join(", ");
                Text::new("cli-error-conflict").with("argument", argument).with("others", others)
            }
        }
        _ => return None,
    })
}

/// Why a value is refused.
fn reason(error: &Error) -> Argument {
    match error.source() {
        Some(source) => match source.downcast_ref::<Invalid>() {
            Some(invalid) => (&invalid.detail).into(),
            None => source.to_string().into(),
        },
        None => String::new().into(),
    }
}

fn strings(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(several)) => several.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Args;

    fn said(words: &[&str], language: Language) -> String {
        let typed = [&["gallery"], words].concat();
        let error = Args::command().name("gallery").try_get_matches_from(typed).unwrap_err();
        message(&error, language).unwrap_or_else(|| panic!("clap says: {error}"))
    }

    #[test]
    fn what_is_mistyped_is_named_with_the_usage() {
        for (words, english, german) in [
            (&["admn"][..], "there is no command `admn`", "Es gibt keinen Befehl „admn“"),
            (&["--verbose"], "unexpected argument `--verbose`", "Unerwartetes Argument „--verbose“"),
            (&["--config"], "`--config <FILE>` requires a value", "„--config <FILE>“ braucht einen Wert"),
            (
                &["admin", "jobs", "resume", "x"],
                "invalid value `x` for `<ID>`: This isn’t an ID",
                "Ungültiger Wert „x“ für „<ID>“: Das ist keine ID",
            ),
            (&["admin", "reprocess"], "required: <--account", "Es fehlt: <--account"),
            (
                &["admin", "verify", "--json", "--json"],
                "`--json` can be given only once",
                "„--json“ darf nur einmal angegeben werden",
            ),
            (
                &["admin", "reprocess", "--all", "--photo", "x"],
                "`--all` cannot be combined with --photo <ID>",
                "„--all“ verträgt sich nicht mit --photo <ID>",
            ),
        ] {
            let said_english = said(words, Language::English);
            assert!(said_english.starts_with(&format!("error: {english}")), "{said_english}");
            let said_german = said(words, Language::German);
            assert!(said_german.starts_with(&format!("Fehler: {german}")), "{said_german}");
            assert!(said_german.ends_with("\n\nMehr dazu mit `--help`.\n"), "{said_german}");
            assert!(!said_german.contains("Usage"), "{said_german}");
        }
        let similar = said(&["admn"], Language::German);
        assert!(similar.contains("\n\nMeintest du `admin`?\n\nAufruf: gallery "), "{similar}");
    }
}

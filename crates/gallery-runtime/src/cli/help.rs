//! The help in the reader's language: every command and every argument has a text, whose key
//! follows from its path. Tests are below.

use clap::{Arg, Command};
use gallery_core::texts::{Language, Text};

/// The keys of the help: of each command by its path, of each argument behind its command's.
const KEYS: &[&str] = &[
    "cli-admin",
    "cli-admin-jobs",
    "cli-admin-jobs-arg-json",
    "cli-admin-jobs-resume",
    "cli-admin-jobs-resume-arg-id",
    "cli-admin-migrate",
    "cli-admin-reprocess",
    "cli-admin-reprocess-arg-account",
    "cli-admin-reprocess-arg-all",
    "cli-admin-reprocess-arg-photo",
    "cli-admin-suppressions",
    "cli-admin-suppressions-check",
    "cli-admin-suppressions-check-arg-address",
    "cli-admin-suppressions-lift",
    "cli-admin-suppressions-lift-arg-address",
    "cli-admin-sweep",
    "cli-admin-users",
    "cli-admin-users-arg-json",
    "cli-admin-verify",
    "cli-admin-verify-arg-json",
    "cli-arg-config",
    "cli-arg-help",
    "cli-arg-version",
    "cli-config",
    "cli-config-check",
    "cli-config-default",
    "cli-config-reference",
    "cli-help",
    "cli-openapi",
    "cli-serve",
];

/// The keys of what stands below the help of commands.
const AFTER: &[(&str, &str)] = &[("cli", "cli-after-help"), ("cli-admin", "cli-admin-after-help")];

/// The path of the program itself.
const ROOT: &str = "cli";
/// The command that clap adds to every one that has commands.
const HELP: &str = "help";
/// Arguments that every command has, or that clap adds.
const EVERYWHERE: [&str; 3] = ["config", "help", "version"];

/// The command line with its help in this language. `about` says what the program is.
pub fn in_language(mut command: Command, about: &Text, language: Language) -> Command {
    // Only then it has what clap adds.
    command.build();
    translated(command, ROOT, language).about(about.in_language(language))
}

fn translated(command: Command, path: &str, language: Language) -> Command {
    let write = |key: &'static str| Text::new(key).in_language(language);
    let above = path.to_owned();
    let mut command = command
        .mut_args(|argument| with_help(argument, &above, language))
        .mut_subcommands(|below| translated_below(below, &above, language));
    if let Some(key) = known(path) {
        command = command.about(write(key)).long_about(None::<&str>);
    }
    if let Some((_, key)) = AFTER.iter().find(|(command, _)| *command == path) {
        command = command.after_help(write(key));
    }
    let template = template(&command, write);
    command.help_template(template)
}

fn translated_below(command: Command, path: &str, language: Language) -> Command {
    if command.get_name() != HELP {
        let path = format!("{path}-{}", command.get_name());
        return translated(command, &path, language);
    }
    // Below `help` are the commands beside it once more.
    let about = Text::new("cli-help").in_language(language);
    command.about(about).mut_subcommands(|beside| translated_below(beside, path, language))
}

fn with_help(argument: Arg, path: &str, language: Language) -> Arg {
    let id = argument.get_id().as_str();
    let key = if EVERYWHERE.contains(&id) { format!("{ROOT}-arg-{id}") } else { format!("{path}-arg-{id}") };
    match known(&key) {
        Some(key) => argument.help(Text::new(key).in_language(language)).long_help(None::<&str>),
        None => argument,
    }
}

fn known(key: &str) -> Option<&'static str> {
    KEYS.iter().copied().find(|known| *known == key)
}

/// Clap's own form of help with headings in the reader's language.
fn template(command: &Command, write: impl Fn(&'static str) -> String) -> String {
    let mut template = format!("{{about-with-newline}}\n{} {{usage}}", write("cli-usage-heading"));
    let mut section = |heading, content: &str| {
        template.extend(["\n\n", &write(heading), "\n", content]);
    };
    if command.has_subcommands() {
        section("cli-commands-heading", "{subcommands}");
    }
    if command.get_positionals().next().is_some() {
        section("cli-arguments-heading", "{positionals}");
    }
    section("cli-options-heading", "{options}");
    template + "{after-help}"
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Args;

    /// Every command and argument that has a help, by its key, with what is shown.
    fn shown(command: &Command, path: &str, found: &mut Vec<(String, String)>) {
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let path = if EVERYWHERE.contains(&id) { ROOT } else { path };
            let help = argument.get_long_help().or(argument.get_help()).unwrap_or_default();
            found.push((format!("{path}-arg-{id}"), help.to_string()));
        }
        for below in command.get_subcommands() {
            let name = below.get_name();
            let (path, below_path) = if name == HELP {
                (format!("{ROOT}-{HELP}"), path.to_owned())
            } else {
                (format!("{path}-{name}"), format!("{path}-{name}"))
            };
            let about = below.get_long_about().or(below.get_about()).unwrap_or_default();
            found.push((path, about.to_string()));
            shown(below, &below_path, found);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_text_in_every_language() {
        for language in Language::ALL {
            let command = in_language(Args::command(), &Text::new("cli-about-sql"), language);
            let mut found = Vec::new();
            shown(&command, ROOT, &mut found);
            assert!(found.len() > 30);
            for (path, shown) in &found {
                let key = known(path).unwrap_or_else(|| panic!("{path} has no text"));
                assert_eq!(*shown, Text::new(key).in_language(language), "{key}");
            }
            for key in KEYS {
                assert!(found.iter().any(|(path, _)| path == key), "{key} is the help of nothing");
            }
        }
    }

    #[test]
    fn the_help_is_in_the_language_and_whole() {
        let mut german = in_language(Args::command(), &Text::new("cli-about-sql"), Language::German);
        let root = german.render_long_help().to_string();
        for words in ["Aufruf: ", "Befehle:", "Optionen:", "--config <FILE>", "-V, --version", "Strg-C"] {
            assert!(root.contains(words), "no {words} in {root}");
        }
        let admin = german.find_subcommand_mut("admin").unwrap();
        assert!(admin.render_help().to_string().contains("admin.sock"));
        let resume = admin.find_subcommand_mut("jobs").unwrap().find_subcommand_mut("resume").unwrap();
        let resume = resume.render_help().to_string();
        assert!(resume.contains("\nArgumente:\n  <ID>  Die ID der Aufgabe\n"), "{resume}");
        for words in ["Usage", "Commands", "Options", "Arguments", "Print"] {
            assert!(!(root.clone() + &resume).contains(words), "{words} in {root}{resume}");
        }
    }

    #[test]
    fn what_is_typed_is_understood_as_without_translation() {
        let german = in_language(Args::command(), &Text::new("cli-about-sql"), Language::German);
        for words in [
            &["gallery", "admin", "create-tables"][..],
            &["gallery", "--config", "x.toml", "admin", "reprocess", "--all"],
            &["gallery", "config", "check", "--config=x.toml"],
            &["gallery"],
        ] {
            german.clone().try_get_matches_from(words).unwrap();
        }
        for words in [&["gallery", "help", "admin", "verify"][..], &["gallery", "admin", "verify", "-h"]] {
            let help = german.clone().try_get_matches_from(words).unwrap_err();
            assert_eq!(help.kind(), clap::error::ErrorKind::DisplayHelp);
            assert!(help.to_string().starts_with("Alle Datensätze"), "{help}");
        }
    }
}

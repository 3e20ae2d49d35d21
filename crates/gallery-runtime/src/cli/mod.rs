//! The command line, the same for every binary: serving by default, and commands for operators.
//!
//! Answers go to standard output, everything else to standard error, both in the terminal's
//! language. Exit codes: 0 good, 1 bad or failed, 2 wrong usage; `admin verify`: 0 clean, 1
//! violations, 2 not checked.

mod admin;
mod args;
mod help;
mod language;
mod terminal;
mod usage;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory as _, FromArgMatches as _};
use gallery_core::texts::{Language, Text};

use crate::admin::Admin;
use crate::config::{Config, Derived, Loaded, default_toml, reference_markdown};
use crate::failure::{self, OrSay as _};
use crate::variant::Variant;
use crate::{memory, serve, telemetry};
use args::{Args, Command, ConfigCommand};
use terminal::print_line;

/// The exit code of a command line that makes no sense.
const WRONG_USAGE: u8 = 2;

/// The whole of a binary's `main`.
pub fn main<V: Variant>(variant: &V) -> ExitCode {
    let language = language::of_terminal();
    let args = match parse::<V>(language) {
        Ok(args) => args,
        Err(error) => return refuse(&error, language),
    };
    let failure =
        if matches!(args.command, Some(Command::Admin { command: Admin::Verify { .. } })) { 2 } else { 1 };
    match run(variant, args, language) {
        Ok(code) => code,
        Err(error) => {
            let error = failure::in_language(&error, language);
            let _ = writeln!(std::io::stderr(), "{}: {error}", V::NAME);
            ExitCode::from(failure)
        }
    }
}

/// What was typed.
fn parse<V: Variant>(language: Language) -> Result<Args, clap::Error> {
    let about = Text::new("cli-about").with("variant", V::ABOUT);
    let command = Args::command().name(V::NAME).bin_name(V::NAME);
    Args::from_arg_matches(&help::in_language(command, &about, language).try_get_matches()?)
}

/// Says what is wrong with what was typed, or the help that was asked for.
fn refuse(error: &clap::Error, language: Language) -> ExitCode {
    match usage::message(error, language) {
        Some(message) => {
            let _ = write!(std::io::stderr(), "{message}");
            ExitCode::from(WRONG_USAGE)
        }
        None => error.exit(),
    }
}

fn run<V: Variant>(variant: &V, args: Args, language: Language) -> Result<ExitCode> {
    let load = || Config::load(args.config.as_deref(), |derived| variant.check(derived));
    match args.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            memory::give_back();
            let (config, derived) = logging(load()?)?;
            runtime()?.block_on(serve::run(variant, config, derived, language))?;
        }
        Command::Config { command: ConfigCommand::Default } => print_line(&default_toml())?,
        Command::Config { command: ConfigCommand::Reference } => print_line(&reference_markdown())?,
        Command::Config { command: ConfigCommand::Check } => {
            let Loaded { config, derived, warnings } = load()?;
            for warning in warnings {
                let _ = writeln!(std::io::stderr(), "{}", warning.text().in_language(language));
            }
            print_line(&good(&config, &derived).in_language(language))?;
        }
        Command::Openapi => print_line(&gallery_web::openapi_document())?,
        Command::Admin { command } => {
            let (config, derived) = logging(load()?)?;
            return runtime()?.block_on(admin::run(variant, &config, &derived, command, language));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a configuration without a problem comes to.
fn good(config: &Config, derived: &Derived) -> Text {
    Text::new("config-good")
        .with("site", &config.site.name)
        .with("listen", config.server.listen.to_string())
        .with("url", &derived.mail_settings.base_url)
        .with("folder", config.general.data_dir.display().to_string())
}

/// Starts the log, and warns in it.
fn logging(Loaded { config, derived, warnings }: Loaded) -> Result<(Config, Derived)> {
    telemetry::start(&config.log)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok((config, derived))
}

/// Few threads: requests wait for stores and blobs, and what needs the processor has threads of its
/// own.
fn runtime() -> Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.clamp(2, 4))
        .enable_all()
        .build()
        .or_say(|| Text::new("cli-threads"))
}

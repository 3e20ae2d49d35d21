//! The command line, the same for every binary: serving by default, and commands for operators.
//!
//! Answers go to standard output, everything else to standard error. Exit codes: 0 good, 1 bad or
//! failed, 2 wrong usage; `admin verify`: 0 clean, 1 violations, 2 not checked.

mod admin;
mod args;
mod terminal;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory as _, FromArgMatches as _};

use crate::admin::Admin;
use crate::config::{Config, Derived, Loaded, default_toml, reference_markdown};
use crate::variant::Variant;
use crate::{memory, serve, telemetry};
use args::{Args, Command, ConfigCommand};
use terminal::print_line;

/// The whole of a binary's `main`.
pub fn main<V: Variant>(variant: &V) -> ExitCode {
    let matches = Args::command().name(V::NAME).bin_name(V::NAME).about(about::<V>()).get_matches();
    let args = match Args::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => error.exit(),
    };
    let failure =
        if matches!(args.command, Some(Command::Admin { command: Admin::Verify { .. } })) { 2 } else { 1 };
    match run(variant, args) {
        Ok(code) => code,
        Err(error) => {
            // `{:#}` puts the causes on the same line.
            let _ = writeln!(std::io::stderr(), "{}: {error:#}", V::NAME);
            ExitCode::from(failure)
        }
    }
}

fn about<V: Variant>() -> String {
    format!("A self-hosted photo gallery. {}", V::ABOUT)
}

fn run<V: Variant>(variant: &V, args: Args) -> Result<ExitCode> {
    let load = || Config::load(args.config.as_deref(), |derived| variant.check(derived));
    match args.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            memory::give_back();
            let (config, derived) = logging(load()?)?;
            runtime()?.block_on(serve::run(variant, config, derived))?;
        }
        Command::Config { command: ConfigCommand::Default } => print_line(&default_toml())?,
        Command::Config { command: ConfigCommand::Reference } => print_line(&reference_markdown())?,
        Command::Config { command: ConfigCommand::Check } => {
            let Loaded { config, derived, warnings } = load()?;
            for warning in warnings {
                let _ = writeln!(std::io::stderr(), "{warning}");
            }
            print_line(&format!(
                "The configuration is good: {} on {}, reached at {}, data in {}.\n",
                config.site.name,
                config.server.listen,
                derived.mail_settings.base_url,
                config.general.data_dir.display()
            ))?;
        }
        Command::Openapi => print_line(&gallery_web::openapi_document())?,
        Command::Admin { command } => {
            let (config, derived) = logging(load()?)?;
            return runtime()?.block_on(admin::run(variant, &config, &derived, command));
        }
    }
    Ok(ExitCode::SUCCESS)
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
        .context("cannot start threads")
}

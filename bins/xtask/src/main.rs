//! `cargo xtask …`: the developer's commands, the same on every machine and in CI.
//!
//! It runs tools and reads their output; it knows nothing of the gallery's code but the names of packages
//! and binaries. What it checks by itself is in [`checks`], with tests beside it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks on its streams")]

mod bench;
mod checks;
mod ci;
mod deny;
mod generate;
mod machine;
mod process;
mod report;
mod suite;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::Report;
use crate::workspace::Workspace;

/// The developer's commands of the photo gallery.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what is missing on Debian or Ubuntu, builds, and runs every test.
    Test,
    /// Everything that must hold before a change lands: format, lints, rules, tests, documentation.
    Ci,
    /// Writes the files in `docs/` that are generated from the code.
    Generate,
    /// Builds in release and measures start, memory, throughput and size against the aims.
    Bench,
}

fn main() -> ExitCode {
    let mut report = Report::default();
    let outcome = Workspace::find().and_then(|workspace| {
        match Cli::parse().command {
            Command::Test => suite::run(&workspace, &mut report),
            Command::Ci => ci::run(&workspace, &mut report),
            Command::Generate => generate::write(&workspace)?,
            Command::Bench => bench::run(&workspace)?,
        }
        Ok(())
    });
    if let Err(error) = outcome {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    report.print();
    if report.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

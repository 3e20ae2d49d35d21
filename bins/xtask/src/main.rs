//! `cargo xtask …`: the developer's commands, the same on every machine and in CI.
//!
//! It runs tools and reads their output; it knows nothing of the gallery's code but the names of
//! packages and binaries. What it checks by itself is in [`checks`], with tests beside it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks on its streams")]

mod bench;
mod checks;
mod ci;
mod deny;
mod engines;
mod generate;
mod machine;
mod mutate;
mod process;
mod publish;
mod report;
mod suite;
mod timing;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::report::Report;
use crate::suite::Model;
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
    /// Installs what is missing on Debian, builds, and runs every test.
    Test,
    /// Everything that must hold before a change lands: format, lints, rules, tests, documentation.
    Ci,
    /// Of that, what needs no build and takes seconds.
    Rules,
    /// Runs random histories of all use cases over every store beside the reference store.
    Model {
        /// How many histories for each store.
        #[arg(long, default_value_t = 10_000)]
        seeds: u32,
        /// Only this history, by the number that a failure names.
        #[arg(long, conflicts_with = "seeds")]
        seed: Option<u64>,
        /// Only this one: a word in the test's, the binary's or the package's name (memory, sqlite,
        /// mysql, …).
        #[arg(long, value_parser = a_word)]
        store: Option<String>,
        /// With an optimised build, which takes minutes to make: for very many histories.
        #[arg(long)]
        optimised: bool,
    },
    /// Changes real files of every format at random and shows what becomes of them: none may panic,
    /// be a fault of the gallery's, or take more than 3 seconds.
    Mutate {
        /// How many changed files.
        #[arg(long, default_value_t = 40_000)]
        count: u64,
        /// Only this one, by the number that a failure names.
        #[arg(long)]
        only: Option<u64>,
    },
    /// Servers for tests, on the loopback: MariaDB, DynamoDB Local, two for S3, two for SES.
    Engines {
        #[command(subcommand)]
        command: Engines,
    },
    /// Packages every crate that is published, as it would be uploaded, and checks the packages.
    Publish {
        /// Uploads nothing. Always to be given: `cargo publish --workspace` uploads.
        #[arg(long, required = true)]
        dry_run: bool,
        /// Also builds each package from what is in it, which takes as long as twenty builds.
        #[arg(long)]
        verify: bool,
    },
    /// Writes the files in `docs/` that are generated from the code.
    Generate,
    /// Builds as for a deployment and measures start, memory, throughput, size and imaging against
    /// the aims.
    Bench {
        /// Only this part.
        part: Option<bench::Part>,
    },
}

#[derive(Subcommand)]
enum Engines {
    /// Installs and starts what is missing; prints what a shell evaluates: eval "$(cargo xtask
    /// engines up)".
    Up,
    /// Stops them.
    Down,
    /// Says which run.
    Status,
    /// Stops the engines in a folder when its parent has ended; started by test runs.
    #[command(hide = true)]
    Guard { folder: PathBuf },
}

impl Engines {
    fn run(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Up => engines::up(workspace),
            Self::Down => engines::down(workspace),
            Self::Status => engines::status(workspace),
            Self::Guard { folder } => engines::guard(&folder),
        }
    }
}

/// A name that cannot change the meaning of the test runner's filter.
fn a_word(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let good = !text.is_empty() && text.chars().all(fits);
    good.then(|| text.to_owned()).ok_or_else(|| "letters, digits, `-` and `_`".to_owned())
}

fn main() -> ExitCode {
    let mut report = Report::default();
    let outcome = Workspace::find().and_then(|workspace| {
        match Cli::parse().command {
            Command::Test => suite::run(&workspace, &mut report),
            Command::Ci => ci::run(&workspace, &mut report),
            Command::Rules => ci::rules(&workspace, &mut report),
            Command::Model { seeds, seed, store, optimised } => {
                suite::model(&workspace, &Model { seeds, seed, store, optimised }, &mut report);
            }
            Command::Mutate { count, only } => mutate::run(&workspace, count, only)?,
            Command::Engines { command } => command.run(&workspace)?,
            Command::Publish { dry_run: _, verify } => publish::dry_run(&workspace, verify, &mut report),
            Command::Generate => generate::write(&workspace)?,
            Command::Bench { part } => bench::run(&workspace, part)?,
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

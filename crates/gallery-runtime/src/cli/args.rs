//! What can be typed. The texts here are the help.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use gallery_core::values::{Email, JobId};

const AFTER_HELP: &str = "\
Without a command, it serves. Without a configuration, it serves on http://127.0.0.1:8080 and keeps everything in \
./gallery-data, which is made for you: records, photos, a generated secret, and mails as files in its outbox folder.

Settings come from a TOML file (--config FILE, or gallery.toml in the working directory) and from environment \
variables, which win: GALLERY__SECTION__KEY, for instance

  GALLERY__DATA_DIR=/srv/gallery               where everything is kept
  GALLERY__SERVER__LISTEN=127.0.0.1:9000       where it listens
  GALLERY__SERVER__BASE_URL=https://p.example  how people reach it

`config default` prints every setting with its comment and default; `config check` says what is wrong with yours.

SIGTERM and Ctrl-C stop it gracefully. The log goes to standard error.";

/// The command line.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, infer_subcommands = false)]
pub struct Args {
    /// The configuration file [default: gallery.toml, if it exists]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the gallery (what happens without a command, too)
    Serve,
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print the OpenAPI document of the JSON API
    Openapi,
    /// Look into a gallery and mend it, whether or not a server is running
    Admin {
        #[command(subcommand)]
        command: Admin,
    },
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its comment and default, as a TOML file
    Default,
    /// Say everything that is wrong with the configuration; exits with 1 if anything is
    Check,
    /// Print the reference of all settings, as Markdown
    Reference,
}

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Bring the store up to date, or make it (starting the server does it, too)
    #[command(visible_alias = "create-tables")]
    Migrate,
    /// Check every record and every photo; exits with 0 if all is well, 1 if not, 2 if it could not be checked
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove what has expired or was left behind by crashes, and run the jobs that are due
    Sweep,
    /// List the jobs that wait, run or failed
    Jobs {
        /// Print JSON, one object per line
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        command: Option<JobsCommand>,
    },
    /// Look for an address that is not written to, because it bounced or complained (only hashes of them are kept)
    Suppressions {
        #[command(subcommand)]
        command: SuppressionsCommand,
    },
    /// List the accounts with their state and usage
    Users {
        /// Print JSON, one object per line
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum SuppressionsCommand {
    /// Say whether an address is written to, and if not, why and until when
    Check {
        /// The address
        #[arg(value_name = "ADDRESS", value_parser = Email::parse)]
        address: Email,
    },
    /// Write to an address again: when its mailbox is there again, or its person wants mails after all
    Lift {
        /// The address
        #[arg(value_name = "ADDRESS", value_parser = Email::parse)]
        address: Email,
    },
}

#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// Run a job now that was parked after too many failures
    Resume {
        /// The job's id
        #[arg(value_name = "ID")]
        id: JobId,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn ids_are_parsed() {
        let id = "019ac3f2-0000-7000-8000-000000000000";
        let args =
            Args::try_parse_from(["gallery", "admin", "jobs", "resume", id, "--config", "x.toml"]).unwrap();
        let Some(Command::Admin {
            command: Admin::Jobs { command: Some(JobsCommand::Resume { id: parsed }), .. },
        }) = args.command
        else {
            panic!("{args:?}");
        };
        assert_eq!(parsed.to_string(), id);
        assert!(Args::try_parse_from(["gallery", "admin", "jobs", "resume", "x"]).is_err());
    }

    #[test]
    fn addresses_are_parsed() {
        let args =
            Args::try_parse_from(["gallery", "admin", "suppressions", "lift", "Ann@Example.org"]).unwrap();
        let Some(Command::Admin {
            command: Admin::Suppressions { command: SuppressionsCommand::Lift { address } },
        }) = args.command
        else {
            panic!("{args:?}");
        };
        assert_eq!(address.key().as_str(), "ann@example.org");
        assert!(Args::try_parse_from(["gallery", "admin", "suppressions", "check", "ann"]).is_err());
    }
}

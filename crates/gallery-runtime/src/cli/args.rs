//! What can be typed. The texts here are the help; the commands of `admin` are in [`crate::admin`].

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::admin::Admin;

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
    ///
    /// Where the store belongs to one process, as the embedded store does, a running server carries
    /// the command out, at the socket admin.sock in its data folder. Otherwise this process opens
    /// the store itself.
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_configuration_can_be_named_behind_a_command() {
        let args = Args::try_parse_from(["gallery", "admin", "jobs", "--config", "x.toml"]).unwrap();
        assert_eq!(args.config, Some(PathBuf::from("x.toml")));
    }
}

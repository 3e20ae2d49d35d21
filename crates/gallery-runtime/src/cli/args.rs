//! What can be typed. What the help says of it stands in the files of texts (see `help`); the
//! comments here are for whoever reads the code. The commands of `admin` are in [`crate::admin`].

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::admin::Admin;

/// The command line.
#[derive(Debug, Parser)]
#[command(version, infer_subcommands = false)]
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

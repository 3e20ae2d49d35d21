//! What can be typed after `admin`. A command also travels from the command line to a running
//! server, as JSON.
//!
//! A new command is a variant of [`Admin`], its name in [`Admin::name`], and what the help says of
//! it in the files of texts (see `cli::help`). Must not know what a
//! command does. Tests are beside the code.

use clap::{Args, Subcommand};
use gallery_core::usecases::ReprocessScope;
use gallery_core::values::{Email, JobId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admin {
    /// Bring the store up to date, or make it (starting the server does it, too)
    #[command(alias = "create-tables")]
    Migrate,
    /// Check every record and every photo; exits with 0 if all is well, 1 if not, 2 if it could not
    /// be checked
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
    /// Make renditions, and what is read from files, anew from the originals: records the jobs,
    /// which the workers of running servers do; `admin jobs` shows what is left
    Reprocess(Reprocess),
    /// Look for an address that is not written to, because it bounced or complained (only hashes of
    /// them are kept)
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

impl Admin {
    /// The command's name, for logs: without its arguments, which may hold addresses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Migrate => "migrate",
            Self::Verify { .. } => "verify",
            Self::Sweep => "sweep",
            Self::Jobs { .. } => "jobs",
            Self::Reprocess(_) => "reprocess",
            Self::Suppressions { .. } => "suppressions",
            Self::Users { .. } => "users",
        }
    }
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[group(required = true, multiple = false)]
pub struct Reprocess {
    /// The photos of one account
    #[arg(long, value_name = "ADDRESS-OR-ID")]
    account: Option<String>,
    /// One photo
    #[arg(long, value_name = "ID")]
    photo: Option<String>,
    /// Everybody's photos
    #[arg(long)]
    all: bool,
}

impl Reprocess {
    /// What the one option that was given says; `None` when there was not exactly one.
    pub fn scope(&self) -> Option<ReprocessScope<'_>> {
        match (self.account.as_deref(), self.photo.as_deref(), self.all) {
            (Some(account), None, false) => Some(ReprocessScope::Account(account)),
            (None, Some(photo), false) => Some(ReprocessScope::Photo(photo)),
            (None, None, true) => Some(ReprocessScope::All),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionsCommand {
    /// Say whether an address is written to, and if not, why and until when
    Check {
        /// The address
        #[arg(value_name = "ADDRESS", value_parser = Email::parse)]
        #[serde(with = "as_typed")]
        address: Email,
    },
    /// Write to an address again: when its mailbox is there again, or its person wants mails after
    /// all
    Lift {
        /// The address
        #[arg(value_name = "ADDRESS", value_parser = Email::parse)]
        #[serde(with = "as_typed")]
        address: Email,
    },
}

#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobsCommand {
    /// Run a job now that was parked after too many failures
    Resume {
        /// The job's id
        #[arg(value_name = "ID")]
        id: JobId,
    },
}

/// Addresses travel as they were typed and are parsed on arrival, so that no other canonical form
/// can be slipped in.
mod as_typed {
    use gallery_core::values::Email;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(address: &Email, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(address.typed())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Email, D::Error> {
        let typed = String::deserialize(deserializer)?;
        Email::parse(&typed).map_err(|invalid| de::Error::custom(invalid.detail))
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser};

    use super::*;

    const ID: &str = "019ac3f2-0000-7000-8000-000000000000";

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: Admin,
    }

    fn parse(words: &[&str]) -> Result<Admin, clap::Error> {
        Line::try_parse_from([&["admin"], words].concat()).map(|line| line.command)
    }

    #[test]
    fn ids_are_parsed() {
        let command = parse(&["jobs", "resume", ID]).unwrap();
        let Admin::Jobs { command: Some(JobsCommand::Resume { id }), .. } = command else {
            panic!("{command:?}");
        };
        assert_eq!(id.to_string(), ID);
        assert!(parse(&["jobs", "resume", "x"]).is_err());
    }

    #[test]
    fn addresses_are_parsed() {
        let command = parse(&["suppressions", "lift", "Ann@Example.org"]).unwrap();
        let Admin::Suppressions { command: SuppressionsCommand::Lift { address } } = command else {
            panic!("{command:?}");
        };
        assert_eq!(address.key().as_str(), "ann@example.org");
        assert!(parse(&["suppressions", "check", "ann"]).is_err());
    }

    #[test]
    fn photos_are_made_anew_of_exactly_one_scope() {
        let scopes: [(&[&str], &str); 3] = [
            (&["--all"], "All"),
            (&["--photo", ID], "Photo"),
            (&["--account", "ann@example.org"], "Account"),
        ];
        for (words, scope) in scopes {
            let Admin::Reprocess(typed) = parse(&[&["reprocess"], words].concat()).unwrap() else { panic!() };
            assert!(format!("{:?}", typed.scope().unwrap()).starts_with(scope));
        }
        for words in [&["reprocess"][..], &["reprocess", "--all", "--photo", ID]] {
            assert!(parse(words).is_err(), "{words:?}");
        }
        let arrived: Admin = serde_json::from_str(r#"{"reprocess":{"all":false}}"#).unwrap();
        let Admin::Reprocess(arrived) = arrived else { panic!("{arrived:?}") };
        assert!(arrived.scope().is_none());
    }

    #[test]
    fn every_command_arrives_as_it_was_typed() {
        let lines: &[&[&str]] = &[
            &["migrate"],
            &["create-tables"],
            &["verify"],
            &["verify", "--json"],
            &["sweep"],
            &["jobs"],
            &["jobs", "--json"],
            &["jobs", "resume", ID],
            &["reprocess", "--all"],
            &["reprocess", "--photo", ID],
            &["reprocess", "--account", "Ann@Example.org"],
            &["suppressions", "check", "Ann@Example.org"],
            &["suppressions", "lift", "Ann@Example.org"],
            &["users"],
            &["users", "--json"],
        ];
        for words in lines {
            let typed = parse(words).unwrap();
            let arrived: Admin = serde_json::from_str(&serde_json::to_string(&typed).unwrap()).unwrap();
            assert_eq!(format!("{arrived:?}"), format!("{typed:?}"));
        }
        for command in Line::command().get_subcommands() {
            let name = command.get_name();
            assert!(lines.iter().any(|words| words[0] == name), "{name} is not tried here");
            let typed = lines.iter().find(|words| words[0] == name).unwrap();
            assert_eq!(parse(typed).map_or("needs more words", |command| command.name()), name);
        }
    }

    #[test]
    fn an_address_that_arrives_is_parsed_again() {
        let command = r#"{"suppressions":{"command":{"lift":{"address":"ann"}}}}"#;
        assert!(serde_json::from_str::<Admin>(command).is_err());
        let forged = r#"{"suppressions":{"command":{"lift":{"address":{"typed":"a@b.example","key":"c"}}}}}"#;
        assert!(serde_json::from_str::<Admin>(forged).is_err());
    }
}

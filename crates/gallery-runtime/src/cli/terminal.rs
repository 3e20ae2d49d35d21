//! This process's standard output and standard error. Must not know what is said. Tested by the
//! black-box tests.

use std::io::{self, Write as _};

use anyhow::Result;
use async_trait::async_trait;
use gallery_core::texts::{Language, Text};

use crate::admin::Output;
use crate::failure::OrSay as _;

/// Writes to standard output, with a line feed at the end.
pub fn print_line(text: &str) -> Result<()> {
    print(text)?;
    if text.ends_with('\n') { Ok(()) } else { print("\n") }
}

fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).or_say(|| Text::new("cli-stdout"))
}

/// Where a command of `admin` writes.
pub struct Terminal {
    /// The program's name, which remarks begin with.
    pub name: &'static str,
    /// The reader's language.
    pub language: Language,
}

#[async_trait]
impl Output for Terminal {
    async fn write(&mut self, text: &str) -> Result<()> {
        print(text)
    }

    async fn note(&mut self, text: &str) -> Result<()> {
        writeln!(io::stderr(), "{}: {text}", self.name).or_say(|| Text::new("cli-stderr"))
    }
}

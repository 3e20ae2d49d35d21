//! Where a command writes: a terminal, or the person at the other end of a socket. Must not know
//! either.

use anyhow::Result;
use async_trait::async_trait;

/// What a command says, as it goes.
#[async_trait]
pub trait Output: Send {
    /// Writes text to standard output as it is, and returns when it may be forgotten. An error ends
    /// the command.
    async fn write(&mut self, text: &str) -> Result<()>;

    /// Writes a remark about the command, which is not its result, to standard error: one line.
    async fn note(&mut self, text: &str) -> Result<()>;

    /// Writes text to standard output, with a line feed at its end.
    async fn print(&mut self, text: &str) -> Result<()> {
        if text.ends_with('\n') { self.write(text).await } else { self.write(&format!("{text}\n")).await }
    }
}

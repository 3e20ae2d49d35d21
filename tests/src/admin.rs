//! The `admin` subcommands, on the data of a stopped gallery.

use crate::server::Launch;

impl Launch {
    /// Runs `admin verify`; panics unless every invariant holds. Answers what it printed.
    #[track_caller]
    pub fn verify(&self) -> String {
        let output = self.run(&["admin", "verify"]);
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "admin verify: {}\n{said}", output.status);
        said
    }
}

//! What became of an upload of several files, as the album's page tells it. Tests are in
//! `tests/it/pages/albums.rs`.

use super::format::count;
use crate::http::{Problem, Received};

/// What became of an upload of which something was refused.
#[derive(Debug, Default)]
pub(super) struct Uploaded {
    /// Photos that are in the album now.
    pub taken: u64,
    /// The others, by file name.
    pub refused: Vec<Refused>,
}

/// A file that is no photo in the album, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub file_name: String,
    pub reason: String,
}

impl Uploaded {
    /// What became of the files.
    pub(super) fn of(received: &Received) -> Self {
        let refused = received.refused.iter().map(|(file_name, problem)| Refused {
            file_name: file_name.to_string(),
            reason: reason(problem),
        });
        Self { taken: received.taken, refused: refused.collect() }
    }

    /// How much of it is in the album.
    pub(super) fn summary(&self) -> String {
        let refused = match self.refused.len() {
            1 => "This file was not taken:".to_owned(),
            many => format!("These {many} files were not taken:"),
        };
        match self.taken {
            0 => refused,
            1 => format!("1\u{a0}photo is in the album. {refused}"),
            many => format!("{} are in the album. {refused}", count(many, "photo", "photos")),
        }
    }
}

/// Why a file was refused: what is wrong with its fields, else what is wrong as a whole.
fn reason(problem: &Problem) -> String {
    match problem.errors() {
        [] => problem.sentence().to_owned(),
        errors => errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" "),
    }
}

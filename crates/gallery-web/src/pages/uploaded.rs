//! What became of an upload of several files, as the album's page tells it. Tests are in
//! `tests/it/pages/albums.rs`.

use super::format::count;
use crate::http::{Problem, Received};

/// What became of an upload of which something was refused, or which was not read to its end.
#[derive(Debug, Default)]
pub(super) struct Uploaded {
    /// How many photos are in the album now.
    pub taken: usize,
    /// Their file names, when the form was not read to its end: nobody can know which they are
    /// otherwise.
    pub taken_names: Vec<String>,
    /// The refused files, by file name.
    pub refused: Vec<Refused>,
    /// Why the form was not read to its end.
    pub cut_short: Option<String>,
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
        let cut_short = received.cut_short.as_ref().map(reason);
        let names = received.taken.iter().filter(|_| cut_short.is_some());
        Self {
            taken: received.taken.len(),
            taken_names: names.map(ToString::to_string).collect(),
            refused: refused.collect(),
            cut_short,
        }
    }

    /// How much of it is in the album.
    pub(super) fn summary(&self) -> String {
        let cut_short = self.cut_short.iter().map(|reason| format!("The upload was cut short. {reason}"));
        let taken = match (self.taken, &self.cut_short) {
            (0, None) => None,
            (0, Some(_)) => Some("No photo of it is in the album.".to_owned()),
            (1, _) => Some("1\u{a0}photo is in the album.".to_owned()),
            (many, _) => Some(format!("{} are in the album.", count(many as u64, "photo", "photos"))),
        };
        let refused = match self.refused.len() {
            0 => None,
            1 => Some("This file was not taken:".to_owned()),
            many => Some(format!("These {many} files were not taken:")),
        };
        cut_short.chain(taken).chain(refused).collect::<Vec<_>>().join(" ")
    }
}

/// Why a file was refused: what is wrong with its fields, else what is wrong as a whole.
fn reason(problem: &Problem) -> String {
    match problem.errors() {
        [] => problem.sentence().to_owned(),
        errors => errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" "),
    }
}

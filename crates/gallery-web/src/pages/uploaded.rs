//! What became of an upload of several files, as the album's page tells it. Tests are in
//! `tests/it/pages/albums.rs`.

use gallery_core::texts::Language;

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
    /// What became of the files, in the language of the answer.
    pub(super) fn of(received: &Received, language: Language) -> Self {
        let refused = received.refused.iter().map(|(file_name, problem)| Refused {
            file_name: file_name.to_string(),
            reason: reason(problem, language),
        });
        let cut_short = received.cut_short.as_ref().map(|problem| reason(problem, language));
        let names = received.taken.iter().filter(|_| cut_short.is_some());
        Self {
            taken: received.taken.len(),
            taken_names: names.map(ToString::to_string).collect(),
            refused: refused.collect(),
            cut_short,
        }
    }
}

/// Why a file was refused: what is wrong with its fields, else what is wrong as a whole.
fn reason(problem: &Problem, language: Language) -> String {
    match problem.errors() {
        [] => problem.sentence().in_language(language),
        errors => {
            let details = errors.iter().map(|error| error.invalid.detail.in_language(language));
            details.collect::<Vec<_>>().join(" ")
        }
    }
}

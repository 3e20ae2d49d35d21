//! The causes of an error of the SDK. Must not know any service. Tests are below.

use std::error::Error;

/// What the SDK says of any error.
const EMPTY_PHRASES: [&str; 3] = ["service error", "unhandled error", "dispatch failure"];

/// An error and its causes in one line, like [`gallery_core::error_chain`], without what the SDK
/// says of any error.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let chain = gallery_core::error_chain(error);
    let causes: Vec<&str> = chain.split(": ").filter(|cause| !EMPTY_PHRASES.contains(cause)).collect();
    causes.join(": ")
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Cause(&'static str, Option<Box<Cause>>);

    impl fmt::Display for Cause {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Cause {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as &(dyn Error + 'static))
        }
    }

    #[test]
    fn a_chain_is_one_line_without_repetitions_and_empty_phrases() {
        let causes = [
            "service error",
            "no answer: line one\nline two",
            "unhandled error",
            "line one\nline two",
            "lost",
        ];
        let error = causes.into_iter().rev().fold(None, |inner, text| Some(Box::new(Cause(text, inner))));
        assert_eq!(error_chain(&*error.unwrap()), "no answer: line one line two: lost");
    }
}

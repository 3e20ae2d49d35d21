//! What the SDK says of an error. Must not know any service. Tests are below.

use std::error::Error;

/// The story of an error in one line, from the outermost cause to the innermost, without repetitions.
pub fn story(error: &(dyn Error + 'static)) -> String {
    let mut story = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let cause = error.to_string().replace('\n', " ");
        // What the SDK says of any error.
        let says = !["service error", "unhandled error", "dispatch failure"].contains(&cause.as_str());
        if says && !story.contains(&cause) {
            story.push_str(if story.is_empty() { "" } else { ": " });
            story.push_str(&cause);
        }
        next = error.source();
    }
    story
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
    fn a_story_is_one_line_without_repetitions() {
        let causes = [
            "service error",
            "no answer: line one\nline two",
            "unhandled error",
            "line one\nline two",
            "lost",
        ];
        let error = causes.into_iter().rev().fold(None, |inner, text| Some(Box::new(Cause(text, inner))));
        assert_eq!(story(&*error.unwrap()), "no answer: line one line two: lost");
    }
}

//! An error and its causes in one line, for logs. Must not know any error. Tests are below.

use std::error::Error;

/// An error and its causes in one line, from the outermost to the innermost, separated by `": "`. A
/// cause that an error before it has named already is left out.
pub fn error_chain(error: &dyn Error) -> String {
    let mut chain = one_line(error);
    let mut next = error.source();
    while let Some(cause) = next {
        let text = one_line(cause);
        if !chain.contains(&text) {
            chain.push_str(": ");
            chain.push_str(&text);
        }
        next = cause.source();
    }
    chain
}

fn one_line(error: &dyn Error) -> String {
    error.to_string().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Link(&'static str, Option<Box<Link>>);

    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Link {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as &(dyn Error + 'static))
        }
    }

    fn chain(texts: &[&'static str]) -> String {
        let error = texts.iter().rev().fold(None, |inner, text| Some(Box::new(Link(text, inner))));
        error_chain(&*error.unwrap())
    }

    #[test]
    fn causes_follow_what_they_caused() {
        assert_eq!(chain(&["it failed"]), "it failed");
        assert_eq!(
            chain(&["it failed", "no answer", "connection refused"]),
            "it failed: no answer: connection refused"
        );
    }

    #[test]
    fn a_cause_is_told_once() {
        assert_eq!(chain(&["it failed: no answer", "no answer", "lost"]), "it failed: no answer: lost");
    }

    #[test]
    fn a_chain_is_one_line() {
        assert_eq!(chain(&["it failed", "line one\nline two"]), "it failed: line one line two");
    }
}

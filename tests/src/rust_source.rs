//! What stands in source files, for tests that read them. A scanner good enough for this
//! repository's Rust and JavaScript, not a parser. Tested in `tests/tests/it/texts.rs`.

/// The source without its `mod tests` and its line comments, each string left as it is.
pub fn without_tests_and_comments(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut kept = String::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        kept.push_str(&rest[..at]);
        let end = match &rest[at..] {
            quoted if quoted.starts_with('"') => at + end_of_string(quoted),
            comment if comment.starts_with("//") => {
                rest = &rest[at + comment.find('\n').unwrap_or(comment.len())..];
                continue;
            }
            // A quote as a character is no beginning of a string.
            character if character.starts_with("'\"'") => at + 3,
            character if character.starts_with("'\\\"'") => at + 4,
            _ => at + 1,
        };
        kept.push_str(&rest[at..end]);
        rest = &rest[end..];
    }
    kept + rest
}

/// Bytes from the opening quote to behind the closing one.
fn end_of_string(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    quoted.len()
}

/// The strings in quotes of a source without comments: not those of attributes.
pub fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '\'']) {
        if rest[at..].starts_with('\'') {
            let skipped = if rest[at..].starts_with("'\"'") { 3 } else { 1 };
            rest = &rest[at + skipped..];
            continue;
        }
        let end = at + end_of_string(&rest[at..]);
        let line = rest[..at].rsplit('\n').next().unwrap_or_default().trim_start();
        if !line.starts_with("#[") && !line.contains("reason = ") && !line.contains("expect(") {
            found.push(rest[at + 1..end.saturating_sub(1).max(at + 1)].to_owned());
        }
        rest = &rest[end..];
    }
    found
}

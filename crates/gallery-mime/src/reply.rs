//! What a mail system answered, made fit for a log and for a job's record: mail systems like to
//! repeat the address that they refuse, and filters the link that they dislike. Must not know any
//! protocol. Tests are below.

/// The most characters that are kept.
const LONGEST: usize = 300;

/// A text in one line of at most 300 characters, in which no address and no link can be read: of an
/// address the first letter and the domain are left, of a link the server.
///
/// ```
/// use gallery_mime::loggable;
///
/// let reply = "5.1.1 <ann@example.org>:\r\nno such user";
/// assert_eq!(loggable(reply), "5.1.1 <a…@example.org>: no such user");
/// ```
pub fn loggable(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| without_addresses(&without_path(word))).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// `https://photos.example.org/confirm/…` becomes `https://photos.example.org/…`: the path may hold
/// a token.
fn without_path(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let server = rest.find(['/', '?', '#']).map_or(rest, |end| &rest[..end]);
    let more = if server.len() < rest.len() { "/…" } else { "" };
    format!("{scheme}://{server}{more}")
}

/// What stands before an `@`, back to the beginning of the address, shrinks to its first letter.
fn without_addresses(word: &str) -> String {
    let mut masked = String::with_capacity(word.len());
    let mut pieces = word.split('@').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            masked.push_str(piece);
            break;
        }
        let begin = piece.rfind(|c: char| "<>()[]:;,\"'=".contains(c)).map_or(0, |at| at + 1);
        masked.push_str(&piece[..begin]);
        masked.extend(piece[begin..].chars().next());
        masked.push_str("…@");
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_first_letter_and_domain() {
        for (said, kept) in [
            ("550 <ann.lee+x@example.org>: unknown", "550 <a…@example.org>: unknown"),
            ("to=jörg@bücher.example,", "to=j…@bücher.example,"),
            ("ann@a.example,eve@b.example", "a…@a.example,e…@b.example"),
            ("ann@@example.org", "a…@…@example.org"),
            ("\"ann lee\"@example.org", "\"ann lee\"…@example.org"),
            ("@ here", "…@ here"),
            ("no address", "no address"),
        ] {
            assert_eq!(loggable(said), kept);
        }
    }

    #[test]
    fn links_keep_their_server() {
        let said = "554 blacklisted URL https://photos.example.org/confirm/IjAx.awKk.9E4q in message";
        assert_eq!(loggable(said), "554 blacklisted URL https://photos.example.org/… in message");
        assert_eq!(loggable("see http://x.example?token=1"), "see http://x.example/…");
        assert_eq!(loggable("https://x.example"), "https://x.example");
    }

    #[test]
    fn one_line_of_bounded_length_is_left() {
        assert_eq!(loggable(" a\r\n\tb\0c\u{85} "), "a b c");
        let long = loggable(&"ü".repeat(5000));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert_eq!(loggable(""), "");
    }
}

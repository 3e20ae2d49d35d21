//! How a request is addressed: exactly one host, and for pages no slash too many. Knows no route. Tests are below.

use poem::http::{Uri, Version, header};
use poem::{Request, Response};

use super::endpoint::moved;
use super::{Code, Problem, Surface};

/// Refuses a request that names no host, or two (RFC 9112, section 3.2): what is in front of the gallery may have
/// believed another one of them.
pub(super) fn check_host(request: &Request) -> Result<(), Problem> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    // HTTP/1.0 has no hosts yet.
    let needed = request.version() == Version::HTTP_11;
    if hosts > 1 || (hosts == 0 && needed) {
        return Err(Problem::new(Code::Malformed).detail("A request names exactly one host."));
    }
    Ok(())
}

/// The way to the page that is meant by an address with a slash too many.
pub(super) fn straightened(surface: Surface, uri: &Uri) -> Option<Response> {
    let path = uri.path();
    let wanted = match surface {
        Surface::Page => without_extra_slashes(path)?,
        Surface::Api | Surface::Probe | Surface::Asset => return None,
    };
    Some(match uri.query() {
        Some(query) => moved(&format!("{wanted}?{query}")),
        None => moved(&wanted),
    })
}

/// The path with single slashes, and none at its end; `None` when it is so already. Browsers take a backslash for a
/// slash: a path that has one leads nowhere.
fn without_extra_slashes(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let wanted = format!("/{}", parts.join("/"));
    (wanted != path && path.starts_with('/') && !path.contains('\\')).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_too_many_are_taken_away() {
        for (path, wanted) in [
            ("/login/", "/login"),
            ("/photos//", "/photos"),
            ("//photos///x/edit", "/photos/x/edit"),
            ("//evil.example/", "/evil.example"),
            ("//", "/"),
        ] {
            assert_eq!(without_extra_slashes(path).as_deref(), Some(wanted));
        }
        for path in ["/", "/login", "/a/b", "*", "/\\evil.example/", "/a\\//"] {
            assert_eq!(without_extra_slashes(path), None, "{path}");
        }
    }
}

//! How a request is addressed: exactly one host, and for pages no slash too many. Knows no route.
//! Tests are below.

use std::net::Ipv6Addr;

use gallery_core::texts::Text;
use poem::http::{Uri, Version, header};
use poem::{Request, Response};

use super::endpoint::moved;
use super::{Code, Problem, Surface};

/// Refuses a request that names no host, two, or what is none (RFC 9112, section 3.2): what is in
/// front of the gallery may have believed another one of them, or have read another one into it.
pub(super) fn check_host(request: &Request) -> Result<(), Problem> {
    let hosts = request.headers().get_all(header::HOST).iter();
    let hosts: Vec<_> = hosts.map(|host| host.to_str().unwrap_or_default()).collect();
    let is_good = match hosts[..] {
        // HTTP/1.0 has no hosts yet.
        [] => request.version() != Version::HTTP_11,
        [host] => is_host(host),
        _ => false,
    };
    let problem = || Problem::new(Code::Malformed).detail(Text::new("request-one-host"));
    is_good.then_some(()).ok_or_else(problem)
}

/// Whether this is a host and perhaps a port (RFC 3986, section 3.2): a name, an IPv4 address, or
/// an IPv6 address in brackets.
fn is_host(text: &str) -> bool {
    let (is_host, port) = if let Some(literal) = text.strip_prefix('[') {
        let Some((address, behind)) = literal.split_once(']') else { return false };
        (address.parse::<Ipv6Addr>().is_ok(), behind)
    } else {
        let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
        (is_name(name), port)
    };
    is_host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// No digits mean the usual port.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && (text.is_empty() || text.parse::<u16>().is_ok())
}

/// Whether this is a `reg-name`, which an IPv4 address is, too. A comma is none here, though it may
/// be in one by the RFC: no host has one, and it stands where somebody has joined two headers.
fn is_name(text: &str) -> bool {
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let is_good = match byte {
            b'%' => (0..2).all(|_| rest.next().is_some_and(|digit| digit.is_ascii_hexdigit())),
            byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=".contains(&byte),
        };
        if !is_good {
            return false;
        }
    }
    !text.is_empty()
}

/// The way to the page that is meant by an address with a slash too many.
pub(super) fn straightened(surface: Surface, uri: &Uri) -> Option<Response> {
    let path = uri.path();
    let wanted = match surface {
        Surface::Page => without_extra_slashes(path)?,
        Surface::Api | Surface::Probe | Surface::Asset => return None,
    };
    Some(moved(&wanted, uri))
}

/// The path with single slashes, and none at its end; `None` when it is so already. Browsers take a
/// backslash for a slash: a path that has one leads nowhere.
fn without_extra_slashes(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let wanted = format!("/{}", parts.join("/"));
    (wanted != path && path.starts_with('/') && !path.contains('\\')).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_with_a_port_at_most() {
        for host in [
            "photos.example",
            "photos.example:8443",
            "PHOTOS.example.:",
            "localhost:8080",
            "my_nas",
            "192.0.2.1:80",
            "[::1]",
            "[2001:db8::1]:8080",
            "xn--bcher-kva.example",
            "b%C3%BCcher.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "a b/c@d",
            "a, b",
            "a,b",
            "a/b",
            "user@a",
            "a:b",
            "a:80:80",
            "a:65536",
            "a:+80",
            "a:80 ",
            "http://a",
            "a?b",
            "a#b",
            "a\\b",
            "a%",
            "a%2",
            "a%2g",
            "::1",
            "[::1",
            "[::1]80",
            "[::1]:x",
            "[]",
            "[192.0.2.1]",
            "[fe80::1%25eth0]",
            "bücher.example",
            "<a>",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }

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

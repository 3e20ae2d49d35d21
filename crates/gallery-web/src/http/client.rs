//! Where a request comes from, behind proxies that are trusted to say so.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use poem::http::HeaderMap;

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

/// The text is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a range of addresses such as 10.0.0.0/8: {0}")]
pub struct NetworkError(String);

impl Network {
    /// Whether the address is in the range. An IPv4 address that came over IPv6 is an IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let single = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse::<IpNet>().or_else(|_| single()).map(Self).map_err(|_| NetworkError(text.to_owned()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The address of the client: the peer, or, when the peer is a trusted proxy, the last address of
/// `X-Forwarded-For` that is not one. What stands left of that was written by the client.
pub(super) fn client_address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> String {
    let Some(mut client) = peer.map(|peer| peer.to_canonical()) else { return "unknown".to_owned() };
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if is_trusted(client) {
        let values = headers.get_all("x-forwarded-for").iter();
        let hops: Vec<_> = values.filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).collect();
        for hop in hops.into_iter().rev() {
            let Some(address) = parse_hop(hop.trim()) else { break };
            client = address;
            if !is_trusted(address) {
                break;
            }
        }
    }
    client.to_string()
}

/// An address, which some proxies write with a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|socket| socket.ip());
    text.parse::<IpAddr>().or_else(|_| with_port()).ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "2001:db8::1"].map(|text| text.parse().unwrap());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        client_address(Some(peer.parse().unwrap()), &headers, &trusted)
    }

    #[test]
    fn rule_43_forwarded_headers_count_only_from_trusted_proxies() {
        assert_eq!(address("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(address("10.1.1.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(address("::ffff:10.1.1.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(address("2001:db8::1", &["2001:db8::2"]), "2001:db8::2");
    }

    #[test]
    fn rule_43_what_the_client_wrote_itself_does_not_count() {
        assert_eq!(address("10.1.1.1", &["203.0.113.9, 198.51.100.7, 10.2.2.2"]), "198.51.100.7");
        assert_eq!(address("10.1.1.1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(address("10.1.1.1", &["203.0.113.9, nonsense, 10.2.2.2"]), "10.2.2.2");
        assert_eq!(address("10.1.1.1", &[]), "10.1.1.1");
    }

    #[test]
    fn networks_are_ranges_or_single_addresses() {
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("proxy".parse::<Network>().is_err());
        assert_eq!("192.0.2.1".parse::<Network>().unwrap().to_string(), "192.0.2.1/32");
    }
}

//! The proxies before engines that count what they do.

mod http;
mod tcp;

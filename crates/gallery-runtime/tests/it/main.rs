//! The runtime from outside: the listener on real sockets, the page for Prometheus, the workers
//! over the memory store.

mod listener;
mod metrics;
mod workers;

//! The gallery on real engines: instances that share a store, behind a load balancer.

mod one_browser;
mod two_instances;

//! The gallery on real engines: instances that share a store, behind a load balancer.

mod two_instances;

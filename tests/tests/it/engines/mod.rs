//! The gallery on real engines: instances that share a store, behind a load balancer; photos in S3
//! and mails through SES, both failing.

mod aws;
mod one_browser;
mod release_before;
mod smtp;
mod two_instances;

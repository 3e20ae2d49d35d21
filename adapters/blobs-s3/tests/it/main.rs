//! Blobs in S3: on s3s-fs, and on Ceph `RadosGW`, which has versions, encryption and access lists.
//! The suite that all blob stores share runs on both; faults are a proxy's. `cargo xtask test`
//! starts the engines.

#![cfg(feature = "engines")]

mod conformance;
mod employee_directory;
mod faults;
mod fixture;
mod links;
mod opening;
mod putting;
mod versions;

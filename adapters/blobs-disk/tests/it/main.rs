//! The tests of blobs and uploads on a disk, as one binary.

mod confinement;
mod conformance;
mod disk;
mod kit;
mod spool;

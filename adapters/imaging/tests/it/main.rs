//! Tests of whole photos against the port: every file goes through `RustImaging::process`, as an upload does.

mod cameras;
mod colours;
mod exiftool;
mod foreign;
mod formats;
mod hostile;
mod limits;
mod metadata;
mod photos;
mod renditions;
mod samples;

//! Tests of whole photos against the port: every file goes through `RustImaging::process`, as an
//! upload does.

mod blocks;
mod cameras;
mod colours;
mod companions;
mod damage;
mod exiftool;
mod foreign;
mod formats;
mod found;
mod hostile;
mod limits;
mod metadata;
mod mutations;
mod photos;
mod renditions;
mod samples;
mod timing;

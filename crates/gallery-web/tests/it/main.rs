//! The site over the memory store, as one binary.

mod api_accounts;
mod api_albums_photos;
mod hooks;
mod kit;
mod logs;
mod openapi;
mod pages;
mod renditions;
mod shell;
mod taken;
mod uploads;

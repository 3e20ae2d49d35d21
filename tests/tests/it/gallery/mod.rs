//! The gallery as its clients see it: the real binary, over HTTP, by its contract.

mod accounts;
mod albums;
mod camera_files;
mod cancel;
mod captions;
mod clock;
mod cross_site;
mod errors;
mod headers;
mod idempotency;
mod lifecycle;
mod logs;
mod metrics;
mod ownership;
mod passwords;
mod photos;
mod release_before;
mod renditions;
mod reprocess;
mod search;
mod sessions;
mod slow_clients;
mod sqlite_file;
mod start_up;
mod tokens;
mod uploads;

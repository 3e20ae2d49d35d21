//! The same contract, shown by `gallery-nosql`: every test of `tests/gallery` but those of SQLite's own file. Which
//! binary a test starts follows from the name of this program (see `Launch::new`).

#[path = "../gallery/accounts.rs"]
mod accounts;
#[path = "../gallery/albums.rs"]
mod albums;
#[path = "../gallery/camera_files.rs"]
mod camera_files;
#[path = "../gallery/cancel.rs"]
mod cancel;
#[path = "../gallery/captions.rs"]
mod captions;
#[path = "../gallery/clock.rs"]
mod clock;
#[path = "../gallery/cross_site.rs"]
mod cross_site;
#[path = "../gallery/errors.rs"]
mod errors;
#[path = "../gallery/headers.rs"]
mod headers;
#[path = "../gallery/idempotency.rs"]
mod idempotency;
#[path = "../gallery/lifecycle.rs"]
mod lifecycle;
#[path = "../gallery/logs.rs"]
mod logs;
#[path = "../gallery/metrics.rs"]
mod metrics;
#[path = "../gallery/ownership.rs"]
mod ownership;
#[path = "../gallery/passwords.rs"]
mod passwords;
#[path = "../gallery/photos.rs"]
mod photos;
#[path = "../gallery/release_before.rs"]
mod release_before;
#[path = "../gallery/renditions.rs"]
mod renditions;
#[path = "../gallery/search.rs"]
mod search;
#[path = "../gallery/sessions.rs"]
mod sessions;
#[path = "../gallery/start_up.rs"]
mod start_up;
#[path = "../gallery/tokens.rs"]
mod tokens;
#[path = "../gallery/uploads.rs"]
mod uploads;

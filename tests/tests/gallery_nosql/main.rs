//! The same contract, shown by `gallery-nosql`: every test of `it/gallery` but those of SQLite's
//! own file, and of camera files, which no store looks into. Which binary a test starts follows
//! from the name of this program (see `Launch::new`).

#[path = "../it/gallery/accounts.rs"]
mod accounts;
#[path = "../it/gallery/albums.rs"]
mod albums;
#[path = "../it/gallery/cancel.rs"]
mod cancel;
#[path = "../it/gallery/captions.rs"]
mod captions;
#[path = "../it/gallery/clock.rs"]
mod clock;
#[path = "../it/gallery/cross_site.rs"]
mod cross_site;
#[path = "../it/gallery/errors.rs"]
mod errors;
#[path = "../it/gallery/headers.rs"]
mod headers;
#[path = "../it/gallery/idempotency.rs"]
mod idempotency;
#[path = "../it/gallery/lifecycle.rs"]
mod lifecycle;
#[path = "../it/gallery/logs.rs"]
mod logs;
#[path = "../it/gallery/metrics.rs"]
mod metrics;
#[path = "../it/gallery/ownership.rs"]
mod ownership;
#[path = "../it/gallery/passwords.rs"]
mod passwords;
#[path = "../it/gallery/photos.rs"]
mod photos;
#[path = "../it/gallery/release_before.rs"]
mod release_before;
#[path = "../it/gallery/renditions.rs"]
mod renditions;
#[path = "../it/gallery/reprocess.rs"]
mod reprocess;
#[path = "../it/gallery/search.rs"]
mod search;
#[path = "../it/gallery/sessions.rs"]
mod sessions;
#[path = "../it/gallery/start_up.rs"]
mod start_up;
#[path = "../it/gallery/terminal.rs"]
mod terminal;
#[path = "../it/gallery/tokens.rs"]
mod tokens;
#[path = "../it/gallery/uploads.rs"]
mod uploads;

// Only here: a store that belongs to one process.
mod admin;

//! The photo gallery without its technology: values that cannot be wrong, the rules, the ports
//! through which the core reaches the world, and the use cases.
//!
//! This crate knows nobody: no HTTP, no SQL, no AWS, no async runtime. Adapters implement the
//! traits of [`ports`]; a web server, a command or another service calls the methods of
//! [`Gallery`]:
//!
//! ```no_run
//! use gallery_core::Gallery;
//! use gallery_core::usecases::{Client, Error};
//! use gallery_core::values::PageRequest;
//!
//! # async fn example(gallery: Gallery) -> Result<(), Error> {
//! let client = Client { address: "192.0.2.1".to_owned(), ..Client::default() };
//! let logged_in = gallery.log_in("ann@example.org", "blue heron at dusk", &client).await?;
//! let caller = gallery.authenticate(&logged_in.token.expose()).await?;
//!
//! let album = gallery.create_album(&caller, "Birds", "Seen from the pier", None).await?;
//! let page = PageRequest::new(None, None).map_err(|invalid| Error::field("limit", invalid))?;
//! for photo in gallery.search(&caller, "heron dusk", Some(album.id), &page).await?.items {
//!     println!("{}: {} bytes", photo.facts.title, photo.facts.bytes());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | module | what is in it |
//! | --- | --- |
//! | [`usecases`] | what people and workers can do: the methods of [`Gallery`], its [`Rules`](usecases::Rules), why they fail ([`Error`](usecases::Error)) |
//! | [`ports`] | what the core needs of the world, as traits documented like contracts; how to add a method |
//! | [`values`] | what people type and machines make, parsed once: addresses, names, ids, instants, secrets |
//! | [`model`] | accounts, sessions, albums, photos, jobs: plain data |
//! | [`search`] | how text becomes terms, and what a query matches |
//! | [`mail`] | what a mail says, and how it is written |
//! | [`token`] | the signed links in mails |
//!
//! Start reading at [`ports`] to write an adapter, at [`usecases`] to call the gallery.
//!
//! # What a service that embeds the gallery has to do
//!
//! * **Choose an adapter for every port** of [`Ports`](usecases::Ports), its own or one of the
//!   workspace's: records in `gallery-store-sql`, `gallery-store-nosql` or `gallery-store-memory`,
//!   blobs and uploads in `gallery-blobs-disk`, mail in `gallery-mail-outbox`, photos by
//!   `gallery-imaging`, and clock, entropy, password hashing and job notifier by `gallery-system`.
//! * **Run the jobs.** Mails, deletions and sweeps wait in a queue. A task calls
//!   [`Gallery::run_due_job`] until nothing is due, then waits for [`Gallery::job_notified`] and
//!   looks again every few seconds anyway; [`Gallery::schedule_upkeep`] is called once at the
//!   start.
//! * **Keep the token.** [`Gallery::log_in`] returns a secret for the client to show with every
//!   request, to [`Gallery::authenticate`]. When that returns a fresh token, the client gets it
//!   instead of the old one.
//! * **Keep the device.** What [`Gallery::log_in`] gives as
//!   [`LoggedIn::device`](usecases::LoggedIn::device) is kept by the client longer than the
//!   session, and shown at its next log-in ([`Client::device`](usecases::Client::device)).
//! * **Answer the links** in mails: they lead to `{base_url}/confirm/{token}`
//!   ([`Gallery::confirm_address`]) and `{base_url}/reset/{token}` ([`Gallery::reset_password`]).
//! * **Pass on reports**, if the mail system makes any of mails that it could not deliver, to
//!   [`Gallery::mail_feedback`].
//!
//! What must hold whatever happens, I1 to I8 of `docs/invariants.md`, is checked by
//! [`Gallery::verify`].
//!
//! # A whole service
//!
//! `examples/embed.rs`, which a test runs:
//!
//! ```no_run
#![doc = include_str!("../examples/embed.rs")]
//! ```
//!
//! Rules are tested beside their code; what every store, blob store and mailer must do is tested in
//! `gallery-conformance`, against every adapter.
#![deny(missing_docs)]

mod device;
mod error_chain;
pub mod mail;
pub mod model;
pub mod ports;
pub mod search;
pub mod token;
pub mod usecases;
pub mod values;

pub use error_chain::error_chain;
pub use gallery_texts as texts;
pub use usecases::Gallery;

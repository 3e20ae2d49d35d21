//! The use cases over the memory store, as one binary.

mod accounts;
mod embed;
mod kit;
mod log_in_races;
mod mail_limits;
mod mails;
mod photos;
mod queues;
mod repeated;
mod reprocess;
mod reprocess_captions;
mod reprocess_meanwhile;
mod service;
mod sessions;
mod sweeps;
mod taken;
mod upgrade;

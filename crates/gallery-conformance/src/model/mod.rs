//! The model test: random histories of all use cases over a store, beside the same over a model of
//! it.
//!
//! ```text
//! async fn fresh_pair() -> ([SharedStore; 2], impl Any) {
//!     let folder = tempfile::tempdir().unwrap();
//!     let path = folder.path().join("gallery.db");
//!     let open = async || Arc::new(SqliteStore::open(&path).await.unwrap()) as SharedStore;
//!     ([open().await, open().await], folder)
//! }
//!
//! fn model() -> SharedStore {
//!     Arc::new(MemoryStore::new())
//! }
//!
//! gallery_conformance::model_suite!(fresh_pair, model);
//! ```
//!
//! A seed is a history ([`generate`]): some 30 [operations](operation) by three people on two
//! instances, each with its own handle of the store, and what they require (nobody uploads without
//! a log-in). A third of them is disturbed: the store fails before or after the n-th port call or
//! does it twice, the process dies there, the other instance serves another request there, mail or
//! blobs are away. Time stands still but for operations that move it, mostly to just before, at or
//! after an instant at which something ends.
//!
//! Both sides (`side`) have equal clocks, randomness, blobs and mail systems, so equal answers are
//! equal values: every answer, every mail and every port call with its outcome is compared, and in
//! the end, when the workers have run dry, everything that is stored; then the invariants are
//! checked. What the ports leave open is not compared: the order of lists that have none, EXIF in
//! lists, what is left of things that are marked as deleting.
//!
//! Each store runs as many seeds as it manages in about a minute. `GALLERY_MODEL_SEEDS=N` runs N
//! instead, `GALLERY_MODEL_SEED=S` that seed alone, whose history is printed. A history on which
//! the sides differ is shrunk and printed with its seed. That the test notices broken stores is
//! proven by `tests/it/mutants.rs`.
//!
//! It must not know an adapter: the model, too, is handed to it.

mod action;
mod compare;
pub mod faulty;
pub mod generate;
mod history;
pub mod lens;
mod methods;
pub mod operation;
mod ports;
mod prerequisites;
mod resolve;
mod seeds;
pub mod shrink;
mod side;
mod slots;
mod texts;
mod world;

pub use seeds::{PARTS, SEEDS, check_seed, first_difference, run_part};

/// Makes the model test of one store, in four parts that run in parallel.
///
/// Takes two paths in the scope of the call: an `async fn() -> ([SharedStore; 2], impl Any)`, which
/// makes an empty store with two handles such as two instances would have (the second part is kept
/// until the history is over), and a `fn() -> SharedStore`, which makes an empty model:
/// gallery-store-memory's `MemoryStore`. A third argument says how many seeds, where 200 take too
/// long or no time at all. The tests run on two threads of tokio, of which the calling crate needs
/// `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! model_suite {
    ($fresh_pair:path, $model:path) => {
        $crate::model_suite!($fresh_pair, $model, $crate::model::SEEDS);
    };
    ($fresh_pair:path, $model:path, $seeds:expr) => {
        $crate::model_suite!(@ $fresh_pair, $model, $seeds,
            model_random_histories_1 0
            model_random_histories_2 1
            model_random_histories_3 2
            model_random_histories_4 3
        );
    };
    (@ $fresh_pair:path, $model:path, $seeds:expr, $($name:ident $part:literal)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::model::run_part($part, $seeds, $fresh_pair, $model).await;
            }
        )*
    };
}

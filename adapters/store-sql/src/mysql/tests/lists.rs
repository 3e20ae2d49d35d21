//! Lists of values that are longer than a statement may be.

use uuid::Uuid;

use super::{drop_database, fresh};
use crate::sql::lists;

/// The attack: as many records as expire while nobody sweeps. A list of them has more places than
/// either dialect takes.
#[tokio::test]
async fn a_list_of_a_hundred_thousand_values_is_cut_into_statements() {
    let store = fresh("lists").await;
    let ids: Vec<Uuid> = (0..100_000).map(Uuid::from_u128).collect();
    let mut tx = store.attempts().begin().await.unwrap();
    assert_eq!(tx.run_for(lists::delete_jobs, &ids).await.unwrap(), 0);
    tx.lock_accounts(ids.iter().copied()).await.unwrap();
    tx.finish().await;
    drop_database(&store).await;
}

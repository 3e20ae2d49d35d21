//! What scenarios do again and again: reading lists to their end, running tasks at once, expecting
//! errors.
//!
//! Knows the ports' types only. It is exercised by every scenario.

use std::fmt::Debug;

use gallery_core::ports::{Conflict, StoreError};
use gallery_core::values::{Cursor, Page, PageRequest};

/// A request for a page.
pub fn page(limit: u32, after: Option<Cursor>) -> PageRequest {
    PageRequest::new(Some(limit), after.map(|cursor| cursor.encode()).as_deref()).unwrap()
}

/// A request for everything, as long as the test's lists are short.
pub fn whole() -> PageRequest {
    page(PageRequest::MAX_LIMIT, None)
}

/// Reads a list page by page to its end.
pub async fn walk<T>(limit: u32, list: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>) -> Vec<T> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = list(page(limit, after)).await.unwrap();
        if page.next.is_some() {
            assert_eq!(page.items.len(), limit as usize, "a page before the last one is full");
        }
        found.extend(page.items);
        assert!(found.len() <= 10_000, "the list has an end");
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

/// Runs tasks at once, on all threads; returns their results in order.
pub async fn in_parallel<T, F>(tasks: u32, task: impl Fn(u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let running: Vec<_> = (0..tasks).map(|n| tokio::spawn(task(n))).collect();
    let mut results = Vec::new();
    for task in running {
        results.push(task.await.unwrap());
    }
    results
}

/// Panics unless the store answered [`StoreError::NotFound`].
#[track_caller]
pub fn assert_not_found<T: Debug>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::NotFound) => {}
        other => panic!("expected NotFound, got {other:?}"),
    }
}

/// Panics unless the store answered this conflict.
#[track_caller]
pub fn assert_conflict<T: Debug>(result: Result<T, StoreError>, expected: Conflict) {
    match result {
        Err(StoreError::Conflict(conflict)) => assert_eq!(conflict, expected),
        other => panic!("expected Conflict({expected:?}), got {other:?}"),
    }
}

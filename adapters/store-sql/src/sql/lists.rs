//! Statements for lists of values, put together from constants and placeholders.

/// The most values of one list. With four places for each, which is the most that a statement has,
/// and some more, they stay far below what a statement may have: 65,535 places on MySQL, 32,766 in
/// SQLite.
pub(crate) const MOST: usize = 4_096;

/// The values in lists that are not too long.
pub(crate) fn parts<T>(values: &[T]) -> impl Iterator<Item = &[T]> {
    values.chunks(MOST)
}

/// How many values a statement for this many takes: the next power of two, so that there are few
/// different statements to prepare. The last value is repeated in the places that are left.
pub(crate) fn places(values: usize) -> usize {
    debug_assert!(values <= MOST, "a list of {values} values: use `parts`");
    values.next_power_of_two()
}

/// `(?, ?, …)` for this many values.
pub(crate) fn list(places: usize) -> String {
    format!("({})", vec!["?"; places].join(", "))
}

/// The account of each of these photos.
pub(crate) fn owners_of_photos(places: usize) -> String {
    format!("SELECT owner_id FROM Photo WHERE id IN {}", list(places))
}

/// The values of those of these counters that have not ended. Binds: the names, now.
pub(crate) fn running_counters(places: usize) -> String {
    format!("SELECT name, value FROM Counter WHERE name IN {} AND ends_at >= ?", list(places))
}

pub(crate) fn delete_jobs(places: usize) -> String {
    format!("DELETE FROM Job WHERE id IN {}", list(places))
}

pub(crate) fn delete_tokens(places: usize) -> String {
    format!("DELETE FROM SessionToken WHERE hash IN {}", list(places))
}

pub(crate) fn delete_sessions_without_token(places: usize) -> String {
    format!(
        "DELETE FROM Session WHERE id IN {} AND NOT EXISTS \
         (SELECT 1 FROM SessionToken t WHERE t.session_id = Session.id)",
        list(places)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_values_come_in_few_lengths() {
        assert_eq!((1..=512).map(places).collect::<std::collections::BTreeSet<_>>().len(), 10);
        assert_eq!((places(1), places(3), places(500), places(MOST)), (1, 4, 512, MOST));
        assert_eq!(delete_jobs(2), "DELETE FROM Job WHERE id IN (?, ?)");
    }
}

//! What failures of the driver and the server mean: every one becomes a [`StoreError`] here and
//! nowhere else.

use gallery_core::ports::StoreError;
use sqlx::mysql::MySqlDatabaseError;

use crate::error::SqlError;

/// What a failure of the driver means to the core.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    if is_away(&error) { SqlError::Away(error).into() } else { SqlError::Failed(error).into() }
}

/// Numbers of errors, of MySQL
/// (<https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html>) and of MariaDB
/// (<https://mariadb.com/kb/en/mariadb-error-code-reference/>), which agree below 1900.
pub(super) mod code {
    /// The unit of work got into another's way, and was undone or will be: a deadlock, a lock that
    /// was not to be had in time, a row that changed since the snapshot.
    pub(crate) const CONTENTION: [u16; 3] = [1213, 1205, 1020];
    /// The connection is of no use any more: the server shuts down, has killed it, or has become a
    /// replica that takes no changes, while another server took its place.
    pub(crate) const CONNECTION: [u16; 8] = [1053, 1080, 1290, 1792, 1836, 1927, 3169, 4031];
    /// The server cannot do it now: it has too many connections, no memory, no disk, is not in its
    /// cluster, or was told to stop the statement.
    pub(crate) const PASSING: [u16; 23] = [
        1021, 1026, 1037, 1038, 1040, 1041, 1047, 1114, 1129, 1152, 1158, 1159, 1160, 1161, 1180, 1184, 1203,
        1206, 1226, 1317, 1637, 1969, 3024,
    ];
    /// The server takes no changes.
    pub(crate) const READ_ONLY: [u16; 3] = [1290, 1792, 1836];
}

/// The number of an error that the server itself reports.
pub(super) fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

/// True when trying again later may help.
fn is_away(error: &sqlx::Error) -> bool {
    use code::{CONNECTION, CONTENTION, PASSING};
    match error {
        sqlx::Error::Database(_) => number(error).is_some_and(|number| {
            CONTENTION.contains(&number) || CONNECTION.contains(&number) || PASSING.contains(&number)
        }),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        _ => false,
    }
}

/// True when the connection must not be used any more.
pub(super) fn breaks_connection(error: &sqlx::Error) -> bool {
    number(error).is_none_or(|number| code::CONNECTION.contains(&number))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_may_pass_is_unavailable() {
        let lost = || io::Error::new(io::ErrorKind::ConnectionReset, "reset");
        for passing in [
            sqlx::Error::Io(lost()),
            sqlx::Error::Tls("expired".into()),
            sqlx::Error::Protocol("cut off".into()),
            sqlx::Error::PoolTimedOut,
            sqlx::Error::PoolClosed,
            sqlx::Error::BeginFailed,
        ] {
            assert!(breaks_connection(&passing), "{passing}");
            assert!(matches!(failed(passing), StoreError::Unavailable(_)));
        }
        assert!(matches!(failed(sqlx::Error::RowNotFound), StoreError::Backend(_)));
        assert!(matches!(failed(sqlx::Error::ColumnNotFound("id".to_owned())), StoreError::Backend(_)));
    }
}

//! Sessions and their tokens.

use super::users::user_columns;

/// The columns of `rows::SessionRow`.
macro_rules! session_columns {
    () => {
        "s.id AS session_id, s.user_id, s.created_at AS started_at, s.last_seen_at, s.ends_at, s.user_agent"
    };
}

/// The account, the session and the token in one statement: the start of every request.
pub(crate) const AUTHENTICATE: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    session_columns!(),
    ", t.hash, t.issued_at, t.expires_at, t.replaced_by \
     FROM SessionToken t JOIN Session s ON s.id = t.session_id JOIN User u ON u.id = s.user_id \
     WHERE t.hash = ? AND s.user_id = ? AND u.deleting = 0"
);

/// A token's session and replacement, when the account is live.
pub(crate) const TOKEN: &str = "SELECT t.session_id, t.replaced_by \
     FROM SessionToken t JOIN Session s ON s.id = t.session_id JOIN User u ON u.id = s.user_id \
     WHERE t.hash = ? AND s.user_id = ? AND u.deleting = 0";

pub(crate) const REPLACE_TOKEN: &str = "UPDATE SessionToken SET replaced_by = ? WHERE hash = ?";

pub(crate) const SEEN: &str = "UPDATE Session SET last_seen_at = ? WHERE id = ?";

pub(crate) const OF_USER: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM Session s WHERE s.user_id = ? AND s.ends_at > ? AND EXISTS \
     (SELECT 1 FROM SessionToken t WHERE t.session_id = s.id AND t.expires_at > ?) ORDER BY s.id DESC"
);

/// Tokens go with their session, by the foreign key.
pub(crate) const END: &str = "DELETE FROM Session WHERE id = ? AND user_id = ?";

pub(crate) const END_ALL: &str = "DELETE FROM Session WHERE user_id = ?";

pub(crate) const END_ALL_BUT: &str = "DELETE FROM Session WHERE user_id = ? AND id <> ?";

pub(crate) const START: &str = "INSERT INTO Session \
     (id, user_id, created_at, last_seen_at, ends_at, user_agent) VALUES (?, ?, ?, ?, ?, ?)";

pub(crate) const ADD_TOKEN: &str =
    "INSERT INTO SessionToken (hash, session_id, issued_at, expires_at) VALUES (?, ?, ?, ?)";

/// Tokens with their session and account.
pub(crate) const EXPIRED_TOKENS: &str = "SELECT t.hash, t.session_id, s.user_id FROM SessionToken t \
     JOIN Session s ON s.id = t.session_id WHERE t.expires_at < ? ORDER BY t.expires_at LIMIT ?";

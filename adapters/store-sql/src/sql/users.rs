//! Accounts and registrations.

/// The columns of `rows::UserRow`.
macro_rules! user_columns {
    () => {
        "u.id, u.email, u.email_key, u.name, u.language, u.password_hash, u.created_at, u.confirmed_at, \
         u.albums, u.photos, u.bytes, u.quota_bytes"
    };
}
pub(crate) use user_columns;

/// The columns of `rows::RegistrationRow`.
macro_rules! registration_columns {
    () => {
        "id, email, email_key, name, language, password_hash, created_at, quota_bytes"
    };
}

pub(crate) const REGISTER: &str =
    concat!("INSERT INTO Registration (", registration_columns!(), ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

pub(crate) const REGISTRATION: &str =
    concat!("SELECT ", registration_columns!(), " FROM Registration WHERE id = ?");

pub(crate) const REGISTRATIONS_OF: &str = concat!(
    "SELECT ",
    registration_columns!(),
    " FROM Registration WHERE email_key = ? ORDER BY created_at DESC, id DESC LIMIT ?"
);

pub(crate) const OLD_REGISTRATIONS: &str =
    "SELECT id FROM Registration WHERE created_at < ? ORDER BY created_at LIMIT ?";

pub(crate) const UNREGISTER: &str = "DELETE FROM Registration WHERE id = ?";

/// Makes a registration an account. Binds: when, id.
pub(crate) const CONFIRM: &str = "INSERT INTO User (id, email, email_key, name, language, password_hash, created_at, confirmed_at, quota_bytes) \
     SELECT id, email, email_key, name, language, password_hash, created_at, ?, quota_bytes FROM Registration WHERE id = ?";

pub(crate) const BY_ID: &str =
    concat!("SELECT ", user_columns!(), " FROM User u WHERE u.id = ? AND u.deleting = 0");

pub(crate) const BY_EMAIL: &str =
    concat!("SELECT ", user_columns!(), " FROM User u WHERE u.email_key = ? AND u.deleting = 0");

/// Returns one row for a live account.
pub(crate) const IS_LIVE: &str = "SELECT 1 FROM User WHERE id = ? AND deleting = 0";

pub(crate) const UPDATE: &str = "UPDATE User SET name = ?, language = ? WHERE id = ? AND deleting = 0";

pub(crate) const SET_PASSWORD: &str = "UPDATE User SET password_hash = ? WHERE id = ?";

/// Besides the address, what only log-in needs is forgotten at once.
pub(crate) const MARK: &str = "UPDATE User SET deleting = 1, email = NULL, email_key = NULL, name = '', \
     language = NULL, password_hash = '' WHERE id = ?";

/// Whether the account is marked, and whether anything is left under it.
pub(crate) const LEFT_OVER: &str = "SELECT u.deleting, \
     EXISTS (SELECT 1 FROM Album a WHERE a.owner_id = u.id) OR EXISTS (SELECT 1 FROM Photo p WHERE p.owner_id = u.id) \
     FROM User u WHERE u.id = ?";

pub(crate) const DELETE: &str = "DELETE FROM User WHERE id = ?";

/// What an account may still hold, in bytes; may be negative after its quota was lowered.
pub(crate) const BYTES_LEFT: &str = "SELECT quota_bytes - bytes FROM User WHERE id = ?";

/// Adds to the usage: albums, photos, bytes.
pub(crate) const ADD_USAGE: &str =
    "UPDATE User SET albums = albums + ?, photos = photos + ?, bytes = bytes + ? WHERE id = ?";

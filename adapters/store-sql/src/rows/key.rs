//! Texts that compare byte by byte in every dialect: keys and terms. Tested by the conformance
//! suite.
//!
//! SQLite keeps them as TEXT, which compares so by itself. MySQL and MariaDB have no collation in
//! common that does not ignore spaces at the end, so there they are VARBINARY, which the driver
//! won't read as a text.

use sqlx::decode::Decode;
use sqlx::error::BoxDynError;
use sqlx::mysql::{MySqlTypeInfo, MySqlValueRef};
use sqlx::sqlite::{SqliteTypeInfo, SqliteValueRef};
use sqlx::{MySql, Sqlite, Type};

/// A key or term, as read.
pub(crate) struct Key(pub(crate) String);

impl Type<Sqlite> for Key {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }

    fn compatible(stored: &SqliteTypeInfo) -> bool {
        <String as Type<Sqlite>>::compatible(stored)
    }
}

impl Decode<'_, Sqlite> for Key {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        <String as Decode<Sqlite>>::decode(value).map(Self)
    }
}

impl Type<MySql> for Key {
    fn type_info() -> MySqlTypeInfo {
        <Vec<u8> as Type<MySql>>::type_info()
    }

    fn compatible(stored: &MySqlTypeInfo) -> bool {
        <Vec<u8> as Type<MySql>>::compatible(stored)
    }
}

impl Decode<'_, MySql> for Key {
    fn decode(value: MySqlValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(String::from_utf8(<Vec<u8> as Decode<MySql>>::decode(value)?)?))
    }
}

//! `from_row!`: a struct's fields are a row's columns. What `#[derive(FromRow)]` does; but sqlx's
//! own macros have the drivers of all databases compiled a second time, for the compiler.

/// Decodes a struct from a row of either driver: its columns, those that not every statement
/// selects, and structs that are made of the same row.
macro_rules! from_row {
    ($name:ident { $($column:ident),+ $(; optional $($optional:ident),+)? $(; rows $($part:ident),+)? }) => {
        from_row!(@ sqlx::sqlite::SqliteRow, $name, [$($column),+] [$($($optional),+)?] [$($($part),+)?]);
        from_row!(@ sqlx::mysql::MySqlRow, $name, [$($column),+] [$($($optional),+)?] [$($($part),+)?]);
    };
    (@ $row:ty, $name:ident, [$($column:ident),+] [$($optional:ident),*] [$($part:ident),*]) => {
        impl sqlx::FromRow<'_, $row> for $name {
            fn from_row(row: &$row) -> sqlx::Result<Self> {
                Ok(Self {
                    $($column: sqlx::Row::try_get(row, stringify!($column))?,)+
                    $($optional: match sqlx::Row::try_get(row, stringify!($optional)) {
                        Err(sqlx::Error::ColumnNotFound(_)) => None,
                        value => value?,
                    },)*
                    $($part: sqlx::FromRow::from_row(row)?,)*
                })
            }
        }
    };
}

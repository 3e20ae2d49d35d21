//! What the camera wrote: reading EXIF data, and what they say about orientation, time, camera,
//! lens and place.
//!
//! Values are printed as exiftool prints them; `tests/it/exiftool.rs` compares. The work is split:
//! `tiff` finds entries without ever trusting a length, `value` turns an entry into text and
//! numbers, `tags` is the table of names and conversions with its value lists in `lists`, `print`
//! are the conversions, `data` has the entries of a photo and prints them, `facts` reads what the
//! gallery itself uses, and `captions` what people wrote. Nothing here knows an image format, and
//! nothing fails: what cannot be read is left out.
//!
//! Why not a ready-made reader: kamadak-exif copies every value, so that entries sharing one large
//! value multiply it, and gives up where exiftool reads on. It writes the EXIF data of the tests.

mod captions;
mod data;
mod facts;
mod lists;
mod print;
mod tags;
mod tiff;
mod value;

pub use data::Exif;
pub use tiff::{ByteOrder, Directory, Kind};

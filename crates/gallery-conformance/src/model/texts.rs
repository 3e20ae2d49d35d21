//! What people in histories are called and type: few texts, so that they meet again, but of every
//! kind.

/// The addresses of each person, in several spellings.
pub const ADDRESSES: [[&str; 2]; 3] = [
    ["ann@example.org", "Ann@EXAMPLE.org"],
    ["bob@example.org", "BOB@example.org."],
    ["éva@bücher.example", "E\u{301}va@xn--bcher-kva.example"],
];

/// Passwords; the last ones may not be chosen.
pub const PASSWORDS: [&str; 4] = ["blue heron at dusk", "grüner Molch, 水", "short", ""];

/// Names of people and albums, titles.
pub const NAMES: [&str; 10] = [
    "Sea",
    "Été à Paris",
    "sea SEA sun",
    "海 sunset",
    "👩‍👩‍👧 family ﬁne",
    "ete e\u{301}te",
    "שלום עולם",
    "İstanbul_100%",
    "O'Brien \"; -- \\",
    "",
];

/// Descriptions.
pub const DESCRIPTIONS: [&str; 5] =
    ["", "A heron by the sea", "line one\nline two", "𝒮unrise مرحبا 1.5", "heron heron Heron"];

/// Lists of tags, with commas between.
pub const TAGS: [&str; 6] =
    ["", "sun, sea", "Heron", "été,ete,été", "a,b,c,d,e,f", "C++,grey heron,👩🏽\u{200d}🚀,say \"hi\",???"];

/// When a photo was taken, as its owner types it: nothing, for what the file says; times that equal
/// those of files, and one that is refused.
pub const TIMES: [&str; 7] =
    ["", "2023", "1969-12", "2023-11-14", "2023-11-14 22:13:20.123", "2027-01-15 08:00 +13:45", "1700-01-01"];

/// Searches.
pub const QUERIES: [&str; 30] = [
    "sea",
    "s",
    "ete",
    "ÉTÉ par",
    "sun sea",
    "heron",
    "海",
    "",
    "!!",
    "istanbul",
    "pinhole",
    "שלו",
    "100 %",
    "fi",
    "tag:sea",
    "tag:\"c++\"",
    "tag:c",
    "tag:\"say \"\"hi\"\"\"",
    "\"sea\"",
    "\"grey heron\" -sea",
    "-sea",
    "-tag:heron -été",
    "album:sea heron",
    "-album:sea",
    "album:nowhere",
    "type:jpg before:2030",
    "after:2024 type:png",
    "camera:pin lens:x",
    "👩🏽\u{200d}🚀",
    "before:soon \"sun",
];

/// Names of files.
pub const FILES: [&str; 4] = ["heron.jpg", "IMG_0001.JPG", "../été 海.png", ""];

/// The entry at this place, counted round.
pub fn pick<T: Copy>(list: &[T], place: u8) -> T {
    list[usize::from(place) % list.len()]
}

/// Languages as clients name them: none, those there are, and one that there is not.
pub const LANGUAGES: [Option<&str>; 4] = [None, Some("de"), Some("en-GB"), Some("tlh")];

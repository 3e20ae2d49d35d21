//! What cameras, phones and programs write where a person could: on every photo the same, so that
//! it says nothing about any. Compared folded: without regard to case, decoration and white space.
//! The lists are what people found in their photos: those of `PhotoPrism`, `KPhotoAlbum` and
//! iNaturalist, and files in the bug reports of others.

/// Words that stand for nothing at all.
const NOTHING: &[&str] = &["null", "null null", "undefined"];

/// Phrases of no maker, or of one that does not name itself.
const PHRASES: &[&str] = &[
    "applemark",
    "auto stamp",
    "binary comment",
    "camera sony",
    "casio computer co ltd",
    "charset ascii",
    "charset ascii ascii",
    "created by imlib",
    "created with gimp",
    "dcf",
    "dcim",
    "digital camera",
    "digital still camera",
    "dsc",
    "dsc picture",
    "dvc 10 1 hdmi",
    "exif jpeg",
    "exif jpeg 422",
    "exif jpeg picture",
    "exif jpeg t422",
    "hellomoto",
    "hisilicon k3",
    "iclarified",
    "jpeg",
    "lead technologies inc v1 01",
    "my beautiful picture",
    "olympus imaging corp",
    "olympus optical co ltd",
];

/// What stands before a number that differs from camera to camera.
const BEFORE_A_VERSION: &[&str] = &["dcf ", "oppo "];

/// What begins a text that names the program or the camera with more than its model.
const BEGINNINGS: &[&str] = &["creator gd jpeg v", "digimax "];

/// What follows a maker's name.
const AFTER_A_MAKER: &[&str] = &[
    "camera pictures",
    "camera picture",
    "digital camera",
    "digital game camera",
    "digital still camera",
    "digital video camera",
    "dsc",
    "dsc picture",
];

/// Words of names of makers that write themselves before such a phrase; the file's own maker
/// counts, too.
const MAKERS: &[&str] = &[
    "agfa",
    "aiptek",
    "argus",
    "benq",
    "canon",
    "casio",
    "co",
    "company",
    "computer",
    "concord",
    "corp",
    "corporation",
    "eastman",
    "electric",
    "electronics",
    "epson",
    "fuji",
    "fujifilm",
    "general",
    "genius",
    "hp",
    "inc",
    "jenoptik",
    "jk",
    "imaging",
    "kenox",
    "kodak",
    "konica",
    "kyocera",
    "leica",
    "lg",
    "ltd",
    "medion",
    "minolta",
    "moultrie",
    "nikon",
    "olympus",
    "optical",
    "panasonic",
    "pentax",
    "polaroid",
    "praktica",
    "premier",
    "ricoh",
    "rollei",
    "samsung",
    "sanyo",
    "seiko",
    "sharp",
    "sony",
    "techwin",
    "toshiba",
    "traveler",
    "trust",
    "vivitar",
    "voigtlander",
    "yashica",
];

/// What phones call the way in which a picture was made, and what programs fill in. A person may
/// use such a word, so it counts as a title or description, not as a tag.
const WORDS: &[&str] = &[
    "bsh",
    "btf",
    "btfhdr",
    "btfmdn",
    "btr",
    "burst",
    "cof",
    "cuva",
    "dav",
    "default",
    "edf",
    "edhdr",
    "fbt",
    "fbthdr",
    "fptr",
    "frem",
    "frontbhdp",
    "fshbty",
    "fznor",
    "hdr",
    "hdrpl",
    "mde",
    "mde soft",
    "mon",
    "mot",
    "nor",
    "oznor",
    "oznorwo",
    "ptr",
    "qrf",
    "rbt",
    "rhdr",
    "rpt",
    "scanner",
    "sdr hdrb",
    "smart",
    "untitled",
];

/// The camera of the file in which a text stands, folded.
#[derive(Debug, Default)]
pub struct Camera {
    maker: String,
    model: String,
}

impl Camera {
    /// By its maker and model, as they stand in the file.
    pub fn new(maker: &str, model: &str) -> Self {
        Self { maker: folded(maker), model: folded(model) }
    }

    /// Whether this is nothing but the name of the maker or model.
    fn is_named(&self, folded: &str) -> bool {
        let Self { maker, model } = self;
        let brand = maker.split(' ').next().unwrap_or_default();
        let model_alone = model.strip_prefix(brand).unwrap_or(model).trim_start();
        let both = [(maker.as_str(), model.as_str()), (brand, model), (brand, model_alone)];
        let names = [maker.as_str(), brand, model, model_alone];
        names.contains(&folded) || both.iter().any(|(maker, model)| folded == format!("{maker} {model}"))
    }

    /// Whether such a name can stand before what makers write.
    fn has_word(&self, word: &str) -> bool {
        MAKERS.contains(&word) || self.maker.split(' ').chain(self.model.split(' ')).any(|own| own == word)
    }
}

/// Whether this keyword says nothing.
pub fn is_no_keyword(text: &str, camera: &Camera) -> bool {
    let folded = folded(text);
    !folded.is_empty() && (says_nothing(&folded, camera) || is_folder(text))
}

/// Whether this title or description says nothing.
pub fn is_no_text(text: &str, camera: &Camera) -> bool {
    is_no_keyword(text, camera) || WORDS.contains(&folded(text).as_str())
}

fn says_nothing(folded: &str, camera: &Camera) -> bool {
    let is_version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == ' ');
    let has_version = |name: &str| folded.strip_prefix(name).is_some_and(is_version);
    let after_maker = folded.split(' ').position(|word| !camera.has_word(word)).map(|words| {
        let after = folded.splitn(words + 1, ' ').nth(words).unwrap_or_default();
        words > 0 && AFTER_A_MAKER.contains(&after)
    });
    NOTHING.contains(&folded)
        || PHRASES.contains(&folded)
        || camera.is_named(folded)
        || after_maker == Some(true)
        || BEFORE_A_VERSION.iter().any(|name| has_version(name))
        || BEGINNINGS.iter().any(|beginning| folded.starts_with(beginning))
}

/// Where the file was on the camera's card (DCF 2.0, CIPA DC-009): `DCIM\100GOPRO`,
/// `C:\DCIM\100MEDIA\DJI_0001.JPG`.
fn is_folder(text: &str) -> bool {
    let text = text.trim();
    !text.contains(char::is_whitespace)
        && text.contains(['\\', '/'])
        && text.split(['\\', '/']).any(|part| part.eq_ignore_ascii_case("dcim"))
}

/// Words in lower case with one space between them; all that is neither letter nor digit is
/// decoration.
fn folded(text: &str) -> String {
    let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase()
}

/// Whether a description was known to say nothing before this module was; compared without regard
/// to case.
pub fn was_no_description(text: &str) -> bool {
    const KNOWN: &[&str] =
        &["dcim", "default", "dsc", "exif_jpeg_picture", "jpeg", "kodak digital still camera", "sony dsc"];
    let text = text.trim().to_lowercase();
    KNOWN.contains(&text.as_str()) || text.ends_with("digital camera")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_EVERY_PHOTO: &[&str] = &[
        "OLYMPUS DIGITAL CAMERA         ",
        "** olympus digital camera **",
        "KONICA MINOLTA DIGITAL CAMERA",
        "Minolta DSC",
        "EPSON DSC picture",
        "SONY DSC",
        "KODAK Digital Still Camera",
        "SAMSUNG CAMERA PICTURES",
        "JENOPTIK DIGITAL CAMERA",
        "MOULTRIE DIGITAL GAME CAMERA",
        "Digital Camera",
        "Exif_JPEG_PICTURE",
        "Exif JPEG",
        "DCIM\\100GOPRO",
        "C:\\DCIM\\100MEDIA\\DJI_0001.JPG",
        "DCIM",
        "DCF 1.0",
        "DCF",
        "null",
        "(NULL)",
        "undefined",
        "HELLOMOTO",
        "My beautiful picture",
        "charset=Ascii",
        "Exif_JPEG_422",
        "EXIF_JPEG_T422",
        "OLYMPUS OPTICAL CO.,LTD",
        "OLYMPUS IMAGING CORP.  ",
        "CASIO COMPUTER CO.,LTD",
        "CAMERA-SONY",
        "Hisilicon K3",
        "AUTO_STAMP",
        "Created with GIMP",
        "AppleMark\n",
        "<Digimax i5, Samsung #1>",
        "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 80\n",
        "charset=\"ascii\" Ascii",
        "oppo_0",
    ];

    #[test]
    fn knows_what_cameras_write_on_every_photo() {
        for text in OF_EVERY_PHOTO {
            assert!(is_no_text(text, &Camera::default()), "{text}");
            assert!(is_no_keyword(text, &Camera::default()), "{text}");
        }
    }

    #[test]
    fn knows_the_names_of_its_own_camera() {
        let canon = Camera::new("Canon", "Canon EOS 40D");
        for text in ["Canon", "<Canon EOS 40D>", "EOS 40D", "Canon, Canon EOS 40D", "Canon EOS 40D DSC"] {
            assert!(is_no_text(text, &canon) && is_no_keyword(text, &canon), "{text}");
        }
        let nikon = Camera::new("NIKON CORPORATION", "NIKON D70");
        for text in ["Nikon", "NIKON CORPORATION", "Nikon D70", "D70", "NIKON CORPORATION NIKON D70"] {
            assert!(is_no_text(text, &nikon), "{text}");
        }
        let samsung = Camera::new("Samsung Techwin", "<KENOX S1050 / Samsung S1050>");
        assert!(is_no_text("<KENOX S1050 / Samsung S1050>", &samsung));
        let of_another = ["Canon", "Apple", "Samsung"];
        assert!(!of_another.iter().any(|text| is_no_text(text, &nikon)), "a photo may be of an apple");
    }

    #[test]
    fn what_phones_write_is_a_word_that_people_use() {
        for text in
            ["_cuva", "oznorWO", "sdr_HDRB", "default", "burst", "mde_soft", "fptr", "Untitled", "MOT"]
        {
            assert!(is_no_text(text, &Camera::default()), "{text}");
            assert!(!is_no_keyword(text, &Camera::default()), "{text}");
        }
    }

    #[test]
    fn leaves_what_people_write() {
        let gopro = Camera::new("GoPro", "HERO8 Black");
        for text in [
            "My first digital camera",
            "My first digital camera, 1999",
            "Default gateway",
            "A heron",
            "The sign says NULL",
            "Black",
            "Canon in D",
            "DSC 2019 conference",
            "DCF Architects",
            "Smart",
            "photos/2019",
            "Sony Center, Berlin",
            "Kodak moment",
            "???",
            "♥",
            "Digital camera of my father",
            "Camera",
        ] {
            assert!(!is_no_keyword(text, &gopro), "{text}");
        }
        assert!(!is_no_text("Kodak moment", &gopro) && !is_no_text("♥", &gopro) && !is_no_text("", &gopro));
    }

    #[test]
    fn what_was_known_before_is_known_still() {
        for text in
            ["OLYMPUS DIGITAL CAMERA         ", "SONY DSC", "Default", "jpeg", "Kodak Digital Still Camera"]
        {
            assert!(was_no_description(text) && is_no_text(text, &Camera::default()), "{text}");
        }
        assert!(!was_no_description("DCF 1.0"));
    }
}

//! How a photo was shot, out of the printed values of its EXIF data. What makes no sense is left
//! out. Tests are below.

use super::Metadata;

/// The values that photographers ask for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaptureSettings {
    /// Who made the camera.
    pub maker: Option<String>,
    /// The camera's model.
    pub model: Option<String>,
    /// Seconds of exposure, as a fraction or a decimal number: `1/60`, `0.5`, `30`.
    pub exposure: Option<String>,
    /// The f-number.
    pub aperture: Option<f64>,
    /// The ISO speed.
    pub iso: Option<u32>,
    /// The lens's focal length, in millimetres.
    pub focal_length: Option<f64>,
    /// The focal length that gives the same picture on 35 mm film, in millimetres.
    pub focal_length_35mm: Option<f64>,
}

/// Old cameras write it, meaning "more than I can say".
const NO_ISO: u32 = 65_535;

impl Metadata {
    /// How the photo was shot.
    pub fn capture_settings(&self) -> CaptureSettings {
        let text = |tag| self.printed(tag).map(str::to_owned);
        CaptureSettings {
            maker: text("Make"),
            model: text("Model"),
            exposure: self.printed("ExposureTime").filter(|time| is_time(time)).map(str::to_owned),
            aperture: self.printed("FNumber").and_then(positive),
            iso: self
                .printed("ISO")
                .and_then(|iso| iso.split(',').next()?.trim().parse().ok())
                .filter(|iso| *iso > 0 && *iso < NO_ISO),
            focal_length: self.millimetres("FocalLength"),
            focal_length_35mm: self.millimetres("FocalLengthIn35mmFormat"),
        }
    }

    /// A printed value, unless it says nothing.
    fn printed(&self, tag: &str) -> Option<&str> {
        let value = self.exif.iter().find(|(name, _)| name == tag)?.1.trim();
        (!value.is_empty()).then_some(value)
    }

    fn millimetres(&self, tag: &str) -> Option<f64> {
        positive(self.printed(tag)?.strip_suffix(" mm")?)
    }
}

fn is_time(text: &str) -> bool {
    positive(text.strip_prefix("1/").unwrap_or(text)).is_some()
}

fn positive(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings_of(exif: &[(&str, &str)]) -> CaptureSettings {
        let exif = exif.iter().map(|(tag, printed)| ((*tag).to_owned(), (*printed).to_owned())).collect();
        Metadata { exif, ..Metadata::default() }.capture_settings()
    }

    #[test]
    fn is_what_the_camera_wrote() {
        let found = settings_of(&[
            ("Make", "Canon"),
            ("Model", "Canon EOS 40D"),
            ("ExposureTime", "1/60"),
            ("FNumber", "2.8"),
            ("ISO", "400, 0"),
            ("FocalLength", "24.0 mm"),
            ("FocalLengthIn35mmFormat", "38 mm"),
        ]);
        let expected = CaptureSettings {
            maker: Some("Canon".to_owned()),
            model: Some("Canon EOS 40D".to_owned()),
            exposure: Some("1/60".to_owned()),
            aperture: Some(2.8),
            iso: Some(400),
            focal_length: Some(24.0),
            focal_length_35mm: Some(38.0),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn nonsense_is_left_out() {
        for nonsense in ["", "  ", "0", "undef", "inf", "1/0", "-1", "65535 0", "0 mm", "inf mm", "NaN"] {
            let tags = ["ExposureTime", "FNumber", "ISO", "FocalLength", "FocalLengthIn35mmFormat"];
            assert_eq!(
                settings_of(&tags.map(|tag| (tag, nonsense))),
                CaptureSettings::default(),
                "{nonsense}"
            );
        }
        assert_eq!(settings_of(&[("ISO", "65535"), ("Make", " ")]), CaptureSettings::default());
    }
}

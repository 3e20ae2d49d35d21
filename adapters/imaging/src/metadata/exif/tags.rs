//! The table of tags: id, name as exiftool calls it, and how its value is printed. Sources: TIFF
//! 6.0, and EXIF 2.32 (CIPA DC-008-2019), sections 4.6.4 to 4.6.8. Tags that are not listed are not
//! printed: pointers, maker notes, and what describes strips of pixels.

use super::lists;
use super::tiff::{Directory, Entry};

/// How a value is printed; see `print`.
#[derive(Debug, Clone, Copy)]
pub enum Print {
    /// As it is.
    Plain,
    /// Without white space at its end.
    Trimmed,
    /// Four characters, without the NULs that some writers add.
    Version,
    /// A number that stands for something.
    List(&'static [(u32, &'static str)]),
    /// The same; unknown numbers are printed in hexadecimal.
    HexList(&'static [(u32, &'static str)]),
    /// A text that stands for something.
    Words(&'static [(&'static str, &'static str)]),
    /// Numbers with commas between.
    Commas,
    /// Numbers with points between.
    Points,
    /// What the channels are.
    Components,
    /// Seconds, or a fraction of one.
    ExposureTime,
    /// The f-number.
    FNumber,
    /// An APEX time value, as seconds.
    ShutterSpeed,
    /// An APEX aperture value, as f-number.
    Aperture,
    /// A signed fraction of halves or thirds.
    Fraction,
    /// With something after it, such as a unit.
    Suffixed(&'static str),
    /// Metres, which may be infinite or unknown.
    Metres,
    /// Millimetres with one decimal.
    Millimetres,
    /// Text that begins with the name of its encoding (EXIF 2.32, table 9).
    EncodedText,
    /// UTF-16, little-endian: Microsoft's tags.
    Utf16,
    /// Focal lengths and f-numbers.
    LensInfo,
    /// Colours of the sensor's pixels.
    CfaPattern,
    /// Photographer and editor.
    Copyright,
    /// Degrees, minutes, seconds.
    Degrees,
    /// Hours, minutes, seconds.
    TimeOfDay,
    /// Year, month, day.
    Date,
}

/// A row of the table.
#[derive(Debug)]
pub struct Tag {
    /// Its name.
    pub name: &'static str,
    /// How its value is printed.
    pub print: Print,
    id: u16,
}

impl Tag {
    /// Whether, of two values, exiftool shows the first: tags that also occur in other places of a
    /// file with another meaning.
    pub fn keeps_first(&self) -> bool {
        const FIRST: [u16; 17] = [
            0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x010E, 0x0112, 0x0115, 0x0116, 0x011A, 0x011B, 0x011C,
            0x0128, 0x0211, 0x0212, 0x0213, 0xA403,
        ];
        FIRST.contains(&self.id)
    }
}

/// The row for an entry.
pub fn find(entry: &Entry<'_>) -> Option<&'static Tag> {
    let table = if entry.directory == Directory::Gps { GPS } else { MAIN };
    table.binary_search_by_key(&entry.id, |tag| tag.id).ok().map(|row| &table[row])
}

const fn tag(id: u16, name: &'static str, print: Print) -> Tag {
    Tag { name, print, id }
}

/// Every directory but the one about the place; in order of id.
static MAIN: &[Tag] = &[
    tag(0x0001, "InteropIndex", Print::Words(lists::INTEROP_INDEX)),
    tag(0x0002, "InteropVersion", Print::Version),
    tag(0x000B, "ProcessingSoftware", Print::Plain),
    tag(0x0100, "ImageWidth", Print::Plain),
    tag(0x0101, "ImageHeight", Print::Plain),
    tag(0x0102, "BitsPerSample", Print::Plain),
    tag(0x0103, "Compression", Print::List(lists::COMPRESSION)),
    tag(0x0106, "PhotometricInterpretation", Print::List(lists::PHOTOMETRIC)),
    tag(0x010D, "DocumentName", Print::Plain),
    tag(0x010E, "ImageDescription", Print::Plain),
    tag(0x010F, "Make", Print::Trimmed),
    tag(0x0110, "Model", Print::Trimmed),
    tag(0x0112, "Orientation", Print::List(lists::ORIENTATION)),
    tag(0x0115, "SamplesPerPixel", Print::Plain),
    tag(0x0116, "RowsPerStrip", Print::Plain),
    tag(0x011A, "XResolution", Print::Plain),
    tag(0x011B, "YResolution", Print::Plain),
    tag(0x011C, "PlanarConfiguration", Print::List(lists::PLANAR)),
    tag(0x011D, "PageName", Print::Plain),
    tag(0x0128, "ResolutionUnit", Print::List(lists::RESOLUTION_UNIT)),
    tag(0x0129, "PageNumber", Print::Plain),
    tag(0x0131, "Software", Print::Trimmed),
    tag(0x0132, "ModifyDate", Print::Plain),
    tag(0x013B, "Artist", Print::Trimmed),
    tag(0x013C, "HostComputer", Print::Plain),
    tag(0x013E, "WhitePoint", Print::Plain),
    tag(0x013F, "PrimaryChromaticities", Print::Plain),
    tag(0x0211, "YCbCrCoefficients", Print::Plain),
    tag(0x0212, "YCbCrSubSampling", Print::Words(lists::SUBSAMPLING)),
    tag(0x0213, "YCbCrPositioning", Print::List(lists::POSITIONING)),
    tag(0x0214, "ReferenceBlackWhite", Print::Plain),
    tag(0x1000, "RelatedImageFileFormat", Print::Plain),
    tag(0x1001, "RelatedImageWidth", Print::Plain),
    tag(0x1002, "RelatedImageHeight", Print::Plain),
    tag(0x4746, "Rating", Print::Plain),
    tag(0x4749, "RatingPercent", Print::Plain),
    tag(0x8298, "Copyright", Print::Copyright),
    tag(0x829A, "ExposureTime", Print::ExposureTime),
    tag(0x829D, "FNumber", Print::FNumber),
    tag(0x8822, "ExposureProgram", Print::List(lists::EXPOSURE_PROGRAM)),
    tag(0x8824, "SpectralSensitivity", Print::Plain),
    tag(0x8827, "ISO", Print::Commas),
    tag(0x882A, "TimeZoneOffset", Print::Plain),
    tag(0x882B, "SelfTimerMode", Print::Plain),
    tag(0x8830, "SensitivityType", Print::List(lists::SENSITIVITY_TYPE)),
    tag(0x8831, "StandardOutputSensitivity", Print::Plain),
    tag(0x8832, "RecommendedExposureIndex", Print::Plain),
    tag(0x8833, "ISOSpeed", Print::Plain),
    tag(0x8834, "ISOSpeedLatitudeyyy", Print::Plain),
    tag(0x8835, "ISOSpeedLatitudezzz", Print::Plain),
    tag(0x9000, "ExifVersion", Print::Version),
    tag(0x9003, "DateTimeOriginal", Print::Plain),
    tag(0x9004, "CreateDate", Print::Plain),
    tag(0x9010, "OffsetTime", Print::Plain),
    tag(0x9011, "OffsetTimeOriginal", Print::Plain),
    tag(0x9012, "OffsetTimeDigitized", Print::Plain),
    tag(0x9101, "ComponentsConfiguration", Print::Components),
    tag(0x9102, "CompressedBitsPerPixel", Print::Plain),
    tag(0x9201, "ShutterSpeedValue", Print::ShutterSpeed),
    tag(0x9202, "ApertureValue", Print::Aperture),
    tag(0x9203, "BrightnessValue", Print::Plain),
    tag(0x9204, "ExposureCompensation", Print::Fraction),
    tag(0x9205, "MaxApertureValue", Print::Aperture),
    tag(0x9206, "SubjectDistance", Print::Metres),
    tag(0x9207, "MeteringMode", Print::List(lists::METERING_MODE)),
    tag(0x9208, "LightSource", Print::List(lists::LIGHT_SOURCE)),
    tag(0x9209, "Flash", Print::HexList(lists::FLASH)),
    tag(0x920A, "FocalLength", Print::Millimetres),
    tag(0x920B, "FlashEnergy", Print::Plain),
    tag(0x920E, "FocalPlaneXResolution", Print::Plain),
    tag(0x920F, "FocalPlaneYResolution", Print::Plain),
    tag(0x9210, "FocalPlaneResolutionUnit", Print::List(lists::FOCAL_PLANE_UNIT)),
    tag(0x9211, "ImageNumber", Print::Plain),
    tag(0x9213, "ImageHistory", Print::Plain),
    tag(0x9214, "SubjectArea", Print::Plain),
    tag(0x9215, "ExposureIndex", Print::Plain),
    tag(0x9217, "SensingMethod", Print::List(lists::SENSING_METHOD)),
    tag(0x9286, "UserComment", Print::EncodedText),
    tag(0x9290, "SubSecTime", Print::Trimmed),
    tag(0x9291, "SubSecTimeOriginal", Print::Trimmed),
    tag(0x9292, "SubSecTimeDigitized", Print::Trimmed),
    tag(0x9400, "AmbientTemperature", Print::Suffixed(" C")),
    tag(0x9401, "Humidity", Print::Plain),
    tag(0x9402, "Pressure", Print::Plain),
    tag(0x9403, "WaterDepth", Print::Plain),
    tag(0x9404, "Acceleration", Print::Plain),
    tag(0x9405, "CameraElevationAngle", Print::Plain),
    tag(0x9C9B, "XPTitle", Print::Utf16),
    tag(0x9C9C, "XPComment", Print::Utf16),
    tag(0x9C9D, "XPAuthor", Print::Utf16),
    tag(0x9C9E, "XPKeywords", Print::Utf16),
    tag(0x9C9F, "XPSubject", Print::Utf16),
    tag(0xA000, "FlashpixVersion", Print::Version),
    tag(0xA001, "ColorSpace", Print::HexList(lists::COLOR_SPACE)),
    tag(0xA002, "ExifImageWidth", Print::Plain),
    tag(0xA003, "ExifImageHeight", Print::Plain),
    tag(0xA004, "RelatedSoundFile", Print::Plain),
    tag(0xA20B, "FlashEnergy", Print::Plain),
    tag(0xA20E, "FocalPlaneXResolution", Print::Plain),
    tag(0xA20F, "FocalPlaneYResolution", Print::Plain),
    tag(0xA210, "FocalPlaneResolutionUnit", Print::List(lists::FOCAL_PLANE_UNIT)),
    tag(0xA211, "ImageNumber", Print::Plain),
    tag(0xA213, "ImageHistory", Print::Plain),
    tag(0xA214, "SubjectLocation", Print::Plain),
    tag(0xA215, "ExposureIndex", Print::Plain),
    tag(0xA217, "SensingMethod", Print::List(lists::SENSING_METHOD)),
    tag(0xA300, "FileSource", Print::List(lists::FILE_SOURCE)),
    tag(0xA301, "SceneType", Print::List(lists::SCENE_TYPE)),
    tag(0xA302, "CFAPattern", Print::CfaPattern),
    tag(0xA401, "CustomRendered", Print::List(lists::CUSTOM_RENDERED)),
    tag(0xA402, "ExposureMode", Print::List(lists::EXPOSURE_MODE)),
    tag(0xA403, "WhiteBalance", Print::List(lists::WHITE_BALANCE)),
    tag(0xA404, "DigitalZoomRatio", Print::Plain),
    tag(0xA405, "FocalLengthIn35mmFormat", Print::Suffixed(" mm")),
    tag(0xA406, "SceneCaptureType", Print::List(lists::SCENE_CAPTURE_TYPE)),
    tag(0xA407, "GainControl", Print::List(lists::GAIN_CONTROL)),
    tag(0xA408, "Contrast", Print::List(lists::CONTRAST)),
    tag(0xA409, "Saturation", Print::List(lists::CONTRAST)),
    tag(0xA40A, "Sharpness", Print::List(lists::SHARPNESS)),
    tag(0xA40C, "SubjectDistanceRange", Print::List(lists::DISTANCE_RANGE)),
    tag(0xA420, "ImageUniqueID", Print::Plain),
    tag(0xA430, "OwnerName", Print::Plain),
    tag(0xA431, "SerialNumber", Print::Plain),
    tag(0xA432, "LensInfo", Print::LensInfo),
    tag(0xA433, "LensMake", Print::Plain),
    tag(0xA434, "LensModel", Print::Plain),
    tag(0xA435, "LensSerialNumber", Print::Plain),
    tag(0xA460, "CompositeImage", Print::List(lists::COMPOSITE_IMAGE)),
    tag(0xA461, "CompositeImageCount", Print::Plain),
    tag(0xA500, "Gamma", Print::Plain),
];

/// The directory about the place (EXIF 2.32, section 4.6.6); in order of id.
static GPS: &[Tag] = &[
    tag(0x00, "GPSVersionID", Print::Points),
    tag(0x01, "GPSLatitudeRef", Print::Words(lists::LATITUDE_REF)),
    tag(0x02, "GPSLatitude", Print::Degrees),
    tag(0x03, "GPSLongitudeRef", Print::Words(lists::LONGITUDE_REF)),
    tag(0x04, "GPSLongitude", Print::Degrees),
    tag(0x05, "GPSAltitudeRef", Print::List(lists::ALTITUDE_REF)),
    tag(0x06, "GPSAltitude", Print::Metres),
    tag(0x07, "GPSTimeStamp", Print::TimeOfDay),
    tag(0x08, "GPSSatellites", Print::Plain),
    tag(0x09, "GPSStatus", Print::Words(lists::GPS_STATUS)),
    tag(0x0A, "GPSMeasureMode", Print::Words(lists::MEASURE_MODE)),
    tag(0x0B, "GPSDOP", Print::Plain),
    tag(0x0C, "GPSSpeedRef", Print::Words(lists::SPEED_REF)),
    tag(0x0D, "GPSSpeed", Print::Plain),
    tag(0x0E, "GPSTrackRef", Print::Words(lists::DIRECTION_REF)),
    tag(0x0F, "GPSTrack", Print::Plain),
    tag(0x10, "GPSImgDirectionRef", Print::Words(lists::DIRECTION_REF)),
    tag(0x11, "GPSImgDirection", Print::Plain),
    tag(0x12, "GPSMapDatum", Print::Plain),
    tag(0x13, "GPSDestLatitudeRef", Print::Words(lists::LATITUDE_REF)),
    tag(0x14, "GPSDestLatitude", Print::Degrees),
    tag(0x15, "GPSDestLongitudeRef", Print::Words(lists::LONGITUDE_REF)),
    tag(0x16, "GPSDestLongitude", Print::Degrees),
    tag(0x17, "GPSDestBearingRef", Print::Words(lists::DIRECTION_REF)),
    tag(0x18, "GPSDestBearing", Print::Plain),
    tag(0x19, "GPSDestDistanceRef", Print::Words(lists::DISTANCE_REF)),
    tag(0x1A, "GPSDestDistance", Print::Plain),
    tag(0x1B, "GPSProcessingMethod", Print::EncodedText),
    tag(0x1C, "GPSAreaInformation", Print::EncodedText),
    tag(0x1D, "GPSDateStamp", Print::Date),
    tag(0x1E, "GPSDifferential", Print::List(lists::DIFFERENTIAL)),
    tag(0x1F, "GPSHPositioningError", Print::Suffixed(" m")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order_so_that_they_can_be_searched() {
        for table in [MAIN, GPS] {
            assert!(table.is_sorted_by(|left, right| left.id < right.id));
        }
    }
}

//! Value lists of EXIF tags: the meanings are those of EXIF 2.32 (CIPA DC-008-2019, sections 4.6.4
//! to 4.6.8), TIFF 6.0 (sections 8 and 20) and DCF 2.0 (CIPA DC-009), with values that makers
//! added; the wording is what exiftool prints. Knows no entry; `tags` says which tag has which
//! list.

/// Tag `Compression`.
pub const COMPRESSION: &[(u32, &str)] = &[
    (1, "Uncompressed"),
    (2, "CCITT 1D"),
    (3, "T4/Group 3 Fax"),
    (4, "T6/Group 4 Fax"),
    (5, "LZW"),
    (6, "JPEG (old-style)"),
    (7, "JPEG"),
    (8, "Adobe Deflate"),
    (32773, "PackBits"),
];

/// Tag `PhotometricInterpretation`.
pub const PHOTOMETRIC: &[(u32, &str)] = &[
    (0, "WhiteIsZero"),
    (1, "BlackIsZero"),
    (2, "RGB"),
    (3, "RGB Palette"),
    (4, "Transparency Mask"),
    (5, "CMYK"),
    (6, "YCbCr"),
    (8, "CIELab"),
];

/// Tag `Orientation`.
pub const ORIENTATION: &[(u32, &str)] = &[
    (1, "Horizontal (normal)"),
    (2, "Mirror horizontal"),
    (3, "Rotate 180"),
    (4, "Mirror vertical"),
    (5, "Mirror horizontal and rotate 270 CW"),
    (6, "Rotate 90 CW"),
    (7, "Mirror horizontal and rotate 90 CW"),
    (8, "Rotate 270 CW"),
];

/// Tag `PlanarConfiguration`.
pub const PLANAR: &[(u32, &str)] = &[(1, "Chunky"), (2, "Planar")];

/// Tag `ResolutionUnit`.
pub const RESOLUTION_UNIT: &[(u32, &str)] = &[(1, "None"), (2, "inches"), (3, "cm")];

/// Tag `YCbCrPositioning`.
pub const POSITIONING: &[(u32, &str)] = &[(1, "Centered"), (2, "Co-sited")];

/// Tag `ExposureProgram`.
pub const EXPOSURE_PROGRAM: &[(u32, &str)] = &[
    (0, "Not Defined"),
    (1, "Manual"),
    (2, "Program AE"),
    (3, "Aperture-priority AE"),
    (4, "Shutter speed priority AE"),
    (5, "Creative (Slow speed)"),
    (6, "Action (High speed)"),
    (7, "Portrait"),
    (8, "Landscape"),
    (9, "Bulb"),
];

/// Tag `SensitivityType`.
pub const SENSITIVITY_TYPE: &[(u32, &str)] = &[
    (0, "Unknown"),
    (1, "Standard Output Sensitivity"),
    (2, "Recommended Exposure Index"),
    (3, "ISO Speed"),
    (4, "Standard Output Sensitivity and Recommended Exposure Index"),
    (5, "Standard Output Sensitivity and ISO Speed"),
    (6, "Recommended Exposure Index and ISO Speed"),
    (7, "Standard Output Sensitivity, Recommended Exposure Index and ISO Speed"),
];

/// Tag `MeteringMode`.
pub const METERING_MODE: &[(u32, &str)] = &[
    (0, "Unknown"),
    (1, "Average"),
    (2, "Center-weighted average"),
    (3, "Spot"),
    (4, "Multi-spot"),
    (5, "Multi-segment"),
    (6, "Partial"),
    (255, "Other"),
];

/// Tag `LightSource`.
pub const LIGHT_SOURCE: &[(u32, &str)] = &[
    (0, "Unknown"),
    (1, "Daylight"),
    (2, "Fluorescent"),
    (3, "Tungsten (Incandescent)"),
    (4, "Flash"),
    (9, "Fine Weather"),
    (10, "Cloudy"),
    (11, "Shade"),
    (12, "Daylight Fluorescent"),
    (13, "Day White Fluorescent"),
    (14, "Cool White Fluorescent"),
    (15, "White Fluorescent"),
    (16, "Warm White Fluorescent"),
    (17, "Standard Light A"),
    (18, "Standard Light B"),
    (19, "Standard Light C"),
    (20, "D55"),
    (21, "D65"),
    (22, "D75"),
    (23, "D50"),
    (24, "ISO Studio Tungsten"),
    (255, "Other"),
];

/// Tag `Flash`.
pub const FLASH: &[(u32, &str)] = &[
    (0, "No Flash"),
    (1, "Fired"),
    (5, "Fired, Return not detected"),
    (7, "Fired, Return detected"),
    (8, "On, Did not fire"),
    (9, "On, Fired"),
    (13, "On, Return not detected"),
    (15, "On, Return detected"),
    (16, "Off, Did not fire"),
    (20, "Off, Did not fire, Return not detected"),
    (24, "Auto, Did not fire"),
    (25, "Auto, Fired"),
    (29, "Auto, Fired, Return not detected"),
    (31, "Auto, Fired, Return detected"),
    (32, "No flash function"),
    (48, "Off, No flash function"),
    (65, "Fired, Red-eye reduction"),
    (69, "Fired, Red-eye reduction, Return not detected"),
    (71, "Fired, Red-eye reduction, Return detected"),
    (73, "On, Red-eye reduction"),
    (77, "On, Red-eye reduction, Return not detected"),
    (79, "On, Red-eye reduction, Return detected"),
    (80, "Off, Red-eye reduction"),
    (88, "Auto, Did not fire, Red-eye reduction"),
    (89, "Auto, Fired, Red-eye reduction"),
    (93, "Auto, Fired, Red-eye reduction, Return not detected"),
    (95, "Auto, Fired, Red-eye reduction, Return detected"),
];

/// Tag `FocalPlaneResolutionUnit`.
pub const FOCAL_PLANE_UNIT: &[(u32, &str)] = &[(1, "None"), (2, "inches"), (3, "cm"), (4, "mm"), (5, "um")];

/// Tag `SensingMethod`.
pub const SENSING_METHOD: &[(u32, &str)] = &[
    (1, "Monochrome area"),
    (2, "One-chip color area"),
    (3, "Two-chip color area"),
    (4, "Three-chip color area"),
    (5, "Color sequential area"),
    (6, "Monochrome linear"),
    (7, "Trilinear"),
    (8, "Color sequential linear"),
];

/// Tag `ColorSpace`.
pub const COLOR_SPACE: &[(u32, &str)] = &[
    (1, "sRGB"),
    (2, "Adobe RGB"),
    (65533, "Wide Gamut RGB"),
    (65534, "ICC Profile"),
    (65535, "Uncalibrated"),
];

/// Tag `FileSource`.
pub const FILE_SOURCE: &[(u32, &str)] =
    &[(1, "Film Scanner"), (2, "Reflection Print Scanner"), (3, "Digital Camera")];

/// Tag `SceneType`.
pub const SCENE_TYPE: &[(u32, &str)] = &[(1, "Directly photographed")];

/// Tag `CustomRendered`.
pub const CUSTOM_RENDERED: &[(u32, &str)] = &[
    (0, "Normal"),
    (1, "Custom"),
    (2, "HDR (no original saved)"),
    (3, "HDR (original saved)"),
    (4, "Original (for HDR)"),
    (6, "Panorama"),
    (7, "Portrait HDR"),
    (8, "Portrait"),
];

/// Tag `ExposureMode`.
pub const EXPOSURE_MODE: &[(u32, &str)] = &[(0, "Auto"), (1, "Manual"), (2, "Auto bracket")];

/// Tag `WhiteBalance`.
pub const WHITE_BALANCE: &[(u32, &str)] = &[(0, "Auto"), (1, "Manual")];

/// Tag `SceneCaptureType`.
pub const SCENE_CAPTURE_TYPE: &[(u32, &str)] =
    &[(0, "Standard"), (1, "Landscape"), (2, "Portrait"), (3, "Night"), (4, "Other")];

/// Tag `GainControl`.
pub const GAIN_CONTROL: &[(u32, &str)] =
    &[(0, "None"), (1, "Low gain up"), (2, "High gain up"), (3, "Low gain down"), (4, "High gain down")];

/// Tag `Contrast`.
pub const CONTRAST: &[(u32, &str)] = &[(0, "Normal"), (1, "Low"), (2, "High")];

/// Tag `Sharpness`.
pub const SHARPNESS: &[(u32, &str)] = &[(0, "Normal"), (1, "Soft"), (2, "Hard")];

/// Tag `SubjectDistanceRange`.
pub const DISTANCE_RANGE: &[(u32, &str)] = &[(0, "Unknown"), (1, "Macro"), (2, "Close"), (3, "Distant")];

/// Tag `CompositeImage`.
pub const COMPOSITE_IMAGE: &[(u32, &str)] = &[
    (0, "Unknown"),
    (1, "Not a Composite Image"),
    (2, "General Composite Image"),
    (3, "Composite Image Captured While Shooting"),
];

/// Tag `GPSAltitudeRef`.
pub const ALTITUDE_REF: &[(u32, &str)] = &[(0, "Above Sea Level"), (1, "Below Sea Level")];

/// Tag `GPSDifferential`.
pub const DIFFERENTIAL: &[(u32, &str)] = &[(0, "No Correction"), (1, "Differential Corrected")];

/// Tag `InteropIndex`.
pub const INTEROP_INDEX: &[(&str, &str)] = &[
    ("R03", "R03 - DCF option file (Adobe RGB)"),
    ("R98", "R98 - DCF basic file (sRGB)"),
    ("THM", "THM - DCF thumbnail file"),
];

/// Tag `YCbCrSubSampling`.
pub const SUBSAMPLING: &[(&str, &str)] = &[
    ("1 1", "YCbCr4:4:4 (1 1)"),
    ("1 2", "YCbCr4:4:0 (1 2)"),
    ("1 4", "YCbCr4:4:1 (1 4)"),
    ("2 1", "YCbCr4:2:2 (2 1)"),
    ("2 2", "YCbCr4:2:0 (2 2)"),
    ("2 4", "YCbCr4:2:1 (2 4)"),
    ("4 1", "YCbCr4:1:1 (4 1)"),
    ("4 2", "YCbCr4:1:0 (4 2)"),
];

/// Tag `GPSLatitudeRef`.
pub const LATITUDE_REF: &[(&str, &str)] = &[("N", "North"), ("S", "South")];

/// Tag `GPSLongitudeRef`.
pub const LONGITUDE_REF: &[(&str, &str)] = &[("E", "East"), ("W", "West")];

/// Tag `GPSStatus`.
pub const GPS_STATUS: &[(&str, &str)] = &[("A", "Measurement Active"), ("V", "Measurement Void")];

/// Tag `GPSMeasureMode`.
pub const MEASURE_MODE: &[(&str, &str)] =
    &[("2", "2-Dimensional Measurement"), ("3", "3-Dimensional Measurement")];

/// Tag `GPSSpeedRef`.
pub const SPEED_REF: &[(&str, &str)] = &[("K", "km/h"), ("M", "mph"), ("N", "knots")];

/// Tag `GPSTrackRef`.
pub const DIRECTION_REF: &[(&str, &str)] = &[("M", "Magnetic North"), ("T", "True North")];

/// Tag `GPSDestDistanceRef`.
pub const DISTANCE_REF: &[(&str, &str)] = &[("K", "Kilometers"), ("M", "Miles"), ("N", "Nautical Miles")];

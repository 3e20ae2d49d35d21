//! What clients see of accounts, sessions, albums and photos.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gallery_core::model::{Album, Gps, Photo, Rendition, Session, User};
use gallery_core::usecases::{Caller, LoggedIn};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use super::taken::TakenView;
use super::types::{Instant, Nullable};

/// Nothing: the answer says no more than its status.
#[derive(Serialize, Object)]
#[oai(rename = "Empty")]
pub(super) struct Empty {}

/// A person with an account.
#[derive(Serialize, Object)]
#[oai(rename = "User")]
pub(super) struct UserView {
    /// Names the account.
    id: Uuid,
    /// The e-mail address, as typed at sign-up.
    email: String,
    /// The person's name.
    name: String,
    /// When the person signed up.
    created_at: Instant,
}

/// A session that has just begun.
#[derive(Serialize, Object)]
#[oai(rename = "LoggedIn")]
pub(super) struct LoggedInView {
    /// Who is logged in.
    user: UserView,
    /// When the cookie's token stops being good, unless a request renews it before.
    expires_at: Instant,
}

/// A log-in that has not ended.
#[derive(Serialize, Object)]
#[oai(rename = "Session")]
pub(super) struct SessionView {
    /// Names the session; not secret.
    id: Uuid,
    /// When the log-in happened.
    created_at: Instant,
    /// When the session was last used, give or take a minute.
    last_seen_at: Instant,
    /// When the session ends at the latest.
    expires_at: Instant,
    /// What the client that logged in says it is.
    user_agent: String,
    /// Whether it is the session of this request.
    current: bool,
}

/// One's own account.
#[derive(Serialize, Object)]
#[oai(rename = "Account")]
pub(super) struct AccountView {
    /// Names the account.
    id: Uuid,
    /// The e-mail address, as typed at sign-up.
    email: String,
    /// The person's name.
    name: String,
    /// When the person signed up.
    created_at: Instant,
    /// What the account holds, and may hold.
    usage: UsageView,
}

/// What an account holds, and may hold.
#[derive(Serialize, Object)]
#[oai(rename = "Usage")]
pub(super) struct UsageView {
    /// Albums.
    albums: u64,
    /// Photos.
    photos: u64,
    /// Bytes of originals, renditions and uploads under way, and 2,000 for each photo and album.
    bytes: u64,
    /// The most that `bytes` may become.
    quota_bytes: u64,
}

/// A cancelled account.
#[derive(Serialize, Object)]
#[oai(rename = "Cancellation")]
pub(super) struct CancellationView {
    /// Names the job that removes what the account held.
    pub(super) job_id: Uuid,
}

/// An album.
#[derive(Serialize, Object)]
#[oai(rename = "Album")]
pub(super) struct AlbumView {
    /// Names the album.
    id: Uuid,
    /// The album's name.
    name: String,
    /// The description; may be empty.
    description: String,
    /// The photo that stands for the album: the chosen one, else the newest; null when there is
    /// none.
    cover_photo_id: Nullable<Uuid>,
    /// Photos in the album.
    photo_count: u64,
    /// When it was created.
    created_at: Instant,
    /// When its name, description or cover was last changed.
    updated_at: Instant,
}

/// A photo.
#[derive(Serialize, Object)]
#[oai(rename = "Photo")]
pub(super) struct PhotoView {
    /// Names the photo.
    id: Uuid,
    /// The album it is in.
    album_id: Uuid,
    /// The title; may be empty.
    title: String,
    /// The description; may be empty.
    description: String,
    /// The tags, in the order given.
    tags: Vec<String>,
    /// The file's name on the sender's machine, cleaned.
    file_name: String,
    /// The original's media type, found in its bytes.
    content_type: String,
    /// The original's size in bytes.
    bytes: u64,
    /// The original's SHA-256, in hexadecimal digits.
    sha256: String,
    /// Width in pixels as displayed, orientation applied.
    width: u32,
    /// Height in pixels as displayed, orientation applied.
    height: u32,
    /// When it was taken by the camera's clock, as its owner or its file says.
    taken: Nullable<TakenView>,
    /// The same as an instant; where the clock's offset is unknown, as if that were on UTC.
    taken_at: Nullable<Instant>,
    /// The camera.
    camera: Nullable<String>,
    /// The lens.
    lens: Nullable<String>,
    /// Where it was taken.
    gps: Nullable<GpsView>,
    /// A thumbhash (<https://evanw.github.io/thumbhash/>) in base64: a blurred placeholder of some
    /// 25 bytes.
    placeholder: String,
    /// Whether a part of the picture could not be decoded; it is shown as far as it goes.
    damaged: bool,
    /// Goes up when renditions are made anew: the `v` of their addresses.
    generation: u32,
    /// When it was uploaded.
    created_at: Instant,
    /// When its title, description, tags, album or time taken were last changed.
    updated_at: Instant,
}

/// A place, in WGS 84.
#[derive(Serialize, Object)]
#[oai(rename = "Gps")]
pub(super) struct GpsView {
    /// Degrees, positive north.
    latitude: f64,
    /// Degrees, positive east.
    longitude: f64,
    /// Metres above sea level.
    altitude: Nullable<f64>,
}

/// A photo with everything the camera wrote into it.
#[derive(Serialize, Object)]
#[oai(rename = "PhotoWithExif")]
pub(super) struct PhotoWithExifView {
    #[serde(flatten)]
    #[oai(flatten)]
    photo: PhotoView,
    /// Who made the camera.
    maker: Nullable<String>,
    /// The camera's model.
    model: Nullable<String>,
    /// Seconds of exposure, such as `1/60` or `0.5`.
    exposure: Nullable<String>,
    /// The f-number.
    aperture: Nullable<f64>,
    /// The ISO speed.
    iso: Nullable<u32>,
    /// The lens's focal length, in millimetres.
    focal_length: Nullable<f64>,
    /// The focal length that gives the same picture on 35 mm film, in millimetres.
    focal_length_35mm: Nullable<f64>,
    /// Tag name and printed value.
    exif: BTreeMap<String, String>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.typed().to_owned(),
            name: user.name.as_str().to_owned(),
            created_at: Instant(user.created_at),
        }
    }
}

impl From<&LoggedIn> for LoggedInView {
    fn from(logged_in: &LoggedIn) -> Self {
        Self { user: (&logged_in.user).into(), expires_at: Instant(logged_in.expires_at) }
    }
}

impl SessionView {
    pub(super) fn of(session: &Session, caller: &Caller) -> Self {
        Self {
            id: session.id.uuid(),
            created_at: Instant(session.created_at),
            last_seen_at: Instant(session.last_seen_at),
            expires_at: Instant(session.ends_at),
            user_agent: session.user_agent.as_str().to_owned(),
            current: session.id == caller.session.id,
        }
    }
}

impl From<&User> for AccountView {
    fn from(user: &User) -> Self {
        let UserView { id, email, name, created_at } = user.into();
        let gallery_core::model::Usage { albums, photos, bytes, quota_bytes } = user.usage;
        let usage = UsageView { albums, photos, bytes, quota_bytes };
        Self { id, email, name, created_at, usage }
    }
}

impl From<&Album> for AlbumView {
    fn from(album: &Album) -> Self {
        Self {
            id: album.id.uuid(),
            name: album.name.as_str().to_owned(),
            description: album.description.as_str().to_owned(),
            cover_photo_id: Nullable(album.cover.map(gallery_core::values::PhotoId::uuid)),
            photo_count: album.photo_count,
            created_at: Instant(album.created_at),
            updated_at: Instant(album.updated_at),
        }
    }
}

impl From<&Photo> for PhotoView {
    fn from(photo: &Photo) -> Self {
        let facts = &photo.facts;
        let (image, metadata, taken) = (&facts.image, &facts.image.metadata, facts.taken());
        Self {
            id: photo.id.uuid(),
            album_id: photo.album_id.uuid(),
            title: facts.title.as_str().to_owned(),
            description: facts.description.as_str().to_owned(),
            tags: facts.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            file_name: facts.file_name.as_str().to_owned(),
            content_type: image.content_type.media_type().to_owned(),
            bytes: facts.bytes(),
            sha256: facts.object(Rendition::Original).map(|object| object.sha256.hex()).unwrap_or_default(),
            width: image.width,
            height: image.height,
            taken: Nullable(taken.map(TakenView::from)),
            taken_at: Nullable(taken.map(|taken| Instant(taken.instant().unwrap_or(taken.local())))),
            camera: Nullable(metadata.camera.clone()),
            lens: Nullable(metadata.lens.clone()),
            gps: Nullable(metadata.gps.map(GpsView::from)),
            placeholder: STANDARD.encode(&image.placeholder),
            damaged: image.damaged,
            generation: facts.generation().number(),
            created_at: Instant(photo.created_at),
            updated_at: Instant(photo.updated_at),
        }
    }
}

impl From<Gps> for GpsView {
    fn from(Gps { latitude, longitude, altitude }: Gps) -> Self {
        Self { latitude, longitude, altitude: Nullable(altitude) }
    }
}

impl From<&Photo> for PhotoWithExifView {
    fn from(photo: &Photo) -> Self {
        let metadata = &photo.facts.image.metadata;
        let settings = metadata.capture_settings();
        Self {
            photo: photo.into(),
            maker: Nullable(settings.maker),
            model: Nullable(settings.model),
            exposure: Nullable(settings.exposure),
            aperture: Nullable(settings.aperture),
            iso: Nullable(settings.iso),
            focal_length: Nullable(settings.focal_length),
            focal_length_35mm: Nullable(settings.focal_length_35mm),
            exif: metadata.exif.iter().cloned().collect(),
        }
    }
}

//! One photo: its page, editing, deleting. Tests are in `tests/it/pages/photos.rs`.

use askama::Template;
use gallery_core::model::{Gps, Metadata, Photo, PhotoSort, Rendition};
use gallery_core::search::tag_query;
use gallery_core::texts::{Argument, Size, Text};
use gallery_core::usecases::{Caller, PhotoPatch, TakenPatch};
use gallery_core::values::{Cursor, Generation, PageRequest, PhotoId};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::albums;
use super::flash::Flash;
use super::form::Form;
use super::format::{Moment, TakenTime};
use super::page::{Page, Section};
use super::page_context::{Answer, PageContext, form_error, show, show_again};
use super::views::{Card, DeletePage, Tile, label, size, source};
use crate::http::Problem;

/// Albums that a photo can be moved to are read in so many pages at most: 2,000 albums.
const ALBUM_PAGES: usize = 10;

/// One photo.
#[derive(Template)]
#[template(path = "photos/show.html")]
pub(super) struct ShowPage {
    pub page: Page,
    pub album: Card,
    pub photo: PhotoView,
    pub previous: Option<PhotoId>,
    pub next: Option<PhotoId>,
}

/// What is said of a photo on its own page.
pub(super) struct PhotoView {
    pub id: PhotoId,
    pub generation: Generation,
    pub damaged: bool,
    pub label: String,
    pub description: String,
    pub tags: Vec<TagLink>,
    pub file_name: String,
    pub width: u32,
    pub height: u32,
    pub srcset: String,
    pub pixels: (u32, u32),
    pub bytes: Size,
    pub created_at: Moment,
    pub taken: Option<TakenTime>,
    /// The keys of what they are called, and what they say.
    pub capture: Vec<(&'static str, Argument)>,
    pub location: Option<Location>,
    pub altitude: Option<Text>,
    pub exif: Vec<(String, String)>,
}

/// A tag that leads to a search.
pub(super) struct TagLink {
    pub name: String,
    pub href: String,
}

/// A location on a map.
pub(super) struct Location {
    pub text: Text,
    pub href: String,
}

/// The form for a photo.
#[derive(Template)]
#[template(path = "photos/edit.html")]
pub(super) struct EditPage {
    pub page: Page,
    pub tile: Tile,
    pub albums: Vec<Choice>,
    pub form: Form,
}

/// An album that a photo can be moved to.
pub(super) struct Choice {
    pub id: String,
    pub name: String,
}

/// `GET /photos/{id}`
pub(super) async fn one(context: PageContext, caller: Caller) -> Answer {
    let photo = context.gallery().photo(&caller, context.id()?).await?;
    let album = context.gallery().album(&caller, photo.album_id).await?;
    // What follows costs one read. What came before is known to the link that led here.
    let here = Cursor { order: 0, id: photo.id.uuid() };
    let one = PageRequest::new(Some(1), Some(&here.encode())).map_err(Problem::internal)?;
    let next = context.gallery().photos_in_album(&caller, album.id, PhotoSort::Uploaded, &one).await?;
    show(&ShowPage {
        page: context.page(Section::Albums),
        album: Card::of(&album),
        photo: PhotoView::of(&photo),
        previous: context.query("previous").and_then(|id| id.parse().ok()),
        next: next.items.first().map(|photo| photo.id),
    })
}

/// `GET /photos/{id}/edit`
pub(super) async fn edit_form(context: PageContext, caller: Caller) -> Answer {
    let photo = context.gallery().photo(&caller, context.id()?).await?;
    show(&edit_page(&context, &caller, &photo, Form::default()).await?)
}

/// `POST /photos/{id}/edit`
pub(super) async fn edit(mut context: PageContext, caller: Caller) -> Answer {
    let (id, form) = (context.id()?, context.form().await?);
    let patch = PhotoPatch {
        title: form.sent("title"),
        description: form.sent("description"),
        tags: form.sent("tags").map(|tags| tags.split(',').collect()),
        album_id: form.sent("album_id"),
        taken: taken_patch(&form),
    };
    match context.gallery().update_photo(&caller, id, patch).await {
        Ok(_) => context.go(&address(id), Some(Flash::PhotoSaved)),
        Err(error) => {
            let problem = form_error(error)?;
            let photo = context.gallery().photo(&caller, id).await?;
            let form = context.refused(form, &problem);
            show_again(&problem, &edit_page(&context, &caller, &photo, form).await?)
        }
    }
}

/// What the form asks of the time taken. What still says what it said when the form was shown stays
/// as it is, with what the form cannot say.
fn taken_patch(form: &Form) -> TakenPatch<'_> {
    match form.sent("taken").map(str::trim) {
        None => TakenPatch::Unchanged,
        Some(text) if form.sent("taken_shown").map(str::trim) == Some(text) => TakenPatch::Unchanged,
        Some("") => TakenPatch::Restored,
        Some(text) => TakenPatch::Typed(text),
    }
}

async fn edit_page(
    context: &PageContext,
    caller: &Caller,
    photo: &Photo,
    form: Form,
) -> Result<EditPage, Problem> {
    // Parts of a second are for nobody to type.
    let taken = photo.taken().map(|taken| taken.with_milliseconds(0).to_string()).unwrap_or_default();
    let form = form
        .with("title", photo.facts.title.as_str())
        .with("description", photo.facts.description.as_str())
        .with("tags", photo.facts.tags.to_string())
        .with("album_id", photo.album_id.to_string())
        .with("taken", taken.clone())
        .with("taken_shown", taken);
    let albums = choices(context, caller, photo).await?;
    Ok(EditPage { page: context.page(Section::Albums), tile: Tile::of(photo), albums, form })
}

/// The albums that a photo can be moved to, newest first, with the one it is in.
async fn choices(context: &PageContext, caller: &Caller, photo: &Photo) -> Result<Vec<Choice>, Problem> {
    let mut choices = Vec::new();
    let mut after = None;
    for _ in 0..ALBUM_PAGES {
        let wanted =
            PageRequest::new(Some(PageRequest::MAX_LIMIT), after.as_deref()).map_err(Problem::internal)?;
        let albums = context.gallery().albums(caller, None, &wanted).await?;
        let choice = |album: &gallery_core::model::Album| (album.id.to_string(), album.name.to_string());
        choices.extend(albums.items.iter().map(choice).map(|(id, name)| Choice { id, name }));
        match albums.next {
            Some(next) => after = Some(next.encode()),
            None => break,
        }
    }
    let current = photo.album_id.to_string();
    if choices.iter().all(|choice| choice.id != current) {
        let album = context.gallery().album(caller, photo.album_id).await?;
        choices.push(Choice { id: current, name: album.name.to_string() });
    }
    Ok(choices)
}

/// `GET /photos/{id}/delete`
pub(super) async fn delete_form(context: PageContext, caller: Caller) -> Answer {
    let photo = context.gallery().photo(&caller, context.id()?).await?;
    let page = context.page(Section::Albums);
    show(&DeletePage {
        title: page.t("photo-delete-title").with("name", label(&photo)).to_string(),
        detail: page.t("photo-delete-detail").to_string(),
        page,
        button: "photo-delete-button",
        action: format!("{}/delete", address(photo.id)),
        back: address(photo.id),
    })
}

/// `POST /photos/{id}/delete`
pub(super) async fn delete(context: PageContext, caller: Caller) -> Answer {
    let photo = context.gallery().photo(&caller, context.id()?).await?;
    context.gallery().delete_photo(&caller, photo.id).await?;
    context.go(&albums::address(photo.album_id), Some(Flash::PhotoDeleted))
}

fn address(photo: PhotoId) -> String {
    format!("/photos/{photo}")
}

impl PhotoView {
    /// The address of a rendition.
    pub(super) fn source(&self, rendition: &str) -> String {
        source(self.id, self.generation, rendition)
    }

    /// What is said of a photo on its own page.
    pub(super) fn of(photo: &Photo) -> Self {
        let (facts, metadata) = (&photo.facts, &photo.facts.image.metadata);
        let large = size(photo, Rendition::Large);
        Self {
            id: photo.id,
            generation: facts.generation(),
            damaged: facts.image.damaged,
            label: label(photo),
            description: facts.description.to_string(),
            tags: facts.tags.iter().map(|tag| TagLink::of(tag.as_str())).collect(),
            file_name: facts.file_name.to_string(),
            width: large.0,
            height: large.1,
            srcset: srcset(photo),
            pixels: (facts.image.width, facts.image.height),
            bytes: Size(facts.bytes()),
            created_at: Moment(photo.created_at),
            taken: photo.taken().map(TakenTime),
            capture: capture(metadata),
            location: metadata.gps.as_ref().map(Location::of),
            altitude: metadata.gps.and_then(|gps| gps.altitude).map(altitude),
            exif: metadata.exif.clone(),
        }
    }
}

/// How the photo was shot: a label and a value for whatever is known.
fn capture(metadata: &Metadata) -> Vec<(&'static str, Argument)> {
    let settings = metadata.capture_settings();
    let nameless = settings.maker.is_none() && settings.model.is_none();
    let verbatim = |text: Option<String>| text.map(Argument::from);
    let measured = |key, variable, value: Argument| Argument::from(Text::new(key).with(variable, value));
    let known = [
        ("photo-maker", verbatim(settings.maker)),
        ("photo-model", verbatim(settings.model)),
        ("photo-camera", verbatim(metadata.camera.clone().filter(|_| nameless))),
        ("photo-lens", verbatim(metadata.lens.clone())),
        (
            "photo-exposure",
            settings
                .exposure
                .map(|seconds| measured("photo-exposure-value", "seconds", Argument::Decimal(seconds))),
        ),
        (
            "photo-aperture",
            settings
                .aperture
                .map(|f_number| measured("photo-aperture-value", "number", Argument::decimal(f_number))),
        ),
        ("photo-iso", verbatim(settings.iso.map(|iso| iso.to_string()))),
        (
            "photo-focal-length",
            settings.focal_length.map(|length| focal_length(length, settings.focal_length_35mm).into()),
        ),
    ];
    known.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn focal_length(millimetres: f64, on_film: Option<f64>) -> Text {
    let text = match on_film {
        Some(on_film) => Text::new("photo-focal-length-35mm").with("equivalent", Argument::decimal(on_film)),
        None => Text::new("photo-focal-length-value"),
    };
    text.with("length", Argument::decimal(millimetres))
}

/// Whole metres, negative below the sea.
fn altitude(metres: f64) -> Text {
    let sign = if metres <= -0.5 { "−" } else { "" };
    Text::new("photo-altitude-value").with("metres", format!("{sign}{:.0}", metres.abs()))
}

/// The renditions to choose from for a whole screen: those of different widths.
fn srcset(photo: &Photo) -> String {
    let mut widths = Vec::new();
    for rendition in [Rendition::Small, Rendition::Medium, Rendition::Large] {
        let width = size(photo, rendition).0;
        if widths.iter().all(|(_, known)| *known != width) {
            widths.push((rendition, width));
        }
    }
    let candidate = |(rendition, width): (Rendition, u32)| {
        format!("{} {width}w", source(photo.id, photo.facts.generation(), rendition.name()))
    };
    widths.into_iter().map(candidate).collect::<Vec<_>>().join(", ")
}

impl TagLink {
    fn of(tag: &str) -> Self {
        let href = format!("/search?q={}", utf8_percent_encode(&tag_query(tag), NON_ALPHANUMERIC));
        Self { name: tag.to_owned(), href }
    }
}

impl Location {
    /// Five decimals of a degree are about a metre.
    fn of(gps: &Gps) -> Self {
        let Gps { latitude, longitude, .. } = *gps;
        let north = if latitude < 0.0 { "compass-south" } else { "compass-north" };
        let east = if longitude < 0.0 { "compass-west" } else { "compass-east" };
        let degrees = |degrees: f64| Argument::Decimal(format!("{:.5}", degrees.abs()));
        let text = Text::new("photo-location-value")
            .with("latitude", degrees(latitude))
            .with("north", Text::new(north))
            .with("longitude", degrees(longitude))
            .with("east", Text::new(east));
        let point = format!("mlat={latitude:.5}&mlon={longitude:.5}#map=15/{latitude:.5}/{longitude:.5}");
        Self { text, href: format!("https://www.openstreetmap.org/?{point}") }
    }
}

#[cfg(test)]
mod tests {
    use gallery_core::texts::Language;

    use super::*;

    #[test]
    fn altitudes_have_a_sign_below_the_sea_only() {
        let printed = [12.4, -3.5, -0.4, 0.0].map(|metres| altitude(metres).to_string());
        assert_eq!(printed, ["12\u{a0}m", "−4\u{a0}m", "0\u{a0}m", "0\u{a0}m"]);
    }

    #[test]
    fn focal_lengths_have_no_decimals_without_need() {
        assert_eq!(focal_length(24.0, None).to_string(), "24\u{a0}mm");
        let on_film = focal_length(5.7, Some(26.0));
        assert_eq!(on_film.to_string(), "5.7\u{a0}mm (35\u{a0}mm equivalent: 26\u{a0}mm)");
        assert!(on_film.in_language(Language::German).starts_with("5,7\u{a0}mm"));
    }
}

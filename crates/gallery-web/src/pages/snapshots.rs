//! A snapshot of every page, from fixed data in which everything that people and cameras write is
//! hostile. Beside the snapshots, each page is searched for markup that only its data can have
//! brought.

use std::sync::LazyLock;

use askama::Template;
use gallery_core::model::{
    Album, Gps, ImageFacts, ImageType, Metadata, Photo, PhotoFacts, Rendition, Session, StoredObject, Usage,
};
use gallery_core::search::Query;
use gallery_core::texts::{Language, Size, Text};
use gallery_core::values::{
    AlbumId, AlbumName, ContentHash, Cursor, Description, FileName, Generation, Invalid, PhotoId, Precision,
    SessionId, Tag, Tags, Taken, Timestamp, Title, UserAgent, UserId,
};
use uuid::Uuid;

use super::access::{LinkPage, LogInPage, ResetPage, SignUpPage};
use super::account::{AccountPage, CancelPage, CancelledPage, SessionView, UsageView};
use super::albums::{AlbumView, EditPage, ListPage, NewPage, ShowPage};
use super::assets::AssetLinks;
use super::error::ErrorPage;
use super::flash::Flash;
use super::form::Form;
use super::format::Moment;
use super::mailing::{AddressPage, FORGOT, MailboxPage};
use super::page::{Page, Section, Viewer};
use super::photos::{self, Choice, PhotoView};
use super::search::SearchPage;
use super::timeline::{TimelinePage, months};
use super::uploaded::{Refused, Uploaded};
use super::views::{Card, DeletePage, Pager, Tile};
use crate::http::{Code, Problem};

/// Would run if it were not escaped, in text and in attributes.
const HOSTILE: &str = r#""><script>alert('x')</script>&amp;"#;

fn page(section: Section) -> Page {
    static ASSETS: LazyLock<AssetLinks> = LazyLock::new(|| AssetLinks {
        css: "/assets/site.css".to_owned(),
        js: "/assets/site.js".to_owned(),
        icon: "/assets/icon.svg".to_owned(),
    });
    Page {
        site: "Gallery".to_owned(),
        viewer: Viewer::Member(HOSTILE.to_owned()),
        flash: None,
        section,
        query: String::new(),
        assets: &ASSETS,
        language: Language::English,
    }
}

fn german(page: Page) -> Page {
    Page { language: Language::German, ..page }
}

fn visitor() -> Page {
    Page { viewer: Viewer::Visitor, ..page(Section::Elsewhere) }
}

/// A form of which every field was filled in with something hostile, and two were refused.
fn refused(fields: &[&'static str]) -> Form {
    let problem = fields.iter().fold(Problem::new(Code::Invalid), |problem, field| {
        problem.error(field, Invalid::new("bad", Text::new("field-required").with("what", HOSTILE)))
    });
    ["email", "name", "description", "title", "tags", "taken", "taken_shown"]
        .into_iter()
        .fold(Form::parse(b"password=blue+heron&new_password=blue+heron"), |form, name| {
            form.with(name, HOSTILE)
        })
        .refused(&problem, Language::English)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_795_335_330_000 + seconds * 1_000)
}

/// By a clock two hours ahead of UTC, but for the second photo, which may have been taken anywhere.
fn taken(number: u8) -> Taken {
    let offset = (number != 2).then_some(120);
    Taken::from_stored(at(-86_400 * i64::from(number)), Precision::Second, offset)
}

fn photo(number: u8, width: u32, height: u32) -> Photo {
    let object = |rendition: Rendition| {
        let side = rendition.max_side().unwrap_or(u32::MAX).min(width.max(height));
        StoredObject {
            rendition,
            generation: Generation::from_number(u32::from(number % 2)),
            content_type: ImageType::Jpeg,
            bytes: 3_141_592,
            sha256: ContentHash::of(&[number]),
            width: width * side / width.max(height),
            height: height * side / width.max(height),
        }
    };
    let metadata = Metadata {
        taken: Some(taken(number)),
        camera: Some(format!("Pinhole {HOSTILE}")),
        lens: Some(format!("Bottle {HOSTILE}")),
        gps: Some(Gps { latitude: -33.85678, longitude: 151.21530, altitude: Some(4.6) }),
        exif: [
            ("Make", HOSTILE),
            ("Model", HOSTILE),
            ("ExposureTime", "1/60"),
            ("FNumber", "2.8"),
            ("ISO", "100"),
            ("FocalLength", "24.0 mm"),
            ("FocalLengthIn35mmFormat", "36 mm"),
            (HOSTILE, HOSTILE),
        ]
        .map(|(tag, printed)| (tag.to_owned(), printed.to_owned()))
        .to_vec(),
    };
    let facts = PhotoFacts {
        title: Title::from_stored(if number == 1 { HOSTILE } else { "" }),
        description: Description::from_stored(format!("{HOSTILE}\nin two lines")),
        tags: Tags::from_stored(vec![Tag::from_stored("old town"), Tag::from_stored(HOSTILE)]),
        file_name: FileName::from_stored(format!("{HOSTILE}{number}.jpg")),
        taken_override: None,
        image: ImageFacts {
            content_type: ImageType::Jpeg,
            width,
            height,
            placeholder: vec![1, 2, 3],
            damaged: number == 1,
            metadata,
        },
        objects: Rendition::ALL.map(object).to_vec(),
        fingerprint: None,
    };
    Photo {
        id: PhotoId::new(at(0), &[number; 10]),
        album_id: AlbumId::new(at(0), &[9; 10]),
        owner: UserId::new(at(0), &[8; 10]),
        version: 1,
        created_at: at(60),
        updated_at: at(60),
        facts,
    }
}

fn photos() -> Vec<Photo> {
    vec![photo(1, 4_000, 3_000), photo(2, 1_200, 3_600), photo(22, 100, 80), photo(23, 9_000, 900)]
}

fn album(number: u8, cover: Option<PhotoId>) -> Album {
    Album {
        id: AlbumId::new(at(0), &[number; 10]),
        owner: UserId::new(at(0), &[8; 10]),
        name: AlbumName::from_stored(format!("{HOSTILE} {number}")),
        description: Description::from_stored(HOSTILE),
        cover,
        photo_count: u64::from(number) * 1_000,
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

fn cards() -> Vec<Card> {
    vec![Card::of(&album(9, Some(photo(1, 4, 3).id))), Card::of(&album(0, None))]
}

fn pager() -> Pager {
    let cursor = Cursor { order: 0, id: Uuid::from_u128(7) };
    Pager::of("/search?q=a%26b", Some(cursor), Some(cursor))
}

fn usage(bytes: u64) -> UsageView {
    UsageView::of(&Usage { albums: 1, photos: 1_204, bytes, quota_bytes: 10_000_000_000 })
}

/// The page's HTML without runs of white space, after a look for markup that came from data.
fn written(template: &impl Template) -> String {
    let html = template.render().unwrap();
    for breach in
        ["<script>alert", "alert('x')", "&amp;amp;\"", "style=", " onerror", "javascript:", "blue heron"]
    {
        assert!(!html.contains(breach), "{breach} in {html}");
    }
    let lines = html.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

macro_rules! snapshots {
    ($($name:ident: $template:expr;)*) => {
        $(#[test] fn $name() {
            let html = written(&$template);
            insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(html) });
        })*
    };
}

snapshots! {
    sign_up: SignUpPage { page: visitor(), form: Form::default(), password_min_chars: 12 };
    sign_up_refused: SignUpPage { page: visitor(), form: refused(&["email", "password"]), password_min_chars: 12 };
    log_in: LogInPage { page: Page { flash: Some(Flash::LoggedOut), ..visitor() }, form: Form::default() };
    log_in_to_go_on: LogInPage { page: visitor(), form: Form::default().with("next", HOSTILE) };
    log_in_refused: LogInPage { page: visitor(), form: refused(&[]) };
    mailbox: MailboxPage { page: visitor(), lead: "mailbox-signed-up", again: "/resend" };
    forgot: AddressPage { page: visitor(), form: refused(&["email"]), ask: &FORGOT };
    reset: ResetPage { page: visitor(), form: refused(&["password"]), token: HOSTILE.to_owned(), password_min_chars: 12 };
    link: LinkPage { page: visitor(), title: "The link has expired".to_owned(), detail: HOSTILE.to_owned(), again: "/resend", expired: None };
    link_expired: LinkPage { page: visitor(), title: "The link has expired".to_owned(), detail: HOSTILE.to_owned(), again: "/resend", expired: Some(HOSTILE) };
    error: ErrorPage { page: Page { viewer: Viewer::Unknown, ..visitor() }, title: "Not found".to_owned(), detail: HOSTILE.to_owned(), status: "404".to_owned() };
    albums: ListPage { page: page(Section::Albums), cards: cards(), pager: pager() };
    albums_empty: ListPage { page: page(Section::Albums), cards: Vec::new(), pager: Pager::default() };
    album_new: NewPage { page: page(Section::Albums), form: refused(&["name"]) };
    album_edit: EditPage {
        page: page(Section::Albums),
        id: album(9, None).id,
        name: HOSTILE.to_owned(),
        covers: photos().iter().map(Tile::of).collect(),
        form: refused(&["cover_photo_id"])
            .with("cover_photo_id", photo(2, 1, 1).id.to_string()),
    };
    album_shown: ShowPage {
        page: page(Section::Albums),
        album: AlbumView::of(&album(9, None)),
        tiles: Tile::chain(&photos()),
        pager: Pager::default(),
        upload_limit: Size(50_000_000),
        form: refused(&["file"]),
        uploaded: None,
    };
    album_upload_refused: ShowPage {
        page: page(Section::Albums),
        album: AlbumView::of(&album(0, None)),
        tiles: Vec::new(),
        pager: Pager::default(),
        upload_limit: Size(50_000_000),
        form: Form::default(),
        uploaded: Some(Uploaded {
            taken: 2,
            refused: vec![Refused { file_name: HOSTILE.to_owned(), reason: HOSTILE.to_owned() }],
            ..Uploaded::default()
        }),
    };
    album_upload_cut_short: ShowPage {
        page: page(Section::Albums),
        album: AlbumView::of(&album(0, None)),
        tiles: Vec::new(),
        pager: Pager::default(),
        upload_limit: Size(50_000_000),
        form: Form::default(),
        uploaded: Some(Uploaded {
            taken: 2,
            taken_names: vec![HOSTILE.to_owned(), "two.jpg".to_owned()],
            refused: Vec::new(),
            cut_short: Some(HOSTILE.to_owned()),
        }),
    };
    delete: DeletePage {
        page: page(Section::Albums),
        title: HOSTILE.to_owned(),
        detail: HOSTILE.to_owned(),
        button: "album-delete-button",
        action: "/albums/7/delete".to_owned(),
        back: "/albums/7".to_owned(),
    };
    photo_shown: photos::ShowPage {
        page: page(Section::Albums),
        album: Card::of(&album(9, None)),
        photo: PhotoView::of(&photo(1, 4_000, 3_000)),
        previous: Some(photo(2, 1, 1).id),
        next: Some(photo(3, 1, 1).id),
    };
    photo_edit: photos::EditPage {
        page: page(Section::Albums),
        tile: Tile::of(&photo(1, 4_000, 3_000)),
        albums: vec![
            Choice { id: "7".to_owned(), name: HOSTILE.to_owned() },
            Choice { id: "8".to_owned(), name: "Summer".to_owned() },
        ],
        form: refused(&["title", "tags", "album_id"]).with("album_id", "8"),
    };
    timeline: TimelinePage { page: page(Section::Photos), months: months(&photos()), pager: pager() };
    timeline_empty: TimelinePage { page: page(Section::Photos), months: Vec::new(), pager: Pager::default() };
    search: SearchPage {
        page: Page { query: HOSTILE.to_owned(), ..page(Section::Elsewhere) },
        hints: Query::read("before:<b> type:x tag: \"sun")
            .hints
            .into_iter()
            .map(|hint| page(Section::Elsewhere).said(hint))
            .collect(),
        cards: cards(),
        more_albums: true,
        tiles: photos().iter().map(Tile::of).collect(),
        back: None,
        pager: pager(),
    };
    search_for_nothing: SearchPage {
        page: page(Section::Elsewhere),
        hints: Vec::new(),
        cards: Vec::new(),
        more_albums: false,
        tiles: Vec::new(),
        back: None,
        pager: Pager::default(),
    };
    search_without_a_hit_so_far: SearchPage {
        page: Page { query: HOSTILE.to_owned(), ..page(Section::Elsewhere) },
        hints: Vec::new(),
        cards: Vec::new(),
        more_albums: false,
        tiles: Vec::new(),
        back: Some(Moment(at(0))),
        pager: pager(),
    };
    search_without_a_hit: SearchPage {
        page: Page { query: HOSTILE.to_owned(), ..page(Section::Elsewhere) },
        hints: Vec::new(),
        cards: Vec::new(),
        more_albums: false,
        tiles: Vec::new(),
        back: None,
        pager: Pager::default(),
    };
    account: AccountPage {
        page: page(Section::Account),
        email: "ann@example.org".to_owned(),
        since: Moment(at(0)),
        usage: usage(3_140_000_000),
        sessions: vec![session(1), session(2)],
        name_form: refused(&["name"]),
        password_form: refused(&["current_password"]),
        password_min_chars: 12,
        languages: Language::ALL,
    };
    cancel: CancelPage { page: page(Section::Account), usage: usage(10_000_000_000), form: refused(&["password"]) };
    cancelled: CancelledPage { page: visitor() };
    sign_up_german: SignUpPage { page: german(visitor()), form: Form::default(), password_min_chars: 12 };
    album_shown_german: ShowPage {
        page: german(page(Section::Albums)),
        album: AlbumView::of(&album(9, None)),
        tiles: Tile::chain(&photos()),
        pager: Pager::default(),
        upload_limit: Size(50_000_000),
        form: Form::default(),
        uploaded: None,
    };
    photo_shown_german: photos::ShowPage {
        page: german(page(Section::Albums)),
        album: Card::of(&album(9, None)),
        photo: PhotoView::of(&photo(1, 4_000, 3_000)),
        previous: None,
        next: None,
    };
    timeline_german: TimelinePage { page: german(page(Section::Photos)), months: months(&photos()), pager: pager() };
    account_german: AccountPage {
        page: german(page(Section::Account)),
        email: "ann@example.org".to_owned(),
        since: Moment(at(0)),
        usage: usage(3_140_000_000),
        sessions: vec![session(1)],
        name_form: Form::default().with("language", "de"),
        password_form: Form::default(),
        password_min_chars: 12,
        languages: Language::ALL,
    };
}

fn session(number: u8) -> SessionView {
    let session = Session {
        id: SessionId::new(at(0), &[number; 10]),
        user_id: UserId::new(at(0), &[8; 10]),
        created_at: at(0),
        last_seen_at: at(90),
        ends_at: at(9_000),
        user_agent: UserAgent::clean(HOSTILE),
    };
    SessionView::of(&session, SessionId::new(at(0), &[1; 10]))
}

//! Operations with everything filled in: [`Action`]s, how a gallery performs them, and what it
//! answered.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gallery_core::Gallery;
use gallery_core::model::{Album, Photo, PhotoSort, Rendition, Session, User};
use gallery_core::usecases::{
    AccountPatch, AlbumPatch, Caller, Client, Error, JobOutcome, OpenRendition, PhotoPatch, Report,
    ReprocessScope, Resend, SignUp, Swept, TakenPatch, UploadDetails,
};
use gallery_core::values::{AlbumId, JobId, Page, PageRequest, PhotoId, SessionId, Timestamp, UserAgent};

use super::slots::Slots;

/// What a gallery is asked to do.
#[derive(Debug, Clone)]
pub enum Action {
    SignUp { email: String, password: &'static str, name: &'static str },
    Confirm { token: String },
    ResendConfirmation { email: String, sign_up: Option<String> },
    ResendLink { token: String },
    ForgotPassword { email: String },
    OpenReset { token: String },
    ResetPassword { token: String, password: &'static str },
    LogIn { email: String, password: &'static str, device: Option<String> },
    Do(Box<Identity>, Request),
    FinishUpload { slot: usize, details: UploadDetails<'static> },
    AbandonUpload { slot: usize },
    LoseUpload { slot: usize },
    Work,
    Sweep,
    ReprocessPhoto(PhotoId),
    ReprocessAccount { email: String },
    ScheduleUpkeep,
    Verify,
}

/// How the caller is known.
#[derive(Debug, Clone)]
pub enum Identity {
    /// By the cookie that came with the request.
    Cookie(String),
    /// They were authenticated some time ago.
    Known(Box<Caller>),
}

/// What a caller asks for.
#[derive(Debug, Clone)]
pub enum Request {
    WhoAmI,
    Sessions,
    LogOut,
    EndSession(SessionId),
    ChangePassword {
        current: &'static str,
        new: &'static str,
    },
    UpdateAccount(AccountPatch<'static>),
    Cancel {
        password: &'static str,
    },
    CreateAlbum {
        name: &'static str,
        description: &'static str,
        key: Option<String>,
    },
    ChangeAlbum {
        album: AlbumId,
        name: Option<&'static str>,
        description: Option<&'static str>,
        cover: CoverWish,
    },
    DeleteAlbum(AlbumId),
    ReadAlbum(AlbumId),
    ListAlbums {
        query: Option<&'static str>,
        page: PageRequest,
    },
    Upload(AlbumId, Box<Sent>),
    ReadPhoto(PhotoId),
    ReadRendition(PhotoId, Rendition),
    ListPhotos(PhotoSort, PageRequest),
    ListAlbum(AlbumId, PhotoSort, PageRequest),
    Search {
        query: &'static str,
        album: Option<AlbumId>,
        page: PageRequest,
    },
    ChangePhoto {
        photo: PhotoId,
        title: Option<&'static str>,
        tags: Option<&'static str>,
        album: Option<String>,
        taken: TakenPatch<'static>,
    },
    DeletePhoto(PhotoId),
}

/// What a change asks of an album's cover.
#[derive(Debug, Clone)]
pub enum CoverWish {
    /// Nothing.
    Unchanged,
    /// The gallery shall choose.
    Newest,
    /// What names a photo, or nothing.
    Photo(String),
}

/// An upload as sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The file.
    pub bytes: Bytes,
    /// The size that the client said in advance.
    pub declared: Option<u64>,
    /// The `Idempotency-Key`.
    pub key: Option<String>,
    /// The rest of the form.
    pub details: UploadDetails<'static>,
    /// Where an upload is kept that is to be finished later; absent when it is finished at once.
    pub slot: Option<usize>,
}

/// What became of an action.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// Who the caller was found to be.
    pub caller: Option<Seen>,
    /// What was answered: the answer, or the error, whose causes may differ between stores.
    pub result: Result<Answer, String>,
}

impl Outcome {
    /// Nobody heard of the outcome.
    pub fn crashed() -> Self {
        Self { caller: None, result: Err("crashed".to_owned()) }
    }
}

/// A caller, as far as two can be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The account.
    pub user: User,
    /// The session.
    pub session: Session,
    /// The fresh token.
    pub fresh: Option<String>,
}

/// What a use case answered.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Done,
    Account(Box<User>),
    LoggedIn {
        user: Box<User>,
        token: String,
        expires_at: Timestamp,
        device: String,
    },
    /// What names the sign-up.
    SignedUp(String),
    Sessions(Vec<Session>),
    Cancelled(JobId),
    Album(Album),
    Albums(Page<Album>),
    Photo(Box<Photo>),
    Photos(PhotoSort, Page<Photo>),
    Rendition {
        file_name: String,
        bytes: Vec<u8>,
    },
    Worked(Option<JobOutcome>),
    Swept(Swept),
    /// So many jobs were recorded.
    Recorded(u64),
    Report(Report),
    /// An upload waits for its end.
    Waiting,
    /// There was nothing to do.
    Nothing,
}

/// Performs an action.
pub async fn perform(gallery: &Gallery, slots: &Slots, action: &Action) -> Outcome {
    let Action::Do(identity, request) = action else {
        let result = perform_publicly(gallery, slots, action).await;
        return Outcome { caller: None, result: result.map_err(|error| told(&error)) };
    };
    let caller = match &**identity {
        Identity::Known(caller) => (**caller).clone(),
        Identity::Cookie(cookie) => match gallery.authenticate(cookie).await {
            Ok(caller) => caller,
            Err(error) => return Outcome { caller: None, result: Err(told(&error)) },
        },
    };
    let result = serve(gallery, slots, &caller, request).await.map_err(|error| told(&error));
    let fresh = caller.fresh_token.as_ref().map(gallery_core::values::SessionToken::expose);
    Outcome { caller: Some(Seen { user: caller.user, session: caller.session, fresh }), result }
}

async fn perform_publicly(gallery: &Gallery, slots: &Slots, action: &Action) -> Result<Answer, Error> {
    let client = client();
    match action {
        Action::SignUp { email, password, name } => {
            let named = gallery.sign_up(SignUp { email, password, name }, &client).await?;
            return Ok(Answer::SignedUp(named));
        }
        Action::Confirm { token } => gallery.confirm_address(token).await?,
        Action::ResendConfirmation { email, sign_up } => {
            let wanted = Resend::Address { email, sign_up: sign_up.as_deref() };
            gallery.resend_confirmation(wanted, &client).await?;
        }
        Action::ResendLink { token } => {
            gallery.resend_confirmation(Resend::Link(token), &client).await?;
        }
        Action::ForgotPassword { email } => gallery.forgot_password(email, &client).await?,
        Action::OpenReset { token } => {
            return Ok(Answer::Account(Box::new(gallery.check_reset_token(token).await?)));
        }
        Action::ResetPassword { token, password } => gallery.reset_password(token, password, &client).await?,
        Action::LogIn { email, password, device } => {
            let client = Client { device: device.clone(), ..client };
            let logged_in = gallery.log_in(email, password, &client).await?;
            return Ok(Answer::LoggedIn {
                user: Box::new(logged_in.user),
                token: logged_in.token.expose(),
                expires_at: logged_in.expires_at,
                device: logged_in.device,
            });
        }
        Action::FinishUpload { slot, details } => {
            let Some(upload) = slots.take(*slot) else { return Ok(Answer::Nothing) };
            return Ok(Answer::Photo(Box::new(gallery.finish_upload(upload, *details).await?)));
        }
        Action::AbandonUpload { slot } => {
            let Some(upload) = slots.take(*slot) else { return Ok(Answer::Nothing) };
            gallery.abandon_upload(upload).await;
        }
        Action::LoseUpload { slot } => drop(slots.take(*slot)),
        Action::Work => return Ok(Answer::Worked(gallery.run_due_job().await?)),
        Action::Sweep => return Ok(Answer::Swept(gallery.sweep().await?)),
        Action::ReprocessPhoto(photo) => {
            let scope = photo.to_string();
            return Ok(Answer::Recorded(gallery.reprocess(ReprocessScope::Photo(&scope)).await?));
        }
        Action::ReprocessAccount { email } => {
            return Ok(Answer::Recorded(gallery.reprocess(ReprocessScope::Account(email)).await?));
        }
        Action::ScheduleUpkeep => gallery.schedule_upkeep().await?,
        Action::Verify => return Ok(Answer::Report(gallery.verify().await?)),
        Action::Do(..) => unreachable!("served elsewhere"),
    }
    Ok(Answer::Done)
}

async fn serve(
    gallery: &Gallery,
    slots: &Slots,
    caller: &Caller,
    request: &Request,
) -> Result<Answer, Error> {
    let client = client();
    match request {
        Request::WhoAmI => Ok(Answer::Done),
        Request::Sessions => Ok(Answer::Sessions(gallery.sessions(caller).await?)),
        Request::LogOut => done(gallery.log_out(caller).await),
        Request::EndSession(session) => done(gallery.end_session(caller, *session).await),
        Request::ChangePassword { current, new } => {
            done(gallery.change_password(caller, current, new, &client).await)
        }
        Request::UpdateAccount(patch) => {
            Ok(Answer::Account(Box::new(gallery.update_account(caller, *patch).await?)))
        }
        Request::Cancel { password } => {
            Ok(Answer::Cancelled(gallery.cancel_account(caller, password, &client).await?))
        }
        _ => serve_albums(gallery, slots, caller, request).await,
    }
}

async fn serve_albums(
    gallery: &Gallery,
    slots: &Slots,
    caller: &Caller,
    request: &Request,
) -> Result<Answer, Error> {
    match request {
        Request::CreateAlbum { name, description, key } => {
            gallery.create_album(caller, name, description, key.as_deref()).await.map(Answer::Album)
        }
        Request::ChangeAlbum { album, name, description, cover } => {
            let cover_photo_id = match cover {
                CoverWish::Unchanged => None,
                CoverWish::Newest => Some(None),
                CoverWish::Photo(id) => Some(Some(id.as_str())),
            };
            let patch = AlbumPatch { name: *name, description: *description, cover_photo_id };
            gallery.update_album(caller, *album, patch).await.map(Answer::Album)
        }
        Request::DeleteAlbum(album) => done(gallery.delete_album(caller, *album).await),
        Request::ReadAlbum(album) => gallery.album(caller, *album).await.map(Answer::Album),
        Request::ListAlbums { query, page } => gallery.albums(caller, *query, page).await.map(Answer::Albums),
        _ => serve_photos(gallery, slots, caller, request).await,
    }
}

async fn serve_photos(
    gallery: &Gallery,
    slots: &Slots,
    caller: &Caller,
    request: &Request,
) -> Result<Answer, Error> {
    match request {
        Request::Upload(album, sent) => upload(gallery, slots, caller, *album, sent).await,
        Request::ReadPhoto(photo) => Ok(Answer::Photo(Box::new(gallery.photo(caller, *photo).await?))),
        Request::ReadRendition(photo, rendition) => {
            let open = gallery.open_rendition(caller, *photo, *rendition).await?;
            read(gallery, open).await
        }
        Request::ListPhotos(sort, page) => {
            let listed = gallery.photos(caller, *sort, page).await?;
            Ok(Answer::Photos(*sort, without_exif(listed)))
        }
        Request::ListAlbum(album, sort, page) => {
            let listed = gallery.photos_in_album(caller, *album, *sort, page).await?;
            Ok(Answer::Photos(*sort, without_exif(listed)))
        }
        Request::Search { query, album, page } => {
            let found = gallery.search(caller, query, *album, page).await?;
            Ok(Answer::Photos(PhotoSort::Uploaded, without_exif(found)))
        }
        Request::ChangePhoto { photo, title, tags, album, taken } => {
            let tags = tags.map(|list| list.split(',').filter(|tag| !tag.is_empty()).collect());
            let (album_id, taken) = (album.as_deref(), *taken);
            let patch = PhotoPatch { title: *title, description: None, tags, album_id, taken };
            Ok(Answer::Photo(Box::new(gallery.update_photo(caller, *photo, patch).await?)))
        }
        Request::DeletePhoto(photo) => done(gallery.delete_photo(caller, *photo).await),
        other => unreachable!("{other:?} is served elsewhere"),
    }
}

async fn upload(
    gallery: &Gallery,
    slots: &Slots,
    caller: &Caller,
    album: AlbumId,
    sent: &Sent,
) -> Result<Answer, Error> {
    let mut upload = gallery.begin_upload(caller, album, sent.declared, sent.key.as_deref()).await?;
    let body = Box::pin(stream::iter([Ok(sent.bytes.clone())]));
    if let Err(error) = gallery.receive_file(&mut upload, body).await {
        gallery.abandon_upload(upload).await;
        return Err(error);
    }
    if let Some(slot) = sent.slot {
        slots.put(slot, upload);
        return Ok(Answer::Waiting);
    }
    Ok(Answer::Photo(Box::new(gallery.finish_upload(upload, sent.details).await?)))
}

async fn read(gallery: &Gallery, open: OpenRendition) -> Result<Answer, Error> {
    let mut stream = gallery.read_rendition(&open, None).await?.stream;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.expect("blobs in memory are read whole"));
    }
    Ok(Answer::Rendition { file_name: open.file_name, bytes })
}

/// EXIF may be missing in lists.
fn without_exif(mut page: Page<Photo>) -> Page<Photo> {
    for photo in &mut page.items {
        photo.facts.image.metadata.exif.clear();
    }
    page
}

fn done(result: Result<(), Error>) -> Result<Answer, Error> {
    result.map(|()| Answer::Done)
}

/// An error without its causes.
fn told(error: &Error) -> String {
    match error {
        Error::Unavailable(_) => "Unavailable".to_owned(),
        Error::Internal(_) => "Internal".to_owned(),
        other => format!("{other:?}"),
    }
}

fn client() -> Client {
    let user_agent = UserAgent::clean("Model/1.0 (海)");
    Client { address: "192.0.2.7".to_owned(), user_agent, ..Client::default() }
}

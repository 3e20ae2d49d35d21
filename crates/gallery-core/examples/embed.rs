//! Another service embeds the gallery: records in memory, photos in a folder, mail the service's
//! own way, and no web server. `cargo run -p gallery-core --example embed` runs it, and
//! `tests/it/embed.rs` checks it.

use std::error::Error;
use std::io::{Write, stdout};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_core::Gallery;
use gallery_core::mail::{MailSettings, Mailbox, Message};
use gallery_core::ports::{MailError, Mailer};
use gallery_core::usecases::{Client, Ports, Rules, SignUp, UploadDetails};
use gallery_core::values::{Email, PageRequest, SecretKey};
use gallery_imaging::{Limits, RustImaging};
use gallery_store_memory::MemoryStore;
use gallery_system::{Argon2Hasher, OsEntropy, SystemClock, TokioJobNotifier};

/// How this service sends mail: it keeps the last one.
#[derive(Default)]
struct LastMail(Mutex<Option<Message>>);

#[async_trait]
impl Mailer for LastMail {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        *self.0.lock().unwrap() = Some(message.clone());
        Ok(())
    }
}

/// The gallery: adapters behind the ports, and the operator's rules.
fn open(folder: &Path, mailer: Arc<LastMail>) -> Result<Gallery, Box<dyn Error>> {
    let entropy = Arc::new(OsEntropy);
    let ports = Ports::builder()
        .store(Arc::new(MemoryStore::new()))
        .blobs(Arc::new(DiskBlobs::open(&folder.join("blobs"))?))
        .spool(Arc::new(DiskSpool::open(&folder.join("spool"))?))
        .imaging(Arc::new(RustImaging::new(Limits::default())))
        .mailer(mailer)
        .hasher(Arc::new(Argon2Hasher::new(entropy.clone())))
        .clock(Arc::new(SystemClock))
        .entropy(entropy)
        .job_notifier(Arc::new(TokioJobNotifier::default()))
        .build()?;
    let secret = SecretKey::new("32 random bytes, the same on every instance")?;
    let from = Mailbox { name: "Herons".into(), address: Email::parse("herons@example.org")? };
    let base_url = "https://example.org/photos".into();
    let mail_settings = MailSettings { site_name: "Herons".into(), base_url, from, reply_to: None };
    Ok(Gallery::new(ports, Rules::new(secret, mail_settings)))
}

/// A PNG file made by code.
fn gradient(width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let (mut file, row) = (Vec::new(), (0..=u8::MAX).cycle().take(width as usize).collect::<Vec<_>>());
    png::Encoder::new(&mut file, width, height)
        .write_header()?
        .write_image_data(&row.repeat(height as usize))?;
    Ok(file)
}

/// An account's life, from the sign-up to the receipt.
pub async fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let (folder, mail) = (tempfile::tempdir()?, Arc::new(LastMail::default()));
    let gallery = open(folder.path(), mail.clone())?;
    let client = Client { address: "192.0.2.1".into(), ..Client::default() };
    let (email, password) = ("ann@example.org", "blue heron at dusk");

    gallery.sign_up(SignUp { email, password, name: "Ann" }, &client).await?;
    while gallery.run_due_job().await?.is_some() {} // a task does it: `Gallery::job_notified`
    let link = mail.0.lock().unwrap().take().and_then(|message| message.link).ok_or("no link")?;
    let (page, token) = link.rsplit_once('/').ok_or("no token")?;
    writeln!(out, "the mail leads to {page}")?;
    gallery.confirm_address(token).await?;
    let cookie = gallery.log_in(email, password, &client).await?.token.expose();

    let ann = gallery.authenticate(&cookie).await?; // at every request
    let album = gallery.create_album(&ann, "Birds", "Seen from the pier", None).await?;
    let bytes = gradient(640, 480)?;
    let mut upload = gallery.begin_upload(&ann, album.id, Some(bytes.len() as u64), None).await?;
    gallery.receive_file(&mut upload, Box::pin(futures_util::stream::iter([Ok(bytes.into())]))).await?;
    let details = UploadDetails { title: Some("Grey heron"), tags: Some("bird, dusk"), ..Default::default() };
    gallery.finish_upload(upload, details).await?;
    for photo in gallery.search(&ann, "her dusk", None, &PageRequest::new(None, None)?).await?.items {
        let (title, image) = (photo.facts.title.as_str(), photo.facts.image);
        writeln!(out, "found {title}: {:?}, {} × {} pixels", image.content_type, image.width, image.height)?;
    }

    gallery.cancel_account(&ann, password, &client).await?;
    while gallery.run_due_job().await?.is_some() {}
    let receipt = mail.0.lock().unwrap().take().ok_or("no receipt")?;
    Ok(writeln!(out, "{}\n{}", receipt.subject, gallery.verify().await?)?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&mut stdout()).await
}

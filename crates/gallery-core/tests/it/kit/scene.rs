//! A gallery whose decoder can be mended, for the tests of renditions that are made anew.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use gallery_conformance::model::lens::{Lens, Through};
use gallery_core::model::{
    Album, Captions, ImageFacts, ImageType, Job, Metadata, Photo, PhotoSort, Rendition,
};
use gallery_core::ports::{Imaging, ImagingError, Processed, RenditionBytes};
use gallery_core::texts::Text;
use gallery_core::usecases::{Caller, JobOutcome, ReprocessScope};
use gallery_core::values::{PageRequest, PhotoId};
use gallery_store_memory::MemoryStore;

use super::{Bent, World};

/// A decoder that gets better: what it makes and reads says its version; some photos it cannot
/// decode any more, of some it then knows that they are damaged, or decodes all.
#[derive(Default)]
pub struct Decoder {
    version: AtomicU32,
    /// What the first version takes for captions, and what all later ones do.
    captions: (Captions, Captions),
}

impl Decoder {
    /// One that takes these for captions.
    pub fn reading(captions: (Captions, Captions)) -> Self {
        Self { captions, ..Self::default() }
    }

    /// From now on it is another version.
    pub fn mend(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Imaging for Decoder {
    async fn process(&self, file: &Path) -> Result<Processed, ImagingError> {
        let content = std::fs::read(file).map_err(|error| ImagingError::Failed(error.into()))?;
        let version = self.version.load(Ordering::SeqCst);
        match &content[..] {
            b"torn" if version > 0 => return Err(ImagingError::Undecodable(Text::new("photo-cut-off"))),
            b"slow" if version > 0 => return Err(ImagingError::Busy),
            _ => {}
        }
        let camera = Some(format!("Pinhole mark{version}"));
        let facts = ImageFacts {
            content_type: ImageType::Jpeg,
            width: 8 + version,
            height: 6,
            placeholder: vec![1, 2, 3],
            damaged: match &content[..] {
                b"worn" => version == 0,
                b"frayed" => version > 0,
                _ => false,
            },
            metadata: Metadata { camera, ..Metadata::default() },
        };
        let renditions = Rendition::DERIVED.map(|rendition| RenditionBytes {
            rendition,
            content_type: ImageType::Jpeg,
            bytes: Bytes::from(format!("{} by {version}", rendition.name())),
            width: 8 + version,
            height: 6,
        });
        let (former_captions, later) = self.captions.clone();
        let captions = if version == 0 { former_captions.clone() } else { later };
        Ok(Processed { facts, captions, former_captions, renditions: renditions.to_vec() })
    }
}

/// A gallery with a decoder that can be mended, an account and an album.
pub struct Scene {
    pub world: World,
    pub decoder: Arc<Decoder>,
    pub ann: Caller,
    pub album: Album,
}

impl Scene {
    pub async fn new() -> Self {
        Self::bent(Bent::default()).await
    }

    pub async fn bent(bent: Bent) -> Self {
        Self::decoding(Decoder::default(), bent).await
    }

    pub async fn decoding(decoder: Decoder, bent: Bent) -> Self {
        let decoder = Arc::new(decoder);
        let world = World::bent(Bent { imaging: Some(decoder.clone()), ..bent });
        let ann = world.member("ann@example.org").await;
        let album = world.album(&ann).await;
        Self { world, decoder, ann, album }
    }

    pub async fn through(lens: impl Lens) -> Self {
        let store = Through::shared(Arc::new(MemoryStore::new()), lens);
        Self::bent(Bent { store: Some(store), ..Bent::default() }).await
    }

    pub async fn upload(&self, bytes: &'static [u8]) -> Photo {
        self.world.upload(&self.ann, &self.album, bytes, None).await.unwrap()
    }

    pub async fn read(&self, photo: PhotoId) -> Photo {
        self.world.gallery.photo(&self.ann, photo).await.unwrap()
    }

    /// Mends the decoder, and has this photo's renditions made anew.
    pub async fn remake(&self, photo: PhotoId) -> Vec<JobOutcome> {
        self.decoder.mend();
        let id = photo.to_string();
        assert_eq!(self.world.gallery.reprocess(ReprocessScope::Photo(&id)).await.unwrap(), 1);
        self.world.work().await
    }

    /// Every blob, as its generation and form.
    pub fn blobs(&self) -> Vec<(u32, Rendition)> {
        let blobs = self.world.blobs.0.lock().unwrap();
        blobs.keys().map(|key| (key.generation().number(), key.rendition())).collect()
    }

    /// Every job.
    pub async fn jobs(&self) -> Vec<Job> {
        self.world.store.jobs(None, 100).await.unwrap()
    }

    /// The generations of Ann's photos, newest first.
    pub async fn generations(&self) -> Vec<u32> {
        let page = PageRequest::new(Some(200), None).unwrap();
        let photos = self.world.gallery.photos(&self.ann, PhotoSort::Uploaded, &page).await.unwrap().items;
        photos.iter().map(|photo| photo.facts.generation().number()).collect()
    }
}

/// The blobs of a photo whose renditions are of this generation, in order of their keys.
pub fn only(generation: u32) -> [(u32, Rendition); 4] {
    let [large, medium, small] = Rendition::DERIVED.map(|rendition| (generation, rendition));
    let mut blobs = [(1, Rendition::Original), large, medium, small];
    blobs.sort_by_key(|(generation, rendition)| (*generation, rendition.name()));
    blobs
}

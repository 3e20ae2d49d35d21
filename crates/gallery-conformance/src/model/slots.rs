//! Uploads between the operations that begin and those that finish them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use gallery_core::usecases::Upload;

/// The uploads that wait for their end.
#[derive(Default)]
pub struct Slots(Mutex<BTreeMap<usize, Upload>>);

impl Slots {
    /// Keeps an upload.
    pub fn put(&self, slot: usize, upload: Upload) {
        self.0.lock().unwrap().insert(slot, upload);
    }

    /// The upload that was kept there.
    pub fn take(&self, slot: usize) -> Option<Upload> {
        self.0.lock().unwrap().remove(&slot)
    }
}

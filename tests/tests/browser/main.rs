//! The gallery as people see it: in Chromium, with and without JavaScript. Set `GALLERY_SCREENSHOTS` to a folder
//! to get pictures of every page.

mod hostile;
mod journey;

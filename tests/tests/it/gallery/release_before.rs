//! A gallery of the release before, on the store that needs no server, is opened, served and
//! verified by this one.

use gallery_tests::{ReleaseBefore, Variant};

#[tokio::test]
async fn a_gallery_of_the_release_before_is_served_and_verified() {
    let variant = Variant::tested();
    let before = ReleaseBefore::unpack(variant.embedded_store());
    before.opens_serves_and_verifies(before.launch(variant)).await;
}

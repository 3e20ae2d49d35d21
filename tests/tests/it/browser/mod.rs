//! The gallery as people see it: in Chromium, with and without JavaScript. Set
//! `GALLERY_SCREENSHOTS` to a folder to get pictures of every page.

mod hostile;
mod journey;
mod local_network;
mod log_out;

/// The harness itself: without JavaScript none runs, and complaints in the console are noticed.
#[tokio::test]
async fn the_browser_does_as_told() {
    use gallery_tests::Browser;
    let page = "data:text/html,<title>off</title><p>text</p><script>document.title='on'</script>";
    for (javascript, title) in [(true, "on"), (false, "off")] {
        let browser = Browser::open("http://127.0.0.1", javascript).await;
        browser.goto(page).await;
        assert_eq!(browser.title().await, title);
        browser.resize(390, 844).await;
        assert!((browser.width_of_content().await - 390.0).abs() < 0.5);
        browser.assert_quiet().await;
        browser.close().await;
    }
}

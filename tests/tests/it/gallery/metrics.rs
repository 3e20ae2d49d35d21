//! Figures for Prometheus: on an address of their own, and only when asked for.

use gallery_tests::client::Upload;
use gallery_tests::server::{Launch, free_port};
use gallery_tests::{Client, Server};

#[tokio::test]
async fn figures_are_served_on_their_own_address() {
    let address = format!("127.0.0.1:{}", free_port());
    let server = Launch::new().setting("GALLERY__METRICS__LISTEN", &address).start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    ann.photo(&album, &Upload::small(1), &[]).await;

    let figures = Client::new(&format!("http://{address}")).get("/metrics").await.expect(200);
    assert_eq!(figures.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = figures.text();
    let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert!(samples.len() >= 5, "{text}");
    for sample in samples {
        let (name, value) = sample.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()), "{sample}");
        assert!(value.parse::<f64>().is_ok(), "{sample}");
    }
    assert!(text.contains("# TYPE ") && text.contains("# HELP ") && text.ends_with("# EOF\n"), "{text}");
    for private in [ann.person.email.as_str(), album.as_str(), "Summer"] {
        assert!(!text.contains(private), "{private} is in the figures");
    }
    server.client().get("/metrics").await.ok(404);
}

#[tokio::test]
async fn without_an_address_there_are_none() {
    let server = Server::start().await;
    server.client().get("/metrics").await.ok(404);
}

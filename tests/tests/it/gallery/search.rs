//! Search: what finds a photo, and what does not.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::{Sample, Server};
use serde_json::json;

#[tokio::test]
async fn every_word_of_a_photo_finds_it_by_its_beginning() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let bytes = Sample::new(32, 24).camera("Canon", "EOS 40D").lens("Summicron 35mm").jpeg();
    let file = Upload::new("DSC_0042 harbour.jpg", "image/jpeg", bytes);
    let fields =
        [("title", "Café at dawn"), ("description", "Überlingen, Straße"), ("tags", "seaside,friends")];
    let photo = id_of(&ann.photo(&album, &file, &fields).await);
    ann.photo(&album, &Upload::small(9), &[("title", "something else")]).await;

    for query in [
        "cafe",
        "CAFÉ",
        "Cafe%CC%81",
        "caf%20daw",
        "dawn%20caf",
        "uberl",
        "%C3%BCberlingen",
        "strasse",
        "seas",
        "friends%20dawn",
        "harbour",
        "canon",
        "40d",
        "summicron",
        "35mm",
    ] {
        assert_eq!(ann.all_ids(&format!("/api/v1/search?q={query}")).await, [photo.as_str()], "q={query}");
    }
    for query in ["afe", "cafeteria", "cafe%20nowhere", "awn", "nikon"] {
        assert_eq!(
            ann.all_ids(&format!("/api/v1/search?q={query}")).await,
            Vec::<String>::new(),
            "q={query}"
        );
    }
}

#[tokio::test]
async fn a_query_says_what_it_means() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let (summer, winter) = (ann.album("Summer").await, ann.album("Winter").await);
    let photo = async |album: &str, seed: u8, tags: &str| {
        id_of(&ann.photo(album, &Upload::small(seed), &[("tags", tags)]).await)
    };
    let cpp = photo(&summer, 1, "C++,\u{1f389}").await;
    let c = photo(&winter, 2, "C,grey heron").await;
    for (query, expected) in [
        ("tag%3A%22C%2B%2B%22", vec![&cpp]),
        ("tag%3A%22c%22", vec![&c]),
        ("%22grey%20heron%22", vec![&c]),
        ("%F0%9F%8E%89", vec![&cpp]),
        ("-tag%3Aheron", vec![&cpp]),
        ("album%3Asum", vec![&cpp]),
        ("c%20-album%3Asum", vec![&c]),
        ("type%3Ajpg%20c", vec![&c, &cpp]),
        ("type%3Apng", vec![]),
    ] {
        let found = ann.all_ids(&format!("/api/v1/search?q={query}")).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "q={query}");
    }
    let answer = ann.get("/api/v1/search?q=c%20before%3Asoon").await.expect(200).json();
    assert_eq!(answer["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer["hints"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn search_follows_changes() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let (album, other) = (ann.album("Summer").await, ann.album("Other").await);
    let photo = id_of(&ann.photo(&album, &Upload::small(1), &[("title", "lighthouse")]).await);
    let path = format!("/api/v1/photos/{photo}");
    let found = async |query: &str| ann.all_ids(&format!("/api/v1/search?{query}")).await;
    assert_eq!(found("q=lighthouse").await, [photo.as_str()]);

    ann.patch(&path, json!({"title": "windmill"})).await.ok(200);
    assert_eq!(found("q=lighthouse").await, Vec::<String>::new());
    assert_eq!(found("q=windmill").await, [photo.as_str()]);
    assert_eq!(found(&format!("q=windmill&album_id={other}")).await, Vec::<String>::new());
    ann.patch(&path, json!({"album_id": other})).await.ok(200);
    assert_eq!(found(&format!("q=windmill&album_id={other}")).await, [photo.as_str()]);

    ann.delete(&path).await.ok(204);
    assert_eq!(found("q=windmill").await, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_finds_the_photos_of_others() {
    let server = Server::start().await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let album = ann.album("Secret").await;
    ann.photo(&album, &Upload::small(1), &[("title", "lighthouse")]).await;
    assert_eq!(bob.all_ids("/api/v1/search?q=lighthouse").await, Vec::<String>::new());
    assert_eq!(bob.all_ids("/api/v1/albums?q=secret").await, Vec::<String>::new());
    let inside = bob.get(&format!("/api/v1/search?q=lighthouse&album_id={album}")).await;
    match inside.status {
        404 => {}
        status => assert_eq!((status, inside.json()["items"].clone()), (200, json!([]))),
    }
}

#[tokio::test]
async fn results_are_paged_with_the_newest_upload_first() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let mut expected = Vec::new();
    for seed in 0..7 {
        let title = format!("harbour {seed} and harbours");
        expected.insert(0, id_of(&ann.photo(&album, &Upload::small(seed), &[("title", &title)]).await));
    }
    for limit in [1, 3, 7, 200] {
        assert_eq!(
            ann.all_ids(&format!("/api/v1/search?q=harb&limit={limit}")).await,
            expected,
            "by {limit}"
        );
    }
}

/// `docs/security.md`, rule 19: what is searched for is data.
#[tokio::test]
async fn hostile_queries_are_only_words() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = id_of(&ann.photo(&album, &Upload::small(1), &[("title", "100% sure_thing")]).await);
    let long = "a".repeat(6_000);
    for query in [
        "%25",
        "_",
        "%5C",
        "%27%20OR%201%3D1--",
        "%22%3B%20DROP%20TABLE%20Photo%3B--",
        "%00",
        "*",
        "%F0%9F%98%80",
        "",
        &long,
    ] {
        for path in ["/api/v1/search", "/api/v1/albums"] {
            let answer = ann.get(&format!("{path}?q={query}")).await;
            assert!(matches!(answer.status, 200 | 400 | 414 | 422), "{path}?q={query}: {}", answer.text());
        }
        let page = ann.get(&format!("/search?q={query}")).await;
        assert!(matches!(page.status, 200 | 400 | 414 | 422), "{query}: {}", page.status);
    }
    // A wildcard of SQL is none here.
    assert_eq!(ann.all_ids("/api/v1/search?q=s%25e").await, Vec::<String>::new());
    assert_eq!(ann.all_ids("/api/v1/search?q=100").await, [photo]);
}

/// The attack: photos with as many words as one may have, which all begin alike. Nothing that
/// matches is lost.
#[tokio::test]
async fn a_word_that_finds_too_much_is_searched_in_turn() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Crafted").await;
    let mut expected = Vec::new();
    for seed in 0..12_u8 {
        let words: Vec<String> = (0..500).map(|word| format!("w{seed}x{word}")).collect();
        let rare = if seed % 5 == 0 { "rare" } else { "common" };
        let fields = [("title", rare), ("description", &words.join(" ")[..])];
        let id = id_of(&ann.photo(&album, &Upload::small(seed), &fields).await);
        expected.insert(0, id);
    }
    assert_eq!(ann.all_ids("/api/v1/search?q=w&limit=5").await, expected);
    assert_eq!(ann.all_ids(&format!("/api/v1/search?q=w&album_id={album}")).await, expected);
    let rare: Vec<&String> = expected.iter().rev().step_by(5).rev().collect();
    assert_eq!(ann.all_ids("/api/v1/search?q=w%20rare").await.iter().collect::<Vec<_>>(), rare);
    assert_eq!(ann.all_ids("/api/v1/search?q=w%20nothing").await, Vec::<String>::new());
}

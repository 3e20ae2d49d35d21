//! The example for embedders does what it promises: it is run, and read.

#[path = "../../examples/embed.rs"]
#[expect(dead_code, reason = "its `main` is the example's own")]
mod example;

#[tokio::test]
async fn the_example_runs() {
    let mut out = Vec::new();
    example::run(&mut out).await.unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "the mail leads to https://example.org/photos/confirm\n\
         found Grey heron: Png, 640 × 480 pixels\n\
         Your account on Herons is cancelled\n\
         checked 0 accounts, 0 albums, 0 photos, 0 blobs (0 bytes read)\n\
         all invariants hold\n"
    );
}

#[test]
fn the_example_is_short() {
    let lines = include_str!("../../examples/embed.rs").lines().count();
    assert!(lines < 100, "{lines} lines: embedding shall take fewer than 100");
}

//! The example for services that embed the core does what it promises, on S3 and DynamoDB.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use gallery_blobs_s3::S3Options;
use gallery_store_nosql::{DynamoOptions, NewTables};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::net::TcpListener;

use crate::fixture::{Bucket, Server};

#[path = "../../examples/employee_directory/main.rs"]
#[expect(dead_code, reason = "its `main` is the example's own")]
mod example;

use example::{Directory, Settings};

/// The service, as a browser sees it.
struct Browser {
    client: Client,
    url: String,
}

impl Browser {
    async fn text(&self, path: &str) -> String {
        let response = self.client.get(format!("{}{path}", self.url)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.text().await.unwrap()
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url)).header("sec-fetch-site", "same-origin")
    }

    async fn add(&self, name: &'static str, place: &'static str, photo: Vec<u8>) -> Response {
        let form = Form::new().text("name", name).text("place", place).part("photo", Part::bytes(photo));
        self.post("/").multipart(form).send().await.unwrap()
    }

    async fn edit(&self, employee: &str, name: &str, place: &str) -> Response {
        let body = format!("name={name}&place={place}");
        let form = self.post(employee).header("content-type", "application/x-www-form-urlencoded");
        form.body(body).send().await.unwrap()
    }
}

fn settings(bucket: &Bucket, spool: &Path) -> Settings {
    let url = std::env::var("GALLERY_TEST_DYNAMODB_URL");
    let url = url.expect("this test needs DynamoDB Local: run `cargo xtask engines up`");
    let records = DynamoOptions {
        table_prefix: format!("{}-", bucket.name),
        region: Some("us-east-1".into()),
        endpoint: Some(url),
        // A busy machine is not what is tested.
        time_limit: Duration::from_secs(30),
        new_tables: NewTables { time_to_live: false, ..NewTables::default() },
    };
    let photos = S3Options { prefix: "employees/".into(), ..bucket.options() };
    Settings { records, photos, spool: spool.to_owned() }
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels = vec![200; (width * height * 3) as usize];
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

/// The address of the one employee on a page.
fn employee(page: &str) -> String {
    let (_, rest) = page.split_once("action=\"/employees/").expect("there is an employee");
    let (id, _) = rest.split_once('"').unwrap();
    format!("/employees/{id}")
}

#[tokio::test]
async fn an_employee_is_added_found_edited_and_deleted() {
    let bucket = Server::S3sFs.bucket().await;
    let spool = tempfile::tempdir().unwrap();
    let settings = settings(&bucket, spool.path());
    for _ in 0..2 {
        Directory::create(settings.clone()).await.expect("again changes nothing");
    }
    let directory = Directory::open(settings).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let browser =
        Browser { client: Client::new(), url: format!("http://{}", listener.local_addr().unwrap()) };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(example::serve(listener, directory, async { drop(stopped.await) }));
    browser.text("/readyz").await;

    let page = browser.add("Ann <b>Lee", "Lisbon", png(640, 480)).await.text().await.unwrap();
    assert!(page.contains("Ann &#60;b&#62;Lee") && !page.contains("<b>"), "{page}");
    let ann = employee(&page);
    assert_eq!(employee(&browser.text("/?q=lis").await), ann, "found by place");
    assert!(!browser.text("/?q=oslo").await.contains(&ann));

    let small = browser.client.get(format!("{}{ann}/photo", browser.url)).send().await.unwrap();
    assert_eq!(small.headers()["content-type"], "image/jpeg");
    assert!(small.bytes().await.unwrap().starts_with(&[0xff, 0xd8, 0xff]));

    assert_eq!(browser.edit(&ann, "Ann", "Oslo").await.status(), StatusCode::OK);
    assert_eq!(employee(&browser.text("/?q=ann+oslo").await), ann);

    refused(&browser, &ann).await;

    assert!(!bucket.objects().await.is_empty());
    let page = browser.post(&format!("{ann}/delete")).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains(&ann));
    let gone = browser.client.get(format!("{}{ann}/photo", browser.url)).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    tokio::time::timeout(Duration::from_secs(30), async {
        while !bucket.objects().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the worker removes the photo from S3");

    stop.send(()).unwrap();
    server.await.unwrap().expect("it ends in good order");
}

/// What a client does wrong has a status, and no other effect.
async fn refused(browser: &Browser, ann: &str) {
    let status = async |response: Response| response.status().as_u16();
    assert_eq!(status(browser.add("Ann", "", b"no photo".to_vec()).await).await, 415);
    assert_eq!(status(browser.add(" ", "", png(8, 8)).await).await, 422);
    assert_eq!(status(browser.add("Ann", "", Vec::new()).await).await, 422);
    assert_eq!(status(browser.edit(ann, "", "Oslo").await).await, 422);
    assert_eq!(status(browser.edit("/employees/1", "Ann", "Oslo").await).await, 404);
    let elsewhere = browser.client.post(format!("{}{ann}/delete", browser.url));
    let elsewhere = elsewhere.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
    let no_form = browser.post("/").body("name=Ann").send().await.unwrap();
    assert_eq!(no_form.status(), StatusCode::BAD_REQUEST);
    assert_eq!(browser.text("/").await.matches("<article>").count(), 1);
}

#[test]
fn the_example_is_short() {
    let mut long = String::new();
    for (name, text) in [
        ("main", include_str!("../../examples/employee_directory/main.rs")),
        ("directory", include_str!("../../examples/employee_directory/directory.rs")),
        ("upload", include_str!("../../examples/employee_directory/upload.rs")),
        ("failure", include_str!("../../examples/employee_directory/failure.rs")),
    ] {
        let code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        let lines = text.lines().filter(code).count();
        if lines >= 150 {
            writeln!(long, "{name}: {lines} lines of code").unwrap();
        }
    }
    assert_eq!(long, "", "a file of it shall have fewer than 150");
}

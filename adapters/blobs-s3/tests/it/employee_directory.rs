//! The example for services that embed the core does what it promises, on S3 and DynamoDB.

use std::time::Duration;

use gallery_core::values::SecretKey;
use gallery_store_nosql::{DynamoOptions, DynamoStore, NewTables};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::net::TcpListener;

use crate::fixture::{Bucket, Server};

#[path = "../../examples/employee_directory.rs"]
#[expect(dead_code, reason = "its `main` is the example's own")]
mod example;

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
        self.client.post(format!("{}{path}", self.url))
    }

    async fn add(&self, name: &'static str, place: &'static str, photo: Vec<u8>) -> Response {
        let form = Form::new().text("name", name).text("place", place).part("photo", Part::bytes(photo));
        self.post("/").multipart(form).send().await.unwrap()
    }
}

fn records(bucket: &Bucket) -> DynamoOptions {
    let url = std::env::var("GALLERY_TEST_DYNAMODB_URL");
    let url = url.expect("this test needs DynamoDB Local: run `cargo xtask engines up`");
    DynamoOptions {
        table_prefix: format!("{}-", bucket.name),
        region: Some("us-east-1".into()),
        endpoint: Some(url),
        // A busy machine is not what is tested.
        time_limit: Duration::from_secs(30),
        new_tables: NewTables { time_to_live: false, ..NewTables::default() },
    }
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
    let (_, rest) = page.split_once("src=\"/employees/").expect("there is an employee");
    let (id, _) = rest.split_once("/photo\"").unwrap();
    format!("/employees/{id}")
}

#[tokio::test]
async fn an_employee_is_added_found_and_deleted() {
    let bucket = Server::S3sFs.bucket().await;
    let folder = tempfile::tempdir().unwrap();
    DynamoStore::create_tables(records(&bucket)).await.unwrap();
    let open = || {
        let secret = SecretKey::new("0123456789abcdef0123456789abcdef").unwrap();
        example::open((records(&bucket), bucket.options(), folder.path().to_owned()), secret)
    };
    let first = open().await.unwrap();
    let directory = open().await.unwrap();
    assert_eq!(first.album, directory.album, "opening it again finds what the first time created");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let browser =
        Browser { client: Client::new(), url: format!("http://{}", listener.local_addr().unwrap()) };
    tokio::spawn(example::serve(listener, directory));

    let page = browser.add("Ann <b>Lee", "Lisbon", png(640, 480)).await.text().await.unwrap();
    assert!(page.contains("Ann &#60;b&#62;Lee") && page.contains("Lisbon"), "{page}");
    let ann = employee(&page);
    assert_eq!(employee(&browser.text("/?q=lis").await), ann, "found by place");
    assert!(!browser.text("/?q=oslo").await.contains(&ann));

    let small = browser.client.get(format!("{}{ann}/photo", browser.url)).send().await.unwrap();
    assert_eq!(small.headers()["content-type"], "image/jpeg");
    assert!(small.bytes().await.unwrap().starts_with(&[0xff, 0xd8, 0xff]));

    refused(&browser).await;

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
    assert!(folder.path().join("outbox").read_dir().unwrap().next().is_none(), "nobody is mailed");
}

/// What a client does wrong has a status, and no other effect.
async fn refused(browser: &Browser) {
    let status = async |response: Response| response.status().as_u16();
    assert_eq!(status(browser.add("Ann", "", b"no photo".to_vec()).await).await, 415);
    assert_eq!(status(browser.add(" ", "", png(8, 8)).await).await, 422);
    assert_eq!(status(browser.add("Ann", "", Vec::new()).await).await, 422);
    let unknown = browser.post("/employees/1/delete").send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    let no_form = browser.post("/").body("name=Ann").send().await.unwrap();
    assert_eq!(no_form.status(), StatusCode::BAD_REQUEST);
    assert_eq!(browser.text("/").await.matches("<article>").count(), 1);
}

#[test]
fn the_example_is_short() {
    let source = include_str!("../../examples/employee_directory.rs");
    let code = source.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//"));
    assert!(code.count() < 150, "it shall be read in a few minutes");
}

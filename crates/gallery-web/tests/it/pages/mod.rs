//! Pages, as a browser without JavaScript sees them: requests go through the whole site, over the
//! memory store.

mod access;
mod account;
mod albums;
mod frame;
mod photos;

use crate::kit::{Answer, Site};
use poem::http::header;

/// Fields as a form sends them.
pub fn fields(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Sends a form.
pub async fn send(site: &Site, path: &str, cookie: &str, typed: &[(&str, &str)]) -> Answer {
    let request = site.post(path).body("application/x-www-form-urlencoded", fields(typed));
    let request = request.header("sec-fetch-site", "same-origin");
    if cookie.is_empty() { request.send().await } else { request.cookie(cookie).send().await }
}

/// A page that is there.
pub async fn page(site: &Site, path: &str, cookie: &str) -> String {
    let answer = site.get(path).cookie(cookie).send().await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    html(&answer).to_owned()
}

/// The answer's HTML, which must be a whole page of the site.
pub fn html(answer: &Answer) -> &str {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{answer:?}");
    let html = answer.text();
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>"), "{html}");
    html
}

/// Where a redirect after a form leads to.
pub fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location")
}

/// Name and value of every cookie that the answer sets.
pub fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    set.map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

/// The session cookie that an answer sets.
pub fn session(answer: &Answer) -> String {
    let set = cookies(answer).into_iter().find(|cookie| cookie.starts_with("gallery_session="));
    set.expect("the answer sets the session cookie")
}

/// The message that the page behind a redirect shows.
pub async fn message(site: &Site, redirect: &Answer, cookie: &str) -> String {
    let flash = cookies(redirect).into_iter().find(|cookie| cookie.starts_with("gallery_flash="));
    let cookies = format!("{cookie}; {}", flash.expect("the redirect carries a message"));
    let html = page(site, location(redirect), &cookies).await;
    let (_, message) = html.split_once("role=\"status\">").expect("the page shows the message");
    message.split_once("</p>").unwrap().0.to_owned()
}

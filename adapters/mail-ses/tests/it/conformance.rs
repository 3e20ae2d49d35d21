//! The conformance suite for mail, on aws-ses-v2-local. Its store keeps what it understood of a
//! mail, under an identifier of its own, and is shared by all tests: a mail arrived when the server
//! said so and the store has it, and its bytes are those that went over the wire.

use std::any::Any;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gallery_conformance::mail::{Arrivals, SharedMailbox, SharedMailer};
use gallery_faults::{Exchange, HttpProxy};
use serde_json::Value;

use crate::fixture;

struct Ses {
    proxy: HttpProxy,
    taken: Mutex<Vec<Exchange>>,
}

impl Ses {
    async fn store(&self) -> Vec<Value> {
        let url = std::env::var("GALLERY_TEST_SES_URL").unwrap();
        let url = format!("{}/store", url.trim_end_matches('/'));
        let body = reqwest::get(url).await.unwrap().bytes().await.unwrap();
        let store: Value = serde_json::from_slice(&body).unwrap();
        store["emails"].as_array().unwrap().clone()
    }
}

#[async_trait]
impl Arrivals for Ses {
    async fn arrived(&self) -> Vec<Vec<u8>> {
        let taken = {
            let mut taken = self.taken.lock().unwrap();
            taken.extend(self.proxy.exchanges().into_iter().filter(|exchange| exchange.status == Some(200)));
            taken.clone()
        };
        let store = self.store().await;
        let mails = taken.iter().map(|exchange| {
            let reply: Value = serde_json::from_slice(&exchange.reply).unwrap();
            let kept = store.iter().find(|mail| mail["messageId"] == reply["MessageId"]);
            assert!(kept.is_some(), "the server does not have what it took: {reply}");
            let asked = fixture::asked(exchange);
            STANDARD.decode(asked["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap()
        });
        mails.collect()
    }
}

async fn fresh() -> (SharedMailer, SharedMailbox, impl Any) {
    let proxy = fixture::ses();
    let mailer = fixture::mailer(&proxy).await;
    (Arc::new(mailer), Arc::new(Ses { proxy, taken: Mutex::default() }), ())
}

gallery_conformance::mail_suite!(fresh);

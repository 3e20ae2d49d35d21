//! Both binaries with their mails through a real SMTP server.

use gallery_tests::smtp::SmtpServer;
use gallery_tests::{Launch, Member, Variant};

#[tokio::test]
async fn gallery_sql_sends_through_smtp() {
    mails_go_through_smtp(Launch::of(Variant::Sql)).await;
}

#[tokio::test]
async fn gallery_nosql_sends_through_smtp() {
    mails_go_through_smtp(Launch::of(Variant::NoSql)).await;
}

async fn mails_go_through_smtp(launch: Launch) {
    let smtp = SmtpServer::start();
    let server = smtp.used_by(launch).start().await;
    let ann = Member::joining(server.client(), &smtp.inbox(), "ann").await;
    let mails = smtp.inbox().to(&ann.person.email);
    let [mail] = &mails[..] else { panic!("one mail: {mails:?}") };
    assert!(mail.raw.contains("Auto-Submitted: auto-generated"), "{}", mail.raw);
    assert!(mail.html.contains(&mail.link("/confirm/")), "{}", mail.html);
    assert!(server.outbox().mails().is_empty(), "nothing goes to the folder");
    server.stop().await.verify();
}

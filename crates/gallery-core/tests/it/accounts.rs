//! Sign-up, confirmation, passwords and log-in, over the memory store.

use std::sync::Arc;

use crate::kit::fakes::MockMailer;
use crate::kit::{Bent, PASSWORD, World, client};
use gallery_core::model::JobKind;
use gallery_core::ports::MailError;
use gallery_core::token::TokenError;
use gallery_core::usecases::{Client, Error, JobOutcome, Resend, SignUp};
use gallery_core::values::Email;

fn by_address(email: &str) -> Resend<'_> {
    Resend::Address { email, sign_up: None }
}

#[tokio::test]
async fn signing_up_confirms_by_the_mailed_link_and_opening_it_again_is_harmless() {
    let world = World::new();
    world.sign_up("ann@example.org").await.unwrap();
    assert!(matches!(
        world.gallery.log_in("ann@example.org", PASSWORD, &client()).await,
        Err(Error::BadCredentials)
    ));
    world.work().await;
    let token = world.last_token();
    world.gallery.confirm_address(&token).await.unwrap();
    world.gallery.confirm_address(&token).await.unwrap();
    world.log_in("Ann@Example.ORG").await;
}

#[tokio::test]
async fn a_link_of_601_seconds_is_refused_and_a_new_one_works() {
    let world = World::new();
    world.sign_up("ann@example.org").await.unwrap();
    world.work().await;
    let old = world.last_token();
    world.pass(601);
    assert!(matches!(world.gallery.confirm_address(&old).await, Err(Error::Token(TokenError::Expired))));
    world.gallery.resend_confirmation(by_address("ann@example.org"), &client()).await.unwrap();
    world.work().await;
    world.gallery.confirm_address(&world.last_token()).await.unwrap();
}

#[tokio::test]
async fn every_field_that_breaks_a_rule_is_named() {
    let world = World::new();
    let form = SignUp { email: "ann", password: "short", name: " " };
    let Err(Error::Invalid(fields)) = world.gallery.sign_up(form, &client()).await else {
        panic!("accepted")
    };
    let named: Vec<_> = fields.iter().map(|field| field.field).collect();
    assert_eq!(named, ["email", "name", "password"]);
    let form = SignUp { email: "ann@example.org", password: "short", name: "Ann" };
    let Err(Error::Invalid(fields)) = world.gallery.sign_up(form, &client()).await else {
        panic!("accepted")
    };
    assert_eq!((fields[0].field, fields[0].invalid.code), ("password", "too_short"));
}

#[tokio::test]
async fn a_known_address_gets_another_mail_and_the_account_stays_as_it_is() {
    let world = World::new();
    world.member("ann@example.org").await;
    let form = SignUp { email: "ANN@example.org", password: "another long password", name: "Eve" };
    world.gallery.sign_up(form, &client()).await.unwrap();
    world.work().await;
    let mail = world.mails.last();
    assert!(mail.subject.contains("already have an account") && mail.link.is_none());
    assert!(mail.text.starts_with("Hello Ann,"), "its own name, not the stranger's: {}", mail.text);
    assert_eq!(world.log_in("ann@example.org").await.user.name.as_str(), "Ann");
}

#[tokio::test]
async fn unknown_addresses_are_answered_alike_and_get_no_mail() {
    let world = World::new();
    world.gallery.forgot_password("nobody@example.org", &client()).await.unwrap();
    world.gallery.resend_confirmation(by_address("nobody@example.org"), &client()).await.unwrap();
    assert_eq!(world.work().await, [JobOutcome::Done, JobOutcome::Done]);
    assert!(world.mails.all().is_empty());
}

#[tokio::test]
async fn a_reset_link_works_once_and_ends_every_session() {
    let world = World::new();
    let caller = world.member("ann@example.org").await;
    world.gallery.forgot_password("ann@example.org", &client()).await.unwrap();
    world.work().await;
    let token = world.last_token();
    assert!(matches!(world.gallery.confirm_address(&token).await, Err(Error::Token(TokenError::Invalid))));
    world.gallery.reset_password(&token, "red kite at noon", &client()).await.unwrap();
    let again = world.gallery.reset_password(&token, "grey owl at night", &client()).await;
    assert!(matches!(again, Err(Error::Token(TokenError::Invalid))));
    assert!(world.gallery.sessions(&caller).await.unwrap().is_empty());
    assert!(matches!(
        world.gallery.log_in("ann@example.org", PASSWORD, &client()).await,
        Err(Error::BadCredentials)
    ));
    world.gallery.log_in("ann@example.org", "red kite at noon", &client()).await.unwrap();
    world.work().await;
    assert!(world.mails.last().subject.contains("was changed"));
}

#[tokio::test]
async fn changing_the_password_asks_for_the_current_one_and_keeps_only_this_session() {
    let world = World::new();
    let here = world.member("ann@example.org").await;
    world.log_in("ann@example.org").await;
    let wrong = world.gallery.change_password(&here, "not my password", "red kite at noon", &client()).await;
    assert!(matches!(wrong, Err(Error::BadCredentials)));
    world.gallery.change_password(&here, PASSWORD, "red kite at noon", &client()).await.unwrap();
    let left = world.gallery.sessions(&here).await.unwrap();
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [here.session.id]);
}

#[tokio::test]
async fn guessing_is_limited_per_account_and_client_and_others_still_get_in() {
    let world = World::new();
    world.member("ann@example.org").await;
    for _ in 0..world.gallery.rules().throttling.failures_per_account {
        let guess = world.gallery.log_in("ann@example.org", "a wrong password", &client()).await;
        assert!(matches!(guess, Err(Error::BadCredentials)));
    }
    let locked = world.gallery.log_in("ann@example.org", PASSWORD, &client()).await;
    assert!(matches!(locked, Err(Error::TooManyAttempts { .. })));
    let elsewhere = Client { address: "198.51.100.7".to_owned(), ..client() };
    world.gallery.log_in("ann@example.org", PASSWORD, &elsewhere).await.unwrap();
    world.pass(world.gallery.rules().throttling.window.as_secs() + 1);
    world.log_in("ann@example.org").await;
}

#[tokio::test]
async fn a_mail_system_that_is_away_loses_no_mail_and_an_expired_link_is_not_sent() {
    let mut mailer = MockMailer::new();
    mailer.expect_send().returning(|_| Err(MailError::Later("away".into())));
    let world = World::bent(Bent { mailer: Some(Arc::new(mailer)), ..Bent::default() });
    world.sign_up("ann@example.org").await.unwrap();
    assert_eq!(world.work().await, [JobOutcome::Failed]);
    let waiting = world.store.jobs(None, 10).await.unwrap();
    assert!(matches!(waiting[0].kind, JobKind::SendMail { .. }) && !waiting[0].parked);
    world.pass(10 * 60);
    assert_eq!(world.work().await, [JobOutcome::Done], "dropped, because its link has expired");
    assert!(world.store.jobs(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_parked_and_can_be_resumed() {
    let mut mailer = MockMailer::new();
    mailer.expect_send().times(1).returning(|_| Err(MailError::Never("no such mailbox".into())));
    mailer.expect_send().times(1).returning(|_| Ok(()));
    let world = World::bent(Bent { mailer: Some(Arc::new(mailer)), ..Bent::default() });
    world.sign_up("ann@example.org").await.unwrap();
    assert_eq!(world.work().await, [JobOutcome::Parked]);
    world.pass(3_600 / 10);
    assert_eq!(world.work().await, []);
    let parked = world.store.jobs(None, 10).await.unwrap().pop().unwrap();
    assert_eq!(parked.last_error.as_deref(), Some("the mail was refused: no such mailbox"));
    world.store.resume_job(parked.id, world.gallery.now()).await.unwrap();
    assert_eq!(world.work().await, [JobOutcome::Done]);
}

/// A sign-up with this password; what names it.
async fn sign_up_with(world: &World, password: &str) -> String {
    let form = SignUp { email: "ann@example.org", password, name: "Ann" };
    let named = world.gallery.sign_up(form, &client()).await.unwrap();
    world.work().await;
    named
}

async fn gets_in(world: &World, password: &str) -> bool {
    match world.gallery.log_in("ann@example.org", password, &client()).await {
        Ok(_) => true,
        Err(Error::BadCredentials) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rule_50_a_link_confirms_exactly_its_own_sign_up() {
    let world = World::new();
    sign_up_with(&world, PASSWORD).await;
    let hers = world.last_token();
    sign_up_with(&world, "an intruder's choice").await;
    let intruders = world.last_token();
    world.gallery.confirm_address(&hers).await.unwrap();
    assert!(gets_in(&world, PASSWORD).await);
    assert!(!gets_in(&world, "an intruder's choice").await);
    let late = world.gallery.confirm_address(&intruders).await;
    assert!(matches!(late, Err(Error::Token(TokenError::Invalid))), "{late:?}");
    world.gallery.confirm_address(&hers).await.unwrap();
    world.assert_sound().await;
}

#[tokio::test]
async fn rule_50_a_link_is_sent_again_for_the_sign_up_that_is_named() {
    let world = World::new();
    let hers = sign_up_with(&world, PASSWORD).await;
    let link = world.last_token();
    sign_up_with(&world, "an intruder's choice").await;
    world.pass(601);
    for named in [Resend::Address { email: "ann@example.org", sign_up: Some(&hers) }, Resend::Link(&link)] {
        world.gallery.resend_confirmation(named, &client()).await.unwrap();
        world.work().await;
        assert!(world.mails.last().link.is_some());
    }
    // By the address alone nothing says which one is hers.
    for wanted in
        [by_address("ann@example.org"), Resend::Address { email: "ann@example.org", sign_up: Some(&link) }]
    {
        world.gallery.resend_confirmation(wanted, &client()).await.unwrap();
        world.work().await;
        let mail = world.mails.last();
        assert!(mail.link.is_none() && mail.subject.contains("sign up"), "{}", mail.subject);
        assert!(mail.text.starts_with("Hello,"), "{}", mail.text);
    }
    world.gallery.resend_confirmation(Resend::Link(&link), &client()).await.unwrap();
    world.work().await;
    world.gallery.confirm_address(&world.last_token()).await.unwrap();
    assert!(gets_in(&world, PASSWORD).await);
}

/// Nobody is sent the link of a stranger's sign-up because it is the only one that waits.
#[tokio::test]
async fn a_named_sign_up_that_does_not_wait_is_not_taken_for_another_one() {
    let world = World::new();
    let form = SignUp { email: "bob@example.org", password: PASSWORD, name: "Bob" };
    let elsewhere = world.gallery.sign_up(form, &client()).await.unwrap();
    sign_up_with(&world, "an intruder's choice").await;
    let wanted = Resend::Address { email: "ann@example.org", sign_up: Some(&elsewhere) };
    world.gallery.resend_confirmation(wanted, &client()).await.unwrap();
    world.work().await;
    let mail = world.mails.last();
    assert!(mail.link.is_none() && mail.subject.contains("sign up"), "{}", mail.subject);
}

#[tokio::test]
async fn what_names_a_sign_up_confirms_nothing_and_ends_with_it() {
    let world = World::new();
    let named = sign_up_with(&world, PASSWORD).await;
    let link = world.last_token();
    let confirmed = world.gallery.confirm_address(&named).await;
    assert!(matches!(confirmed, Err(Error::Token(TokenError::Invalid))), "{confirmed:?}");
    world.pass(24 * 3_600);
    for wanted in [by_address("ann@example.org"), Resend::Link(&link)] {
        world.gallery.resend_confirmation(wanted, &client()).await.unwrap();
        world.work().await;
    }
    assert_eq!(world.mails.all().len(), 1, "nothing is sent for what has ended");
    world.pass(1);
    let expired = world.gallery.resend_confirmation(Resend::Link(&link), &client()).await;
    assert!(matches!(expired, Err(Error::Token(TokenError::Expired))), "{expired:?}");
    let email = Email::parse("ann@example.org").unwrap();
    assert_eq!(world.store.registrations_of(email.key(), 2).await.unwrap().len(), 1);
    assert!(world.gallery.sweep().await.unwrap().expired > 0);
    assert_eq!(world.store.registrations_of(email.key(), 1).await.unwrap(), []);
}

#[tokio::test]
async fn a_forgotten_password_of_an_account_that_is_not_confirmed_is_no_link() {
    let world = World::new();
    sign_up_with(&world, PASSWORD).await;
    world.gallery.forgot_password("ann@example.org", &client()).await.unwrap();
    world.work().await;
    let mail = world.mails.last();
    assert!(mail.link.is_none() && mail.subject.contains("sign up"), "{}", mail.subject);
}

#[tokio::test]
async fn rule_51_foreign_sign_ups_do_not_use_up_the_mails_of_another_purpose() {
    let world = World::new();
    world.member("ann@example.org").await;
    for _ in 0..30 {
        world.sign_up("ann@example.org").await.unwrap();
        world.gallery.resend_confirmation(by_address("ann@example.org"), &client()).await.unwrap();
    }
    world.gallery.forgot_password("ann@example.org", &client()).await.unwrap();
    world.work().await;
    assert!(world.mails.last().link.is_some_and(|link| link.contains("/reset/")));
}

#[tokio::test]
async fn rule_48_guesses_from_many_networks_are_capped_and_a_known_device_passes() {
    let world = World::new();
    world.member("ann@example.org").await;
    let device = world.gallery.log_in("ann@example.org", PASSWORD, &client()).await.unwrap().device;
    let mut compared = 0;
    for n in 0..300 {
        let from = Client { address: format!("198.51.100.{}", n % 30), ..client() };
        match world.gallery.log_in("ann@example.org", "a wrong password", &from).await {
            Err(Error::BadCredentials) => compared += 1,
            Err(Error::TooManyAttempts { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(compared, world.gallery.rules().throttling.failures_per_account_everywhere);
    let stranger = Client { address: "203.0.113.9".to_owned(), ..client() };
    let refused = world.gallery.log_in("ann@example.org", PASSWORD, &stranger).await;
    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })), "{refused:?}");
    let known = Client { device: Some(device), ..stranger };
    let logged_in = world.gallery.log_in("ann@example.org", PASSWORD, &known).await.unwrap();
    assert_eq!(Some(logged_in.device), known.device, "it stays the same");
}

#[tokio::test]
async fn rule_48_a_right_password_is_no_guess() {
    let world = World::new();
    world.member("ann@example.org").await;
    for _ in 0..300 {
        world.log_in("ann@example.org").await;
    }
}

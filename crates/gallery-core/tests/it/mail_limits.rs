//! What counts against the limits on mails that strangers cause, over a store that fails when it is
//! told to.

use std::sync::Arc;

use crate::kit::{Bent, World, client};
use gallery_conformance::model::faulty::{Fault, FaultyStore, Gate};
use gallery_core::ports::SharedStore;
use gallery_core::usecases::{Error, Resend};
use gallery_store_memory::MemoryStore;

/// A world whose store fails when it is told to.
fn failing() -> (World, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let store: SharedStore = Arc::new(FaultyStore::new(Arc::new(MemoryStore::new()), gate.clone()));
    (World::bent(Bent { store: Some(store), ..Bent::default() }), gate)
}

/// What is recorded of a mail comes after both limits.
const RECORDING: usize = 2;

#[tokio::test]
async fn flooding_one_address_with_mail_stops_silently() {
    let world = World::new();
    for _ in 0..30 {
        world.sign_up("ann@example.org").await.unwrap();
    }
    world.work().await;
    assert_eq!(world.mails.all().len(), world.gallery.rules().throttling.mails_per_address as usize);
}

#[tokio::test]
async fn rule_38_a_sign_up_that_fails_uses_up_no_mail() {
    let (world, gate) = failing();
    let limits = &world.gallery.rules().throttling;
    for fault in [Fault::Refuse, Fault::Break] {
        for _ in 0..=limits.mails_per_client {
            gate.begin(Some((RECORDING, fault)));
            let failed = world.sign_up("ann@example.org").await;
            assert!(matches!(failed, Err(Error::Unavailable(_) | Error::Internal(_))), "{failed:?}");
            assert_eq!(gate.calls()[RECORDING].method, "register");
        }
    }
    gate.begin(None);
    for _ in 0..limits.mails_per_address {
        world.sign_up("ann@example.org").await.unwrap();
    }
    gate.begin(None);
    world.work().await;
    assert_eq!(world.mails.all().len(), limits.mails_per_address as usize);
}

#[tokio::test]
async fn rule_38_a_network_is_not_charged_for_an_address_that_could_not_be_counted() {
    let (world, gate) = failing();
    for _ in 0..=world.gallery.rules().throttling.mails_per_client {
        gate.begin(Some((1, Fault::Refuse)));
        let failed = world.sign_up("ann@example.org").await;
        assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    }
    gate.begin(None);
    world.sign_up("ann@example.org").await.unwrap();
}

#[tokio::test]
async fn rule_38_a_request_for_mail_that_fails_uses_up_none() {
    let (world, gate) = failing();
    world.member("ann@example.org").await;
    for _ in 0..=world.gallery.rules().throttling.mails_per_address {
        gate.begin(Some((RECORDING, Fault::Refuse)));
        world.gallery.forgot_password("ann@example.org", &client()).await.unwrap_err();
        gate.begin(Some((RECORDING, Fault::Refuse)));
        let wanted = Resend::Address { email: "ann@example.org", sign_up: None };
        world.gallery.resend_confirmation(wanted, &client()).await.unwrap_err();
        assert_eq!(gate.calls()[RECORDING].method, "enqueue");
    }
    gate.begin(None);
    world.gallery.forgot_password("ann@example.org", &client()).await.unwrap();
    world.work().await;
    assert!(world.mails.last().link.is_some_and(|link| link.contains("/reset/")));
}

/// What the store did although it said that it could not is a mail, and counts.
#[tokio::test]
async fn rule_38_a_mail_whose_recording_was_not_answered_stays_counted() {
    let (world, gate) = failing();
    let limit = world.gallery.rules().throttling.mails_per_address;
    for _ in 0..limit {
        gate.begin(Some((RECORDING, Fault::LoseReply)));
        let failed = world.sign_up("ann@example.org").await;
        assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    }
    for _ in 0..3 {
        gate.begin(None);
        world.sign_up("ann@example.org").await.unwrap();
    }
    gate.begin(None);
    world.work().await;
    assert_eq!(world.mails.all().len(), limit as usize);
}

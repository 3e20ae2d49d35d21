//! Random histories: a `proptest` strategy, seeded, so that a seed is a history.
//!
//! Alternatives stand from the simplest to the most complex, because shrinking moves towards the
//! first.

use std::time::Duration;

use gallery_core::model::{PhotoSort, Rendition};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::operation::{
    Cookie, CoverChoice, Deed, Disturbance, End, File, Form, Link, MailFault, Naming, Operation, Part, Pick,
    Step, StoreFault, Visitor,
};
use super::ports::CONTENTS;

/// Steps of a history before what they require is added.
const STEPS: std::ops::RangeInclusive<usize> = 25..=45;

/// A step that knows how to become simpler.
pub type StepTree = Box<dyn ValueTree<Value = Step>>;

/// The history of a seed.
pub fn history(seed: u64) -> Vec<StepTree> {
    let mut bytes = [0x6d; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let length = STEPS.new_tree(&mut runner).expect("a range is not filtered").current();
    let step = step();
    (0..length).map(|_| step.new_tree(&mut runner).expect("no step is filtered")).collect()
}

fn step() -> BoxedStrategy<Step> {
    (0..2usize, operation(), weighted(0.4, disturbance()))
        .prop_map(|(instance, operation, disturbance)| Step { instance, operation, disturbance })
        .boxed()
}

fn disturbance() -> BoxedStrategy<Disturbance> {
    // Use cases make one to some ten calls; a request with a cookie at least two.
    let call = || prop_oneof![5 => 0..4usize, 1 => 4..12usize];
    let store = prop_oneof![
        Just(StoreFault::Refuse),
        Just(StoreFault::Break),
        Just(StoreFault::LoseReply),
        Just(StoreFault::Repeat)
    ];
    prop_oneof![
        6 => (call(), store).prop_map(|(call, fault)| Disturbance::Store(call, fault)),
        2 => call().prop_map(Disturbance::CrashBefore),
        2 => call().prop_map(Disturbance::CrashAfter),
        6 => call().prop_map(Disturbance::Twin),
        5 => (call(), operation().prop_map(Box::new)).prop_map(|(call, other)| Disturbance::Meanwhile(call, other)),
        1 => prop_oneof![Just(MailFault::Later), Just(MailFault::Never)].prop_map(Disturbance::Mail),
        1 => Just(Disturbance::Blobs),
    ]
    .boxed()
}

fn operation() -> BoxedStrategy<Operation> {
    prop_oneof![
        2 => (1..2_000u64).prop_map(|millis| Operation::Tick(Duration::from_millis(millis))),
        3 => jump(),
        5 => public(),
        6 => Just(Operation::Work),
        2 => Just(Operation::WorkAll),
        1 => Just(Operation::Sweep),
        1 => prop_oneof![Just(Operation::ScheduleUpkeep), Just(Operation::Verify)],
        4 => uploads(),
        3 => reprocessing(),
        40 => (visitor(), deed()).prop_map(|(visitor, deed)| Operation::Do(visitor, deed)),
    ]
    .boxed()
}

fn reprocessing() -> BoxedStrategy<Operation> {
    (person(), weighted(0.7, pick()))
        .prop_map(|(person, photo)| Operation::Reprocess { person, photo })
        .boxed()
}

fn jump() -> BoxedStrategy<Operation> {
    let end = prop_oneof![
        4 => Just(End::Renewal),
        1 => Just(End::Lease),
        4 => Just(End::Token),
        2 => Just(End::Link),
        1 => Just(End::Counter),
        2 => Just(End::Upload),
        1 => Just(End::Session),
        2 => Just(End::Day),
    ];
    (end, -1..=1i64, person())
        .prop_map(|(end, offset, person)| Operation::JumpTo { end, offset, person })
        .boxed()
}

fn person() -> impl Strategy<Value = u8> {
    prop_oneof![8 => Just(0u8), 3 => Just(1u8), 1 => Just(2u8)]
}

fn public() -> BoxedStrategy<Operation> {
    let password = || prop_oneof![6 => 0..2u8, 1 => 2..4u8];
    prop_oneof![
        // Sign-ups and log-ins are what other operations require, too.
        (person(), 0..2u8, password(), 0..10u8).prop_map(|(person, spelling, password, name)| {
            Operation::SignUp { person, spelling, password, name }
        }),
        (person(), link()).prop_map(|(person, link)| Operation::Confirm { person, link }),
        (person(), naming()).prop_map(|(person, by)| Operation::ResendConfirmation { person, by }),
        person().prop_map(|person| Operation::ForgotPassword { person }),
        (person(), link()).prop_map(|(person, link)| Operation::OpenReset { person, link }),
        (person(), link(), password())
            .prop_map(|(person, link, password)| { Operation::ResetPassword { person, link, password } }),
        (person(), 0..2u8, prop_oneof![0..2u8, 2..4u8])
            .prop_map(|(person, spelling, password)| { Operation::LogIn { person, spelling, password } }),
    ]
    .boxed()
}

fn naming() -> impl Strategy<Value = Naming> {
    prop_oneof![
        2 => Just(Naming::Address),
        2 => (0..2u8).prop_map(Naming::SignUp),
        1 => link().prop_map(Naming::Link),
    ]
}

fn link() -> impl Strategy<Value = Link> {
    prop_oneof![8 => (0..3u8).prop_map(Link::Got), 1 => Just(Link::OtherPurpose), 1 => Just(Link::Forged)]
}

fn uploads() -> BoxedStrategy<Operation> {
    prop_oneof![
        4 => (0..3u8, 0..10u8).prop_map(|(upload, text)| Operation::FinishUpload { upload, text }),
        1 => (0..3u8).prop_map(|upload| Operation::AbandonUpload { upload }),
        1 => (0..3u8).prop_map(|upload| Operation::LoseUpload { upload }),
    ]
    .boxed()
}

fn visitor() -> impl Strategy<Value = Visitor> {
    let cookie = prop_oneof![
        16 => Just(Cookie::Newest),
        2 => (0..6u8).prop_map(Cookie::Older),
        2 => (0..6u8).prop_map(Cookie::Pending),
    ];
    (person(), cookie).prop_map(|(person, cookie)| Visitor { person, cookie })
}

fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![9 => (0..4u8).prop_map(Pick::Own), 1 => (0..12u8).prop_map(Pick::Any)]
}

fn part() -> impl Strategy<Value = Part> {
    let limit = prop_oneof![3 => 1..4u32, 1 => Just(50u32)];
    (limit, of(0..4u8)).prop_map(|(limit, cursor)| Part { limit, cursor })
}

fn sort() -> impl Strategy<Value = PhotoSort> {
    prop_oneof![Just(PhotoSort::Uploaded), Just(PhotoSort::Taken)]
}

fn form() -> impl Strategy<Value = Form> {
    let content = prop_oneof![12 => 0..6u8, 1 => 6..CONTENTS];
    let bytes = prop_oneof![8 => 20..200u16, 1 => Just(0u16), 1 => 300..600u16];
    let declared = prop_oneof![4 => Just(Some(0i16)), 2 => Just(None), 1 => (-30..200i16).prop_map(Some)];
    (content, bytes, declared, weighted(0.4, 0..3u8), 0..10u8).prop_map(
        |(content, bytes, declared, key, text)| Form { file: File { content, bytes }, declared, key, text },
    )
}

fn deed() -> BoxedStrategy<Deed> {
    prop_oneof![
        1 => Just(Deed::WhoAmI),
        6 => account_deed(),
        12 => album_deed(),
        10 => (pick(), form()).prop_map(|(album, form)| Deed::Upload { album, form }),
        5 => (pick(), form()).prop_map(|(album, form)| Deed::BeginUpload { album, form }),
        16 => photo_deed(),
    ]
    .boxed()
}

fn account_deed() -> BoxedStrategy<Deed> {
    // 0 stands for the password that the person believes to have.
    let known = || prop_oneof![4 => Just(0u8), 1 => 1..4u8];
    prop_oneof![
        2 => Just(Deed::Sessions),
        1 => Just(Deed::LogOut),
        1 => (0..4u8, person()).prop_map(|(session, of)| Deed::EndSession { session, of }),
        2 => (known(), prop_oneof![6 => 0..2u8, 1 => 2..4u8])
            .prop_map(|(current, new)| Deed::ChangePassword { current, new }),
        1 => (of(0..10u8), of(0..4u8))
            .prop_map(|(name, language)| Deed::UpdateAccount { name, language }),
        1 => known().prop_map(|password| Deed::Cancel { password }),
    ]
    .boxed()
}

fn album_deed() -> BoxedStrategy<Deed> {
    let cover = prop_oneof![
        2 => Just(CoverChoice::Newest),
        6 => pick().prop_map(CoverChoice::Photo),
        1 => Just(CoverChoice::Malformed),
    ];
    prop_oneof![
        2 => pick().prop_map(|album| Deed::ReadAlbum { album }),
        3 => (weighted(0.3, 0..30u8), part()).prop_map(|(query, part)| Deed::ListAlbums { query, part }),
        3 => (0..10u8, weighted(0.4, 0..3u8)).prop_map(|(text, key)| Deed::CreateAlbum { text, key }),
        4 => (pick(), of(0..10u8), of(0..5u8), of(cover)).prop_map(|(album, text, description, cover)| {
            Deed::ChangeAlbum { album, text, description, cover }
        }),
        1 => pick().prop_map(|album| Deed::DeleteAlbum { album }),
    ]
    .boxed()
}

fn photo_deed() -> BoxedStrategy<Deed> {
    let rendition = (0..4usize).prop_map(|place| Rendition::ALL[place]);
    prop_oneof![
        2 => pick().prop_map(|photo| Deed::ReadPhoto { photo }),
        1 => (pick(), rendition).prop_map(|(photo, rendition)| Deed::ReadRendition { photo, rendition }),
        3 => (sort(), part()).prop_map(|(sort, part)| Deed::ListPhotos { sort, part }),
        3 => (pick(), sort(), part()).prop_map(|(album, sort, part)| Deed::ListAlbum { album, sort, part }),
        4 => (0..30u8, weighted(0.3, pick()), part())
            .prop_map(|(query, album, part)| Deed::Search { query, album, part }),
        5 => (pick(), of(0..10u8), of(0..5u8), weighted(0.4, pick()), of(0..7u8)).prop_map(
            |(photo, title, tags, album, taken)| Deed::ChangePhoto { photo, title, tags, album, taken }
        ),
        4 => pick().prop_map(|photo| Deed::DeletePhoto { photo }),
    ]
    .boxed()
}

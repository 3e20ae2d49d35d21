//! A history is made as small as what shows the difference.

use gallery_conformance::model::generate;
use gallery_conformance::model::operation::Step;
use gallery_conformance::model::shrink::Shrinking;

#[test]
fn one_guilty_step_is_all_that_is_left() {
    let guilty = |step: &Step| step.instance == 1 && step.disturbance.is_some();
    let mut shrunk = 0;
    for seed in 0..20 {
        let mut shrinking = Shrinking::of(generate::history(seed));
        if !shrinking.current().iter().any(guilty) {
            continue;
        }
        let mut smallest = Vec::new();
        while shrinking.goes_on() {
            let steps = shrinking.current();
            if steps.iter().any(guilty) {
                smallest = steps;
                shrinking.failed();
            } else {
                shrinking.passed();
            }
        }
        assert!(matches!(&smallest[..], [only] if guilty(only)), "seed {seed}: {smallest:?}");
        shrunk += 1;
    }
    assert!(shrunk > 10, "most histories have such a step");
}

#[test]
fn a_seed_is_a_history() {
    let printed = |seed| format!("{:?}", Shrinking::of(generate::history(seed)).current());
    assert_eq!(printed(7), printed(7));
    assert_ne!(printed(7), printed(8));
}

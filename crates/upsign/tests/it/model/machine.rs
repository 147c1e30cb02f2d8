//! Random sequences of steps, shrunk to the shortest one that breaks a rule.

use proptest::prelude::*;
use proptest::sample::select;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::race::Turn;
use super::setup::{Content, Setup};
use super::world::World;

/// What happens next. Uploads are named by their number, modulo the number of uploads that exist.
#[derive(Clone, Debug)]
enum Step {
    Grant,
    Put(usize, Content),
    Confirm {
        upload: usize,
        announces: bool,
    },
    ConfirmAsAnother(usize),
    Race(usize, Vec<Turn>),
    Event(usize),
    Expire(usize),
    DeleteByToken(usize),
    DeleteByReceipt(usize),
    Read(usize),
    /// The process ends while it confirms.
    Crash {
        upload: usize,
        calls: usize,
    },
    /// The service gets a new secret.
    Rotate,
    /// The inspector changes its mind.
    ChangeMind,
    Minutes(u64),
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        3 => (0_u8..3).prop_map(Content::Good),
        2 => Just(Content::Evil),
        1 => Just(Content::Short),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => Just(Turn::First),
        4 => Just(Turn::Second),
        2 => content().prop_map(Turn::Put),
        1 => Just(Turn::Expire),
        1 => Just(Turn::Delete),
        1 => Just(Turn::Event),
        1 => Just(Turn::ChangeMind),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let upload = 0_usize..4;
    prop_oneof![
        3 => Just(Step::Grant),
        6 => (upload.clone(), content()).prop_map(|(upload, content)| Step::Put(upload, content)),
        6 => (upload.clone(), prop::bool::weighted(0.8))
            .prop_map(|(upload, announces)| Step::Confirm { upload, announces }),
        1 => upload.clone().prop_map(Step::ConfirmAsAnother),
        3 => (upload.clone(), prop::collection::vec(turn(), 1..14)).prop_map(|(upload, turns)| Step::Race(upload, turns)),
        2 => upload.clone().prop_map(Step::Event),
        1 => upload.clone().prop_map(Step::Expire),
        1 => upload.clone().prop_map(Step::DeleteByToken),
        1 => upload.clone().prop_map(Step::DeleteByReceipt),
        1 => upload.clone().prop_map(Step::Read),
        1 => (upload, 0_usize..9).prop_map(|(upload, calls)| Step::Crash { upload, calls }),
        1 => Just(Step::Rotate),
        1 => Just(Step::ChangeMind),
        // The URLs are valid for less than half an hour, and the tokens for a day longer.
        2 => select(vec![30_u64, 660, 1_500]).prop_map(Step::Minutes),
    ]
}

/// The sequence needs no state of its own: every step is possible at any time, and some have no effect.
struct Steps;

impl ReferenceStateMachine for Steps {
    type State = Setup;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Setup> {
        select(Setup::ALL.to_vec()).boxed()
    }

    fn transitions(_: &Setup) -> BoxedStrategy<Step> {
        step().boxed()
    }

    fn apply(setup: Setup, _: &Step) -> Setup {
        setup
    }
}

struct Life;

impl StateMachineTest for Life {
    type SystemUnderTest = World;
    type Reference = Steps;

    fn init_test(setup: &Setup) -> World {
        let mut world = World::new(*setup);
        world.grant();
        world
    }

    fn apply(mut world: World, _: &Setup, step: Step) -> World {
        let count = world.uploads();
        match step {
            Step::Grant => world.grant(),
            Step::Put(upload, content) => world.put(upload % count, content),
            Step::Confirm { upload, announces } => drop(world.confirm(upload % count, announces)),
            Step::ConfirmAsAnother(upload) => world.confirm_as_another(upload % count),
            Step::Race(upload, turns) => drop(world.race(upload % count, &turns, true)),
            Step::Event(upload) => world.event(upload % count),
            Step::Expire(upload) => world.expire(upload % count),
            Step::DeleteByToken(upload) => world.delete_by_token(upload % count),
            Step::DeleteByReceipt(upload) => world.delete_by_receipt(upload % count),
            Step::Read(upload) => world.read(upload % count),
            Step::Crash { upload, calls } => world.crash(upload % count, calls, None),
            Step::Rotate => world.rotate(),
            Step::ChangeMind => world.scanner.change_mind(),
            Step::Minutes(minutes) => world.advance(minutes),
        }
        world
    }

    fn check_invariants(world: &World, _: &Setup) {
        world.check();
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 20_000, ..ProptestConfig::default() })]
    #[test]
    fn no_sequence_of_steps_breaks_a_rule(sequential 12..32 => Life);
}

//! The process ends after each call of a confirmation, and the client repeats its request.

use super::setup::{Content, Setup};
use super::world::World;

/// More than the calls of a confirmation.
const CALLS: usize = 12;

#[test]
fn every_crash_is_repaired_by_a_repetition() {
    for setup in Setup::ALL {
        for calls in 0..CALLS {
            let mut world = World::new(setup);
            world.grant();
            world.put(0, Content::Good(1));
            world.crash(0, calls, None);
            world.check();
            let answer = world.confirm(0, true).unwrap();
            assert!(answer.is_confirmed(), "{setup:?}, {calls} calls: {answer:?}");
            world.check();
            let again = world.confirm(0, true).unwrap();
            assert_eq!((again.receipt, again.version_id), (answer.receipt, answer.version_id));
            world.check();
        }
    }
}

/// In a bucket without versions, only the entity tag pins what is copied, and the type is not part of it.
#[test]
fn no_crash_leaves_unconfirmed_bytes_readable() {
    for setup in Setup::ALL {
        for content in [Content::Retyped, Content::Evil, Content::Short, Content::Good(2)] {
            for position in 0..CALLS {
                for calls in position..CALLS {
                    let mut world = World::new(setup);
                    world.grant();
                    world.put(0, Content::Good(1));
                    world.crash(0, calls, Some((position, content)));
                    let _ = world.confirm(0, true);
                    world.check();
                    // Confirmed at last, or still not: but always the same.
                    let _ = world.confirm(0, true);
                    world.check();
                }
            }
        }
    }
}

/// The reservation has ended when the event arrives, and what the request has settled before is still known.
#[test]
fn late_event_after_a_crash_counts_nothing_twice() {
    for setup in Setup::ALL {
        for minutes in [1_500, 60] {
            for calls in 0..CALLS {
                let mut world = World::new(setup);
                world.grant();
                world.put(0, Content::Good(1));
                world.crash(0, calls, None);
                world.advance(minutes);
                for _ in 0..2 {
                    world.event(0);
                    world.check();
                }
            }
        }
    }
}

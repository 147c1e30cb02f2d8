//! Sequences of a caller who wants more confirmed than the quota permits.

use super::setup::{Content, GateKind, Setup};
use super::world::World;

const LIMIT: usize = 20;

fn world(setup: Setup) -> World {
    let mut world = World::with_limit(setup, LIMIT as u64);
    grant(&mut world);
    assert_eq!(world.uploads(), LIMIT);
    world
}

/// Asks for more uploads than the quota permits.
fn grant(world: &mut World) {
    (0..LIMIT + 1).for_each(|_| world.grant());
    world.check();
}

/// Uploads to every URL and confirms everything. Returns how many are confirmed.
fn confirm_all(world: &mut World) -> usize {
    let mut confirmed = 0;
    for index in 0..world.uploads() {
        world.put(index, Content::Good(1));
        confirmed += usize::from(world.confirm(index, true).is_some_and(|answer| answer.is_confirmed()));
        world.check();
    }
    confirmed
}

#[test]
fn deleted_uploads_are_granted_again_and_not_confirmed_twice() {
    for setup in Setup::ALL {
        let mut world = world(setup);
        for index in 0..LIMIT {
            world.delete_by_token(index);
            world.check();
        }
        grant(&mut world);
        let granted = world.uploads();
        // Without a gate, the reservations stay as long as the URLs can be used.
        assert_eq!(granted, if setup.gate == GateKind::None { LIMIT } else { 2 * LIMIT }, "{setup:?}");
        assert_eq!(confirm_all(&mut world), LIMIT, "{setup:?}");
        grant(&mut world);
        assert_eq!(world.uploads(), granted, "{setup:?}");
    }
}

#[test]
fn rejected_uploads_are_granted_again_and_not_confirmed_twice() {
    for setup in Setup::ALL.into_iter().filter(|setup| setup.gate != GateKind::None) {
        let mut world = world(setup);
        for index in 0..LIMIT {
            world.put(index, Content::Evil);
            assert!(world.confirm(index, true).is_some_and(|answer| !answer.is_confirmed()));
            world.check();
        }
        grant(&mut world);
        assert_eq!(world.uploads(), 2 * LIMIT, "{setup:?}");
        // The first URLs upload a second time only where the route permits it.
        assert_eq!(confirm_all(&mut world), LIMIT, "{setup:?}");
        grant(&mut world);
        assert_eq!(world.uploads(), 2 * LIMIT, "{setup:?}");
    }
}

#[test]
fn one_url_does_not_confirm_more_versions_than_the_quota_permits() {
    for setup in Setup::ALL.into_iter().filter(|setup| setup.confirms_versions()) {
        let mut world = World::with_limit(setup, 3);
        world.grant();
        let mut confirmed = 0;
        for number in 0..6 {
            world.put(0, Content::Good(number));
            confirmed += usize::from(world.confirm(0, true).is_some());
            world.check();
        }
        assert_eq!(confirmed, 3, "{setup:?}");
    }
}

#[test]
fn deleting_and_uploading_again_with_one_url_is_counted() {
    for setup in Setup::ALL {
        let mut world = World::with_limit(setup, 2);
        world.grant();
        for number in 0..6 {
            world.put(0, Content::Good(number));
            let _ = world.confirm(0, true);
            world.check();
            world.delete_by_receipt(0);
            world.check();
        }
    }
}

//! Every order of the store's calls of two confirmations of one upload in which the requests take turns a bounded number of times, with a
//! second upload, the lifecycle rule, a deletion and an event anywhere between them.
//!
//! Races that need more turns are rare (Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007); the random sequences of
//! [`machine`](super::machine) have them.

use super::race::Turn;
use super::setup::{Content, GateKind, Setup};
use super::world::World;

/// What happens in addition to the two confirmations, each at most once, and in this order.
const BETWEEN: [&[Turn]; 5] = [
    &[Turn::Put(Content::Good(2))],
    &[Turn::Put(Content::Evil), Turn::Expire],
    &[Turn::Delete, Turn::Put(Content::Good(1))],
    &[Turn::Event],
    // The inspector accepts the object, and then it does not.
    &[Turn::ChangeMind],
];

/// How often the requests take turns, unless `TEST_MODEL_SWITCHES` says it.
const SWITCHES: usize = 1;

struct Search {
    setup: Setup,
    between: &'static [Turn],
    switches: usize,
    /// The number of orders that were tried to their end.
    orders: usize,
}

impl Search {
    /// Tries every continuation of these turns.
    fn from(&mut self, turns: &mut Vec<Turn>) {
        let mut world = World::new(self.setup);
        world.grant();
        // The inspector knows a virus of `Good(2)`, while it does.
        world.put(0, Content::Good(if self.between.contains(&Turn::ChangeMind) { 2 } else { 1 }));
        let [first, second] = world.race(0, turns, false);
        let used = turns.iter().filter(|turn| !is_request(turn)).count();
        let mut next = Vec::new();
        let running = turns.iter().rev().find(|turn| is_request(turn)).copied();
        let switches = turns.iter().filter(|turn| is_request(turn)).collect::<Vec<_>>();
        let switches = switches.windows(2).filter(|pair| pair[0] != pair[1]).count();
        for (request, has_ended, other_has_ended) in
            [(Turn::First, first, second), (Turn::Second, second, first)]
        {
            let continues = running.is_none_or(|running| running == request) || other_has_ended;
            if !has_ended && (continues || switches < self.switches) {
                next.push(request);
            }
        }
        next.extend(self.between.get(used));
        if first && second {
            world.check();
            // Asked again, the service names the same version, or still none.
            world.confirm(0, true);
            world.check();
            self.orders += 1;
            return;
        }
        for turn in next {
            turns.push(turn);
            self.from(turns);
            turns.pop();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a long run asks for more")]
fn switches() -> usize {
    std::env::var("TEST_MODEL_SWITCHES").map_or(SWITCHES, |text| text.parse().unwrap())
}

const fn is_request(turn: &Turn) -> bool {
    matches!(turn, Turn::First | Turn::Second)
}

#[test]
fn no_order_of_two_confirmations_and_a_second_upload_breaks_a_rule() {
    let switches = switches();
    let mut orders = 0;
    for setup in Setup::ALL {
        for between in BETWEEN {
            // A deletion, an event and another verdict are tried with one setup of each gate, so that this takes less than a minute.
            let is_typical = setup.replaces && (setup.versioned == (setup.gate == GateKind::Tag));
            let is_rare =
                between.iter().any(|turn| matches!(turn, Turn::Delete | Turn::Event | Turn::ChangeMind));
            if is_rare && !is_typical {
                continue;
            }
            // Only pending objects expire.
            let is_expiry = setup.gate != GateKind::Pending && between.contains(&Turn::Expire);
            let between = if is_expiry { &between[..1] } else { between };
            // A rejection shows what it overlooks only if the requests take turns once more.
            let switches = switches + usize::from(between.contains(&Turn::ChangeMind));
            let mut search = Search { setup, between, switches, orders: 0 };
            search.from(&mut Vec::new());
            orders += search.orders;
        }
    }
    assert!(orders > 2_000, "{orders} orders were tried");
}

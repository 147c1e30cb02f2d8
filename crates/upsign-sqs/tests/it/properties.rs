//! Arbitrary faults: every good message is handled and then deleted, and a poison message stays.

use std::time::Duration;

use proptest::prelude::*;
use tokio::sync::oneshot;

use crate::fake::{FakeQueue, Fault};
use crate::{Script, options, poller, wait_for};

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        2 => Just(Fault::No),
        1 => Just(Fault::LostRequest),
        1 => Just(Fault::LostAnswer),
        1 => Just(Fault::Unavailable),
        1 => Just(Fault::Throttled),
        1 => Just(Fault::Denied),
        1 => Just(Fault::Null),
        1 => Just(Fault::NotJson),
        1 => Just(Fault::OtherJson),
        1 => Just(Fault::Duplicates),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn no_message_is_lost(
        bodies in prop::collection::vec(prop_oneof!["second [a-z]{4}", "good [a-z]{4}", Just("poison".to_owned())], 1..15),
        faults in prop::collection::vec(fault(), 0..25),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
            bodies.sort_unstable();
            bodies.dedup();
            let poison = bodies.iter().filter(|body| **body == "poison").count();
            let (fake, script) = (FakeQueue::start(&bodies, &faults).await, Script::default());
            let poller = poller(&fake.url, &script).with_options(options().with_lease(Duration::from_secs(10)));
            let (stop, stopped) = oneshot::channel::<()>();
            let running = tokio::spawn({
                let poller = poller.clone();
                async move { poller.run(async { drop(stopped.await) }).await }
            });
            wait_for("only poison is left", || fake.left().len() == poison).await;
            drop(stop);
            running.await.unwrap();
            for body in bodies {
                let least = if body.starts_with("second") { 2 } else { 1 };
                let count = script.count(body);
                assert!(count >= least || body == "poison", "{body} was handled {count} times");
            }
            assert!(fake.left().iter().all(|it| it.body == "poison"));
        });
    }
}

//! The calls of a queue and the poller, against a scripted server on this machine. `upsign-webhooks` tests both against an emulator.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test reports a failure"
)]

mod calls;
mod fake;
mod polling;
mod properties;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use upsign_core::{Credentials, Timestamp};
use upsign_sqs::{Backoff, HandleMessage, Handled, PollOptions, Poller, Queue, QueueMessage, async_trait};

fn now() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().unwrap()
}

fn credentials() -> Credentials {
    Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap()
}

fn queue(url: &str) -> Queue {
    Queue::new(url, &"eu-central-1".parse().unwrap(), credentials()).unwrap()
}

/// Pauses of milliseconds.
fn options() -> PollOptions {
    let millis = Duration::from_millis;
    PollOptions::default().with_wait(Duration::from_secs(1)).with_backoff(Backoff::new(millis(2), millis(20)))
}

/// Handles messages by their text, and counts how often each was handled.
#[derive(Clone, Default)]
struct Script {
    handled: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Script {
    fn count(&self, body: &str) -> u32 {
        self.handled.lock().unwrap().get(body).copied().unwrap_or_default()
    }
}

#[async_trait]
impl HandleMessage for Script {
    async fn handle(&self, message: &QueueMessage) -> Handled {
        let count = {
            let mut handled = self.handled.lock().unwrap();
            let count = handled.entry(message.body.clone()).or_default();
            *count += 1;
            *count
        };
        match message.body.split(' ').next().unwrap() {
            "poison" => Handled::Retry(Duration::from_secs(2)),
            "second" if count == 1 => Handled::Retry(Duration::ZERO),
            "slow" => {
                tokio::time::sleep(Duration::from_millis(150)).await;
                Handled::Done
            }
            "stuck" => std::future::pending().await,
            "panic" if count == 1 => panic!("a handler must not end the poller"),
            _ => Handled::Done,
        }
    }
}

fn poller(url: &str, script: &Script) -> Poller<Script> {
    Poller::new(queue(url), script.clone(), now).with_options(options())
}

/// Waits until a condition holds.
async fn wait_for(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}

//! The poller: what is deleted, what stays, and how it ends.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use upsign_sqs::{Backoff, Poller};

use crate::fake::{FakeQueue, Fault};
use crate::{Script, options, poller, wait_for};

/// Runs a poller until the sender is used or dropped.
fn start(poller: &Poller<Script>) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let poller = poller.clone();
    (stop, tokio::spawn(async move { poller.run(async { drop(stopped.await) }).await }))
}

#[tokio::test]
async fn handled_messages_are_deleted_and_others_stay() {
    let bodies: Vec<String> = (0..25).map(|at| format!("message {at}")).collect();
    let mut bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    bodies.extend(["poison", "second"]);
    let (fake, script) = (FakeQueue::start(&bodies, &[]).await, Script::default());
    let (stop, running) = start(&poller(&fake.url, &script));
    wait_for("only the poison is left", || fake.left().len() == 1).await;
    wait_for("the poison is tried again", || script.count("poison") >= 3).await;
    drop(stop);
    running.await.unwrap();
    assert_eq!(fake.left()[0].body, "poison");
    assert!((0..25).all(|at| script.count(&format!("message {at}")) == 1));
    assert_eq!(script.count("second"), 2);
    let hidden = fake.seen("ChangeMessageVisibility");
    assert!(hidden.iter().any(|it| it.body["VisibilityTimeout"] == 2), "{hidden:?}");
}

#[tokio::test]
async fn queue_that_cannot_be_read_is_reported_and_tried_again() {
    let faults = [Fault::Denied, Fault::NotJson, Fault::LostRequest];
    let (fake, script) = (FakeQueue::start(&[], &faults).await, Script::default());
    let poller = poller(&fake.url, &script);
    assert_eq!(poller.status().failing_for, None);
    let (stop, running) = start(&poller);
    wait_for("it fails", || poller.status().failing_for.is_some()).await;
    wait_for("it is read again", || poller.status().failing_for.is_none()).await;
    let status = poller.status();
    assert_eq!((status.total_failures, status.error), (3, None));
    drop(stop);
    running.await.unwrap();

    let fake = FakeQueue::start(&[], &[Fault::Denied; 100]).await;
    let poller = crate::poller(&fake.url, &script);
    let (stop, running) = start(&poller);
    wait_for("it fails", || poller.status().total_failures > 1).await;
    let error = poller.status().error.unwrap();
    assert_eq!(&*error, "SQS answered 400 with the error AccessDeniedException");
    drop(stop);
    running.await.unwrap();
}

#[tokio::test]
async fn messages_that_are_too_large_together_are_received_alone() {
    let (fake, script) = (FakeQueue::start(&["a", "b"], &[Fault::TooLarge]).await, Script::default());
    let (stop, running) = start(&poller(&fake.url, &script));
    wait_for("both are handled", || fake.left().is_empty()).await;
    drop(stop);
    running.await.unwrap();
    let most: Vec<_> =
        fake.seen("ReceiveMessage").iter().map(|it| it.body["MaxNumberOfMessages"].clone()).collect();
    assert_eq!((&most[0], &most[1]), (&10.into(), &1.into()));
}

#[tokio::test]
async fn shutdown_waits_for_messages_in_hand_and_receives_no_more() {
    let (fake, script) = (FakeQueue::start(&["slow a", "slow b"], &[]).await, Script::default());
    let (stop, running) = start(&poller(&fake.url, &script));
    wait_for("both have begun", || script.count("slow a") + script.count("slow b") == 2).await;
    stop.send(()).unwrap();
    fake.push("later");
    running.await.unwrap();
    let left: Vec<String> = fake.left().into_iter().map(|it| it.body).collect();
    assert_eq!(left, ["later"], "those in hand are deleted");
    assert_eq!(script.count("later"), 0);
}

#[tokio::test]
async fn shutdown_ends_the_wait_for_messages_and_the_pause_after_failures() {
    let long = Duration::from_secs(600);
    for faults in [&[][..], &[Fault::Unavailable; 9]] {
        let (fake, script) = (FakeQueue::start(&[], faults).await, Script::default());
        let slow = options().with_wait(Duration::from_secs(20)).with_backoff(Backoff::new(long, long));
        let (stop, running) = start(&poller(&fake.url, &script).with_options(slow));
        wait_for("it has begun", || !fake.seen("ReceiveMessage").is_empty()).await;
        let began = Instant::now();
        drop(stop);
        running.await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn message_that_takes_too_long_is_given_up_and_stays() {
    let (fake, script) = (FakeQueue::start(&["stuck", "a"], &[]).await, Script::default());
    let quick = options().with_handle_limit(Duration::from_millis(30));
    let (stop, running) = start(&poller(&fake.url, &script).with_options(quick));
    wait_for("it is hidden", || !fake.seen("ChangeMessageVisibility").is_empty()).await;
    drop(stop);
    running.await.unwrap();
    assert_eq!(fake.left()[0].body, "stuck");
}

#[tokio::test]
async fn no_more_messages_are_received_than_can_be_handled() {
    let (fake, script) = (FakeQueue::start(&["slow"; 9], &[]).await, Script::default());
    let (stop, running) = start(&poller(&fake.url, &script).with_options(options().with_concurrency(2)));
    wait_for("all are handled", || fake.left().is_empty()).await;
    drop(stop);
    running.await.unwrap();
    let asked = fake.seen("ReceiveMessage");
    assert!(asked.iter().all(|it| it.body["MaxNumberOfMessages"].as_u64().unwrap() <= 2));
}

/// The message is delivered again when its lease is over.
#[tokio::test]
async fn handler_that_panics_does_not_end_the_poller() {
    let (fake, script) = (FakeQueue::start(&["panic", "a"], &[]).await, Script::default());
    let leased = options().with_lease(Duration::from_secs(5));
    let (stop, running) = start(&poller(&fake.url, &script).with_options(leased));
    wait_for("all are handled", || fake.left().is_empty()).await;
    drop(stop);
    running.await.unwrap();
    assert_eq!(script.count("panic"), 2);
}

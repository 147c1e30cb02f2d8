//! Confirm uploads by the events of the bucket, without the client.
//!
//! A client that loses its network after the upload never confirms it. The bucket can notify a program of every object, by a queue,
//! a topic or EventBridge. That program confirms the object in its place.
//!
//! # What proves an object
//!
//! An event says that an object exists. It does not say that this service granted it: anyone with access to the bucket can store one.
//! [`confirm_object`](crate::UploadService::confirm_object) confirms only what proves itself, and reports the others as
//! [`Observed`](crate::confirm::ObjectOutcome::Observed):
//!
//! | proof | configure | what is compared |
//! | --- | --- | --- |
//! | a claim | `claim = true`: the upload carries what was granted as `x-amz-meta-upsign`, signed, with a message authentication code | all that the upload token states |
//! | a sealed id | `{id:sealed}` in the template: the id has a message authentication code over the key, the route, the bucket and the uploader | the limits of the route: size and types |
//! | none | | nothing is confirmed |
//!
//! A sealed id has 64 characters. It sorts by time, and has at least 64 random bits, 128 bits of a hash of the uploader, encrypted, and a code of 80 bits.
//! With neither claim nor sealed id, clients confirm with their upload tokens.
//!
//! An event names the bucket, so no event confirms the objects of a route whose `bucket.name` is an access point: each is one of no route. `upsign check`
//! warns of `claim` and `{id:sealed}` there (`events-prove-nothing`). Use the name of the bucket.
//!
//! # With `upsign serve`
//!
//! ```toml
//! [upload]
//! confirm = true
//! claim = true
//!
//! [events]
//! queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/uploads"
//! ```
//!
//! The server reads this queue next to its requests. It passes each object to the same service, so that inspection, quota, webhooks and
//! metrics are the same; a quota in memory counts both. An upload that its client and an event confirm is confirmed and announced once. Several
//! servers can read one queue.
//!
//! | a message | what becomes of it |
//! | --- | --- |
//! | is handled: confirmed, rejected, observed, expired, or of no route | it is deleted |
//! | fails, because the store, the inspection, the quota or the announcement does not answer | it is delivered again, after 2 seconds, 4, 8 … and at most 15 minutes |
//! | is no notification of S3, or one of its records cannot be read | the same, and an error in the log; it is not deleted |
//! | arrives twice, or after a later event of its object | deleted without a request to the store, if this process remembers the object (it remembers 4,096); else it is handled again, with the same result |
//!
//! **Give the queue a dead-letter queue**, with a `maxReceiveCount` of 10: the pauses before the tenth attempt
//! are 17 minutes together, so a store that is down for a quarter of an hour loses nothing, and messages that nobody can read end there. (The queue
//! of a generated stack for Lambda permits 5 attempts: there each pause is the visibility timeout, 6 minutes.) Without a dead-letter queue, messages
//! come back until the retention period of the queue is over. At a shutdown, the server finishes the messages in hand for up to 20 seconds; those that are left are delivered again after at most 2 minutes.
//!
//! `upsign documents notification` prints the notification of the bucket and, with `--format queue-policy`, the policy of the queue.
//! `upsign documents iam --role runtime` contains `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility` on this queue
//! alone. A queue that is encrypted with a key of your own also needs `kms:Decrypt` on that key.
//!
//! If the queue cannot be read, the server goes on to grant uploads: `/readyz` stays 200 and names the queue, its reason and since when;
//! `upsign_queue_failures_total` counts the calls, and the log has `queue not read`. Set an alarm on the age of the oldest message in the queue
//! (`ApproximateAgeOfOldestMessage`) too, which also sees a server that does not run. `upsign_events_total` counts events by outcome.
//!
//! `upsign dev` does not read the queue: its own S3 server emits the events.
//!
//! # On Lambda
//!
//! A function does not read `[events]`: Lambda itself passes the messages of a queue to a consumer. The stack of `upsign documents sam` and
//! `terraform` has the queue, and a function that confirms uploads if the objects of a route prove themselves: the example `consumer`, an
//! `EventFunction` of `upsign-lambda` (feature `events`). [`deploy`](super::deploy) builds it.
//!
//! # Read notifications in a program of your own
//!
//! The crate `upsign-events` reads the notifications of S3 to a queue, those by SNS, and those of EventBridge; it does no I/O.
//! It decodes keys, recognizes `s3:TestEvent`, and orders the events of one key by their sequencer.
//!
//! Events arrive more than once and in any order. That is harmless: the service looks at the object, and confirming it again has the same
//! answer. `DeliveryOrder` saves the requests for repetitions in a process that runs for long, as `upsign serve` does; a function on Lambda,
//! whose processes come and go, has little use for it.
//!
//! A program that is no function receives messages with the `Poller` of `upsign-sqs`, which needs no AWS SDK.
//!
//! # Objects that nobody confirms
//!
//! A lifecycle rule removes pending objects ([`quarantine`](super::quarantine)). The generated notifications contain that event,
//! `s3:LifecycleExpiration:*`, for the folders of pending objects; pass it to [`expire_object`](crate::UploadService::expire_object), as
//! `upsign serve` and the function on Lambda do, which announces it. Without a consumer, nobody learns that an upload has expired. An object that was rejected expires
//! too, and is announced a second time then, with the id of the announcement that it was rejected: a receiver that ignores ids that it knows keeps
//! `upload.rejected`.
//!

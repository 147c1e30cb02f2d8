//! Tell an application what became of an upload, by a signed HTTP request.
//!
//! `upsign serve` needs no code of your own to announce what became of an upload: it sends a webhook. Programs can implement
//! [`Announce`](crate::Announce) instead: [`confirm`](super::confirm).
//!
//! On Lambda, `outbox` is `sqs`: a function is suspended between requests, so it does not start with `process`, and `upsign check` warns of it
//! (`webhook-not-deployed`). It needs the feature `webhooks` of `upsign-lambda`. A program can pass an announcer of its own with
//! `FunctionSettings::with_announcer` instead.
//!
//! # Configure
//!
//! ```toml
//! [webhook]
//! url = "https://app.example.com/hooks/uploads"
//! secrets = ["env:UPSIGN_WEBHOOK_SECRET"]
//! outbox = "process"
//!
//! [server]
//! single_process = true
//! ```
//!
//! | key | what it decides |
//! | --- | --- |
//! | `url` | where messages are sent; `https`, or `http` on this machine |
//! | `secrets` | where the secrets are, as in `token.keys`, each of the form `whsec_BASE64` with 24 to 64 bytes. Each signs, so a receiver accepts the old and the new one during a rotation |
//! | `outbox` | where messages wait: `process`, in the memory of the one process that runs, which delivers them; or `sqs`, a queue, from which another process delivers them. There is no default |
//! | `queue_url` | the queue, for `sqs` |
//! | `deliver` | `true`: `upsign serve` delivers the messages of the queue, for `sqs`. Default: `false` |
//!
//! # The message
//!
//! ```http
//! POST /hooks/uploads
//! webhook-id: msg_5f2c0a9e1b7d4c38a6e09f21d3b4c5e6
//! webhook-timestamp: 1767225600
//! webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
//! Content-Type: application/json
//!
//! {"type": "upload.confirmed", "timestamp": "2026-01-01T00:00:00Z", "data": {"key": "articles/…", "size": 48213, "receipt": "…"}}
//! ```
//!
//! The headers are those of Standard Webhooks (<https://www.standardwebhooks.com>), so its libraries verify them. `type` is
//! `upload.confirmed`, `upload.rejected` or `upload.expired`. The last one needs the events of the bucket: `[events]` with `upsign serve`, or
//! a consumer with an announcer ([`events`](super::events#objects-that-nobody-confirms)). It can follow
//! `upload.rejected`, when the rejected object is removed; it has the same `webhook-id`, so the first is kept. Verify the
//! signature over the bytes of the body before you read it, refuse timestamps that are more than 5 minutes away, and answer 2xx once you have stored the message.
//!
//! A message can arrive more than once, always with the same `webhook-id`: store the id, and ignore it the second time.
//!
//! # When it fails
//!
//! The outbox has the message before the client gets its answer; if it cannot take it, the client gets 503 `announcement-unavailable` and
//! repeats its call.
//!
//! With `outbox = "process"`, a receiver that does not answer 2xx gets the message again, after pauses that grow, for a day. 410 ends that. Redirects
//! are not followed. Messages that wait are lost if the process is killed; at a shutdown it sends them first.
//!
//! # With a queue
//!
//! With `outbox = "sqs"`, `upsign serve` puts each message into the queue. With `deliver = true` it also reads the queue and sends the requests, so
//! that no message is lost with a process. Several servers share the work, and servers without `deliver` need no secrets:
//!
//! ```toml
//! [webhook]
//! url = "https://app.example.com/hooks/uploads"
//! secrets = ["env:UPSIGN_WEBHOOK_SECRET"]
//! outbox = "sqs"
//! queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks"
//! deliver = true
//! ```
//!
//! The pauses after failures are those of the outbox in memory, kept by the visibility timeout of the message. The redrive policy of the
//! queue ends the attempts: a `maxReceiveCount` of 8 gives about 28 hours. 410 deletes the message. A message that is no webhook is not deleted,
//! because the queue may be another one than you meant; it is an error in the log, and ends in the dead-letter queue. **Give the queue a
//! dead-letter queue**: without one, messages that cannot be delivered end with its retention period, which must be longer than the
//! attempts take.
//!
//! `upsign documents iam --role runtime` has the permissions: `sqs:SendMessage`, and with `deliver` those to receive. `/readyz` names a queue that
//! cannot be read, and `upsign_webhook_attempts_total` counts deliveries.
//!
//! **Without `deliver`, another program has to read the queue**: a message that nobody delivers ends with the queue's retention period. In Rust,
//! `QueueDeliverer` of `upsign-webhooks` with the `Poller` of `upsign-sqs` does what `upsign serve` does. On Lambda it is a function on the queue:
//! the example `deliverer`, a `WebhookFunction` of `upsign-lambda`, which the stack of `upsign documents sam` and `terraform` contains with its queue
//! and dead-letter queue.
//!
//! # On your machine
//!
//! `upsign dev` has an S3 server that emits the events of S3, and confirms the objects that prove themselves ([`events`](super::events)). It
//! prints each announcement. If `url` is on this machine (`http://127.0.0.1:…`), it sends the webhook too, signed with a secret that it
//! makes for the run and prints. Nothing is sent to a `url` elsewhere.
//!
//! It sends `upload.confirmed` and `upload.rejected`. It never sends `upload.expired`, because its S3 server has no lifecycle rules, and
//! its objects are lost when it stops. A test in Rust can delete an object as such a rule does, with `LocalS3::expire` of `upsign-local`,
//! which emits the same event.

//! Tell an application what became of an upload, by a signed HTTP request.
//!
//! `upsign serve` needs no code of your own to announce what became of an upload: it sends a webhook. A Lambda function gets its
//! announcer by `FunctionSettings::with_announcer` of `upsign-lambda`, for example that of `upsign-webhooks` with a queue. Programs can
//! implement [`Announce`](crate::Announce) instead: [`confirm`](super::confirm).
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
//! | `outbox` | where messages wait: `process`, in the memory of the one process that runs, or `sqs`, a queue. There is no default |
//! | `queue_url` | the queue, for `sqs` |
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
//! `upload.confirmed`, `upload.rejected` or `upload.expired`. Verify the signature over the bytes of the body before you read it, refuse
//! timestamps that are more than 5 minutes away, and answer 2xx once you have stored the message.
//!
//! A message can arrive more than once, always with the same `webhook-id`: store the id, and ignore it the second time.
//!
//! # When it fails
//!
//! The outbox has the message before the client gets its answer; if it cannot take it, the client gets 503 `announcement-unavailable` and
//! repeats its call. A receiver that does not answer 2xx gets the message again, after pauses that grow. 410 ends that. Redirects are not
//! followed.
//!
//! With `outbox = "process"`, messages that wait are lost if the process is killed; at a shutdown it sends them first. Use `sqs` where that matters.
//!
//! # On your machine
//!
//! `upsign dev` has an S3 server that emits the events of S3, and confirms the objects that prove themselves ([`events`](super::events)). It
//! prints each announcement. If `url` is on this machine (`http://127.0.0.1:…`), it sends the webhook too, signed with a secret that it
//! makes for the run and prints. Nothing is sent to a `url` elsewhere.

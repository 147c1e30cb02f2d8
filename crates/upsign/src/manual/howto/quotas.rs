//! Limit how many files and bytes each caller uploads per day.
//!
//! `limit.per_minute` is a brake: it bounds how often a caller asks. A quota bounds what a caller *uploads*. It counts an upload before
//! its URL is signed, and keeps it counted as long as the URL can be used.
//!
//! # Configure
//!
//! ```toml
//! [limit]
//! per_day = 20
//! bytes_per_day = "1 GiB"
//!
//! [quota]
//! store = "redis"
//! url = "env:UPSIGN_REDIS_URL"
//! fail = "closed"
//! ```
//!
//! | key | what it decides |
//! | --- | --- |
//! | `limit.per_day`, `limit.bytes_per_day` | the objects and bytes of a caller on all routes together |
//! | `upload.per_day`, `upload.bytes_per_day` | those on one route; all limits hold |
//! | `quota.store` | `memory`, `redis` or `dynamodb` |
//! | `quota.fail` | what happens while the store does not answer: `closed` refuses uploads with 503, `open` lets them pass uncounted. There is no default |
//! | `quota.url` | where the URL of Redis is, which has a password: `env:NAME` or `file:PATH` |
//! | `quota.table`, `quota.region` | the table of DynamoDB; the generated stack has one |
//! | `quota.by` | whose uploads count together: `subject` (the default; issuer and subject), or `claim:NAME` for a claim such as a tenant |
//!
//! A day is a UTC day. A caller who has used up a limit gets 429 `quota-exceeded`, with `Retry-After` until the next day begins.
//!
//! # What counts
//!
//! | step | effect |
//! | --- | --- |
//! | a grant | reserves one object and its declared size, or the largest that the grant permits |
//! | signing fails | released |
//! | confirmed | settled: the real size replaces the reserved one |
//! | an upload in parts is aborted, or deleted by its upload token | released |
//! | a single upload is deleted by its upload token, or an upload is rejected | stays reserved until the upload token has ended |
//! | never confirmed | stays reserved until the upload token has ended |
//!
//! A reservation is named after the object that is uploaded, so a repeated step counts once. Keys must be unique for that, by `{id}`. A
//! client can upload another object with the same URL after the first was rejected or deleted, so a rejection or a deletion of a single
//! upload releases nothing: the reservation outlives the URL. On a route without `confirm = true` nothing tells the service what
//! arrived: each grant counts as one object of its declared or largest size, whether it was used or not.
//!
//! # What is not counted
//!
//! - **Objects that an event confirms by a sealed id alone.** The event does not name the caller, so nothing is settled, and the reservation is
//!   released when the upload token has ended. With a short `confirm_within`, that gives a caller the quota back on the same day. Use
//!   `claim = true`, or confirm with the token.
//! - **Objects that nobody confirms.** They are released in the same way. On a route without a gate they stay at `key`; with
//!   `pending_key`, a lifecycle rule removes them.
//! - **Further versions of one upload.** On a route with `replace = "allow"` in a versioned bucket, each `PUT` with one URL stores a version,
//!   and each version can be confirmed. They count as one object, with the size that was confirmed first.
//! - **Uploads while the store does not answer**, with `fail = "open"`.
//!
//! # Where it is counted
//!
//! | store | for | durability |
//! | --- | --- | --- |
//! | `memory` | one process; needs `server.single_process = true` | none: a restart begins at zero |
//! | `redis` | several processes; one script for each step, whose keys are in one slot of a cluster | that of Redis. With `appendfsync always` nothing that was answered is lost |
//! | `dynamodb` | several processes on AWS; one transaction for each step | that of DynamoDB. All uploads of one caller change one item, so DynamoDB serializes them |
//!
//! With `limit.shared = true`, the rates of requests are counted there too, so that two processes count as one.
//!
//! # In Rust
//!
//! ```
//! use upsign::quota::{FailMode, MemoryQuota, Quota, QuotaLimit, Window};
//!
//! # fn limited(service: upsign::UploadService) -> upsign::UploadService {
//! let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(20).with_bytes(1 << 30);
//! service.with_quota(Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit))
//! # }
//! ```
//!
//! [`quota`](crate::quota) has windows of any length, limits of single routes, and the trait of a store of your own.

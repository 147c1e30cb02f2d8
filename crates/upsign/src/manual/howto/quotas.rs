//! Limit how many files and bytes each caller uploads per day.
//!
//! `limit.per_minute` is a brake: it bounds how often a caller asks. A quota bounds what a caller *uploads*. It counts an upload before
//! its URL is signed, and again before its object becomes readable if the upload was released in between.
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
//! | confirmed | settled before readers find the object: the real size replaces the reserved one |
//! | rejected | released if the route has a gate |
//! | deleted by its upload token before it was confirmed | released if the route has a gate or the upload had parts; else once the URL has expired for 15 minutes |
//! | an upload in parts is aborted | released |
//! | never confirmed | released when the upload token has ended |
//! | confirmed late, after it was settled | counted once, until the window after that of its settlement has ended |
//! | confirmed after it was released | counted anew, or refused with 429 `quota-exceeded` if it does not fit: it stays unconfirmed |
//! | another version is uploaded with the same URL and confirmed | counted as a further object, or refused |
//! | replaced or deleted after it was settled and before readers find it | stays counted, and the object that replaced it is counted as a further one if it is confirmed |
//! | a confirmed object is deleted | stays counted: a quota counts uploads, not what is stored |
//!
//! What is counted and reserved never exceeds a limit: an object is settled only if its size is one that was granted, and so reserved.
//! A URL can still be used after its upload was rejected or deleted, and so was released. So a caller whose uploads were released has more usable URLs
//! than the quota permits. What they upload lies behind the gate until it is confirmed, and is confirmed only within the limits.
//!
//! An object is settled before it becomes readable, because nothing could count it afterwards if the process ended in between. So an object
//! can be counted and never be confirmed: its client has replaced or deleted it in the moment between. The service does not release
//! it, because another request may be confirming it. Only the caller who does that has less left.
//!
//! A reservation is named after the object that is uploaded, so a repeated step counts once. Keys must be unique for that, by `{id}`. On a
//! route without `confirm = true` nothing tells the service what arrived: each grant counts as one object of its declared or largest
//! size, whether it was used or not. So does each grant of a route with `{id:sealed}` and without `claim = true`: an event confirms
//! objects there without naming the caller, so an upload stays counted unless its client confirms it, which settles the real size.
//!
//! # What is not counted
//!
//! - **Objects that nobody confirms.** They are released when the upload token has ended. On a route without a gate they stay at `key`; with
//!   `pending_key`, a lifecycle rule removes them. On a route without a gate, an event that arrives after the end of the token confirms
//!   such an object and counts nothing, because it could be a repetition.
//! - **Further versions that an event confirms by a sealed id alone**, with `replace = "allow"` in a versioned bucket. Use `claim = true`.
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

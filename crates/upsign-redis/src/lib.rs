//! Counts uploads in Redis, so that several processes share one quota. Each step is one Lua script.
//!
//! ```
//! use upsign::UploadService;
//! use upsign::quota::{FailMode, Quota, QuotaLimit, Window};
//! use upsign_redis::{InvalidRedisUrl, RedisQuota};
//!
//! # fn limited(service: UploadService, url: &str) -> Result<UploadService, InvalidRedisUrl> {
//! // 20 uploads per caller and UTC day, over all processes that use this server.
//! let store = RedisQuota::open(url)?;
//! let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(20);
//! let service = service.with_quota(Quota::new(store, FailMode::Closed).with_limit(limit));
//! # Ok(service)
//! # }
//! ```
//!
//! [`upsign::quota`] explains quotas, and [`StoreRateLimit`](upsign::quota::StoreRateLimit) keeps a rate limit in the same store.
//!
//! # Durability
//!
//! Redis writes to its disk once a second by default, and not at all without `appendonly`, so a server that is killed forgets
//! the last reservations and permits them again. With `appendonly yes` and `appendfsync always`, each answered step is on the
//! disk (<https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/>). A replica that takes over can lack the
//! last steps in either case, because replication is asynchronous.
//!
//! `maxmemory-policy` must be `noeviction`: other policies delete counters. All keys expire by themselves.
//!
//! # Keys
//!
//! | key | type | content |
//! | --- | --- | --- |
//! | `upsign:{ACCOUNT}:c` | hash | objects (`n:NAME:NUMBER`) and bytes (`b:NAME:NUMBER`) of each counter and window |
//! | `upsign:{ACCOUNT}:r` | hash | reservations by their ids |
//! | `upsign:{ACCOUNT}:o` | sorted set | their ids by the instant at which they expire |
//! | `upsign:{ACCOUNT}:t` | hash | the state of each rate of requests |
//!
//! `{ACCOUNT}` is a hash tag, so the keys of an account are in one slot of a cluster. The instant is an argument of each script:
//! the clock of the server is not used.
//!
//! # Permissions
//!
//! A user of the server needs these keys and commands, and no others
//! (<https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/>):
//!
//! ```text
//! ACL SETUSER upsign on >PASSWORD ~upsign:* +evalsha +script|load
//!     +hget +hset +hdel +hexists +hkeys +hincrby +zadd +zrem +zrangebyscore +ttl +expire
//! ```
//!
//! A cluster needs `+cluster|slots` and `+ping` too.
//!
//! # What this is not
//!
//! It is no general client of Redis, and decides no limits: `upsign` does. It keeps counters and reservations, and nothing about objects.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `tls` | `rediss://` URLs: rustls on aws-lc-rs, with the certificates of the operating system |

mod connection;
mod error;
mod scripts;
mod store;

pub use error::InvalidRedisUrl;
pub use store::RedisQuota;
#[doc(no_inline)]
pub use upsign::quota::QuotaStoreError;

//! Quotas: how many objects and bytes each caller may upload in a window of time.
//!
//! A quota counts an upload *before* its request is signed, with the declared or the largest size. The service **reserves** the upload,
//! **settles** it with the real size before the object is confirmed and readers find it, and **releases** it when it is aborted, rejected,
//! deleted, or expires without having been confirmed. An upload that is confirmed after it was released is counted anew, or refused.
//!
//! ```
//! use upsign::quota::{FailMode, MemoryQuota, Quota, QuotaLimit, Window};
//!
//! # fn limited(service: upsign::UploadService) -> upsign::UploadService {
//! // 20 uploads and 1 GiB per caller and UTC day. Two servers would permit twice as many: they share a store instead.
//! let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(20).with_bytes(1 << 30);
//! let quota = Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit);
//! service.with_quota(quota)
//! # }
//! ```
//!
//! | to | use |
//! | --- | --- |
//! | limit the uploads of a service | [`Quota`] with [`QuotaLimit`]s, in [`UploadService::with_quota`](crate::UploadService::with_quota) |
//! | count in one process | [`MemoryQuota`] |
//! | count in a server that several processes share | the crates `upsign-redis` and `upsign-dynamodb` |
//! | keep the limit of requests per minute in the same store | [`StoreRateLimit`] |
//! | write another store | [`QuotaStore`], [`Reservation`] |
//!
//! # What is exact
//!
//! Within one window, the objects and bytes that are reserved or settled never exceed a limit, however many processes reserve and settle
//! at once, and every confirmed version of an object is settled, unless an object is larger than it was declared or the store was down and the quota fails [open](FailMode::Open).
//! Keys have to be unique for that: a reservation is named after the object that is uploaded, so two uploads to one key count
//! once. Key templates with `{id}` are unique.
//!
//! # Routes that do not confirm
//!
//! Nothing tells the service whether an object arrived if the route does not confirm uploads. Each grant then counts as one
//! object of the declared or largest size, whether it was used or not.

mod definition;
mod hooks;
mod ids;
mod limits;
mod memory;
mod reservation;
mod settle;
mod shared_rate;
mod store;

pub use definition::{Quota, QuotaUpload};
pub use ids::{AccountKey, ObjectMark, QuotaAccount, ReservationId};
pub use limits::{Limits, MAX_AMOUNT, QuotaLimit, QuotaScope, Window};
pub use memory::MemoryQuota;
pub use reservation::{
    Amount, AtExpiry, QuotaCounter, QuotaDenied, QuotaKind, Reservation, Reserved, Settled,
};
pub(crate) use settle::{CountedUpload, Counting, releases_deleted, releases_rejected};
pub use shared_rate::StoreRateLimit;
pub use store::{FailMode, QuotaStore, QuotaStoreError};

//! What happens after the bytes are in: confirmations, inspections and receipts.
//!
//! A presigned URL promises nothing about what arrives. After its upload, a client sends its upload token to
//! [`UploadService::confirm_upload`](crate::UploadService::confirm_upload). The service looks at the object, compares it with what
//! it granted, has it inspected ([`Inspect`]), promotes it to its final key, and answers a [`Confirmation`]. The
//! [`SignedReceipt`] in it proves the confirmation later: the application stores it, the service stores nothing.
//!
//! A confirmation names one version of the object, by its version id or, in a bucket without versioning, by its entity tag.
//! Every step is bound to that version, so an object that is replaced meanwhile is never confirmed.
//!
//! ```text
//! upload ---> missing     no object has the key
//!        ---> mismatch    size, type, checksum or encryption differ, or the object was replaced meanwhile
//!        ---> rejected    the inspection refused it
//!        ---> pending     the inspection or the copy has not ended: ask again
//!        ---> confirmed   with a receipt
//! ```
//!
//! What keeps readers from an object until it is confirmed is the [`Gate`](crate::policy::Gate) of the policy: a pending key, from
//! which a confirmed object is copied, or a tag. A rejected object stays behind the gate until the lifecycle rule of the bucket
//! removes it.
//!
//! Objects can also be confirmed without their client, by the events of the store:
//! [`UploadService::confirm_object`](crate::UploadService::confirm_object).
//!
//! # Format of receipts
//!
//! A receipt is the base64url form without padding of these bytes. Numbers are big-endian.
//!
//! | offset | bytes | content |
//! | ---: | ---: | --- |
//! | 0 | 1 | the version, 1 |
//! | 1 | 8 | the id of the key |
//! | 9 | 8 | confirmed at, in seconds since 1970-01-01T00:00:00Z |
//! | 17 | 8 | the size of the object in bytes |
//! | 25 | 1 | bits 0 to 3: the algorithm of the checksum, as in upload tokens, or 0; bit 4: a version id follows; others 0 |
//! | 26 | 16 | the owner: the first bytes of HMAC-SHA-256 of the issuer, preceded by its length in eight bytes, and the subject |
//! | 42 | | texts, each preceded by its length in two bytes: checksum in base64 (only with an algorithm), version id (only with bit 4), route (empty for the unnamed route), bucket, URL of the store's endpoint, key, entity tag, content type |
//! | end − 32 | 32 | HMAC-SHA-256 of everything before it |
//!
//! The keys are derived as those of upload tokens ([`session`](crate::session)), for the purposes `receipt/v1` and `owner/v1`.

mod conclude;
mod event;
pub(crate) mod flow;
mod inspect;
pub(crate) mod judge;
mod object;
mod owner;
mod pinned;
mod promote;
mod receipt;
pub(crate) mod receipt_codec;
mod state;

pub(crate) use conclude::Concluding;
pub(crate) use pinned::version_of;

pub use inspect::{Inspect, InspectError, InspectRequest, InspectVerdict};
pub use object::{DeleteProof, DeletedUpload, ObjectOutcome, StoredObjectRef};
pub use owner::Owner;
pub use receipt::{InvalidReceipt, Receipt, ReceiptRejection, ReceiptTooLong, SignedReceipt};
pub use state::{ConfirmReason, ConfirmState, Confirmation};

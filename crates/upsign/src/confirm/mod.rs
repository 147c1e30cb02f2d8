//! What happens after the bytes are in: confirmations, inspections and receipts.
//!
//! A presigned URL promises nothing about what arrives. After its upload, a client sends its upload token to
//! [`UploadService::confirm_upload`](crate::UploadService::confirm_upload). The service looks at the object, compares it with what
//! it granted, has it inspected ([`Inspect`]), promotes it to its final key, and answers a [`Confirmation`]. The
//! [`SignedReceipt`] in it proves the confirmation later: the application stores it, the service stores nothing.
//!
//! A confirmation names one version of the object, by its version id or, in a bucket without versioning, by its entity tag.
//! Every step is bound to that version, so an object that is replaced meanwhile is never confirmed.

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

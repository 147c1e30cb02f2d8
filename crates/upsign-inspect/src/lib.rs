//! Compares the first bytes of an uploaded object with the content type that was signed, and refuses content that a browser would run.
//!
//! A presigned URL fixes the `Content-Type` header of an upload, not its bytes. [`inspect()`] is a pure function of the content
//! type, the size, and the first and last bytes of an object; [`MagicInspect`] reads them from the store, as the
//! [`Inspect`](upsign::confirm::Inspect) of an upload service.
//!
//! ```
//! use upsign::confirm::ConfirmReason;
//! use upsign_inspect::{Sample, inspect};
//!
//! let jpeg = "image/jpeg".parse()?;
//! let page = b"<!DOCTYPE html><script>alert(1)</script>";
//! let rejection = inspect(&Sample::whole(&jpeg, page)).unwrap_err();
//! assert_eq!(rejection.reason, ConfirmReason::TypeMismatch);
//!
//! let text = "text/csv".parse()?;
//! assert_eq!(inspect(&Sample::whole(&text, b"name,size\r\na,1\r\n")), Ok(()));
//! # Ok::<(), upsign::policy::InvalidContentType>(())
//! ```
//!
//! # What is checked
//!
//! The crate `file-format` names the format by its signature. The checks of this crate compare it with the content type, follow
//! the structure of the format through the visible bytes, look for its end, and look for content of a second type. A content type
//! that has no check is refused; [`is_known`] says so before any upload.
//!
//! # What this is not
//!
//! No image is decoded and no archive is unpacked: use a hook for a virus scanner or an image decoder (see the example
//! `scanner`). SVG and XML files are read as a whole. Between the first and the last 64 KiB of any other object nothing is read, so data that is
//! hidden there stays.
//! Served with `X-Content-Type-Options: nosniff` and the signed type, no browser runs it.

mod bytes;
mod foreign;
mod formats;
mod judge;
mod magic;
mod rejection;
mod sample;

pub use judge::inspect;
pub use magic::MagicInspect;
pub use rejection::Rejection;
pub use sample::{HEAD_BYTES, MARKUP_BYTES, Sample, TAIL_BYTES, ranges};
#[doc(no_inline)]
pub use upsign::ContentType;
#[doc(no_inline)]
pub use upsign::confirm::ConfirmReason;

/// Returns whether a check exists for a content type. Uploads of other types are refused with the reason `unknown-type`.
///
/// ```
/// assert!(upsign_inspect::is_known(&"image/avif".parse()?));
/// assert!(!upsign_inspect::is_known(&"application/octet-stream".parse()?));
/// # Ok::<(), upsign::policy::InvalidContentType>(())
/// ```
#[must_use]
pub fn is_known(content_type: &ContentType) -> bool {
    formats::Format::of(content_type).is_some()
}

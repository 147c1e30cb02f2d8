//! What an object proves by itself: that this service granted its upload, when, and to which caller.
//!
//! A consumer of events knows the bucket and the key of an object and has no upload token. Two things can take the token's place,
//! and both are made with the secrets of upload tokens ([`TokenKeys`](crate::session::TokenKeys)):
//!
//! | proof | where | states | setting of the route |
//! | --- | --- | --- | --- |
//! | [sealed id](SealedUpload) | in the key | who, when, through which route, to which bucket and key | `{id:sealed}` in `key` |
//! | [claim](ClaimedUpload) | metadata `x-amz-meta-upsign` | the same, and size, type, checksum and quota account | `claim = true` |
//!
//! Neither names the caller. Both contain the [`Owner`](crate::confirm::Owner), and the keys of one caller have nothing in common,
//! so readers who see several keys do not learn which of them belong together.
//!
//! # Sealed ids
//!
//! The bytes of a [`SealedId`](upsign_policy::SealedId) are computed with the key of the purpose `sealed-id/v1`:
//!
//! - owner: the 16 bytes of the owner, combined by exclusive or with the first 16 bytes of HMAC-SHA-256 of `o`, the time and the
//!   random bytes,
//! - code: the first 10 bytes of HMAC-SHA-256 of `m`, the route (or nothing), the bucket and the final key whose code is zero.
//!   Each text is preceded by its length in two bytes.
//!
//! The final key covers everything in it: the id with time, random bytes and owner, `{sub}` and other values, and the extension.
//! A pending key has the same values in another order, so it is covered too.
//!
//! # Claims
//!
//! A claim is the base64url form without padding of these bytes. Numbers are big-endian.
//!
//! | offset | bytes | content |
//! | ---: | ---: | --- |
//! | 0 | 1 | the version, 1 |
//! | 1 | 8 | the id of the key |
//! | 9 | 8 | granted at, in seconds since 1970-01-01T00:00:00Z |
//! | 17 | 8 | the size of the object in bytes, or the maximum |
//! | 25 | 1 | bit 0: the size is a maximum; bit 1: a minimum follows; bit 2: a quota account follows; bit 3: one form uploads the object; bits 4 to 7: the algorithm of the checksum, as in upload tokens, or 0 |
//! | 26 | 16 | the owner |
//! | 42 | | the minimum (8 bytes); the quota account (16 bytes); the checksum and the content type, each preceded by its length in one byte |
//! | end − 32 | 32 | HMAC-SHA-256 of everything before it, and of route, bucket, URL of the store's endpoint, uploaded key and final key, each preceded by its length in two bytes |
//!
//! The texts at the end are not in the claim: the verifier knows them. A copy of the metadata to another object therefore proves
//! nothing there.

mod claim;
mod sealed;

pub use claim::{ClaimedUpload, ObjectClaim};
pub use sealed::SealedUpload;

pub(crate) use sealed::RouteSeal;

/// Appends a text, preceded by its length in two bytes. No text of a message has more than 64 KiB; a longer one would be cut in its
/// length and so could not be confused with another.
fn push_text(message: &mut Vec<u8>, text: &str) {
    let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
    message.extend_from_slice(&len.to_be_bytes());
    message.extend_from_slice(text.as_bytes());
}

//! An entry point for fuzz targets into a parser that is otherwise reached only with a valid signature.

use crate::session::codec;

/// Parses the payload of a token, and returns the payload of the session that it contains.
#[must_use]
pub fn payload(bytes: &[u8]) -> Option<Vec<u8>> {
    codec::encode(&codec::decode(bytes)?)
}

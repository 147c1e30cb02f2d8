//! Entry points for fuzz targets into parsers that are otherwise reached only with a valid signature.

use crate::confirm::receipt_codec;
use crate::session::codec;

/// Parses the payload of a token, and returns the payload of the session that it contains.
#[must_use]
pub fn payload(bytes: &[u8]) -> Option<Vec<u8>> {
    codec::encode(&codec::decode(bytes)?)
}

/// Parses the payload of a receipt, and returns the payload of the receipt that it contains.
#[must_use]
pub fn receipt(bytes: &[u8]) -> Option<Vec<u8>> {
    receipt_codec::encode(&receipt_codec::decode(bytes)?)
}

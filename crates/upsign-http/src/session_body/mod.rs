//! The request bodies of the calls that continue an upload. Each is a JSON object with the upload token or the receipt.

pub(crate) mod complete;
pub(crate) mod object;
pub(crate) mod parts;
pub(crate) mod token;

use http::HeaderMap;
use upsign_core::PartNumber;
use upsign_json::{InvalidJson, Json, Object, read_object};

use crate::invalid_body::InvalidBody;
use crate::upload_body::{LIMITS, check_size, check_type};

/// The member with the upload token.
const UPLOAD_TOKEN: &str = "uploadToken";

/// The maximum number of items of an array, except in the body of `/uploads/complete`, which lists every part of an upload. The
/// answer to `/uploads/parts` has a URL for each part, so the number bounds the work of one call.
pub(crate) const MAX_ITEMS: usize = 1_000;

/// Reads a body whose arrays have at most `max_items` items.
fn members<'a>(
    max_bytes: usize,
    max_items: usize,
    headers: &HeaderMap,
    body: &'a [u8],
) -> Result<Object<'a>, InvalidBody> {
    check_size(max_bytes, headers, body)?;
    check_type(headers)?;
    read_object(body, LIMITS.with_max_items(max_items)).map_err(|error| match error {
        InvalidJson::TooManyItems => InvalidBody::TooManyParts(max_items),
        error => error.into(),
    })
}

/// Returns the error for a member that the call does not define.
fn unknown(known: &[&str]) -> InvalidBody {
    InvalidBody::UnknownMember(known.join(", ").into())
}

/// Returns the items of an array.
fn array<'a>(member: &'static str, value: Json<'a>) -> Result<Vec<Json<'a>>, InvalidBody> {
    match value {
        Json::Array(items) => Ok(items),
        _ => Err(InvalidBody::Type(member, "an array")),
    }
}

/// Returns the part number at a path of the body.
pub(crate) fn part_number(
    value: &Json<'_>,
    path: impl FnOnce() -> String,
) -> Result<PartNumber, InvalidBody> {
    let number = value.as_u64().and_then(|number| PartNumber::new(number).ok());
    number.ok_or_else(|| InvalidBody::PartNumber(path().into()))
}

//! Reading bodies up to a limit.

use reqwest::Response;

use crate::error::{CallFailure, InvalidAnswer};
use crate::http::attempt::body_failed;

/// Reads a body. Counts its bytes, because `Content-Length` can be absent.
pub(super) async fn read(response: &mut Response, max: usize) -> Result<Vec<u8>, CallFailure> {
    let too_long = || CallFailure::Answer(InvalidAnswer::TooLong(max));
    if response.content_length().is_some_and(|declared| declared > max as u64) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(body_failed)? {
        if body.len() + chunk.len() > max {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

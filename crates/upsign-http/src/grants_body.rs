//! The response body of several grants.

use http::{Response, StatusCode};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use upsign::UploadGrant;

use crate::grant_body::GrantBody;
use crate::problem::Problem;
use crate::respond;

/// The JSON body of several grants of one request, as [`Api`](crate::Api) sends it: `{"files": [{…}, {…}]}`, in the order of the
/// request. Each has the form of a [`GrantBody`].
///
/// The body contains presigned URLs and upload tokens, which are secrets of the caller: do not log it or let it be cached.
#[derive(Clone, Debug)]
pub struct GrantsBody<'a>(Vec<GrantBody<'a>>);

impl<'a> GrantsBody<'a> {
    /// Creates the body of several grants.
    #[must_use]
    pub fn new(grants: &'a [UploadGrant]) -> Self {
        Self(grants.iter().map(GrantBody::new).collect())
    }

    /// Creates the body of grants with members of the application.
    #[must_use]
    pub const fn of(bodies: Vec<GrantBody<'a>>) -> Self {
        Self(bodies)
    }

    /// Returns the complete response: 200 with `Content-Type: application/json`, `Cache-Control: no-store` and
    /// `X-Content-Type-Options: nosniff`. It has no CORS headers.
    ///
    /// Grants that cannot be serialized are answered with 500 `internal`.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        self.try_response().unwrap_or_else(|_| Problem::internal().response())
    }

    pub(crate) fn try_response(&self) -> serde_json::Result<Response<String>> {
        Ok(respond::response(StatusCode::OK, "application/json", serde_json::to_string(self)?))
    }
}

impl Serialize for GrantsBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("files", &self.0)?;
        map.end()
    }
}

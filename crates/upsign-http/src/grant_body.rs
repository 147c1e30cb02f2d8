//! The response body of a grant.

use http::{Response, StatusCode};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use upsign::{MultipartGrant, Upload, UploadGrant};
use upsign_core::{ExpiryPrecision, SignedHeaders};
use upsign_policy::IdName;

use crate::problem::Problem;
use crate::respond;

/// The JSON body of a grant, as [`Api`](crate::Api) sends it, for handlers of the application.
///
/// First come the members of the original contract (`uploadUrl`, `key`, the ids, `expiresIn`) in their original order, then
/// the members that were added to it (`method`, `headers` or `fields`, `expiresAt`, `expiresAtIs`), then those of the
/// application. A multipart upload has no `uploadUrl`; its members are `uploadToken`, `partSize`, `partCount`, `partsAtOnce`,
/// `contentLength`, `checksumAlgorithm` and `checksumType`. On a route that confirms uploads, each body has `uploadToken` and
/// `"confirm": true`.
///
/// The body contains a presigned URL or an upload token, which are secrets of the caller: do not log it or let it be cached. Serialization fails
/// for a kind of [`Upload`] that this version of the crate does not know.
#[derive(Clone, Debug)]
pub struct GrantBody<'a> {
    grant: &'a UploadGrant,
    members: Map<String, Value>,
}

/// The reason why a member cannot be added to a [`GrantBody`]: the API itself defines a member of this name, or may do so.
///
/// The names are [`IdName::RESPONSE_MEMBERS`] and the wire names of the grant's ids.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the application cannot add the member `{0}` to the response, because the API defines it")]
#[non_exhaustive]
pub struct ReservedMember(Box<str>);

impl<'a> GrantBody<'a> {
    /// Creates the body of a grant.
    #[must_use]
    pub fn new(grant: &'a UploadGrant) -> Self {
        Self { grant, members: Map::new() }
    }

    /// Adds members of the application, for example the public URL at which the object can be read later.
    ///
    /// ```
    /// # use upsign_http::{GrantBody, ReservedMember};
    /// # fn body(grant: &upsign::UploadGrant) -> Result<GrantBody<'_>, ReservedMember> {
    /// let url = format!("https://cdn.example.com/{}", grant.key.as_str());
    /// GrantBody::new(grant).with_members([("publicUrl".to_owned(), url.into())])
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns [`ReservedMember`] for a member that the API itself defines. Nothing is overwritten.
    pub fn with_members(
        mut self,
        members: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Self, ReservedMember> {
        for (name, value) in members {
            let is_id = self.grant.ids.iter().any(|(id, _)| **id == *name);
            if is_id || IdName::RESPONSE_MEMBERS.contains(&name.as_str()) {
                return Err(ReservedMember(name.into()));
            }
            self.members.insert(name, value);
        }
        Ok(self)
    }

    /// Returns the complete response: 200 with `Content-Type: application/json`, `Cache-Control: no-store`, because the URL is
    /// a secret of one caller, and `X-Content-Type-Options: nosniff`. It has no CORS headers.
    ///
    /// A grant that cannot be serialized is answered with 500 `internal`.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        self.try_response().unwrap_or_else(|_| Problem::internal().response())
    }

    pub(crate) fn try_response(&self) -> serde_json::Result<Response<String>> {
        Ok(respond::response(StatusCode::OK, "application/json", serde_json::to_string(self)?))
    }
}

impl<'a> From<&'a UploadGrant> for GrantBody<'a> {
    fn from(grant: &'a UploadGrant) -> Self {
        Self::new(grant)
    }
}

impl Serialize for GrantBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { grant, members } = self;
        let mut map = serializer.serialize_map(None)?;
        match &grant.upload {
            Upload::Put(put) => map.serialize_entry("uploadUrl", put.url.expose())?,
            Upload::Post(post) => map.serialize_entry("uploadUrl", &*post.url)?,
            Upload::Multipart(_) => {}
            _ => return Err(serde::ser::Error::custom("this version cannot serialize this kind of upload")),
        }
        map.serialize_entry("key", grant.key.as_str())?;
        for (name, id) in &grant.ids {
            map.serialize_entry(name, &id.hyphenated().to_string())?;
        }
        map.serialize_entry("expiresIn", &grant.expires_in.as_secs())?;
        match &grant.upload {
            Upload::Put(put) => {
                map.serialize_entry("method", put.method.as_str())?;
                map.serialize_entry("headers", &SettableHeaders(&put.headers))?;
            }
            Upload::Post(post) => {
                map.serialize_entry("method", "POST")?;
                map.serialize_entry("fields", &FormFields(post))?;
            }
            Upload::Multipart(upload) => {
                map.serialize_entry("method", "MULTIPART")?;
                plan_members(&mut map, upload)?;
            }
            _ => {}
        }
        if let Some(token) = grant.upload_token() {
            map.serialize_entry("uploadToken", token.expose())?;
        }
        if grant.confirm {
            map.serialize_entry("confirm", &true)?;
        }
        map.serialize_entry("expiresAt", &grant.expires_at.to_string())?;
        if grant.expiry_precision == ExpiryPrecision::UpperBound {
            map.serialize_entry("expiresAtIs", "upper-bound")?;
        }
        for (name, value) in members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// How the client divides the file. `contentLength` is absent if only a maximum of the size is known; `partCount` is then a
/// maximum too.
fn plan_members<M: SerializeMap>(map: &mut M, upload: &MultipartGrant) -> Result<(), M::Error> {
    map.serialize_entry("partSize", &upload.plan.plan().part_size())?;
    map.serialize_entry("partCount", &upload.plan.plan().part_count())?;
    map.serialize_entry("partsAtOnce", &upload.parts_at_once)?;
    if let Some(size) = upload.plan.exact() {
        map.serialize_entry("contentLength", &size)?;
    }
    if let Some(checksum) = upload.checksum {
        map.serialize_entry("checksumAlgorithm", checksum.algorithm.as_str())?;
        if let Some(kind) = checksum.kind.header_value() {
            map.serialize_entry("checksumType", kind)?;
        }
    }
    Ok(())
}

/// The headers that the client must set: every signed header except `host` and `content-length`, which HTTP clients set
/// themselves and browsers do not let scripts set.
pub(crate) struct SettableHeaders<'a>(pub(crate) &'a SignedHeaders);

impl Serialize for SettableHeaders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.settable())
    }
}

/// The fields of the form, in the order in which the client must send them, before the file.
struct FormFields<'a>(&'a upsign_core::PresignedPost);

impl Serialize for FormFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.fields.iter().map(|(name, value)| (name, value)))
    }
}

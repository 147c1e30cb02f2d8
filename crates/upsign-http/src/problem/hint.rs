//! The hint `diagnose` of problem documents: in whose hands a refusal is, and what corrects it.

use serde::Serialize;

use crate::request_id::RequestId;

/// In whose hands a refusal is and what corrects it: the member `diagnose` of a [`Problem`](crate::Problem).
///
/// Cause, owner and fix are those that `upsign diagnose` finds for the document, by the same table (`CAUSES` of `upsign-diagnose`).
/// They follow from the code alone, so they tell a client nothing that the code does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiagnoseHint {
    cause: &'static str,
    owner: &'static str,
    fix: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<RequestId>,
}

impl DiagnoseHint {
    /// Returns the hint for a code and its status, by the rules of `upsign diagnose`.
    pub(super) fn new(code: &str, status: u16) -> Self {
        let (cause, owner, fix) = match (code, status) {
            ("origin-not-allowed", _) => ORIGIN,
            ("unauthorized", _) | (_, 401) => UNAUTHORIZED,
            ("insufficient-scope" | "route-forbidden" | "group-required", _) => FORBIDDEN,
            ("body-not-json", _) => BODY_TYPE,
            ("content-type-not-allowed" | "extension-unknown", _) => FILE_TYPE,
            (_, 415) => MEDIA_TYPE,
            ("quota-exceeded", _) => QUOTA,
            (_, 403) => FORBIDDEN,
            (_, 404 | 405) => NOT_FOUND,
            (_, 429) => LIMITED,
            (_, 500..) => UNAVAILABLE,
            _ => REFUSED,
        };
        Self { cause, owner, fix, request_id: None }
    }

    /// Returns the cause: its code in the table of `upsign diagnose`, such as `api-unauthorized`. It never changes its meaning.
    #[must_use]
    pub const fn cause(&self) -> &'static str {
        self.cause
    }

    /// Returns in whose hands the fix is: `client`, `cors` or `configuration`.
    #[must_use]
    pub const fn owner(&self) -> &'static str {
        self.owner
    }

    /// Returns what corrects it, for people. It may change.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        self.fix
    }

    /// Returns the id with which the operator finds the reason in the log, if the adapter has set it.
    #[must_use]
    pub const fn request_id(&self) -> Option<&RequestId> {
        self.request_id.as_ref()
    }

    /// Replaces the fix of a caller who is not authenticated, for services whose callers do not send `Authorization: Bearer`.
    pub(super) const fn set_other_token(&mut self) {
        self.fix = "sign in again, and send the request as detail says";
    }

    pub(super) fn set_request_id(&mut self, id: &RequestId) {
        self.request_id = Some(id.clone());
    }
}

/// Cause, owner and fix: a row of `CAUSES` of `upsign-diagnose`. This crate does not depend on that one, so that a Lambda function does
/// not contain it; a test of `upsign-testing` compares them.
type Row = (&'static str, &'static str, &'static str);

const UNAUTHORIZED: Row = (
    "api-unauthorized",
    "client",
    "sign in again, and send `Authorization: Bearer TOKEN` with an access token of this API's user pool",
);
const FORBIDDEN: Row = (
    "api-forbidden",
    "client",
    "upload to a resource of the caller, or add the user to the required group or scope",
);
const ORIGIN: Row = ("api-origin", "cors", "add the origin to cors.origins of upsign.toml");
const MEDIA_TYPE: Row = (
    "api-media-type",
    "client",
    "send Content-Type: application/json, and a contentType that the route lists",
);
/// The body of the request is of another type than JSON.
const BODY_TYPE: Row = ("api-media-type", "client", "send the header Content-Type: application/json");
/// The type of the file that the body describes.
const FILE_TYPE: Row = ("api-media-type", "client", "send a contentType that the route lists");
const NOT_FOUND: Row = (
    "gateway-not-found",
    "client",
    "send POST to the path of the API; a REST API without a domain name has its stage in front of it",
);
const LIMITED: Row = (
    "rate-limited",
    "client",
    "repeat after Retry-After with growing pauses, and ask for URLs once for each file",
);
const QUOTA: Row = ("api-refused", "client", "upload less, or repeat it after resetsAt of the answer");
const REFUSED: Row = ("api-refused", "client", "correct what detail of the answer names");
const UNAVAILABLE: Row = (
    "api-unavailable",
    "configuration",
    "repeat after Retry-After; the operator finds the cause in the log by the request id",
);

//! The schemas of the calls that follow an upload: to confirm it, to read its object and to delete it.

use upsign_core::ExpiresIn;
use upsign_policy::ChecksumAlgorithm;

use super::OpenApi;
use super::call_schemas::{closed, date_time, etag, size, string, token};
use super::calls::{Call, state};
use super::document::refer;
use super::request::{checksums_of, constant};
use crate::node::{Node, list, map, text};

/// The maximum length of a receipt in characters: that of `upsign`, which its reader enforces.
const MAX_RECEIPT: i64 = 5_462;

/// The states of an upload after its bytes should have arrived: those of `upsign`.
const STATES: [&str; 5] = ["confirmed", "mismatch", "missing", "rejected", "pending"];

/// The reasons for a state: those of `upsign`.
const REASONS: [&str; 15] = [
    "size",
    "content-type",
    "checksum",
    "encryption",
    "changed",
    "type-mismatch",
    "unknown-type",
    "active-content",
    "polyglot",
    "archive",
    "truncated",
    "malware",
    "application",
    "inspecting",
    "promoting",
];

impl OpenApi {
    /// Returns the schemas of the calls that follow an upload.
    pub(super) fn object_schemas(&self) -> Vec<(&'static str, Node)> {
        let mut schemas = Vec::new();
        if self.has_call(Call::Confirm) {
            schemas.push(("ConfirmRequest", closed(&["uploadToken"], vec![("uploadToken", token())])));
            schemas.push(("Confirmation", confirmation()));
        }
        if self.has_call(Call::ReadUrl) {
            schemas.push(("ReadUrlRequest", read_url_request()));
            schemas.push(("ReadUrl", read_url()));
        }
        if self.has_call(Call::Delete) {
            schemas.push(("DeleteRequest", delete_request()));
            schemas.push(("UploadDeleted", deleted()));
        }
        if self.has_call(Call::Confirm) || self.has_call(Call::Delete) {
            schemas.push(("Receipt", receipt_schema()));
        }
        schemas
    }
}

fn receipt_schema() -> Node {
    let description = "Proof that an upload was confirmed, signed by the service. It does not expire: store it with the key.";
    map([
        ("type", text("string")),
        ("minLength", Node::Number(1)),
        ("maxLength", Node::Number(MAX_RECEIPT)),
        ("pattern", text("^[A-Za-z0-9_-]+$")),
        ("description", text(description)),
    ])
}

fn receipt() -> Node {
    refer("Receipt")
}

fn confirmation() -> Node {
    let reason = map([
        ("type", text("string")),
        ("enum", list(REASONS)),
        ("description", text("Why the upload is not confirmed.")),
    ]);
    let retry_after = map([
        ("type", text("integer")),
        ("minimum", Node::Number(1)),
        ("description", text("After how many seconds to ask again, if the state is pending.")),
    ]);
    let checksum = "Checksum of the whole object that the store has computed or compared.";
    closed(
        &["state", "key"],
        vec![
            ("state", state(&STATES)),
            ("reason", reason),
            ("key", string("Key of the object for readers.")),
            ("size", size("Size of the object in bytes.")),
            ("etag", etag()),
            ("versionId", string("Version that was confirmed, in a bucket with versions.")),
            ("contentType", string("Content type of the object.")),
            ("checksum", checksums_of(&ChecksumAlgorithm::ALL, checksum)),
            ("receipt", receipt()),
            ("retryAfter", retry_after),
        ],
    )
}

fn read_url_request() -> Node {
    let max = i64::from(ExpiresIn::MAX.as_secs());
    let expires_in = map([
        ("type", text("integer")),
        ("minimum", Node::Number(1)),
        ("maximum", Node::Number(max)),
        ("description", text("Wanted lifetime of the URL in seconds. The service can shorten it.")),
    ]);
    let disposition = "Lets browsers save the object instead of displaying it. They do so anyway for types that can contain scripts.";
    closed(
        &["receipt"],
        vec![
            ("receipt", receipt()),
            ("expiresIn", expires_in),
            ("disposition", constant("attachment", disposition)),
        ],
    )
}

fn read_url() -> Node {
    let url = map([
        ("type", text("string")),
        ("format", text("uri")),
        (
            "description",
            text("URL to read the object from, with GET. Keep it secret: anyone who has it can read."),
        ),
    ]);
    let expires_in = map([
        ("type", text("integer")),
        ("minimum", Node::Number(1)),
        ("description", text("Lifetime of the URL in seconds.")),
    ]);
    let headers = map([
        ("type", text("object")),
        ("description", text("Headers to send, in addition to Host. Absent if there are none.")),
        ("additionalProperties", map([("type", text("string"))])),
    ]);
    closed(
        &["readUrl", "key", "contentType", "expiresIn", "expiresAt"],
        vec![
            ("readUrl", url),
            ("headers", headers),
            ("key", string("Key of the object.")),
            ("versionId", string("Version that the URL names, in a bucket with versions.")),
            ("contentType", string("Content type with which the object is sent.")),
            ("expiresIn", expires_in),
            ("expiresAt", date_time("When the URL expires.")),
            ("expiresAtIs", super::grant::expires_at_is()),
        ],
    )
}

/// Returns the schema of a request that deletes: it has one of the two proofs.
fn delete_request() -> Node {
    let only = |member: &'static str| map([("required", list([member]))]);
    map([
        ("type", text("object")),
        ("properties", map([("receipt", receipt()), ("uploadToken", token())])),
        ("additionalProperties", false.into()),
        ("oneOf", Node::List(vec![only("receipt"), only("uploadToken")])),
    ])
}

fn deleted() -> Node {
    closed(&["state", "key"], vec![("state", state(&["deleted"])), ("key", string("Key of the object."))])
}

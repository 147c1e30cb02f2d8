//! The calls for uploads that have begun: their names, their words and their codes.

use crate::node::{Node, list, map, text};

/// A call for an upload that has begun, which its upload token or its receipt identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Parts,
    Status,
    Complete,
    Abort,
    Confirm,
    ReadUrl,
    Delete,
}

/// Codes of every call. `upsign-http` compares them with the problems that it creates.
const EVERY_CALL: [(u16, &str); 15] = [
    (400, "request-malformed"),
    (400, "body-length"),
    (400, "body-syntax"),
    (400, "body-not-object"),
    (400, "body-duplicate-member"),
    (400, "body-too-many-members"),
    (400, "body-unknown-member"),
    (400, "body-member-type"),
    (400, "body-member-missing"),
    (401, "unauthorized"),
    (403, "insufficient-scope"),
    (413, "body-too-large"),
    (415, "body-not-json"),
    (500, "internal"),
    (503, "keys-unavailable"),
];

/// Codes of calls that ask the store.
const OF_STORE: [(u16, &str); 2] = [(500, "store-refused"), (503, "store-unavailable")];

/// The code of an upload token that is not valid.
const INVALID_TOKEN: (u16, &str) = (403, "upload-token-invalid");

/// The code of a receipt that is not valid.
const INVALID_RECEIPT: (u16, &str) = (403, "receipt-invalid");

/// Problems of the application, which decides again before parts are signed and before an upload is completed, confirmed, read or
/// deleted.
const OF_APPLICATION: [&str; 2] = ["forbidden", "authorization-unavailable"];

impl Call {
    /// The calls that continue a multipart upload.
    pub(super) const OF_PARTS: [Self; 4] = [Self::Parts, Self::Status, Self::Complete, Self::Abort];

    /// Returns the last segment of the path; `None` for the call at the path of uploads itself.
    pub(super) const fn segment(self) -> Option<&'static str> {
        match self {
            Self::Parts => Some("parts"),
            Self::Status => Some("status"),
            Self::Complete => Some("complete"),
            Self::Abort => Some("abort"),
            Self::Confirm => Some("confirm"),
            Self::ReadUrl => Some("read-url"),
            Self::Delete => None,
        }
    }

    /// Returns the method in the form of a key of OpenAPI.
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            _ => "post",
        }
    }

    pub(super) const fn operation_id(self) -> &'static str {
        match self {
            Self::Parts => "presignParts",
            Self::Status => "uploadStatus",
            Self::Complete => "completeUpload",
            Self::Abort => "abortUpload",
            Self::Confirm => "confirmUpload",
            Self::ReadUrl => "readUrl",
            Self::Delete => "deleteUpload",
        }
    }

    pub(super) const fn preflight_id(self) -> &'static str {
        match self {
            Self::Parts => "preflightParts",
            Self::Status => "preflightStatus",
            Self::Complete => "preflightComplete",
            Self::Abort => "preflightAbort",
            Self::Confirm => "preflightConfirm",
            Self::ReadUrl => "preflightReadUrl",
            Self::Delete => "preflightDelete",
        }
    }

    /// Returns the names of the schemas of the request and of the answer. None of them is the name of a route with a suffix.
    pub(super) const fn schemas(self) -> (&'static str, &'static str) {
        match self {
            Self::Parts => ("PartsRequest", "PartUrls"),
            Self::Status => ("StatusRequest", "UploadStatus"),
            Self::Complete => ("CompleteRequest", "CompletedObject"),
            Self::Abort => ("AbortRequest", "UploadAborted"),
            Self::Confirm => ("ConfirmRequest", "Confirmation"),
            Self::ReadUrl => ("ReadUrlRequest", "ReadUrl"),
            Self::Delete => ("DeleteRequest", "UploadDeleted"),
        }
    }

    pub(super) const fn summary(self) -> &'static str {
        match self {
            Self::Parts => "Request the URLs of parts of an upload.",
            Self::Status => "Ask which parts of an upload the store has.",
            Self::Complete => "Assemble the parts of an upload to the object.",
            Self::Abort => "End an upload without an object.",
            Self::Confirm => "Confirm that an object is the one that was granted.",
            Self::ReadUrl => "Request the URL of a confirmed object.",
            Self::Delete => "Delete the object of an upload.",
        }
    }

    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::Parts => {
                "Each URL binds the exact length of its part, and its checksum if the request states one. Ask for URLs when the \
                 parts are about to be sent, because they expire."
            }
            Self::Status => {
                "The answer lists the uploaded parts and what is missing, so that a client can continue after an interruption."
            }
            Self::Complete => {
                "The service compares the uploaded parts with the plan and with what the client states. A repeated request gets the \
                 same answer. If parts are missing or differ, nothing is lost: upload them again and repeat the request."
            }
            Self::Abort => {
                "Stop the transfer of parts first. Aborting an upload twice gives the same answer."
            }
            Self::Confirm => {
                "The service compares the object with what was granted and inspects it. Every state is an answer: ask again while it is \
                 pending, and upload again if the object is missing or differs. A repeated request gets the same answer."
            }
            Self::ReadUrl => {
                "The URL names the version that was confirmed, and expires soon. Browsers save the object instead of displaying it \
                 unless its type cannot contain scripts."
            }
            Self::Delete => {
                "Send the receipt of a confirmed upload, or the upload token of one that is not confirmed. Deleting an upload twice \
                 gives the same answer."
            }
        }
    }

    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Parts => "The parts are signed. Send each with a PUT to its URL, with its headers.",
            Self::Status => "The status of the upload.",
            Self::Complete => "The object is stored.",
            Self::Abort => "The upload is aborted.",
            Self::Confirm => "The state of the upload.",
            Self::ReadUrl => "The URL is signed. Read the object with a GET.",
            Self::Delete => "There is no object any more.",
        }
    }

    /// Returns the codes that only this call has.
    const fn own_codes(self) -> &'static [(u16, &'static str)] {
        match self {
            Self::Parts => &[
                INVALID_TOKEN,
                (400, "part-numbers-invalid"),
                (400, "part-lengths-invalid"),
                (400, "checksum-required"),
                (400, "checksum-not-allowed"),
                (400, "checksum-invalid"),
                (503, "signing-unavailable"),
                (503, "credentials-too-short"),
            ],
            Self::Status => &[INVALID_TOKEN, (400, "part-numbers-invalid"), (409, "object-exists")],
            Self::Complete => &[
                INVALID_TOKEN,
                (400, "part-numbers-invalid"),
                (400, "checksum-required"),
                (400, "checksum-not-allowed"),
                (400, "checksum-invalid"),
                (400, "too-small"),
                (413, "too-large"),
                (409, "parts-missing"),
                (409, "part-mismatch"),
                (409, "checksum-mismatch"),
                (409, "object-exists"),
                (409, "upload-conflict"),
                (410, "upload-gone"),
                (503, "completion-uncertain"),
            ],
            Self::Abort => &[INVALID_TOKEN, (409, "upload-completed")],
            Self::Confirm => &[
                INVALID_TOKEN,
                (500, "versions-required"),
                (503, "announcement-unavailable"),
                (503, "inspection-unavailable"),
            ],
            Self::ReadUrl => &[
                INVALID_RECEIPT,
                (403, "read-forbidden"),
                (500, "versions-required"),
                (503, "signing-unavailable"),
                (503, "credentials-too-short"),
            ],
            Self::Delete => &[
                INVALID_TOKEN,
                INVALID_RECEIPT,
                (403, "forbidden"),
                (409, "object-changed"),
                (409, "object-exists"),
            ],
        }
    }

    /// Returns every code with which the call can be refused, without those of an extension of the service.
    pub(super) fn codes(self) -> impl Iterator<Item = (u16, &'static str)> {
        let of_store: &[_] = if matches!(self, Self::Parts | Self::ReadUrl) { &[] } else { &OF_STORE };
        EVERY_CALL.iter().chain(self.own_codes()).chain(of_store).copied()
    }

    /// Returns whether the call can be refused with a code of an extension of the service.
    pub(super) fn has_extension_code(self, code: &str) -> bool {
        match (code, self) {
            // An object whose upload is not reserved any more is counted when it is confirmed.
            ("quota-exceeded", _) => self == Self::Confirm,
            ("quota-unavailable", _) => matches!(self, Self::Abort | Self::Confirm | Self::Delete),
            ("forbidden", Self::ReadUrl) => false,
            (_, Self::Status | Self::Abort) => !OF_APPLICATION.contains(&code),
            _ => true,
        }
    }

    /// Returns the members of a request that a link from the grant sends; `None` if the call needs a receipt.
    pub(super) fn body_after_grant(self) -> Option<Vec<(&'static str, Node)>> {
        let token = ("uploadToken", text("$response.body#/uploadToken"));
        match self {
            Self::Parts => Some(vec![token, ("partNumbers", Node::List(vec![Node::Number(1)]))]),
            Self::Complete => Some(vec![token, ("parts", Node::List(Vec::new()))]),
            Self::Status | Self::Abort | Self::Confirm | Self::Delete => Some(vec![token]),
            Self::ReadUrl => None,
        }
    }

    /// Returns whether the call accepts a receipt, which the answer to a confirmation has.
    pub(super) const fn accepts_receipt(self) -> bool {
        matches!(self, Self::ReadUrl | Self::Delete)
    }
}

/// Returns the schema of a list of numbers of parts.
pub(super) fn part_number() -> Node {
    map([
        ("type", text("integer")),
        ("minimum", Node::Number(1)),
        ("maximum", Node::Number(10_000)),
        ("description", text("Number of the part, from 1 on.")),
    ])
}

/// Returns the schema of a state.
pub(super) fn state(names: &[&str]) -> Node {
    map([("type", text("string")), ("enum", list(names.iter().copied()))])
}

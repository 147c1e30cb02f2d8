//! The calls that continue a multipart upload.

use super::OpenApi;
use super::codes::Codes;
use super::document::{content, refer};
use crate::node::{Node, list, map, text};

/// A call that continues an upload, which its upload token identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Parts,
    Status,
    Complete,
    Abort,
}

/// Codes of every call. `upsign-http` compares them with the problems that it creates.
const EVERY_CALL: [(u16, &str); 16] = [
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
    (403, "upload-token-invalid"),
    (413, "body-too-large"),
    (415, "body-not-json"),
    (500, "internal"),
    (503, "keys-unavailable"),
];

/// Codes of calls that ask the store.
const OF_STORE: [(u16, &str); 2] = [(500, "store-refused"), (503, "store-unavailable")];

/// Problems of the application, which decides again before parts are signed and before the upload is completed.
const OF_APPLICATION: [&str; 2] = ["forbidden", "authorization-unavailable"];

impl Call {
    const ALL: [Self; 4] = [Self::Parts, Self::Status, Self::Complete, Self::Abort];

    /// Returns the last segment of the path.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Parts => "parts",
            Self::Status => "status",
            Self::Complete => "complete",
            Self::Abort => "abort",
        }
    }

    pub(super) const fn operation_id(self) -> &'static str {
        match self {
            Self::Parts => "presignParts",
            Self::Status => "uploadStatus",
            Self::Complete => "completeUpload",
            Self::Abort => "abortUpload",
        }
    }

    pub(super) const fn preflight_id(self) -> &'static str {
        match self {
            Self::Parts => "preflightParts",
            Self::Status => "preflightStatus",
            Self::Complete => "preflightComplete",
            Self::Abort => "preflightAbort",
        }
    }

    /// Returns the names of the schemas of the request and of the answer. None of them is the name of a route with a suffix.
    pub(super) const fn schemas(self) -> (&'static str, &'static str) {
        match self {
            Self::Parts => ("PartsRequest", "PartUrls"),
            Self::Status => ("StatusRequest", "UploadStatus"),
            Self::Complete => ("CompleteRequest", "CompletedObject"),
            Self::Abort => ("AbortRequest", "UploadAborted"),
        }
    }

    const fn summary(self) -> &'static str {
        match self {
            Self::Parts => "Request the URLs of parts of an upload.",
            Self::Status => "Ask which parts of an upload the store has.",
            Self::Complete => "Assemble the parts of an upload to the object.",
            Self::Abort => "End an upload without an object.",
        }
    }

    const fn description(self) -> &'static str {
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
        }
    }

    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Parts => "The parts are signed. Send each with a PUT to its URL, with its headers.",
            Self::Status => "The status of the upload.",
            Self::Complete => "The object is stored.",
            Self::Abort => "The upload is aborted.",
        }
    }

    /// Returns the codes that only this call has.
    const fn codes(self) -> &'static [(u16, &'static str)] {
        match self {
            Self::Parts => &[
                (400, "part-numbers-invalid"),
                (400, "part-lengths-invalid"),
                (400, "checksum-required"),
                (400, "checksum-not-allowed"),
                (400, "checksum-invalid"),
                (503, "signing-unavailable"),
                (503, "credentials-too-short"),
            ],
            Self::Status => &[(400, "part-numbers-invalid"), (409, "object-exists")],
            Self::Complete => &[
                (400, "part-numbers-invalid"),
                (400, "checksum-required"),
                (400, "checksum-not-allowed"),
                (400, "checksum-invalid"),
                (400, "too-small"),
                (409, "parts-missing"),
                (409, "part-mismatch"),
                (409, "checksum-mismatch"),
                (409, "object-exists"),
                (409, "upload-conflict"),
                (410, "upload-gone"),
                (503, "completion-uncertain"),
            ],
            Self::Abort => &[(409, "upload-completed")],
        }
    }

    /// Returns the members of a request that a link from the grant sends.
    fn linked_body(self) -> Vec<(&'static str, Node)> {
        let token = ("uploadToken", text("$response.body#/uploadToken"));
        match self {
            Self::Parts => vec![token, ("partNumbers", Node::List(vec![Node::Number(1)]))],
            Self::Complete => vec![token, ("parts", Node::List(Vec::new()))],
            Self::Status | Self::Abort => vec![token],
        }
    }
}

impl OpenApi {
    /// Returns the calls of the API: none if no route uploads in parts.
    pub(super) fn calls(&self) -> &'static [Call] {
        let has_parts = self.routes.iter().any(|route| route.policy().multipart().is_some());
        if has_parts { &Call::ALL } else { &[] }
    }

    pub(super) fn path_of(&self, call: Call) -> String {
        format!("{}/{}", self.uploads_path.trim_end_matches('/'), call.name())
    }

    /// Returns the codes with which a call can be refused.
    pub(super) fn codes_of(&self, call: Call) -> Codes {
        let asks_application = matches!(call, Call::Parts | Call::Complete);
        let of_api = self.problems.iter().map(|(status, code)| (*status, &**code));
        let of_api = of_api.filter(|(_, code)| asks_application || !OF_APPLICATION.contains(code));
        let of_store: &[_] = if call == Call::Parts { &[] } else { &OF_STORE };
        let all = EVERY_CALL.iter().chain(call.codes()).chain(of_store).copied().chain(of_api);
        let mut codes = Codes::new();
        for (status, code) in all {
            codes.entry(status).or_default().insert(code.into());
        }
        codes
    }

    /// Returns the operations of a call.
    pub(super) fn call(&self, call: Call) -> Node {
        let (request, answer) = call.schemas();
        let body = map([("required", true.into()), ("content", content("application/json", refer(request)))]);
        let answer = self.answer(call.done(), answer, []);
        let post = map([
            ("operationId", text(call.operation_id())),
            ("summary", text(call.summary())),
            ("description", text(call.description())),
            ("requestBody", body),
            ("responses", Node::Map(self.responses(answer, &self.codes_of(call)))),
        ]);
        let preflight = self.has_preflight.then(|| ("options", self.preflight(call.preflight_id())));
        map([("post", post)].into_iter().chain(preflight))
    }

    /// Returns the links from the grant of a multipart upload to the calls that continue it; `None` if there are none.
    pub(super) fn links(&self) -> Option<(&'static str, Node)> {
        let link = |call: &Call| {
            let link = map([
                ("operationId", text(call.operation_id())),
                ("requestBody", map(call.linked_body())),
                ("description", text("For a grant with the method MULTIPART.")),
            ]);
            (call.operation_id(), link)
        };
        let calls = self.calls();
        (!calls.is_empty()).then(|| ("links", map(calls.iter().map(link))))
    }

    /// Returns the headers that an answer exposes to pages and the content with this schema.
    pub(super) fn answer(
        &self,
        description: &str,
        schema: &str,
        more: impl IntoIterator<Item = (&'static str, Node)>,
    ) -> Node {
        let members = [
            ("description", text(description)),
            ("headers", map(super::document::common_headers())),
            ("content", content("application/json", refer(schema))),
        ];
        map(members.into_iter().chain(more))
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

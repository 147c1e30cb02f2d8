//! The schemas of the calls for uploads that have begun, and those of multipart uploads.

use upsign_policy::{ChecksumAlgorithm, ChecksumKind, SizeBound};

use super::OpenApi;
use super::calls::{Call, part_number, state};
use super::request::checksums_of;
use crate::deployment::DeploymentRoute;
use crate::node::{Node, list, map, text};

/// The maximum length of an upload token in characters: that of `upsign`, which its reader enforces.
const MAX_TOKEN: i64 = 12_288;

/// The maximum number of parts for which one call signs URLs.
const MAX_PARTS_PER_CALL: i64 = 1_000;

/// The maximum number of parts of an upload
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
const MAX_PARTS: i64 = 10_000;

impl OpenApi {
    /// Returns the schemas of the calls; none if no route needs one.
    pub(super) fn call_schemas(&self) -> Vec<(&'static str, Node)> {
        if self.calls().is_empty() {
            return Vec::new();
        }
        let parts = if self.has_call(Call::Parts) { self.part_schemas() } else { Vec::new() };
        [("UploadToken", upload_token())].into_iter().chain(parts).chain(self.object_schemas()).collect()
    }

    fn part_schemas(&self) -> Vec<(&'static str, Node)> {
        vec![
            ("PartsRequest", self.parts_request()),
            ("PartUrls", part_urls()),
            ("StatusRequest", status_request()),
            ("UploadStatus", self.upload_status()),
            ("CompleteRequest", self.complete_request()),
            ("CompletedObject", self.completed_object()),
            ("AbortRequest", closed(&["uploadToken"], vec![("uploadToken", token())])),
            ("UploadAborted", closed(&["state"], vec![("state", state(&["aborted"]))])),
        ]
    }

    fn parts_request(&self) -> Node {
        let numbers = map([
            ("type", text("array")),
            ("items", part_number()),
            ("minItems", Node::Number(1)),
            ("maxItems", Node::Number(MAX_PARTS_PER_CALL)),
            ("uniqueItems", true.into()),
        ]);
        let mut members = vec![("uploadToken", token()), ("partNumbers", numbers)];
        if self.policies().any(|policy| policy.size_bound() == SizeBound::MaxInParts) {
            let lengths = "Lengths of the parts in bytes, in the order of partNumbers, for an upload whose size was not stated. Only \
                           the last part may be shorter than partSize.";
            members.push(("contentLengths", array(size("Length in bytes."), MAX_PARTS_PER_CALL, lengths)));
        }
        if self.policies().any(|policy| !policy.multipart_checksums().is_empty()) {
            let checksums = "Checksums of the parts, in the order of partNumbers, with the algorithm of the upload. null for a part \
                             without one.";
            let checksum = map([
                ("type", list(["string", "null"])),
                ("contentEncoding", text("base64")),
                ("maxLength", Node::Number(MAX_CHECKSUM)),
            ]);
            members.push(("checksums", array(checksum, MAX_PARTS_PER_CALL, checksums)));
        }
        closed(&["uploadToken", "partNumbers"], members)
    }

    fn upload_status(&self) -> Node {
        let ranges = |description: &str| {
            map([
                ("type", text("string")),
                ("description", text(description)),
                ("examples", Node::List(vec![text("3,7-9")])),
            ])
        };
        let uploaded = closed(
            &["partNumber", "size", "etag"],
            vec![
                ("partNumber", part_number()),
                ("size", size("Size in bytes.")),
                ("etag", etag()),
                ("checksum", base64("Checksum of the part.")),
            ],
        );
        let parts = "Uploaded parts in ascending order. Not all of them if more is true.";
        let more = map([
            ("type", text("boolean")),
            ("description", text("There are further parts: send the last number as after.")),
        ]);
        let mut members = vec![
            ("state", state(&["open", "completed", "gone"])),
            ("key", string("Key of the object.")),
            ("size", size("Size of the object in bytes. Absent if it is not known.")),
            ("partSize", size("Size of every part except the last one in bytes.")),
            ("partCount", part_count()),
            ("bytes", size("Sum of the sizes of the uploaded parts.")),
            ("parts", array(uploaded, MAX_PARTS, parts)),
            ("missing", ranges("Parts that are not uploaded yet.")),
            ("wrong", ranges("Uploaded parts that contradict the plan: upload them again.")),
            ("more", more),
            ("expiresAt", date_time("Until when the upload can be continued.")),
        ];
        members.extend(self.members_of_object());
        closed(&["state", "key", "partSize", "partCount", "expiresAt"], members)
    }

    fn complete_request(&self) -> Node {
        let part = closed(
            &["partNumber", "etag"],
            vec![
                ("partNumber", part_number()),
                ("etag", etag()),
                ("checksum", base64("Checksum of the part, with the algorithm of the upload.")),
            ],
        );
        let parts = "Every part, in ascending order.";
        let mut members = vec![("uploadToken", token()), ("parts", array(part, MAX_PARTS, parts))];
        members.extend(
            self.object_checksum(
                "Checksum of the whole object, under the name of the algorithm of the upload.",
            ),
        );
        closed(&["uploadToken", "parts"], members)
    }

    fn completed_object(&self) -> Node {
        let mut members = vec![
            ("state", state(&["completed"])),
            ("key", string("Key of the object.")),
            ("size", size("Size of the object in bytes.")),
        ];
        members.extend(self.members_of_object());
        closed(&["state", "key", "size", "contentType", "etag"], members)
    }

    /// Returns the members that a completed upload has in addition to those of every state.
    fn members_of_object(&self) -> Vec<(&'static str, Node)> {
        let members = [
            ("contentType", string("Content type of the object.")),
            ("etag", etag()),
            ("versionId", string("Version of the object, in a bucket with versions.")),
        ];
        members.into_iter().chain(self.object_checksum("Checksum of the whole object.")).collect()
    }

    /// Returns the member with the checksum of a whole object, if the store of a route compares one.
    fn object_checksum(&self, description: &str) -> Option<(&'static str, Node)> {
        let checksums = self.policies().flat_map(upsign_policy::UploadPolicy::multipart_checksums);
        let whole = checksums.filter(|checksum| checksum.kind == ChecksumKind::FullObject);
        let mut algorithms: Vec<ChecksumAlgorithm> = whole.map(|checksum| checksum.algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        (!algorithms.is_empty()).then(|| ("checksum", checksums_of(&algorithms, description)))
    }

    fn policies(&self) -> impl Iterator<Item = &upsign_policy::UploadPolicy> {
        self.routes.iter().map(DeploymentRoute::policy).filter(|policy| policy.multipart().is_some())
    }
}

fn upload_token() -> Node {
    map([
        ("type", text("string")),
        ("minLength", Node::Number(1)),
        ("maxLength", Node::Number(MAX_TOKEN)),
        ("pattern", text("^[A-Za-z0-9_-]+$")),
        (
            "description",
            text(
                "What the service knows about an upload, signed. It is valid for the caller that began the upload, and only together \
                 with the caller's own credentials.",
            ),
        ),
    ])
}

pub(super) fn token() -> Node {
    super::document::refer("UploadToken")
}

fn part_urls() -> Node {
    let headers = map([
        ("type", text("object")),
        ("description", text("Headers to send, in addition to Host and Content-Length. Send exactly these.")),
        ("additionalProperties", map([("type", text("string"))])),
    ]);
    let url = map([
        ("type", text("string")),
        ("format", text("uri")),
        ("description", text("URL to send the part to, with PUT. Keep it secret.")),
    ]);
    let part = closed(
        &["partNumber", "uploadUrl", "contentLength", "headers"],
        vec![
            ("partNumber", part_number()),
            ("uploadUrl", url),
            ("contentLength", size("Exact length of the part in bytes.")),
            ("headers", headers),
        ],
    );
    let parts = "URLs in the order of the request. Ask again for parts that are absent, because the answer would be too long.";
    let expires_in = map([
        ("type", text("integer")),
        ("minimum", Node::Number(1)),
        ("description", text("Lifetime of the URLs in seconds.")),
    ]);
    closed(
        &["parts", "expiresIn", "expiresAt"],
        vec![
            ("parts", array(part, MAX_PARTS_PER_CALL, parts)),
            ("expiresIn", expires_in),
            ("expiresAt", date_time("When the URLs expire.")),
            ("expiresAtIs", super::grant::expires_at_is()),
        ],
    )
}

fn status_request() -> Node {
    let after = map([
        ("type", text("integer")),
        ("minimum", Node::Number(1)),
        ("maximum", Node::Number(MAX_PARTS)),
        ("description", text("List only parts with higher numbers.")),
    ]);
    closed(&["uploadToken"], vec![("uploadToken", token()), ("after", after)])
}

/// The length of the longest checksum, SHA-512, in base64.
const MAX_CHECKSUM: i64 = 88;

/// Returns the schema of an object with exactly these members.
pub(super) fn closed(required: &[&str], members: Vec<(&'static str, Node)>) -> Node {
    map([
        ("type", text("object")),
        ("required", list(required.iter().copied())),
        ("properties", map(members)),
        ("additionalProperties", false.into()),
    ])
}

fn array(items: Node, max: i64, description: &str) -> Node {
    map([
        ("type", text("array")),
        ("items", items),
        ("maxItems", Node::Number(max)),
        ("description", text(description)),
    ])
}

fn part_count() -> Node {
    map([
        ("type", text("integer")),
        ("minimum", Node::Number(1)),
        ("maximum", Node::Number(MAX_PARTS)),
        ("description", text("Number of parts; the maximum if the size is not known.")),
    ])
}

pub(super) fn string(description: &str) -> Node {
    map([("type", text("string")), ("description", text(description))])
}

pub(super) fn etag() -> Node {
    string("ETag that the store returned, with or without its quotes.")
}

pub(super) fn size(description: &str) -> Node {
    map([
        ("type", text("integer")),
        ("format", text("int64")),
        ("minimum", Node::Number(0)),
        ("description", text(description)),
    ])
}

pub(super) fn date_time(description: &str) -> Node {
    map([("type", text("string")), ("format", text("date-time")), ("description", text(description))])
}

fn base64(description: &str) -> Node {
    map([
        ("type", text("string")),
        ("contentEncoding", text("base64")),
        ("maxLength", Node::Number(MAX_CHECKSUM)),
        ("description", text(description)),
    ])
}

/// Returns the members of problem documents of multipart uploads, which state what a program needs to continue.
pub(super) fn problem_members() -> Vec<(&'static str, Node)> {
    let difference = map([
        ("type", text("string")),
        ("enum", list(["size", "etag", "checksum"])),
        (
            "description",
            text(
                "What differs: the size from the plan, or the ETag or the checksum from what the request states.",
            ),
        ),
    ]);
    let wrong = closed(
        &["partNumber", "difference", "size", "etag"],
        vec![
            ("partNumber", part_number()),
            ("difference", difference),
            ("size", size("Size of the uploaded part in bytes.")),
            ("etag", string("ETag of the uploaded part.")),
        ],
    );
    vec![
        (
            "missing",
            string("Parts that the store lacks, as in 3,7-9, of the code parts-missing: upload them."),
        ),
        ("unlisted", string("Parts that the request lacks, likewise, of the code parts-missing: list them.")),
        ("parts", array(wrong, MAX_PARTS_PER_CALL, "Parts that differ, of the code part-mismatch.")),
        ("key", string("Key of the object, of the code upload-completed.")),
        ("size", size("Size of the object in bytes, of the code upload-completed.")),
        ("etag", string("ETag of the object, of the code upload-completed.")),
    ]
}

/// Returns the member of problem documents about a missing checksum.
pub(super) fn algorithms() -> Node {
    map([
        ("type", text("array")),
        ("items", map([("type", text("string"))])),
        ("description", text("Algorithms of which the request needs one, of the code checksum-required.")),
    ])
}

/// Returns the members of problem documents about quotas.
pub(super) fn quota_members() -> Vec<(&'static str, Node)> {
    let kind = map([
        ("type", text("string")),
        ("enum", list(["objects", "bytes"])),
        ("description", text("What the quota limits, of the code quota-exceeded.")),
    ]);
    vec![
        ("kind", kind),
        ("limit", size("Number of objects or bytes that the quota permits, of the code quota-exceeded.")),
        ("resetsAt", date_time("When the quota can be used again, of the code quota-exceeded.")),
    ]
}

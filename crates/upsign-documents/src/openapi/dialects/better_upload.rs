//! The endpoint of better-upload. Source: `@better-upload/client` 3.0 (<https://better-upload.com>).

use upsign_core::Dialect;

use super::super::call_schemas::closed;
use super::{JSON, Operation, array, map, open, string, text, texts, tickets};
use crate::node::{Node, list};

/// The types of errors that the client knows, and the one for any other.
const ERRORS: [&str; 6] =
    ["invalid_request", "too_many_files", "file_too_large", "invalid_file_type", "rejected", "unknown"];

pub(super) fn operations() -> Vec<Operation> {
    let upload = Operation::new(Dialect::BetterUpload, "post", "/better-upload", "betterUpload")
        .summary("Sign the requests for all files of an upload, and of their parts.")
        .body(JSON, request())
        .answer(JSON, answer());
    let tickets = tickets::operations(
        Dialect::BetterUpload,
        "/better-upload/multipart",
        ["", "betterUploadComplete", "betterUploadAbort"],
    );
    [upload].into_iter().chain(tickets).collect()
}

fn size() -> Node {
    map([("type", text("integer")), ("minimum", Node::Number(0))])
}

fn request() -> Node {
    let name = || map([("type", text("string")), ("minLength", Node::Number(1))]);
    let members = vec![("name", name()), ("size", size()), ("type", name())];
    let file = closed(&["name", "size", "type"], members);
    let files = map([("type", text("array")), ("minItems", Node::Number(1)), ("items", file)]);
    let metadata = texts("Metadata of every file, and ids that clients may supply.");
    closed(&["files"], vec![("route", string()), ("files", files), ("metadata", metadata)])
}

fn answer() -> Node {
    let part = open(
        &["signedUrl", "partNumber", "size"],
        vec![("signedUrl", string()), ("partNumber", size()), ("size", size())],
    );
    let described = open(&["name", "size", "type", "objectInfo"], Vec::new());
    let one = || {
        vec![
            ("signedUrl", string()),
            ("file", described.clone()),
            ("headers", texts("Headers that the client does not send by itself.")),
            ("parts", array(part.clone())),
            ("uploadId", string()),
            ("completeSignedUrl", string()),
            ("abortSignedUrl", string()),
        ]
    };
    let files = || array(open(&["file"], one()));
    let multipart = open(&["files", "partSize"], vec![("files", files()), ("partSize", size())]);
    let metadata = open(&[], Vec::new());
    open(&["metadata"], vec![("files", files()), ("multipart", multipart), ("metadata", metadata)])
}

pub(super) fn error() -> Node {
    let kind = map([("type", text("string")), ("enum", list(ERRORS))]);
    let error =
        open(&["type", "message", "code"], vec![("type", kind), ("message", string()), ("code", string())]);
    open(&["error"], vec![("error", error)])
}

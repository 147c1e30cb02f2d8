//! The `/s3` endpoints of Companion. Source:
//! <https://github.com/transloadit/uppy/blob/main/packages/%40uppy/companion/src/server/controllers/s3.js>.

use upsign_core::Dialect;

use super::super::call_schemas::closed;
use super::{JSON, Operation, array, map, open, parameter, string, text, texts, token};
use crate::node::{Node, list};

pub(super) fn operations() -> Vec<Operation> {
    let of = |method, path, id, summary: &'static str| {
        Operation::new(Dialect::Companion, method, path, id).summary(summary)
    };
    let upload = || parameter("path", "uploadId", "The upload token.", token());
    let key = || parameter("query", "key", "The key of the upload, as it was answered.", string());
    let number = parameter("path", "partNumber", "The number of the part.", part_number());
    let numbers = parameter("query", "partNumbers", "Numbers of parts, separated by commas.", string());
    vec![
        of("get", "/s3/params", "companionParams", "Sign one request for a file: a form, or a PUT.")
            .parameters([
                parameter("query", "filename", "The name of the file.", name()),
                parameter("query", "type", "The content type.", string()),
            ])
            .answer(JSON, params()),
        of("post", "/s3/multipart", "companionCreate", "Begin an upload in parts.")
            .body(JSON, file())
            .answer(JSON, open(&["key", "uploadId", "bucket"], texts_of(&["key", "uploadId", "bucket"]))),
        of("get", "/s3/multipart/{uploadId}", "companionListParts", "List the parts that the store has.")
            .parameters([upload(), key()])
            .answer(JSON, array(part())),
        of("delete", "/s3/multipart/{uploadId}", "companionAbort", "Abort an upload.")
            .parameters([upload(), key()])
            .answer(JSON, open(&[], Vec::new())),
        of("get", "/s3/multipart/{uploadId}/batch", "companionSignParts", "Sign the PUT of several parts.")
            .parameters([upload(), key(), numbers])
            .answer(JSON, open(&["presignedUrls"], vec![("presignedUrls", texts("The URL of each part."))])),
        of("get", "/s3/multipart/{uploadId}/{partNumber}", "companionSignPart", "Sign the PUT of a part.")
            .parameters([upload(), number, key()])
            .answer(JSON, signed_part()),
        of("post", "/s3/multipart/{uploadId}/complete", "companionComplete", "Complete an upload.")
            .parameters([upload(), key()])
            .body(JSON, completion())
            .answer(JSON, open(&["location"], texts_of(&["location", "key", "bucket"]))),
    ]
}

fn texts_of(names: &[&'static str]) -> Vec<(&'static str, Node)> {
    names.iter().map(|name| (*name, string())).collect()
}

fn name() -> Node {
    map([("type", text("string")), ("minLength", Node::Number(1))])
}

fn part_number() -> Node {
    map([("type", text("integer")), ("minimum", Node::Number(1)), ("maximum", Node::Number(10_000))])
}

fn seconds() -> Node {
    map([("type", text("integer")), ("minimum", Node::Number(1))])
}

fn file() -> Node {
    let description = "Metadata of the file. The entry `upsignRoute` names the route, and is not stored.";
    closed(
        &["filename", "type"],
        vec![("filename", name()), ("type", string()), ("metadata", texts(description))],
    )
}

fn params() -> Node {
    let method = map([("type", text("string")), ("enum", list(["POST", "PUT"]))]);
    let members = vec![
        ("method", method),
        ("url", string()),
        ("fields", texts("Fields of a form, before the file.")),
        ("headers", texts("Headers of a PUT.")),
        ("expires", seconds()),
    ];
    open(&["method", "url", "fields", "expires"], members)
}

fn part() -> Node {
    let size = map([("type", text("integer")), ("minimum", Node::Number(0))]);
    let members = vec![("PartNumber", part_number()), ("ETag", string()), ("Size", size)];
    open(&["PartNumber", "ETag", "Size"], members)
}

fn signed_part() -> Node {
    let members = vec![("url", string()), ("headers", texts("Headers of the PUT.")), ("expires", seconds())];
    open(&["url", "expires"], members)
}

fn completion() -> Node {
    let part = open(&["PartNumber", "ETag"], vec![("PartNumber", part_number()), ("ETag", name())]);
    closed(&["parts"], vec![("parts", array(part))])
}

//! `signRequest` of `@uppy/aws-s3` 6. Source: `src/s3-client/types.ts` of its npm package.

use upsign_core::Dialect;

use super::super::call_schemas::closed;
use super::{JSON, Operation, map, open, string, text, texts, tickets};
use crate::node::{Node, list};

pub(super) fn operations(ids: &[String]) -> Vec<Operation> {
    let sign = Operation::new(Dialect::Uppy, "post", "/uppy/sign", "uppySign")
        .summary("Sign one request of Uppy: a form or a PUT of a file, a part, or a request with a ticket.")
        .body(JSON, request(ids))
        .answer(JSON, answer());
    let tickets =
        tickets::operations(Dialect::Uppy, "/uppy/multipart", ["uppyListParts", "uppyComplete", "uppyAbort"]);
    [sign].into_iter().chain(tickets).collect()
}

fn request(ids: &[String]) -> Node {
    let method = map([("type", text("string")), ("enum", list(["PUT", "POST", "GET", "DELETE"]))]);
    let key = map([("type", text("string")), ("minLength", Node::Number(1))]);
    let length = map([("type", text("integer")), ("minimum", Node::Number(0))]);
    let number =
        map([("type", text("integer")), ("minimum", Node::Number(1)), ("maximum", Node::Number(10_000))]);
    let members = vec![
        ("method", method),
        ("key", key),
        ("contentType", string()),
        ("contentLength", length),
        ("route", string()),
        ("uploadId", string()),
        ("partNumber", number),
        ("expiresIn", Node::Map(Vec::new())),
    ];
    let mut schema = closed(&["method", "key"], members);
    for id in ids {
        add_member(&mut schema, id, map([("type", text("string")), ("format", text("uuid"))]));
    }
    schema
}

fn add_member(schema: &mut Node, name: &str, member: Node) {
    let Node::Map(keywords) = schema else { return };
    let properties = keywords.iter_mut().find(|(keyword, _)| keyword == "properties");
    if let Some((_, Node::Map(members))) = properties {
        members.push((name.to_owned(), member));
    }
}

fn answer() -> Node {
    let members = vec![
        ("url", string()),
        ("key", string()),
        ("headers", texts("Headers of the request.")),
        ("fields", texts("Fields of a form, before the file.")),
        ("uploadToken", string()),
    ];
    open(&["url"], members)
}

/// A refusal of Uppy and Companion, whose clients show `message`.
pub(super) fn error() -> Node {
    open(&["error", "message"], vec![("error", string()), ("message", string()), ("requestId", string())])
}

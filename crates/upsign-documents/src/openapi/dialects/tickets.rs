//! The requests with a ticket, which a client believes to send to S3: they and their answers are those of S3, in XML.

use upsign_core::Dialect;

use super::{Operation, map, open, parameter, string, text, token};
use crate::node::Node;

const XML: &str = "application/xml";

/// Returns the operations at the path to which the client sends requests with a ticket. `ids` are those of the operations that list,
/// continue and abort an upload; an empty one is not served.
pub(super) fn operations(dialect: Dialect, path: &'static str, ids: [&'static str; 3]) -> Vec<Operation> {
    let [list, complete, abort] = ids;
    let ticket = "Proof that the service answered this URL, for one kind of request and 15 minutes.";
    let parameters = || {
        [
            parameter("query", "uploadId", "The upload token.", token()),
            parameter("query", "ticket", ticket, token()),
        ]
    };
    let operation = |method, id, summary: &'static str| {
        Operation::new(dialect, method, path, id).summary(summary).parameters(parameters()).by_ticket()
    };
    let parts = operation("get", list, "List the parts of an upload, as S3 does (ListParts).");
    let complete =
        operation("post", complete, "Complete an upload, or read its id with an empty body, as S3 does.");
    let abort = operation("delete", abort, "Abort an upload, as S3 does (AbortMultipartUpload).");
    let all = [
        parts.answer(XML, string()),
        complete.body(XML, completion()).answer(XML, string()),
        abort.no_content(),
    ];
    all.into_iter().filter(|operation| !operation.id.is_empty()).collect()
}

/// Returns the type and the schema of an error of S3.
pub(super) fn refusal() -> (&'static str, Node) {
    let mut error = open(&[], vec![("Code", string()), ("Message", string())]);
    name_element(&mut error, "Error");
    (XML, error)
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
fn completion() -> Node {
    let number =
        map([("type", text("integer")), ("minimum", Node::Number(1)), ("maximum", Node::Number(10_000))]);
    let part = open(&["PartNumber", "ETag"], vec![("PartNumber", number), ("ETag", string())]);
    let parts = map([("type", text("array")), ("minItems", Node::Number(1)), ("items", part)]);
    let mut body = open(&["Part"], vec![("Part", parts)]);
    name_element(&mut body, "CompleteMultipartUpload");
    body
}

/// Sets the name of the element that a schema describes.
fn name_element(schema: &mut Node, name: &str) {
    if let Node::Map(members) = schema {
        members.push(("xml".into(), map([("name", text(name))])));
    }
}

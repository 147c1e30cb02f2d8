//! Direct uploads of Active Storage. Source:
//! <https://github.com/rails/rails/blob/main/activestorage/app/javascript/activestorage/blob_record.js>.

use upsign_core::Dialect;

use super::super::call_schemas::closed;
use super::{JSON, Operation, map, open, optional, string, text, texts};
use crate::node::Node;

pub(super) fn operations() -> Vec<Operation> {
    let path = "/rails/active_storage/direct_uploads";
    let upload = Operation::new(Dialect::ActiveStorage, "post", path, "activeStorageDirectUpload")
        .summary("Sign the PUT of a file, as the direct uploads of Active Storage ask for it.")
        .parameters([optional("route", "The name of the route.")])
        .body(JSON, closed(&["blob"], vec![("blob", blob())]))
        .answer(JSON, answer());
    vec![upload]
}

fn size() -> Node {
    map([("type", text("integer")), ("minimum", Node::Number(0))])
}

fn blob() -> Node {
    let custom = closed(&[], vec![("custom", texts("Metadata of the object."))]);
    closed(
        &["filename", "content_type", "byte_size", "checksum"],
        vec![
            ("filename", string()),
            ("content_type", string()),
            ("byte_size", size()),
            ("checksum", string()),
            ("metadata", custom),
        ],
    )
}

fn answer() -> Node {
    let direct = open(
        &["url", "headers"],
        vec![("url", string()), ("headers", texts("Headers of the PUT: exactly these."))],
    );
    open(
        &["key", "filename", "content_type", "byte_size", "checksum", "signed_id", "direct_upload"],
        vec![
            ("key", string()),
            ("filename", string()),
            ("content_type", string()),
            ("byte_size", size()),
            ("checksum", string()),
            ("signed_id", string()),
            ("direct_upload", direct),
        ],
    )
}

//! Rust, with the crate `upsign-client`.

use super::SnippetUpload;

/// The text for a route without a name. A test compiles this file.
const TEXT: &str = include_str!("../../../../assets/snippets/upload.rs");

pub(super) fn text(upload: &SnippetUpload) -> String {
    let file = ".with_file_name(\"{file}\")";
    let request = match &upload.route {
        Some(route) => format!("{file}.with_route(\"{route}\")"),
        None => file.to_owned(),
    };
    let text =
        TEXT.replace(file, &request).replace("{api}", &upload.api).replace("{token_url}", &upload.token_url);
    text.replace("{file}", &upload.file).replace("{type}", &upload.content_type)
}

//! The XML of S3's multipart API, for clients that believe to send their requests to S3.

use std::fmt::Write;

use http::{Response, StatusCode};
use roxmltree::{Document, Node, ParsingOptions};
use upsign::objects::UploadedPart;
use upsign::session::{ClientPart, CompleteRequest, CompletedObject, TicketUpload};
use upsign_core::PartNumber;

use crate::body_limits::MAX_PARTS;
use crate::dialect::render::escaped;
use crate::respond;

/// The namespace of the documents
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html#API_CreateMultipartUpload_Examples>).
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Answers `CreateMultipartUpload`. The upload id is the upload token.
pub(crate) fn initiated(upload: &TicketUpload, token: &str) -> Response<String> {
    let mut body = String::new();
    element(&mut body, "Bucket", upload.bucket.as_str());
    element(&mut body, "Key", upload.key.as_str());
    element(&mut body, "UploadId", token);
    document("InitiateMultipartUploadResult", &body)
}

/// Answers `ListParts` with all parts at once: clients of presigned URLs cannot ask for further pages.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>.
pub(crate) fn parts(upload: &TicketUpload, token: &str, parts: &[UploadedPart]) -> Response<String> {
    let mut body = String::with_capacity(256 + parts.len() * 128);
    element(&mut body, "Bucket", upload.bucket.as_str());
    element(&mut body, "Key", upload.key.as_str());
    element(&mut body, "UploadId", token);
    element(&mut body, "MaxParts", &MAX_PARTS.to_string());
    element(&mut body, "IsTruncated", "false");
    for part in parts {
        // Writing to a String cannot fail.
        let _ = write!(
            body,
            "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag><Size>{}</Size></Part>",
            part.number.get(),
            escaped(&part.etag.quoted()),
            part.size
        );
    }
    document("ListPartsResult", &body)
}

/// Answers `CompleteMultipartUpload`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
pub(crate) fn completed(upload: &TicketUpload, object: &CompletedObject) -> Response<String> {
    let mut body = String::new();
    element(&mut body, "Location", &upload.location);
    element(&mut body, "Bucket", upload.bucket.as_str());
    element(&mut body, "Key", object.key.as_str());
    element(&mut body, "ETag", &object.etag.quoted());
    document("CompleteMultipartUploadResult", &body)
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>{}</{name}>", escaped(text));
}

fn document(name: &str, content: &str) -> Response<String> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"{NAMESPACE}\">{content}</{name}>"
    );
    respond::response(StatusCode::OK, "application/xml", body)
}

/// The reason why a body is not the document of `CompleteMultipartUpload`. The texts are for the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidDocument {
    #[error("the body is not XML")]
    Syntax,
    #[error("expected the element CompleteMultipartUpload")]
    Root,
    #[error("the document lists more than 10000 parts")]
    TooManyParts,
    #[error(
        "each Part must have a PartNumber from 1 to 10000 and an ETag, and parts must be in ascending order"
    )]
    Part,
}

/// The maximum number of nodes of the document: a part has five, and may have whitespace and a checksum.
const MAX_NODES: u32 = 200_000;

/// Reads the document of `CompleteMultipartUpload`. Elements other than the number and the entity tag of a part are ignored, as S3
/// does with checksums that the upload does not have.
pub(crate) fn read_complete(body: &[u8]) -> Result<CompleteRequest, InvalidDocument> {
    let text = str::from_utf8(body).map_err(|_| InvalidDocument::Syntax)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|_| InvalidDocument::Syntax)?;
    let root = document.root_element();
    if root.tag_name().name() != "CompleteMultipartUpload" {
        return Err(InvalidDocument::Root);
    }
    let parts = root.children().filter(|node| node.tag_name().name() == "Part");
    let parts: Vec<ClientPart> =
        parts.map(|node| part(node).ok_or(InvalidDocument::Part)).collect::<Result<_, _>>()?;
    if parts.len() > MAX_PARTS {
        return Err(InvalidDocument::TooManyParts);
    }
    CompleteRequest::new(parts).map_err(|_| InvalidDocument::Part)
}

fn part(node: Node<'_, '_>) -> Option<ClientPart> {
    let text = |name: &str| {
        let mut found = node.children().filter(|child| child.tag_name().name() == name);
        // Readers differ in which of two elements counts.
        found.next().filter(|_| found.next().is_none())?.text().map(str::trim)
    };
    let number = PartNumber::new(text("PartNumber")?.parse().ok()?).ok()?;
    Some(ClientPart::new(number, text("ETag")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(body: &str) -> Result<Vec<u16>, InvalidDocument> {
        let request = read_complete(body.as_bytes())?;
        Ok(request.parts().iter().map(|part| part.number.get()).collect())
    }

    #[test]
    fn documents_of_clients_are_read() {
        let plain = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>a</ETag></Part><Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag></Part></CompleteMultipartUpload>";
        assert_eq!(numbers(plain), Ok(vec![1, 2]));
        let pretty = "<?xml version=\"1.0\"?>\n<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n  <Part>\n    <ETag>&quot;a&quot;</ETag>\n    <ChecksumCRC32>x</ChecksumCRC32><PartNumber> 7 </PartNumber>\n  </Part>\n</CompleteMultipartUpload>";
        assert_eq!(numbers(pretty), Ok(vec![7]));
        assert_eq!(read_complete(pretty.as_bytes()).unwrap().parts()[0].etag.as_str(), "a");
    }

    #[test]
    fn other_documents_are_refused() {
        let of = |parts: &str| format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let part = |number: &str, etag: &str| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        };
        for (body, error) in [
            (String::new(), InvalidDocument::Syntax),
            ("{}".into(), InvalidDocument::Syntax),
            ("<CompleteMultipartUpload>".into(), InvalidDocument::Syntax),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><CompleteMultipartUpload/>".into(), InvalidDocument::Syntax),
            ("<Delete/>".into(), InvalidDocument::Root),
            (of(&part("0", "a")), InvalidDocument::Part),
            (of(&part("10001", "a")), InvalidDocument::Part),
            (of(&part("x", "a")), InvalidDocument::Part),
            (of(&part("1", "")), InvalidDocument::Part),
            (of("<Part><ETag>a</ETag></Part>"), InvalidDocument::Part),
            (
                of("<Part><PartNumber>1</PartNumber><PartNumber>2</PartNumber><ETag>a</ETag></Part>"),
                InvalidDocument::Part,
            ),
            (of(&(part("2", "a") + &part("1", "b"))), InvalidDocument::Part),
            (of(&(part("1", "a") + &part("1", "b"))), InvalidDocument::Part),
        ] {
            assert_eq!(numbers(&body), Err(error), "{body}");
        }
        assert_eq!(read_complete(b"<a>\xff</a>"), Err(InvalidDocument::Syntax));
    }

    #[test]
    fn largest_list_is_read() {
        let parts: String = (1..=10_000)
            .map(|number| format!("\n<Part> <PartNumber>{number}</PartNumber> <ETag>{number}</ETag> </Part>"))
            .collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        assert_eq!(numbers(&body).unwrap().len(), 10_000);
    }
}

//! What a store says about a request that it refused.

mod canonical;
mod xml;

use crate::evidence::MAX_PARTS;
pub(crate) use canonical::{Canonical, Request, StringToSign, decoded_pairs};

/// The error document of a store: the elements of `<Error>`, in order.
///
/// Every element is optional: stores other than S3 leave most of them out.
#[derive(Clone, Default)]
pub(crate) struct StoreError {
    elements: Vec<(Box<str>, Box<str>)>,
    /// Whether the document ended with `</Error>`.
    pub(crate) is_complete: bool,
}

// There is no `Debug`: an error document repeats the signed request, with its session token.

impl StoreError {
    /// Reads the XML of an error, also if its end is missing. Returns `None` if the text is another document.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let error = xml::read(text)?;
        error.text("Code").is_some().then_some(error)
    }

    /// Creates an error from a code and a message, for stores that answer in another format than XML.
    pub(crate) fn of(code: &str, message: &str) -> Self {
        let elements = vec![("Code".into(), code.into()), ("Message".into(), message.into())];
        Self { elements, is_complete: true }
    }

    /// Returns the text of an element.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.elements.iter().find(|(known, _)| &**known == name).map(|(_, text)| &**text)
    }

    /// Returns the text of an element, or of its copy in hexadecimal bytes. The copy is exact where the element lost white space.
    pub(crate) fn text_or_bytes(&self, name: &str) -> Option<String> {
        let bytes = self.text(&format!("{name}Bytes")).and_then(of_hex);
        bytes.or_else(|| self.text(name).map(str::to_owned))
    }

    pub(crate) fn code(&self) -> &str {
        self.text("Code").unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.text("Message").unwrap_or_default()
    }

    /// Returns whether the message contains a text, in any case.
    pub(crate) fn says(&self, part: &str) -> bool {
        self.message().to_ascii_lowercase().contains(&part.to_ascii_lowercase())
    }

    /// Returns the request as the store read it.
    pub(crate) fn canonical(&self) -> Option<Canonical> {
        let found = Canonical::parse(&self.text_or_bytes("CanonicalRequest")?)?;
        let is_bounded = found.request.query.len() <= MAX_PARTS && found.request.headers.len() <= MAX_PARTS;
        is_bounded.then_some(found)
    }

    /// Returns the string to sign as the store computed it.
    pub(crate) fn string_to_sign(&self) -> Option<StringToSign> {
        StringToSign::parse(&self.text_or_bytes("StringToSign")?)
    }

    /// Returns the signature that the request had.
    pub(crate) fn signature(&self) -> Option<&str> {
        self.text("SignatureProvided").or_else(|| self.text("Signature"))
    }
}

/// Reads bytes such as `50 55 54`.
fn of_hex(text: &str) -> Option<String> {
    let digits = text.split_ascii_whitespace().map(|byte| u8::from_str_radix(byte, 16));
    let bytes = digits.collect::<Result<Vec<u8>, _>>().ok()?;
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_with_their_copies_in_hexadecimal() {
        let text = "<?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code><StringToSign>a b</StringToSign>\
                    <StringToSignBytes>61 20 20 62</StringToSignBytes><Resource/></Error>";
        let error = StoreError::read(text).unwrap();
        assert_eq!(error.code(), "SignatureDoesNotMatch");
        assert_eq!(error.text_or_bytes("StringToSign").as_deref(), Some("a  b"));
        assert!(error.is_complete);
    }

    #[test]
    fn a_document_that_was_cut_yields_what_it_has() {
        let error = StoreError::read("<Error><Code>AccessDenied</Code><Message>Request has exp").unwrap();
        assert_eq!((error.code(), error.message()), ("AccessDenied", ""));
        assert!(!error.is_complete);
        assert!(StoreError::read("<Error><Code>Acc").is_none());
    }

    #[test]
    fn other_documents_are_none() {
        for text in ["", "x", "<html><body>403</body></html>", "<ListBucketResult/>", "{\"code\":\"x\"}"] {
            assert!(StoreError::read(text).is_none(), "{text}");
        }
    }
}

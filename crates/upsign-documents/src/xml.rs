//! Writes the XML of S3's API.

/// An element that contains either text or other elements.
#[derive(Debug)]
pub(crate) struct Element {
    name: &'static str,
    attributes: &'static str,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text(String),
    Elements(Vec<Element>),
}

/// The namespace declaration of the root element.
const NAMESPACE: &str = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

impl Element {
    /// Returns an element that contains other elements.
    pub(crate) fn new(name: &'static str, elements: impl IntoIterator<Item = Self>) -> Self {
        Self { name, attributes: "", content: Content::Elements(elements.into_iter().collect()) }
    }

    /// Returns the root element of a document, in the namespace of S3.
    pub(crate) fn root(name: &'static str, elements: impl IntoIterator<Item = Self>) -> Self {
        Self { attributes: NAMESPACE, ..Self::new(name, elements) }
    }

    /// Returns an element that contains text, which is escaped on writing.
    pub(crate) fn text(name: &'static str, text: &str) -> Self {
        Self { name, attributes: "", content: Content::Text(text.to_owned()) }
    }

    /// Returns the document in one line, with a line break at the end.
    pub(crate) fn to_document(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String) {
        out.push_str(&format!("<{}{}>", self.name, self.attributes));
        match &self.content {
            Content::Text(text) => {
                out.push_str(&text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
            }
            Content::Elements(elements) => elements.iter().for_each(|element| element.write(out)),
        }
        out.push_str(&format!("</{}>", self.name));
    }
}

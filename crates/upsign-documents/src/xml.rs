//! XML as S3 writes it.

/// An element with a text or with elements in it.
#[derive(Debug)]
pub(crate) struct Element {
    name: &'static str,
    attributes: &'static str,
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    Text(String),
    Elements(Vec<Element>),
}

/// The name space of S3's documents.
const S3: &str = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

impl Element {
    pub(crate) fn of(name: &'static str, elements: impl IntoIterator<Item = Self>) -> Self {
        Self { name, attributes: "", inside: Inside::Elements(elements.into_iter().collect()) }
    }

    pub(crate) fn root(name: &'static str, elements: impl IntoIterator<Item = Self>) -> Self {
        Self { attributes: S3, ..Self::of(name, elements) }
    }

    pub(crate) fn text(name: &'static str, text: &str) -> Self {
        Self { name, attributes: "", inside: Inside::Text(text.to_owned()) }
    }

    /// The document in one line, with a line break at the end.
    pub(crate) fn to_document(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String) {
        out.push_str(&format!("<{}{}>", self.name, self.attributes));
        match &self.inside {
            Inside::Text(text) => {
                out.push_str(&text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
            }
            Inside::Elements(elements) => elements.iter().for_each(|element| element.write(out)),
        }
        out.push_str(&format!("</{}>", self.name));
    }
}

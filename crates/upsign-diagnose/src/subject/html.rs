//! The `<input>` elements of a form.

use crate::form::{FormField, SignedForm};
use crate::subject::{Subject, SubjectError};

pub(super) fn read(text: &str) -> Result<Subject, SubjectError> {
    let (mut action, mut fields) = (None, Vec::new());
    for part in text.split('<').skip(1) {
        let tag = Tag::read(part);
        if tag.name.eq_ignore_ascii_case("form") {
            action = action.or_else(|| tag.attribute("action"));
        } else if tag.name.eq_ignore_ascii_case("input")
            && let Some(name) = tag.attribute("name")
        {
            fields.push(FormField::new(&name, &tag.attribute("value").unwrap_or_default()));
        }
    }
    if fields.is_empty() {
        return Err(SubjectError::Html);
    }
    Ok(SignedForm::new(action.as_deref(), fields)?.into())
}

/// The name of an element, and its attributes with their values as written.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    /// Reads what follows `<`. A `<` in the value of an attribute ends it, which the values of a form do not contain.
    fn read(text: &'a str) -> Self {
        let end = text.find(|it: char| it.is_whitespace() || matches!(it, '>' | '/')).unwrap_or(text.len());
        let (name, mut rest) = text.split_at_checked(end).unwrap_or((text, ""));
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|it: char| it.is_whitespace() || it == '/');
            let end = rest
                .find(|it: char| it.is_whitespace() || matches!(it, '=' | '>' | '/'))
                .unwrap_or(rest.len());
            let Some((attribute, after)) = rest.split_at_checked(end).filter(|(name, _)| !name.is_empty())
            else {
                break;
            };
            let Some(after) = after.trim_start().strip_prefix('=') else {
                rest = after;
                continue;
            };
            let (value, after) = value(after.trim_start());
            attributes.push((attribute, value));
            rest = after;
        }
        Self { name, attributes }
    }

    fn attribute(&self, wanted: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| unescaped(value))
    }
}

/// Returns the value of an attribute, with or without quotation marks, and what follows it.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            return rest.split_once(quote).unwrap_or((rest, ""));
        }
    }
    let end = text.find(|it: char| it.is_whitespace() || it == '>').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The character references that occur in the attributes of forms. `&amp;` is the last: what it makes is not decoded again.
const REFERENCES: [(&str, &str); 11] = [
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&#43;", "+"),
    ("&#x2B;", "+"),
    ("&#61;", "="),
    ("&#x3D;", "="),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
];

/// Decodes the [`REFERENCES`] in the value of an attribute.
fn unescaped(text: &str) -> String {
    REFERENCES.iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}

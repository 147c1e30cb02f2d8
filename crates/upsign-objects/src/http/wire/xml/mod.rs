//! The XML of S3: a reader of small documents, and escaping.
//!
//! The reader accepts what answers of stores contain and nothing else: elements, text, character references and the five
//! entities that XML defines. A document type definition is an error, so no entity is ever expanded.

use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event;

use crate::error::InvalidXml;

/// An element with its text and its children. Namespaces and attributes are left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: Box<str>,
    text: String,
    children: Vec<Element>,
}

// There is no `Debug`: an error answer holds the signed request in plain text.

const MAX_DEPTH: usize = 16;
/// A page of 1,000 parts with five checksums each has 9,000 elements.
const MAX_ELEMENTS: usize = 200_000;

impl Element {
    /// Returns the local name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text of the first child with this name.
    pub(crate) fn text(&self, child: &str) -> Option<&str> {
        self.children(child).next().map(|child| child.text.as_str())
    }

    /// Returns the children with this name.
    pub(crate) fn children(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name.as_ref() == name)
    }
}

/// Reads a document and returns its root element. White space before and after it is skipped: S3 sends white space while it
/// assembles an object (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
pub(crate) fn parse(text: &str) -> Result<Element, InvalidXml> {
    let text = text.trim_ascii();
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0;
    loop {
        let event = reader.read_event();
        let is_end = reader.buffer_position() >= text.len() as u64;
        match event.map_err(|error| reader_error(&error, is_end))? {
            Event::Start(start) => {
                elements += 1;
                if root.is_some() {
                    return Err(InvalidXml::Malformed);
                }
                if open.len() == MAX_DEPTH || elements > MAX_ELEMENTS {
                    return Err(InvalidXml::TooComplex);
                }
                open.push(named(start.local_name().as_ref())?);
            }
            Event::Empty(empty) => {
                elements += 1;
                if elements > MAX_ELEMENTS {
                    return Err(InvalidXml::TooComplex);
                }
                close(named(empty.local_name().as_ref())?, &mut open, &mut root)?;
            }
            Event::End(_) => {
                let element = open.pop().ok_or(InvalidXml::Malformed)?;
                close(element, &mut open, &mut root)?;
            }
            Event::Text(text) => append(&mut open, &text.decode().map_err(|_| InvalidXml::Malformed)?)?,
            Event::CData(text) => append(&mut open, &text.decode().map_err(|_| InvalidXml::Malformed)?)?,
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|_| InvalidXml::Malformed)?;
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => character,
                    Ok(None) => predefined(&name).ok_or(InvalidXml::Entities)?,
                    Err(_) => return Err(InvalidXml::Malformed),
                };
                append(&mut open, character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(InvalidXml::Entities),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return root.filter(|_| open.is_empty()).ok_or(InvalidXml::Incomplete),
        }
    }
}

/// Distinguishes text that ended too early from text that is not XML. `is_end` states whether all of it was read.
fn reader_error(error: &quick_xml::Error, is_end: bool) -> InvalidXml {
    match error {
        // Each of these errors means that the text ended within a tag, a comment or a declaration.
        quick_xml::Error::Syntax(_) => InvalidXml::Incomplete,
        quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) if is_end => InvalidXml::Incomplete,
        _ => InvalidXml::Malformed,
    }
}

fn named(name: &[u8]) -> Result<Element, InvalidXml> {
    let name = str::from_utf8(name).map_err(|_| InvalidXml::Malformed)?;
    Ok(Element { name: name.into(), ..Element::default() })
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), InvalidXml> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err(InvalidXml::Malformed),
    }
    Ok(())
}

fn append(open: &mut [Element], text: &str) -> Result<(), InvalidXml> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_ascii().is_empty() => {}
        None => return Err(InvalidXml::Malformed),
    }
    Ok(())
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "apos" => Some('\''),
        "gt" => Some('>'),
        "lt" => Some('<'),
        "quot" => Some('"'),
        _ => None,
    }
}

/// Appends `<name>text</name>` with the text escaped.
pub(crate) fn push_element(xml: &mut String, name: &str, text: &str) {
    xml.extend(["<", name, ">", quick_xml::escape::escape(text).as_ref(), "</", name, ">"]);
}

#[cfg(test)]
mod tests;

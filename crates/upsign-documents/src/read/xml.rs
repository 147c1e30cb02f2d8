//! Reads the XML of S3's API as the JSON of `aws s3api`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::Tree;
use crate::drift::UnrecognizedDocument;

/// An element whose end was not read yet.
#[derive(Default)]
struct Open {
    name: String,
    members: BTreeMap<String, Tree>,
    text: String,
}

/// Returns the root element's name and value. Prefixes of namespaces, attributes and comments are left out; repeated elements are
/// a list.
pub(crate) fn parse(xml: &str) -> Result<(String, Tree), UnrecognizedDocument> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().map_err(invalid)? {
            Event::Start(_) if root.is_some() => return Err(invalid("it has two root elements")),
            Event::Start(element) => {
                let name = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
                open.push(Open { name, ..Open::default() });
            }
            Event::Text(text) => add_text(&mut open, &text.decode().map_err(invalid)?),
            Event::CData(text) => add_text(&mut open, &text.decode().map_err(invalid)?),
            Event::GeneralRef(reference) => add_text(&mut open, &resolved(&reference)?),
            Event::End(_) => {
                let Some(element) = open.pop() else { continue };
                let Open { name, members, text } = element;
                let value = if members.is_empty() { Tree::literal(text.trim()) } else { Tree::Map(members) };
                match open.last_mut() {
                    Some(parent) => add_member(&mut parent.members, member(&name), value),
                    None => root = Some((name, value)),
                }
            }
            Event::Eof => return root.ok_or_else(|| invalid("it ends too early")),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn invalid(reason: impl Display) -> UnrecognizedDocument {
    UnrecognizedDocument::Invalid(format!("the XML is invalid: {reason}"))
}

fn add_text(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn add_member(members: &mut BTreeMap<String, Tree>, name: &str, value: Tree) {
    let value = match members.remove(name) {
        Some(Tree::List(mut list)) => {
            list.push(value);
            Tree::List(list)
        }
        Some(first) => Tree::List(vec![first, value]),
        None => value,
    };
    members.insert(name.to_owned(), value);
}

/// Returns the text of `&amp;` or `&#38;`.
fn resolved(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, UnrecognizedDocument> {
    if let Some(character) = reference.resolve_char_ref().map_err(invalid)? {
        return Ok(character.to_string().into());
    }
    let name = reference.decode().map_err(invalid)?;
    let text = quick_xml::escape::resolve_predefined_entity(&name);
    text.map(Cow::Borrowed).ok_or_else(|| invalid(format!("the entity &{name}; is not declared")))
}

/// Returns the name that the JSON has. It names lists in the plural, and some members of the settings otherwise.
fn member(name: &str) -> &str {
    match name {
        "AllowedHeader" => "AllowedHeaders",
        "AllowedMethod" => "AllowedMethods",
        "AllowedOrigin" => "AllowedOrigins",
        "ApplyServerSideEncryptionByDefault" => "ServerSideEncryptionByDefault",
        "CORSRule" => "CORSRules",
        "Event" => "Events",
        "ExposeHeader" => "ExposeHeaders",
        "FilterRule" => "FilterRules",
        "Queue" => "QueueArn",
        "QueueConfiguration" => "QueueConfigurations",
        "Rule" => "Rules",
        "S3Key" => "Key",
        "Transition" => "Transitions",
        other => other,
    }
}

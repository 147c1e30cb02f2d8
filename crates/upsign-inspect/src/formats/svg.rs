//! SVG images. Everything that runs, loads or embeds other content is refused.
//!
//! Sources: SVG 2 chapters 2 ("conformance", processing modes), 15 (scripting) and 16 (linking), and SVG Integration.

use roxmltree::{Attribute, Document, Node, ParsingOptions};

use crate::formats::markup;
use crate::rejection::Rejection;
use crate::sample::View;

const SVG: &str = "http://www.w3.org/2000/svg";
const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// Bounds the memory of the parsed document.
const MAX_NODES: u32 = 200_000;

pub(crate) fn check(view: &View<'_>) -> Result<(), Rejection> {
    let content = markup::whole_text(view)?;
    let document = parse(&content)?;
    let root = document.root_element();
    if root.tag_name().name() != "svg" || root.tag_name().namespace().is_some_and(|it| it != SVG) {
        return Err(Rejection::mismatch("the XML is no SVG image"));
    }
    check_active(&document, true)
}

/// Parses XML without entities of its own, because their values can hide scripts and grow without bound.
pub(crate) fn parse(content: &str) -> Result<Document<'_>, Rejection> {
    if content.to_ascii_lowercase().contains("<!entity") {
        return Err(Rejection::active("the XML declares entities"));
    }
    let declaration = content.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let encoding = declaration.and_then(|(text, _)| text.split_once("encoding")).map(|(_, rest)| rest);
    if encoding.is_some_and(|rest| !is_ascii_compatible(rest)) {
        return Err(Rejection::active(
            "the XML declares an encoding in which other characters could begin a tag",
        ));
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(content.trim_start(), options).map_err(|error| match error {
        roxmltree::Error::UnexpectedEndOfStream
        | roxmltree::Error::UnclosedRootNode
        | roxmltree::Error::NoRootNode => Rejection::truncated("the XML ends too early"),
        roxmltree::Error::NodesLimitReached => {
            Rejection::active("the XML has too many nodes to be inspected")
        }
        _ => Rejection::mismatch("the text is no well-formed XML"),
    })
}

pub(crate) fn is_ascii_compatible(rest: &str) -> bool {
    let name = rest.trim_start_matches(['=', ' ', '\t', '"', '\'']).to_ascii_lowercase();
    ["utf-8", "utf8", "utf-16", "us-ascii", "iso-8859-", "windows-125"].iter().any(|it| name.starts_with(it))
}

/// Refuses scripts, event handlers, embedded pages, and references to other files. `in_all` is false for data that is not an
/// image: there, only elements of SVG and HTML have such a meaning.
pub(crate) fn check_active(document: &Document<'_>, in_all: bool) -> Result<(), Rejection> {
    for node in document.descendants() {
        if node.pi().is_some_and(|pi| pi.target.eq_ignore_ascii_case("xml-stylesheet")) {
            return Err(Rejection::active("the XML names a style sheet"));
        }
        let has_meaning = in_all || matches!(node.tag_name().namespace(), Some(SVG | XHTML));
        if node.is_element() && has_meaning {
            check_element(node)?;
        }
    }
    Ok(())
}

fn check_element(node: Node<'_, '_>) -> Result<(), Rejection> {
    let name = node.tag_name().name().to_ascii_lowercase();
    let forbidden =
        ["script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "applet", "frame"];
    if node.tag_name().namespace() == Some(XHTML) {
        return Err(Rejection::active("the XML contains HTML"));
    }
    if forbidden.contains(&name.as_str()) {
        return Err(Rejection::active(format!("the XML contains the element {name}")));
    }
    if name == "style" {
        let style: String =
            node.descendants().filter_map(|it| it.is_text().then(|| it.text()).flatten()).collect();
        check_style(&style)?;
    }
    node.attributes().try_for_each(|attribute| check_attribute(&name, &attribute))
}

fn check_attribute(element: &str, attribute: &Attribute<'_, '_>) -> Result<(), Rejection> {
    let name = attribute.name().to_ascii_lowercase();
    // Browsers ignore white space and control characters in the scheme of a URL.
    let value: String =
        attribute.value().chars().filter(|it| !it.is_whitespace() && !it.is_control()).collect();
    let value = value.to_ascii_lowercase();
    if name.starts_with("on") && name.len() > 3 {
        return Err(Rejection::active("the XML contains an event handler"));
    }
    if ["javascript:", "vbscript:", "data:text/html"].iter().any(|scheme| value.contains(scheme)) {
        return Err(Rejection::active("the XML contains a script as a URL"));
    }
    if name == "attributename" && (value.ends_with("href") || value.starts_with("on")) {
        return Err(Rejection::active("the XML animates a reference or an event handler"));
    }
    if matches!(name.as_str(), "href" | "src" | "from" | "to") && !is_harmless(element, &name, &value) {
        return Err(Rejection::active("the XML refers to another file"));
    }
    check_style(&value)
}

/// A link may lead anywhere, because it has to be followed. Everything else may only refer to the file itself or contain a
/// picture.
fn is_harmless(element: &str, attribute: &str, value: &str) -> bool {
    let is_link =
        element == "a" && ["http:", "https:", "mailto:", "/"].iter().any(|it| value.starts_with(it));
    let is_animation = matches!(attribute, "from" | "to") && !value.contains(':');
    let is_picture =
        ["data:image/png", "data:image/jpeg", "data:image/jpg", "data:image/gif", "data:image/webp"]
            .iter()
            .any(|it| value.starts_with(it));
    value.is_empty() || value.starts_with('#') || is_link || is_animation || is_picture
}

/// Style sheets and values may refer to parts of the file, and contain pictures and fonts.
fn check_style(style: &str) -> Result<(), Rejection> {
    let style = style.to_ascii_lowercase();
    if ["@import", "expression(", "javascript:", "-moz-binding", "behavior:"]
        .iter()
        .any(|it| style.contains(it))
    {
        return Err(Rejection::active("a style of the XML loads or runs other content"));
    }
    for after in style.split("url(").skip(1) {
        let target = after.trim_start_matches(|it: char| it.is_whitespace() || matches!(it, '"' | '\''));
        let is_inside =
            ["#", "data:image/png", "data:image/jp", "data:image/gif", "data:image/webp", "data:font/"]
                .iter()
                .chain(&["data:application/font", "data:application/x-font"])
                .any(|it| target.starts_with(it));
        if !is_inside {
            return Err(Rejection::active("a style of the XML refers to another file"));
        }
    }
    // `\75rl(` is `url(` for a browser.
    let escapes = style.split('\\').skip(1).any(|it| it.starts_with(|next: char| next.is_ascii_hexdigit()));
    if escapes { Err(Rejection::active("a style of the XML hides characters")) } else { Ok(()) }
}

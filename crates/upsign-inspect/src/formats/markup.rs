//! HTML and XML.

use crate::bytes::{starts_with_ignoring_case, trim_padding};
use crate::formats::{svg, text};
use crate::rejection::Rejection;
use crate::sample::{MARKUP_BYTES, View};

/// Tags that stand at the start of a page, of an image or of a server's template.
const TAGS: [&str; 24] = [
    "<html",
    "<head",
    "<body",
    "<script",
    "<iframe",
    "<svg",
    "<object",
    "<embed",
    "<meta",
    "<link",
    "<style",
    "<title",
    "<frameset",
    "<base",
    "<form",
    "<math",
    "<img",
    "<video",
    "<audio",
    "<template",
    "<applet",
    "<details",
    "<input",
    "<marquee",
];
/// Tags that the algorithm of the MIME Sniffing standard takes as HTML too.
const COMMON_TAGS: [&str; 11] =
    ["<a", "<b", "<p", "<br", "<div", "<h1", "<h2", "<table", "<font", "<span", "<center"];
const DECLARATIONS: [&str; 8] =
    ["<!doctype html", "<!doctype svg", "<?php", "<?=", "<%@", "<%=", "<!entity", "<?xml"];

/// Returns what markup a text begins with, or `None`. White space and comments before it do not count.
///
/// Source: <https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type>.
pub(crate) fn leading(text: &[u8], common: bool) -> Option<&'static str> {
    let mut text = trim_padding(text);
    while let Some(comment) = text.strip_prefix(b"<!--") {
        let end = memchr::memmem::find(comment, b"-->")?;
        text = trim_padding(comment.get(end + 3..)?);
    }
    if let Some(found) = DECLARATIONS.iter().find(|it| starts_with_ignoring_case(text, it.as_bytes())) {
        return Some(found);
    }
    let ends_tag = |tag: &&&str| {
        let next = text.get(tag.len());
        starts_with_ignoring_case(text, tag.as_bytes())
            && matches!(next, None | Some(b' ' | b'>' | b'/' | b'\t' | b'\n' | b'\r' | 0x0c))
    };
    let common = if common { COMMON_TAGS.iter() } else { [].iter() };
    TAGS.iter().chain(common).find(ends_tag).copied()
}

/// HTML runs scripts by its nature, so only other types are refused.
pub(crate) fn check_html(view: &View<'_>) -> Result<(), Rejection> {
    let [start, _] = text::decode(view, text::Text::Plain)?;
    let content = trim_padding(&start);
    let is_template =
        content.starts_with(b"<?php") || content.starts_with(b"<%") || content.starts_with(b"<?=");
    if is_template || !content.starts_with(b"<") {
        return Err(Rejection::mismatch("the text is no HTML"));
    }
    Ok(())
}

/// XML must be well-formed, and without what a browser would run in it.
pub(crate) fn check_xml(view: &View<'_>) -> Result<(), Rejection> {
    let content = whole_text(view)?;
    let document = svg::parse(&content)?;
    svg::check_active(&document, false)
}

/// Decodes the whole text. A script may stand anywhere in it, so a file that is not completely visible is refused.
///
/// All characters of markup are ASCII, so the bytes of another encoding that contains ASCII are taken as Latin-1.
pub(crate) fn whole_text(view: &View<'_>) -> Result<String, Rejection> {
    let [start, _] = text::decode(view, text::Text::Plain)?;
    let first = trim_padding(&start);
    if !first.starts_with(b"<") {
        return Err(Rejection::mismatch("the text is no XML"));
    }
    if !view.is_whole() {
        let limit = MARKUP_BYTES / 1024;
        return Err(Rejection::active(format!("the XML is longer than the {limit} KiB that are inspected")));
    }
    let text = String::from_utf8(first.to_vec());
    Ok(text.unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()))
}

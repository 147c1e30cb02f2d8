//! Content of another type inside or behind a file.

use file_format::{FileFormat, Kind};
use memchr::memmem;

use crate::bytes::{is_text, trim_padding};
use crate::formats::{Family, Format, zip};
use crate::rejection::Rejection;
use crate::sample::View;

/// What a browser or a server would run, in lower case. Metadata of images and films has no use for it.
const ACTIVE: [&[u8]; 15] = [
    b"<script",
    b"<?php",
    b"<!doctype html",
    b"<html",
    b"<iframe",
    b"<body",
    b"<svg",
    b"<foreignobject",
    b"<object ",
    b"<embed ",
    b"onerror=",
    b"onload=",
    b"<%@ page",
    b"<jsp:",
    // Begins the data of an archive of PHP, which is found anywhere in a file.
    b"__halt_compiler",
];
/// Archives that may begin anywhere in a file.
const ARCHIVES: [(&[u8], &str); 3] = [
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"MSCF\0\0\0\0", "a cabinet"),
];
/// The last records of RAR archives of both versions: the first bytes of a long one may not be visible.
const RAR_ENDS: [&[u8]; 2] = [b"\x1d\x77\x56\x51\x03\x05\x04\0", b"\xc4\x3d\x7b\0\x40\x07\0"];
/// A PDF reader looks for the header in this many bytes.
const PDF_HEADER: usize = 1024 + 8;

/// Refuses files that are valid as a second type. `end` is the offset after the content of the first type, if it is known.
pub(crate) fn check(format: Format, view: &View<'_>, end: Option<u64>) -> Result<(), Rejection> {
    match format.family() {
        Family::Media => check_media(format, view, end),
        Family::Document => check_archive(view),
        // Archives consist of other files, and the checks of text look at all of it.
        Family::Archive | Family::Text => Ok(()),
    }
}

fn check_media(format: Format, view: &View<'_>, end: Option<u64>) -> Result<(), Rejection> {
    check_archive(view)?;
    if begins_script(format, &view.start) {
        return Err(Rejection::polyglot("the header of the file begins a comment of a script"));
    }
    check_fixed_offsets(view)?;
    for part in view.parts() {
        check_active(format, part)?;
        if let Some((_, name)) =
            ARCHIVES.iter().find(|(signature, _)| memmem::find(part, signature).is_some())
        {
            return Err(Rejection::polyglot(format!("the file contains {name}")));
        }
    }
    let header = view.start.get(..PDF_HEADER.min(view.start.len())).unwrap_or_default();
    if memmem::find(header, b"%PDF-").is_some() {
        return Err(Rejection::polyglot("the file is a PDF too"));
    }
    end.and_then(|end| view.from(end)).map_or(Ok(()), check_trailing)
}

/// Returns whether a length or a size in the header reads as the start of a comment. Such a file is a script too, which begins with
/// the name of a variable, such as `GIF89a/*…*/=1;`.
fn begins_script(format: Format, bytes: &[u8]) -> bool {
    let at = match format {
        Format::Bmp => 2,
        Format::Jpeg | Format::Riff(_) => 4,
        Format::Gif => 6,
        _ => return false,
    };
    let begins = matches!(bytes.get(at..at + 2), Some(b"/*" | b"//" | b"=1" | b"= "));
    // Such sizes of files and images are rare, but possible. The comment of a script has an end, and then goes on.
    let ends = [&b"*/="[..], b"*/;", b"*/,", b"*/("].iter().any(|end| memmem::find(bytes, end).is_some());
    begins && (ends || matches!(format, Format::Jpeg))
}

/// A tar archive and the image of a CD are recognized by bytes far behind the start.
fn check_fixed_offsets(view: &View<'_>) -> Result<(), Rejection> {
    if view.start.get(257..262) == Some(b"ustar") {
        return Err(Rejection::polyglot("the file is a tar archive too"));
    }
    if view.start.get(0x8001..0x8006) == Some(b"CD001") {
        return Err(Rejection::polyglot("the file is an image of a CD too"));
    }
    Ok(())
}

fn check_archive(view: &View<'_>) -> Result<(), Rejection> {
    if zip::end_record(view.tail()).is_some_and(|end| end.has_entries()) {
        return Err(Rejection::polyglot("the file is a ZIP archive too"));
    }
    if RAR_ENDS.iter().any(|end| view.tail().ends_with(end)) {
        return Err(Rejection::polyglot("the file is a RAR archive too"));
    }
    Ok(())
}

fn check_active(format: Format, part: &[u8]) -> Result<(), Rejection> {
    let is_font = matches!(format, Format::OpenType | Format::Woff | Format::Woff2);
    let part = part.to_ascii_lowercase();
    let found = ACTIVE.iter().find(|pattern| {
        // Fonts have a table of SVG glyphs.
        !(is_font && **pattern == b"<svg") && memmem::find(&part, pattern).is_some()
    });
    if found.is_some() || has_short_tag(&part) {
        return Err(Rejection::active("the file contains a script or a page"));
    }
    Ok(())
}

/// `<?=` of PHP. Three bytes occur by chance in compressed data, so text must follow.
fn has_short_tag(part: &[u8]) -> bool {
    memmem::find_iter(part, b"<?=")
        .any(|at| part.get(at + 3..at + 15).is_some_and(|next| next.iter().all(|&it| is_text(it))))
}

/// Cameras append further images, films and data of their own to an image. Archives, programs, documents and text do not
/// belong there.
fn check_trailing(bytes: &[u8]) -> Result<(), Rejection> {
    let bytes = trim_padding(bytes);
    let start = bytes.get(..bytes.len().min(32)).unwrap_or_default();
    if start.len() >= 6 && start.iter().all(|&byte| is_text(byte)) {
        return Err(Rejection::polyglot("text follows the end of the image"));
    }
    match FileFormat::from_bytes(bytes).kind() {
        Kind::Image | Kind::Video | Kind::Audio | Kind::Other | Kind::Metadata => Ok(()),
        _ => Err(Rejection::polyglot("a file of another type follows the end of the image")),
    }
}

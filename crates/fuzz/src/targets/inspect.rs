//! Inspection of uploaded files: every sample gets the same verdict twice, and a visible file the same with its parts overlapping.

use upsign_inspect::{Sample, inspect};

/// One content type per check.
const TYPES: [&str; 40] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/tiff",
    "image/x-icon",
    "image/jxl",
    "image/jp2",
    "image/vnd.adobe.photoshop",
    "image/svg+xml",
    "image/avif",
    "image/heic",
    "video/mp4",
    "audio/mp4",
    "video/quicktime",
    "video/webm",
    "video/x-msvideo",
    "video/mpeg",
    "video/mp2t",
    "audio/ogg",
    "audio/mpeg",
    "audio/wav",
    "audio/flac",
    "audio/aac",
    "audio/aiff",
    "audio/midi",
    "application/pdf",
    "application/rtf",
    "application/zip",
    "application/epub+zip",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/gzip",
    "text/csv",
    "application/json",
    "application/xml",
    "text/html",
    "font/woff2",
    "font/ttf",
];

pub(super) fn run((index, cut, bytes): (usize, usize, &[u8])) {
    let Ok(content_type) = TYPES[index % TYPES.len()].parse() else { return };
    let size = bytes.len() as u64;
    let verdict = inspect(&Sample::whole(&content_type, bytes));
    let (head, tail) = bytes.split_at(cut % (bytes.len() + 1));
    assert_eq!(inspect(&Sample::new(&content_type, size, head, tail)), verdict);
    assert_eq!(inspect(&Sample::new(&content_type, size, head, bytes)), verdict);
    let _ = inspect(&Sample::new(&content_type, size.wrapping_mul((cut as u64).wrapping_add(1)), head, tail));
}

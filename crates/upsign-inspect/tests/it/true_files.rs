//! Files that have the type they were signed with are accepted.

use crate::documents::{compound, gzip, pdf, pdf_with, rtf, tar};
use crate::images::*;
use crate::judge;
use crate::media::*;
use crate::sound::*;
use crate::text::{HTML, utf16, with_bom};
use crate::zip::{office, office_with, typed, zip};

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const SLIDES: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const ODT: &str = "application/vnd.oasis.opendocument.text";

/// Content type, what is special about the file, and the file.
pub(crate) fn files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let camera_padding = [jpeg(), vec![0; 40]].concat();
    let motion = [
        jpeg_of(&segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x GCamera:MotionPhoto=\"1\"/>"), 640),
        mp4(),
    ]
    .concat();
    let wide_xml =
        utf16("<?xml version=\"1.0\" encoding=\"utf-16\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    vec![
        ("image/jpeg", "small", jpeg()),
        ("image/jpeg", "camera with Exif, thumbnail and XMP", jpeg_of_camera()),
        ("image/jpeg", "progressive", jpeg_progressive()),
        ("image/jpg", "second image after the first", jpeg_with_second_image()),
        ("image/jpeg", "padded with zeros", camera_padding),
        ("image/jpeg", "motion photo", motion),
        ("image/png", "with a text chunk", png()),
        ("image/png", "animated", apng()),
        ("image/gif", "one frame", gif_of(1)),
        ("image/gif", "several frames", gif_of(20)),
        ("image/webp", "lossless", webp()),
        ("image/bmp", "24 bits", bmp()),
        ("image/tiff", "little endian", tiff()),
        ("image/x-icon", "with a PNG", icon()),
        ("image/svg+xml", "gradient, link, style, animation", SVG.into()),
        ("image/svg+xml", "with a byte order mark", with_bom(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>")),
        ("image/svg+xml", "UTF-16", wide_xml),
        ("image/avif", "brand avif", avif()),
        ("image/heic", "brand heic", heic()),
        ("image/heic", "brand mif1", heic_by_mif1()),
        ("image/heif", "heic is heif", heic()),
        ("video/mp4", "index at the end", mp4()),
        ("video/mp4", "fragments", mp4_in_fragments()),
        ("video/mp4", "open end", mp4_with_open_end()),
        ("video/mp4", "3GP of a telephone", iso(&[b"3gp4", b"isom", b"3gp4"], &film())),
        ("audio/mp4", "brand M4A", m4a()),
        ("audio/x-m4a", "brand M4A", m4a()),
        ("video/quicktime", "brand qt", quick_time()),
        ("video/quicktime", "without brands", old_quick_time()),
        ("video/3gpp", "brand 3gp5", iso(&[b"3gp5", b"3gp5", b"isom"], &film())),
        ("video/webm", "known length", ebml(b"webm")),
        ("video/webm;codecs=vp8", "recorded by a browser", webm_of_recorder()),
        ("audio/webm", "recorded by a browser", webm_of_recorder()),
        ("video/x-matroska", "Matroska", ebml(b"matroska")),
        ("video/mp2t", "transport stream", transport_stream()),
        ("audio/mpeg", "frames", mp3_frames(4)),
        ("audio/mpeg", "with a tag", mp3_with_tag()),
        ("audio/wav", "PCM", wav()),
        ("audio/wav", "unknown length", wav_of_pipe()),
        ("audio/ogg", "Opus", opus()),
        ("audio/ogg", "Vorbis", vorbis()),
        ("audio/flac", "FLAC", flac()),
        ("audio/aac", "ADTS", aac()),
        ("audio/midi", "one track", midi()),
        ("application/pdf", "opens on a page", pdf()),
        ("application/pdf", "after a line break", [b"\r\n".to_vec(), pdf()].concat()),
        (
            "application/pdf",
            "with a form and an attachment",
            pdf_with("<< /AcroForm 4 0 R /EmbeddedFiles 5 0 R >>"),
        ),
        ("application/rtf", "RTF", rtf()),
        ("application/zip", "two entries", zip(&[("a.txt", b"hello"), ("folder/b.png", &png())])),
        ("application/zip", "empty", zip(&[])),
        ("application/zip", "with a page and a PDF in it", zip(&[("a.html", HTML), ("b.pdf", &pdf())])),
        (WORD, "Word", office("word/")),
        (
            WORD,
            "Word with an embedded archive",
            office_with("word/", &[("word/embeddings/a.zip", &zip(&[("a", b"b")]))]),
        ),
        (EXCEL, "Excel", office("xl/")),
        (SLIDES, "PowerPoint", office("ppt/")),
        (ODT, "OpenDocument", typed(ODT)),
        ("application/epub+zip", "book", typed("application/epub+zip")),
        ("application/msword", "Word 97", compound(&["WordDocument", "1Table"])),
        ("application/vnd.ms-excel", "Excel 97", compound(&["Workbook"])),
        ("application/gzip", "gzip", gzip(b"hello hello")),
        ("application/x-tar", "tar", tar()),
        ("text/plain", "ASCII", b"Dear all,\n\n1 < 2 and <nick> says hello\n".to_vec()),
        ("text/plain", "begins with letters of signatures", b"BM, MZ and II* are signatures\n".to_vec()),
        ("text/plain", "empty", Vec::new()),
        ("text/plain", "UTF-16", utf16("Grüße\r\n")),
        ("text/plain;charset=utf-8", "UTF-8 with a byte order mark", with_bom("Grüße".as_bytes())),
        ("text/plain", "Windows-1252", b"Gr\xfc\xdfe, \x80 5\r\n".to_vec()),
        ("text/csv", "with markup in a cell", b"id,text\r\n1,\"<b>bold</b>\"\r\n".to_vec()),
        ("text/csv", "begins like a bitmap", b"BMW,Audi\n1,2\n".to_vec()),
        (
            "text/markdown",
            "begins with HTML",
            b"<p align=\"center\">\n<!-- logo -->\n</p>\n\n# Title\n".to_vec(),
        ),
        ("application/json", "object", b" {\"a\": [1, 2, {\"b\": \"<script>\"}]}\n".to_vec()),
        ("application/json", "with a byte order mark", with_bom(b"[]")),
        ("application/geo+json", "GeoJSON", b"{\"type\":\"Point\",\"coordinates\":[1,2]}".to_vec()),
        ("application/x-ndjson", "lines", b"{\"a\":1}\n{\"a\":2}\n".to_vec()),
        ("text/html", "a page", HTML.to_vec()),
        (
            "application/gpx+xml",
            "a track",
            b"<?xml version=\"1.0\"?><gpx><trk><name>A</name></trk></gpx>".to_vec(),
        ),
        (
            "text/xml",
            "Latin-1",
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a to=\"b\">Gr\xfc\xdfe</a>".to_vec(),
        ),
        ("text/javascript", "table of characters", b"const controls = /[\x01\x1f\x7f]/;\n".to_vec()),
        ("font/ttf", "one table", true_type()),
        ("font/woff2", "header", woff2()),
    ]
}

#[test]
fn true_files_are_accepted() {
    let refused: Vec<String> = files()
        .iter()
        .filter_map(|(content_type, what, bytes)| {
            let rejection = judge(content_type, bytes).err()?;
            Some(format!("{content_type} ({what}): {} ({rejection})", rejection.reason.as_str()))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(files().len() >= 40, "{}", files().len());
}

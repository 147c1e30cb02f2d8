//! Files that are not what they were signed as, or not only that, are refused for the stated reason.

use upsign::confirm::ConfirmReason as Reason;

use crate::documents::{compound, elf, executable, gzip, pdf, pdf_with, rtf, tar};
use crate::images::*;
use crate::media::*;
use crate::sound::*;
use crate::text::{HTML, utf16, with_bom};
use crate::true_files;
use crate::zip::{jar, office, office_with, typed, zip, zip_after};
use crate::{judge, reason};

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ODT: &str = "application/vnd.oasis.opendocument.text";
const PHP: &[u8] = b"<?php system($_GET['c']); ?>";

fn svg(inner: &str) -> Vec<u8> {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{inner}</svg>"
    )
    .into()
}

fn and(mut first: Vec<u8>, second: &[u8]) -> Vec<u8> {
    first.extend(second);
    first
}

/// Removes bytes from the end.
fn cut(mut bytes: Vec<u8>, count: usize) -> Vec<u8> {
    bytes.truncate(bytes.len() - count);
    bytes
}

type Row = (&'static str, &'static str, Vec<u8>, Reason);

fn of_another_type() -> Vec<Row> {
    let rows: Vec<(&str, &str, Vec<u8>)> = vec![
        ("image/jpeg", "HTML", HTML.into()),
        ("image/jpeg", "HTML after white space", and(b" \n\t\0".into(), HTML)),
        ("image/jpeg", "HTML after a byte order mark", with_bom(HTML)),
        ("image/jpeg", "PNG", png()),
        ("image/jpeg", "program of Windows", executable()),
        ("image/jpeg", "signature, then a page", and(b"\xff\xd8\xff".into(), HTML)),
        ("image/png", "JPEG", jpeg()),
        ("image/png", "program of Linux", elf()),
        ("image/png", "signature, then a page", and(b"\x89PNG\r\n\x1a\n".into(), HTML)),
        ("image/gif", "PDF", pdf()),
        ("image/gif", "signature, then a page", and(b"GIF89a".into(), HTML)),
        ("image/gif", "a script that begins like a GIF", b"GIF89a=1;alert(document.domain)//".into()),
        ("image/webp", "WAVE", wav()),
        ("image/webp", "RIFF without an image", riff(b"WEBP", &riff_chunk(b"html", HTML))),
        ("image/avif", "HEIC", heic()),
        ("image/heic", "MP4", mp4()),
        ("image/bmp", "script", b"BM/*    */=1;alert(1)".into()),
        ("image/tiff", "script", b"#!/bin/sh\nrm -rf ~\n".into()),
        ("image/svg+xml", "HTML", b"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>".into()),
        ("image/svg+xml", "PNG", png()),
        (
            "image/svg+xml",
            "not well-formed",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><a></b></svg>".into(),
        ),
        ("video/mp4", "QuickTime", quick_time()),
        ("video/mp4", "HEIC", heic()),
        ("video/mp4", "unknown brand", iso(&[b"evil", b"evil"], &film())),
        ("video/mp4", "sound only", m4a()),
        ("video/quicktime", "MP4", mp4()),
        ("video/webm", "Matroska", ebml(b"matroska")),
        ("video/webm", "MP4", mp4()),
        ("audio/mpeg", "one sync word, then text", and(b"\xff\xfb\x90\x64".into(), &HTML.repeat(20))),
        ("audio/mpeg", "tag, then a program", and(b"ID3\x03\0\0\0\0\0\0".into(), &executable())),
        ("audio/wav", "AVI", riff(b"AVI ", &riff_chunk(b"LIST", b"hdrl"))),
        ("audio/ogg", "FLAC", flac()),
        ("audio/flac", "MP3", mp3_frames(3)),
        ("application/pdf", "HTML", HTML.into()),
        ("application/pdf", "ZIP", zip(&[("a", b"b")])),
        ("application/zip", "RAR", b"Rar!\x1a\x07\x01\0 and the rest of it".into()),
        ("application/zip", "program that unpacks itself", and(executable(), &zip(&[("a", b"b")]))),
        ("application/zip", "Java program", jar()),
        (WORD, "spreadsheet", office("xl/")),
        (WORD, "Word 97", compound(&["WordDocument"])),
        (ODT, "another OpenDocument", typed("application/vnd.oasis.opendocument.text-master")),
        ("application/msword", "installer of Windows", compound(&["\u{4840}\u{3f3f}", "Binary.exe"])),
        ("application/gzip", "ZIP", zip(&[("a", b"b")])),
        ("application/x-tar", "gzip", gzip(b"a")),
        ("text/plain", "PNG", png()),
        ("text/plain", "PDF of ASCII", b"%PDF-1.4\n1 0 obj\n".into()),
        ("text/plain", "program", executable()),
        ("text/plain;charset=utf-8", "not UTF-8", b"Gr\xfc\xdfe from a code page".into()),
        ("text/csv", "Excel", office("xl/")),
        ("text/csv", "RTF", rtf()),
        ("application/json", "text", b"hello there".into()),
        ("application/json", "script", b"{}; alert(1)".into()),
        ("application/json", "HTML", HTML.into()),
        ("text/html", "program of PHP", PHP.into()),
        ("text/html", "PNG", png()),
        ("font/woff2", "OpenType", true_type()),
        ("font/woff2", "followed by other bytes", and(woff2(), b"more")),
        ("font/ttf", "HTML", HTML.into()),
        ("application/wasm", "program", elf()),
    ];
    rows.into_iter()
        .map(|(content_type, what, bytes)| (content_type, what, bytes, Reason::TypeMismatch))
        .collect()
}

fn active() -> Vec<Row> {
    let rows: Vec<(&str, &str, Vec<u8>)> = vec![
        ("image/svg+xml", "script", svg("<script>alert(1)</script>")),
        ("image/svg+xml", "script with a prefix", svg("<s:script xmlns:s=\"http://www.w3.org/2000/svg\"/>")),
        ("image/svg+xml", "event handler", svg("<rect onload=\"alert(1)\"/>")),
        ("image/svg+xml", "event handler in capitals", svg("<rect ONLOAD=\"alert(1)\"/>")),
        ("image/svg+xml", "script in UTF-16", utf16(&String::from_utf8(svg("<script/>")).unwrap())),
        ("image/svg+xml", "URL of a script", svg("<a href=\"java&#10;script:alert(1)\"/>")),
        (
            "image/svg+xml",
            "HTML",
            svg("<foreignObject><b xmlns=\"http://www.w3.org/1999/xhtml\"/></foreignObject>"),
        ),
        ("image/svg+xml", "nested page", svg("<image href=\"data:image/svg+xml;base64,PHN2Zz4=\"/>")),
        ("image/svg+xml", "other file", svg("<use xlink:href=\"https://evil.example/a.svg#x\"/>")),
        (
            "image/svg+xml",
            "animated link",
            svg("<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>"),
        ),
        ("image/svg+xml", "imported style", svg("<style>@import 'https://evil.example/a.css';</style>")),
        ("image/svg+xml", "style with a URL", svg("<rect style=\"fill:url(https://evil.example/)\"/>")),
        ("image/svg+xml", "style sheet", and(b"<?xml-stylesheet href=\"a.css\"?>".into(), &svg(""))),
        ("image/svg+xml", "entity", and(b"<!DOCTYPE svg [<!ENTITY a \"<script/>\">]>".into(), &svg("&a;"))),
        (
            "image/svg+xml",
            "UTF-7",
            and(b"<?xml version=\"1.0\" encoding=\"UTF-7\"?>".into(), &svg("+ADw-script+AD4-")),
        ),
        (
            "image/png",
            "page in a text chunk",
            png_of(&chunk(b"tEXt", b"Comment\0<script>alert(1)</script>"), 4),
        ),
        (
            "image/png",
            "event handler in a text chunk",
            png_of(&chunk(b"iTXt", b"a\0\0\0\0\0<img src=x onerror=alert(1)>"), 4),
        ),
        ("image/jpeg", "PHP in a comment", jpeg_of(&segment(0xfe, PHP), 64)),
        (
            "image/jpeg",
            "short tag of PHP in Exif",
            jpeg_of(&segment(0xe1, b"Exif\0\0<?=`$_GET[0]`;// and so on ?>"), 64),
        ),
        ("image/jpeg", "page behind the image", and(jpeg(), HTML)),
        ("image/gif", "page in a comment", {
            let mut bytes = gif_of(1);
            let comment = [&b"\x21\xfe"[..], &[u8::try_from(HTML.len()).unwrap()], HTML, &[0]].concat();
            bytes.splice(19..19, comment);
            bytes
        }),
        (
            "image/webp",
            "page in a chunk",
            riff(b"WEBP", &[riff_chunk(b"VP8X", &[0; 10]), riff_chunk(b"XMP ", HTML)].concat()),
        ),
        ("video/mp4", "page in free space", iso(&[b"isom"], &[iso_box(b"free", HTML), film()].concat())),
        (
            "audio/wav",
            "page in a list",
            riff(b"WAVE", &[riff_chunk(b"fmt ", &[0; 16]), riff_chunk(b"LIST", HTML)].concat()),
        ),
        ("application/pdf", "script", pdf_with("<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>")),
        (
            "application/pdf",
            "script with a hidden name",
            pdf_with("<< /OpenAction << /S /J#61vaScript /J#53 4 0 R >> >>"),
        ),
        ("application/pdf", "program", pdf_with("<< /OpenAction << /S /Launch /F (cmd.exe) >> >>")),
        ("application/rtf", "object", b"{\\rtf1{\\object\\objocx{\\*\\objdata 0105}}}".into()),
        (WORD, "macros", office_with("word/", &[("word/vbaProject.bin", b"a")])),
        (EXCEL, "macros of Excel 4.0", office_with("xl/", &[("xl/macrosheets/sheet1.xml", b"a")])),
        (WORD, "control", office_with("word/", &[("word/activeX/activeX1.xml", b"a")])),
        (ODT, "macros", zip(&[("mimetype", ODT.as_bytes()), ("Basic/Standard/Module1.xml", b"a")])),
        ("image/jpeg", "archive of PHP", jpeg_of(&segment(0xfe, b"__HALT_COMPILER(); ?>"), 64)),
        ("text/plain", "link of Windows", b"[InternetShortcut]\r\nURL=file://evil.example/a\r\n".into()),
        ("application/msword", "macros", compound(&["WordDocument", "Macros", "VBA"])),
        ("text/plain", "HTML", HTML.into()),
        ("text/plain", "HTML after a comment", and(b"<!-- hello -->\n".into(), HTML)),
        ("text/plain", "HTML in UTF-16", utf16(std::str::from_utf8(HTML).unwrap())),
        ("text/plain", "shell script", b"#!/bin/sh\nrm -rf ~\n".into()),
        ("text/plain", "batch file", b"@ECHO OFF\r\ndel *.*\r\n".into()),
        ("text/csv", "PHP", PHP.into()),
        ("text/csv", "SVG", svg("")),
        ("text/markdown", "a page", with_bom(HTML)),
        (
            "application/xml",
            "XHTML",
            b"<a><script xmlns=\"http://www.w3.org/1999/xhtml\">alert(1)</script></a>".into(),
        ),
    ];
    rows.into_iter()
        .map(|(content_type, what, bytes)| (content_type, what, bytes, Reason::ActiveContent))
        .collect()
}

fn of_two_types() -> Vec<Row> {
    let gif = gif_of(1);
    let behind = |first: Vec<u8>| {
        let archive =
            zip_after(first.len(), &[("META-INF/MANIFEST.MF", b"a"), ("A.class", b"\xca\xfe\xba\xbe")]);
        and(first, &archive)
    };
    let rows: Vec<(&str, &str, Vec<u8>)> = vec![
        ("image/gif", "Java program behind it", and(gif.clone(), &jar())),
        ("image/gif", "Java program with shifted offsets", behind(gif.clone())),
        ("image/gif", "script behind it", and(gif.clone(), b"*/=1;alert(document.domain)//")),
        ("image/gif", "width begins a comment", {
            let mut bytes = gif;
            bytes[6..8].copy_from_slice(b"/*");
            bytes.splice(19..19, *b"\x21\xfe\x06*/=1//\0");
            bytes
        }),
        ("image/jpeg", "length begins a comment", {
            let mut content = b"JFIF\0\x01\x01\0\0\x48\0\x48\0\0".to_vec();
            content.resize(0x2f2a - 2, 0);
            let mut bytes = b"\xff\xd8".to_vec();
            bytes.extend(segment(0xe0, &content));
            bytes.extend(&jpeg()[2..]);
            bytes
        }),
        ("image/webp", "size begins a comment", {
            let image = riff_chunk(b"VP8L", b"\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0");
            let mut comment = b"*/=1;alert(1)//".to_vec();
            comment.resize(0x2a2f - 4 - image.len() - 8, b' ');
            let mut chunks = [image, riff_chunk(b"EXIF", &comment)].concat();
            // Without its padding, so that the size of the file is odd.
            chunks.pop();
            riff(b"WEBP", &chunks)
        }),
        (
            "image/png",
            "tar",
            png_of(
                &chunk(b"teST", &{
                    let mut content = vec![0; 257 - 41];
                    content.extend(b"ustar\x0000");
                    content
                }),
                4,
            ),
        ),
        (
            "image/png",
            "image of a CD",
            png_of(
                &chunk(b"teST", &{
                    let mut content = vec![0; 0x8001 - 41];
                    content.extend(b"CD001");
                    content
                }),
                4,
            ),
        ),
        ("image/jpeg", "ZIP behind it", and(jpeg(), &zip(&[("a.exe", b"MZ")]))),
        ("image/jpeg", "ZIP behind it, then other bytes", and(and(jpeg(), &zip(&[("a", b"b")])), &[7; 300])),
        ("image/jpeg", "RAR behind it", and(jpeg(), b"Rar!\x1a\x07\x01\0 and the rest of it")),
        ("image/jpeg", "7-Zip behind it", and(jpeg(), b"7z\xbc\xaf\x27\x1c\0\x04 and the rest")),
        ("image/jpeg", "program behind it", and(jpeg(), &executable())),
        ("image/jpeg", "PDF in a comment", jpeg_of(&segment(0xfe, &pdf()), 64)),
        ("image/png", "PDF behind it", and(png(), &pdf())),
        ("image/png", "shell script behind it", and(png(), b"\n#!/bin/sh\nid\n")),
        ("image/png", "program of Linux behind it", and(png(), &elf())),
        ("image/png", "gzip behind it", and(png(), &gzip(&[1; 40]))),
        ("image/webp", "ZIP behind it", and(webp(), &zip(&[("a", b"b")]))),
        ("image/bmp", "ZIP behind it", and(bmp(), &zip(&[("a", b"b")]))),
        ("audio/mpeg", "ZIP behind it", and(mp3_frames(4), &zip(&[("a", b"b")]))),
        ("application/pdf", "behind 1 KiB of other bytes", and(vec![b'x'; 1000], &pdf())),
        ("application/pdf", "behind a page", and(HTML.into(), &pdf())),
        ("application/pdf", "ZIP behind it", and(pdf(), &zip(&[("a", b"b")]))),
        (WORD, "Java program", office_with("word/", &[("META-INF/MANIFEST.MF", b"a"), ("A.class", b"a")])),
        (ODT, "Java program", zip(&[("mimetype", ODT.as_bytes()), ("META-INF/MANIFEST.MF", b"a")])),
    ];
    rows.into_iter()
        .map(|(content_type, what, bytes)| (content_type, what, bytes, Reason::Polyglot))
        .collect()
}

fn archives() -> Vec<Row> {
    let rows: Vec<(&str, &str, Vec<u8>)> = vec![
        (WORD, "plain archive", zip(&[("a.exe", b"MZ")])),
        (WORD, "plain archive with the folder", zip(&[("word/document.xml", b"<a/>")])),
        (ODT, "plain archive", zip(&[("a.exe", b"MZ")])),
        (
            "application/epub+zip",
            "type not at the start",
            zip(&[("a", b"b"), ("mimetype", b"application/epub+zip")]),
        ),
        ("application/zip", "leaves its folder", zip(&[("../../etc/cron.d/a", b"b")])),
        ("application/zip", "absolute path", zip(&[("/etc/passwd", b"b")])),
        ("application/zip", "path of Windows", zip(&[("a\\..\\..\\b", b"b")])),
    ];
    rows.into_iter().map(|(content_type, what, bytes)| (content_type, what, bytes, Reason::Archive)).collect()
}

fn truncated() -> Vec<Row> {
    let rows: Vec<(&str, &str, Vec<u8>)> = vec![
        ("image/jpeg", "without its end", cut(jpeg(), 2)),
        ("image/jpeg", "thumbnail complete, image not", cut(jpeg_of_camera(), 1000)),
        ("image/jpeg", "only a header", cut(jpeg(), 70)),
        ("image/jpeg", "only the signature", b"\xff\xd8\xff\xe0 and then text".into()),
        ("video/mp4", "brands, then a page", iso(&[b"isom", b"mp41"], HTML)),
        ("image/jpeg", "empty", Vec::new()),
        ("image/png", "without its last chunk", cut(png(), 12)),
        ("image/png", "inside its data", cut(png_of(&[], 2000), 100)),
        ("image/gif", "without its trailer", cut(gif_of(1), 1)),
        ("image/webp", "shorter than stated", cut(webp(), 4)),
        ("image/bmp", "shorter than stated", cut(bmp(), 3)),
        ("image/avif", "inside its data", cut(avif(), 10)),
        ("image/heic", "only brands", iso(&[b"heic"], &[])),
        ("image/svg+xml", "inside an element", cut(SVG.into(), 30)),
        ("video/mp4", "inside a box", cut(mp4(), 5)),
        ("video/webm", "shorter than stated", cut(ebml(b"webm"), 50)),
        ("audio/wav", "shorter than stated", cut(wav(), 50)),
        ("audio/ogg", "inside a page", cut(opus(), 10)),
        ("application/pdf", "without its end", cut(pdf(), 7)),
        ("application/zip", "without its directory", cut(zip(&[("a", b"hello")]), 30)),
        (WORD, "without its directory", cut(office("word/"), 22)),
        ("application/x-tar", "inside a block", cut(tar(), 100)),
        ("application/json", "inside a value", b"{\"a\": [1, 2".into()),
        ("application/json", "empty", Vec::new()),
        ("font/ttf", "inside a table", cut(true_type(), 1)),
        ("font/woff2", "shorter than stated", cut(woff2(), 1)),
    ];
    rows.into_iter()
        .map(|(content_type, what, bytes)| (content_type, what, bytes, Reason::Truncated))
        .collect()
}

#[test]
fn spoofed_files_are_refused() {
    let rows = [of_another_type(), active(), of_two_types(), archives(), truncated()].concat();
    assert!(rows.len() >= 40, "{}", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(content_type, what, bytes, expected)| {
            let found = judge(content_type, bytes);
            let reason = found.as_ref().err().map(|rejection| rejection.reason);
            (reason != Some(*expected))
                .then(|| format!("{content_type} ({what}): {found:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn types_without_a_check_are_refused() {
    for content_type in
        ["application/octet-stream", "application/x-msdownload", "model/stl", "image/x-unknown"]
    {
        assert_eq!(reason(content_type, &png()), Some(Reason::UnknownType), "{content_type}");
        assert!(!upsign_inspect::is_known(&content_type.parse().unwrap()), "{content_type}");
    }
}

/// Each true file is refused under every type of another group.
#[test]
fn true_files_are_refused_as_other_types() {
    let groups = |content_type: &str| match content_type.split(';').next().unwrap() {
        "image/heic" | "image/heif" | "image/avif" => "still",
        "video/mp4" | "audio/mp4" | "audio/x-m4a" | "video/quicktime" | "video/3gpp" => "iso",
        "video/webm" | "audio/webm" | "video/x-matroska" => "ebml",
        name if name.starts_with("text/") || name.ends_with("json") || name.ends_with("xml") => "text",
        name if name.contains("zip") || name.contains("officedocument") || name.contains("opendocument") => {
            "zip"
        }
        "image/jpg" => "image/jpeg",
        name => Box::leak(name.to_owned().into_boxed_str()),
    };
    let files = true_files::files();
    for (content_type, what, bytes) in files.iter().filter(|(_, _, bytes)| !bytes.is_empty()) {
        for (other, _, _) in &files {
            let same = groups(content_type) == groups(other);
            // Text may be any text.
            let is_text_too = groups(other) == "text" && *content_type == "application/rtf";
            if !same && !is_text_too {
                assert!(judge(other, bytes).is_err(), "{content_type} ({what}) is accepted as {other}");
            }
        }
    }
}

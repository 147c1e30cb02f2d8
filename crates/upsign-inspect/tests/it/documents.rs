//! Small valid documents and archives.

use crate::images::{crc32, stored};

pub(crate) fn pdf() -> Vec<u8> {
    pdf_with("<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] >>")
}

/// A PDF with this catalog.
pub(crate) fn pdf_with(catalog: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /JSX 1 >>";
    let objects = [catalog, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page];
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(format!("{:010} 00000 n \n", bytes.len()));
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let start = bytes.len();
    let table = format!("xref\n0 4\n0000000000 65535 f \n{}", offsets.concat());
    bytes.extend(
        format!("{table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").into_bytes(),
    );
    bytes
}

pub(crate) fn rtf() -> Vec<u8> {
    b"{\\rtf1\\ansi{\\fonttbl\\f0\\fswiss Helvetica;}\\f0\\pard This is some {\\b bold} text.\\par\n}\n"
        .to_vec()
}

/// A compound file with these streams in its directory.
pub(crate) fn compound(names: &[&str]) -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(24, 0);
    bytes.extend(b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0");
    bytes.resize(48, 0);
    bytes.extend(0_u32.to_le_bytes());
    bytes.resize(512, 0);
    for name in [&["Root Entry"], names].concat() {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(128, 0);
        bytes.extend(entry);
    }
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let len = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &stored(data), &crc32(data).to_le_bytes(), &len].concat()
}

pub(crate) fn tar() -> Vec<u8> {
    let mut bytes = b"a.txt".to_vec();
    bytes.resize(257, 0);
    bytes.extend(b"ustar\x0000");
    bytes.resize(512, 0);
    bytes.extend(b"hello");
    bytes.resize(2048, 0);
    bytes
}

pub(crate) fn executable() -> Vec<u8> {
    let mut bytes = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".to_vec();
    bytes.resize(60, 0);
    bytes.extend(b"\x80\0\0\0");
    bytes.resize(128, 0);
    bytes.extend(b"PE\0\0\x4c\x01");
    bytes.resize(1024, 0);
    bytes
}

pub(crate) fn elf() -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0".to_vec();
    bytes.resize(512, 0);
    bytes
}

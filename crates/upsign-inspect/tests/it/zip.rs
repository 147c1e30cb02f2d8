//! ZIP archives, and documents that are archives.

use crate::images::crc32;

/// An archive whose entries are not compressed.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_after(0, entries)
}

/// Returns an archive with offsets as if other bytes preceded it.
pub(crate) fn zip_after(before: usize, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let len = u32::try_from(content.len()).unwrap().to_le_bytes();
        let name_len = u16::try_from(name.len()).unwrap().to_le_bytes();
        let common =
            [&b"\x14\0\0\0\0\0\0\0\0\0"[..], &crc32(content).to_le_bytes(), &len, &len, &name_len, &[0, 0]]
                .concat();
        let at = u32::try_from(before + bytes.len()).unwrap().to_le_bytes();
        bytes.extend([b"PK\x03\x04", &common[..], name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10], &at, name.as_bytes()].concat());
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let (len, at) = (u32::try_from(directory.len()).unwrap(), u32::try_from(before + bytes.len()).unwrap());
    let end =
        [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &len.to_le_bytes(), &at.to_le_bytes(), &[0, 0]].concat();
    [bytes, directory, end].concat()
}

pub(crate) fn jar() -> Vec<u8> {
    zip(&[("META-INF/MANIFEST.MF", b"Main-Class: A\r\n"), ("A.class", b"\xca\xfe\xba\xbe\0\0\0\x34")])
}

pub(crate) fn office(folder: &str) -> Vec<u8> {
    office_with(folder, &[])
}

pub(crate) fn office_with(folder: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let main = format!("{folder}document.xml");
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", b"<Relationships/>"),
        ("docProps/app.xml", b"<Properties/>"),
        (&main, b"<w:document/>"),
    ];
    entries.extend(more);
    zip(&entries)
}

pub(crate) fn typed(content_type: &str) -> Vec<u8> {
    zip(&[("mimetype", content_type.as_bytes()), ("content.xml", b"<office/>")])
}

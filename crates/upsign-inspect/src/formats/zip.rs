//! ZIP archives, and the documents that are ZIP archives.
//!
//! Sources: the ZIP application note (APPNOTE.TXT) sections 4.3 and 4.4, ECMA-376 part 2, and OpenDocument part 2 section 3.3.

use memchr::memmem;

use crate::bytes::{le16, le32};
use crate::rejection::Rejection;
use crate::sample::View;

/// What the archive must contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Package {
    Any,
    /// Office Open XML: the folder of its main part, and whether macros are allowed.
    Office {
        folder: &'static str,
        macros: bool,
    },
    /// A package whose first entry is named `mimetype` and has this content.
    WithType(&'static str),
}

/// An archive has at most this many entries that are looked at.
const MAX_ENTRIES: usize = 20_000;
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
const END_RECORD: &[u8] = b"PK\x05\x06";

impl Package {
    pub(crate) fn of(essence: &str) -> Option<Self> {
        let open = "application/vnd.openxmlformats-officedocument.";
        if let Some(kind) = essence.strip_prefix(open) {
            let folder = match kind {
                "wordprocessingml.document" | "wordprocessingml.template" => "word/",
                "spreadsheetml.sheet" | "spreadsheetml.template" => "xl/",
                "presentationml.presentation" | "presentationml.slideshow" | "presentationml.template" => {
                    "ppt/"
                }
                _ => return None,
            };
            return Some(Self::Office { folder, macros: false });
        }
        let folder = match essence {
            "application/vnd.ms-word.document.macroenabled.12" => "word/",
            "application/vnd.ms-excel.sheet.macroenabled.12" => "xl/",
            "application/vnd.ms-powerpoint.presentation.macroenabled.12" => "ppt/",
            _ => return TYPED.iter().find(|name| **name == essence).map(|name| Self::WithType(name)),
        };
        Some(Self::Office { folder, macros: true })
    }
}

const TYPED: [&str; 6] = [
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.graphics",
    "application/epub+zip",
    "image/openraster",
];

pub(crate) fn check(package: Package, view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let empty = package == Package::Any && bytes.starts_with(END_RECORD);
    if !bytes.starts_with(LOCAL_HEADER) && !empty {
        return Err(Rejection::mismatch("the bytes are no ZIP archive"));
    }
    let Some(end) = end_record(view.tail()) else {
        return Err(Rejection::truncated("the ZIP archive has no directory"));
    };
    let names = names(view, &end);
    check_names(&names)?;
    let has = |name: &str| names.contains(&name.as_bytes());
    match package {
        Package::Any if has("META-INF/MANIFEST.MF") || has("AndroidManifest.xml") => {
            Err(Rejection::mismatch("the ZIP archive is a program package"))
        }
        Package::Any => Ok(()),
        Package::Office { folder, macros } => check_office(&names, folder, macros),
        Package::WithType(expected) => check_type_entry(bytes, &names, expected),
    }
}

fn check_names(names: &[&[u8]]) -> Result<(), Rejection> {
    let leaves = |name: &[u8]| {
        let parts = name.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..");
        parts || name.starts_with(b"/") || name.get(1) == Some(&b':')
    };
    if names.iter().any(|name| leaves(name)) {
        return Err(Rejection::archive("an entry of the archive has a path outside of the archive"));
    }
    Ok(())
}

fn check_office(names: &[&[u8]], folder: &str, macros: bool) -> Result<(), Rejection> {
    let has = |test: &dyn Fn(&[u8]) -> bool| names.iter().any(|name| test(name));
    if !has(&|name| name == b"[Content_Types].xml") {
        return Err(Rejection::archive("the archive is no Office Open XML document"));
    }
    if !has(&|name| name.starts_with(folder.as_bytes())) {
        return Err(Rejection::mismatch("the Office document is of another kind"));
    }
    if has(&|name| name == b"META-INF/MANIFEST.MF" || name == b"AndroidManifest.xml") {
        return Err(Rejection::polyglot("the Office document is a program package too"));
    }
    if !macros && has(&is_program) {
        return Err(Rejection::active("the Office document contains macros or controls"));
    }
    Ok(())
}

/// Macros of Visual Basic and of Excel 4.0, and ActiveX controls.
fn is_program(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let folders = [&b"xl/macrosheets/"[..], b"word/activex/", b"xl/activex/", b"ppt/activex/"];
    name.ends_with(b"vbaproject.bin") || folders.iter().any(|folder| name.starts_with(folder))
}

/// The first entry is not compressed, so that its content stands at the start of the file.
fn check_type_entry(bytes: &[u8], names: &[&[u8]], expected: &str) -> Result<(), Rejection> {
    let name_len = le16(bytes, 26).map_or(0, usize::from);
    let content = 30 + name_len + le16(bytes, 28).map_or(0, usize::from);
    let is_type = le16(bytes, 8) == Some(0) && bytes.get(30..30 + name_len) == Some(b"mimetype");
    if !is_type {
        return Err(Rejection::archive("the archive does not begin with its type"));
    }
    let found = bytes.get(content..).unwrap_or_default();
    let next = found.get(expected.len()..).unwrap_or_default();
    if !found.starts_with(expected.as_bytes())
        || next.first().is_some_and(u8::is_ascii_graphic) && !next.starts_with(b"PK")
    {
        return Err(Rejection::mismatch("the type that the archive states is not the signed one"));
    }
    if names.iter().any(|name| *name == b"META-INF/MANIFEST.MF" || *name == b"AndroidManifest.xml") {
        return Err(Rejection::polyglot("the document is a program package too"));
    }
    // Macros of LibreOffice.
    if names.iter().any(|name| name.starts_with(b"Basic/") || name.starts_with(b"Scripts/")) {
        return Err(Rejection::active("the document contains macros"));
    }
    Ok(())
}

/// The end of an archive's directory.
pub(crate) struct EndRecord {
    entries: usize,
    directory: u32,
    directory_len: u32,
    /// The offset of the record from the end of the file.
    from_end: usize,
}

/// Finds the last record of an archive. Some readers accept bytes after it.
pub(crate) fn end_record(tail: &[u8]) -> Option<EndRecord> {
    memmem::rfind_iter(tail, END_RECORD).find_map(|at| {
        let record = tail.get(at..)?;
        let same_disk = le16(record, 4)? == le16(record, 6)? || le16(record, 4)? == 0xffff;
        let (here, entries) = (le16(record, 8)?, le16(record, 10)?);
        let (directory_len, directory) = (le32(record, 12)?, le32(record, 16)?);
        let comment = le16(record, 20)?;
        let fits = usize::from(comment) + 22 <= record.len();
        // An entry of the directory has at least 46 bytes.
        let is_plausible = u64::from(directory_len) >= 46 * u64::from(entries) || entries == 0xffff;
        let found = EndRecord { entries: entries.into(), directory, directory_len, from_end: record.len() };
        (same_disk && here == entries && fits && is_plausible).then_some(found)
    })
}

impl EndRecord {
    pub(crate) const fn has_entries(&self) -> bool {
        self.entries > 0
    }
}

/// Returns the names of the entries that are visible: of the directory if it is visible, and else of the entries at the start.
fn names<'v>(view: &'v View<'_>, end: &EndRecord) -> Vec<&'v [u8]> {
    let large = end.directory == u32::MAX || end.entries == 0xffff;
    let stated = u64::from(end.directory);
    // An archive that was written behind other bytes states an offset that is too small.
    let actual = (view.size - end.from_end as u64).saturating_sub(end.directory_len.into());
    let directory =
        [stated, actual].into_iter().find_map(|at| view.from(at).filter(|it| it.starts_with(b"PK\x01\x02")));
    match directory {
        Some(directory) if !large => directory_names(directory),
        _ => local_names(&view.start),
    }
}

fn directory_names(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut names = Vec::new();
    while bytes.starts_with(b"PK\x01\x02") && names.len() < MAX_ENTRIES {
        let lens = [28, 30, 32].map(|at| le16(bytes, at).map_or(0, usize::from));
        let [name, extra, comment] = lens;
        let Some(found) = bytes.get(46..46 + name) else { break };
        names.push(found);
        bytes = bytes.get(46 + name + extra + comment..).unwrap_or_default();
    }
    names
}

/// Entries that were written without knowing their length are found by searching the next header.
fn local_names(bytes: &[u8]) -> Vec<&[u8]> {
    let headers = memmem::find_iter(bytes, LOCAL_HEADER).take(MAX_ENTRIES);
    let name = |at: usize| {
        let len = usize::from(le16(bytes, at + 26)?);
        bytes.get(at + 30..at + 30 + len)
    };
    headers.filter_map(name).collect()
}

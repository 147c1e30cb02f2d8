//! The lines of a state: what was granted, and the parts that are stored.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumType};
use crate::grant::{MultipartGrant, UploadToken};
use crate::plan::PartLayout;
use crate::source::FileIdentity;

/// The version of the format.
const VERSION: u32 = 1;
/// The longest line. An upload token has at most 10,923 characters.
const MAX_LINE: usize = 64 << 10;

/// What a state says of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredUpload {
    pub(crate) api: String,
    pub(crate) identity: FileIdentity,
    pub(crate) grant: MultipartGrant,
}

/// A part that the store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPart {
    pub(crate) number: u32,
    pub(crate) etag: String,
    pub(crate) checksum: Option<Checksum>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    v: u32,
    api: String,
    file: PathBuf,
    size: u64,
    mtime_ns: u64,
    dev: u64,
    ino: u64,
    key: String,
    #[serde(default)]
    ids: BTreeMap<String, String>,
    upload_token: String,
    part_size: u64,
    part_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts_at_once: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    confirm: bool,
    expires_at: String,
}

#[derive(Serialize, Deserialize)]
struct Part {
    n: u32,
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crc: Option<String>,
}

impl StoredUpload {
    /// Returns the first line, with a line break.
    pub(crate) fn line(&self) -> serde_json::Result<String> {
        let FileIdentity { path, size, modified, device, inode } = &self.identity;
        let MultipartGrant { key, ids, token, layout, parts_at_once, confirm, expires_at } = &self.grant;
        let head = Head {
            v: VERSION,
            api: self.api.clone(),
            file: path.clone(),
            size: *size,
            mtime_ns: *modified,
            dev: *device,
            ino: *inode,
            key: key.clone(),
            ids: ids.clone(),
            upload_token: token.0.clone(),
            part_size: layout.part_size,
            part_count: layout.part_count,
            parts_at_once: *parts_at_once,
            checksum_algorithm: layout.checksum.map(|(algorithm, _)| algorithm.name().to_owned()),
            checksum_type: layout.checksum.map(|(_, kind)| kind.name().to_owned()),
            confirm: *confirm,
            expires_at: expires_at.clone(),
        };
        Ok(serde_json::to_string(&head)? + "\n")
    }

    /// Reads the first line, or returns `None` if it is of another version, incomplete or contradictory.
    fn read(line: &[u8]) -> Option<Self> {
        let head: Head = serde_json::from_slice(line).ok()?;
        let checksum = match (&head.checksum_algorithm, &head.checksum_type) {
            (None, None) => None,
            (Some(algorithm), Some(kind)) => {
                let algorithm: ChecksumAlgorithm = algorithm.parse().ok()?;
                Some((algorithm, ChecksumType::named(kind)?))
            }
            _ => return None,
        };
        let layout = PartLayout::new(Some(head.size), head.part_size, head.part_count, checksum)?;
        (head.v == VERSION && head.parts_at_once != Some(0)).then_some(Self {
            api: head.api,
            identity: FileIdentity {
                path: head.file,
                size: head.size,
                modified: head.mtime_ns,
                device: head.dev,
                inode: head.ino,
            },
            grant: MultipartGrant {
                key: head.key,
                ids: head.ids,
                token: UploadToken(head.upload_token),
                layout,
                parts_at_once: head.parts_at_once,
                confirm: head.confirm,
                expires_at: head.expires_at,
            },
        })
    }
}

impl StoredPart {
    /// Returns the line, with a line break.
    pub(crate) fn line(&self) -> serde_json::Result<String> {
        let crc = self.checksum.as_ref().map(|checksum| checksum.base64().to_owned());
        Ok(serde_json::to_string(&Part { n: self.number, etag: self.etag.clone(), crc })? + "\n")
    }

    fn read(line: &[u8], layout: &PartLayout) -> Option<Self> {
        let part: Part = serde_json::from_slice(line).ok()?;
        let checksum = match (part.crc, layout.algorithm()) {
            (Some(base64), Some(algorithm)) => Some(Checksum::from_base64(algorithm, &base64)?),
            (None, None) => None,
            // A part without a checksum cannot contribute to that of the object, so it is sent again.
            _ => return None,
        };
        let is_part = layout.numbers().contains(&part.n) && !part.etag.is_empty();
        is_part.then_some(Self { number: part.n, etag: part.etag, checksum })
    }
}

/// Why a state cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it has version {0} of the format, so a newer upsign wrote it")]
    Newer(u32),
    #[error("it is damaged, or was cut off")]
    Damaged,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Returns why bytes are not a state that [`read`] can read.
fn defect(bytes: &[u8]) -> Unreadable {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match serde_json::from_slice(line) {
        Ok(Version { v }) if v > VERSION => Unreadable::Newer(v),
        _ => Unreadable::Damaged,
    }
}

/// Reads a state. Lines of parts that are incomplete, such as the last one after a loss of power, are ignored: these parts are
/// sent again.
///
/// # Errors
/// The first line is of another version, incomplete or contradictory.
pub(crate) fn read(bytes: &[u8]) -> Result<(StoredUpload, BTreeMap<u32, StoredPart>), Unreadable> {
    let is_whole = |line: &&[u8]| line.ends_with(b"\n") && line.len() <= MAX_LINE;
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let head = lines.next().filter(is_whole).and_then(StoredUpload::read).ok_or_else(|| defect(bytes))?;
    let parts = lines.filter(is_whole).filter_map(|line| StoredPart::read(line, &head.grant.layout));
    // The last line of a part is the one of the last attempt.
    let parts = parts.map(|part| (part.number, part)).collect();
    Ok((head, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload() -> StoredUpload {
        let checksum = Some((ChecksumAlgorithm::Crc32, ChecksumType::FullObject));
        StoredUpload {
            api: "https://api.example.com/upload-url".to_owned(),
            identity: FileIdentity { path: "/a/b.mp4".into(), size: 25, modified: 1, device: 2, inode: 3 },
            grant: MultipartGrant {
                key: "raw/b.mp4".to_owned(),
                ids: [("articleId".to_owned(), "x".to_owned())].into(),
                token: UploadToken("t.o.k".to_owned()),
                layout: PartLayout::new(Some(25), 10, 3, checksum).unwrap(),
                parts_at_once: Some(4),
                confirm: false,
                expires_at: "2026-01-31T12:00:00Z".to_owned(),
            },
        }
    }

    fn part(number: u32, etag: &str) -> StoredPart {
        let checksum = Some(Checksum::of(ChecksumAlgorithm::Crc32, etag.as_bytes()));
        StoredPart { number, etag: etag.to_owned(), checksum }
    }

    fn text(parts: &[StoredPart]) -> String {
        let lines = parts.iter().map(|part| part.line().unwrap());
        std::iter::once(upload().line().unwrap()).chain(lines).collect()
    }

    /// A state of an earlier version of this crate must be readable, so the format is compared with a file.
    #[test]
    fn states_have_the_documented_format() {
        let golden = include_str!("../../tests/it/golden/state.ndjson");
        assert_eq!(text(&[part(3, "c"), part(1, "a")]), golden);
    }

    #[test]
    fn promised_confirmation_is_kept() {
        let mut stored = upload();
        stored.grant.confirm = true;
        let read = StoredUpload::read(stored.line().unwrap().as_bytes()).unwrap();
        assert!(read.grant.confirm);
    }

    #[test]
    fn states_are_read_back() {
        let parts = [part(3, "c"), part(1, "a")];
        let (read_upload, read_parts) = read(text(&parts).as_bytes()).unwrap();
        assert_eq!(read_upload, upload());
        assert_eq!(read_parts.into_values().collect::<Vec<_>>(), [part(1, "a"), part(3, "c")]);
    }

    #[test]
    fn last_line_of_a_part_wins_and_torn_lines_are_ignored() {
        let text = text(&[part(1, "old"), part(2, "b"), part(1, "new")]);
        for cut in 0..text.len() {
            let Ok((_, parts)) = read(&text.as_bytes()[..cut]) else {
                assert!(cut < upload().line().unwrap().len(), "{cut}");
                continue;
            };
            let complete = text.bytes().take(cut).filter(|byte| *byte == b'\n').count() - 1;
            assert_eq!(parts.len(), complete, "{cut}");
        }
        let (_, parts) = read(text.as_bytes()).unwrap();
        assert_eq!(parts.into_values().collect::<Vec<_>>(), [part(1, "new"), part(2, "b")]);
    }

    #[test]
    fn parts_that_cannot_be_are_ignored() {
        let good = text(&[part(1, "a")]);
        for line in [
            r#"{"n":0,"etag":"a","crc":"y/Q5Jg=="}"#,
            r#"{"n":4,"etag":"a","crc":"y/Q5Jg=="}"#,
            r#"{"n":2,"etag":"","crc":"y/Q5Jg=="}"#,
            r#"{"n":2,"etag":"a"}"#,
            r#"{"n":2,"etag":"a","crc":"y/Q5"}"#,
            r#"{"n":-2,"etag":"a","crc":"y/Q5Jg=="}"#,
            "[]",
            "",
        ] {
            let (_, parts) = read(format!("{good}{line}\n").as_bytes()).unwrap();
            assert_eq!(parts.into_keys().collect::<Vec<_>>(), [1], "{line}");
        }
    }

    #[test]
    fn heads_that_contradict_themselves_are_refused() {
        let good = upload().line().unwrap();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"partCount\":3", "\"partCount\":2"),
            ("\"partSize\":10", "\"partSize\":0"),
            ("\"size\":25", "\"size\":31"),
            ("crc32", "crc16"),
            ("FULL_OBJECT", "HALF_OBJECT"),
            ("\"checksumType\":\"FULL_OBJECT\",", ""),
            ("\"partsAtOnce\":4", "\"partsAtOnce\":0"),
            ("\"key\":", "\"kex\":"),
        ] {
            let changed = good.replacen(from, to, 1);
            assert_ne!(changed, good, "{from}");
            assert!(read(changed.as_bytes()).is_err(), "{from} {to}");
        }
        assert!(read(good.as_bytes()).is_ok());
        assert!(read(b"").is_err());
    }

    #[test]
    fn debug_output_hides_the_token() {
        assert!(!format!("{:?}", upload()).contains("t.o.k"));
    }
}

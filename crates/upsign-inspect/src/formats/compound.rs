//! Compound files: the documents of Office 97 to 2003 and messages of Outlook. Source: [MS-CFB].

use memchr::memmem;

use crate::bytes::{le16, le32};
use crate::rejection::Rejection;
use crate::sample::View;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compound {
    Word,
    Excel,
    PowerPoint,
    Outlook,
}

const SIGNATURE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Installers have this container too, so the names of its streams decide. They must be visible.
pub(crate) fn check(compound: Compound, view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(SIGNATURE) {
        return Err(Rejection::mismatch("the bytes are no compound file"));
    }
    let Some(sector) = le16(bytes, 30).filter(|shift| matches!(shift, 9 | 12)).map(|shift| 1_u64 << shift)
    else {
        return Err(Rejection::mismatch("the compound file has no valid sector size"));
    };
    let directory = le32(bytes, 48).map_or(u64::MAX, |index| (u64::from(index) + 1) * sector);
    if directory >= view.size {
        return Err(Rejection::truncated("the compound file ends before its directory"));
    }
    let names: &[&str] = match compound {
        Compound::Word => &["WordDocument"],
        Compound::Excel => &["Workbook", "Book"],
        Compound::PowerPoint => &["PowerPoint Document"],
        Compound::Outlook => &["__properties_version1.0"],
    };
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        view.parts().iter().any(|part| memmem::find(part, &wide).is_some())
    };
    if !names.iter().any(|name| has(name)) {
        return Err(Rejection::mismatch(
            "the compound file has no stream of the signed type where it can be seen",
        ));
    }
    if ["_VBA_PROJECT", "VBA", "_VBA_PROJECT_CUR", "Macros"].iter().any(|name| has(name)) {
        return Err(Rejection::active("the document contains macros"));
    }
    Ok(())
}

//! The ISO base media file format: MP4, QuickTime, HEIC and AVIF.
//!
//! A file is a sequence of boxes. The first, `ftyp`, lists the specifications ("brands") that the file conforms to.
//! Sources: ISO/IEC 14496-12 section 4, ISO/IEC 23008-12 annex B, the AVIF specification, and the registry at
//! <https://mp4ra.org/registered-types/brands>.

use crate::bytes::{be32, be64};
use crate::rejection::Rejection;
use crate::sample::View;

/// Which brands a content type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brands {
    Mp4Video,
    Mp4Audio,
    QuickTime,
    Mobile,
    Heic,
    Heif,
    Avif,
}

type Brand = [u8; 4];

const MP4: &[&Brand] = &[
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"isoa", b"isob",
    b"isoc", b"mp41", b"mp42", b"mp71", b"mp4v", b"mp21", b"avc1", b"avc3", b"hvc1", b"hev1", b"av01",
    b"dash", b"msdh", b"msix", b"cmfc", b"cmf2", b"cmfs", b"cmff", b"M4V ", b"M4VH", b"M4VP", b"M4A ",
    b"M4B ", b"M4P ", b"MSNV", b"F4V ", b"F4P ", b"f4v ", b"mmp4", b"XAVC", b"NDSC", b"NDSH", b"NDSM",
    b"NDSP", b"NDSS", b"NDAS", b"NDXC", b"NDXH", b"NDXM", b"NDXP", b"NDXS", b"piff", b"ccff", b"nvr1",
    b"CAEP", b"caqv", b"ARRI", b"3gp4", b"3gp5", b"3gp6", b"3g2a", b"3gp7",
];
const AUDIO: &[&Brand] = &[b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "];
const HEVC_IMAGE: &[&Brand] = &[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"];
const IMAGE: &[&Brand] = &[b"mif1", b"mif2", b"msf1", b"miaf"];
const AV1_IMAGE: &[&Brand] = &[b"avif", b"avis"];
const QUICK_TIME: &[&Brand] = &[b"qt  "];
/// Still images and raw files of cameras, which no film has.
const STILL: &[&Brand] = &[b"jp2 ", b"jpx ", b"jxl ", b"crx ", b"avic", b"avcs"];

/// Boxes that a QuickTime file without `ftyp` begins with.
const OLD_QUICK_TIME: [&[u8; 4]; 6] = [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];

/// Checks the brands, and that the boxes fill the file.
pub(crate) fn check(brands: Brands, view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let name = bytes.get(4..8).unwrap_or_default();
    if name == b"ftyp" {
        check_brands(brands, bytes)?;
    } else if brands != Brands::QuickTime || !OLD_QUICK_TIME.iter().any(|old| name == *old) {
        return Err(Rejection::mismatch("the bytes are no ISO media file"));
    }
    check_boxes(brands, view)
}

fn check_brands(brands: Brands, bytes: &[u8]) -> Result<(), Rejection> {
    let len = be32(bytes, 0).map_or(0, |len| len as usize);
    // The header, the main brand, its version and up to 254 further brands.
    if !(16..=1024).contains(&len) || !len.is_multiple_of(4) {
        return Err(Rejection::mismatch("the list of brands has an impossible length"));
    }
    let Some(list) = bytes.get(8..len) else {
        return Err(Rejection::truncated("the file ends inside its list of brands"));
    };
    let (main, others) = (list.get(..4).unwrap_or_default(), list.get(8..).unwrap_or_default());
    let is = |set: &[&Brand]| set.iter().any(|brand| main == *brand);
    let lists = |set: &[&Brand]| others.chunks_exact(4).any(|it| set.iter().any(|brand| it == *brand));
    let is_image = is(HEVC_IMAGE) || is(AV1_IMAGE) || is(IMAGE) || is(STILL);
    let conforms = match brands {
        Brands::Heic => is(HEVC_IMAGE) || is(IMAGE) && lists(HEVC_IMAGE),
        Brands::Heif => is_image && !is(STILL),
        Brands::Avif => is(AV1_IMAGE) || is(IMAGE) && lists(AV1_IMAGE),
        Brands::QuickTime => is(QUICK_TIME) || !is_image && lists(QUICK_TIME),
        Brands::Mp4Audio => {
            !is_image && !is(QUICK_TIME) && (is(MP4) || is(AUDIO) || lists(MP4) || lists(AUDIO))
        }
        Brands::Mp4Video => !is_image && !is(QUICK_TIME) && !is(AUDIO) && (is(MP4) || lists(MP4)),
        Brands::Mobile => main.starts_with(b"3g") || others.chunks_exact(4).any(|it| it.starts_with(b"3g")),
    };
    if conforms {
        return Ok(());
    }
    Err(Rejection::mismatch("the brands of the ISO media file are not those of the signed type"))
}

/// Follows the boxes of the highest level as far as they are visible.
fn check_boxes(brands: Brands, view: &View<'_>) -> Result<(), Rejection> {
    let mut at = 0_u64;
    let mut has_content = false;
    while let Some(bytes) = view.from(at).filter(|_| at < view.size) {
        let (Some(short), Some(name)) = (be32(bytes, 0), bytes.get(4..8)) else {
            return trailing(bytes);
        };
        if !name.iter().all(|byte| (b' '..=b'~').contains(byte) || *byte == 0xa9) {
            return if has_content { trailing(bytes) } else { Err(not_boxes()) };
        }
        let len = match short {
            // Until the end of the file.
            0 => view.size - at,
            1 => be64(bytes, 8).unwrap_or(0),
            other => u64::from(other),
        };
        if len < 8 {
            return Err(not_boxes());
        }
        has_content |= is_content(brands, name);
        at = at
            .checked_add(len)
            .filter(|&end| end <= view.size)
            .ok_or_else(|| Rejection::truncated("the ISO media file ends inside a box"))?;
    }
    // Otherwise the rest lies between the visible parts.
    if has_content || at < view.size {
        return Ok(());
    }
    Err(Rejection::truncated("the ISO media file has no content"))
}

fn is_content(brands: Brands, name: &[u8]) -> bool {
    match brands {
        Brands::Heic | Brands::Heif | Brands::Avif => matches!(name, b"meta" | b"moov"),
        _ => matches!(name, b"moov" | b"moof"),
    }
}

/// Some recorders pad a file with a few zero bytes.
fn trailing(bytes: &[u8]) -> Result<(), Rejection> {
    if bytes.iter().all(|&byte| byte == 0) {
        return Ok(());
    }
    Err(not_boxes())
}

fn not_boxes() -> Rejection {
    Rejection::mismatch("the bytes after the start of an ISO media file are no boxes")
}

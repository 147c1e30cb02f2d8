//! Images with a simple header: BMP, TIFF, ICO, JPEG XL, JPEG 2000 and Photoshop.

use crate::bytes::{be16, be32, le16, le32};
use crate::rejection::Rejection;
use crate::sample::View;

/// Source: the documentation of `BITMAPFILEHEADER`. Some writers leave the size empty.
pub(crate) fn check_bmp(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let header = le32(bytes, 14).is_some_and(|len| matches!(len, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124));
    if !bytes.starts_with(b"BM") || !header {
        return Err(Rejection::mismatch("the bytes are no BMP"));
    }
    let (size, pixels) = (le32(bytes, 2).map_or(0, u64::from), le32(bytes, 10).map_or(0, u64::from));
    if size > view.size || pixels >= view.size {
        return Err(Rejection::truncated("the BMP is shorter than its header states"));
    }
    if pixels < 26 {
        return Err(Rejection::mismatch("the pixels of the BMP overlap its header"));
    }
    Ok(())
}

/// Source: TIFF 6.0 section 2. BigTIFF has 43 in place of 42.
pub(crate) fn check_tiff(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let directory = match bytes.get(..4) {
        Some(b"II*\0") => le32(bytes, 4),
        Some(b"MM\0*") => be32(bytes, 4),
        Some(b"II+\0") if le16(bytes, 4) == Some(8) => le32(bytes, 8),
        Some(b"MM\0+") if be16(bytes, 4) == Some(8) => be32(bytes, 12),
        _ => return Err(Rejection::mismatch("the bytes are no TIFF")),
    };
    match directory.map(u64::from) {
        Some(at) if at < 8 => Err(Rejection::mismatch("the directory of the TIFF overlaps its header")),
        Some(at) if at + 2 <= view.size => Ok(()),
        _ => Err(Rejection::truncated("the TIFF ends before its directory")),
    }
}

pub(crate) fn check_icon(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let count = le16(bytes, 4).filter(|count| (1..=256).contains(count)).map_or(0, usize::from);
    if !bytes.starts_with(b"\0\0\x01\0") || count == 0 {
        return Err(Rejection::mismatch("the bytes are no icon"));
    }
    let fits = (0..count).all(|index| {
        let entry = 6 + 16 * index;
        let (len, at) = (le32(bytes, entry + 8).map(u64::from), le32(bytes, entry + 12).map(u64::from));
        len.zip(at).is_some_and(|(len, at)| at >= 6 && at + len <= view.size)
    });
    if fits { Ok(()) } else { Err(Rejection::truncated("the icon ends before its images")) }
}

pub(crate) fn check_jpeg_xl(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let container = bytes.starts_with(b"\0\0\0\x0cJXL \r\n\x87\n");
    if bytes.len() > 4 && (container || bytes.starts_with(b"\xff\x0a")) {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes are no JPEG XL"))
}

pub(crate) fn check_jpeg2000(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if bytes.starts_with(b"\0\0\0\x0cjP  \r\n\x87\n") && bytes.get(16..20) == Some(b"ftyp") {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes are no JPEG 2000"))
}

pub(crate) fn check_photoshop(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let version = be16(bytes, 4).is_some_and(|it| matches!(it, 1 | 2));
    if bytes.starts_with(b"8BPS") && version && bytes.get(6..12) == Some(&[0; 6]) {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes are no Photoshop image"))
}

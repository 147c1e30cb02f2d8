//! Properties of the inspection on arbitrary and on damaged files.

use proptest::prelude::*;
use upsign_inspect::{Sample, inspect};

use crate::true_files::files;
use crate::{judge, reason};

fn content_types() -> Vec<&'static str> {
    let mut types: Vec<&str> = files().iter().map(|(content_type, _, _)| *content_type).collect();
    types.extend([
        "image/jxl",
        "image/jp2",
        "image/vnd.adobe.photoshop",
        "video/mpeg",
        "video/x-flv",
        "video/x-ms-wmv",
    ]);
    types.extend(["audio/aiff", "audio/amr", "application/x-7z-compressed", "application/x-xz", "font/woff"]);
    types.extend(["application/zstd", "application/vnd.rar", "application/x-bzip2", "application/wasm"]);
    types.extend(["application/vnd.ms-fontobject", "application/vnd.ms-outlook", "video/x-msvideo"]);
    types
}

proptest! {
    /// Neither arbitrary bytes nor parts that contradict the size end in a panic.
    #[test]
    fn arbitrary_bytes_get_a_verdict(
        head in prop::collection::vec(any::<u8>(), 0..300),
        tail in prop::collection::vec(any::<u8>(), 0..300),
        size in prop_oneof![0_u64..700, Just(u64::MAX), any::<u64>()],
    ) {
        for content_type in content_types() {
            let content_type = content_type.parse().unwrap();
            let _ = inspect(&Sample::new(&content_type, size, &head, &tail));
            let _ = inspect(&Sample::whole(&content_type, &head));
        }
    }

    /// The start of a true file followed by arbitrary bytes reaches the deeper checks.
    #[test]
    fn damaged_files_get_a_verdict(
        index in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        rest in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let files = files();
        let (content_type, _, bytes) = index.get(&files);
        let mut bytes = bytes[..cut.index(bytes.len() + 1)].to_vec();
        bytes.extend(rest);
        for (at, value) in flips {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] ^= value;
            }
        }
        let _ = judge(content_type, &bytes);
    }

    /// Images of random data, as a camera writes them, are not refused by chance.
    #[test]
    fn random_image_data_is_accepted(data in prop::collection::vec(any::<u8>(), 20_000..60_000)) {
        let png = [
            &b"\x89PNG\r\n\x1a\n"[..],
            &crate::images::chunk(b"IHDR", &[0, 0, 0, 9, 0, 0, 0, 9, 8, 0, 0, 0, 0]),
            &crate::images::chunk(b"IDAT", &data),
            &crate::images::chunk(b"IEND", &[]),
        ].concat();
        prop_assert_eq!(reason("image/png", &png), None);
        let film = crate::media::iso(
            &[b"isom", b"mp41"],
            &[crate::media::iso_box(b"mdat", &data), crate::media::iso_box(b"moov", &[0; 60])].concat(),
        );
        prop_assert_eq!(reason("video/mp4", &film), None);
    }

    /// Text without markup at its start is accepted as text, and with a byte order mark too.
    #[test]
    fn text_is_accepted(text in "[a-zA-Zäöü0-9,;.][a-zA-Zäöü0-9 ,;.<>&\n\t]{0,400}") {
        prop_assert_eq!(reason("text/plain;charset=utf-8", text.as_bytes()), None);
        prop_assert_eq!(reason("text/csv", &crate::text::utf16(&text)), None);
    }

    /// Markup is found behind any white space.
    #[test]
    fn pages_in_text_are_refused(space in "[ \t\r\n]{0,200}", page in "(<html>|<SCRIPT>|<!DOCTYPE html>|<iframe |<svg/>)") {
        let text = space + &page;
        prop_assert_ne!(reason("text/plain", text.as_bytes()), None);
        prop_assert_ne!(reason("text/csv", &crate::text::with_bom(text.as_bytes())), None);
    }
}

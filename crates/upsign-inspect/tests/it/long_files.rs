//! Files of which only the start and the end are read.

use futures_executor::block_on;
use upsign::confirm::{ConfirmReason, Inspect, InspectRequest, InspectVerdict};
use upsign_inspect::{MARKUP_BYTES, MagicInspect};

use crate::images::{SVG, gif_of, jpeg_of, png_of};
use crate::media::{iso, iso_box};
use crate::reason;
use crate::zip::{office_with, zip};

const LONG: usize = 300_000;

fn without_end(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() - 1000]
}

#[test]
fn long_images_are_accepted_and_their_end_is_checked() {
    for (content_type, bytes) in [
        ("image/jpeg", jpeg_of(&[], LONG)),
        ("image/png", png_of(&[], 150_000)),
        ("image/gif", gif_of(10_000)),
    ] {
        assert!(bytes.len() > 200_000, "{content_type}");
        assert_eq!(reason(content_type, &bytes), None, "{content_type}");
        assert_eq!(
            reason(content_type, without_end(&bytes)),
            Some(ConfirmReason::Truncated),
            "{content_type}"
        );
        let archive = [bytes, zip(&[("a", &vec![1; 1000])])].concat();
        assert_ne!(reason(content_type, &archive), None, "{content_type}");
    }
}

#[test]
fn a_jpeg_with_a_long_profile_is_judged_by_its_end() {
    let profile: Vec<u8> = (0..3)
        .flat_map(|_| crate::images::segment(0xe2, &[b"ICC_PROFILE\0".to_vec(), vec![5; 60_000]].concat()))
        .collect();
    let bytes = jpeg_of(&profile, 40_000);
    assert_eq!(reason("image/jpeg", &bytes), None);
    assert_eq!(reason("image/jpeg", &bytes[..150_000]), Some(ConfirmReason::Truncated));
}

#[test]
fn a_long_film_is_accepted() {
    let boxes = [iso_box(b"mdat", &vec![7; LONG]), iso_box(b"moov", &vec![0; 100_000])].concat();
    let bytes = iso(&[b"isom", b"mp41"], &boxes);
    assert_eq!(reason("video/mp4", &bytes), None);
}

#[test]
fn the_directory_of_a_long_document_is_read_from_its_end() {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let picture = vec![3; LONG];
    let bytes = office_with("word/", &[("word/media/a.png", &picture)]);
    assert_eq!(reason(word, &bytes), None);
    let bytes = office_with("word/", &[("word/media/a.png", &picture), ("word/vbaProject.bin", b"a")]);
    assert_eq!(reason(word, &bytes), Some(ConfirmReason::ActiveContent));
}

#[test]
fn a_script_in_the_middle_of_a_long_svg_is_found() {
    let (start, end) = SVG.split_at(SVG.find("<defs>").unwrap());
    let path = format!("<path d=\"{}\"/>", "M0 0 L1 1 ".repeat(20_000));
    let long = |inner: &str| format!("{start}{path}{inner}{path}{end}");
    assert_eq!(reason("image/svg+xml", long("").as_bytes()), None);
    assert_eq!(reason("image/svg+xml", long("<script/>").as_bytes()), Some(ConfirmReason::ActiveContent));
}

/// A script could hide between the parts that are read.
#[test]
fn an_svg_that_is_too_long_to_be_read_is_refused() {
    let path = format!("<path d=\"{}\"/>", "M0 0 L1 1 ".repeat(MARKUP_BYTES / 10));
    let bytes = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{path}</svg>");
    assert_eq!(reason("image/svg+xml", bytes.as_bytes()), Some(ConfirmReason::ActiveContent));
}

#[test]
fn the_inspector_reads_both_ends_of_an_object() {
    let (key, etag) = ("a.jpg".parse().unwrap(), "e".parse().unwrap());
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let verdict = |content_type: &str, bytes: &[u8]| {
        let content_type = content_type.parse().unwrap();
        let request = InspectRequest::of_bytes(&bytes, &key, &content_type, &etag, at);
        block_on(MagicInspect::new().inspect(&request)).unwrap()
    };
    let bytes = jpeg_of(&[], LONG);
    assert_eq!(verdict("image/jpeg", &bytes), InspectVerdict::Accept);
    assert_eq!(verdict("image/jpeg", without_end(&bytes)), InspectVerdict::Reject(ConfirmReason::Truncated));
    assert_eq!(verdict("image/png", &bytes), InspectVerdict::Reject(ConfirmReason::TypeMismatch));
    assert_eq!(verdict("text/plain", b""), InspectVerdict::Accept);
    assert_eq!(verdict("image/svg+xml", SVG.as_bytes()), InspectVerdict::Accept);
}

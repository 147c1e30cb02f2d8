//! Conditions on objects and on copies.

use crate::probe::{Probe, Reference};
use crate::step::{Call, Expected, Step};

const FAILED: Expected = Expected::Refused(&[412]);
const ANY: &str = "*";
/// The entity tag of no object here.
const OTHER: &str = "\"9b2cf535f27731c974343645a3985328\"";

pub(super) fn all() -> Vec<Probe> {
    let accepted = |call, key| Step::new(call, key, Expected::Accepted);
    let copy = |key, expected| Step::new(Call::Copy, key, expected).header("x-amz-copy-source", "{source}");
    vec![
        Probe::new(
            "if_none_match",
            "of two PUTs with If-None-Match: * to one key, the second is refused",
            Reference::Profile(|can| can.if_none_match),
            vec![
                accepted(Call::Put, "a").header("if-none-match", ANY),
                Step::new(Call::Put, "a", FAILED).header("if-none-match", ANY),
            ],
        ),
        Probe::new(
            "if_match",
            "a PUT with If-Match replaces the object with this ETag, and no other",
            Reference::Profile(|can| can.if_match),
            vec![
                Step::put("a"),
                Step::new(Call::Put, "a", FAILED).header("if-match", OTHER),
                accepted(Call::Put, "a").header("if-match", "{etag}"),
            ],
        ),
        Probe::new(
            "if_match_without_object",
            "a PUT with If-Match to a key without an object is answered 404",
            Reference::AmazonS3,
            vec![Step::new(Call::Put, "a", Expected::Status(404)).header("if-match", OTHER)],
        ),
        Probe::new(
            "delete_if_match",
            "DELETE with If-Match leaves an object with another ETag",
            Reference::Profile(|can| can.delete_if_match),
            vec![
                Step::put("a"),
                Step::new(Call::Delete, "a", FAILED).header("if-match", OTHER),
                accepted(Call::Delete, "a").header("if-match", "{etag}"),
            ],
        ),
        Probe::new(
            "copy",
            "an object is copied with its bytes",
            Reference::AmazonS3,
            vec![
                Step::put("source"),
                copy("a", Expected::Accepted),
                Step::new(Call::Get, "a", Expected::Text(crate::step::BODY)),
            ],
        ),
        Probe::new(
            "copy_if_none_match",
            "a copy with If-None-Match: * does not replace an object",
            Reference::Profile(|can| can.copy_if_none_match),
            vec![
                Step::put("source"),
                copy("a", Expected::Accepted).header("if-none-match", ANY),
                copy("a", FAILED).header("if-none-match", ANY),
            ],
        ),
        Probe::new(
            "copy_source_if_match",
            "a copy with x-amz-copy-source-if-match copies the object with this ETag, and no other",
            Reference::Profile(|can| can.copy_source_if_match),
            vec![
                Step::put("source"),
                copy("a", FAILED).header("x-amz-copy-source-if-match", OTHER),
                copy("a", Expected::Accepted).header("x-amz-copy-source-if-match", "{etag}"),
            ],
        ),
    ]
}

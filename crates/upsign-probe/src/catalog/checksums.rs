//! Checksums: a store that verifies them accepts the right one and refuses a wrong one.
//!
//! The checksums are those of [`BODY`](crate::step::BODY): the check values of the CRC catalogue for the CRCs, and what Python's
//! `hashlib` and the crate `twox-hash` compute for the others. The test with the embedded server compares all of them.

use upsign_core::Capabilities;

use crate::probe::{Probe, Reference};
use crate::step::{Call, Expected, Step};

/// A checksum of an object or a part.
pub(crate) struct Algorithm {
    /// The name in `upsign.toml`.
    pub(crate) name: &'static str,
    pub(crate) header: &'static str,
    pub(crate) right: &'static str,
    /// As many zero bytes.
    pub(crate) wrong: &'static str,
    /// The value of `x-amz-checksum-algorithm`, if parts can have the checksum.
    of_upload: Option<&'static str>,
}

const fn algorithm(
    name: &'static str,
    header: &'static str,
    right: &'static str,
    wrong: &'static str,
    of_upload: Option<&'static str>,
) -> Algorithm {
    Algorithm { name, header, right, wrong, of_upload }
}

const ZERO_4: &str = "AAAAAA==";
const ZERO_8: &str = "AAAAAAAAAAA=";
const ZERO_16: &str = "AAAAAAAAAAAAAAAAAAAAAA==";
const ZERO_20: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const ZERO_32: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const ZERO_64: &str =
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

const ALGORITHMS: [Algorithm; 11] = [
    algorithm(
        "sha256",
        "x-amz-checksum-sha256",
        "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
        ZERO_32,
        Some("SHA256"),
    ),
    algorithm("sha1", "x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=", ZERO_20, Some("SHA1")),
    algorithm("crc32", "x-amz-checksum-crc32", "y/Q5Jg==", ZERO_4, Some("CRC32")),
    algorithm("crc32c", "x-amz-checksum-crc32c", "4waSgw==", ZERO_4, Some("CRC32C")),
    algorithm("crc64nvme", "x-amz-checksum-crc64nvme", "rosUhgp5mIg=", ZERO_8, Some("CRC64NVME")),
    algorithm("md5", "content-md5", "JfnnlDI7RTiF9RgfG2JNCw==", ZERO_16, None),
    algorithm(
        "sha512",
        "x-amz-checksum-sha512",
        "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==",
        ZERO_64,
        None,
    ),
    algorithm("amz-md5", "x-amz-checksum-md5", "JfnnlDI7RTiF9RgfG2JNCw==", ZERO_16, None),
    algorithm("xxhash64", "x-amz-checksum-xxhash64", "jLhB20DmroM=", ZERO_8, None),
    algorithm("xxhash3", "x-amz-checksum-xxhash3", "ctyxi2ehff8=", ZERO_8, None),
    algorithm("xxhash128", "x-amz-checksum-xxhash128", "MxGUd+3l3NXpcWQnaB1YYA==", ZERO_16, None),
];

/// The checksums of whole objects that S3 compares when an upload is completed.
pub(crate) const FULL_OBJECT: [&str; 3] = ["crc64nvme", "crc32", "crc32c"];

/// Returns the names of the checksums of PUTs.
pub(crate) fn of_puts() -> impl Iterator<Item = &'static str> {
    ALGORITHMS.iter().map(|algorithm| algorithm.name)
}

/// Returns the names of the checksums of parts.
pub(crate) fn of_parts() -> impl Iterator<Item = &'static str> {
    parts().map(|algorithm| algorithm.name)
}

fn parts() -> impl Iterator<Item = &'static Algorithm> {
    ALGORITHMS.iter().filter(|algorithm| algorithm.of_upload.is_some() || algorithm.name == "md5")
}

const MISMATCH: Expected = Expected::Refused(&[400]);

pub(super) fn all() -> Vec<Probe> {
    let mut all: Vec<Probe> = ALGORITHMS.iter().map(in_header).collect();
    let in_headers_only = |algorithm: &&Algorithm| algorithm.name == "md5";
    all.extend(ALGORITHMS.iter().filter(|one| !in_headers_only(one)).map(in_query));
    all.extend(parts().map(of_part));
    let full = |name| ALGORITHMS.iter().find(|algorithm| algorithm.name == name);
    all.extend(FULL_OBJECT.into_iter().filter_map(full).map(of_full_object));
    all
}

fn in_header(algorithm: &Algorithm) -> Probe {
    let put = |value, expected| Step::new(Call::Put, "a", expected).header(algorithm.header, value);
    Probe::new(
        format!("checksums.put.{}", algorithm.name),
        format!("a PUT with a wrong {} is refused", algorithm.header),
        Reference::Listed(|can, name| can.checksums.contain(name), algorithm.name),
        vec![put(algorithm.right, Expected::Accepted), put(algorithm.wrong, MISMATCH)],
    )
}

/// S3 documents the checksum as a header only; some stores also verify a signed parameter of the URL.
fn in_query(algorithm: &Algorithm) -> Probe {
    let put = |value, expected| Step::new(Call::Put, "a", expected).parameter(algorithm.header, value);
    Probe::new(
        format!("checksums.query.{}", algorithm.name),
        format!("a PUT with a wrong {} in its URL is refused", algorithm.header),
        Reference::Nothing,
        vec![put(algorithm.right, Expected::Accepted), put(algorithm.wrong, MISMATCH)],
    )
}

fn of_part(algorithm: &Algorithm) -> Probe {
    let mut create = Step::new(Call::Create, "a", Expected::Prepared);
    if let Some(name) = algorithm.of_upload {
        create = create.header("x-amz-checksum-algorithm", name);
    }
    let part = |value, expected| Step::new(Call::Part(1), "a", expected).header(algorithm.header, value);
    Probe::new(
        format!("checksums.part.{}", algorithm.name),
        format!("a part with a wrong {} is refused", algorithm.header),
        Reference::Listed(has_part_checksum, algorithm.name),
        vec![create, part(algorithm.right, Expected::Accepted), part(algorithm.wrong, MISMATCH)],
    )
}

fn has_part_checksum(can: &Capabilities, name: &str) -> bool {
    // It exists for full objects only.
    can.part_checksums.contain(name) && (name != "crc64nvme" || can.full_object_checksums.contain(name))
}

fn of_full_object(algorithm: &Algorithm) -> Probe {
    let create = Step::new(Call::Create, "a", Expected::Prepared)
        .header("x-amz-checksum-algorithm", algorithm.of_upload.unwrap_or_default())
        .header("x-amz-checksum-type", "FULL_OBJECT");
    let complete = |value, expected| {
        Step::new(Call::Complete, "a", expected)
            .header(algorithm.header, value)
            .header("x-amz-checksum-type", "FULL_OBJECT")
    };
    Probe::new(
        format!("full_object_checksums.{}", algorithm.name),
        format!("completing an upload with a wrong {} of the whole object is refused", algorithm.header),
        Reference::Listed(|can, name| can.full_object_checksums.contain(name), algorithm.name),
        vec![
            create,
            // S3 refuses a part without the checksum that the upload was created for.
            Step::new(Call::Part(1), "a", Expected::Prepared).header(algorithm.header, algorithm.right),
            complete(algorithm.wrong, MISMATCH),
            complete(algorithm.right, Expected::Accepted),
        ],
    )
}

/// Returns the right and the wrong SHA-256, for forms.
pub(super) fn sha256() -> [&'static str; 2] {
    ALGORITHMS
        .iter()
        .find(|algorithm| algorithm.name == "sha256")
        .map_or(["", ""], |found| [found.right, found.wrong])
}

//! What signatures bind, and how faithfully objects are stored.

use crate::catalog::FIRST;
use crate::probe::{Probe, Reference};
use crate::step::{Alteration, BODY, Call, Expected, Step, UNAUTHENTIC};

const REFUSED: Expected = Expected::Refused(UNAUTHENTIC);

/// Seconds in an hour: more than the 15 minutes that S3 tolerates
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>, `RequestTimeTooSkewed`).
const HOUR: i64 = 3_600;

pub(super) fn all() -> Vec<Probe> {
    let put = || Step::new(Call::Put, "a", REFUSED);
    let probe = |name, statement, steps| Probe::new(name, statement, Reference::AmazonS3, steps);
    vec![
        probe(
            FIRST,
            "a presigned PUT stores the object, and GET returns its bytes",
            vec![
                Step::new(Call::Put, "a", Expected::Accepted),
                Step::new(Call::Get, "a", Expected::Text(BODY)),
            ],
        ),
        probe(
            "signature_required",
            "a URL without its signature is refused",
            vec![put().altered(Alteration::WithoutSignature)],
        ),
        probe(
            "signature_verified",
            "a URL with a wrong signature is refused",
            vec![put().altered(Alteration::OtherSignature)],
        ),
        probe(
            "algorithm_verified",
            "a URL with another algorithm is refused",
            vec![put().altered(Alteration::OtherAlgorithm)],
        ),
        probe(
            "header_signature_verified",
            "a wrong signature in the Authorization header is refused",
            vec![Step::new(Call::Setting("versioning"), "", REFUSED).altered(Alteration::OtherSignature)],
        ),
        probe(
            "signed_length",
            "a body of another length than the signed content-length is refused",
            vec![
                Step::new(Call::Put, "a", Expected::Accepted)
                    .header("content-length", BODY.len().to_string()),
                put().header("content-length", BODY.len().to_string()).with_body("0123456789"),
                put().header("content-length", BODY.len().to_string()).with_body("12345678"),
            ],
        ),
        probe(
            "signed_type",
            "another content type than the signed one is refused",
            vec![
                put()
                    .header("content-type", "text/plain")
                    .altered(Alteration::OtherHeader("content-type", "text/html")),
            ],
        ),
        probe(
            "unsigned_headers_refused",
            "an additional x-amz-meta-* that is not signed is refused",
            vec![put().altered(Alteration::AddedHeader("x-amz-meta-added", "1"))],
        ),
        probe(
            "unsigned_acl_refused",
            "an additional x-amz-acl that is not signed is refused, also where it has no effect",
            vec![
                Step::put("a"),
                Step::new(Call::Get, "a", REFUSED).altered(Alteration::AddedHeader("x-amz-acl", "private")),
            ],
        ),
        probe("expired_refused", "a URL that has expired is refused", vec![put().signed_at(-HOUR)]),
        probe(
            "future_refused",
            "a URL that is signed for an hour ahead is refused",
            vec![put().signed_at(HOUR)],
        ),
        probe(
            "content_type_kept",
            "the type application/octet-stream is kept, whatever the key ends in",
            vec![
                Step::put("a.jpg").header("content-type", "application/octet-stream"),
                Step::new(Call::Head, "a.jpg", Expected::Header("content-type", "application/octet-stream")),
            ],
        ),
        probe(
            "response_overrides",
            "response-content-disposition sets the header of the answer, in UTF-8",
            vec![
                Step::put("a"),
                Step::new(Call::Get, "a", Expected::Header("content-disposition", DISPOSITION))
                    .parameter("response-content-disposition", DISPOSITION),
            ],
        ),
        probe(
            "range_of_version",
            "GET returns a range of a version",
            vec![
                Step::put("a"),
                Step::new(Call::Get, "a", Expected::Status(206))
                    .parameter("versionId", "{version}")
                    .header("range", "bytes=0-0"),
            ],
        ),
    ]
}

const DISPOSITION: &str = "attachment; filename=\"ü.txt\"";

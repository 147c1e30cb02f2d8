//! Multipart uploads.

use crate::probe::{Probe, Reference};
use crate::step::{BODY, Call, Expected, Step};

pub(super) fn all() -> Vec<Probe> {
    let create = || Step::new(Call::Create, "a", Expected::Prepared);
    let part = |number| Step::new(Call::Part(number), "a", Expected::Prepared);
    let complete = |expected| Step::new(Call::Complete, "a", expected);
    let size = "x-amz-mp-object-size";
    vec![
        Probe::new(
            "multipart",
            "parts are assembled to an object",
            Reference::AmazonS3,
            vec![
                Step::new(Call::Create, "a", Expected::Accepted),
                part(1),
                complete(Expected::Accepted),
                Step::new(Call::Get, "a", Expected::Text(BODY)),
            ],
        ),
        Probe::new(
            "small_parts_refused",
            "a part of less than 5 MiB that is not the last is refused",
            Reference::AmazonS3,
            vec![create(), part(1), part(2), complete(Expected::Refused(&[400]))],
        ),
        Probe::new(
            "aborted_upload_is_gone",
            "aborting an upload again is answered 404",
            Reference::AmazonS3,
            vec![
                create(),
                Step::new(Call::Abort, "a", Expected::Prepared),
                Step::new(Call::Abort, "a", Expected::Status(404)),
            ],
        ),
        Probe::new(
            "complete_if_none_match",
            "CompleteMultipartUpload with If-None-Match: * does not replace an object",
            Reference::Profile(|can| can.complete_if_none_match),
            vec![
                create(),
                part(1),
                complete(Expected::Accepted).header("if-none-match", "*"),
                create(),
                part(1),
                complete(Expected::Refused(&[412])).header("if-none-match", "*"),
            ],
        ),
        Probe::new(
            "object_size",
            "CompleteMultipartUpload with another x-amz-mp-object-size than that of the object is refused",
            Reference::Profile(|can| can.object_size),
            vec![
                create(),
                part(1),
                complete(Expected::Refused(&[400])).header(size, "10"),
                complete(Expected::Accepted).header(size, BODY.len().to_string()),
            ],
        ),
    ]
}

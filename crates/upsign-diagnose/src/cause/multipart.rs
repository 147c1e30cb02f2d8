//! Multipart uploads.

use super::table::{ERRORS, causes};

causes! {
    PART_INVALID = "part-invalid", Client {
        symptom: "400 `InvalidPart` on completion",
        sentence: "a part is missing at the store, or was listed with another ETag",
        fix: "list every part with the ETag of its answer; stores such as R2 also need parts of equal length",
        proof: "compare the list with ListParts of the upload",
        source: ERRORS,
    }
    PART_ORDER = "part-order", Client {
        symptom: "400 `InvalidPartOrder` on completion",
        sentence: "the parts are not listed in the order of their numbers",
        fix: "sort the list by part number",
        proof: "look at the order of PartNumber in the request",
        source: ERRORS,
    }
    UPLOAD_UNKNOWN = "upload-unknown", Client {
        symptom: "404 `NoSuchUpload`",
        sentence: "the store has no such multipart upload: it was completed or aborted, or the URL names another key",
        fix: "begin a new upload, or treat it as done if the object exists",
        proof: "a HEAD request for the key shows whether it was completed",
        source: ERRORS,
    }
    SIZE_MISMATCH = "size-mismatch", Client {
        symptom: "400 `InvalidRequest` on completion with x-amz-mp-object-size",
        sentence: "the parts have another size together than the completion states",
        fix: "state the sum of the lengths of the listed parts",
        proof: "add the sizes that ListParts shows",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html",
    }
}

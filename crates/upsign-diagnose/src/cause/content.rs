//! The body, its size and its checksums, and the key.

use super::table::{ERRORS, POST_POLICY, causes};

causes! {
    TOO_LARGE = "too-large", Client {
        symptom: "400 `EntityTooLarge`",
        sentence: "the body is larger than the store or the form allows",
        fix: "send a smaller file; above 5 GB, upload in parts",
        proof: "compare ProposedSize with MaxSizeAllowed in the answer",
        source: ERRORS,
    }
    TOO_SMALL = "too-small", Client {
        symptom: "400 `EntityTooSmall`",
        sentence: "the body is smaller than the form allows, or a part other than the last is below 5 MiB",
        fix: "send a larger file, or parts of at least 5 MiB",
        proof: "compare the size of the body with the content-length-range of the form, or with 5 MiB",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html",
    }
    LENGTH_MISSING = "length-missing", Client {
        symptom: "411 `MissingContentLength`",
        sentence: "the request states no Content-Length, for example because its body is a stream",
        fix: "send a File, Blob or buffer in place of a stream",
        proof: "the request has Transfer-Encoding: chunked, or no Content-Length",
        source: ERRORS,
    }
    CHUNKED = "chunked", Client {
        symptom: "501 `NotImplemented` with Transfer-Encoding",
        sentence: "the request is sent in chunks (Transfer-Encoding), which S3 does not accept",
        fix: "send a body of known length: with curl -T FILE rather than -T -, with fetch a Blob rather than a stream",
        proof: "the request has Transfer-Encoding: chunked",
        source: ERRORS,
    }
    BODY_INCOMPLETE = "body-incomplete", Client {
        symptom: "400 `IncompleteBody`, or 400 `RequestTimeout`",
        sentence: "fewer bytes arrived than the request announced",
        fix: "send the upload again; if it repeats, compare Content-Length with the size of the body",
        proof: "send a small file over the same connection",
        source: ERRORS,
    }
    CHECKSUM_DIFFERS = "checksum-differs", Client {
        symptom: "400 `BadDigest` or `XAmzContentChecksumMismatch`",
        sentence: "the body has another checksum than the request states",
        fix: "compute the checksum of exactly the bytes that are sent, and sign it for them",
        proof: "compute the checksum of the file, and compare it with the header",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html",
    }
    CHECKSUM_OF_NOTHING = "checksum-of-nothing", Configuration {
        symptom: "400 `BadDigest`, `InvalidDigest` or 403, and the URL has x-amz-checksum-crc32=AAAAAA==",
        sentence: "the URL carries the checksum of an empty body, which the AWS SDK for JavaScript adds by default",
        fix: "create the client with requestChecksumCalculation: \"WHEN_REQUIRED\"",
        proof: "the query of the URL has x-amz-checksum-crc32=AAAAAA==",
        source: "https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html",
    }
    DIGEST_INVALID = "digest-invalid", Client {
        symptom: "400 `InvalidDigest`",
        sentence: "Content-MD5 or a checksum header is not base64 of the right length",
        fix: "send the digest in base64, not in hex",
        proof: "decode the header: an MD5 has 16 bytes, a SHA-256 has 32",
        source: ERRORS,
    }
    KEY_TOO_LONG = "key-too-long", Configuration {
        symptom: "400 `KeyTooLongError`",
        sentence: "the key has more than 1024 bytes in UTF-8",
        fix: "shorten the key: limit the file name in its template",
        proof: "count the bytes of the decoded path",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html",
    }
    OBJECT_UNKNOWN = "object-unknown", Client {
        symptom: "404 `NoSuchKey`",
        sentence: "there is no object with this key: it was not uploaded, was deleted, or the URL names another key",
        fix: "upload the object first, and read it with the key that the service returned",
        proof: "a HEAD request for the key answers 404",
        source: ERRORS,
    }
    METADATA_TOO_LARGE = "metadata-too-large", Client {
        symptom: "400 `MetadataTooLarge`",
        sentence: "the x-amz-meta-* headers have more than 2 KB together",
        fix: "shorten the metadata, or store it elsewhere",
        proof: "count the bytes of names and values of x-amz-meta-*",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html",
    }
    KEY_EXISTS = "key-exists", Client {
        symptom: "412 `PreconditionFailed` for If-None-Match",
        sentence: "an object with this key exists already, and the URL allows only a new one",
        fix: "treat it as uploaded if this was a retry; otherwise ask for a new URL, which has another key",
        proof: "a HEAD request for the key answers 200",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    }
    OBJECT_CHANGED = "object-changed", Client {
        symptom: "412 `PreconditionFailed` for If-Match",
        sentence: "the object is no longer the one that the request wants to replace",
        fix: "read the object again, and ask for a URL with its present ETag",
        proof: "compare If-Match with the ETag of a HEAD request",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    }
    WRITE_CONFLICT = "write-conflict", Client {
        symptom: "409 `ConditionalRequestConflict`",
        sentence: "another request wrote the same key at the same time",
        fix: "send the upload again; a multipart upload has to begin anew",
        proof: "the upload succeeds when nothing else writes the key",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    }
    FORM_TOO_LONG = "form-too-long", Configuration {
        symptom: "400 `MaxMessageLengthExceeded` or `MaxPostPreDataLengthExceededError`",
        sentence: "the fields of the form in front of the file are too long; some stores allow 1024 bytes of policy only",
        fix: "sign a policy with fewer conditions, or use a presigned PUT",
        proof: "count the bytes of the fields",
        source: POST_POLICY,
    }
    FORM_POLICY_INVALID = "form-policy-invalid", Configuration {
        symptom: "400 `InvalidPolicyDocument`",
        sentence: "the policy of the form is not valid JSON of conditions in base64",
        fix: "send the field policy unchanged, as it was issued",
        proof: "decode the field policy with base64, and read it as JSON",
        source: POST_POLICY,
    }
    FORM_MALFORMED = "form-malformed", Client {
        symptom: "400 `MalformedPOSTRequest`, or a missing field that was sent",
        sentence: "the form is not well-formed multipart/form-data, or a field follows the file",
        fix: "append the file last, and let the HTTP client write Content-Type with its boundary",
        proof: "look at the order of the parts in the request",
        source: POST_POLICY,
    }
    METHOD_NOT_ALLOWED = "method-not-allowed", Client {
        symptom: "405 `MethodNotAllowed`",
        sentence: "the URL does not take this method: a presigned PUT is no form, and a form is sent to the bucket, not to an object",
        fix: "send PUT to the URL, or ask for a form and send its fields to its URL",
        proof: "compare Method of the answer with the method in the answer that contained the URL",
        source: ERRORS,
    }
}

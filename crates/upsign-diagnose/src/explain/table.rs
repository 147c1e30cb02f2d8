//! The table of oddities.

use crate::cause::Owner;
use crate::explain::oddity::{OddityKind, Severity};

const QUERY_AUTH: &str = "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html";
const FORM_AUTH: &str = "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html";
const KEYS: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html";
const WHATWG: &str = "https://url.spec.whatwg.org/#url-parsing";
const ENDPOINTS: &str = "https://docs.aws.amazon.com/general/latest/gr/s3.html";
const HOSTING: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html";
const EXPIRY: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html";
const HOISTED: &str = "https://github.com/aws/aws-sdk-js-v3/pull/1701";

macro_rules! oddities {
    ($($name:ident: $code:literal, $severity:ident, $owner:ident, $title:literal, $fix:literal, $source:expr;)*) => {
        $(pub(crate) static $name: OddityKind = OddityKind {
            code: $code,
            severity: Severity::$severity,
            owner: Owner::$owner,
            title: $title,
            fix: $fix,
            source: $source,
        };)*

        /// Every kind of oddity, in the order in which they are reported.
        pub static ODDITIES: &[&OddityKind] = &[$(&$name),*];
    };
}

oddities! {
    EXPIRED: "expired", Fails, Client, "the URL has expired",
        "get a new URL directly before the upload; if it expired at once, compare the clock of the machine that signs", EXPIRY;
    NOT_YET_VALID: "not-yet-valid", Fails, Clock, "the URL is not valid yet",
        "synchronize the clock of the machine that signs; S3 accepts URLs from up to 15 minutes in the future", EXPIRY;
    TOO_LONG: "lifetime-over-7-days", Fails, Configuration, "the lifetime is longer than a week",
        "sign with a lifetime of at most 604800 seconds", QUERY_AUTH;
    LIFETIME: "lifetime-invalid", Fails, Configuration, "the lifetime is no number of seconds",
        "sign with a whole number of seconds from 1 to 604800", QUERY_AUTH;
    DATE: "date-invalid", Fails, Configuration, "the time of signing cannot be read",
        "write it as in 20130524T000000Z, in UTC", QUERY_AUTH;
    DATE_MISMATCH: "date-mismatch", Fails, Configuration, "the days of credential and time of signing differ",
        "use one reading of the clock for both", QUERY_AUTH;
    PARAMETER_MISSING: "parameter-missing", Fails, Client, "a parameter that every URL of this kind has is absent",
        "copy the whole URL; a proxy or a framework may have removed parameters", QUERY_AUTH;
    DUPLICATE: "parameter-twice", Fails, Client, "a parameter occurs twice",
        "do not add parameters to a signed URL", QUERY_AUTH;
    TRACKING: "parameter-added", Fails, Client, "a parameter was added after signing",
        "remove it: every parameter of the query is signed", QUERY_AUTH;
    SIGNATURE_LENGTH: "signature-length", Fails, Client, "the signature has an impossible length",
        "copy the whole URL; it was cut off, or something was appended", QUERY_AUTH;
    CREDENTIAL: "credential-malformed", Fails, Configuration, "the credential has another form",
        "write it as in AKIA…/20130524/us-east-1/s3/aws4_request", QUERY_AUTH;
    SERVICE: "service-unexpected", Fails, Configuration, "the URL is signed for another service",
        "sign for the service that the host needs", QUERY_AUTH;
    TOKEN_MISSING: "token-missing", Fails, Configuration, "temporary credentials signed without their session token",
        "pass the session token to the signer, as AWS_SESSION_TOKEN or as the third part of the credentials",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html";
    TOKEN_LIFETIME: "token-may-end-earlier", Note, Configuration, "temporary credentials signed, and may expire before the URL",
        "sign with credentials that last longer than the URL, or limit the lifetime to theirs", EXPIRY;
    PLUS_IN_QUERY: "plus-in-query", Fails, Configuration, "a signed value contains an unencoded +",
        "write %2B: S3 and most servers read + in a query as a space", QUERY_AUTH;
    SIGNED_HEADERS: "signed-headers-form", Fails, Configuration, "the list of signed headers is not in canonical form",
        "write the names in lower case, sorted, separated by semicolons", QUERY_AUTH;
    HOST_UNSIGNED: "host-not-signed", Fails, Configuration, "the host is not signed",
        "sign at least the header host", QUERY_AUTH;
    FORBIDDEN_HEADER: "header-of-browsers", Risk, Configuration, "a page cannot set a header that is signed",
        "do not sign it for uploads from browsers", "https://fetch.spec.whatwg.org/#forbidden-request-header";
    SIGV2: "sigv2", Risk, Configuration, "Signature Version 2 is refused by most buckets",
        "sign with version 4: regions since 2014 and buckets since 24 June 2020 accept nothing else",
        "https://aws.amazon.com/blogs/aws/amazon-s3-update-sigv2-deprecation-period-extended-modified/";
    MRAP_SIGV4: "multi-region-needs-sigv4a", Fails, Configuration, "a multi-region access point needs SigV4a",
        "sign with AWS4-ECDSA-P256-SHA256, for example with an SDK and its CRT extension",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html";
    REGION: "region-mismatch", Fails, Configuration, "host and signature name different regions",
        "sign for the region of the host, which is that of the bucket", ENDPOINTS;
    GLOBAL_HOST: "global-endpoint", Risk, Configuration, "the host is the global one, and the bucket is elsewhere",
        "use the host of the region: new buckets answer 307 here, and browsers do not follow it in a preflight", HOSTING;
    WEBSITE: "website-endpoint", Fails, Configuration, "the host is that of a website, which verifies no signatures",
        "use the REST endpoint: BUCKET.s3.REGION.amazonaws.com",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html";
    DOTTED_BUCKET: "dotted-bucket", Fails, Configuration, "the certificate does not cover a bucket with dots in the host",
        "use path style for this bucket, or a bucket without dots", HOSTING;
    HOST_REWRITTEN: "host-rewritten", Risk, Configuration, "browsers send another host",
        "sign for the host in lower case, without the default port, and in Punycode", WHATWG;
    HTTP: "http", Risk, Configuration, "the URL is not encrypted",
        "use https: pages of https may not call it, and everybody on the way can use it",
        "https://w3c.github.io/webappsec-mixed-content/";
    FRAGMENT: "fragment", Fails, Configuration, "clients do not send what follows #",
        "write %23 for # in a key", WHATWG;
    DOT_SEGMENT: "dot-segment", Fails, Configuration, "browsers remove a segment . or ..",
        "use a key without such segments: encoding the dots does not help", WHATWG;
    BACKSLASH: "backslash", Fails, Configuration, "browsers replace a backslash by a slash",
        "write %5C for a backslash in a key", WHATWG;
    PATH_REWRITTEN: "path-rewritten", Risk, Configuration, "browsers encode the path differently",
        "percent-encode every byte of the key except letters, digits and - . _ ~ /", WHATWG;
    DOUBLE_ENCODED: "double-encoded-key", Risk, Configuration, "the key seems to be encoded twice",
        "encode the key once: S3 does not encode the path a second time as other services of AWS do", QUERY_AUTH;
    PLUS_IN_PATH: "plus-in-path", Risk, Configuration, "the path contains an unencoded +",
        "write %2B for + and %20 for a space: S3 reads + in a path as a space", KEYS;
    ENCODED_SLASH: "encoded-slash", Risk, Configuration, "the path contains an encoded slash",
        "write slashes of the key as they are: S3 signs / and proxies decode %2F", QUERY_AUTH;
    EMPTY_SEGMENT: "empty-segment", Risk, Configuration, "the path contains an empty segment",
        "use a key without // and without a slash at its start: proxies merge slashes, and folders without a name result", KEYS;
    CONTROL: "control-character", Risk, Configuration, "the key contains a control character",
        "use a key without control characters: XML cannot represent most of them, and lists of objects fail", KEYS;
    NOT_UTF8: "key-not-utf8", Fails, Configuration, "the key is not UTF-8",
        "encode the key as UTF-8 before percent-encoding", KEYS;
    KEY_TOO_LONG: "key-too-long", Fails, Configuration, "the key has more than 1024 bytes",
        "use a shorter key", KEYS;
    NO_KEY: "no-key", Risk, Configuration, "the URL names no object",
        "sign for an object: the path needs a key after the bucket", HOSTING;
    BUCKET_TWICE: "bucket-twice", Risk, Configuration, "the bucket is in the host and in the path",
        "remove it from one of them: the configured endpoint probably contains the bucket", HOSTING;
    IGNORED_IN_QUERY: "header-in-query", Risk, Configuration, "S3 ignores a header that is in the query",
        "sign it as a header: in SDKs for JavaScript by unhoistableHeaders or signableHeaders", HOISTED;
    TAGS_IN_QUERY: "tags-in-query", Risk, Configuration, "the tags are in the query",
        "sign x-amz-tagging as a header: S3 was seen to ignore it in the query, and newer tests saw it applied",
        "https://github.com/aws/aws-sdk-go-v2/pull/1017";
    EMPTY_CHECKSUM: "checksum-of-empty-body", Risk, Configuration, "the checksum is that of an empty body",
        "create the client with requestChecksumCalculation: \"WHEN_REQUIRED\"; S3 ignores it, other stores refuse every upload",
        "https://github.com/seaweedfs/seaweedfs/pull/10216";
    CHECKSUM_IN_QUERY: "checksum-in-query", Risk, Configuration, "the checksum in the query is not verified",
        "sign it as a header: in SDKs for JavaScript by unhoistableHeaders", "https://github.com/aws/aws-sdk-go-v2/issues/2610";
    EMPTY_PAYLOAD: "payload-of-empty-body", Fails, Configuration, "the URL is signed for an empty body",
        "presign with the payload UNSIGNED-PAYLOAD", QUERY_AUTH;
    WILDCARD: "wildcard-policy", Note, Configuration, "the policy allows more than this URL",
        "use a canned policy, or name the object in Resource",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html";
    POLICY_UNREADABLE: "policy-unreadable", Fails, Configuration, "the policy cannot be read",
        "encode the policy as base64 with - for +, _ for = and ~ for /",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html";
    POST_UNSUPPORTED: "post-not-supported", Fails, Configuration, "the store has no uploads by form",
        "sign a PUT for this store", "https://developers.cloudflare.com/r2/api/s3/presigned-urls/";
    FILE_NOT_LAST: "file-not-last", Fails, Client, "fields follow the file",
        "append the file last: stores ignore the fields after it",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html";
    FIELD_UNLISTED: "field-without-condition", Fails, Configuration, "no condition of the policy names a field",
        "add a condition for it to the policy, or remove the field", FORM_AUTH;
    CONDITION_FAILS: "condition-fails", Fails, Configuration, "a field does not have the value of its condition",
        "send the fields as the service answered them", FORM_AUTH;
    FIELD_MISSING: "field-missing", Fails, Client, "a condition names a field that the form does not have",
        "send all fields of the answer", FORM_AUTH;
    FILENAME: "filename-in-exact-key", Fails, Configuration, "the key with ${filename} must match exactly",
        "write a condition starts-with for the part before ${filename}", FORM_AUTH;
    POST_TO_OBJECT: "post-to-object", Fails, Client, "the form is sent to an object",
        "send it to the bucket: the key is a field", FORM_AUTH;
    RANGE_EMPTY: "size-range-empty", Fails, Configuration, "no size meets the conditions",
        "write one content-length-range, with the smaller number first", FORM_AUTH;
}

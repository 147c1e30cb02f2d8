//! The table of keys, in the order of the manual.

use super::{Key, Shape};

/// One entry a key: `section.name: Shape, variable, what it is[, all that it can be]`.
macro_rules! keys {
    ($($section:ident.$name:ident: $shape:ident, $variable:literal, $about:literal $(, $values:tt)?;)*) => {
        /// In the order of the manual.
        pub(crate) const KEYS: &[Key] = &[$(Key {
            section: stringify!($section),
            name: stringify!($name),
            shape: Shape::$shape,
            variable: $variable,
            about: $about,
            values: keys!(@values $($values)?),
        }),*];
    };
    (@values) => { &[] };
    (@values $values:tt) => { &$values };
}

keys! {
    bucket.name: Text, "UPSIGN_BUCKET", "The bucket, or the ARN of an access point.";
    bucket.region: Text, "UPSIGN_REGION",
        "The bucket's region: there is no default, since a URL signed for another does not work. Where the file \
         is silent, AWS_REGION fills in.";
    bucket.provider: Text, "UPSIGN_PROVIDER",
        "The store: what it can do and how it is addressed. AWS unless named, or unless an endpoint is given.", ["aws", "r2", "b2", "minio", "wasabi", "do", "tigris", "garage", "seaweedfs", "custom"];
    bucket.endpoint: Text, "UPSIGN_ENDPOINT",
        "The address of another store, as in `https://minio.example.com:9000`.";
    bucket.addressing: Text, "UPSIGN_ADDRESSING",
        "Where the bucket's name goes at an endpoint of your own.", ["path", "virtual", "auto"];
    bucket.dualstack: Flag, "UPSIGN_DUALSTACK", "AWS's endpoint that answers over IPv4 and IPv6.";
    bucket.fips: Flag, "UPSIGN_FIPS", "AWS's endpoint with FIPS 140 validated cryptography.";
    bucket.accelerate: Flag, "UPSIGN_ACCELERATE", "Transfer acceleration, which must be switched on for the bucket.";

    upload.key: Text, "UPSIGN_KEY",
        "The layout of keys, as in \"articles/{article_id}/raw/{id}.{ext}\". Placeholders: {id}, {sub}, {group}, \
         {claim:NAME}, {ext}, {filename}, {date}, {sha256} and the declared ids.";
    upload.ids: Texts, "UPSIGN_IDS",
        "Declared ids, in snake case: fresh UUIDs, returned in camel case (article_id as articleId).";
    upload.id_version: Text, "UPSIGN_ID_VERSION",
        "The version of generated UUIDs: v4 is random, v7 sorts by time and tells when it was made. v4 unless \
         set.", ["v4", "v7"];
    upload.client_may_supply: Texts, "UPSIGN_CLIENT_MAY_SUPPLY",
        "Declared ids that a client may name. Needs an application that says whose an id is; the command line \
         has none.";
    upload.types: Texts, "UPSIGN_TYPES",
        "The content types allowed, exact or as image/*; the first exact one is what a request without a body \
         gets.";
    upload.extensions: Lists, "UPSIGN_EXTENSIONS",
        "File extensions of a type, where the built-in list is not yours; the first stands for {ext}.";
    upload.min_size: Amount, "UPSIGN_MIN_SIZE", "The smallest file, as in \"1 KiB\": 1 byte unless set.";
    upload.max_size: Amount, "UPSIGN_MAX_SIZE", "The largest file, as in \"10 MiB\".";
    upload.method: Text, "UPSIGN_METHOD",
        "How the file is sent: put binds the exact size, post (a form) a range for clients that do not know it. \
         put unless set.", ["put", "post"];
    upload.expires_in: Amount, "UPSIGN_EXPIRES_IN", "How long a grant lives, 1s to 7 days: \"15m\" unless set.";
    upload.no_overwrite: Flag, "UPSIGN_NO_OVERWRITE",
        "Whether an existing object is kept, by a signed If-None-Match: true for put unless set; a form cannot.";
    upload.bodyless: Text, "UPSIGN_BODYLESS",
        "What a request without a body gets: allow grants the first type and, by put, binds nothing else. No \
         default: it is a security choice.", ["allow", "refuse"];
    upload.short_credentials: Text, "UPSIGN_SHORT_CREDENTIALS",
        "What to do when the credentials end before a grant would: shorten the grant, or refuse. clamp unless \
         set.", ["clamp", "refuse"];
    upload.checksums: Texts, "UPSIGN_CHECKSUMS",
        "Checksums that a client may state: sha256, sha1, crc32, crc32c, crc64nvme, md5. They are signed.";
    upload.require_checksum: Flag, "UPSIGN_REQUIRE_CHECKSUM", "Whether one of the checksums must be stated.";
    upload.file_names: Text, "UPSIGN_FILE_NAMES",
        "What to do with a file name that is not fit: refuse it, or mend it. refuse unless set.", ["refuse", "mend"];
    upload.max_file_name: Count, "UPSIGN_MAX_FILE_NAME", "The longest file name in bytes of UTF-8: 255 unless set.";
    upload.keep_file_name: Flag, "UPSIGN_KEEP_FILE_NAME",
        "Whether the file's name is kept as x-amz-meta-filename, percent-encoded.";
    upload.disposition: Text, "UPSIGN_DISPOSITION",
        "Content-Disposition: fixed, with the client's file name, or of the client's choice. None unless set.", ["attachment", "attachment-named", "inline-named", "from-client"];
    upload.cache_control: Text, "UPSIGN_CACHE_CONTROL",
        "Cache-Control of every object, as in \"public, max-age=31536000, immutable\".";
    upload.encryption: Text, "UPSIGN_ENCRYPTION",
        "Encryption at rest, where it is not the bucket's default.", ["s3", "kms", "kms-dsse"];
    upload.kms_key: Text, "UPSIGN_KMS_KEY",
        "The KMS key of your own: id, alias/NAME or ARN. AWS's managed one unless set.";
    upload.storage_class: Text, "UPSIGN_STORAGE_CLASS", "The storage class, as in \"STANDARD_IA\".";
    upload.acl: Text, "UPSIGN_ACL", "A canned ACL, as in \"bucket-owner-full-control\". Most buckets refuse any.";
    upload.metadata: Table, "UPSIGN_METADATA", "Metadata of every object, the names without x-amz-meta-.";
    upload.client_metadata: Texts, "UPSIGN_CLIENT_METADATA",
        "Names of metadata that a client may state; [\"*\"] for any.";
    upload.tags: Table, "UPSIGN_TAGS", "Tags of every object.";
    upload.client_tags: Flag, "UPSIGN_CLIENT_TAGS", "Whether a client may state tags.";
    upload.key_groups: Texts, "UPSIGN_KEY_GROUPS",
        "The groups that count for {group}: all of the caller's unless set.";
    upload.shared_content: Text, "UPSIGN_SHARED_CONTENT",
        "Set to danger to let callers share objects whose key is {sha256} without {sub} before it.", ["danger"];
    upload.groups: Texts, "UPSIGN_UPLOAD_GROUPS", "Who may use this route: members of one of these groups.";
    upload.scopes: Texts, "UPSIGN_UPLOAD_SCOPES", "Who may use this route: tokens with one of these scopes.";

    credentials.unknown_expiry: Text, "UPSIGN_UNKNOWN_EXPIRY",
        "What to do with temporary credentials whose end nobody states, as in a Lambda function's environment. \
         No default.", ["refuse", "assume"];
    credentials.assume_for: Amount, "UPSIGN_ASSUME_FOR",
        "How long such credentials are taken to live from when they were first seen, as in \"1h\".";

    auth.user_pool: Text, "UPSIGN_USER_POOL",
        "The Cognito user pool whose tokens count, as in \"ap-southeast-1_AbCdEf\".";
    auth.issuer: Text, "UPSIGN_ISSUER", "Another issuer, in place of a user pool.";
    auth.jwks_uri: Text, "UPSIGN_JWKS_URI", "Where that issuer's keys are.";
    auth.danger_http_issuer: Flag, "UPSIGN_DANGER_HTTP_ISSUER",
        "Whether that issuer may be spoken to without TLS: for an emulator on this machine.";
    auth.client_ids: Texts, "UPSIGN_CLIENT_IDS", "The app clients whose tokens count.";
    auth.token_use: Text, "UPSIGN_TOKEN_USE",
        "Which tokens count. No default: it is a security choice.", ["access", "id", "any"];
    auth.leeway: Amount, "UPSIGN_LEEWAY", "How far clocks may differ, at most 10 minutes: \"60s\" unless set.";
    auth.groups: Texts, "UPSIGN_GROUPS", "Groups of which a caller must be in one, on every route.";
    auth.scopes: Texts, "UPSIGN_SCOPES", "Scopes of which a token must have one, on every route.";
    auth.accept_raw_authorization: Flag, "UPSIGN_ACCEPT_RAW_AUTHORIZATION",
        "Whether a token may come without the word Bearer.";

    cors.origins: Texts, "UPSIGN_ORIGINS", "The pages that may upload, as in `https://app.example.com`.";

    limit.per_minute: Count, "UPSIGN_LIMIT_PER_MINUTE",
        "How many requests a minute one caller may make, counted by each process for itself. No limit unless \
         set.";
    limit.burst: Count, "UPSIGN_LIMIT_BURST", "How many of them may come at once: all unless set.";
}

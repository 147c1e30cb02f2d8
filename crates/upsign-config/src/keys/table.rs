//! The table of every key, in the order of the manual.

use super::{Key, Shape};

keys! {
    _.dialects: Texts, "UPSIGN_DIALECTS",
        "The clients that the API also answers in their own contracts: Uppy 6 (uppy), Uppy 4 and 5 with the API of Companion \
         (companion), better-upload, Active Storage of Rails (active-storage), and Git LFS (git-lfs). It stands above all sections. \
         Default: none.";

    bucket.name: Text, "UPSIGN_BUCKET", "The bucket name, the ARN of an access point, or TENANT:BUCKET for the bucket of a tenant of Ceph.";
    bucket.region: Text, "UPSIGN_REGION",
        "The region of the bucket. Required, because a URL signed for another region does not work, unless `endpoint` \
         contains it or the store has only one. If the file does not set it, AWS_REGION is used for buckets on AWS.";
    bucket.provider: Text, "UPSIGN_PROVIDER",
        "The S3-compatible store, which determines its features, regions and addresses. Default: the store whose host \
         `endpoint` has, custom if it has another, and aws without an endpoint.",
        [
            "aws", "r2", "b2", "minio", "wasabi", "do", "tigris", "garage", "seaweedfs", "gcs", "hetzner", "ovh", "scaleway",
            "ceph", "rustfs", "localstack", "custom"
        ];
    bucket.endpoint: Text, "UPSIGN_ENDPOINT",
        "The address of a store other than AWS, for example `https://minio.example.com:9000`.";
    bucket.addressing: Text, "UPSIGN_ADDRESSING",
        "Whether the bucket name is part of the path or of the host name at `endpoint`, or of neither, because the \
         endpoint is the bucket's own host, such as a custom domain (bucket-is-host). Default: the convention of the \
         provider.",
        ["path", "virtual", "bucket-is-host", "auto"];
    bucket.signature: Text, "UPSIGN_SIGNATURE",
        "The signatures of requests. Google Cloud Storage also accepts its own, with the headers and forms that go with \
         them: with an HMAC key, whose access id and secret are given as those of AWS (goog4-hmac), or with the key file of \
         a service account, which the variable GOOGLE_APPLICATION_CREDENTIALS names (goog4-rsa). Default: sigv4.",
        ["sigv4", "goog4-hmac", "goog4-rsa"];
    bucket.can: Flags, "UPSIGN_CAN",
        "What the store supports, where its profile does not say so or says otherwise: post (forms), if_none_match, if_match, checksums, \
         acl, kms, storage_class, tags, object_lock, expected_bucket_owner, website_redirect, of multipart uploads complete_if_none_match, \
         object_size and full_object_checksums, of copies copy_if_none_match and copy_source_if_match, and cors_wildcard (`*` inside an origin of the bucket's CORS). Default: the profile of the provider; a store without one is assumed to support what AWS does.";
    bucket.dualstack: Flag, "UPSIGN_DUALSTACK",
        "Use the AWS endpoint that supports IPv4 and IPv6. Default: false.";
    bucket.fips: Flag, "UPSIGN_FIPS",
        "Use the AWS endpoint with FIPS 140 validated cryptography. Default: false.";
    bucket.accelerate: Flag, "UPSIGN_ACCELERATE",
        "Use S3 Transfer Acceleration, which must be enabled for the bucket. Default: false.";

    upload.key: Text, "UPSIGN_KEY",
        "The template of object keys, for example \"articles/{article_id}/raw/{id}.{ext}\". Placeholders: {id}, {id:sealed}, \
         {issuer}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date}, {sha256} and the declared ids.";
    upload.ids: Texts, "UPSIGN_IDS",
        "Declared ids, in snake case. Each is a new UUID per upload; the response contains it in camel case \
         (article_id as articleId).";
    upload.id_version: Text, "UPSIGN_ID_VERSION",
        "The version of generated UUIDs: v4 is random; v7 sorts by time and reveals when it was created. \
         Default: v4.",
        ["v4", "v7"];
    upload.client_may_supply: Texts, "UPSIGN_CLIENT_MAY_SUPPLY",
        "Declared ids that a client may supply instead of receiving a new one. Requires an application that \
         checks whether the caller may use the id; the command line has none.";
    upload.types: TextsOrAny, "UPSIGN_TYPES",
        "The allowed content types, exact or as a range such as image/*; or \"any\" for every file, saved and never \
         displayed. A range includes the types that browsers are known not to execute, and others only if \
         disposition makes browsers save them. A request without a body is signed for the first exact type.";
    upload.extensions: Lists, "UPSIGN_EXTENSIONS",
        "The file extensions of a content type, instead of the built-in ones. The first is the value of {ext}.";
    upload.min_size: Amount, "UPSIGN_MIN_SIZE",
        "The minimum file size, for example \"1 KiB\". Default: 1 byte.";
    upload.max_size: Amount, "UPSIGN_MAX_SIZE", "The maximum file size, for example \"10 MiB\".";
    upload.size_bound: Text, "UPSIGN_SIZE_BOUND",
        "What a put binds of the size: the exact size, which the client must state, or only the maximum, for recordings and \
         streams. Only RustFS and, with signatures of its own, Google Cloud Storage can bind a maximum. With `multipart`, a file \
         of unknown size is uploaded in parts, at every store. Default: exact.",
        ["exact", "max"];
    upload.unbounded: Text, "UPSIGN_UNBOUNDED",
        "Whether a client of a dialect that states no size, such as Uppy, may send a file with a put that binds no size \
         (danger): a client can then upload as much as the store accepts, and only a confirmation compares it with `max_size`. \
         Not needed for forms (method = \"post\") and parts (multipart), which are bounded. Default: refuse.",
        ["refuse", "danger"];
    upload.method: Text, "UPSIGN_METHOD",
        "How the client sends the file: put binds the exact size; post (a form) can bind a range, for clients \
         that do not know the size. With multipart = \"auto\", larger files are uploaded in parts. Default: put.",
        ["put", "post"];
    upload.multipart: Text, "UPSIGN_MULTIPART",
        "Which files are uploaded in parts, so that an upload can be resumed and can have more than 5 GiB: none (no), those above \
         `multipart_above` and those for which the client asks for it (auto), or every file (always). Needs `{id}` in `key`, and \
         the secrets of `[token]`. Default: no.",
        ["no", "auto", "always"];
    upload.multipart_above: Amount, "UPSIGN_MULTIPART_ABOVE",
        "The file size above which multipart = \"auto\" uploads a file in parts. Default: \"100 MiB\".";
    upload.part_size: Amount, "UPSIGN_PART_SIZE",
        "The size of each part except the last one, a multiple of 1 MiB, with which a file of `max_size` has at most 10,000 parts, \
         or as many as the store accepts. Default: \"8 MiB\", or more for files that would have too many parts.";
    upload.parts_at_once: Count, "UPSIGN_PARTS_AT_ONCE",
        "How many parts a client should send at a time, 1 to 32. The service tells clients; nothing enforces it. Default: 4.";
    upload.resume_window: Amount, "UPSIGN_RESUME_WINDOW",
        "How long a multipart upload can be continued after it began, from 1s to 7 days. Default: \"24h\".";
    upload.confirm: Flag, "UPSIGN_CONFIRM",
        "Let clients confirm their uploads: the service looks at the object, compares it with what it granted, and answers a receipt. \
         Needs the secrets of `[token]`. Default: false.";
    upload.confirm_within: Amount, "UPSIGN_CONFIRM_WITHIN",
        "How long after its grant expires an upload with one request can be confirmed, from 1s to 7 days. An upload in parts is confirmed \
         within `resume_window`. Default: \"24h\".";
    upload.pending_key: Text, "UPSIGN_PENDING_KEY",
        "The template of the keys to which clients upload, for example \"pending/{article_id}/{id}.{ext}\". Confirming an upload copies \
         the object to `key`. It has the placeholders of `key`, and begins with a folder of its own, from which only the service \
         reads. Default: clients upload to `key`.";
    upload.pending_days: Count, "UPSIGN_PENDING_DAYS",
        "After how many days objects below `pending_key` are deleted that nobody has confirmed. Default: as many whole days as an \
         upload can be confirmed, 2 with the other defaults.";
    upload.gate: Text, "UPSIGN_GATE",
        "What keeps readers from an object until it is confirmed, in place of `pending_key`: a policy of the bucket, which denies reads \
         of objects without the tag upsign=confirmed (tag), or nothing (none). Default: none.",
        ["none", "tag"];
    upload.inspect: Text, "UPSIGN_INSPECT",
        "What looks into an object before it is confirmed: nothing (none); a comparison of its first and last bytes with its type \
         (magic); or the application (hook), which the command line is not. Needs `pending_key` or `gate`. Default: none.",
        ["none", "magic", "hook"];
    upload.claim: Flag, "UPSIGN_CLAIM",
        "Store what was granted with each object, as x-amz-meta-upsign with a message authentication code, so that a consumer of events \
         can confirm the object without its upload token. Default: false.";
    upload.delete: Flag, "UPSIGN_DELETE",
        "Let callers delete their uploads. Default: false.";
    upload.read_expires_in: Amount, "UPSIGN_READ_EXPIRES_IN",
        "How long a URL to read a confirmed object is valid, from 1s to 7 days. Default: \"5m\".";
    upload.per_day: Count, "UPSIGN_UPLOAD_PER_DAY",
        "The maximum number of uploads of this route per caller and UTC day. Needs `[quota]`. Default: no limit.";
    upload.bytes_per_day: Amount, "UPSIGN_UPLOAD_BYTES_PER_DAY",
        "The maximum size of all uploads of this route per caller and UTC day. Needs `[quota]`. Default: no limit.";
    upload.max_files: Count, "UPSIGN_MAX_FILES",
        "How many files one request can describe, 1 to 255. They are granted together, or none is. Default: 1.";
    upload.max_total_size: Amount, "UPSIGN_MAX_TOTAL_SIZE",
        "The maximum size of all files of one request together. Default: only the size of each is bounded.";
    upload.expires_in: Amount, "UPSIGN_EXPIRES_IN",
        "How long a grant is valid, from 1s to 7 days. Default: \"15m\".";
    upload.no_overwrite: Flag, "UPSIGN_NO_OVERWRITE",
        "Prevent overwriting an existing object, with a signed If-None-Match header. Default: true for put. A \
         form (post) cannot prevent it.";
    upload.replace: Text, "UPSIGN_REPLACE",
        "Whether an upload may replace an existing object, instead of `no_overwrite`: never; only the object whose ETag \
         the client sends as ifMatch; or any (allow). if-match and allow also permit a key that several uploads share, \
         such as \"avatars/{sub}\". Default: never for put, allow for post.",
        ["never", "if-match", "allow"];
    upload.bodyless: Text, "UPSIGN_BODYLESS",
        "What happens to a request without a body: refuse it, or allow it. An allowed request is signed for the \
         first exact type; with put, the size and the other settings are not bound. No default, because it is a \
         security decision.",
        ["allow", "refuse"];
    upload.short_credentials: Text, "UPSIGN_SHORT_CREDENTIALS",
        "What happens if the signing credentials expire before the grant would: shorten the grant (clamp) or \
         refuse the request. Default: clamp.",
        ["clamp", "refuse"];
    upload.checksums: Texts, "UPSIGN_CHECKSUMS",
        "Checksums that a client may send: sha256, sha1, crc32, crc32c, crc64nvme, md5, and at stores that verify them \
         sha512, amz-md5 (x-amz-checksum-md5), xxhash64, xxhash3, xxhash128. A checksum that is sent is signed. Default: none.";
    upload.require_checksum: Flag, "UPSIGN_REQUIRE_CHECKSUM",
        "Require the client to send one of the checksums. Default: false.";
    upload.file_names: Text, "UPSIGN_FILE_NAMES",
        "What happens to an unsafe file name: refuse the request, or mend (repair) the name. Default: refuse.",
        ["refuse", "mend"];
    upload.max_file_name: Count, "UPSIGN_MAX_FILE_NAME",
        "The maximum length of a file name in bytes of UTF-8. Default: 255.";
    upload.keep_file_name: Flag, "UPSIGN_KEEP_FILE_NAME",
        "Store the file name, percent-encoded, as x-amz-meta-filename. Default: false.";
    upload.disposition: Text, "UPSIGN_DISPOSITION",
        "The Content-Disposition of every object: fixed, with the client's file name, or chosen by the client; \
         types that browsers could execute then become attachments. Default: not sent, or attachment with types = \
         \"any\".",
        ["attachment", "attachment-named", "inline-named", "from-client"];
    upload.cache_control: Text, "UPSIGN_CACHE_CONTROL",
        "The Cache-Control of every object, for example \"public, max-age=31536000, immutable\". Default: not sent.";
    upload.encryption: Text, "UPSIGN_ENCRYPTION",
        "The encryption at rest. Default: not sent; the setting of the bucket applies.",
        ["s3", "kms", "kms-dsse"];
    upload.kms_key: Text, "UPSIGN_KMS_KEY",
        "A customer managed KMS key: id, alias/NAME or ARN, or at Google Cloud Storage projects/PROJECT/locations/…/cryptoKeys/KEY. Default: the key that AWS manages.";
    upload.kms_context: Table, "UPSIGN_KMS_CONTEXT",
        "The encryption context of the KMS key, for example { tenant = \"acme\" }. It is not secret: KMS writes it to \
         CloudTrail. Default: none.";
    upload.bucket_key: Flag, "UPSIGN_BUCKET_KEY",
        "Encrypt with a key of the bucket that S3 derives from the KMS key, which saves requests to KMS. Only with \
         encryption = \"kms\". Default: not sent; the setting of the bucket applies.";
    upload.storage_class: Text, "UPSIGN_STORAGE_CLASS",
        "The storage class, for example \"STANDARD_IA\". Default: not sent; S3 uses STANDARD.";
    upload.acl: Text, "UPSIGN_ACL",
        "A canned ACL, for example \"bucket-owner-full-control\". Most buckets refuse every ACL. Default: not sent.";
    upload.content_encoding: Text, "UPSIGN_CONTENT_ENCODING",
        "The Content-Encoding of every object, for example \"gzip\". Browsers decode the object, so every file must be \
         encoded so. Default: not sent.";
    upload.content_language: Text, "UPSIGN_CONTENT_LANGUAGE",
        "The Content-Language of every object, for example \"de\". Not with method = \"post\". Default: not sent.";
    upload.expires: Text, "UPSIGN_EXPIRES",
        "The Expires header of every object: the date until which caches may keep it, for example \
         \"2037-01-01T00:00:00Z\". Default: not sent.";
    upload.website_redirect: Text, "UPSIGN_WEBSITE_REDIRECT",
        "Where a website of S3 redirects readers of the object: a path such as \"/moved.html\", or a URL. Default: not sent.";
    upload.object_lock: Retention, "UPSIGN_OBJECT_LOCK",
        "Protect every object against deletion for a number of days from the grant, in the mode governance or compliance, \
         for example { mode = \"governance\", days = 30 }. The bucket must have Object Lock enabled, and clients must send \
         a checksum. Not with method = \"post\". Default: the default retention of the bucket.";
    upload.legal_hold: Flag, "UPSIGN_LEGAL_HOLD",
        "Protect every object against deletion until the hold is removed, under the conditions of object_lock. Default: false.";
    upload.expected_bucket_owner: Text, "UPSIGN_EXPECTED_BUCKET_OWNER",
        "The id of the AWS account that must own the bucket, or S3 refuses the upload. Not with method = \"post\". \
         Default: not checked.";
    upload.headers: Table, "UPSIGN_HEADERS",
        "Further headers with fixed values, for example { \"x-amz-request-payer\" = \"requester\" }. Not with method = \
         \"post\". Default: none.";
    upload.success_action_status: Count, "UPSIGN_SUCCESS_ACTION_STATUS",
        "The status with which S3 answers a form: 200, 201 (with a description of the object in XML) or 204. Only with \
         method = \"post\". Default: 204.";
    upload.success_action_redirect: Text, "UPSIGN_SUCCESS_ACTION_REDIRECT",
        "The URL to which S3 sends the browser after an upload by a form. Only with method = \"post\". Default: none.";
    upload.metadata: Table, "UPSIGN_METADATA",
        "User-defined metadata of every object; names without x-amz-meta-.";
    upload.client_metadata: Texts, "UPSIGN_CLIENT_METADATA",
        "Names of metadata that a client may set; [\"*\"] allows any name. Default: none.";
    upload.tags: Table, "UPSIGN_TAGS", "Tags of every object.";
    upload.client_tags: Flag, "UPSIGN_CLIENT_TAGS", "Allow clients to set tags. Default: false.";
    upload.key_groups: Texts, "UPSIGN_KEY_GROUPS",
        "The groups that are eligible for {group}. Default: every group of the caller.";
    upload.shared_content: Text, "UPSIGN_SHARED_CONTENT",
        "Set to danger to allow a key with {sha256} but without {sub} before it, so that callers share objects. \
         Default: not allowed.",
        ["danger"];
    upload.infrequent_after: Count, "UPSIGN_INFREQUENT_AFTER",
        "Move uploads of this route to the cheaper storage class STANDARD_IA after this many days, at least 30. \
         Default: they stay.";
    upload.groups: Texts, "UPSIGN_UPLOAD_GROUPS",
        "Restrict this route to members of one of these groups. Default: every verified caller.";
    upload.scopes: Texts, "UPSIGN_UPLOAD_SCOPES",
        "Restrict this route to tokens with one of these scopes. Default: every verified caller.";

    credentials.unknown_expiry: Text, "UPSIGN_UNKNOWN_EXPIRY",
        "What happens with temporary credentials of unknown expiry, such as those in the environment of a \
         Lambda function: refuse to sign, or assume a lifetime. No default, because a wrong assumption gives \
         grants that end early.",
        ["refuse", "assume"];
    credentials.assume_for: Amount, "UPSIGN_ASSUME_FOR",
        "The assumed lifetime of such credentials, counted from the start of the process, for example \"1h\".";
    credentials.minimum: Amount, "UPSIGN_CREDENTIALS_MINIMUM",
        "The shortest lifetime to which a grant is shortened because the signing credentials expire. A request for \
         which they are too short is answered 503. A route whose expires_in is shorter grants that, and never less. \
         Default: \"60s\".";

    auth.name: Text, "UPSIGN_AUTH_NAME",
        "A name for the issuer, from a to z, 0 to 9 and -, for {issuer} in keys and for messages. Required in each \
         `[[auth]]` of several.";
    auth.provider: Text, "UPSIGN_AUTH_PROVIDER",
        "Who issues the tokens: Amazon Cognito, or any other OpenID Connect issuer (oidc). Default: cognito.",
        ["cognito", "oidc"];
    auth.user_pool: Text, "UPSIGN_USER_POOL",
        "The Cognito user pool whose tokens are accepted, for example \"ap-southeast-1_AbCdEf\". With source = \
         \"iam\", the user pool whose users sign requests with credentials of an identity pool.";
    auth.issuer: Text, "UPSIGN_ISSUER",
        "The issuer whose tokens are accepted, instead of a user pool: the value of `iss`, byte for byte. With source \
         = \"lambda-authorizer\", the issuer of the users' ids.";
    auth.jwks_uri: Text, "UPSIGN_JWKS_URI",
        "The URL of the JWKS of `issuer`. Default with provider = \"oidc\": the one that the discovery document of the \
         issuer names.";
    auth.jwks_file: Text, "UPSIGN_JWKS_FILE",
        "A file with the JWKS, relative to the folder of this file, for networks without a way to the issuer. It is \
         read once, at the start. Default: the keys are fetched.";
    auth.jwks: Text, "UPSIGN_JWKS",
        "The JWKS itself, as JSON, for networks without a way to the issuer. Default: the keys are fetched.";
    auth.danger_http_keys: Flag, "UPSIGN_DANGER_HTTP_KEYS",
        "Allow `jwks_uri`, or an `issuer` whose discovery document names its keys, without TLS, for an emulator on \
         this machine or in its network. Anyone on the network path to the keys can replace them, and then issue \
         tokens. Default: false.";
    auth.algorithms: Texts, "UPSIGN_ALGORITHMS",
        "The signature algorithms that are accepted: RS256, RS384, RS512, PS256, ES256, ES384, EdDSA. Default: \
         [\"RS256\"].";
    auth.audiences: Texts, "UPSIGN_AUDIENCES",
        "The audiences (`aud`) of which a token must name one. Mandatory with provider = \"oidc\". With Cognito, for \
         access tokens that are requested for a resource. Default with Cognito: not required.";
    auth.client_ids: TextsOrAny, "UPSIGN_CLIENT_IDS",
        "The app clients whose tokens are accepted, or \"any\" for every client of the issuer. Default with provider = \
         \"oidc\": any. No default with Cognito, because it is a security decision.";
    auth.token_use: Text, "UPSIGN_TOKEN_USE",
        "The kind of tokens that is accepted. No default, because it is a security decision.",
        ["access", "id", "any"];
    auth.token_type: Text, "UPSIGN_TOKEN_TYPE",
        "The type that the header of every access token must have (RFC 9068), with provider = \"oidc\". Default: not \
         required.",
        ["at+jwt"];
    auth.subject_claim: Text, "UPSIGN_SUBJECT_CLAIM",
        "The claim that identifies the user, for {sub}. It must never change nor be given to another user. Default: \
         sub. Mandatory with source = \"lambda-authorizer\", as a member of the authorizer's context; groups_claim and \
         scopes_claim are then members too.";
    auth.groups_claim: TextOrTable, "UPSIGN_GROUPS_CLAIM",
        "The claim with the groups: its name, or { claim = \"custom:groups\", form = \"bracket\" } for another \
         spelling than a JSON list: json, comma, bracket or space. Default: cognito:groups, or groups with provider = \
         \"oidc\".";
    auth.scopes_claim: TextOrTable, "UPSIGN_SCOPES_CLAIM",
        "The claim with the scopes, written like groups_claim; without a form, a text with spaces. Default: scope.";
    auth.leeway: Amount, "UPSIGN_LEEWAY",
        "The tolerated clock difference, at most 10 minutes. Default: \"60s\".";
    auth.groups: Texts, "UPSIGN_GROUPS",
        "Require every caller, on every route, to be a member of one of these groups. Default: not required.";
    auth.scopes: Texts, "UPSIGN_SCOPES",
        "Require every token, on every route, to have one of these scopes. Default: not required.";
    auth.identity_pool: Text, "UPSIGN_IDENTITY_POOL",
        "With source = \"iam\", the Cognito identity pool whose identities may upload, for example \
         \"ap-southeast-1:f4bb3f2a-5dc4-4d0c-9a3f-2d3bd6ac7a36\"; {sub} is then the identity id.";
    auth.source: Text, "UPSIGN_AUTH_SOURCE",
        "What identifies callers on Lambda: the function verifies tokens itself (token), the authorizer of its API \
         does (authorizer), a Lambda authorizer passes on a context (lambda-authorizer), or callers sign requests with \
         IAM credentials (iam). With several issuers, source, token_header, accept_raw_authorization, max_token_size \
         and fetch_timeout stand in the first `[[auth]]`. Default: authorizer if one exists that lets through every \
         token that this section accepts, else token; `upsign check` prints which, and why.",
        ["token", "authorizer", "lambda-authorizer", "iam"];
    auth.token_header: Text, "UPSIGN_TOKEN_HEADER",
        "The request header with the token, for CloudFront origin access control and proxies, which replace \
         Authorization. No other header is then read. Default: authorization.";
    auth.accept_raw_authorization: Flag, "UPSIGN_ACCEPT_RAW_AUTHORIZATION",
        "Accept a token without the word Bearer in front. Default: false.";
    auth.max_token_size: Amount, "UPSIGN_MAX_TOKEN_SIZE",
        "The maximum length of a token, from 1 KiB to 64 KiB. A token with many groups is longer. Default: \"8 KiB\".";
    auth.fetch_timeout: Amount, "UPSIGN_FETCH_TIMEOUT",
        "The time limit of a request for the keys of an issuer, from 1s to 30s, in whole seconds. A third of it is for \
         connecting. Default: \"3s\".";

    cors.origins: Texts, "UPSIGN_ORIGINS",
        "The origins of the pages that may upload from a browser, for example `https://app.example.com`. Each can contain \
         one `*` that the bucket's CORS holds too: `https://*.example.com` or `http://localhost:*`.";
    cors.allow_headers: Texts, "UPSIGN_ALLOW_HEADERS",
        "Further request headers that these pages may send to the API, for example \"traceparent\" and \"tracestate\" of \
         a tracing library, \"x-amz-content-sha256\" for CloudFront origin access control, or \"x-api-key\". Default: \
         only authorization and content-type.";

    server.base_path: Text, "UPSIGN_BASE_PATH",
        "A path in front of the API that CloudFront, a load balancer or a proxy does not remove, for example \"/api\". The \
         API then answers at /api/upload-url too; the generated APIs route only this path. Default: none.";

    server.browser_client: Flag, "UPSIGN_BROWSER_CLIENT",
        "Whether `upsign serve` offers the client for browsers below /upsign/, for pages without a bundler. Default: false. \
         `upsign dev` always offers it.";
    server.single_process: Flag, "UPSIGN_SINGLE_PROCESS",
        "State that a single process serves the API at any time, so that what it counts in its memory is complete. Lambda runs several. \
         Required by store = \"memory\" in `[quota]`, and by outbox = \"process\" in `[webhook]`. Default: false.";

    limit.per_minute: Count, "UPSIGN_LIMIT_PER_MINUTE",
        "The maximum number of requests per minute and caller, counted separately by each process unless `shared` is set. \
         Default: no limit.";
    limit.burst: Count, "UPSIGN_LIMIT_BURST",
        "How many of these requests a caller may send at once. Default: all of them.";
    limit.calls_per_minute: Count, "UPSIGN_LIMIT_CALLS_PER_MINUTE",
        "The maximum number of requests per minute and caller for uploads that have begun: for URLs of parts, the status, completing \
         and aborting, and to confirm, read and delete. Default: ten times `per_minute`, or no limit without it.";

    limit.per_day: Count, "UPSIGN_LIMIT_PER_DAY",
        "The maximum number of uploads per caller and UTC day, of all routes together. Needs `[quota]`. Default: no limit.";
    limit.bytes_per_day: Amount, "UPSIGN_LIMIT_BYTES_PER_DAY",
        "The maximum size of all uploads per caller and UTC day, of all routes together. Needs `[quota]`. Default: no limit.";
    limit.shared: Flag, "UPSIGN_LIMIT_SHARED",
        "Count requests per minute in the store of `[quota]` too, so that all processes count them together. Default: false.";

    quota.store: Text, "UPSIGN_QUOTA_STORE",
        "Where uploads per day are counted: in the memory of the only process (memory), in Redis or Valkey (redis), or in a table of \
         DynamoDB (dynamodb), which the generated stack contains. No default.",
        ["memory", "redis", "dynamodb"];
    quota.fail: Text, "UPSIGN_QUOTA_FAIL",
        "What happens while the store does not answer: uploads are refused (closed), or are not counted (open). No default, because \
         it is a security decision.",
        ["closed", "open"];
    quota.by: Text, "UPSIGN_QUOTA_BY",
        "Whose uploads are counted together: those of a caller (subject), or those of all callers of an issuer with the same value of \
         a claim (claim:NAME). Default: subject.";
    quota.url: Text, "UPSIGN_QUOTA_URL",
        "Where the URL of the Redis server is, which contains its password: \"env:NAME\" for a variable, or \"file:PATH\" for a file. The \
         URL has the form `redis://USER:PASSWORD@HOST:PORT`; `rediss` is with TLS, and `redis-cluster` a cluster.";
    quota.table: Text, "UPSIGN_QUOTA_TABLE",
        "The name of the DynamoDB table.";
    quota.region: Text, "UPSIGN_QUOTA_REGION",
        "The region of the DynamoDB table. Default: that of the first bucket on AWS.";

    webhook.url: Text, "UPSIGN_WEBHOOK_URL",
        "The URL of the application that receives a signed request when an upload was confirmed, rejected or has expired: https, or http \
         on this machine.";
    webhook.secrets: Texts, "UPSIGN_WEBHOOK_SECRETS",
        "Where the secrets are that sign these requests, like `token.keys`. A secret has the form whsec_BASE64, of 24 to 64 random bytes. Each \
         one signs, so the receiver can change from one to the other.";
    webhook.outbox: Text, "UPSIGN_WEBHOOK_OUTBOX",
        "Where messages wait until they are delivered: in the memory of the only process, which delivers them (process), or in a queue of \
         SQS (sqs), from which `upsign serve` with deliver = true or a function delivers them. Lambda needs sqs. No default.",
        ["process", "sqs"];
    webhook.queue_url: Text, "UPSIGN_WEBHOOK_QUEUE_URL",
        "The URL of the queue, with outbox = \"sqs\".";
    webhook.deliver: Flag, "UPSIGN_WEBHOOK_DELIVER",
        "`upsign serve` also delivers the messages of this queue, with outbox = \"sqs\"; several processes share the work. Default: false.";

    events.queue_url: Text, "UPSIGN_EVENTS_QUEUE_URL",
        "The URL of the queue of SQS that the bucket notifies, from which `upsign serve` confirms and expires uploads. Lambda does not read it.";

    token.keys: Texts, "UPSIGN_TOKEN_KEYS",
        "Where the secrets are that sign the tokens of uploads: \"env:NAME\" for a variable, \"file:PATH\" for a file (a \
         relative path starts at the folder of upsign.toml), and \"secretsmanager:ARN\" for AWS Secrets Manager. Each has at least 32 \
         random bytes; `openssl rand -base64 32` prints one. The first signs and all verify, so a new secret goes to the front and \
         the old one stays until its uploads have ended. Required by routes with multipart uploads, and by those whose uploads are confirmed.";
    token.deployment: Text, "UPSIGN_TOKEN_DEPLOYMENT",
        "The name of this deployment, 1 to 255 bytes. A token of one deployment is not valid for another, even if they share a \
         secret. Default: \"default\".";

    cloudfront.domain: Text, "UPSIGN_CLOUDFRONT_DOMAIN",
        "The domain of the CloudFront distribution, for example d111111abcdef8.cloudfront.net, at which clients read uploads. The function \
         of a generated stack has that of its distribution by default.";
    cloudfront.domains: Table, "UPSIGN_CLOUDFRONT_DOMAINS",
        "The domains of several distributions, each by the name of its bucket, in place of `domain`.";
    cloudfront.key_pair_id: Text, "UPSIGN_CLOUDFRONT_KEY_PAIR_ID",
        "The id that CloudFront gave to the public half of `private_key`, for example K2JCJMDEHXQW5F. The function of a generated stack has \
         that of the first of `public_keys`.";
    cloudfront.private_key: Text, "UPSIGN_CLOUDFRONT_PRIVATE_KEY",
        "Where the key is that signs URLs of CloudFront, in the form of an item of `token.keys`: a PEM block of an RSA key with 2048 bits, or \
         of an ECDSA key of the curve P-256. Required with reads = \"cloudfront\" if a route has confirm = true.";
    cloudfront.public_keys: Texts, "UPSIGN_CLOUDFRONT_PUBLIC_KEYS",
        "The public keys, each as a PEM block, whose signatures the distributions of a generated stack accept; at most 5. The first is that \
         of `private_key`; others are for the time in which keys are replaced. Required with reads = \"cloudfront\", except for a \
         distribution of your own (distribution_arn).";
    cloudfront.public_reads: Flag, "UPSIGN_CLOUDFRONT_PUBLIC_READS",
        "Let everybody who knows the key of an upload read it, without a signature. Only for files that are public anyway. Default: false.";

    deployment.api: Text, "UPSIGN_DEPLOYMENT_API",
        "What invokes the Lambda function: a REST API, an HTTP API, a function URL (url), or a rule of an \
         Application Load Balancer (alb). Default: rest.",
        ["rest", "http", "url", "alb"];
    deployment.account: Text, "UPSIGN_DEPLOYMENT_ACCOUNT",
        "The id of the AWS account, for documents that contain it. A template or module refers to the account that \
         it is deployed to.";
    deployment.code: Text, "UPSIGN_DEPLOYMENT_CODE",
        "The code of the function: a zip file, a folder, or s3://BUCKET/KEY. Default: the file that cargo lambda \
         builds.";
    deployment.consumer_code: Text, "UPSIGN_DEPLOYMENT_CONSUMER_CODE",
        "The code of the function that confirms uploads by the notifications of the bucket, in the same form. Default: the file that \
         cargo lambda builds of a program named consumer.";
    deployment.deliverer_code: Text, "UPSIGN_DEPLOYMENT_DELIVERER_CODE",
        "The code of the function that delivers webhooks, in the same form. Default: the file that cargo lambda builds of a program \
         named deliverer.";
    deployment.variables: Table, "UPSIGN_DEPLOYMENT_VARIABLES",
        "Environment variables of the function. The values of this file need none, because the file is part of the \
         function's code; variables that override them are refused.";
    deployment.table: Text, "UPSIGN_DEPLOYMENT_TABLE",
        "A DynamoDB table that the function may read and write. It is for a function of your own: the function of \
         upsign-lambda uses no table.";
    deployment.signing_role: Text, "UPSIGN_DEPLOYMENT_SIGNING_ROLE",
        "The ARN of a role that the function assumes to sign; its own role then has no access to objects.";
    deployment.reserved_concurrency: Count, "UPSIGN_DEPLOYMENT_RESERVED_CONCURRENCY",
        "The maximum number of instances of the function that run at the same time. Lambda keeps at least 100 of the \
         account's limit for other functions, and the whole limit of new accounts, which is 10. Default: only the \
         limit of the account.";
    deployment.throttle_rate: Count, "UPSIGN_DEPLOYMENT_THROTTLE_RATE",
        "The requests per second that a REST or HTTP API accepts from all callers together. Default: 50.";
    deployment.throttle_burst: Count, "UPSIGN_DEPLOYMENT_THROTTLE_BURST",
        "How many requests a REST or HTTP API accepts at once. Default: 100.";
    deployment.access_logs: Flag, "UPSIGN_DEPLOYMENT_ACCESS_LOGS",
        "Write an access log of the REST or HTTP API, without the Authorization header. Default: true.";
    deployment.log_retention: Count, "UPSIGN_DEPLOYMENT_LOG_RETENTION",
        "After how many days the logs are deleted; one of the values that CloudWatch accepts, such as 7, 30 or 365. \
         Default: 30.";
    deployment.tracing: Flag, "UPSIGN_DEPLOYMENT_TRACING",
        "Send traces of the function and the REST API to AWS X-Ray. Default: false.";
    deployment.monitoring: Flag, "UPSIGN_DEPLOYMENT_MONITORING",
        "Create alarms and a dashboard in CloudWatch. Default: true.";
    deployment.listener_arn: Text, "UPSIGN_DEPLOYMENT_LISTENER_ARN",
        "The ARN of the listener of the load balancer; required with api = \"alb\".";
    deployment.versioned: Flag, "UPSIGN_DEPLOYMENT_VERSIONED",
        "Keep the previous versions of objects that are overwritten or deleted. Default: true.";
    deployment.account_regional_buckets: Flag, "UPSIGN_DEPLOYMENT_ACCOUNT_REGIONAL_BUCKETS",
        "Create buckets in the namespace of the account and region, so that no other account can have their names. \
         Default: false.";
    deployment.guards: Texts, "UPSIGN_DEPLOYMENT_GUARDS",
        "Unsafe requests that the bucket policy denies to everyone: tls, tls12, sigv4, signature-age, auth-type, \
         no-overwrite, encryption, acl, storage-class, scanned, account. Default: tls, tls12 and sigv4; each other \
         one also denies some legitimate requests.";
    deployment.scanner_role: Text, "UPSIGN_DEPLOYMENT_SCANNER_ROLE",
        "The ARN of the role of the GuardDuty Malware Protection plan, for the guard `scanned`, and to read objects that are not \
         confirmed yet.";
    deployment.service_role: Text, "UPSIGN_DEPLOYMENT_SERVICE_ROLE",
        "The ARN of the role that the service runs as, for a bucket policy outside of a template: with `pending_key` or `gate`, only \
         this role reads objects that are not confirmed. A template or module names the role of its function too.";
    deployment.expire: Counts, "UPSIGN_DEPLOYMENT_EXPIRE",
        "Prefixes of keys, and after how many days objects with this prefix are deleted, with all versions.";
    deployment.reads: Text, "UPSIGN_DEPLOYMENT_READS",
        "How uploads are read: not through this deployment; with presigned GET URLs, which the service signs for uploads of routes \
         with confirm = true, and else a function of your own; or through a CloudFront distribution, by URLs that are signed with the key of \
         `[cloudfront]`. Default: none.",
        ["none", "presigned", "cloudfront"];
    deployment.distribution_arn: Text, "UPSIGN_DEPLOYMENT_DISTRIBUTION_ARN",
        "The ARN of the CloudFront distribution, for a bucket policy outside of a template. A template or module \
         creates its own.";
    deployment.notify: Text, "UPSIGN_DEPLOYMENT_NOTIFY",
        "Where notifications about new objects go: nowhere, to an SQS queue, or to EventBridge. Default: queue.",
        ["none", "queue", "event-bridge"];
    deployment.queue_arn: Text, "UPSIGN_DEPLOYMENT_QUEUE_ARN",
        "The ARN of the queue that receives the notifications, for a document outside of a template. A template or \
         module creates its own.";
}

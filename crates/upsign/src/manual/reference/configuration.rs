//! Every key of `upsign.toml`, with the variable that overrides it.
//!
//! One file holds the whole configuration: the command line, the server and the Lambda function read the same one.
//! Unknown keys are errors, and an error names the file, the line, the key and what to change. Do not store secrets in
//! this file: a key whose name looks like that of a secret is refused.
//!
//! ```toml
//! [bucket]
//! name = "article-images-bucket"
//! region = "ap-southeast-1"
//!
//! [upload]
//! key = "articles/{article_id}/raw/{id}.{ext}"
//! ids = ["article_id"]
//! types = ["image/jpeg", "image/png", "image/webp"]
//! max_size = "10 MiB"
//! expires_in = "15m"
//! bodyless = "refuse"
//!
//! [auth]
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//!
//! [cors]
//! origins = ["https://app.example.com"]
//! ```
//!
//! This is the recommended file. `upsign init` writes it with comments, `upsign check` explains what a file grants, and
//! `upsign schema` prints its JSON Schema for editors.
//!
//! # Routes
//!
//! `[upload]` is the default route: it applies to requests that name no route. Each `[route.NAME]` is a further policy,
//! which a request selects with `"route": "NAME"`. A route does not inherit from `[upload]`; it sets the same keys itself. It
//! does inherit `[bucket]`, key by key, unless it sets `bucket`, `region`, `provider`, `endpoint` and so on.
//!
//! ```toml
//! [route.avatars]
//! key = "avatars/{sub}/{id}.{ext}"
//! types = ["image/webp"]
//! max_size = "1 MiB"
//! method = "post"
//! bodyless = "refuse"
//! groups = ["members"]
//!
//! [route.videos]
//! bucket = "videos-bucket"
//! key = "{claim:custom:tenant}/{id}/{filename}"
//! types = ["video/*"]
//! max_size = "2 GiB"
//! bodyless = "refuse"
//! ```
//!
//! # Deployment
//!
//! `[deployment]` describes what surrounds the service on AWS. `upsign documents` generates it, `upsign check` prints it, and
//! `upsign check --against` compares the documents in use with it. An option such as `--reads presigned` replaces a value for
//! one command.
//!
//! ```toml
//! [deployment]
//! api = "http"
//! reads = "presigned"               # by URLs that the service signs for confirmed uploads
//! guards = ["tls", "tls12", "sigv4", "acl"]
//! expire = { "pending/" = 1 }
//! reserved_concurrency = 10
//! ```
//!
//! # Who verifies tokens on Lambda
//!
//! An authorizer of an API refuses tokens before the function runs, but it must not refuse one that `[auth]` accepts. It is
//! used only if it lets through all of those tokens; otherwise the function verifies them itself. The function compares the
//! claims with `[auth]` in both cases.
//!
//! | `deployment.api` | What invokes the Lambda function: a REST API, an HTTP API, a function URL (url), or a rule of an Application Load Balancer (alb). Default: rest. | `UPSIGN_DEPLOYMENT_API` |
//! | --- | --- | --- |
//! | `rest` | `user_pool`, `token_use = "id"`, no scopes | the authorizer |
//! | `rest` | `user_pool`, `token_use = "access"`, with scopes | the authorizer, which demands one of the scopes |
//! | `rest` | anything else: `token_use = "any"`, access tokens without scopes, another issuer, `jwks`, `jwks_file`, a claim within a claim | the function |
//! | `http` | `issuer` with `https`, and a list of `client_ids` or `audiences` | the authorizer, which finds the keys with the discovery document of the issuer |
//! | `http` | the same with `jwks`, `jwks_file`, `token_type`, an algorithm other than RS256, RS384 and RS512, or a claim within a claim | the function |
//! | `http` | `user_pool`, whose setting `IssuerConfiguration` decides which issuer the authorizer would have to name | the function |
//! | `rest`, `http` | several `[[auth]]` | the function |
//! | `url`, `alb` | anything | the function |
//!
//! Scopes are those of `auth.scopes`, or of the routes if every route has some; an authorizer reads them from `scope`, not from
//! another `scopes_claim`. `auth.source = "authorizer"` makes it an error if the authorizer would refuse tokens;
//! `auth.source = "token"` leaves it out. With `lambda-authorizer` and `iam` there are no tokens:
//! [`callers`](crate::manual::howto::callers).
//!
//! # Several issuers
//!
//! `[[auth]]` in place of `[auth]`, once for each issuer, accepts the tokens of each with its own requirements. `auth.name` is then
//! required, and keys that contain a part of the identity also contain `{issuer}`. `source`, `token_header`,
//! `accept_raw_authorization`, `max_token_size` and `fetch_timeout` are set in the first one, for all. The variables of the other
//! keys of `[auth]` are errors: [`issuers`](crate::manual::howto::issuers#several-issuers) has an example.
//!
//! # Keys
//!
//! A size is a number of bytes or has a unit: `10485760`, `"10 MiB"` (powers of 1024), `"10 MB"` (powers of 1000). A time is a
//! number of seconds or has units: `900`, `"15m"`, `"15 min"`, `"1h 30m"`, `"7 days"`.
//!
//! | key | meaning | variable |
//! | --- | --- | --- |
//! | `dialects` | The clients that the API also answers in their own contracts: Uppy 6 (uppy), Uppy 4 and 5 with the API of Companion (companion), better-upload, Active Storage of Rails (active-storage), and Git LFS (git-lfs). It stands above all sections. Default: none. | `UPSIGN_DIALECTS` |
//! | `bucket.name` | The bucket name, the ARN of an access point, or TENANT:BUCKET for the bucket of a tenant of Ceph. | `UPSIGN_BUCKET` |
//! | `bucket.region` | The region of the bucket. Required, because a URL signed for another region does not work, unless `endpoint` contains it or the store has only one. If the file does not set it, AWS_REGION is used for buckets on AWS. | `UPSIGN_REGION` |
//! | `bucket.provider` | The S3-compatible store, which determines its features, regions and addresses. Default: the store whose host `endpoint` has, custom if it has another, and aws without an endpoint. | `UPSIGN_PROVIDER` |
//! | `bucket.endpoint` | The address of a store other than AWS, for example `https://minio.example.com:9000`. | `UPSIGN_ENDPOINT` |
//! | `bucket.addressing` | Whether the bucket name is part of the path or of the host name at `endpoint`, or of neither, because the endpoint is the bucket's own host, such as a custom domain (bucket-is-host). Default: the convention of the provider. | `UPSIGN_ADDRESSING` |
//! | `bucket.signature` | The signatures of requests. Google Cloud Storage also accepts its own, with the headers and forms that go with them: with an HMAC key, whose access id and secret are given as those of AWS (goog4-hmac), or with the key file of a service account, which the variable GOOGLE_APPLICATION_CREDENTIALS names (goog4-rsa). Default: sigv4. | `UPSIGN_SIGNATURE` |
//! | `bucket.can` | What the store supports, where its profile does not say so or says otherwise: post (forms), if_none_match, if_match, checksums, acl, kms, storage_class, tags, object_lock, expected_bucket_owner, website_redirect, of multipart uploads complete_if_none_match, object_size and full_object_checksums, of copies copy_if_none_match and copy_source_if_match, and cors_wildcard (`*` inside an origin of the bucket's CORS). Default: the profile of the provider; a store without one is assumed to support what AWS does. | `UPSIGN_CAN` |
//! | `bucket.dualstack` | Use the AWS endpoint that supports IPv4 and IPv6. Default: false. | `UPSIGN_DUALSTACK` |
//! | `bucket.fips` | Use the AWS endpoint with FIPS 140 validated cryptography. Default: false. | `UPSIGN_FIPS` |
//! | `bucket.accelerate` | Use S3 Transfer Acceleration, which must be enabled for the bucket. Default: false. | `UPSIGN_ACCELERATE` |
//! | `upload.key` | The template of object keys, for example "articles/{article_id}/raw/{id}.{ext}". Placeholders: {id}, {id:sealed}, {issuer}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date}, {sha256} and the declared ids. | `UPSIGN_KEY` |
//! | `upload.ids` | Declared ids, in snake case. Each is a new UUID per upload; the response contains it in camel case (article_id as articleId). | `UPSIGN_IDS` |
//! | `upload.id_version` | The version of generated UUIDs: v4 is random; v7 sorts by time and reveals when it was created. Default: v4. | `UPSIGN_ID_VERSION` |
//! | `upload.client_may_supply` | Declared ids that a client may supply instead of receiving a new one. Requires an application that checks whether the caller may use the id; the command line has none. | `UPSIGN_CLIENT_MAY_SUPPLY` |
//! | `upload.types` | The allowed content types, exact or as a range such as image/*; or "any" for every file, saved and never displayed. A range includes the types that browsers are known not to execute, and others only if disposition makes browsers save them. A request without a body is signed for the first exact type. | `UPSIGN_TYPES` |
//! | `upload.extensions` | The file extensions of a content type, instead of the built-in ones. The first is the value of {ext}. | `UPSIGN_EXTENSIONS` |
//! | `upload.min_size` | The minimum file size, for example "1 KiB". Default: 1 byte. | `UPSIGN_MIN_SIZE` |
//! | `upload.max_size` | The maximum file size, for example "10 MiB". | `UPSIGN_MAX_SIZE` |
//! | `upload.size_bound` | What a put binds of the size: the exact size, which the client must state, or only the maximum, for recordings and streams. Only RustFS and, with signatures of its own, Google Cloud Storage can bind a maximum. With `multipart`, a file of unknown size is uploaded in parts, at every store. Default: exact. | `UPSIGN_SIZE_BOUND` |
//! | `upload.unbounded` | Whether a client of a dialect that states no size, such as Uppy, may send a file with a put that binds no size (danger): a client can then upload as much as the store accepts, and only a confirmation compares it with `max_size`. Not needed for forms (method = "post") and parts (multipart), which are bounded. Default: refuse. | `UPSIGN_UNBOUNDED` |
//! | `upload.method` | How the client sends the file: put binds the exact size; post (a form) can bind a range, for clients that do not know the size. With multipart = "auto", larger files are uploaded in parts. Default: put. | `UPSIGN_METHOD` |
//! | `upload.multipart` | Which files are uploaded in parts, so that an upload can be resumed and can have more than 5 GiB: none (no), those above `multipart_above` and those for which the client asks for it (auto), or every file (always). Needs `{id}` in `key`, and the secrets of `[token]`. Default: no. | `UPSIGN_MULTIPART` |
//! | `upload.multipart_above` | The file size above which multipart = "auto" uploads a file in parts. Default: "100 MiB". | `UPSIGN_MULTIPART_ABOVE` |
//! | `upload.part_size` | The size of each part except the last one, a multiple of 1 MiB, with which a file of `max_size` has at most 10,000 parts, or as many as the store accepts. Default: "8 MiB", or more for files that would have too many parts. | `UPSIGN_PART_SIZE` |
//! | `upload.parts_at_once` | How many parts a client should send at a time, 1 to 32. The service tells clients; nothing enforces it. Default: 4. | `UPSIGN_PARTS_AT_ONCE` |
//! | `upload.resume_window` | How long a multipart upload can be continued after it began, from 1s to 7 days. Default: "24h". | `UPSIGN_RESUME_WINDOW` |
//! | `upload.confirm` | Let clients confirm their uploads: the service looks at the object, compares it with what it granted, and answers a receipt. Needs the secrets of `[token]`. Default: false. | `UPSIGN_CONFIRM` |
//! | `upload.confirm_within` | How long after its grant expires an upload with one request can be confirmed, from 1s to 7 days. An upload in parts is confirmed within `resume_window`. Default: "24h". | `UPSIGN_CONFIRM_WITHIN` |
//! | `upload.pending_key` | The template of the keys to which clients upload, for example "pending/{article_id}/{id}.{ext}". Confirming an upload copies the object to `key`. It has the placeholders of `key`, and begins with a folder of its own, from which only the service reads. Default: clients upload to `key`. | `UPSIGN_PENDING_KEY` |
//! | `upload.pending_days` | After how many days objects below `pending_key` are deleted that nobody has confirmed. Default: as many whole days as an upload can be confirmed, 2 with the other defaults. | `UPSIGN_PENDING_DAYS` |
//! | `upload.gate` | What keeps readers from an object until it is confirmed, in place of `pending_key`: a policy of the bucket, which denies reads of objects without the tag upsign=confirmed (tag), or nothing (none). Default: none. | `UPSIGN_GATE` |
//! | `upload.inspect` | What looks into an object before it is confirmed: nothing (none); a comparison of its first and last bytes with its type (magic); or the application (hook), which the command line is not. Needs `pending_key` or `gate`. Default: none. | `UPSIGN_INSPECT` |
//! | `upload.claim` | Store what was granted with each object, as x-amz-meta-upsign with a message authentication code, so that a consumer of events can confirm the object without its upload token. Default: false. | `UPSIGN_CLAIM` |
//! | `upload.delete` | Let callers delete their uploads. Default: false. | `UPSIGN_DELETE` |
//! | `upload.read_expires_in` | How long a URL to read a confirmed object is valid, from 1s to 7 days. Default: "5m". | `UPSIGN_READ_EXPIRES_IN` |
//! | `upload.per_day` | The maximum number of uploads of this route per caller and UTC day. Needs `[quota]`. Default: no limit. | `UPSIGN_UPLOAD_PER_DAY` |
//! | `upload.bytes_per_day` | The maximum size of all uploads of this route per caller and UTC day. Needs `[quota]`. Default: no limit. | `UPSIGN_UPLOAD_BYTES_PER_DAY` |
//! | `upload.max_files` | How many files one request can describe, 1 to 255. They are granted together, or none is. Default: 1. | `UPSIGN_MAX_FILES` |
//! | `upload.max_total_size` | The maximum size of all files of one request together. Default: only the size of each is bounded. | `UPSIGN_MAX_TOTAL_SIZE` |
//! | `upload.expires_in` | How long a grant is valid, from 1s to 7 days. Default: "15m". | `UPSIGN_EXPIRES_IN` |
//! | `upload.no_overwrite` | Prevent overwriting an existing object, with a signed If-None-Match header. Default: true for put. A form (post) cannot prevent it. | `UPSIGN_NO_OVERWRITE` |
//! | `upload.replace` | Whether an upload may replace an existing object, instead of `no_overwrite`: never; only the object whose ETag the client sends as ifMatch; or any (allow). if-match and allow also permit a key that several uploads share, such as "avatars/{sub}". Default: never for put, allow for post. | `UPSIGN_REPLACE` |
//! | `upload.bodyless` | What happens to a request without a body: refuse it, or allow it. An allowed request is signed for the first exact type; with put, the size and the other settings are not bound. No default, because it is a security decision. | `UPSIGN_BODYLESS` |
//! | `upload.short_credentials` | What happens if the signing credentials expire before the grant would: shorten the grant (clamp) or refuse the request. Default: clamp. | `UPSIGN_SHORT_CREDENTIALS` |
//! | `upload.checksums` | Checksums that a client may send: sha256, sha1, crc32, crc32c, crc64nvme, md5, and at stores that verify them sha512, amz-md5 (x-amz-checksum-md5), xxhash64, xxhash3, xxhash128. A checksum that is sent is signed. Default: none. | `UPSIGN_CHECKSUMS` |
//! | `upload.require_checksum` | Require the client to send one of the checksums. Default: false. | `UPSIGN_REQUIRE_CHECKSUM` |
//! | `upload.file_names` | What happens to an unsafe file name: refuse the request, or mend (repair) the name. Default: refuse. | `UPSIGN_FILE_NAMES` |
//! | `upload.max_file_name` | The maximum length of a file name in bytes of UTF-8. Default: 255. | `UPSIGN_MAX_FILE_NAME` |
//! | `upload.keep_file_name` | Store the file name, percent-encoded, as x-amz-meta-filename. Default: false. | `UPSIGN_KEEP_FILE_NAME` |
//! | `upload.disposition` | The Content-Disposition of every object: fixed, with the client's file name, or chosen by the client; types that browsers could execute then become attachments. Default: not sent, or attachment with types = "any". | `UPSIGN_DISPOSITION` |
//! | `upload.cache_control` | The Cache-Control of every object, for example "public, max-age=31536000, immutable". Default: not sent. | `UPSIGN_CACHE_CONTROL` |
//! | `upload.encryption` | The encryption at rest. Default: not sent; the setting of the bucket applies. | `UPSIGN_ENCRYPTION` |
//! | `upload.kms_key` | A customer managed KMS key: id, alias/NAME or ARN, or at Google Cloud Storage projects/PROJECT/locations/…/cryptoKeys/KEY. Default: the key that AWS manages. | `UPSIGN_KMS_KEY` |
//! | `upload.kms_context` | The encryption context of the KMS key, for example { tenant = "acme" }. It is not secret: KMS writes it to CloudTrail. Default: none. | `UPSIGN_KMS_CONTEXT` |
//! | `upload.bucket_key` | Encrypt with a key of the bucket that S3 derives from the KMS key, which saves requests to KMS. Only with encryption = "kms". Default: not sent; the setting of the bucket applies. | `UPSIGN_BUCKET_KEY` |
//! | `upload.storage_class` | The storage class, for example "STANDARD_IA". Default: not sent; S3 uses STANDARD. | `UPSIGN_STORAGE_CLASS` |
//! | `upload.acl` | A canned ACL, for example "bucket-owner-full-control". Most buckets refuse every ACL. Default: not sent. | `UPSIGN_ACL` |
//! | `upload.content_encoding` | The Content-Encoding of every object, for example "gzip". Browsers decode the object, so every file must be encoded so. Default: not sent. | `UPSIGN_CONTENT_ENCODING` |
//! | `upload.content_language` | The Content-Language of every object, for example "de". Not with method = "post". Default: not sent. | `UPSIGN_CONTENT_LANGUAGE` |
//! | `upload.expires` | The Expires header of every object: the date until which caches may keep it, for example "2037-01-01T00:00:00Z". Default: not sent. | `UPSIGN_EXPIRES` |
//! | `upload.website_redirect` | Where a website of S3 redirects readers of the object: a path such as "/moved.html", or a URL. Default: not sent. | `UPSIGN_WEBSITE_REDIRECT` |
//! | `upload.object_lock` | Protect every object against deletion for a number of days from the grant, in the mode governance or compliance, for example { mode = "governance", days = 30 }. The bucket must have Object Lock enabled, and clients must send a checksum. Not with method = "post". Default: the default retention of the bucket. | `UPSIGN_OBJECT_LOCK` |
//! | `upload.legal_hold` | Protect every object against deletion until the hold is removed, under the conditions of object_lock. Default: false. | `UPSIGN_LEGAL_HOLD` |
//! | `upload.expected_bucket_owner` | The id of the AWS account that must own the bucket, or S3 refuses the upload. Not with method = "post". Default: not checked. | `UPSIGN_EXPECTED_BUCKET_OWNER` |
//! | `upload.headers` | Further headers with fixed values, for example { "x-amz-request-payer" = "requester" }. Not with method = "post". Default: none. | `UPSIGN_HEADERS` |
//! | `upload.success_action_status` | The status with which S3 answers a form: 200, 201 (with a description of the object in XML) or 204. Only with method = "post". Default: 204. | `UPSIGN_SUCCESS_ACTION_STATUS` |
//! | `upload.success_action_redirect` | The URL to which S3 sends the browser after an upload by a form. Only with method = "post". Default: none. | `UPSIGN_SUCCESS_ACTION_REDIRECT` |
//! | `upload.metadata` | User-defined metadata of every object; names without x-amz-meta-. | `UPSIGN_METADATA` |
//! | `upload.client_metadata` | Names of metadata that a client may set; ["*"] allows any name. Default: none. | `UPSIGN_CLIENT_METADATA` |
//! | `upload.tags` | Tags of every object. | `UPSIGN_TAGS` |
//! | `upload.client_tags` | Allow clients to set tags. Default: false. | `UPSIGN_CLIENT_TAGS` |
//! | `upload.key_groups` | The groups that are eligible for {group}. Default: every group of the caller. | `UPSIGN_KEY_GROUPS` |
//! | `upload.shared_content` | Set to danger to allow a key with {sha256} but without {sub} before it, so that callers share objects. Default: not allowed. | `UPSIGN_SHARED_CONTENT` |
//! | `upload.infrequent_after` | Move uploads of this route to the cheaper storage class STANDARD_IA after this many days, at least 30. Default: they stay. | `UPSIGN_INFREQUENT_AFTER` |
//! | `upload.groups` | Restrict this route to members of one of these groups. Default: every verified caller. | `UPSIGN_UPLOAD_GROUPS` |
//! | `upload.scopes` | Restrict this route to tokens with one of these scopes. Default: every verified caller. | `UPSIGN_UPLOAD_SCOPES` |
//! | `credentials.unknown_expiry` | What happens with temporary credentials of unknown expiry, such as those in the environment of a Lambda function: refuse to sign, or assume a lifetime. No default, because a wrong assumption gives grants that end early. | `UPSIGN_UNKNOWN_EXPIRY` |
//! | `credentials.assume_for` | The assumed lifetime of such credentials, counted from the start of the process, for example "1h". | `UPSIGN_ASSUME_FOR` |
//! | `credentials.minimum` | The shortest lifetime to which a grant is shortened because the signing credentials expire. A request for which they are too short is answered 503. A route whose expires_in is shorter grants that, and never less. Default: "60s". | `UPSIGN_CREDENTIALS_MINIMUM` |
//! | `auth.name` | A name for the issuer, from a to z, 0 to 9 and -, for {issuer} in keys and for messages. Required in each `[[auth]]` of several. | `UPSIGN_AUTH_NAME` |
//! | `auth.provider` | Who issues the tokens: Amazon Cognito, or any other OpenID Connect issuer (oidc). Default: cognito. | `UPSIGN_AUTH_PROVIDER` |
//! | `auth.user_pool` | The Cognito user pool whose tokens are accepted, for example "ap-southeast-1_AbCdEf". With source = "iam", the user pool whose users sign requests with credentials of an identity pool. | `UPSIGN_USER_POOL` |
//! | `auth.issuer` | The issuer whose tokens are accepted, instead of a user pool: the value of `iss`, byte for byte. With source = "lambda-authorizer", the issuer of the users' ids. | `UPSIGN_ISSUER` |
//! | `auth.jwks_uri` | The URL of the JWKS of `issuer`. Default with provider = "oidc": the one that the discovery document of the issuer names. | `UPSIGN_JWKS_URI` |
//! | `auth.jwks_file` | A file with the JWKS, relative to the folder of this file, for networks without a way to the issuer. It is read once, at the start. Default: the keys are fetched. | `UPSIGN_JWKS_FILE` |
//! | `auth.jwks` | The JWKS itself, as JSON, for networks without a way to the issuer. Default: the keys are fetched. | `UPSIGN_JWKS` |
//! | `auth.danger_http_keys` | Allow `jwks_uri`, or an `issuer` whose discovery document names its keys, without TLS, for an emulator on this machine or in its network. Anyone on the network path to the keys can replace them, and then issue tokens. Default: false. | `UPSIGN_DANGER_HTTP_KEYS` |
//! | `auth.algorithms` | The signature algorithms that are accepted: RS256, RS384, RS512, PS256, ES256, ES384, EdDSA. Default: ["RS256"]. | `UPSIGN_ALGORITHMS` |
//! | `auth.audiences` | The audiences (`aud`) of which a token must name one. Mandatory with provider = "oidc". With Cognito, for access tokens that are requested for a resource. Default with Cognito: not required. | `UPSIGN_AUDIENCES` |
//! | `auth.client_ids` | The app clients whose tokens are accepted, or "any" for every client of the issuer. Default with provider = "oidc": any. No default with Cognito, because it is a security decision. | `UPSIGN_CLIENT_IDS` |
//! | `auth.token_use` | The kind of tokens that is accepted. No default, because it is a security decision. | `UPSIGN_TOKEN_USE` |
//! | `auth.token_type` | The type that the header of every access token must have (RFC 9068), with provider = "oidc". Default: not required. | `UPSIGN_TOKEN_TYPE` |
//! | `auth.subject_claim` | The claim that identifies the user, for {sub}. It must never change nor be given to another user. Default: sub. Mandatory with source = "lambda-authorizer", as a member of the authorizer's context; groups_claim and scopes_claim are then members too. | `UPSIGN_SUBJECT_CLAIM` |
//! | `auth.groups_claim` | The claim with the groups: its name, or { claim = "custom:groups", form = "bracket" } for another spelling than a JSON list: json, comma, bracket or space. Default: cognito:groups, or groups with provider = "oidc". | `UPSIGN_GROUPS_CLAIM` |
//! | `auth.scopes_claim` | The claim with the scopes, written like groups_claim; without a form, a text with spaces. Default: scope. | `UPSIGN_SCOPES_CLAIM` |
//! | `auth.leeway` | The tolerated clock difference, at most 10 minutes. Default: "60s". | `UPSIGN_LEEWAY` |
//! | `auth.groups` | Require every caller, on every route, to be a member of one of these groups. Default: not required. | `UPSIGN_GROUPS` |
//! | `auth.scopes` | Require every token, on every route, to have one of these scopes. Default: not required. | `UPSIGN_SCOPES` |
//! | `auth.identity_pool` | With source = "iam", the Cognito identity pool whose identities may upload, for example "ap-southeast-1:f4bb3f2a-5dc4-4d0c-9a3f-2d3bd6ac7a36"; {sub} is then the identity id. | `UPSIGN_IDENTITY_POOL` |
//! | `auth.source` | What identifies callers on Lambda: the function verifies tokens itself (token), the authorizer of its API does (authorizer), a Lambda authorizer passes on a context (lambda-authorizer), or callers sign requests with IAM credentials (iam). With several issuers, source, token_header, accept_raw_authorization, max_token_size and fetch_timeout stand in the first `[[auth]]`. Default: authorizer if one exists that lets through every token that this section accepts, else token; `upsign check` prints which, and why. | `UPSIGN_AUTH_SOURCE` |
//! | `auth.token_header` | The request header with the token, for CloudFront origin access control and proxies, which replace Authorization. No other header is then read. Default: authorization. | `UPSIGN_TOKEN_HEADER` |
//! | `auth.accept_raw_authorization` | Accept a token without the word Bearer in front. Default: false. | `UPSIGN_ACCEPT_RAW_AUTHORIZATION` |
//! | `auth.max_token_size` | The maximum length of a token, from 1 KiB to 64 KiB. A token with many groups is longer. Default: "8 KiB". | `UPSIGN_MAX_TOKEN_SIZE` |
//! | `auth.fetch_timeout` | The time limit of a request for the keys of an issuer, from 1s to 30s, in whole seconds. A third of it is for connecting. Default: "3s". | `UPSIGN_FETCH_TIMEOUT` |
//! | `cors.origins` | The origins of the pages that may upload from a browser, for example `https://app.example.com`. Each can contain one `*` that the bucket's CORS holds too: `https://*.example.com` or `http://localhost:*`. | `UPSIGN_ORIGINS` |
//! | `cors.allow_headers` | Further request headers that these pages may send to the API, for example "traceparent" and "tracestate" of a tracing library, "x-amz-content-sha256" for CloudFront origin access control, or "x-api-key". Default: only authorization and content-type. | `UPSIGN_ALLOW_HEADERS` |
//! | `server.base_path` | A path in front of the API that CloudFront, a load balancer or a proxy does not remove, for example "/api". The API then answers at /api/upload-url too; the generated APIs route only this path. Default: none. | `UPSIGN_BASE_PATH` |
//! | `server.browser_client` | Whether `upsign serve` offers the client for browsers below /upsign/, for pages without a bundler. Default: false. `upsign dev` always offers it. | `UPSIGN_BROWSER_CLIENT` |
//! | `server.single_process` | State that a single process serves the API at any time, so that what it counts in its memory is complete. Lambda runs several. Required by store = "memory" in `[quota]`, and by outbox = "process" in `[webhook]`. Default: false. | `UPSIGN_SINGLE_PROCESS` |
//! | `limit.per_minute` | The maximum number of requests per minute and caller, counted separately by each process unless `shared` is set. Default: no limit. | `UPSIGN_LIMIT_PER_MINUTE` |
//! | `limit.burst` | How many of these requests a caller may send at once. Default: all of them. | `UPSIGN_LIMIT_BURST` |
//! | `limit.calls_per_minute` | The maximum number of requests per minute and caller for uploads that have begun: for URLs of parts, the status, completing and aborting, and to confirm, read and delete. Default: ten times `per_minute`, or no limit without it. | `UPSIGN_LIMIT_CALLS_PER_MINUTE` |
//! | `limit.per_day` | The maximum number of uploads per caller and UTC day, of all routes together. Needs `[quota]`. Default: no limit. | `UPSIGN_LIMIT_PER_DAY` |
//! | `limit.bytes_per_day` | The maximum size of all uploads per caller and UTC day, of all routes together. Needs `[quota]`. Default: no limit. | `UPSIGN_LIMIT_BYTES_PER_DAY` |
//! | `limit.shared` | Count requests per minute in the store of `[quota]` too, so that all processes count them together. Default: false. | `UPSIGN_LIMIT_SHARED` |
//! | `quota.store` | Where uploads per day are counted: in the memory of the only process (memory), in Redis or Valkey (redis), or in a table of DynamoDB (dynamodb), which the generated stack contains. No default. | `UPSIGN_QUOTA_STORE` |
//! | `quota.fail` | What happens while the store does not answer: uploads are refused (closed), or are not counted (open). No default, because it is a security decision. | `UPSIGN_QUOTA_FAIL` |
//! | `quota.by` | Whose uploads are counted together: those of a caller (subject), or those of all callers of an issuer with the same value of a claim (claim:NAME). Default: subject. | `UPSIGN_QUOTA_BY` |
//! | `quota.url` | Where the URL of the Redis server is, which contains its password: "env:NAME" for a variable, or "file:PATH" for a file. The URL has the form `redis://USER:PASSWORD@HOST:PORT`; `rediss` is with TLS, and `redis-cluster` a cluster. | `UPSIGN_QUOTA_URL` |
//! | `quota.table` | The name of the DynamoDB table. | `UPSIGN_QUOTA_TABLE` |
//! | `quota.region` | The region of the DynamoDB table. Default: that of the first bucket on AWS. | `UPSIGN_QUOTA_REGION` |
//! | `webhook.url` | The URL of the application that receives a signed request when an upload was confirmed, rejected or has expired: https, or http on this machine. | `UPSIGN_WEBHOOK_URL` |
//! | `webhook.secrets` | Where the secrets are that sign these requests, like `token.keys`. A secret has the form whsec_BASE64, of 24 to 64 random bytes. Each one signs, so the receiver can change from one to the other. | `UPSIGN_WEBHOOK_SECRETS` |
//! | `webhook.outbox` | Where messages wait until they are delivered: in the memory of the only process, which delivers them (process), or in a queue of SQS (sqs), from which `upsign serve` with deliver = true or a function delivers them. Lambda needs sqs. No default. | `UPSIGN_WEBHOOK_OUTBOX` |
//! | `webhook.queue_url` | The URL of the queue, with outbox = "sqs". | `UPSIGN_WEBHOOK_QUEUE_URL` |
//! | `webhook.deliver` | `upsign serve` also delivers the messages of this queue, with outbox = "sqs"; several processes share the work. Default: false. | `UPSIGN_WEBHOOK_DELIVER` |
//! | `events.queue_url` | The URL of the queue of SQS that the bucket notifies, from which `upsign serve` confirms and expires uploads. Lambda does not read it. | `UPSIGN_EVENTS_QUEUE_URL` |
//! | `token.keys` | Where the secrets are that sign the tokens of uploads: "env:NAME" for a variable, "file:PATH" for a file (a relative path starts at the folder of upsign.toml), and "secretsmanager:ARN" for AWS Secrets Manager. Each has at least 32 random bytes; `openssl rand -base64 32` prints one. The first signs and all verify, so a new secret goes to the front and the old one stays until its uploads have ended. Required by routes with multipart uploads, and by those whose uploads are confirmed. | `UPSIGN_TOKEN_KEYS` |
//! | `token.deployment` | The name of this deployment, 1 to 255 bytes. A token of one deployment is not valid for another, even if they share a secret. Default: "default". | `UPSIGN_TOKEN_DEPLOYMENT` |
//! | `cloudfront.domain` | The domain of the CloudFront distribution, for example d111111abcdef8.cloudfront.net, at which clients read uploads. The function of a generated stack has that of its distribution by default. | `UPSIGN_CLOUDFRONT_DOMAIN` |
//! | `cloudfront.domains` | The domains of several distributions, each by the name of its bucket, in place of `domain`. | `UPSIGN_CLOUDFRONT_DOMAINS` |
//! | `cloudfront.key_pair_id` | The id that CloudFront gave to the public half of `private_key`, for example K2JCJMDEHXQW5F. The function of a generated stack has that of the first of `public_keys`. | `UPSIGN_CLOUDFRONT_KEY_PAIR_ID` |
//! | `cloudfront.private_key` | Where the key is that signs URLs of CloudFront, in the form of an item of `token.keys`: a PEM block of an RSA key with 2048 bits, or of an ECDSA key of the curve P-256. Required with reads = "cloudfront" if a route has confirm = true. | `UPSIGN_CLOUDFRONT_PRIVATE_KEY` |
//! | `cloudfront.public_keys` | The public keys, each as a PEM block, whose signatures the distributions of a generated stack accept; at most 5. The first is that of `private_key`; others are for the time in which keys are replaced. Required with reads = "cloudfront", except for a distribution of your own (distribution_arn). | `UPSIGN_CLOUDFRONT_PUBLIC_KEYS` |
//! | `cloudfront.public_reads` | Let everybody who knows the key of an upload read it, without a signature. Only for files that are public anyway. Default: false. | `UPSIGN_CLOUDFRONT_PUBLIC_READS` |
//! | `deployment.api` | What invokes the Lambda function: a REST API, an HTTP API, a function URL (url), or a rule of an Application Load Balancer (alb). Default: rest. | `UPSIGN_DEPLOYMENT_API` |
//! | `deployment.account` | The id of the AWS account, for documents that contain it. A template or module refers to the account that it is deployed to. | `UPSIGN_DEPLOYMENT_ACCOUNT` |
//! | `deployment.code` | The code of the function: a zip file, a folder, or s3://BUCKET/KEY. Default: the file that cargo lambda builds. | `UPSIGN_DEPLOYMENT_CODE` |
//! | `deployment.consumer_code` | The code of the function that confirms uploads by the notifications of the bucket, in the same form. Default: the file that cargo lambda builds of a program named consumer. | `UPSIGN_DEPLOYMENT_CONSUMER_CODE` |
//! | `deployment.deliverer_code` | The code of the function that delivers webhooks, in the same form. Default: the file that cargo lambda builds of a program named deliverer. | `UPSIGN_DEPLOYMENT_DELIVERER_CODE` |
//! | `deployment.variables` | Environment variables of the function. The values of this file need none, because the file is part of the function's code; variables that override them are refused. | `UPSIGN_DEPLOYMENT_VARIABLES` |
//! | `deployment.table` | A DynamoDB table that the function may read and write. It is for a function of your own: the function of upsign-lambda uses no table. | `UPSIGN_DEPLOYMENT_TABLE` |
//! | `deployment.signing_role` | The ARN of a role that the function assumes to sign; its own role then has no access to objects. | `UPSIGN_DEPLOYMENT_SIGNING_ROLE` |
//! | `deployment.reserved_concurrency` | The maximum number of instances of the function that run at the same time. Lambda keeps at least 100 of the account's limit for other functions, and the whole limit of new accounts, which is 10. Default: only the limit of the account. | `UPSIGN_DEPLOYMENT_RESERVED_CONCURRENCY` |
//! | `deployment.throttle_rate` | The requests per second that a REST or HTTP API accepts from all callers together. Default: 50. | `UPSIGN_DEPLOYMENT_THROTTLE_RATE` |
//! | `deployment.throttle_burst` | How many requests a REST or HTTP API accepts at once. Default: 100. | `UPSIGN_DEPLOYMENT_THROTTLE_BURST` |
//! | `deployment.access_logs` | Write an access log of the REST or HTTP API, without the Authorization header. Default: true. | `UPSIGN_DEPLOYMENT_ACCESS_LOGS` |
//! | `deployment.log_retention` | After how many days the logs are deleted; one of the values that CloudWatch accepts, such as 7, 30 or 365. Default: 30. | `UPSIGN_DEPLOYMENT_LOG_RETENTION` |
//! | `deployment.tracing` | Send traces of the function and the REST API to AWS X-Ray. Default: false. | `UPSIGN_DEPLOYMENT_TRACING` |
//! | `deployment.monitoring` | Create alarms and a dashboard in CloudWatch. Default: true. | `UPSIGN_DEPLOYMENT_MONITORING` |
//! | `deployment.listener_arn` | The ARN of the listener of the load balancer; required with api = "alb". | `UPSIGN_DEPLOYMENT_LISTENER_ARN` |
//! | `deployment.versioned` | Keep the previous versions of objects that are overwritten or deleted. Default: true. | `UPSIGN_DEPLOYMENT_VERSIONED` |
//! | `deployment.account_regional_buckets` | Create buckets in the namespace of the account and region, so that no other account can have their names. Default: false. | `UPSIGN_DEPLOYMENT_ACCOUNT_REGIONAL_BUCKETS` |
//! | `deployment.guards` | Unsafe requests that the bucket policy denies to everyone: tls, tls12, sigv4, signature-age, auth-type, no-overwrite, encryption, acl, storage-class, scanned, account. Default: tls, tls12 and sigv4; each other one also denies some legitimate requests. | `UPSIGN_DEPLOYMENT_GUARDS` |
//! | `deployment.scanner_role` | The ARN of the role of the GuardDuty Malware Protection plan, for the guard `scanned`, and to read objects that are not confirmed yet. | `UPSIGN_DEPLOYMENT_SCANNER_ROLE` |
//! | `deployment.service_role` | The ARN of the role that the service runs as, for a bucket policy outside of a template: with `pending_key` or `gate`, only this role reads objects that are not confirmed. A template or module names the role of its function too. | `UPSIGN_DEPLOYMENT_SERVICE_ROLE` |
//! | `deployment.expire` | Prefixes of keys, and after how many days objects with this prefix are deleted, with all versions. | `UPSIGN_DEPLOYMENT_EXPIRE` |
//! | `deployment.reads` | How uploads are read: not through this deployment; with presigned GET URLs, which the service signs for uploads of routes with confirm = true, and else a function of your own; or through a CloudFront distribution, by URLs that are signed with the key of `[cloudfront]`. Default: none. | `UPSIGN_DEPLOYMENT_READS` |
//! | `deployment.distribution_arn` | The ARN of the CloudFront distribution, for a bucket policy outside of a template. A template or module creates its own. | `UPSIGN_DEPLOYMENT_DISTRIBUTION_ARN` |
//! | `deployment.notify` | Where notifications about new objects go: nowhere, to an SQS queue, or to EventBridge. Default: queue. | `UPSIGN_DEPLOYMENT_NOTIFY` |
//! | `deployment.queue_arn` | The ARN of the queue that receives the notifications, for a document outside of a template. A template or module creates its own. | `UPSIGN_DEPLOYMENT_QUEUE_ARN` |
//!
//! Requests without a body: with `upload.bodyless = "allow"`, such a request gets a `PUT` grant that binds the key and the
//! policy's first content type, but neither the size nor protection against overwriting. That is why the key has no default;
//! see [`enforcement`](crate::manual::security::enforcement). [`defaults`](crate::manual::defaults) explains the others, and
//! [`variables`](super::variables) how variables are read.

//! Every key of `upsign.toml`, and the variables that override them.
//!
//! One file is the policy: the command line, the server and the Lambda function read the same one. Unknown keys are
//! refused, and an error names the file, the line, the key and what to do. Nothing secret is ever read from it.
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
//! no_overwrite = true
//! bodyless = "allow"
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
//! `upsign init` writes a first file with comments, `upsign check` says what it means, `upsign schema` prints its JSON
//! Schema.
//!
//! # Routes
//!
//! `[upload]` is what a request gets that names no route. Each `[route.NAME]` is one more policy, which a request chooses
//! by `"route": "NAME"`. It says for itself what `[upload]` says; of the bucket's keys it takes those of `[bucket]` but for
//! the ones it names (`bucket`, `region`, `provider`, `endpoint`, …).
//!
//! ```toml
//! [route.avatars]
//! key = "avatars/{sub}/{id}.{ext}"
//! types = ["image/webp"]
//! max_size = "1 MiB"
//! method = "post"
//! bodyless = "allow"
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
//! # Keys
//!
//! | key | what it is | variable |
//! | --- | --- | --- |
//! | `bucket.name` | The bucket, or the ARN of an access point. | `UPSIGN_BUCKET` |
//! | `bucket.region` | The bucket's region: there is no default, since a URL signed for another does not work. Where the file is silent, AWS_REGION fills in. | `UPSIGN_REGION` |
//! | `bucket.provider` | The store: what it can do and how it is addressed. AWS unless named, or unless an endpoint is given. | `UPSIGN_PROVIDER` |
//! | `bucket.endpoint` | The address of another store, as in `https://minio.example.com:9000`. | `UPSIGN_ENDPOINT` |
//! | `bucket.addressing` | Where the bucket's name goes at an endpoint of your own. | `UPSIGN_ADDRESSING` |
//! | `bucket.dualstack` | AWS's endpoint that answers over IPv4 and IPv6. | `UPSIGN_DUALSTACK` |
//! | `bucket.fips` | AWS's endpoint with FIPS 140 validated cryptography. | `UPSIGN_FIPS` |
//! | `bucket.accelerate` | Transfer acceleration, which must be switched on for the bucket. | `UPSIGN_ACCELERATE` |
//! | `upload.key` | The layout of keys, as in "articles/{article_id}/raw/{id}.{ext}". Placeholders: {id}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date}, {sha256} and the declared ids. | `UPSIGN_KEY` |
//! | `upload.ids` | Declared ids, in snake case: fresh UUIDs, returned in camel case (article_id as articleId). | `UPSIGN_IDS` |
//! | `upload.id_version` | The version of generated UUIDs: v4 is random, v7 sorts by time and tells when it was made. v4 unless set. | `UPSIGN_ID_VERSION` |
//! | `upload.client_may_supply` | Declared ids that a client may name. Needs an application that says whose an id is; the command line has none. | `UPSIGN_CLIENT_MAY_SUPPLY` |
//! | `upload.types` | The content types allowed, exact or as image/*; the first exact one is what a request without a body gets. | `UPSIGN_TYPES` |
//! | `upload.extensions` | File extensions of a type, where the built-in list is not yours; the first stands for {ext}. | `UPSIGN_EXTENSIONS` |
//! | `upload.min_size` | The smallest file, as in "1 KiB": 1 byte unless set. | `UPSIGN_MIN_SIZE` |
//! | `upload.max_size` | The largest file, as in "10 MiB". | `UPSIGN_MAX_SIZE` |
//! | `upload.method` | How the file is sent: put binds the exact size, post (a form) a range for clients that do not know it. put unless set. | `UPSIGN_METHOD` |
//! | `upload.expires_in` | How long a grant lives, 1s to 7 days: "15m" unless set. | `UPSIGN_EXPIRES_IN` |
//! | `upload.no_overwrite` | Whether an existing object is kept, by a signed If-None-Match: true for put unless set; a form cannot. | `UPSIGN_NO_OVERWRITE` |
//! | `upload.bodyless` | What a request without a body gets: allow grants the first type and, by put, binds nothing else. No default: it is a security choice. | `UPSIGN_BODYLESS` |
//! | `upload.short_credentials` | What to do when the credentials end before a grant would: shorten the grant, or refuse. clamp unless set. | `UPSIGN_SHORT_CREDENTIALS` |
//! | `upload.checksums` | Checksums that a client may state: sha256, sha1, crc32, crc32c, crc64nvme, md5. They are signed. | `UPSIGN_CHECKSUMS` |
//! | `upload.require_checksum` | Whether one of the checksums must be stated. | `UPSIGN_REQUIRE_CHECKSUM` |
//! | `upload.file_names` | What to do with a file name that is not fit: refuse it, or mend it. refuse unless set. | `UPSIGN_FILE_NAMES` |
//! | `upload.max_file_name` | The longest file name in bytes of UTF-8: 255 unless set. | `UPSIGN_MAX_FILE_NAME` |
//! | `upload.keep_file_name` | Whether the file's name is kept as x-amz-meta-filename, percent-encoded. | `UPSIGN_KEEP_FILE_NAME` |
//! | `upload.disposition` | Content-Disposition: fixed, with the client's file name, or of the client's choice. None unless set. | `UPSIGN_DISPOSITION` |
//! | `upload.cache_control` | Cache-Control of every object, as in "public, max-age=31536000, immutable". | `UPSIGN_CACHE_CONTROL` |
//! | `upload.encryption` | Encryption at rest, where it is not the bucket's default. | `UPSIGN_ENCRYPTION` |
//! | `upload.kms_key` | The KMS key of your own: id, alias/NAME or ARN. AWS's managed one unless set. | `UPSIGN_KMS_KEY` |
//! | `upload.storage_class` | The storage class, as in "STANDARD_IA". | `UPSIGN_STORAGE_CLASS` |
//! | `upload.acl` | A canned ACL, as in "bucket-owner-full-control". Most buckets refuse any. | `UPSIGN_ACL` |
//! | `upload.metadata` | Metadata of every object, the names without x-amz-meta-. | `UPSIGN_METADATA` |
//! | `upload.client_metadata` | Names of metadata that a client may state; ["*"] for any. | `UPSIGN_CLIENT_METADATA` |
//! | `upload.tags` | Tags of every object. | `UPSIGN_TAGS` |
//! | `upload.client_tags` | Whether a client may state tags. | `UPSIGN_CLIENT_TAGS` |
//! | `upload.key_groups` | The groups that count for {group}: all of the caller's unless set. | `UPSIGN_KEY_GROUPS` |
//! | `upload.shared_content` | Set to danger to let callers share objects whose key is {sha256} without {sub} before it. | `UPSIGN_SHARED_CONTENT` |
//! | `upload.groups` | Who may use this route: members of one of these groups. | `UPSIGN_UPLOAD_GROUPS` |
//! | `upload.scopes` | Who may use this route: tokens with one of these scopes. | `UPSIGN_UPLOAD_SCOPES` |
//! | `credentials.unknown_expiry` | What to do with temporary credentials whose end nobody states, as in a Lambda function's environment. No default. | `UPSIGN_UNKNOWN_EXPIRY` |
//! | `credentials.assume_for` | How long such credentials are taken to live from when they were first seen, as in "1h". | `UPSIGN_ASSUME_FOR` |
//! | `auth.user_pool` | The Cognito user pool whose tokens count, as in "ap-southeast-1_AbCdEf". | `UPSIGN_USER_POOL` |
//! | `auth.issuer` | Another issuer, in place of a user pool. | `UPSIGN_ISSUER` |
//! | `auth.jwks_uri` | Where that issuer's keys are. | `UPSIGN_JWKS_URI` |
//! | `auth.danger_http_issuer` | Whether that issuer may be spoken to without TLS: for an emulator on this machine. | `UPSIGN_DANGER_HTTP_ISSUER` |
//! | `auth.client_ids` | The app clients whose tokens count. | `UPSIGN_CLIENT_IDS` |
//! | `auth.token_use` | Which tokens count. No default: it is a security choice. | `UPSIGN_TOKEN_USE` |
//! | `auth.leeway` | How far clocks may differ, at most 10 minutes: "60s" unless set. | `UPSIGN_LEEWAY` |
//! | `auth.groups` | Groups of which a caller must be in one, on every route. | `UPSIGN_GROUPS` |
//! | `auth.scopes` | Scopes of which a token must have one, on every route. | `UPSIGN_SCOPES` |
//! | `auth.accept_raw_authorization` | Whether a token may come without the word Bearer. | `UPSIGN_ACCEPT_RAW_AUTHORIZATION` |
//! | `cors.origins` | The pages that may upload, as in `https://app.example.com`. | `UPSIGN_ORIGINS` |
//! | `limit.per_minute` | How many requests a minute one caller may make, counted by each process for itself. No limit unless set. | `UPSIGN_LIMIT_PER_MINUTE` |
//! | `limit.burst` | How many of them may come at once: all unless set. | `UPSIGN_LIMIT_BURST` |
//!
//! A variable overrides the file. `ARTICLE_IMAGES_BUCKET` does so for the bucket; `AWS_REGION`, `AWS_DEFAULT_REGION` and
//! `AWS_ENDPOINT_URL_S3` only fill what is absent. A route's keys are overridden by `UPSIGN_ROUTE_NAME_KEY`, as in
//! `UPSIGN_ROUTE_AVATARS_MAX_SIZE`. In a variable, the items of a list are separated by commas.
//!
//! `upload.bodyless` has no default because it is a security choice: a request that describes nothing gets a grant that
//! binds the policy's first content type and the host, but neither the size nor against overwriting.

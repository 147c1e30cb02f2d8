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
//! | key | meaning | default | variable |
//! | --- | --- | --- | --- |
//! | `bucket.name` | the bucket | – | `UPSIGN_BUCKET`, `ARTICLE_IMAGES_BUCKET` |
//! | `bucket.region` | the region that is signed | – | `UPSIGN_REGION`; `AWS_REGION`, `AWS_DEFAULT_REGION` only fill an absent one |
//! | `bucket.provider` | `aws`, `r2`, `b2`, `minio`, `wasabi`, `do`, `tigris`, `garage`, `seaweedfs` or `custom`: what the store can do; an impossible combination is an error | `aws`, or `custom` at another endpoint | `UPSIGN_PROVIDER` |
//! | `bucket.endpoint` | another store's address | AWS's regional one | `UPSIGN_ENDPOINT`; `AWS_ENDPOINT_URL_S3` only fills an absent one |
//! | `bucket.addressing` | `path`, `virtual` or `auto` | `path` at another endpoint | `UPSIGN_ADDRESSING` |
//! | `upload.key` | the template of the key | – | `UPSIGN_KEY` |
//! | `upload.ids` | ids to draw afresh and to return | none | `UPSIGN_IDS` |
//! | `upload.types` | content types that may be uploaded | – | `UPSIGN_TYPES` |
//! | `upload.min_size`, `upload.max_size` | bytes of a file | 1, – | `UPSIGN_MIN_SIZE`, `UPSIGN_MAX_SIZE` |
//! | `upload.expires_in` | how long a grant lives | `15m` | `UPSIGN_EXPIRES_IN` |
//! | `upload.no_overwrite` | sign `If-None-Match: *` | `true` | `UPSIGN_NO_OVERWRITE` |
//! | `upload.bodyless` | `allow` or `refuse` requests that describe nothing | – | `UPSIGN_BODYLESS` |
//! | `upload.short_credentials` | `clamp` or `refuse` a grant when the credentials end before it would | `clamp` | `UPSIGN_SHORT_CREDENTIALS` |
//! | `credentials.unknown_expiry` | `refuse` or `assume`, for a session token that comes without its end | – | `UPSIGN_UNKNOWN_EXPIRY` |
//! | `credentials.assume_for` | how long such credentials are taken to live, from when they are first seen | – | `UPSIGN_ASSUME_FOR` |
//! | `auth.user_pool` | the Cognito user pool | – | `UPSIGN_USER_POOL` |
//! | `auth.issuer`, `auth.jwks_uri` | another issuer, in place of a pool | – | `UPSIGN_ISSUER`, `UPSIGN_JWKS_URI` |
//! | `auth.danger_http_issuer` | keys over plain HTTP, from this machine only | `false` | `UPSIGN_DANGER_HTTP_ISSUER` |
//! | `auth.client_ids` | the app clients whose tokens count | – | `UPSIGN_CLIENT_IDS` |
//! | `auth.token_use` | `access`, `id` or `any` | – | `UPSIGN_TOKEN_USE` |
//! | `auth.leeway` | seconds of clock difference forgiven | `60` | `UPSIGN_LEEWAY` |
//! | `auth.groups`, `auth.scopes` | one of these must be in the token | any | `UPSIGN_GROUPS`, `UPSIGN_SCOPES` |
//! | `auth.accept_raw_authorization` | take a token without `Bearer` | `false` | `UPSIGN_ACCEPT_RAW_AUTHORIZATION` |
//! | `cors.origins` | pages that may upload from a browser | – | `UPSIGN_ORIGINS` |
//!
//! `upload.bodyless` has no default because it is a security choice: a request that describes nothing gets a grant that
//! binds the policy's first content type and the host, but neither the size nor against overwriting.
//!
//! In a variable, the items of a list are separated by commas.

//! The manual: how to use upsign, why it works as it does, and every detail to look up.
//!
//! # Start here
//!
//! | I want to … | read |
//! | --- | --- |
//! | see it work before I read anything | `cargo run --release -- demo`, then `dev`, in a checkout |
//! | get from an empty folder to an upload in my own bucket | [`tutorial`] |
//! | know what a presigned URL is and who may get one | [`concepts`] |
//! | run the API as a server, with TLS, metrics and a clean shutdown | [`howto::server`] |
//! | add it to my axum service, below a prefix, with my own sessions | [`howto::axum`] |
//! | run it on AWS Lambda | [`howto::lambda`] |
//! | sign with my AWS profile, single sign-on or a role | the feature `chain` of `upsign-cli` and `serve --credentials chain`: [`howto::server`] |
//! | use my own handlers, paths or error answers | [`howto::handlers`] |
//! | allow two kinds of uploads, or keep tenants apart | [`howto::routes`] |
//! | ask my own database before an upload is signed | [`howto::authorize`] |
//! | upload with an HTML form, or without knowing the size | [`howto::forms`] |
//! | know what a presigned URL allows, and what is odd about it | [`howto::explain`] |
//! | stop URLs that leaked | [`howto::revoke`] |
//! | use MinIO, Cloudflare R2 or another store | [`howto::stores`] |
//! | accept files of any type and serve them safely | [`howto::files`] |
//! | upload from a page, with progress and resuming | [`howto::browser`] |
//! | upload from a script, a program or a mobile app | [`howto::programs`] |
//! | keep my Uppy, better-upload, Active Storage or Git LFS as it is | [`howto::uppy`], [`howto::companion`], [`howto::better_upload`], [`howto::active_storage`], [`howto::git_lfs`] |
//! | test my application without AWS | [`howto::testing`] |
//! | replace the Lambda function of the original design | [`howto::migrate`] |
//! | call the library without async, without tokio, or in WebAssembly | [`howto::library`] |
//! | know that a file has arrived and is what was granted, and get a receipt | [`howto::confirm`] |
//! | look into files before anyone can read them | [`howto::quarantine`] |
//! | confirm uploads by the events of the bucket, without the client | [`howto::events`] |
//! | have my application told what became of an upload | [`howto::webhooks`] |
//! | limit files and bytes per user and day | [`howto::quotas`] |
//! | get the grants for several files in one request | [`howto::several_files`] |
//! | process files that have arrived, use a queue, sign elsewhere, hand out downloads | [`internals::distributed`] |
//! | know why an upload fails: CORS errors, 403, an expired URL | [`mod@troubleshooting`], [`howto::diagnose`] |
//! | understand an error code, and know who can fix it | [`reference::errors`] |
//! | know why a default is what it is | [`defaults`] |
//! | look up a key of `upsign.toml`, a variable, a command, a status, a metric or a feature | [`reference`](mod@reference) |
//! | know what S3 enforces, and what I must check myself | [`security::enforcement`] |
//! | know which attacks are considered, and which test proves it | [`security::threats`] |
//! | know how fast it is, what it costs to compile, and how the crates are layered | [`internals`] |
//!
//! # The recommended configuration
//!
//! `upsign init` writes this file, with comments and with every other key commented out. Change the values of `name`, `region`,
//! `user_pool`, `client_ids` and `origins`.
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
//! With it, every upload is a `PUT` whose key, content type and exact size are signed and which cannot overwrite an object.
//!
//! # Terms
//!
//! | term | meaning |
//! | --- | --- |
//! | two-step upload design | the client first asks an API for a presigned URL, then sends the file to S3 itself |
//! | original design, original contract | the smallest form of it: a request without a body, answered with `uploadUrl`, `key`, `articleId` and `expiresIn` |
//! | caller | the user whose token or session was verified: an [`Identity`](crate::Identity) of issuer and subject |
//! | policy | what callers may upload: an [`UploadPolicy`](crate::UploadPolicy), or a section of `upsign.toml` |
//! | permit | the decision of a policy about one upload, with its final key; nothing is signed yet |
//! | grant | what the client receives: a URL or a form, and how to use it; an [`UploadGrant`](crate::UploadGrant) |
//! | route | one policy of a service that has several, with a name that requests state |
//! | adapter | what connects the request path to a runtime: axum, Lambda or the command line |
//! | dialect | the HTTP contract of another client, such as Uppy, which the service answers too if `dialects` names it |
//!
//! # The crates
//!
//! | crate | purpose |
//! | --- | --- |
//! | `upsign` | the façade: [`UploadIssuer`](crate::UploadIssuer), [`UploadService`](crate::UploadService) and this manual |
//! | `upsign-core` | domain types and traits: keys, targets, requests, identities, origins; credentials and their renewal |
//! | `upsign-policy` | key templates, content rules and sizes → a permit or a denial |
//! | `upsign-sigv4` | SigV4 without I/O and without a URL parser |
//! | `upsign-gcs` | Google Cloud Storage's own signatures, with HMAC keys and RSA keys |
//! | `upsign-aws` | presigners on `aws-sigv4` and `aws-sdk-s3`; credentials from AWS's provider chain |
//! | `upsign-jwt` | token verification, for any OpenID Connect issuer |
//! | `upsign-cognito` | Cognito user pools; caller claims from API Gateway, load balancer and AppSync events |
//! | `upsign-documents` | CORS, IAM, bucket policy, lifecycle and notification documents, SAM and Terraform; evaluators for CORS and IAM |
//! | `upsign-http`, `upsign-config` | the HTTP contract without a framework; `upsign.toml` |
//! | `upsign-json` | strict JSON for untrusted input |
//! | `upsign-axum`, `upsign-lambda`, `upsign-cli` | adapters: axum router and extractor, Lambda handler, the `upsign` command |
//! | `upsign-browser` | the client for browsers, embedded so that a service can offer it to its pages |
//! | `upsign-local` | an embedded S3 server that verifies signatures, and an embedded user pool, for development |
//! | `upsign-sqs` | sends, receives and handles the messages of a queue of SQS |
//! | `upsign-diagnose` | explains presigned URLs and forms, and finds out why an upload was refused |
//! | `upsign-probe` | finds out by experiments what a store supports |
//! | `upsign-inspect`, `upsign-events`, `upsign-webhooks`, `upsign-cloudfront` | what follows an upload: content against types, notifications of S3, signed webhooks, URLs of CloudFront |
//! | `upsign-redis`, `upsign-dynamodb` | stores of quotas that several processes share |
//! | `upsign-testing` | for your tests: clocks, ids, mocks, minted tokens, an S3 server in the process; conformance suites; test corpora |

pub mod concepts;
pub mod defaults;
pub mod howto;
pub mod internals;
pub mod reference;
pub mod security;
pub mod troubleshooting;
pub mod tutorial;

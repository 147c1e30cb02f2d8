//! The crates, what each may depend on, and the steps of one request.
//!
//! A crate depends only on crates in lower layers, never on one in its own layer. Tests over `cargo metadata` and the
//! sources enforce this table, including dependencies that come through the façade's re-exports.
//!
//! ```text
//! 6   upsign-cli                                          the `upsign` command
//!                   ↓
//! 5   upsign-lambda   upsign-axum                         adapters: runtimes and frameworks
//!                   ↓
//! 4   upsign-http     upsign-config     upsign-client     the HTTP contract / upsign.toml / the uploading side
//!                   ↓
//! 3   upsign-events   upsign-inspect   upsign-cloudfront   upsign-webhooks   upsign-redis   upsign-dynamodb   upsign-diagnose      after the upload
//!                   ↓
//! 2   upsign   upsign-documents   upsign-cognito   upsign-sqs   upsign-probe      UploadIssuer, UploadService / CORS, IAM, stacks / callers of AWS / queues / features of stores
//!                   ↓
//! 1   upsign-policy   upsign-sigv4   upsign-gcs   upsign-aws   upsign-jwt   upsign-objects      independent of each other
//!                   ↓
//! 0   upsign-core     upsign-json                         domain types and traits / strict JSON
//! ```
//!
//! The crates of layer 3 implement traits of `upsign`: none uses another. `upsign-browser` (the client for browsers, embedded),
//! `upsign-local` (embedded S3 and user pool) and `upsign-testing` (helpers for tests, conformance suites, test corpora) are
//! tools: they may use the layers up to 4, and of the crates above only the command uses the first two. `upsign-browser` depends on
//! nothing. `upsign-testing` is light by default; mocks, tokens and the S3 server are behind features.
//!
//! Some dependencies are excluded on purpose. `upsign-policy` depends on no HTTP crate, not on the AWS SDK and not on serde;
//! `upsign-sigv4`, `upsign-gcs` and `upsign-aws` contain no policies and no callers; `upsign-jwt` contains nothing of AWS and
//! `upsign-cognito` no buckets; `upsign-objects` calls a store and decides nothing; `upsign-client` speaks the HTTP contract
//! and shares no type with the service; only `upsign-aws` depends on crates of the AWS SDK. The clock and the operating system's random
//! numbers are read in one file (`upsign/src/world.rs`), environment variables only in layers 5 and 6.
//!
//! # The steps of one request
//!
//! | | step | in → out | waits for I/O? | refuses with |
//! | --- | --- | --- | --- | --- |
//! | 1 | adapter | request or event → headers, body bytes and **one clock reading, `at`** | for the body | 400, 408, 413, 431, 503 |
//! | 2 | authenticate: `upsign-cognito` verifies the token, or the application names its user | request, `at` → claims → [`Identity`](crate::types::Identity) | only to fetch a new key, or as implemented | 401, 503 |
//! | 3 | [`RateLimit`](crate::RateLimit), if configured | identity, `at` → admitted | as implemented | 429 |
//! | 4 | `upsign-http`: read the body | bytes → [`UploadRequest`](crate::policy::UploadRequest) and route name | no | 400, 413, 415 |
//! | 5 | [`Route`](crate::Route): choose the route, check its [`Access`](crate::Access) | identity, route name → route | no | 400, 403 |
//! | 6 | `upsign-policy`: apply the policy | identity, request, ids (generated, or chosen by the service) → [`Permit`](crate::policy::Permit) with the final key | no | 400, 403, 413, 415, 500 |
//! | 7 | [`Authorize`](crate::Authorize), if configured: call the application | permit → allow or deny | as implemented | 403, 503 |
//! | 8 | [`Presigner`](crate::types::Presigner), usually `upsign-sigv4` | permit, `at` → [`PresignedRequest`](crate::types::PresignedRequest) or [`PresignedPost`](crate::types::PresignedPost) | only for credentials, or for the SDK | 503 |
//! | 9 | `upsign-http`: write the response | [`UploadGrant`](crate::UploadGrant) or refusal → JSON | no | |
//!
//! Before step 2, `upsign-http` refuses unknown paths (404) and methods other than `POST` and `OPTIONS` (405).
//!
//! A refusal at any step is reported at one place, which logs it, notifies every
//! [`UploadObserver`](crate::UploadObserver) once and creates the problem document.
//!
//! The types enforce the order. A grant needs a permit; only [`UploadPolicy::authorize`](crate::UploadPolicy::authorize)
//! creates a permit; and [`Identity::from_verified`](crate::types::Identity::from_verified) is the only constructor of an identity. A
//! test lists the files that call it.

//! The crates, what each may know, and the walk of one request.
//!
//! Arrows point down only, never sideways; a test over the workspace's metadata says so.
//!
//! ```text
//! 5   upsign-lambda   upsign-axum   upsign-cli            doors: frameworks, arguments, environment
//!                   ↓
//! 4   upsign-http     upsign-config                       the wire / upsign.toml
//!                   ↓
//! 2   upsign          upsign-documents                    UploadIssuer / CORS, IAM from the same policy
//!                   ↓
//! 1   upsign-policy   upsign-sigv4   upsign-aws   upsign-cognito      four rooms that never meet
//!                   ↓
//! 0   upsign-core                                         words and seams: no clock, no entropy, no I/O
//! ```
//!
//! | | room | in → out | waits? | refuses with |
//! | --- | --- | --- | --- | --- |
//! | 0 | a door | event → headers, body bytes, **one clock reading `at`** | no | 400 |
//! | 1 | `upsign-cognito` | token, `at` → claims → [`Identity`](crate::core::Identity) | only for a new key | 401 |
//! | 2 | `upsign-http` | bytes → [`UploadRequest`](crate::policy::UploadRequest) | no | 400 |
//! | 3 | `upsign-policy` | identity, request, fresh ids → [`Permit`](crate::policy::Permit) | no | 403, 413, 415 |
//! | 4 | `upsign-core`'s seam → `upsign-sigv4` | request, `at` → [`PresignedRequest`](crate::core::PresignedRequest) | only for cold credentials, or the SDK | 503 |
//! | 5 | `upsign-http` | [`UploadGrant`](crate::UploadGrant) or error → response | no | |
//!
//! Types keep it honest: there is no grant without a permit, only
//! [`authorize`](crate::UploadPolicy::authorize) makes a permit, and
//! [`Identity::vouched`](crate::core::Identity::vouched) is the one place where trust enters.

//! How long a presigned URL takes, and where the time goes.
//!
//! `cargo xtask bench --only signing` prints the figures in the README: CPU time of the measuring thread, the median of
//! 300 rounds in which all contenders take turns of about a millisecond. Ratios are comparable between machines,
//! nanoseconds are not.
//!
//! # The floor
//!
//! A signature is a chain of SHA-256 compressions: each 64-byte block needs the result of the block before. The example
//! upload has a canonical request of 419 bytes, which is 7 blocks; the string to sign takes 2 more and the outer hash of
//! its HMAC 1, **10 compressions** in all. A session token of 1,000 characters raises that to 27. The `floor` rows of the
//! benchmark run exactly those compressions with the same `sha2` crate and nothing else.
//!
//! A signer without any cache needs 29 compressions, because it derives the signing key with four HMACs and hashes every
//! string from its beginning. upsign caches:
//!
//! | lifetime | cached value | saves |
//! | --- | --- | --- |
//! | one day and one set of credentials | the signing key, as the two keyed states of its HMAC | 18 compressions per URL |
//! | | the percent-encoded session token | most of the time of a URL with a token |
//! | one second | the query string up to `X-Amz-Expires`; the date in both formats | formatting |
//! | | the state after the first block of the string to sign; the rest, already padded | 1 compression |
//! | one [`UrlTemplate`](crate::sigv4::UrlTemplate) | the whole query string and everything that follows it in the canonical request | the remaining formatting |
//! | one batch of parts | the state after everything up to `partNumber`: 4 of 12 blocks, 21 of 29 with a token | most of a part |
//!
//! Each cache compares the complete credentials, secret and session token included. Credentials that rotate but keep
//! their access key id therefore never hit an old entry.
//!
//! # The time around the hashing
//!
//! - Text is written once, into the buffer that becomes the URL. Path and query are hashed from that buffer, because what
//!   is signed and what is sent are the same bytes. The path from request to URL uses no URL parser, no date library and
//!   no `format!`.
//! - Bytes are collected and many blocks are compressed per call.
//! - The test whether a key needs percent-encoding reads the whole key without an early exit, which lets the compiler
//!   compare many bytes at a time.
//! - Signing into a buffer with enough capacity allocates nothing; an owned URL costs one allocation
//!   (`benches/tests/allocations.rs`).
//! - Threads share one `&SigV4`. Its cached state is behind an atomic swap, and readers do not touch a reference count.
//! - Batches sign two URLs at a time, one block of each in turn: while one chain waits for its result, the other proceeds.
//!   This gains little without SHA extensions.
//!
//! Hashing by blocks saves a quarter of the time. It is confined to two short files (`hash/sha256.rs`, `hash/hmac.rs`) on the
//! compression function of `sha2`. Every test run compares 100,000 signatures with the ordinary `sha2` and `hmac` API, and
//! 20,000 random requests with `aws-sigv4`; `cargo xtask nightly` compares a million.
//!
//! # Which function to call
//!
//! | function | use it for |
//! | --- | --- |
//! | [`UrlTemplate::url`](crate::sigv4::UrlTemplate::url) | many URLs that differ only in their key |
//! | [`UrlTemplate::sign_many`](crate::sigv4::UrlTemplate::sign_many) | the same, many at once |
//! | [`SigV4::sign_parts`](crate::SigV4::sign_parts) | the parts of one multipart upload |
//! | [`SigV4::sign_into`](crate::SigV4::sign_into) | arbitrary requests, into a buffer that you reuse |
//! | [`Sign::sign`](crate::types::Sign::sign) | arbitrary requests, as an owned [`PresignedRequest`](crate::types::PresignedRequest) |
//! | [`Presigner::presign`](crate::types::Presigner::presign) | what the issuer calls: it may wait for credentials and returns a boxed future |
//!
//! Over HTTP the difference is too small to notice: verifying the RSA signature of a token takes about thirty times as long
//! as signing a URL. The speed of the signer matters to library users, batches and multipart uploads.
//!
//! # Processors
//!
//! Hashing takes most of the time of upsign and a small part of the time of the others, so the ratios depend on whether the
//! processor has SHA extensions (`sha_ni`). The benchmark prints the processor's features and runs twice: with everything the
//! processor has, and without its SHA extensions. On an AMD EPYC (with `sha_ni`, `avx2`, `bmi2`, `adx` and `avx512f`):
//!
//! | | with SHA extensions | without |
//! | --- | --: | --: |
//! | one compression of `sha2`, ns | 32 | 121 |
//! | `UrlTemplate::url`, ns | 444 | 1,713 |
//! | the same, × its floor | 1.37 | 1.41 |
//! | rusty-s3, × upsign | 8.0 | 4.0 |
//! | `aws-sigv4`, query joined by hand, × upsign | 9.6 | 4.4 |
//! | `aws-sigv4`, onto an `http::Request`, × upsign | 12.9 | 5.3 |
//! | object_store, × upsign | 16.2 | 5.8 |
//! | `aws-sdk-s3`, × upsign | 57 | 17 |
//!
//! Other processors without SHA extensions differ from the right column: on some, the assembly of AWS-LC hashes faster than
//! the portable code of `sha2`. The row `floor: aws-lc-rs digest and HMAC` shows that on your machine.
//!
//! # Under load and under faults
//!
//! `cargo xtask soak --minutes N` (three minutes in `cargo xtask test`) runs `upsign serve` under load while what it depends on
//! fails in turn, and `cargo xtask bench --only overload` sends more than it can serve. Both check each answer and fail when a
//! bound is missed; both print the figures of the machine that they run on.
//!
//! | scenario | what must hold |
//! | --- | --- |
//! | the credentials provider answers 500, hangs, flaps, takes 3 s, or answers HTML | uploads are granted while the credentials are valid; then 503 with `Retry-After` |
//! | the key endpoint answers 500, hangs, answers HTML, or closes connections | uploads are granted with the keys that are known |
//! | the reader of standard error stops reading | nothing but the counter of lost lines changes |
//! | all of these at once | as above |
//! | the whole soak | no wrong answer; memory, file descriptors and threads do not grow |
//! | four times as many requests as the server has capacity for, for 60 s | goodput of at least 80 % of the capacity; refusals within 10 ms |
//! | 20,000 invalid tokens in 10 s | each costs at most 1.2 times a valid one; 200 valid requests a second are unaffected |
//!
//! # Instructions
//!
//! `cargo xtask test --only instructions` counts the instructions of one URL under callgrind and fails if a count differs
//! by more than 5 % from the committed one (`benches/instructions.txt`). The count does not depend on the machine's load.

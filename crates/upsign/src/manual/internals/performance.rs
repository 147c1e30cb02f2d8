//! How long a presigned URL takes, how much load a server carries, and where the time goes.
//!
//! # One URL
//!
//! `cargo xtask bench --only signing` prints this table and more: CPU time of one thread, medians of 300 interleaved rounds in which
//! all contenders take turns of about a millisecond. The floor is the SHA-256 compressions that a URL needs, and nothing else. Rows
//! of other crates call those crates as their documentation shows; `AwsSigV4` and `SdkPresigner` are our wrappers of `aws-sigv4` and
//! `aws-sdk-s3`. Ratios are comparable between machines, nanoseconds are not. Processor: AMD EPYC with `sha_ni`, `avx2`, `bmi2`,
//! `adx`, `avx512f`; "without" is the same processor with portable SHA-256 code.
//!
//! | one presigned PUT URL | with SHA extensions: ns | × upsign | without: ns | × upsign |
//! | --- | --: | --: | --: | --: |
//! | floor: 10 compressions of `sha2` | 323 | 0.73 | 1,212 | 0.71 |
//! | **upsign** `UrlTemplate::url` | **444** | **1.0** | **1,713** | **1.0** |
//! | upsign `SigV4::sign_into` | 492 | 1.1 | 1,813 | 1.1 |
//! | upsign `Presigner::presign` (async) | 820 | 1.8 | 2,063 | 1.2 |
//! | rusty-s3 | 3,528 | 8.0 | 6,845 | 4.0 |
//! | minio (signs `host` only) | 4,131 | 9.3 | 5,936 | 3.5 |
//! | aws-sigv4, query joined by hand | 4,257 | 9.6 | 7,604 | 4.4 |
//! | aws-sigv4, onto an `http::Request` | 5,727 | 12.9 | 9,116 | 5.3 |
//! | reqsign-aws-v4 | 5,885 | 13.3 | 9,419 | 5.5 |
//! | object_store | 7,197 | 16.2 | 9,905 | 5.8 |
//! | rust-s3 | 10,362 | 23.4 | 14,059 | 8.2 |
//! | aws-sdk-s3 | 25,292 | 57 | 28,468 | 17 |
//! | `upsign-aws` `AwsSigV4` | 5,536 | 12.5 | 9,130 | 5.3 |
//! | `upsign-aws` `SdkPresigner` | 27,151 | 61 | 30,454 | 18 |
//!
//! With a session token of 1,000 characters, a URL takes 985 ns, 1.08 × the floor of its 27 compressions (without SHA
//! extensions 4,022 ns, 1.21 ×). The URL of a part with its length and checksum takes 275 ns in a batch, 20 × less than with
//! `aws-sigv4` (without: 1,091 ns, 8 ×), so that 1,000 of them take 0.3 ms.
//! Verifying a token takes 14.3 µs, 1.16 × its RSA signature alone: 1.3 × faster than `jsonwebtoken` called directly, 1.7 ×
//! faster than aws-jwt-verify.
//!
//! # Servers and functions
//!
//! | runtime | measured on two shared cores | printed by |
//! | --- | --- | --- |
//! | `upsign serve` | one server thread, 32 connections: 25,958 responses per second with every token verified, 11.0 × Node (Fastify, aws-jwt-verify, s3-request-presigner) and 36.9 × Python (FastAPI, PyJWT, boto3); 54,551 with the token cache, 72 % of a constant response behind the same middleware | `cargo xtask bench --only load` |
//! | Lambda, the example behind an authorizer: `--no-default-features`, so without the code that verifies tokens and its TLS client | a program of 3.21 MB; a cold start of 3.1 ms, 2.3 × that of an empty function; 0.12 ms for a warm response | `cargo xtask bench --only lambda` |
//! | both | the whole two-step upload on an emulator, from a web page of another origin through gateway, function and bucket to the consumer of notifications; no request lost in 50 shutdowns under load; 10,000 Lambda events, of which 15 % are malformed or no requests | `cargo xtask test` |
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
//! | one batch of parts | the state after everything up to `partNumber`: 5 of 13 blocks, 22 of 30 with a token | most of a part |
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
//! | [`SigV4::sign_part_urls`](crate::sigv4::SigV4::sign_part_urls), [`Sign::sign_parts`](crate::types::Sign::sign_parts) | the parts of one multipart upload, into a closure or as owned URLs |
//! | [`SigV4::sign_into`](crate::SigV4::sign_into) | arbitrary requests, into a buffer that you reuse |
//! | [`Sign::sign`](crate::types::Sign::sign) | arbitrary requests, as an owned [`PresignedRequest`](crate::types::PresignedRequest) |
//! | [`Presigner::presign`](crate::types::Presigner::presign) | what the issuer calls: it may wait for credentials and returns a boxed future |
//!
//! A whole grant costs more than its signature: the policy, the key with its ids, and the upload token.
//! [`UploadService::issue_many`](crate::UploadService::issue_many) issues 255 of them, the most that one request can ask for, in
//! 0.75 ms of CPU time (2.9 µs each, with SHA extensions). `cargo xtask bench --only signing` prints it, and
//! `cargo xtask test --only instructions` fails if the number of instructions changes.
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
//! | four times as many requests as the server has capacity for, for 60 s | goodput of at least 80 % of the capacity; 99 % of the refusals within 10 ms |
//! | 20,000 invalid tokens in 10 s | each costs at most 1.2 times a valid one; 200 valid requests a second are unaffected |
//!
//! `cargo xtask soak --minutes 30`, on two cores that compiled at the same time, with a build for debugging: 750,723 answers in
//! 1,805 s, of which none was wrong; every fault for at least 120 s; 485 requests around SIGTERM, none lost. Memory rose from 38.6
//! MiB (the median of the first third) to 41.3 MiB (of the last), 2.3 MiB of it when standard error was first not read, which
//! fills the buffer of lines; file descriptors stayed at 25, threads at 4.
//!
//! `cargo xtask bench --only overload` on the two cores of this machine, the server on one and the clients on the other; p99 is
//! the time below which 99 of 100 answers stay:
//!
//! | limit that is reached | capacity | offered for 60 s | granted | grants, p99 | refusals, p99 |
//! | --- | --: | --: | --: | --: | --: |
//! | 32 requests at a time, 20 ms of a database each | 1,485/s | 5,939/s | 1,509/s (102 %) | 22.1 ms | 0.2 ms |
//! | 32 connections, bodies that follow after 40 ms | 765/s | 3,060/s | 773/s (101 %) | 42.3 ms | 0.4 ms |
//! | the processor: 128 clients instead of 32 | 27,261/s | | 27,677/s (102 %) | 5.2 ms | |
//!
//! A valid token takes 34 µs of processor time with its answer, an invalid one 0.38 to 0.42 of that. While 21,008 invalid tokens
//! were rejected in 10 s, all of 2,112 valid requests were granted, with a p99 of 1.1 ms (0.7 ms before the flood).
//! `cargo xtask bench --only start`: `upsign serve` starts in 2.7 ms with one route and in 384 ms with 10,000.
//!
//! # Instructions
//!
//! `cargo xtask test --only instructions` counts the instructions of one URL under callgrind and fails if a count differs
//! by more than 5 % from the committed one (`benches/instructions.txt`). The count does not depend on the machine's load.

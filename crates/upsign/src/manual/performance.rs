//! Where the time of a presigned URL goes, and what was done about it.
//!
//! `cargo xtask bench` prints every figure here: CPU time of the thread, median of 300 rounds in which all contenders
//! take turns, about a millisecond each. Ratios carry over from machine to machine, nanoseconds do not.
//!
//! # The floor
//!
//! A signature is SHA-256, block by block, and each block waits for the one before. The article's upload has a canonical
//! request of 419 bytes, 7 blocks; the string to sign takes 2 more and the outer hash of its HMAC 1: **10 compressions**.
//! With a session token of 1,000 characters there are 27. The `floor` rows of the benchmark are exactly those
//! compressions through the same `sha2` crate and nothing else.
//!
//! A signer that keeps nothing needs 29: four HMACs to derive the signing key, and every string from its start. What is
//! kept here, and for how long:
//!
//! | kept for | what | saves |
//! | --- | --- | --- |
//! | a day and one set of credentials | the signing key, as the two states of its HMAC | 18 compressions a URL |
//! | | the session token, percent-encoded | the largest part of such a URL's time |
//! | a second | the query up to `X-Amz-Expires`, the date in every form | formatting |
//! | | the first block of the string to sign, the rest padded in place | 1 compression |
//! | a template ([`UrlTemplate`](crate::sigv4::UrlTemplate)) | the whole query, what follows it in the canonical request | the rest of the text |
//! | a batch of parts | the state after everything up to `partNumber`: 4 of 12 blocks, 21 of 29 with a token | most of a part |
//!
//! Everything kept is compared with the credentials themselves, secret and token included: a rotation that keeps the
//! access key id swaps all of it.
//!
//! # What stands around the hashing
//!
//! - Text is written once, into the buffer that becomes the URL; path and query are hashed from there, because what is
//!   signed and what is sent are the same bytes. There is no URL parser, no date library and no `format!` on the way.
//! - Bytes are gathered and compressed many blocks a call.
//! - Whether a key needs percent-encoding at all is decided without an early exit, so that the compiler compares many
//!   bytes at a time.
//! - Nothing is allocated into a buffer that has the room, once for an owned URL (`benches/tests/allocations.rs`).
//! - Threads share one `&SigV4`: what is kept is behind an atomic swap and is read without touching a reference count.
//! - In batches two URLs are in the making at a time, a block of each in turn: while one chain waits, the other runs.
//!
//! Hashing by blocks is worth a quarter of the time. It stands in two short files (`blocks.rs`, `hmac.rs`) on the
//! compression function of `sha2`, and a hundred thousand signatures are compared with the ordinary interfaces of `sha2`
//! and `hmac` in every test run, twenty thousand random requests with `aws-sigv4`
//! (`UPSIGN_ORACLE_CASES=1000000 cargo test -p upsign-sigv4 --test it oracle --release` compares a million).
//!
//! # Which way in
//!
//! | | when |
//! | --- | --- |
//! | [`UrlTemplate::url`](crate::sigv4::UrlTemplate::url) | many URLs that differ in their key alone |
//! | [`UrlTemplate::sign_many`](crate::sigv4::UrlTemplate::sign_many) | many at once |
//! | [`SigV4::sign_parts`](crate::SigV4::sign_parts) | the parts of one upload |
//! | [`SigV4::sign_into`](crate::SigV4::sign_into) | requests that differ in more, into your buffer |
//! | [`Sign::sign`](crate::core::Sign::sign) | the same, as a [`PresignedRequest`](crate::core::PresignedRequest) |
//! | [`Presigner::presign`](crate::core::Presigner::presign) | what the issuer calls: may wait for credentials, at the price of a boxed future |
//!
//! Behind HTTP none of this is seen: verifying the token's RSA signature costs forty times a URL. It is the library, the
//! batches and the multipart uploads that gain.
//!
//! # Instructions
//!
//! `cargo xtask test --only instructions` counts the instructions of a URL under callgrind and fails when a count is more
//! than 5 % off the committed one (`benches/instructions.txt`): a regression shows whatever else the machine does.

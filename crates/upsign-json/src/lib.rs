//! A strict, bounded reader for JSON that arrives from outside: tokens, key sets, gateway events and request bodies.
//!
//! Lenient JSON readers disagree about some texts. Given `{"sub":"alice","sub":"bob"}`, one reader keeps the first
//! member and another the last, so a gateway and the service behind it can see two different users. This reader accepts
//! only texts with one meaning:
//!
//! - **No duplicate members**, at any depth. Names are compared after escapes are decoded: `"sub"` equals `"s\u0075b"`.
//! - **Exact numbers.** An integer is available as `u64` or `i64` only if it is written as an integer and fits; `1.0`,
//!   `1e3`, `-0` and `18446744073709551616` are not integers here. See [`Number`].
//! - **Limits** on the length of the text, on nesting and, if requested, on the members of one object and the items of one
//!   array. See [`Limits`].
//! - **RFC 8259 and nothing else.** No comments, trailing commas, byte order mark, unpaired surrogates or text after the
//!   value. The text must be UTF-8.
//!
//! Members keep the order of the document, and strings without escapes borrow from it.
//!
//! ```
//! use upsign_json::{InvalidJson, Limits, read_object};
//!
//! let limits = Limits::new(8_192, 4);
//! let body = read_object(br#"{"contentType":"image/png","contentLength":1024}"#, limits)?;
//! assert_eq!(body.get("contentType").and_then(|value| value.as_str()), Some("image/png"));
//! assert_eq!(body.get("contentLength").and_then(|value| value.as_u64()), Some(1024));
//!
//! let duplicate = read_object(br#"{"sub":"alice","s\u0075b":"bob"}"#, limits);
//! assert_eq!(duplicate.unwrap_err(), InvalidJson::Duplicate);
//! # Ok::<(), InvalidJson>(())
//! ```
//!
//! # Why not `serde_json` alone
//!
//! `serde_json` keeps the last of two equal members, and its behavior depends on Cargo features that any crate of the
//! host application can enable for the whole build: `arbitrary_precision` hands numbers to a visitor as maps and accepts
//! `1e999`, `float_roundtrip` changes how a fraction is rounded. Nothing of `serde_json` runs while a text is read here, so
//! its features cannot change which texts are accepted or what they mean. [`Json::into_value`] converts the result for
//! callers that want a `serde_json::Value`.
//!
//! # What is here
//!
//! | to | use |
//! | --- | --- |
//! | read a text | [`read_object`], or [`read`] for a value of any type |
//! | limit it | [`Limits`] |
//! | look at the result | [`Object::get`], [`Json`], [`Number`] |
//! | say what is wrong with a text | [`InvalidJson`] |
//!
//! # What this crate is not
//!
//! It does not deserialize into Rust types and does not write JSON; use `serde_json` for both. It is not for texts that a
//! program wrote itself or an operator wrote by hand: its errors name no line and no member, because they are sent to clients.
//!
//! Neighboring crates: `upsign-cognito` reads tokens and key sets with it, `upsign-http` the bodies of requests, and
//! `upsign-lambda` the events of API Gateway.

mod error;
mod json;
mod limits;
mod number;
mod reader;

pub use error::InvalidJson;
pub use json::{Json, Object};
pub use limits::Limits;
pub use number::Number;
pub use reader::{read, read_object};

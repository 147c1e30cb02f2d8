//! Verdicts by the line: `upsign verify --batch`, `upsign jwks --batch`, `upsign identity --batch`, `upsign key --batch`.
//!
//! One JSON object a line comes in, one goes out, in order. What a request asks about may be as hostile as it likes and
//! gets a verdict; a line that is no request gets `{"id","error":{"code":"bad-line","reason"}}`, and the command then
//! ends with exit code 3.

mod identity;
mod jwks;
mod key;
mod lines;
mod trusted;
mod verify;

pub(crate) use identity::batch as identity;

pub(crate) use jwks::{batch as jwks, person as jwks_document};
pub(crate) use key::keys;
pub(crate) use verify::{signatures, tokens};

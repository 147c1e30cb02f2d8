//! What other signers signed: URLs and forms by boto3 and by AWS's SDK for JavaScript, and how to judge an answer to
//! the same request.
//!
//! A row holds what an SDK was given and what it made of it. [`UrlRow::request`] and [`UrlRow::line`] say the same
//! request to a library and to `upsign presign --batch`; [`UrlRow::judge`] compares an answer with the SDK's: the host, the
//! path, the query, the signed headers with their values and, computed anew, the signature.
//!
//! An answer need not be identical. It may name the regional host where boto3 names the global one, sign as a header what
//! the SDK for JavaScript moves into the query, and refuse what a strict library refuses: each for a reason that follows
//! from the row alone.

mod choices;
mod form;
mod judge;
mod post;
mod reference;
mod url;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use upsign_core::{Credentials, Expiry, Timestamp};

pub(crate) use form::Form;
pub use post::PostRow;
pub use url::{Answer, UrlRow};

/// Names and values.
pub(crate) type Pairs = Vec<(String, String)>;

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The same signature at the same address.
    Identical,
    /// A valid signature that binds the same; it differs from the SDK's by a known habit of the SDK.
    Equivalent,
    /// Refused, for a reason that the row shows.
    Refused,
    /// Anything else.
    Wrong(String),
}

/// The access key of a row.
#[derive(Clone, Deserialize)]
pub(crate) struct Keys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl Keys {
    pub(crate) fn credentials(&self) -> Credentials {
        let (id, secret) = (&self.access_key_id, &self.secret_access_key);
        let credentials = match &self.session_token {
            Some(token) => Credentials::temporary(id, secret, token, Expiry::At(Timestamp::MAX)),
            None => Credentials::long_term(id, secret),
        };
        credentials.unwrap()
    }

    pub(crate) fn line(&self) -> serde_json::Value {
        serde_json::json!({
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "session_token": self.session_token,
        })
    }
}

/// Presigned URLs by boto3.
#[must_use]
pub fn boto3_urls() -> Vec<UrlRow> {
    rows(include_str!("../../vectors/boto3_presigned_url.jsonl"))
}

/// Presigned URLs by boto3 with SigV4a, for multi-region access points.
#[must_use]
pub fn boto3_v4a_urls() -> Vec<UrlRow> {
    rows(include_str!("../../vectors/boto3_presigned_v4a.jsonl"))
}

/// Presigned URLs by the SDK for JavaScript.
#[must_use]
pub fn js_urls() -> Vec<UrlRow> {
    rows(include_str!("../../vectors/js_presigned_url.jsonl"))
}

/// Forms by boto3.
#[must_use]
pub fn boto3_posts() -> Vec<PostRow> {
    rows(include_str!("../../vectors/boto3_presigned_post.jsonl"))
}

/// Forms by the SDK for JavaScript.
#[must_use]
pub fn js_posts() -> Vec<PostRow> {
    rows(include_str!("../../vectors/js_presigned_post.jsonl"))
}

fn rows<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let rows: Vec<T> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.len() > 10);
    rows
}

/// How many rows came out how.
///
/// # Panics
/// When one is [`Verdict::Wrong`], with all that are.
#[must_use]
pub fn tally<'a>(verdicts: impl IntoIterator<Item = (&'a str, Verdict)>) -> (usize, usize, usize) {
    let (mut identical, mut equivalent, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    for (id, verdict) in verdicts {
        match verdict {
            Verdict::Identical => identical += 1,
            Verdict::Equivalent => equivalent += 1,
            Verdict::Refused => refused += 1,
            Verdict::Wrong(why) => wrong.push(format!("{id}: {why}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    (identical, equivalent, refused)
}

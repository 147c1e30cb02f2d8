//! URLs and forms that boto3 and the AWS SDK for JavaScript signed, and the comparison of another signer's answers with them.
//!
//! A row holds the input of an SDK and its output. [`UrlRow::request`] gives the request for a library and [`UrlRow::line`]
//! the line for `upsign presign --batch`. [`UrlRow::compare`] compares an answer with the SDK's: host, path, query, signed
//! headers with their values, and the signature, which is computed independently.
//!
//! ```
//! use upsign_core::Sign;
//! use upsign_testing::corpora::{self, Answer, Comparison};
//!
//! // Your own signer takes the place of `SigV4`.
//! let signer = upsign::SigV4::new();
//! let rows = corpora::boto3_urls();
//! let row = rows.iter().find(|row| row.id == "boto3-0423-put-combo").unwrap();
//! let answer = Answer::of(signer.sign(&row.request().unwrap(), &row.credentials(), row.at()));
//! // The last argument verifies SigV4a, which this row does not need.
//! assert_ne!(row.compare(&answer, |_, _, _| false), Comparison::Refused);
//! ```
//!
//! An answer need not be identical. It may name the regional host where boto3 names the global one, sign a header that the
//! SDK for JavaScript moves into the query, and refuse a request that a strict library refuses. Each exception follows from
//! the row itself.

mod client;
mod compare;
mod form;
mod post;
pub(crate) mod reference;
mod url;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use upsign_core::{Credentials, Expiry, Timestamp};

pub(crate) use form::Form;
pub use post::PostRow;
pub(crate) use reference::Parts;
pub use url::{Answer, UrlRow};

/// Pairs of name and value.
pub(crate) type Pairs = Vec<(String, String)>;

/// Result of comparing an answer with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison {
    /// Host and signature are equal.
    Identical,
    /// The signature is valid and covers what the SDK's covers. The difference is a known peculiarity of the SDK.
    Equivalent,
    /// The signer refused, and the row permits that.
    Refused,
    /// The answer is wrong. Holds the first difference.
    Wrong(String),
}

/// Credentials of a row.
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

/// Returns the URLs that boto3 presigned.
#[must_use]
pub fn boto3_urls() -> Vec<UrlRow> {
    rows(include_str!("../../vectors/boto3_presigned_url.jsonl"))
}

/// Returns the URLs that boto3 presigned with SigV4a for multi-region access points.
#[must_use]
pub fn boto3_v4a_urls() -> Vec<UrlRow> {
    rows(include_str!("../../vectors/boto3_presigned_v4a.jsonl"))
}

/// Returns the URLs that the AWS SDK for JavaScript presigned.
#[must_use]
pub fn js_urls() -> Vec<UrlRow> {
    rows(include_str!("../../vectors/js_presigned_url.jsonl"))
}

/// Returns the forms that boto3 presigned.
#[must_use]
pub fn boto3_posts() -> Vec<PostRow> {
    rows(include_str!("../../vectors/boto3_presigned_post.jsonl"))
}

/// Returns the forms that the AWS SDK for JavaScript presigned.
#[must_use]
pub fn js_posts() -> Vec<PostRow> {
    rows(include_str!("../../vectors/js_presigned_post.jsonl"))
}

fn rows<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let rows: Vec<T> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.len() > 10);
    rows
}

/// Returns how many rows are identical, equivalent and refused.
///
/// # Panics
/// Panics if a comparison is [`Comparison::Wrong`], and lists all wrong ones.
#[must_use]
pub fn tally<'a>(comparisons: impl IntoIterator<Item = (&'a str, Comparison)>) -> (usize, usize, usize) {
    let (mut identical, mut equivalent, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    for (id, comparison) in comparisons {
        match comparison {
            Comparison::Identical => identical += 1,
            Comparison::Equivalent => equivalent += 1,
            Comparison::Refused => refused += 1,
            Comparison::Wrong(difference) => wrong.push(format!("{id}: {difference}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    (identical, equivalent, refused)
}

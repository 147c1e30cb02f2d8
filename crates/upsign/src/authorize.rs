//! What only the application knows.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use upsign_core::{Identity, ObjectKey, Timestamp};
use upsign_policy::UploadRequest;
use uuid::Uuid;

/// Asked after the policy has said yes and before anything is signed: may this caller upload to *this* article?
///
/// ```
/// use upsign::{Asked, Authorize, Undecided, Verdict};
///
/// #[derive(Debug)]
/// struct AuthorsOnly; // holds a database in earnest
///
/// #[async_trait::async_trait]
/// impl Authorize for AuthorsOnly {
///     async fn authorize(&self, asked: &Asked<'_>) -> Result<Verdict, Undecided> {
///         let Some((_, article)) = asked.ids.iter().find(|(name, _)| **name == *"articleId") else {
///             return Ok(Verdict::No);
///         };
///         let author = wrote(asked.who.subject().as_str(), article).await.map_err(Undecided::new)?;
///         Ok(if author { Verdict::Yes } else { Verdict::No })
///     }
/// }
/// # async fn wrote(_: &str, _: &uuid::Uuid) -> Result<bool, std::io::Error> { Ok(true) }
/// ```
#[async_trait]
pub trait Authorize: Debug + Send + Sync {
    /// Whether the upload is permitted.
    ///
    /// # Errors
    /// [`Undecided`] when it cannot be said now: the caller is asked to come back, and gets nothing.
    async fn authorize(&self, asked: &Asked<'_>) -> Result<Verdict, Undecided>;
}

#[async_trait]
impl<T: Authorize + ?Sized> Authorize for Arc<T> {
    async fn authorize(&self, asked: &Asked<'_>) -> Result<Verdict, Undecided> {
        (**self).authorize(asked).await
    }
}

/// An upload that the policy permits.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Asked<'a> {
    /// The caller.
    pub who: &'a Identity,
    /// The route's name; none for the one without a name.
    pub route: Option<&'a str>,
    /// What the caller said.
    pub what: &'a UploadRequest,
    /// Where the object would be.
    pub key: &'a ObjectKey,
    /// The declared ids under their wire names, as in `articleId`: drawn, or named by the caller.
    pub ids: &'a [(Box<str>, Uuid)],
    /// Whether the caller named one of them: an existing thing, then, and perhaps somebody else's.
    pub names_existing_ids: bool,
    /// The instant of the request.
    pub at: Timestamp,
}

/// What an application says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third")]
pub enum Verdict {
    /// Permitted.
    Yes,
    /// Not permitted: 403.
    No,
}

/// An application could not say.
#[derive(Debug, thiserror::Error)]
#[error("whether the upload is permitted could not be found out")]
#[non_exhaustive]
pub struct Undecided {
    source: Box<dyn Error + Send + Sync>,
}

impl Undecided {
    /// For this reason, which goes into the log and not to the caller.
    pub fn new(why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: why.into() }
    }
}

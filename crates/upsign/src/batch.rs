//! Granting several files in one request: all of them, or none.

use upsign_core::{Identity, PresignError, Presigner, Timestamp};
use upsign_policy::{FilesOptions, Permit, UploadPolicy, UploadRequest};
use uuid::Uuid;

use crate::error::IssueError;
use crate::grant::UploadGrant;
use crate::issuer::{Beginning, SignedGrant};
use crate::observe::GrantEvent;
use crate::route::Route;
use crate::service::UploadService;
use crate::world::Stopwatch;

/// The reason why several files were not granted.
///
/// Nothing was granted then: reservations are released, and multipart uploads that were created are aborted.
#[derive(Debug, thiserror::Error)]
#[error("{}", NotGranted(*.file))]
#[non_exhaustive]
pub struct IssueManyError {
    /// The index of the file that caused it, from 0, or `None` if it concerns the request as a whole.
    pub file: Option<usize>,
    /// The reason: that of the single file, or [`IssueError::Files`].
    pub source: IssueError,
}

struct NotGranted(Option<usize>);

impl std::fmt::Display for NotGranted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(file) => write!(f, "no file was granted, because of the one at index {file}"),
            None => f.write_str("no file was granted"),
        }
    }
}

impl IssueManyError {
    /// Returns a function that makes the error of this file.
    pub(crate) fn of_file(file: usize) -> impl FnOnce(IssueError) -> Self {
        move |source| Self { file: Some(file), source }
    }
}

impl From<IssueError> for IssueManyError {
    fn from(source: IssueError) -> Self {
        Self { file: None, source }
    }
}

impl From<PresignError> for IssueManyError {
    fn from(error: PresignError) -> Self {
        IssueError::from(error).into()
    }
}

/// The reason why a list of files is refused, whatever the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilesDenied {
    /// The policy of the route does not offer it ([`FilesOptions`]).
    #[error("this route takes one file in each request, not a list of files")]
    NotOffered,
    /// The list is empty or too long.
    #[error("a request describes 1 to {max} files, not {files}")]
    Count {
        /// The number of files in the request.
        files: usize,
        /// The maximum.
        max: u16,
    },
    /// The files are too large together. A file whose size is not stated counts with the maximum size of a file.
    #[error("the files have {total} bytes together, but at most {max} are allowed")]
    TooLarge {
        /// The size of all files in bytes.
        total: u64,
        /// The maximum in bytes.
        max: u64,
    },
}

impl FilesDenied {
    /// Returns the code for clients: `files-not-offered`, `files-count` or `files-too-large`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOffered => "files-not-offered",
            Self::Count { .. } => "files-count",
            Self::TooLarge { .. } => "files-too-large",
        }
    }

    /// Returns the HTTP status: 413 for files that are too large together, and otherwise 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NotOffered | Self::Count { .. } => 400,
            Self::TooLarge { .. } => 413,
        }
    }

    /// Checks the number of files and their size together.
    fn check(policy: &UploadPolicy, uploads: &[UploadRequest]) -> Result<(), Self> {
        let options: FilesOptions = policy.files();
        if !options.is_offered() {
            return Err(Self::NotOffered);
        }
        let (files, max) = (uploads.len(), options.max_files());
        if files == 0 || files > usize::from(max) {
            return Err(Self::Count { files, max });
        }
        let size = |upload: &UploadRequest| upload.content_length().unwrap_or_else(|| policy.max_size());
        let total = uploads.iter().map(size).fold(0, u64::saturating_add);
        match options.max_total_size() {
            Some(max) if total > max => Err(Self::TooLarge { total, max }),
            _ => Ok(()),
        }
    }
}

impl<P: Presigner> UploadService<P> {
    /// Issues grants for `caller` to upload several files on one route, valid from `at` on and in the order of `uploads`: all of
    /// them, or none.
    ///
    /// Each file is granted as [`issue`](Self::issue) would: it has its own key, its own upload token, and its own method, so one
    /// can be a `PUT` and the next a multipart upload. The request counts once against the rate limit, and each file against a
    /// quota. The steps run in this order, each for all files: number and total size, policy, application, quota, signatures,
    /// and creation of the multipart uploads.
    ///
    /// ```
    /// use upsign::prelude::*;
    /// use upsign::policy::FilesOptions;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// # let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let policy = UploadPolicy::builder(target, "galleries/{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
    ///     .content_types(["image/jpeg"])
    ///     .max_size(10 << 20)
    ///     .files(FilesOptions::new().with_max_files(20).with_max_total_size(50 << 20))
    ///     .build()?;
    /// let service = UploadService::from(UploadIssuer::sigv4(policy, credentials)?);
    ///
    /// let caller = Identity::from_verified("https://issuer.example", "alice")?;
    /// let photo = |bytes| UploadRequest::described().with_content_type("image/jpeg").with_content_length(bytes);
    /// let photos = [photo(48_213), photo(9_120)];
    /// let grants = service.issue_many(&caller, None, &photos, SystemClock.now()).await?;
    /// assert_eq!(grants.len(), 2);
    ///
    /// let photos = [photo(48_213), photo(20 << 20)];
    /// let refused = service.issue_many(&caller, None, &photos, SystemClock.now()).await.unwrap_err();
    /// assert_eq!((refused.file, refused.source.code()), (Some(1), "too-large"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns [`IssueManyError`] with the error that [`issue`](Self::issue) returns for the first file that is not granted, or
    /// with [`IssueError::Files`] if the list is refused.
    pub async fn issue_many(
        &self,
        caller: &Identity,
        route: Option<&str>,
        uploads: &[UploadRequest],
        at: Timestamp,
    ) -> Result<Vec<UploadGrant>, IssueManyError> {
        self.issue_many_under(caller, route, uploads, [], at).await
    }

    /// Issues several grants whose ids the service chooses. All of them get the same value of a chosen id.
    /// [`UploadIssuer::issue_under`](crate::UploadIssuer::issue_under) describes `ids`.
    ///
    /// # Errors
    /// Returns the errors of [`issue_many`](Self::issue_many) and of [`issue_under`](Self::issue_under).
    pub async fn issue_many_under<'a>(
        &self,
        caller: &Identity,
        route: Option<&str>,
        uploads: &[UploadRequest],
        ids: impl IntoIterator<Item = (&'a str, Uuid)>,
        at: Timestamp,
    ) -> Result<Vec<UploadGrant>, IssueManyError> {
        let ids: Vec<_> = ids.into_iter().collect();
        // The rate limit covers all routes, so its refusals belong to none.
        let (result, route) = match self.count(caller, at).await {
            Ok(()) => (self.issue_all(caller, route, uploads, &ids, at).await, route),
            Err(error) => (Err(error.into()), None),
        };
        result.inspect_err(|error| self.report(&self.refusal(&error.source, caller, route, at)))
    }

    /// Issues several grants to a caller that was already counted, for adapters: see [`count`](Self::count).
    ///
    /// Observers receive each grant. The adapter must [`report`](Self::report) an error itself; [`refusal`](Self::refusal)
    /// converts its source.
    ///
    /// # Errors
    /// Returns the same errors as [`issue_many`](Self::issue_many), except [`IssueError::TooManyRequests`].
    pub async fn issue_many_counted(
        &self,
        caller: &Identity,
        route: Option<&str>,
        uploads: &[UploadRequest],
        at: Timestamp,
    ) -> Result<Vec<UploadGrant>, IssueManyError> {
        self.issue_all(caller, route, uploads, &[], at).await
    }

    /// Issues several grants with chosen ids to a caller that was already counted: the second half of
    /// [`issue_many_under`](Self::issue_many_under).
    ///
    /// # Errors
    /// Returns the same errors as [`issue_many_under`](Self::issue_many_under), except [`IssueError::TooManyRequests`].
    pub async fn issue_many_under_counted<'a>(
        &self,
        caller: &Identity,
        route: Option<&str>,
        uploads: &[UploadRequest],
        ids: impl IntoIterator<Item = (&'a str, Uuid)>,
        at: Timestamp,
    ) -> Result<Vec<UploadGrant>, IssueManyError> {
        let ids: Vec<_> = ids.into_iter().collect();
        self.issue_all(caller, route, uploads, &ids, at).await
    }

    async fn issue_all(
        &self,
        caller: &Identity,
        route: Option<&str>,
        uploads: &[UploadRequest],
        ids: &[(&str, Uuid)],
        at: Timestamp,
    ) -> Result<Vec<UploadGrant>, IssueManyError> {
        let route = self.usable_route(caller, route)?;
        FilesDenied::check(route.issuer().policy(), uploads).map_err(IssueError::from)?;
        let permits = route.issuer().permit_many(caller, route.name(), uploads, ids, at).await?;
        let signed = self.reserve_and_sign(caller, route, permits, at).await?;
        let grants = signed.into_iter().map(|signed| {
            let event = GrantEvent::new(caller, &signed.0.grant, at).with_route(route.name());
            let event = event.with_signing(signed.1).with_store(signed.0.store);
            self.observers().iter().for_each(|observer| observer.granted(&event));
            signed.0.grant
        });
        Ok(grants.collect())
    }

    /// Returns each grant with its share of the time that signing took.
    async fn reserve_and_sign(
        &self,
        caller: &Identity,
        route: &Route<P>,
        permits: Vec<Permit>,
        at: Timestamp,
    ) -> Result<Vec<(SignedGrant, std::time::Duration)>, IssueManyError> {
        let mut counted = Vec::with_capacity(permits.len());
        let mut failed = None;
        for (file, permit) in permits.iter().enumerate() {
            match self.reserve(caller, route, permit, at).await {
                Ok(reserved) => counted.push(reserved),
                Err(error) => {
                    failed = Some(IssueManyError::of_file(file)(error));
                    break;
                }
            }
        }
        let signed = match failed {
            Some(error) => Err(error),
            None => {
                let watch = Stopwatch::start();
                let accounts = counted.iter().map(|counted| counted.map(|counted| counted.account));
                let beginning = Beginning { caller, route: route.route_name(), at, account: None };
                let permits = permits.into_iter().zip(accounts).collect();
                let signed = route.issuer().sign_many(permits, beginning, self.observers()).await;
                signed.map(|grants| (grants, watch.elapsed()))
            }
        };
        if signed.is_err() {
            for counted in counted {
                self.release_unsigned(counted, at).await;
            }
        }
        let (grants, elapsed) = signed?;
        let store = grants.iter().map(|signed| signed.store).sum();
        let files = u32::try_from(grants.len()).unwrap_or(u32::MAX).max(1);
        let share = elapsed.saturating_sub(store) / files;
        Ok(grants.into_iter().map(|signed| (signed, share)).collect())
    }
}

//! The smallest `Deny` statement that stops URLs that were already issued.
//!
//! A presigned URL cannot be recalled. S3 evaluates the policies when it is used, so a statement of the bucket policy stops it:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>.

mod effect;
mod error;
mod leak;
mod merge;

use serde_json::{Value, json};
use upsign_core::{Partition, Region, Timestamp};
use upsign_documents::{Effect, IamCondition, IamOperator, IamPolicy, IamPrincipal, IamStatement};

pub use effect::RevocationEffect;
pub use error::RevocationError;
pub use merge::MAX_POLICY_BYTES;

use crate::explain::NamedPolicy;
use crate::url::SignedUrl;

/// The longest life of temporary credentials: those of `GetSessionToken`, 36 hours. Sessions of roles end after 12 hours at most.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html>.
const LONGEST_SESSION: u64 = 36 * 3_600;

/// The longest life of a session of a role: 12 hours.
const LONGEST_ROLE_SESSION: u64 = 12 * 3_600;

/// The longest life of a presigned URL: 7 days.
const LONGEST_URL: u64 = 7 * 86_400;

/// The URLs and forms that a revocation stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevocationKind {
    /// One URL.
    Url,
    /// The uploads of one caller: those to the keys that contain its subject.
    Caller,
    /// What one identity of AWS signed: a user, a role, or one session of a role.
    Signer,
    /// What was signed with sessions that were issued before an instant.
    IssuedBefore,
}

impl RevocationKind {
    /// Returns a stable name for programs: `url`, `caller`, `signer` or `issued-before`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Caller => "caller",
            Self::Signer => "signer",
            Self::IssuedBefore => "issued-before",
        }
    }
}

/// A statement of the policy of a bucket that stops URLs that were issued, with its effects.
///
/// ```
/// use upsign_diagnose::{Revocation, SignedUrl};
///
/// let url = SignedUrl::parse(
///     "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
///      &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
///      &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
///      &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
/// )?;
/// let revocation = Revocation::of_url(&url, "2013-05-24T01:00:00Z".parse()?)?;
/// assert_eq!(revocation.statement.resources(), ["arn:aws:s3:::examplebucket/test.txt"]);
/// assert_eq!(revocation.removable_at.to_string(), "2013-05-25T00:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revocation {
    /// What it stops.
    pub kind: RevocationKind,
    /// The bucket whose policy needs the statement.
    pub bucket: Box<str>,
    /// The statement.
    pub statement: IamStatement,
    /// The instant from which nothing that it was made for is valid any more, so that the statement can be removed.
    pub removable_at: Timestamp,
    /// What it stops and what it does not stop, by evaluating the statement.
    pub effects: Vec<RevocationEffect>,
    /// What the statement cannot stop, or what else has to be done.
    pub limits: Vec<Box<str>>,
}

impl Revocation {
    /// Stops one presigned URL of Amazon S3, from `at` on.
    ///
    /// The statement names the object, and requests by presigned URLs whose signature is as old as that of this URL. A URL for the
    /// same key that is signed after `at` is not stopped until it is as old.
    ///
    /// # Errors
    /// Fails if the URL is not one of a bucket of Amazon S3 ([`RevocationError::NotS3`]), has expired, does not state its end, or leads
    /// to no object.
    pub fn of_url(url: &SignedUrl, at: Timestamp) -> Result<Self, RevocationError> {
        leak::of_url(url, at)
    }

    /// Stops the uploads of one caller to the bucket of these routes, from `at` on: every URL, form and part for a key that contains
    /// the caller's subject, also those that are issued later.
    ///
    /// Routes of another bucket than `bucket` are left out. The keys of a route that does not contain `{sub}` do not show their caller;
    /// [`limits`](Self::limits) names such routes.
    ///
    /// # Errors
    /// Fails if no route of the bucket has keys with `{sub}`.
    pub fn of_caller(
        subject: &str,
        bucket: &str,
        routes: &[NamedPolicy<'_>],
        at: Timestamp,
    ) -> Result<Self, RevocationError> {
        leak::of_caller(subject, bucket, routes, at)
    }

    /// Stops every presigned request to a bucket that one identity signed: `user_id` is the value of `aws:userid`, such as
    /// `AIDA…` of a user, `AROA…` of a role, or `AROA…:NAME` of a session.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>.
    ///
    /// # Errors
    /// Fails if `user_id` is no such id, or `bucket` is no name of a bucket.
    pub fn of_signer(
        user_id: &str,
        bucket: &str,
        region: Option<&Region>,
        at: Timestamp,
    ) -> Result<Self, RevocationError> {
        let (id, session) = user_id.split_once(':').map_or((user_id, None), |(id, name)| (id, Some(name)));
        let is_id =
            id.len() >= 16 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let is_session = |name: &str| {
            let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
            (2..=64).contains(&name.len()) && name.bytes().all(is_allowed)
        };
        let is_role = id.starts_with("AROA");
        let is_valid =
            is_role && session.is_none_or(is_session) || id.starts_with("AIDA") && session.is_none();
        if !is_id || !is_valid {
            return Err(RevocationError::UserId);
        }
        let value = if is_role && session.is_none() { format!("{id}:*") } else { user_id.to_owned() };
        let condition = IamCondition::new(IamOperator::STRING_LIKE, "aws:userid", [value.as_str()]);
        let life = if is_role { LONGEST_ROLE_SESSION } else { LONGEST_URL };
        let removable_at = at.saturating_add(life);
        let statement = whole_bucket("Signer", bucket, region, removable_at, condition)?;
        let sample = value.strip_suffix('*').map_or_else(|| value.clone(), |start| format!("{start}session"));
        let mut limits = vec![
            "an identity that is still trusted to sign can sign again when the statement is removed: first take the permission from it, or rotate its access key".into(),
            "what other identities signed: a second session of the same user or role has another id".into(),
        ];
        if session.is_none() {
            limits.truncate(1);
        }
        Ok(Self::new(
            RevocationKind::Signer,
            bucket,
            statement,
            removable_at,
            limits,
            &effect::of_signer(bucket, region, &sample),
        ))
    }

    /// Stops every presigned request to a bucket that was signed with a session that was issued before `instant`.
    ///
    /// A service whose credentials are older is stopped too, until it has new ones.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html>.
    ///
    /// # Errors
    /// Fails if `bucket` is no name of a bucket, or if all such sessions have ended at `at`.
    pub fn issued_before(
        instant: Timestamp,
        bucket: &str,
        region: Option<&Region>,
        at: Timestamp,
    ) -> Result<Self, RevocationError> {
        let removable_at = instant.saturating_add(LONGEST_SESSION);
        if removable_at <= at {
            return Err(RevocationError::SessionsEnded { at: removable_at });
        }
        let condition =
            IamCondition::new(IamOperator::DATE_LESS_THAN, "aws:TokenIssueTime", [instant.to_string()]);
        let statement = whole_bucket("Sessions", bucket, region, removable_at, condition)?;
        let limits = vec![
            "what an access key of a user signed, without a session: it has no `aws:TokenIssueTime`; deactivate the access key, which stops its URLs at once".into(),
            "a service that still has a session from before that instant issues URLs that are refused: restart it, so that it gets a new session".into(),
            "requests of these sessions that are not presigned, and other buckets: IAM's \"Revoke active sessions\" of the role stops them as well, by the same condition".into(),
        ];
        Ok(Self::new(
            RevocationKind::IssuedBefore,
            bucket,
            statement,
            removable_at,
            limits,
            &effect::of_sessions(bucket, region, instant),
        ))
    }

    fn new(
        kind: RevocationKind,
        bucket: &str,
        statement: IamStatement,
        removable_at: Timestamp,
        mut limits: Vec<Box<str>>,
        samples: &[effect::Sample],
    ) -> Self {
        limits.push("an upload that S3 has already accepted, and objects and parts that are stored: look for them and delete them".into());
        limits.push("a bucket policy can take some minutes to be in force everywhere".into());
        let effects = effect::evaluate(&statement, samples);
        Self { kind, bucket: bucket.into(), statement, removable_at, effects, limits }
    }

    /// Returns a policy of this statement only.
    #[must_use]
    pub fn policy(&self) -> IamPolicy {
        IamPolicy::new([self.statement.clone()])
    }

    /// Adds the statement to the present policy of the bucket, and returns it as JSON, indented. Everything else stays as it is. A
    /// statement that is there already is not added again.
    ///
    /// `present` is the policy, or the answer of `aws s3api get-bucket-policy`, which contains it as a text.
    ///
    /// # Errors
    /// Fails if `present` is no policy, or if the result is longer than [`MAX_POLICY_BYTES`].
    pub fn merged(&self, present: &str) -> Result<String, RevocationError> {
        merge::merged(self, present)
    }

    /// Returns kind, bucket, statement, effects and limits as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let of = |is_stopped: bool| -> Vec<&str> {
            self.effects.iter().filter(|it| it.is_stopped == is_stopped).map(|it| &*it.request).collect()
        };
        json!({
            "kind": self.kind.name(),
            "bucket": self.bucket,
            "statement": merge::as_value(&self.statement),
            "stops": of(true),
            "leaves": of(false),
            "limits": self.limits,
            "removableAt": self.removable_at.to_string(),
        })
    }
}

/// How requests are signed that somebody else can hold.
const PRESIGNED: [&str; 2] = ["REST-QUERY-STRING", "POST"];

/// Denies presigned requests to a bucket and its objects under one condition.
fn whole_bucket(
    name: &str,
    bucket: &str,
    region: Option<&Region>,
    removable_at: Timestamp,
    condition: IamCondition,
) -> Result<IamStatement, RevocationError> {
    bucket.parse::<upsign_core::Bucket>().map_err(|_| RevocationError::Bucket)?;
    let arn = format!("arn:{}:s3:::{bucket}", partition(region));
    Ok(deny(name, removable_at, vec!["s3:*"], vec![arn.clone(), format!("{arn}/*")], PRESIGNED)
        .with_condition(condition))
}

/// Returns the statement. Its id says until when it is needed: statement ids have letters and digits only.
fn deny<const N: usize>(
    name: &str,
    removable_at: Timestamp,
    actions: Vec<&str>,
    resources: Vec<String>,
    signed: [&str; N],
) -> IamStatement {
    let until = removable_at.to_string().replace(['-', ':'], "");
    IamStatement::new(format!("Revoke{name}Until{until}"), Effect::Deny, actions, resources)
        .with_principal(IamPrincipal::Everyone)
        .with_condition(IamCondition::new(IamOperator::STRING_EQUALS, "s3:authType", signed))
}

/// Returns the partition in ARNs of a region.
fn partition(region: Option<&Region>) -> &'static str {
    region.map_or("aws", |region| Partition::of(region).name())
}

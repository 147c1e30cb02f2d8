//! Principals that the statements of resource policies name.

/// A principal of a statement of a resource policy.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
///
/// ```
/// use upsign_documents::{Effect, IamPrincipal, IamStatement};
/// let read = IamStatement::new("Read", Effect::Allow, ["s3:GetObject"], ["arn:aws:s3:::uploads/*"])
///     .with_principal(IamPrincipal::Service("cloudfront.amazonaws.com".into()));
/// assert_eq!(read.principals(), [IamPrincipal::Service("cloudfront.amazonaws.com".into())]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IamPrincipal {
    /// Everyone (`*`), including anonymous requests. `{"AWS": "*"}` means the same.
    Everyone,
    /// An account, role, user or session, by ARN or by account ID.
    Aws(String),
    /// An AWS service, as in `cloudfront.amazonaws.com`.
    Service(String),
    /// Users of an identity provider: the ARN of the provider, or a name such as `cognito-identity.amazonaws.com`.
    Federated(String),
    /// An account, by its canonical user ID of S3.
    CanonicalUser(String),
}

impl IamPrincipal {
    /// Returns the principal that the member `kind` of the element `Principal` names, or `None` if there is no such member.
    pub(super) fn of_kind(kind: &str, name: String) -> Option<Self> {
        match kind {
            "AWS" if name == "*" => Some(Self::Everyone),
            "AWS" => Some(Self::Aws(name)),
            "Service" => Some(Self::Service(name)),
            "Federated" => Some(Self::Federated(name)),
            "CanonicalUser" => Some(Self::CanonicalUser(name)),
            _ => None,
        }
    }

    /// Returns the member of the element `Principal` that lists this principal, and its name there.
    pub(super) fn kind(&self) -> (&'static str, &str) {
        match self {
            Self::Everyone => ("AWS", "*"),
            Self::Aws(name) => ("AWS", name),
            Self::Service(name) => ("Service", name),
            Self::Federated(name) => ("Federated", name),
            Self::CanonicalUser(name) => ("CanonicalUser", name),
        }
    }

    /// Returns the account that this principal stands for as a whole, or `None` if it is narrower or not an account.
    pub(super) fn whole_account(&self) -> Option<&str> {
        let Self::Aws(name) = self else { return None };
        let is_id = name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
        if is_id {
            return Some(name);
        }
        account_of(name).filter(|_| name.splitn(6, ':').nth(5) == Some("root"))
    }
}

/// Returns the account ID of an ARN, or `None` if it has none.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

//! Parts of a policy whose meaning is not known.

use std::fmt;

/// A part of a policy that this crate does not understand, with its place.
///
/// [`IamPolicy::from_json`](super::IamPolicy::from_json) keeps such a part, so that
/// [`to_json`](super::IamPolicy::to_json) writes it again, but nothing is known about the requests that its statement applies
/// to. A comparison that reports no differences therefore proves nothing as long as
/// [`IamPolicy::not_understood`](super::IamPolicy::not_understood) is not empty.
///
/// ```
/// use upsign_documents::IamPolicy;
/// let policy = IamPolicy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": {"Sid": "Put", "Effect": "Allow", "Action": "s3:PutObject",
///         "Resource": "arn:aws:s3:::uploads/*", "Condition": {"StringMatches": {"aws:username": "a"}}}}"#,
/// )?;
/// let part = &policy.not_understood()[0];
/// assert_eq!((part.statement(), part.member()), (Some(0), "Condition.StringMatches"));
/// assert_eq!(
///     part.to_string(),
///     "`Condition.StringMatches` of statement 1 (Put): `StringMatches` is not a condition operator",
/// );
/// # Ok::<(), upsign_documents::InvalidIamPolicy>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NotUnderstood {
    statement: Option<usize>,
    sid: String,
    member: String,
    reason: String,
}

impl NotUnderstood {
    /// Describes a member of the policy document itself.
    pub(super) fn of_document(member: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { statement: None, sid: String::new(), member: member.into(), reason: reason.into() }
    }

    /// Describes a member of a statement. [`at`](Self::at) sets which statement.
    pub(super) fn of_statement(member: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::of_document(member, reason)
    }

    /// Sets the statement.
    pub(super) fn at(&self, statement: usize, sid: &str) -> Self {
        Self { statement: Some(statement), sid: sid.to_owned(), ..self.clone() }
    }

    /// Returns the index of the statement, from 0, or `None` if the part belongs to the document itself.
    #[must_use]
    pub const fn statement(&self) -> Option<usize> {
        self.statement
    }

    /// Returns the path of the member, as in `Condition.StringMatches`.
    #[must_use]
    pub fn member(&self) -> &str {
        &self.member
    }

    /// Returns why the part is not understood, with the text that was found.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns whether the part belongs to the element `name` of its statement, such as `Action`.
    pub(super) fn is_in(&self, name: &str) -> bool {
        self.member.split('.').next() == Some(name)
    }
}

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.member)?;
        match (self.statement, self.sid.as_str()) {
            (None, _) => {}
            (Some(index), "") => write!(f, " of statement {}", index.saturating_add(1))?,
            (Some(index), sid) => write!(f, " of statement {} ({sid})", index.saturating_add(1))?,
        }
        write!(f, ": {}", self.reason)
    }
}

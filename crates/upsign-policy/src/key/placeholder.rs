//! The placeholders of key templates.

use std::fmt;

use crate::key::id_name::IdName;

/// A placeholder of a [`KeyTemplate`](crate::KeyTemplate).
///
/// ```
/// use upsign_policy::{KeyTemplate, Placeholder};
/// let template: KeyTemplate = "tenants/{claim:custom:tenant}/{id}.{ext}".parse()?;
/// assert!(template.uses(&Placeholder::Claim("custom:tenant".into())));
/// assert_eq!(Placeholder::Extension.to_string(), "{ext}");
/// # Ok::<(), upsign_policy::InvalidKeyTemplate>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Placeholder {
    /// `{id}` or `{uuid}`: the generated id of the upload.
    Id,
    /// `{id:sealed}`: a generated id that proves that the service issued the key ([`SealedId`](crate::SealedId)).
    SealedId,
    /// A declared id, for example `{article_id}`.
    DeclaredId(IdName),
    /// `{issuer}`: the name that the deployment gives to the issuer of the caller.
    Issuer,
    /// `{sub}`: the subject of the caller.
    Subject,
    /// `{group}`: the eligible group of the caller.
    Group,
    /// `{claim:NAME}`: a claim of the caller. Holds the name of the claim.
    Claim(Box<str>),
    /// `{ext}`: the extension of the content type.
    Extension,
    /// `{filename}`: the file name that the client sends.
    FileName,
    /// `{date}`: the date of the request in UTC.
    Date,
    /// `{sha256}`: the SHA-256 checksum that the client sends.
    Sha256,
}

impl Placeholder {
    /// Returns the name between the braces. For a claim, this is the name of the claim, without `claim:`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Claim(name) => name,
            Self::Id => "id",
            Self::SealedId => "id:sealed",
            Self::DeclaredId(name) => name.as_str(),
            Self::Issuer => "issuer",
            Self::Subject => "sub",
            Self::Group => "group",
            Self::Extension => "ext",
            Self::FileName => "filename",
            Self::Date => "date",
            Self::Sha256 => "sha256",
        }
    }

    /// Returns the length of the value in bytes if it is always the same.
    pub(crate) const fn fixed_len(&self) -> Option<usize> {
        match self {
            Self::Id | Self::DeclaredId(_) => Some(36),
            Self::Date => Some(10),
            Self::SealedId | Self::Sha256 => Some(64),
            Self::Issuer
            | Self::Subject
            | Self::Group
            | Self::Claim(_)
            | Self::Extension
            | Self::FileName => None,
        }
    }

    /// Returns whether the value can contain every character of a UUID, a sealed id, a date and a hash.
    pub(crate) const fn can_contain_any_id(&self) -> bool {
        matches!(self, Self::Issuer | Self::Subject | Self::Group | Self::Claim(_))
    }

    /// Returns whether the value is a part of the caller's identity that is unique only within its issuer: `{sub}`, `{group}` or
    /// `{claim:NAME}`.
    #[must_use]
    pub const fn names_caller(&self) -> bool {
        matches!(self, Self::Subject | Self::Group | Self::Claim(_))
    }

    /// Returns whether the value can contain `c`. This matters only for values of variable length.
    pub(crate) fn can_contain(&self, c: char) -> bool {
        match self {
            Self::Subject | Self::Group | Self::Claim(_) => crate::encoding::tilde::is_claim_char(c),
            Self::Issuer => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Self::Extension => c.is_ascii_lowercase() || c.is_ascii_digit(),
            Self::FileName => c != '/',
            Self::SealedId => matches!(c, '0'..='9' | 'a'..='v'),
            Self::Id | Self::DeclaredId(_) | Self::Date | Self::Sha256 => c.is_ascii_hexdigit() || c == '-',
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(name) => write!(f, "{{claim:{name}}}"),
            _ => write!(f, "{{{}}}", self.name()),
        }
    }
}

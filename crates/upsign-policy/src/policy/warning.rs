//! What an operator should know.

use upsign_core::ExpiresIn;

use super::{Bodyless, SharedContent, UploadMethod, UploadPolicy};
use crate::{CannedAcl, ContentType, Disposition, IdName, Placeholder, TypeRange};

/// Something a policy allows that its operator should have meant. Shown at start; nothing is refused for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyWarning {
    /// A request without a body is granted; these constraints are not bound for it.
    BodylessAllowed {
        /// What is not bound, as in `size`.
        unbound: Vec<&'static str>,
    },
    /// A grant lives longer than 15 minutes.
    LongLifetime(ExpiresIn),
    /// A range of types is allowed.
    WideTypes(TypeRange),
    /// A type that browsers run is allowed, and not always saved as an attachment.
    ActiveType(ContentType),
    /// An existing object may be overwritten while a grant lives.
    Overwritable,
    /// The ACL lets in people outside the account.
    PublicAcl(CannedAcl),
    /// Callers share content-addressed objects.
    SharedContent,
    /// A declared id does not stand in the key.
    UnusedId(IdName),
}

impl UploadPolicy {
    /// What the operator should know about this policy, the gravest first.
    #[must_use]
    pub fn warnings(&self) -> Vec<PolicyWarning> {
        let mut out = Vec::new();
        if self.bodyless == Bodyless::Allow {
            out.push(PolicyWarning::BodylessAllowed { unbound: self.unbound_without_body() });
        }
        let attached = matches!(self.disposition, Disposition::Attachment | Disposition::AttachmentNamed);
        let bodyless = self.bodyless == Bodyless::Allow && self.method == UploadMethod::Put;
        for content_type in self.content.exact().filter(|content_type| content_type.is_active()) {
            if !attached || bodyless && self.content.first_exact() == Some(content_type) {
                out.push(PolicyWarning::ActiveType(content_type.clone()));
            }
        }
        out.extend(self.acl.filter(|acl| acl.is_public()).map(PolicyWarning::PublicAcl));
        if self.shared_content == SharedContent::Danger && self.template.uses(&Placeholder::Sha256) {
            out.push(PolicyWarning::SharedContent);
        }
        let ranges = self.content.ranges().iter().filter(|range| !matches!(range, TypeRange::Exact(_)));
        out.extend(ranges.cloned().map(PolicyWarning::WideTypes));
        if !self.no_overwrite {
            out.push(PolicyWarning::Overwritable);
        }
        if self.expires_in.as_secs() > 900 {
            out.push(PolicyWarning::LongLifetime(self.expires_in));
        }
        let unused =
            self.id_names().iter().filter(|name| !self.template.uses(&Placeholder::Named((*name).clone())));
        out.extend(unused.cloned().map(PolicyWarning::UnusedId));
        out
    }

    fn unbound_without_body(&self) -> Vec<&'static str> {
        if self.method == UploadMethod::Post {
            return if self.checksums.is_required() { vec!["checksum"] } else { Vec::new() };
        }
        let mut unbound = vec!["size"];
        if self.no_overwrite {
            unbound.push("overwriting");
        }
        if self.checksums.is_required() {
            unbound.push("checksum");
        }
        let fixed = [
            ("cache-control", "cache control"),
            ("content-disposition", "content disposition"),
            ("x-amz-server-side-encryption", "encryption"),
            ("x-amz-storage-class", "storage class"),
            ("x-amz-acl", "ACL"),
        ];
        unbound.extend(
            fixed.into_iter().filter(|(name, _)| self.fixed.get(name).is_some()).map(|(_, what)| what),
        );
        if !self.metadata.is_empty() {
            unbound.push("metadata");
        }
        if !self.tags.is_empty() {
            unbound.push("tags");
        }
        unbound
    }
}

impl std::fmt::Display for PolicyWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BodylessAllowed { unbound } => {
                f.write_str("a request without a body is granted")?;
                if unbound.is_empty() { Ok(()) } else { write!(f, ", and for it nothing binds {}", unbound.join(", ")) }
            }
            Self::LongLifetime(expires_in) => {
                write!(f, "a grant lives {} seconds: whoever holds it can use it until then", expires_in.as_secs())
            }
            Self::WideTypes(range) => write!(f, "`{range}` allows types nobody has listed"),
            Self::ActiveType(content_type) => {
                write!(f, "browsers run `{content_type}`: fix content-disposition as attachment, or serve it from a domain of its own")
            }
            Self::Overwritable => f.write_str("an upload can be overwritten for as long as its grant lives"),
            Self::PublicAcl(acl) => write!(f, "the ACL `{acl}` lets in people outside the account"),
            Self::SharedContent => {
                f.write_str("callers share content-addressed objects: the first to upload decides type and headers for all")
            }
            Self::UnusedId(name) => write!(f, "the declared id `{name}` does not stand in the key"),
        }
    }
}

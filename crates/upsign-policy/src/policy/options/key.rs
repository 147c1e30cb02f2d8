//! Options for the values in a key.

use upsign_core::IssuerName;

use crate::key::id_name::IdName;
use crate::key::placeholder::Placeholder;
use crate::key::template::KeyTemplate;
use crate::policy::error::InvalidUploadPolicy;

/// Options for the values of the placeholders in a key.
///
/// TOML keys: `client_may_supply`, `key_groups`, `shared_content`.
///
/// ```
/// use upsign_policy::KeyOptions;
/// let keys = KeyOptions::new().client_may_supply(["article_id".parse()?]).groups(["editors", "authors"]);
/// # Ok::<(), upsign_policy::InvalidIdName>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyOptions {
    pub(in crate::policy) client_may_supply: Box<[IdName]>,
    pub(in crate::policy) groups: Option<Box<[Box<str>]>>,
    pub(in crate::policy) issuers: Option<Box<[IssuerName]>>,
    pub(in crate::policy) shared_content: SharedContent,
}

/// Whether two callers may share an object whose key is derived from its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SharedContent {
    /// No: `{sub}` must precede `{sha256}` in the template.
    #[default]
    No,
    /// Yes. A caller who knows a checksum learns whether anyone has uploaded that content, and the first caller to
    /// upload it decides the object's type and headers for all of them.
    Danger,
}

impl KeyOptions {
    /// Returns the defaults: every id is generated, every group of a caller is eligible, callers of every
    /// named issuer may upload, and content is not shared.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the declared ids that a client may supply instead of receiving a new one. Default: none.
    ///
    /// A policy cannot check whether an id belongs to the client that supplies it. The application must check that before it
    /// signs, whenever [`Permit::client_supplied_ids`](crate::Permit::client_supplied_ids) is `true`. At least one id of
    /// the key must remain generated, so that a client cannot choose the key of an existing object, unless
    /// [`replace`](crate::UploadPolicyBuilder::replace) allows to replace objects.
    #[must_use]
    pub fn client_may_supply(mut self, ids: impl IntoIterator<Item = IdName>) -> Self {
        self.client_may_supply = ids.into_iter().collect();
        self
    }

    /// Sets the groups that are eligible for `{group}`. Default: every group of the caller. A caller must be in exactly
    /// one eligible group.
    #[must_use]
    pub fn groups<S: AsRef<str>>(mut self, groups: impl IntoIterator<Item = S>) -> Self {
        self.groups = Some(groups.into_iter().map(|group| group.as_ref().into()).collect());
        self
    }

    /// Sets the issuers whose callers may upload to a key with `{issuer}`. Default: every issuer with a name. A name that is
    /// listed twice counts once.
    ///
    /// Set it if the issuers are known: documents that are derived from the policy, such as IAM policies, then list their
    /// folders instead of a wildcard.
    #[must_use]
    pub fn issuers(mut self, issuers: impl IntoIterator<Item = IssuerName>) -> Self {
        let mut listed: Vec<IssuerName> = Vec::new();
        for issuer in issuers {
            if !listed.contains(&issuer) {
                listed.push(issuer);
            }
        }
        self.issuers = Some(listed.into());
        self
    }

    /// Sets whether callers may share objects whose key is their checksum. Default: [`SharedContent::No`].
    #[must_use]
    pub const fn shared_content(mut self, shared_content: SharedContent) -> Self {
        self.shared_content = shared_content;
        self
    }

    /// Checks the ids that clients may supply, and that the key identifies an upload unless `may_share_keys`.
    pub(in crate::policy) fn check(
        &self,
        template: &KeyTemplate,
        may_share_keys: bool,
    ) -> Result<(), InvalidUploadPolicy> {
        for name in &self.client_may_supply {
            if !template.id_names().contains(name) {
                return Err(InvalidUploadPolicy::UndeclaredClientId(name.clone()));
            }
            if IdName::REQUEST_MEMBERS.contains(&name.wire_name()) {
                return Err(InvalidUploadPolicy::ReservedClientId(name.wire_name().into()));
            }
        }
        if may_share_keys {
            return Ok(());
        }
        if !template.is_unique() {
            return Err(InvalidUploadPolicy::SharedKey);
        }
        // A key made only of ids that a client chooses could be the key of an object that exists already.
        let generated = |placeholder: &Placeholder| match placeholder {
            Placeholder::Id | Placeholder::SealedId | Placeholder::Sha256 => true,
            Placeholder::DeclaredId(name) => !self.client_may_supply.contains(name),
            _ => false,
        };
        if template.placeholders().any(generated) { Ok(()) } else { Err(InvalidUploadPolicy::NoGeneratedId) }
    }

    pub(in crate::policy) fn check_issuers(&self) -> Result<(), InvalidUploadPolicy> {
        match &self.issuers {
            Some(issuers) if issuers.is_empty() => Err(InvalidUploadPolicy::NoIssuers),
            _ => Ok(()),
        }
    }

    /// Returns whether the issuer has a name and its callers may upload to a key that contains it.
    pub(in crate::policy) fn allows_issuer(&self, name: Option<&IssuerName>) -> bool {
        name.is_some_and(|name| self.issuers.as_deref().is_none_or(|listed| listed.contains(name)))
    }

    pub(in crate::policy) fn check_groups(&self) -> Result<(), InvalidUploadPolicy> {
        let valid = |groups: &[Box<str>]| !groups.is_empty() && groups.iter().all(|group| !group.is_empty());
        match &self.groups {
            Some(groups) if !valid(groups) => Err(InvalidUploadPolicy::InvalidGroups),
            _ => Ok(()),
        }
    }
}

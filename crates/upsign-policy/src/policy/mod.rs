//! The policy itself.

mod authorize;
mod builder;
mod check;
mod form;
mod shapes;
mod warning;

use upsign_core::{ExpiresIn, SignedHeaders, Target, WhenShort};

use crate::{
    CannedAcl, Checksums, ContentRules, Disposition, Encryption, FileNames, IdName, KeyTemplate, Metadata,
    Placeholder, SizeLimit, Tags,
};

pub use builder::{InvalidPolicy, UploadPolicyBuilder};
pub use warning::PolicyWarning;

/// What may be uploaded, where, by a caller whose identity is known.
///
/// Decides and signs nothing: [`authorize`](UploadPolicy::authorize) turns a request into a [`Permit`](crate::Permit)
/// that carries one fully decided presign request, or refuses.
///
/// ```
/// use upsign_core::{Identity, Target, Timestamp};
/// use upsign_policy::*;
/// let ids: Vec<IdName> = vec!["article_id".parse()?];
/// let policy = UploadPolicy::builder(
///         Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
///         KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids)?,
///         Bodyless::Allow,
///     )
///     .content(ContentRules::of(["image/jpeg", "image/png", "image/webp"])?)
///     .size(SizeLimit::up_to(10 << 20)?)
///     .build()?;
///
/// let who = Identity::vouched("https://issuer.example", "3f2504e0")?;
/// let mut byte = 0;
/// let drawn = Ids::draw(Timestamp::UNIX_EPOCH, policy.id_names(), || { byte += 1; uuid_v4([byte; 16]) });
/// let permit = policy.authorize(&who, &UploadRequest::bodyless(), &drawn)?;
/// assert_eq!(
///     permit.key().as_str(),
///     "articles/02020202-0202-4202-8202-020202020202/raw/01010101-0101-4101-8101-010101010101.jpg",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPolicy {
    target: Target,
    template: KeyTemplate,
    bodyless: Bodyless,
    content: ContentRules,
    size: SizeLimit,
    expires_in: ExpiresIn,
    no_overwrite: bool,
    method: UploadMethod,
    client_ids: Box<[IdName]>,
    when_short: WhenShort,
    checksums: Checksums,
    file_names: FileNames,
    max_file_name: usize,
    keep_file_name: bool,
    disposition: Disposition,
    encryption: Option<Encryption>,
    acl: Option<CannedAcl>,
    metadata: Metadata,
    client_metadata: ClientMetadata,
    tags: Tags,
    client_tags: bool,
    groups: Option<Box<[Box<str>]>>,
    shared_content: SharedContent,
    /// The headers of every described request that depend on nothing in it.
    fixed: SignedHeaders,
    signed_header_names: Box<[Box<str>]>,
}

/// What a request without a body gets. There is no default, because it is a security choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bodyless {
    /// A grant that signs the first content type and nothing else: size, overwriting and every other constraint of the
    /// policy are not bound for it.
    Allow,
    /// [`Denied::BodyRequired`](crate::Denied::BodyRequired).
    Refuse,
}

/// How the file is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMethod {
    /// One presigned `PUT`: every constraint is a signed header, the size an exact one.
    #[default]
    Put,
    /// A form with a POST policy: for clients that do not know the size, since a form can bind a range of sizes. It cannot
    /// keep an existing object.
    Post,
}

/// Which user-defined metadata a client may state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientMetadata {
    /// None.
    #[default]
    None,
    /// Under these names, lower-case and without `x-amz-meta-`.
    Named(Box<[Box<str>]>),
    /// Under any name.
    Any,
}

/// Whether two callers may share an object whose key is made of its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SharedContent {
    /// No: `{sub}` stands before `{sha256}`.
    #[default]
    No,
    /// Yes: whoever knows a checksum learns whether anybody has uploaded that content, and who uploads first decides the
    /// object's type and headers for all.
    Danger,
}

impl UploadPolicy {
    /// Begins a policy. Content rules and a size limit must follow; all else has a default.
    pub fn builder(target: Target, template: KeyTemplate, bodyless: Bodyless) -> UploadPolicyBuilder {
        UploadPolicyBuilder::new(target, template, bodyless)
    }

    /// The bucket and its address.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The layout of keys.
    #[must_use]
    pub const fn template(&self) -> &KeyTemplate {
        &self.template
    }

    /// The declared ids: what [`Ids::draw`](crate::Ids::draw) needs.
    #[must_use]
    pub fn id_names(&self) -> &[IdName] {
        self.template.ids()
    }

    /// The types allowed.
    #[must_use]
    pub const fn content_rules(&self) -> &ContentRules {
        &self.content
    }

    /// The sizes allowed.
    #[must_use]
    pub const fn size(&self) -> SizeLimit {
        self.size
    }

    /// The largest upload in bytes.
    #[must_use]
    pub const fn max_size(&self) -> u64 {
        self.size.max()
    }

    /// How long a grant lives.
    #[must_use]
    pub const fn expires_in(&self) -> ExpiresIn {
        self.expires_in
    }

    /// Whether an existing object is kept (`If-None-Match: *`).
    #[must_use]
    pub const fn no_overwrite(&self) -> bool {
        self.no_overwrite
    }

    /// How the file is sent.
    #[must_use]
    pub const fn method(&self) -> UploadMethod {
        self.method
    }

    /// The declared ids that a client may name.
    #[must_use]
    pub const fn client_ids(&self) -> &[IdName] {
        &self.client_ids
    }

    /// The claims that the key is made of, beside subject and groups: an [`Identity`](upsign_core::Identity) must carry
    /// them.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.template.placeholders().filter_map(|slot| match slot {
            Placeholder::Claim(name) => Some(name.as_ref()),
            _ => None,
        })
    }

    /// What happens to a grant when the credentials end before it would.
    #[must_use]
    pub const fn when_short(&self) -> WhenShort {
        self.when_short
    }

    /// What a request without a body gets.
    #[must_use]
    pub const fn bodyless(&self) -> Bodyless {
        self.bodyless
    }

    /// The groups that count for `{group}`, if not all of a caller's do.
    #[must_use]
    pub fn groups(&self) -> Option<&[Box<str>]> {
        self.groups.as_deref()
    }

    /// The longest file name in bytes of UTF-8.
    #[must_use]
    pub const fn max_file_name(&self) -> usize {
        self.max_file_name
    }

    /// The checksums taken.
    #[must_use]
    pub const fn checksums(&self) -> &Checksums {
        &self.checksums
    }

    /// The encryption asked for.
    #[must_use]
    pub const fn encryption(&self) -> Option<&Encryption> {
        self.encryption.as_ref()
    }

    /// The canned ACL asked for.
    #[must_use]
    pub const fn acl(&self) -> Option<CannedAcl> {
        self.acl
    }

    /// Whether any request of this policy carries tags.
    #[must_use]
    pub const fn sets_tags(&self) -> bool {
        self.client_tags || !self.tags.is_empty()
    }

    /// Every header that some request of this policy signs, beside `host`: lower-case, sorted. The one entry that is not
    /// a whole name is `x-amz-meta-*`, where clients may choose names of metadata freely. A form
    /// signs no headers.
    pub fn signed_header_names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.signed_header_names.iter().map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_between_threads() {
        fn check<T: Send + Sync + 'static>() {}
        check::<UploadPolicy>();
        check::<crate::Permit>();
        check::<crate::Denied>();
    }
}

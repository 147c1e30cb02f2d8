//! Putting a policy together.

use upsign_core::{ExpiresIn, InvalidHeader, InvalidPost, ObjectKey, SignedHeaders, Target, WhenShort};

use super::{Bodyless, ClientMetadata, SharedContent, UploadMethod, UploadPolicy};
use crate::content_type::is_token;
use crate::disposition::{Kind, written};
use crate::{
    CacheControl, CannedAcl, ChecksumAlgorithm, Checksums, ContentRules, Disposition, Encryption, FileName,
    FileNames, IdName, KeyTemplate, Metadata, Placeholder, SizeLimit, StorageClass, Tags, TypeRange,
};

/// A policy in the making; see [`UploadPolicy::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct UploadPolicyBuilder {
    policy: UploadPolicy,
    content: Option<ContentRules>,
    size: Option<SizeLimit>,
    cache_control: Option<CacheControl>,
    storage_class: Option<StorageClass>,
    no_overwrite: Option<bool>,
}

/// Why the parts do not make a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// No content rules.
    #[error("no content type is allowed: name at least one")]
    NoContent,
    /// No size limit.
    #[error("there is no maximum size")]
    NoSize,
    /// `{ext}` stands in the template, and no extension is known for a type.
    #[error("the template's `{{ext}}` has no value for `{0}`: give its extensions, or leave `{{ext}}` out")]
    NoExtension(TypeRange),
    /// A request without a body cannot fill the template.
    #[error("a request without a body cannot fill `{0}`: refuse bodyless requests, or change the template")]
    BodylessKey(Placeholder),
    /// A request without a body is given the first exact type, and there is none.
    #[error(
        "a request without a body needs one content type to sign: name one exactly, or refuse bodyless requests"
    )]
    BodylessType,
    /// A list of checksum algorithms with nothing in it.
    #[error("the list of checksum algorithms is empty")]
    NoChecksums,
    /// `{sha256}` stands in the template and the checksum is not bound.
    #[error("a template with `{{sha256}}` needs the checksum sha256 required, and no other algorithm")]
    Sha256Unbound,
    /// `{sha256}` stands in the template, and `{sub}` does not stand before it.
    #[error("`{{sha256}}` without `{{sub}}` before it lets callers share objects: put `{{sub}}` before it")]
    Sha256Shared,
    /// Metadata of the policy and of the client, or the kept file name, have one name.
    #[error("the metadata name `{0}` has two sources")]
    MetadataName(Box<str>),
    /// A name of client metadata that is none.
    #[error(
        "a name of client metadata is 1 to 128 lower-case letters, digits and !#$%&'*+-.^_`|~, without x-amz-meta-"
    )]
    ClientMetadataName,
    /// The file name limit is 0 or above what a key holds.
    #[error("file names have a limit of 1 to 1024 bytes, not {0}")]
    FileNameLimit(usize),
    /// A group that counts is the empty text, or none is listed.
    #[error("the list of groups is empty or holds an empty name")]
    Groups,
    /// A form that is to keep an existing object.
    #[error(
        "a form cannot keep an existing object: say so with no_overwrite = false, or have the file sent by PUT"
    )]
    PostOverwrites,
    /// A client may name an id that is not declared.
    #[error("a client may name `{0}`, which is no declared id")]
    ClientId(IdName),
    /// A client may name an id whose name means something else in a request.
    #[error("a request has a member `{0}` already: declare the id under another name")]
    RequestMember(Box<str>),
    /// A client may name every id of the key.
    #[error("a client could name every id of the key, and so an existing object: add `{{id}}`")]
    EveryIdSupplied,
    /// A fixed value that a form cannot carry.
    #[error("a value of the policy cannot stand in a form")]
    Field(#[source] InvalidPost),
    /// There is no room for what clients may add.
    #[error("the policy fixes all {0} tags that an object may have: clients cannot add any")]
    TagsFull(usize),
    /// No request can fill the template.
    #[error("the shortest key of this template and these types has {0} bytes, S3 allows 1024")]
    KeyTooLong(usize),
    /// A fixed header that cannot be signed.
    #[error("a header of the policy cannot be signed")]
    Header(#[source] InvalidHeader),
}

impl UploadPolicyBuilder {
    pub(super) fn new(target: Target, template: KeyTemplate, bodyless: Bodyless) -> Self {
        // The content and size here are placeholders that `build` replaces or refuses to.
        let policy = UploadPolicy {
            target,
            template,
            bodyless,
            content: ContentRules::none(),
            size: SizeLimit::PUT,
            expires_in: DEFAULT_EXPIRY,
            no_overwrite: true,
            method: UploadMethod::Put,
            client_ids: Box::default(),
            when_short: WhenShort::Clamp,
            checksums: Checksums::None,
            file_names: FileNames::Refuse,
            max_file_name: 255,
            keep_file_name: false,
            disposition: Disposition::Unset,
            encryption: None,
            acl: None,
            metadata: Metadata::new(),
            client_metadata: ClientMetadata::None,
            tags: Tags::new(),
            client_tags: false,
            groups: None,
            shared_content: SharedContent::No,
            fixed: SignedHeaders::new(),
            signed_header_names: Box::default(),
        };
        Self {
            policy,
            content: None,
            size: None,
            cache_control: None,
            storage_class: None,
            no_overwrite: None,
        }
    }

    /// The content types allowed. Mandatory.
    pub fn content(mut self, rules: ContentRules) -> Self {
        self.content = Some(rules);
        self
    }

    /// The sizes allowed. Mandatory.
    pub fn size(mut self, limit: SizeLimit) -> Self {
        self.size = Some(limit);
        self
    }

    /// How long a grant lives: 900 seconds unless set.
    pub fn expires_in(mut self, expires_in: ExpiresIn) -> Self {
        self.policy.expires_in = expires_in;
        self
    }

    /// Whether an existing object is kept, by a signed `If-None-Match: *`: true for a `PUT` unless set. Switch it off only
    /// for a store that does not know the header. A form has no such field: there it is false, and true is refused.
    pub fn no_overwrite(mut self, no_overwrite: bool) -> Self {
        self.no_overwrite = Some(no_overwrite);
        self
    }

    /// How the file is sent: by `PUT`, unless set.
    pub fn method(mut self, method: UploadMethod) -> Self {
        self.policy.method = method;
        self
    }

    /// The declared ids that a client may name: none unless set. Whether an id is this client's to name is a question that
    /// no policy can answer: an application that lets clients do so must ask itself, before it signs
    /// ([`Permit::names_existing_ids`](crate::Permit::names_existing_ids)).
    pub fn client_may_supply(mut self, ids: impl IntoIterator<Item = IdName>) -> Self {
        self.policy.client_ids = ids.into_iter().collect();
        self
    }

    /// What to do when the credentials end before a grant would: shorten it and say so, unless set.
    pub fn when_short(mut self, when_short: WhenShort) -> Self {
        self.policy.when_short = when_short;
        self
    }

    /// The checksums taken: none unless set.
    pub fn checksums(mut self, checksums: Checksums) -> Self {
        self.policy.checksums = checksums;
        self
    }

    /// What to do with a file name that is not fit: refuse it, unless set.
    pub fn file_names(mut self, file_names: FileNames) -> Self {
        self.policy.file_names = file_names;
        self
    }

    /// The longest file name in bytes of UTF-8: 255 unless set.
    pub fn max_file_name(mut self, bytes: usize) -> Self {
        self.policy.max_file_name = bytes;
        self
    }

    /// Whether the client's file name is kept as `x-amz-meta-filename`, percent-encoded (`decodeURIComponent` reads
    /// it): false unless set.
    pub fn keep_file_name(mut self, keep: bool) -> Self {
        self.policy.keep_file_name = keep;
        self
    }

    /// The `Content-Disposition`: unset unless set.
    pub fn disposition(mut self, disposition: Disposition) -> Self {
        self.policy.disposition = disposition;
        self
    }

    /// The `Cache-Control`.
    pub fn cache_control(mut self, cache_control: CacheControl) -> Self {
        self.cache_control = Some(cache_control);
        self
    }

    /// The encryption at rest: the bucket's default unless set.
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.policy.encryption = Some(encryption);
        self
    }

    /// The storage class: the bucket's default unless set.
    pub fn storage_class(mut self, storage_class: StorageClass) -> Self {
        self.storage_class = Some(storage_class);
        self
    }

    /// A canned ACL: none unless set, and most buckets refuse any.
    pub fn acl(mut self, acl: CannedAcl) -> Self {
        self.policy.acl = Some(acl);
        self
    }

    /// Metadata that every object gets.
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.policy.metadata = metadata;
        self
    }

    /// Metadata that a client may state: none unless set.
    pub fn client_metadata(mut self, names: ClientMetadata) -> Self {
        self.policy.client_metadata = names;
        self
    }

    /// Tags that every object gets.
    pub fn tags(mut self, tags: Tags) -> Self {
        self.policy.tags = tags;
        self
    }

    /// Whether a client may state tags: false unless set.
    pub fn client_tags(mut self, allowed: bool) -> Self {
        self.policy.client_tags = allowed;
        self
    }

    /// The groups that count for `{group}`: all of the caller's unless set.
    pub fn groups<S: AsRef<str>>(mut self, groups: impl IntoIterator<Item = S>) -> Self {
        self.policy.groups = Some(groups.into_iter().map(|group| group.as_ref().into()).collect());
        self
    }

    /// Whether callers may share content-addressed objects: no unless set.
    pub fn shared_content(mut self, shared: SharedContent) -> Self {
        self.policy.shared_content = shared;
        self
    }

    /// The policy, if its parts agree.
    ///
    /// # Errors
    /// [`InvalidPolicy`].
    pub fn build(self) -> Result<UploadPolicy, InvalidPolicy> {
        let content = self.content.ok_or(InvalidPolicy::NoContent)?;
        let size = self.size.ok_or(InvalidPolicy::NoSize)?;
        let no_overwrite = self.no_overwrite.unwrap_or(self.policy.method == UploadMethod::Put);
        let mut policy = UploadPolicy { content, size, no_overwrite, ..self.policy };
        check_client_ids(&policy)?;
        if policy.client_tags && policy.tags.iter().len() >= Tags::MAX {
            return Err(InvalidPolicy::TagsFull(Tags::MAX));
        }
        check_template(&policy)?;
        check_checksums(&policy)?;
        check_metadata(&policy)?;
        if !(1..=FileName::MAX_BYTES).contains(&policy.max_file_name) {
            return Err(InvalidPolicy::FileNameLimit(policy.max_file_name));
        }
        let named = |groups: &[Box<str>]| !groups.is_empty() && groups.iter().all(|group| !group.is_empty());
        if policy.groups.as_ref().is_some_and(|groups| !named(groups)) {
            return Err(InvalidPolicy::Groups);
        }
        let fixed = fixed_headers(&policy, self.cache_control.as_ref(), self.storage_class);
        policy.fixed = fixed.map_err(InvalidPolicy::Header)?;
        if policy.method == UploadMethod::Post && UploadPolicy::unformed(&policy.fixed) {
            return Err(InvalidPolicy::PostOverwrites);
        }
        policy.signed_header_names = policy.names_of_shapes().map_err(InvalidPolicy::Header)?;
        if policy.method == UploadMethod::Post {
            policy.sample_form().map_err(InvalidPolicy::Field)?;
        }
        Ok(policy)
    }
}

/// The article's fifteen minutes.
const DEFAULT_EXPIRY: ExpiresIn = match ExpiresIn::from_secs(900) {
    Ok(expiry) => expiry,
    Err(_) => ExpiresIn::MAX,
};

fn check_template(policy: &UploadPolicy) -> Result<(), InvalidPolicy> {
    let template = &policy.template;
    if template.uses(&Placeholder::Extension) {
        let nameless = policy.content.ranges().iter().find(|range| !policy.content.can_name(range));
        if let Some(range) = nameless {
            return Err(InvalidPolicy::NoExtension(range.clone()));
        }
    }
    let shortest = template.shortest_with(policy.content.shortest_extension());
    if shortest > ObjectKey::MAX_BYTES {
        return Err(InvalidPolicy::KeyTooLong(shortest));
    }
    if policy.bodyless == Bodyless::Allow {
        let unknown = |slot: &&Placeholder| matches!(slot, Placeholder::FileName | Placeholder::Sha256);
        if let Some(slot) = template.placeholders().find(unknown) {
            return Err(InvalidPolicy::BodylessKey(slot.clone()));
        }
        if policy.content.first_exact().is_none() {
            return Err(InvalidPolicy::BodylessType);
        }
    }
    Ok(())
}

fn check_client_ids(policy: &UploadPolicy) -> Result<(), InvalidPolicy> {
    for name in &policy.client_ids {
        if !policy.template.ids().contains(name) {
            return Err(InvalidPolicy::ClientId(name.clone()));
        }
        if IdName::REQUEST_MEMBERS.contains(&name.as_wire()) {
            return Err(InvalidPolicy::RequestMember(name.as_wire().into()));
        }
    }
    let fresh = |slot: &Placeholder| match slot {
        Placeholder::Id | Placeholder::Sha256 => true,
        Placeholder::Named(name) => !policy.client_ids.contains(name),
        _ => false,
    };
    if policy.template.placeholders().any(fresh) { Ok(()) } else { Err(InvalidPolicy::EveryIdSupplied) }
}

fn check_checksums(policy: &UploadPolicy) -> Result<(), InvalidPolicy> {
    if !matches!(policy.checksums, Checksums::None) && policy.checksums.algorithms().is_empty() {
        return Err(InvalidPolicy::NoChecksums);
    }
    let mut slots = policy.template.placeholders();
    let subject_before = slots.by_ref().take_while(|slot| **slot != Placeholder::Sha256);
    let subject_before = subject_before.filter(|slot| **slot == Placeholder::Subject).count() > 0;
    if !policy.template.uses(&Placeholder::Sha256) {
        return Ok(());
    }
    if policy.checksums != Checksums::Required([ChecksumAlgorithm::Sha256].into()) {
        return Err(InvalidPolicy::Sha256Unbound);
    }
    if !subject_before && policy.shared_content == SharedContent::No {
        return Err(InvalidPolicy::Sha256Shared);
    }
    Ok(())
}

fn check_metadata(policy: &UploadPolicy) -> Result<(), InvalidPolicy> {
    if policy.keep_file_name && policy.metadata.get(super::check::FILE_NAME).is_some() {
        return Err(InvalidPolicy::MetadataName(super::check::FILE_NAME.into()));
    }
    let ClientMetadata::Named(names) = &policy.client_metadata else { return Ok(()) };
    for (index, name) in names.iter().enumerate() {
        let prefixed = name.starts_with("x-amz-meta-");
        if !is_token(name) || name.len() > 128 || name.to_ascii_lowercase() != **name || prefixed {
            return Err(InvalidPolicy::ClientMetadataName);
        }
        let kept = policy.keep_file_name && **name == *super::check::FILE_NAME;
        if kept
            || policy.metadata.get(name).is_some()
            || names.iter().skip(index + 1).any(|other| other == name)
        {
            return Err(InvalidPolicy::MetadataName(name.clone()));
        }
    }
    Ok(())
}

fn fixed_headers(
    policy: &UploadPolicy,
    cache_control: Option<&CacheControl>,
    storage_class: Option<StorageClass>,
) -> Result<SignedHeaders, InvalidHeader> {
    let mut headers = SignedHeaders::new();
    if policy.no_overwrite {
        headers.insert("if-none-match", "*")?;
    }
    if let Some(cache_control) = cache_control {
        headers.insert("cache-control", cache_control.as_str())?;
    }
    if policy.disposition == Disposition::Attachment {
        headers.insert("content-disposition", &written(Kind::Attachment, None))?;
    }
    if let Some(encryption) = &policy.encryption {
        headers.insert("x-amz-server-side-encryption", encryption.as_str())?;
        if let Some(key) = encryption.own_key() {
            headers.insert("x-amz-server-side-encryption-aws-kms-key-id", key.as_str())?;
        }
    }
    if let Some(class) = storage_class {
        headers.insert("x-amz-storage-class", class.as_str())?;
    }
    if let Some(acl) = policy.acl {
        headers.insert("x-amz-acl", acl.as_str())?;
    }
    Ok(headers)
}

//! The decision about one request: from a caller and a request to a permit.

use std::borrow::Cow;

use upsign_core::{
    Identity, InvalidObjectKey, InvalidPostPolicy, ObjectKey, Operation, PresignRequest, SignedHeaders,
};
use uuid::Uuid;

use crate::content::content_type::ContentType;
use crate::decision::denied::Denied;
use crate::decision::permit::{Permit, SignableRequest};
use crate::decision::request::UploadRequest;
use crate::key::ids::Ids;
use crate::key::placeholder::Placeholder;
use crate::key::sealed::{SealKeys, SealedId};
use crate::key::template::{ExpandError, KeyTemplate, Values};
use crate::object::checksum::ChecksumAlgorithm;
use crate::object::file_name::{FileName, InvalidFileName};
use crate::policy::UploadPolicy;
use crate::policy::check::CheckedRequest;
use crate::policy::options::method::{Bodyless, UploadMethod};

impl UploadPolicy {
    /// Decides whether the caller may make this upload, and returns the complete request to sign.
    ///
    /// | request | [`UploadMethod::Put`] | [`UploadMethod::Post`] |
    /// | --- | --- | --- |
    /// | with a body | a `PUT` that binds the type, the exact size and every constraint | a form that binds the same; without a stated size, the range up to [`max_form_size`](Self::max_form_size) |
    /// | in parts ([`multipart`](Self::multipart)) | a multipart upload that binds the type and the exact size or the maximum, and states every constraint when it is created | the same multipart upload, for files above [`MultipartOptions::above`](crate::MultipartOptions::above) |
    /// | without a body ([`Bodyless::Allow`]) | a `PUT` that binds the first content type and `host` only | a form that binds every constraint except a required checksum |
    ///
    /// `ids` are the generated ids and the time of the request; see [`Ids::generate`]. Ids that the client supplies replace
    /// generated ones.
    ///
    /// # Errors
    /// Returns [`Denied`] if the request or the caller does not satisfy the policy. [`Denied::kind`] distinguishes whether
    /// the client can correct the request, the caller lacks a group or claim, or the program passed incomplete `ids`.
    pub fn authorize(&self, caller: &Identity, request: &UploadRequest, ids: &Ids) -> Result<Permit, Denied> {
        self.authorize_with(caller, request, ids, None)
    }

    /// Decides like [`authorize`](Self::authorize). `seal` computes the value of `{id:sealed}`; other templates ignore it.
    ///
    /// # Errors
    /// Returns the errors of [`authorize`](Self::authorize), and [`Denied::SealMissing`] if the key contains `{id:sealed}` and
    /// `seal` is `None`.
    pub fn authorize_with(
        &self,
        caller: &Identity,
        request: &UploadRequest,
        ids: &Ids,
        seal: Option<&dyn SealKeys>,
    ) -> Result<Permit, Denied> {
        let ids = self.with_client_supplied(request, ids)?;
        let checked = if request.bodyless { self.check_bodyless()? } else { self.check(request)? };
        let (final_key, key) = self.keys(caller, &ids, &checked, seal)?;
        let signable = match self.method {
            // Whatever sends the small files of the route.
            _ if let Some((options, parts)) = self.multipart.as_ref().zip(checked.parts) => {
                let upload = self.multipart_request(options, key.clone(), &checked, parts, ids.at());
                SignableRequest::Multipart(upload.map_err(Denied::HeaderUnsignable)?.into())
            }
            UploadMethod::Put if request.bodyless => {
                let headers =
                    self.bodyless_headers(&checked.content_type).map_err(Denied::HeaderUnsignable)?;
                SignableRequest::Put(self.put(key.clone(), headers))
            }
            UploadMethod::Put => {
                let headers = self.headers(&checked, ids.at()).map_err(Denied::HeaderUnsignable)?;
                SignableRequest::Put(self.put(key.clone(), headers))
            }
            UploadMethod::Post => {
                SignableRequest::Post(self.form(&key, &checked).map_err(|error| match error {
                    InvalidPostPolicy::FileName(name) => Denied::FileNameVariable(name),
                    other => Denied::FieldUnsignable(other),
                })?)
            }
        };
        let ids = self.id_names().iter().map(|name| {
            let value = ids.named(name).ok_or_else(|| Denied::IdMissing(name.clone()))?;
            Ok((name.wire_name().into(), value))
        });
        let ids = ids.collect::<Result<_, Denied>>()?;
        Ok(Permit::new(final_key, key, signable, ids, !request.ids.is_empty()))
    }

    /// Returns `ids` with the values that the client supplies, if the policy lets it supply them.
    fn with_client_supplied<'a>(
        &self,
        request: &UploadRequest,
        ids: &'a Ids,
    ) -> Result<Cow<'a, Ids>, Denied> {
        let mut ids = Cow::Borrowed(ids);
        for (index, (wire_name, text)) in request.ids.iter().enumerate() {
            let name = self.keys.client_may_supply.iter().find(|name| name.wire_name() == &**wire_name);
            let name = name.ok_or(Denied::IdNotAllowed)?;
            // Only the canonical form is accepted, so that one id has one key.
            let uuid = Uuid::try_parse(text).ok().filter(|uuid| uuid.hyphenated().to_string() == **text);
            let repeated = request.ids.iter().skip(index + 1).any(|(other, _)| other == wire_name);
            let uuid = uuid.filter(|_| !repeated).ok_or_else(|| Denied::IdInvalid(name.clone()))?;
            ids = Cow::Owned(ids.into_owned().with(name.clone(), uuid));
        }
        Ok(ids)
    }

    fn check_bodyless(&self) -> Result<CheckedRequest, Denied> {
        if self.bodyless == Bodyless::Refuse {
            return Err(Denied::BodyRequired);
        }
        let content_type = self.content.bodyless_type().ok_or(Denied::BodyRequired)?;
        Ok(CheckedRequest {
            extension: self.content.extension_for(&content_type, None),
            content_type,
            content_length: None,
            file_name: None,
            checksum: None,
            parts: None,
            disposition: None,
            precondition: None,
            metadata: self.metadata.fixed.clone(),
            tags: self.tags.fixed.clone(),
        })
    }

    /// Returns the final key and the one to which the client uploads, which differs only with a pending template.
    pub(super) fn keys(
        &self,
        caller: &Identity,
        ids: &Ids,
        checked: &CheckedRequest,
        seal: Option<&dyn SealKeys>,
    ) -> Result<(ObjectKey, ObjectKey), Denied> {
        let content_type: &ContentType = &checked.content_type;
        let subject = caller.subject().as_str();
        if self.template.uses(&Placeholder::Subject) && subject.chars().any(char::is_control) {
            return Err(Denied::SubjectInvalid);
        }
        if self.template.contains_issuer() && !self.keys.allows_issuer(caller.issuer_name()) {
            return Err(Denied::IssuerNameMissing);
        }
        self.check_claims(caller)?;
        let group = if self.template.uses(&Placeholder::Group) { Some(self.group(caller)?) } else { None };
        let sha256 =
            checked.checksum.as_ref().filter(|checksum| checksum.algorithm() == ChecksumAlgorithm::Sha256);
        let mut values = Values {
            ids,
            caller,
            group,
            extension: checked.extension.as_deref(),
            file_name: checked.file_name.as_ref().map(FileName::as_str),
            sha256: sha256.and_then(|checksum| checksum.as_bytes().try_into().ok()),
            sealed: None,
        };
        let expand = |template: &KeyTemplate, values| {
            template.expand(values).map_err(|error| expansion_denied(error, content_type))
        };
        if self.template.is_sealed() {
            let seal = seal.ok_or(Denied::SealMissing)?;
            let mut sealed = SealedId::unsealed(ids.at(), ids.id(), seal, caller);
            values.sealed = Some(sealed);
            let unsealed_key = expand(&self.template, values)?;
            sealed.mac = seal.mac(self.target.resource().as_str(), unsealed_key.as_str());
            values.sealed = Some(sealed);
        }
        let key = expand(&self.template, values)?;
        let upload_key = match self.pending_template() {
            Some(pending) => expand(pending, values)?,
            None => key.clone(),
        };
        Ok((key, upload_key))
    }

    /// Checks that every claim in the key has a value and contains no control characters.
    fn check_claims(&self, caller: &Identity) -> Result<(), Denied> {
        let valid = |value: &str| !value.is_empty() && !value.chars().any(char::is_control);
        self.template.placeholders().try_for_each(|placeholder| match placeholder {
            Placeholder::Claim(name) if !caller.claim(name).is_some_and(valid) => {
                Err(Denied::ClaimRequired(name.clone()))
            }
            _ => Ok(()),
        })
    }

    /// Returns the one group of the caller that is eligible for `{group}`.
    fn group<'a>(&self, caller: &'a Identity) -> Result<&'a str, Denied> {
        let eligible = |group: &&str| {
            let listed = |groups: &[Box<str>]| groups.iter().any(|listed| **listed == **group);
            !group.is_empty() && self.keys.groups.as_deref().is_none_or(listed)
        };
        let mut groups = caller.groups().filter(eligible);
        let group = groups.next().ok_or(Denied::GroupRequired)?;
        if groups.any(|other| other != group) {
            return Err(Denied::GroupAmbiguous);
        }
        Ok(group)
    }

    pub(super) fn put(&self, key: ObjectKey, headers: SignedHeaders) -> PresignRequest {
        PresignRequest::new(self.target.clone(), Operation::PutObject, key, self.lifetime.expires_in)
            .with_headers(headers)
            .with_query(self.query.clone())
            .with_short_credentials(self.lifetime.short_credentials)
    }
}

/// Returns the denial for a template that could not be expanded.
fn expansion_denied(error: ExpandError, content_type: &ContentType) -> Denied {
    match error {
        ExpandError::MissingId(name) => Denied::IdMissing(name),
        ExpandError::MissingValue(Placeholder::Issuer) => Denied::IssuerNameMissing,
        ExpandError::MissingValue(Placeholder::Extension) => Denied::ExtensionUnknown(content_type.clone()),
        ExpandError::MissingValue(Placeholder::Sha256) => {
            Denied::ChecksumRequired([ChecksumAlgorithm::Sha256].into())
        }
        ExpandError::MissingValue(Placeholder::Group) => Denied::GroupRequired,
        ExpandError::MissingValue(Placeholder::Claim(name)) => Denied::ClaimRequired(name),
        ExpandError::MissingValue(_) => Denied::FileNameRequired,
        ExpandError::NotNormalized => Denied::FileNameInvalid(InvalidFileName::Space),
        ExpandError::Key(InvalidObjectKey::TooLong(_)) => Denied::KeyTooLong,
        // The grammar of templates and the encoding of each placeholder rule out every other error. Only a file name
        // is inserted without an encoding, so it is the one possible cause.
        ExpandError::Key(_) => Denied::FileNameInvalid(InvalidFileName::Separator),
    }
}

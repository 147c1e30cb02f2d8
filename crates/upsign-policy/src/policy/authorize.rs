//! The decision.

use std::borrow::Cow;

use upsign_core::{
    Identity, InvalidObjectKey, InvalidPost, ObjectKey, Operation, PresignRequest, SignedHeaders,
};
use uuid::Uuid;

use super::check::Checked;
use super::{Bodyless, UploadMethod, UploadPolicy};
use crate::template::{Unfilled, Values};
use crate::{
    ChecksumAlgorithm, ContentType, Decided, Denied, FileName, Ids, InvalidFileName, Permit, Placeholder,
    UploadRequest,
};

impl UploadPolicy {
    /// Decides whether this caller may make this upload, and if so, exactly what may be signed.
    ///
    /// A request without a body gets, under [`Bodyless::Allow`], a PUT that binds the first content type and `host`
    /// alone. A described one states type and size, and gets a PUT that binds both and every constraint of the policy.
    /// Under [`UploadMethod::Post`] either gets a form; it binds every constraint but those that a client has to state,
    /// and a client that does not know the size gets the policy's range.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn authorize(&self, who: &Identity, what: &UploadRequest, ids: &Ids) -> Result<Permit, Denied> {
        let ids = self.with_existing(what, ids)?;
        let checked = if what.bodyless { self.checked_bodyless()? } else { self.check(what)? };
        let key = self.key(who, &ids, &checked)?;
        let decided = match self.method {
            UploadMethod::Put if what.bodyless => {
                let mut headers = SignedHeaders::new();
                let only = headers.insert("content-type", checked.content_type.as_str());
                only.map_err(Denied::HeaderUnsignable)?;
                Decided::Put(self.put(key.clone(), headers))
            }
            UploadMethod::Put => {
                let headers = self.headers(&checked).map_err(Denied::HeaderUnsignable)?;
                Decided::Put(self.put(key.clone(), headers))
            }
            UploadMethod::Post => Decided::Post(self.form(&key, &checked).map_err(|why| match why {
                InvalidPost::FileName(name) => Denied::FileNameVariable(name),
                other => Denied::FieldUnsignable(other),
            })?),
        };
        let named = self.id_names().iter().map(|name| {
            let value = ids.named(name).ok_or_else(|| Denied::IdMissing(name.clone()))?;
            Ok((name.as_wire().into(), value))
        });
        let named = named.collect::<Result<_, Denied>>()?;
        Ok(Permit::new(key, decided, named, !what.ids.is_empty()))
    }

    /// The drawn ids, but for those that the caller names and may name.
    fn with_existing<'a>(&self, what: &UploadRequest, ids: &'a Ids) -> Result<Cow<'a, Ids>, Denied> {
        let mut ids = Cow::Borrowed(ids);
        for (index, (wire, text)) in what.ids.iter().enumerate() {
            let name = self.client_ids.iter().find(|name| name.as_wire() == &**wire);
            let name = name.ok_or(Denied::IdNotAllowed)?;
            let uuid = Uuid::try_parse(text).ok().filter(|uuid| uuid.hyphenated().to_string() == **text);
            let repeated = what.ids.iter().skip(index + 1).any(|(other, _)| other == wire);
            let uuid = uuid.filter(|_| !repeated).ok_or_else(|| Denied::IdInvalid(name.clone()))?;
            ids = Cow::Owned(ids.into_owned().with(name.clone(), uuid));
        }
        Ok(ids)
    }

    fn checked_bodyless(&self) -> Result<Checked, Denied> {
        if self.bodyless == Bodyless::Refuse {
            return Err(Denied::BodyRequired);
        }
        let content_type = self.content.first_exact().ok_or(Denied::BodyRequired)?.clone();
        Ok(Checked {
            content_type,
            content_length: None,
            file_name: None,
            checksum: None,
            disposition: None,
            metadata: self.metadata.clone(),
            tags: self.tags.clone(),
        })
    }

    fn key(&self, who: &Identity, ids: &Ids, checked: &Checked) -> Result<ObjectKey, Denied> {
        let content_type: &ContentType = &checked.content_type;
        let subject = who.subject().as_str();
        if self.template.uses(&Placeholder::Subject) && subject.chars().any(char::is_control) {
            return Err(Denied::SubjectInvalid);
        }
        self.check_claims(who)?;
        let group = if self.template.uses(&Placeholder::Group) { Some(self.group(who)?) } else { None };
        let sha256 =
            checked.checksum.as_ref().filter(|checksum| checksum.algorithm() == ChecksumAlgorithm::Sha256);
        let values = Values {
            ids,
            who,
            group,
            extension: self.content.extension(content_type),
            file_name: checked.file_name.as_ref().map(FileName::as_str),
            sha256: sha256.and_then(|checksum| checksum.as_bytes().try_into().ok()),
        };
        self.template.expand(values).map_err(|why| match why {
            Unfilled::Id(name) => Denied::IdMissing(name),
            Unfilled::Slot(Placeholder::Extension) => Denied::ExtensionUnknown(content_type.clone()),
            Unfilled::Slot(Placeholder::Sha256) => {
                Denied::ChecksumRequired([ChecksumAlgorithm::Sha256].into())
            }
            Unfilled::Slot(Placeholder::Group) => Denied::GroupRequired,
            Unfilled::Slot(Placeholder::Claim(name)) => Denied::ClaimRequired(name),
            Unfilled::Slot(_) => Denied::FileNameRequired,
            Unfilled::Joined => Denied::FileNameInvalid(InvalidFileName::Space),
            Unfilled::Key(InvalidObjectKey::TooLong(_)) => Denied::KeyTooLong,
            // Everything else is ruled out by the template's grammar and by each placeholder's encoding; a file name
            // is the one text that comes close.
            Unfilled::Key(_) => Denied::FileNameInvalid(InvalidFileName::Separator),
        })
    }

    /// A claim in the key names something: it is there, and has no control characters.
    fn check_claims(&self, who: &Identity) -> Result<(), Denied> {
        let fits = |value: &str| !value.is_empty() && !value.chars().any(char::is_control);
        self.template.placeholders().try_for_each(|slot| match slot {
            Placeholder::Claim(name) if !who.claim(name).is_some_and(fits) => {
                Err(Denied::ClaimRequired(name.clone()))
            }
            _ => Ok(()),
        })
    }

    /// The one group of the caller that counts.
    fn group<'a>(&self, who: &'a Identity) -> Result<&'a str, Denied> {
        let counts = |group: &&str| {
            let listed = |groups: &[Box<str>]| groups.iter().any(|have| **have == **group);
            !group.is_empty() && self.groups.as_deref().is_none_or(listed)
        };
        let mut groups = who.groups().filter(counts);
        let group = groups.next().ok_or(Denied::GroupRequired)?;
        if groups.any(|other| other != group) {
            return Err(Denied::GroupAmbiguous);
        }
        Ok(group)
    }

    pub(super) fn put(&self, key: ObjectKey, headers: SignedHeaders) -> PresignRequest {
        PresignRequest::new(self.target.clone(), Operation::PutObject, key, self.expires_in)
            .with_headers(headers)
            .with_when_short(self.when_short)
    }
}

//! The decision.

use upsign_core::{Identity, InvalidObjectKey, ObjectKey, Operation, PresignRequest, SignedHeaders};

use super::check::Checked;
use super::{Bodyless, UploadPolicy};
use crate::template::{Unfilled, Values};
use crate::{
    ChecksumAlgorithm, ContentType, Denied, FileName, Ids, InvalidFileName, Permit, Placeholder,
    UploadRequest,
};

impl UploadPolicy {
    /// Decides whether this caller may make this upload, and if so, exactly what may be signed.
    ///
    /// A request without a body gets, under [`Bodyless::Allow`], a PUT that binds the first content type and `host`
    /// alone. A described one states type and size, and gets a PUT that binds both and every constraint of the policy.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn authorize(&self, who: &Identity, what: &UploadRequest, ids: &Ids) -> Result<Permit, Denied> {
        let (key, headers) = if what.bodyless {
            self.authorize_bodyless(who, ids)?
        } else {
            let checked = self.check(what)?;
            let key = self.key(who, ids, &checked.content_type, Some(&checked))?;
            (key, self.headers(&checked).map_err(Denied::HeaderUnsignable)?)
        };
        let named = self.id_names().iter().map(|name| {
            let value = ids.named(name).ok_or_else(|| Denied::IdMissing(name.clone()))?;
            Ok((name.as_wire().into(), value))
        });
        let named = named.collect::<Result<_, Denied>>()?;
        Ok(Permit::new(self.put(key, headers), named))
    }

    fn authorize_bodyless(&self, who: &Identity, ids: &Ids) -> Result<(ObjectKey, SignedHeaders), Denied> {
        if self.bodyless == Bodyless::Refuse {
            return Err(Denied::BodyRequired);
        }
        let content_type = self.content.first_exact().ok_or(Denied::BodyRequired)?;
        let key = self.key(who, ids, content_type, None)?;
        let mut headers = SignedHeaders::new();
        headers.insert("content-type", content_type.as_str()).map_err(Denied::HeaderUnsignable)?;
        Ok((key, headers))
    }

    fn key(
        &self,
        who: &Identity,
        ids: &Ids,
        content_type: &ContentType,
        checked: Option<&Checked>,
    ) -> Result<ObjectKey, Denied> {
        let subject = who.subject().as_str();
        if self.template.uses(&Placeholder::Subject) && subject.chars().any(char::is_control) {
            return Err(Denied::SubjectInvalid);
        }
        let group = if self.template.uses(&Placeholder::Group) { Some(self.group(who)?) } else { None };
        let checksum = checked.and_then(|checked| checked.checksum.as_ref());
        let sha256 = checksum.filter(|checksum| checksum.algorithm() == ChecksumAlgorithm::Sha256);
        let values = Values {
            ids,
            subject,
            group,
            extension: self.content.extension(content_type),
            file_name: checked.and_then(|checked| checked.file_name.as_ref()).map(FileName::as_str),
            sha256: sha256.and_then(|checksum| checksum.as_bytes().try_into().ok()),
        };
        self.template.expand(values).map_err(|why| match why {
            Unfilled::Id(name) => Denied::IdMissing(name),
            Unfilled::Slot(Placeholder::Extension) => Denied::ExtensionUnknown(content_type.clone()),
            Unfilled::Slot(Placeholder::Sha256) => {
                Denied::ChecksumRequired([ChecksumAlgorithm::Sha256].into())
            }
            Unfilled::Slot(Placeholder::Group) => Denied::GroupRequired,
            Unfilled::Slot(_) => Denied::FileNameRequired,
            Unfilled::Joined => Denied::FileNameInvalid(InvalidFileName::Space),
            Unfilled::Key(InvalidObjectKey::TooLong(_)) => Denied::KeyTooLong,
            // Everything else is ruled out by the template's grammar and by each placeholder's encoding; a file name
            // is the one text that comes close.
            Unfilled::Key(_) => Denied::FileNameInvalid(InvalidFileName::Separator),
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

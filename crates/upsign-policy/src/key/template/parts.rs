//! Making a key of the parts of another one: the final key of an upload from the key it was sent to.

use upsign_core::{CivilDateTime, ObjectKey};

use super::KeyTemplate;
use super::expand::{ExpandError, push, push_date};
use super::parse_key::KeyParts;
use crate::encoding::tilde::push_claim;
use crate::key::placeholder::Placeholder;

impl KeyTemplate {
    /// Returns the key with these values, or `None` if the template has a placeholder without one.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// let pending: KeyTemplate = "pending/{sub}/{id}.{ext}".parse()?;
    /// let key: KeyTemplate = "files/{sub}/{id}.{ext}".parse()?;
    /// let parts = pending.parse_key("pending/alice/0f9f1c5e-32b8-4c52-9c1e-3e8f7b8f6a55.jpg")?;
    /// assert_eq!(key.key_of(&parts).unwrap(), "files/alice/0f9f1c5e-32b8-4c52-9c1e-3e8f7b8f6a55.jpg");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key_of(&self, parts: &KeyParts) -> Option<ObjectKey> {
        let push_value = |out: &mut String, placeholder: &Placeholder| {
            push_part(out, placeholder, parts).ok_or_else(|| ExpandError::MissingValue(placeholder.clone()))
        };
        self.render(push_value).ok()
    }
}

fn push_part(out: &mut String, placeholder: &Placeholder, parts: &KeyParts) -> Option<()> {
    match placeholder {
        Placeholder::Id => push(out, parts.id?.hyphenated()),
        Placeholder::SealedId => push(out, parts.sealed?),
        Placeholder::DeclaredId(name) => push(out, parts.id(name.wire_name())?.hyphenated()),
        Placeholder::Issuer => out.push_str(parts.issuer.as_ref()?.as_str()),
        Placeholder::Subject => push_claim(out, parts.subject.as_deref()?),
        Placeholder::Group => push_claim(out, parts.group.as_deref()?),
        Placeholder::Claim(name) => {
            let value = parts.claims.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            push_claim(out, value?);
        }
        Placeholder::Extension => out.push_str(parts.extension.as_deref()?),
        Placeholder::FileName => out.push_str(parts.file_name.as_deref()?),
        Placeholder::Date => {
            let CivilDateTime { year, month, day, .. } = parts.date?.to_civil();
            push_date(out, year.into(), month.into(), day.into());
        }
        Placeholder::Sha256 => out.push_str(parts.sha256.as_deref()?),
    }
    Some(())
}

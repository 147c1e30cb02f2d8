//! The checks of the settings of a policy: that they agree with each other.

use upsign_core::{InvalidHeader, ObjectKey, SignedHeaders};

use crate::content::size::SizeLimit;
use crate::key::placeholder::Placeholder;
use crate::object::checksum::{ChecksumAlgorithm, Checksums};
use crate::object::disposition::{Disposition, Kind, header_value};
use crate::object::object_field::ObjectField;
use crate::policy::UploadPolicy;
use crate::policy::error::InvalidUploadPolicy;
use crate::policy::options::key::SharedContent;
use crate::policy::options::method::{Bodyless, UploadMethod};
use crate::policy::options::replace::Replace;
use crate::policy::options::size_bound::SizeBound;
use crate::policy::options::unbounded::Unbounded;

/// Checks that the settings agree with each other, and computes what follows from them.
pub(super) fn check(mut policy: UploadPolicy) -> Result<UploadPolicy, InvalidUploadPolicy> {
    if policy.content.is_any_file() {
        policy.disposition = match policy.disposition {
            Disposition::Unset => Disposition::Attachment,
            attached @ (Disposition::Attachment | Disposition::AttachmentNamed) => attached,
            Disposition::InlineNamed | Disposition::FromClient => {
                return Err(InvalidUploadPolicy::AnyFileDisplayed);
            }
        };
    }
    check_size(&policy)?;
    check_size_bound(&policy)?;
    policy.query = policy.size_bound.query(policy.size.max()).map_err(InvalidUploadPolicy::Query)?;
    policy.keys.check(&policy.template, policy.may_share_keys)?;
    policy.tags.check()?;
    check_template(&policy)?;
    check_checksums(&policy)?;
    policy.storage.check()?;
    policy.lock.check(&policy.checksums, policy.longest_grant())?;
    policy.metadata.check(&policy.reserved_metadata().collect::<Vec<_>>())?;
    policy.check_room_for_claim(&policy.metadata.fixed).map_err(InvalidUploadPolicy::Metadata)?;
    policy.file_names.check()?;
    policy.keys.check_groups()?;
    policy.keys.check_issuers()?;
    let headers = fixed_headers(&policy).map_err(InvalidUploadPolicy::Header)?;
    (policy.fixed_headers, policy.fixed_copy_headers) =
        policy.divided_by_gate(headers).map_err(InvalidUploadPolicy::Header)?;
    policy.check_family()?;
    check_form(&policy)?;
    policy.check_multipart()?;
    policy.check_confirmation()?;
    policy.files.check(policy.size)?;
    // The conditions of `IfMatch` and `Never` are headers, and forms have no fields for them.
    if policy.method == UploadMethod::Post && policy.replace != Replace::Allow {
        return Err(InvalidUploadPolicy::PostCannotPreventOverwrite);
    }
    policy.signed_header_names = policy.sampled_header_names().map_err(InvalidUploadPolicy::Header)?;
    policy.part_header_names = policy.sampled_part_header_names();
    if policy.method == UploadMethod::Post {
        policy.sample_form().map_err(InvalidUploadPolicy::Field)?;
    }
    Ok(policy)
}

/// Checks that one request can store every file that is not uploaded in parts.
const fn check_size(policy: &UploadPolicy) -> Result<(), InvalidUploadPolicy> {
    let max = policy.size.max();
    if policy.multipart.is_none() && max > SizeLimit::MAX_PUT {
        return Err(InvalidUploadPolicy::SizeAboveMaxPut(max));
    }
    Ok(())
}

/// Checks that a maximum size alone is what the policy needs.
fn check_size_bound(policy: &UploadPolicy) -> Result<(), InvalidUploadPolicy> {
    if policy.unbounded == Unbounded::Danger && policy.method == UploadMethod::Post {
        return Err(InvalidUploadPolicy::UnboundedForm);
    }
    match policy.size_bound {
        SizeBound::Exact => Ok(()),
        SizeBound::Max(_) if policy.method == UploadMethod::Post => Err(InvalidUploadPolicy::SizeBoundOfForm),
        SizeBound::Max(binding) if policy.size.min() > 1 && !binding.binds_minimum() => {
            Err(InvalidUploadPolicy::MinSizeUnbound(policy.size.min()))
        }
        SizeBound::MaxInParts if policy.multipart.is_none() => {
            Err(InvalidUploadPolicy::SizeBoundWithoutParts)
        }
        SizeBound::MaxInParts if policy.size.min() > 1 => {
            Err(InvalidUploadPolicy::MinSizeUnbound(policy.size.min()))
        }
        SizeBound::Max(_) if policy.multipart.is_some() => Err(InvalidUploadPolicy::SizeBoundOfMultipart),
        SizeBound::Max(_) | SizeBound::MaxInParts => Ok(()),
    }
}

/// Checks that forms have a field for every setting, and that settings of forms belong to one.
fn check_form(policy: &UploadPolicy) -> Result<(), InvalidUploadPolicy> {
    if policy.method == UploadMethod::Put {
        return match (policy.form.success_status, &policy.form.success_redirect) {
            (None, None) => Ok(()),
            (Some(_), _) => Err(InvalidUploadPolicy::OnlyInForms("success_action_status")),
            (None, Some(_)) => Err(InvalidUploadPolicy::OnlyInForms("success_action_redirect")),
        };
    }
    if !policy.headers.others.is_empty() {
        return Err(InvalidUploadPolicy::NotInForms("headers"));
    }
    let fields = policy.fixed_headers.iter().filter_map(|(name, _)| ObjectField::of_header(name));
    if let Some(field) = fields.into_iter().find(|field| field.form_field().is_none()) {
        return Err(InvalidUploadPolicy::NotInForms(field.key()));
    }
    if policy.form.success_status.is_some() && policy.form.success_redirect.is_some() {
        return Err(InvalidUploadPolicy::SuccessTwice);
    }
    Ok(())
}

/// Checks that every request the policy accepts has a value for every placeholder.
fn check_template(policy: &UploadPolicy) -> Result<(), InvalidUploadPolicy> {
    let template = &policy.template;
    if let Some(range) =
        policy.content.range_without_inert_type().filter(|_| !policy.disposition.can_attach())
    {
        return Err(InvalidUploadPolicy::NothingInert(range.clone()));
    }
    if template.uses(&Placeholder::Extension) {
        let unknown = policy.content.ranges().iter().find(|range| !policy.content.has_extension_for(range));
        if let Some(range) = unknown {
            return Err(InvalidUploadPolicy::NoExtension {
                range: range.clone(),
                suggestion: range.suggestion(),
            });
        }
    }
    let extension = policy.content.shortest_extension();
    let shortest =
        policy.key_templates().iter().map(|template| template.min_len_with_extension(extension)).max();
    let shortest = shortest.unwrap_or_default();
    if shortest > ObjectKey::MAX_BYTES {
        return Err(InvalidUploadPolicy::KeyTooLong(shortest));
    }
    if policy.bodyless == Bodyless::Allow {
        let needs_body =
            |placeholder: &&Placeholder| matches!(placeholder, Placeholder::FileName | Placeholder::Sha256);
        if let Some(placeholder) = template.placeholders().find(needs_body) {
            return Err(InvalidUploadPolicy::BodylessKey(placeholder.clone()));
        }
        if policy.content.bodyless_type().is_none() {
            return Err(InvalidUploadPolicy::BodylessType);
        }
    }
    Ok(())
}

fn check_checksums(policy: &UploadPolicy) -> Result<(), InvalidUploadPolicy> {
    if !matches!(policy.checksums, Checksums::None) && policy.checksums.algorithms().is_empty() {
        return Err(InvalidUploadPolicy::EmptyChecksums);
    }
    if !policy.template.uses(&Placeholder::Sha256) {
        return Ok(());
    }
    if policy.checksums != Checksums::Required([ChecksumAlgorithm::Sha256].into()) {
        return Err(InvalidUploadPolicy::Sha256NotRequired);
    }
    let mut before_sha256 =
        policy.template.placeholders().take_while(|placeholder| **placeholder != Placeholder::Sha256);
    let per_caller = before_sha256.any(|placeholder| *placeholder == Placeholder::Subject);
    if !per_caller && policy.keys.shared_content == SharedContent::No {
        return Err(InvalidUploadPolicy::Sha256WithoutSubject);
    }
    Ok(())
}

/// Returns the headers of every described request that do not depend on the request.
fn fixed_headers(policy: &UploadPolicy) -> Result<SignedHeaders, InvalidHeader> {
    let mut headers = SignedHeaders::new();
    if policy.replace == Replace::Never {
        headers.insert("if-none-match", "*")?;
    }
    if policy.disposition == Disposition::Attachment {
        headers.insert(ObjectField::ContentDisposition.header(), &header_value(Kind::Attachment, None))?;
    }
    policy.storage.add_headers(&mut headers)?;
    policy.headers.add_headers(&mut headers)?;
    policy.lock.add_headers(&mut headers)?;
    Ok(headers)
}

//! The permissions with which the service confirms uploads, and changes or deletes their objects.

use upsign_policy::{Gate, UploadPolicy};

use super::derive::put_objects;
use super::{Effect, IamStatement};
use crate::deployment::distinct;

/// Returns the actions that read an object. `s3:GetObject` does not cover requests with a `versionId`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).
pub(super) fn get_object(versioned: bool) -> impl Iterator<Item = &'static str> {
    ["s3:GetObject"].into_iter().chain(versioned.then_some("s3:GetObjectVersion"))
}

/// Returns the actions that delete an object. Deleting a version takes an action of its own
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>).
fn delete_object(versioned: bool) -> impl Iterator<Item = &'static str> {
    ["s3:DeleteObject"].into_iter().chain(versioned.then_some("s3:DeleteObjectVersion"))
}

/// Returns the object ARNs, with wildcards, that cover every key of a route: those of objects that are not confirmed yet, and the
/// final ones.
pub(super) fn arns(policy: &UploadPolicy) -> Vec<String> {
    distinct(policy.pending_object_arns().into_iter().chain(policy.object_arns()))
}

/// Returns the statements with which the service copies confirmed objects to their final keys, tags and deletes them.
pub(super) fn change_uploads(routes: &[&UploadPolicy], versioned: bool) -> Vec<IamStatement> {
    let mut statements = confirm_uploads(routes, versioned);
    statements.extend(delete_uploads(routes, versioned));
    statements
}

/// Returns those of [`change_uploads`] that confirming needs: callers do not delete uploads by them.
pub(super) fn confirm_uploads(routes: &[&UploadPolicy], versioned: bool) -> Vec<IamStatement> {
    let pending: Vec<&UploadPolicy> =
        routes.iter().copied().filter(|policy| policy.pending_template().is_some()).collect();
    let mut statements = put_objects("PromoteUploads", &pending, |_| true, UploadPolicy::object_arns);
    statements.extend(discard(&pending, versioned));
    statements.extend(copy_tags(&pending, versioned));
    statements.extend(tag_inspected(routes));
    statements
}

/// Removes objects from their first key when they are confirmed, and a copy of something else than what was inspected.
fn discard(pending: &[&UploadPolicy], versioned: bool) -> Option<IamStatement> {
    let arns = distinct(pending.iter().flat_map(|policy| arns(policy)));
    (!arns.is_empty())
        .then(|| IamStatement::new("DiscardObjects", Effect::Allow, delete_object(versioned), arns))
}

/// S3 reads the tags of the source when it copies an object with its tags
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).
fn copy_tags(pending: &[&UploadPolicy], versioned: bool) -> Option<IamStatement> {
    let tagged = pending.iter().filter(|policy| policy.sets_tags());
    let arns = distinct(tagged.flat_map(|policy| policy.pending_object_arns()));
    let actions =
        ["s3:GetObjectTagging"].into_iter().chain(versioned.then_some("s3:GetObjectVersionTagging"));
    (!arns.is_empty()).then(|| IamStatement::new("ReadPendingTags", Effect::Allow, actions, arns))
}

/// Tags the version that was inspected, as confirmed or as rejected, unless it is confirmed already. A bucket without versions cannot
/// have this gate.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>.
fn tag_inspected(routes: &[&UploadPolicy]) -> Option<IamStatement> {
    let tagged = routes.iter().filter(|policy| *policy.confirmation().gate() == Gate::Tag);
    let arns = distinct(tagged.flat_map(|policy| policy.object_arns()));
    let actions = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"];
    (!arns.is_empty()).then(|| IamStatement::new("TagInspected", Effect::Allow, actions, arns))
}

/// With `pending_key`, [`discard`] permits it already.
fn delete_uploads(routes: &[&UploadPolicy], versioned: bool) -> Option<IamStatement> {
    let is_permitted = |policy: &&&UploadPolicy| policy.pending_template().is_some();
    let deleted = routes.iter().filter(|policy| policy.confirmation().delete() && !is_permitted(policy));
    let arns = distinct(deleted.flat_map(|policy| policy.object_arns()));
    (!arns.is_empty())
        .then(|| IamStatement::new("DeleteUploads", Effect::Allow, delete_object(versioned), arns))
}

//! Cause and remedy of the codes of calls for uploads that have begun.

use super::table::Hands::{Application, Client, Operator};
use super::table::Row;

/// Codes of calls that begin or continue a multipart upload, or that confirm, read or delete an object.
pub(super) const SESSIONS: &[Row] = &[
    (
        "upload-token-invalid",
        "the upload token is not valid for this caller and this call: another caller began the upload, it has expired, the token was changed, or it is that of a single `PUT`; or the service has other keys, routes or buckets than when the upload began; the log states which",
        "sign in as the user that began the upload and send `uploadToken` unchanged; if it has expired, begin a new upload",
        Client,
    ),
    (
        "parts-missing",
        "the store lacks parts that the request lists: `missing` names them, such as `3,7-9`; or the request does not list every part: `unlisted` names them",
        "upload the parts of `missing`, or list those of `unlisted`, and send the request again; nothing is lost",
        Client,
    ),
    (
        "part-mismatch",
        "the store has another part than the request states: `parts` has `partNumber`, `difference` (what differs: `size`, `etag` or `checksum`), and the `size` and `etag` of the part at the store, for up to 1,000 parts; often, another tab uploads the same file",
        "upload these parts again, or state what the store has if that is right, and send the request again",
        Client,
    ),
    (
        "checksum-mismatch",
        "the store computed another checksum of the whole object than the request states; the parts stay",
        "compare the checksums of the parts in `/uploads/status`, upload those that differ again, and send the request again",
        Client,
    ),
    (
        "object-exists",
        "an object that does not come from this upload has the key",
        "begin a new upload, which gets another key; the operator looks for another program that writes to the prefix",
        Client,
    ),
    (
        "upload-conflict",
        "the store detected a conflict with another request for the same key while it completed the upload",
        "begin a new upload",
        Client,
    ),
    (
        "upload-completed",
        "the upload cannot be aborted, because its object exists; `key`, `size` and `etag` describe it",
        "use the object, or delete it by the means of the application",
        Client,
    ),
    (
        "upload-gone",
        "the upload was aborted, or the bucket's lifecycle rule removed it",
        "begin a new upload",
        Client,
    ),
    (
        "completion-uncertain",
        "the store did not answer in time, and does not show the object yet",
        "send the same request again after `Retry-After`; it finds out what happened",
        Client,
    ),
    (
        "store-unavailable",
        "the object store did not answer, or asked to be called less often",
        "try again after `Retry-After`; the log contains its answer",
        Operator,
    ),
    (
        "store-refused",
        "the object store refused a request of the service, for example because its role lacks a permission",
        "look for the operation and the code of the store in the log, and compare the role with `upsign documents iam`",
        Operator,
    ),
    (
        "receipt-invalid",
        "the receipt is not one of this service: it was changed, or it is of another bucket or route; or the secret that signed it is no longer in `token.keys`; the log states which",
        "send `receipt` as `/uploads/confirm` answered it; the operator keeps secrets in `token.keys` as long as their receipts are used",
        Client,
    ),
    (
        "read-forbidden",
        "the caller did not upload the object or has lost a group or scope of its route, and no `AuthorizeRead` of the application allows it to read",
        "read only objects of the caller",
        Client,
    ),
    (
        "object-changed",
        "the object was replaced since it was confirmed, so it was not deleted",
        "confirm the new object, or leave it; a bucket with versions deletes exactly the confirmed one",
        Client,
    ),
    (
        "inspection-unavailable",
        "the inspector has no verdict, for example because the virus scanner does not answer; the object stays unconfirmed",
        "try again after `Retry-After`; the log contains the cause",
        Application,
    ),
    (
        "announcement-unavailable",
        "the confirmation could not be passed on, for example because the queue of the webhooks does not answer",
        "send the same request again after `Retry-After`; it announces again",
        Operator,
    ),
    (
        "versions-required",
        "`gate = \"tag\"`, and reading replaceable objects through CloudFront, need a bucket with versions, and this one has none",
        "enable versioning for the bucket",
        Operator,
    ),
];

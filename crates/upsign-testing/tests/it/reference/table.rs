//! Cause and remedy of every code that clients receive, as the manual lists them.

/// Who can correct an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hands {
    /// The program that sends the request.
    Client,
    /// The people who run the service: configuration, credentials, network.
    Operator,
    /// The program that contains the library.
    Application,
}

impl Hands {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Operator => "operator",
            Self::Application => "application",
        }
    }
}

use Hands::{Application, Client, Operator};

/// One code: the code, its cause, what to do, and who can do it.
pub(super) type Row = (&'static str, &'static str, &'static str, Hands);

/// Codes of problem documents that concern the request as a whole.
pub(super) const REQUESTS: &[Row] = &[
    (
        "not-found",
        "nothing is served at the path",
        "send `POST /upload-url`, below the service's prefix if it has one; the log states the path that arrived, and the operator sets `server.base_path` if a proxy adds to it",
        Client,
    ),
    ("method-not-allowed", "the path accepts `POST` and, for preflights, `OPTIONS`", "send `POST`", Client),
    (
        "origin-not-allowed",
        "a page of an origin that is not listed sent a preflight",
        "add the page's origin to `cors.origins`",
        Operator,
    ),
    (
        "request-malformed",
        "the request is not valid HTTP: `detail` names the part",
        "use an HTTP library, and send one `Host`",
        Client,
    ),
    (
        "headers-too-large",
        "request line and headers exceed 16 KiB",
        "send fewer cookies and headers; a token alone fits",
        Client,
    ),
    (
        "overloaded",
        "the limit of concurrent requests or connections is reached",
        "try again after `Retry-After`; the operator raises `--max-requests` or `--max-connections`, or adds servers",
        Operator,
    ),
    (
        "took-too-long",
        "the answer was not ready within the limit (10 s), for example because a database did not answer",
        "try again after `Retry-After`; the operator finds the cause in the log",
        Operator,
    ),
    (
        "unauthorized",
        "the caller is not authenticated; the log contains the code of the reason, listed below, and the response does not",
        "sign in again and send the new token; if that does not help, the operator looks for the reason",
        Client,
    ),
    (
        "insufficient-scope",
        "the caller is authenticated, and is in none of the groups or the token has none of the scopes that `[auth]` requires",
        "add the user to a group, or request the scope at sign-in; a new token without it gets the same answer",
        Operator,
    ),
    (
        "keys-unavailable",
        "the issuer's keys could not be fetched, so no token can be checked",
        "try again after `Retry-After`; the operator finds the cause in the log (`jwks refresh failed`)",
        Operator,
    ),
];

/// Codes of bodies.
pub(super) const BODIES: &[Row] = &[
    (
        "body-unreadable",
        "the connection failed before the body was complete",
        "send the request again",
        Client,
    ),
    ("body-too-slow", "the body did not arrive within the limit (10 s)", "send the request again", Client),
    (
        "body-too-large",
        "the body has more than 16 KiB",
        "send the description of the upload, and the file to `uploadUrl`",
        Client,
    ),
    (
        "body-length",
        "the length of the body differs from its `Content-Length`",
        "let the HTTP library set `Content-Length`",
        Client,
    ),
    (
        "body-not-json",
        "the `Content-Type` is not `application/json`",
        "send `Content-Type: application/json`",
        Client,
    ),
    (
        "body-syntax",
        "the body is not JSON in UTF-8, or is nested too deeply",
        "build the body with a JSON library",
        Client,
    ),
    ("body-not-object", "the body is JSON, but not an object", "send an object", Client),
    (
        "body-duplicate-member",
        "an object has two members of one name, which programs read differently",
        "send each member once",
        Client,
    ),
    ("body-too-many-members", "an object has too many members", "send fewer metadata or tags", Client),
    (
        "body-unknown-member",
        "a member is unknown; `detail` lists the known ones",
        "correct the name of the member",
        Client,
    ),
    (
        "body-member-type",
        "a member has the wrong type; `detail` names it",
        "send the type that `detail` states",
        Client,
    ),
    (
        "content-length-invalid",
        "`contentLength` is not a whole number from 0 to 2^53",
        "send the size as a number, without quotes or fractions",
        Client,
    ),
    (
        "body-member-missing",
        "a member that the call requires is missing; `detail` names it",
        "send the member",
        Client,
    ),
    (
        "part-numbers-invalid",
        "a part number is not from 1 to the number of parts, occurs twice, or is out of order in `/uploads/complete`; or the request has more than 1,000 numbers",
        "send the numbers of the upload's parts as numbers, each once, in several requests if there are many",
        Client,
    ),
    (
        "part-lengths-invalid",
        "`contentLengths` is sent for an upload whose size is known, or is missing or does not fit where only a maximum is known; `detail` states the rule",
        "send the length of each part exactly if the answer to `/upload-url` had no `contentLength`; only the last part is shorter than `partSize`",
        Client,
    ),
    (
        "client-cannot-send",
        "the client of another service, such as better-upload, could not send what would be granted; `detail` names it",
        "follow `detail`: another file, or settings of the route that this client can fulfil",
        Operator,
    ),
    (
        "credentials-not-offered",
        "a client of Companion asks for temporary credentials, which would permit any key, type and size",
        "remove `getTemporarySecurityCredentials` from the options of `@uppy/aws-s3`",
        Client,
    ),
];

/// Codes of decisions of a policy.
pub(super) const DENIALS: &[Row] = &[
    (
        "body-required",
        "the request has no body, and `bodyless` is `refuse`",
        "describe the upload: `{\"contentType\": …, \"contentLength\": …}`",
        Client,
    ),
    (
        "content-length-required",
        "`contentLength` is missing",
        "send the exact size of the file in bytes",
        Client,
    ),
    (
        "too-large",
        "the file is larger than `max_size`",
        "choose a smaller file; `detail` states the limit",
        Client,
    ),
    (
        "too-small",
        "the file is smaller than `min_size`",
        "choose a larger file; `detail` states the limit",
        Client,
    ),
    (
        "content-type-required",
        "`contentType` is missing",
        "send the type of the file, as `file.type` in a browser",
        Client,
    ),
    ("content-type-invalid", "`contentType` is not a media type", "send a type such as `image/jpeg`", Client),
    (
        "content-type-not-allowed",
        "the policy does not allow the type; `detail` lists those that it allows",
        "convert the file, or add the type to `types`",
        Client,
    ),
    (
        "extension-unknown",
        "the key ends with an extension, and none is known for the type",
        "add the type to `extensions`, or leave `{ext}` out of the key",
        Operator,
    ),
    (
        "extension-mismatch",
        "the extension of `fileName` belongs to another type",
        "send the type that the file has",
        Client,
    ),
    (
        "file-name-required",
        "the key contains the file name, and `fileName` is missing",
        "send `fileName`",
        Client,
    ),
    (
        "file-name-invalid",
        "`fileName` is not a name: `detail` states the rule",
        "send the name alone, without folders",
        Client,
    ),
    (
        "checksum-required",
        "the policy requires a checksum; `algorithms` lists those that it accepts",
        "send one of these checksums of the file, in base64",
        Client,
    ),
    (
        "checksum-not-allowed",
        "the policy does not accept this algorithm",
        "send none, or one that `detail` lists",
        Client,
    ),
    (
        "checksum-invalid",
        "the checksum is not base64 of the algorithm's length",
        "send the digest in base64, not in hex",
        Client,
    ),
    (
        "multipart-not-allowed",
        "`multipart` contradicts the route: `detail` states whether it uploads files of this size in parts",
        "leave `multipart` out, so that the route decides; the operator sets `multipart`",
        Client,
    ),
    (
        "content-disposition-not-allowed",
        "clients may not choose the content disposition",
        "leave it out, or set `disposition = \"from-client\"`",
        Client,
    ),
    (
        "content-disposition-invalid",
        "the content disposition is malformed, or not one that clients may send",
        "send `inline`, or `attachment` with a file name",
        Client,
    ),
    (
        "if-match-not-allowed",
        "clients may not choose which object they replace",
        "leave `ifMatch` out, or set `replace = \"if-match\"`",
        Client,
    ),
    (
        "if-match-invalid",
        "`ifMatch` is not the ETag of one object",
        "send the `ETag` of the answer to the last upload, unchanged",
        Client,
    ),
    (
        "metadata-not-allowed",
        "clients may not set metadata of this name",
        "leave it out, or add the name to `client_metadata`",
        Client,
    ),
    (
        "metadata-invalid",
        "metadata is malformed, or larger than S3 allows: `detail` states the rule",
        "shorten the values; use ASCII",
        Client,
    ),
    ("tags-not-allowed", "clients may not set tags", "leave them out, or set `client_tags`", Client),
    (
        "tags-invalid",
        "a tag violates S3's rules: `detail` states which",
        "correct the tag; an object has at most 10",
        Client,
    ),
    (
        "subject-invalid",
        "the subject of the token contains control characters, so it cannot be part of a key",
        "leave `{sub}` out of the key, or correct the issuer's user names",
        Operator,
    ),
    (
        "group-required",
        "the key contains the group, and the caller is in none of `key_groups`",
        "add the user to a group in the user pool",
        Operator,
    ),
    (
        "group-ambiguous",
        "the key contains the group, and the caller is in several of `key_groups`",
        "keep the user in one of these groups, or list fewer",
        Operator,
    ),
    (
        "claim-required",
        "the key contains a claim that the token does not have; `detail` names it",
        "send the token that has the claim (often the id token), or add it in the user pool",
        Operator,
    ),
    (
        "id-not-allowed",
        "clients may not supply this id",
        "leave it out; the answer contains a new one",
        Client,
    ),
    (
        "id-invalid",
        "an id is not one UUID in lower case with hyphens",
        "send the id as an answer contained it",
        Client,
    ),
    (
        "key-too-long",
        "the key would exceed the 1,024 bytes that S3 allows",
        "send a shorter `fileName`",
        Client,
    ),
    (
        "field-invalid",
        "a form field contains `${filename}`, which S3 would replace",
        "leave `${filename}` out",
        Client,
    ),
    (
        "issuer-name-missing",
        "the key contains `{issuer}`, but the issuer of the caller has no name",
        "give each issuer a name: `name` in `[auth]`, or `Identity::with_issuer_name`",
        Operator,
    ),
    (
        "id-missing",
        "the program passed no value for a declared id",
        "pass one value for each id that the policy declares",
        Application,
    ),
    (
        "seal-missing",
        "the key contains `{id:sealed}`, and the program passed no keys to `UploadPolicy::authorize_with`",
        "pass them, or give the `UploadIssuer` the keys of upload tokens",
        Application,
    ),
    (
        "header-unsignable",
        "a header of the upload cannot be signed",
        "correct the policy: the log states the header",
        Application,
    ),
    (
        "field-unsignable",
        "a field of the form cannot be signed",
        "correct the policy: the log states the field",
        Application,
    ),
];

/// Codes of the service around a policy.
pub(super) const ISSUING: &[Row] = &[
    (
        "forbidden",
        "the application's `Authorize` denied the upload",
        "upload only to resources of the caller",
        Client,
    ),
    (
        "authorization-unavailable",
        "the application's `Authorize` failed, for example because its database is unreachable",
        "try again after `Retry-After`; the log contains the cause",
        Application,
    ),
    (
        "id-conflict",
        "the client supplied another value than the one that the service chose",
        "leave the id out",
        Client,
    ),
    ("route-required", "the service has several routes, and the request names none", "send `route`", Client),
    (
        "route-unknown",
        "no route has the name that the request states",
        "correct `route`; the names are those of `upsign.toml`",
        Client,
    ),
    (
        "route-forbidden",
        "the caller is in none of the route's groups, or the token has none of its scopes",
        "add the user to a group, or request the scope at sign-in",
        Operator,
    ),
    ("too-many-requests", "the caller has reached its rate limit", "try again after `Retry-After`", Client),
    (
        "rate-limit-unavailable",
        "the store of the rate limit did not answer, and the limit fails closed",
        "try again after `Retry-After`; the log contains the cause",
        Operator,
    ),
    (
        "files-not-offered",
        "the request lists several files, and the route accepts one (`max_files`)",
        "send one request for each file",
        Client,
    ),
    (
        "files-count",
        "the list of files is empty or longer than `max_files`",
        "send several requests with fewer files each",
        Client,
    ),
    (
        "files-too-large",
        "the files of one request are larger together than `max_total_size`; a file without `contentLength` counts with `max_size`",
        "send several requests, and state `contentLength`",
        Client,
    ),
    (
        "quota-exceeded",
        "the caller has used up a quota: `kind` is `objects` or `bytes`, `limit` the number, and `resetsAt` the time when counting starts again",
        "upload again after `resetsAt`; uploads that are rejected, deleted or not confirmed in time are returned. A confirmation answers it for an upload that was returned before: the object stays unconfirmed, and can be confirmed once the quota has room",
        Client,
    ),
    (
        "quota-unavailable",
        "the store of the quotas did not answer, and `quota.fail` is `closed`",
        "try again after `Retry-After`; the log contains the cause",
        Operator,
    ),
    (
        "credentials-too-short",
        "the service's credentials end before the shortest grant (`credentials.minimum`) would",
        "try again after `Retry-After`; if it lasts, the operator finds out why they are not renewed",
        Operator,
    ),
    (
        "signing-unavailable",
        "there are no credentials, or they cannot be fetched",
        "try again after `Retry-After`; the log contains the cause",
        Operator,
    ),
    (
        "internal",
        "a fault that trying again does not correct: of the program that contains the library, or a panic",
        "look for the request id in the log",
        Application,
    ),
];

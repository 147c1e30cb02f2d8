//! `AccessDenied`: one code for expired URLs, unsigned headers, permissions and conditions of forms.

use upsign_core::{Provider, Timestamp};

use super::case::Case;
use super::scrub::quoted;
use super::{Diagnosis, policies};
use crate::cause::{Cause, Owner, known};
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;
use crate::url::SignedUrl;

pub(super) fn find(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let message = error.message();
    // This answer states Expires and ServerTime as well.
    if error.says("not valid yet") || error.says("not yet valid") {
        return vec![Diagnosis::candidate(&known::URL_NOT_YET_VALID, Field::Clock).certain_if(true)];
    }
    if error.says("request has expired") || error.says("request expired") || error.text("Expires").is_some() {
        return expired(case, error);
    }
    if error.says("which were not signed") {
        return unsigned(case, error);
    }
    if error.says("policy expired") {
        return vec![
            Diagnosis::candidate(&known::FORM_EXPIRED, Field::FormField("policy".into())).certain_if(true),
        ];
    }
    if let Some((_, fields)) = message.split_once("Extra input fields:") {
        return vec![extra_field(fields.trim())];
    }
    if error.says("policy condition failed") || error.says("invalid according to policy") {
        return vec![condition(case, message)];
    }
    // Garage: https://git.deuxfleurs.fr/Deuxfleurs/garage/src/branch/main-v1/src/api/signature/payload.rs
    if error.says("invalid signature") {
        return super::store::of_mismatch(case);
    }
    if error.says("is not authorized to perform") || error.says("explicit deny") {
        return not_authorized(case, message);
    }
    plain(case)
}

/// An expired URL. The store states it, with the time of expiry and its own.
pub(super) fn expired(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let found = Diagnosis::candidate(&known::URL_EXPIRED, Field::query("X-Amz-Expires"));
    let known_expiry = case.url.as_ref().and_then(SignedUrl::expires_at);
    let server = error.text("ServerTime").or_else(|| error.text("X-Amz-ServerTime"));
    let stated = error.text("Expires").or(server);
    if let (None, Some(expiry), Some((at, _))) = (stated, known_expiry, case.evidence.time())
        && at < expiry
    {
        return vec![clocks_differ(expiry, at), found];
    }
    let expiry = error.text("Expires").map(str::to_owned).or(known_expiry.map(|at| at.to_string()));
    let found = found.certain_if(case.sent().is_some() || server.is_some());
    let found = match (expiry, server) {
        (Some(expiry), Some(server)) => found
            .saying(format!(
                "the URL expired at {}; the store received the request at {}",
                quoted(&expiry),
                quoted(server)
            ))
            .with_diff(vec![DiffLine::new(Field::query("X-Amz-Expires"), Some(&expiry), Some(server))]),
        (Some(expiry), None) => found.saying(format!("the URL expired at {}", quoted(&expiry))),
        _ => found,
    };
    vec![found]
}

/// The store says that the URL has expired, and by the clock of this machine or of the record it has not.
fn clocks_differ(expiry: Timestamp, at: Timestamp) -> Diagnosis {
    let sentence = format!(
        "the store says that the URL has expired, and the URL is valid until {expiry}: the clock of the store differs from the one that shows {at}"
    );
    Diagnosis::candidate(&known::CLOCK_SKEW, Field::Clock)
        .saying(sentence)
        .fixed_by("compare both clocks with NTP, and correct the one that is wrong")
        .proved_by("compare the header Date of an answer of the store with a clock that is right")
}

fn unsigned(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    // The list of signed headers was changed in the URL, so that all headers that it lacks count as unsigned.
    let is_list = |it: &Diagnosis| it.field == Field::query("X-Amz-SignedHeaders");
    let list: Vec<Diagnosis> = case.of_differences().into_iter().filter(is_list).collect();
    if !list.is_empty() {
        return list;
    }
    let names = error.text("HeadersNotSigned").unwrap_or_default();
    let listed: Vec<&str> = names.split([',', ' ']).filter(|name| !name.is_empty()).collect();
    if listed.is_empty() {
        let of_request = case.of_differences().into_iter();
        let mut found: Vec<Diagnosis> =
            of_request.filter(|it| it.cause.code == known::HEADER_UNSIGNED.code).collect();
        found.push(Diagnosis::candidate(&known::HEADER_UNSIGNED, Field::header("x-amz-*")));
        return found;
    }
    listed.into_iter().map(|name| unsigned_header(case, name)).collect()
}

/// Returns that a header was not signed: in whose hands that is depends on who added it.
fn unsigned_header(case: &Case<'_>, name: &str) -> Diagnosis {
    let lower = name.to_ascii_lowercase();
    let value = case.sent().and_then(|sent| sent.request.header(&lower));
    let shown = quoted(name);
    let found = Diagnosis::candidate(&known::HEADER_UNSIGNED, Field::header(name))
        .saying(format!("the request has the header {shown}, which was not signed"))
        .with_diff(vec![DiffLine::new(Field::header(name), None, Some(value.unwrap_or("(sent)")))])
        .certain_if(true);
    if lower == "host" {
        return found
            .saying("the header host was not signed, and every request has it")
            .owned_by(Owner::Configuration)
            .fixed_by("sign at least the header host");
    }
    // A record that also has the headers which clients add themselves lacks none.
    if value.is_none() && case.sent().is_some_and(|sent| sent.has_own_headers) {
        return found
            .saying(format!(
                "the request arrived with the header {shown}, which was not signed and which the client did not send: it was added on the way"
            ))
            .owned_by(Owner::Proxy)
            .fixed_by(format!(
                "let the proxy or CDN in front of the store not add {shown}, or send uploads around it"
            ));
    }
    found
}

fn extra_field(fields: &str) -> Diagnosis {
    let name = fields.split([',', ' ']).next().unwrap_or_default();
    Diagnosis::candidate(&known::FORM_EXTRA_FIELD, Field::FormField(name.to_ascii_lowercase().into()))
        .saying(format!("the form has the field {}, which its policy does not mention", quoted(fields)))
        .certain_if(!name.is_empty())
}

/// Reads the field out of `Policy Condition failed: ["eq", "$Content-Type", "image/png"]`.
fn condition(case: &Case<'_>, message: &str) -> Diagnosis {
    let (_, shown) = message.split_once("failed:").unwrap_or(("", ""));
    let field = shown.split_once("\"$").and_then(|(_, rest)| rest.split('"').next());
    let field = field
        .map_or(Field::FormField("policy".into()), |name| Field::FormField(name.to_ascii_lowercase().into()));
    let found = Diagnosis::candidate(&known::FORM_CONDITION, field.clone());
    match shown.trim() {
        "" => found,
        shown => found
            .saying(format!("a field of the form does not meet the condition {}", quoted(shown)))
            .with_diff(vec![DiffLine::new(field.clone(), Some(shown), form_value(case, &field))])
            .certain_if(true),
    }
}

/// Returns the value of a form's field as it was sent.
fn form_value<'a>(case: &Case<'a>, field: &Field) -> Option<&'a str> {
    let Field::FormField(name) = field else { return None };
    let found = case.sent()?.form.iter().find(|it| it.name.eq_ignore_ascii_case(name))?;
    Some(&found.value)
}

/// A kind of policy, as messages of S3 name it.
struct NamedPolicy {
    /// What the message contains.
    name: &'static str,
    /// The policy in a sentence.
    policy: &'static str,
    /// The cause if it denies.
    denies: &'static Cause,
    /// In whose hands it is.
    owner: Owner,
}

/// The kinds of policies.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html> and
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>.
static NAMED_POLICIES: [NamedPolicy; 8] = [
    policy("Block Public Access", "the block of public access", &known::PUBLIC_ACL_BLOCKED, Owner::Client),
    policy(
        "VPC endpoint polic",
        "the policy of the VPC endpoint",
        &known::DENIED_BY_IDENTITY,
        Owner::Configuration,
    ),
    policy("service control polic", "a service control policy", &known::DENIED_BY_IDENTITY, Owner::Iam),
    policy("resource control polic", "a resource control policy", &known::DENIED_BY_IDENTITY, Owner::Iam),
    policy(
        "permissions boundar",
        "the permissions boundary of the signer",
        &known::DENIED_BY_IDENTITY,
        Owner::Iam,
    ),
    policy("session polic", "the session policy of the signer", &known::DENIED_BY_IDENTITY, Owner::Iam),
    policy("resource-based polic", "the bucket policy", &known::DENIED_BY_BUCKET, Owner::BucketPolicy),
    policy("identity-based polic", "the signer's policies", &known::DENIED_BY_IDENTITY, Owner::Iam),
];

const fn policy(
    name: &'static str,
    policy: &'static str,
    denies: &'static Cause,
    owner: Owner,
) -> NamedPolicy {
    NamedPolicy { name, policy, denies, owner }
}

/// Nobody signed the request: the client left the query out.
pub(super) fn not_signed() -> Diagnosis {
    Diagnosis::candidate(&known::NOT_SIGNED, Field::query("X-Amz-Signature"))
}

/// Returns whether a request is recorded, and has no signature, neither in its URL nor in a header, and is no form.
pub(super) fn is_unsigned(case: &Case<'_>) -> bool {
    case.sent().is_some_and(|sent| {
        !sent.is_signed() && sent.request.header("authorization").is_none() && &*sent.request.method != "POST"
    })
}

/// Reads `User: ARN is not authorized to perform: ACTION on resource: ARN because …`.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.
fn not_authorized(case: &Case<'_>, message: &str) -> Vec<Diagnosis> {
    let action = message.split_once("perform: ").and_then(|(_, rest)| rest.split([' ', '"', ',']).next());
    let action = action.unwrap_or_else(|| policies::action(case));
    let field = Field::Action(quoted(action).into());
    let action = quoted(action);
    let resource = message.split_once("on resource: ").and_then(|(_, rest)| rest.split([' ', ',']).next());
    let on =
        resource.map(|resource| format!(" on {}", quoted(resource.trim_matches('"')))).unwrap_or_default();
    if message.contains("User: anonymous ") {
        return vec![not_signed().certain_if(true)];
    }
    let is_deny = message.contains("explicit deny");
    let named = NAMED_POLICIES.iter().find(|it| message.contains(it.name));
    let cause = match (action.starts_with("kms:"), is_deny) {
        (true, _) => &known::KMS_DENIED,
        (_, true) => named.map_or(&known::DENIED_BY_IDENTITY, |it| it.denies),
        _ if message.contains("Block Public Access") => &known::PUBLIC_ACL_BLOCKED,
        (_, false) => &known::NOT_PERMITTED,
    };
    let policy = match named {
        Some(named) if cause.code == "kms-denied" && named.name == "resource-based polic" => {
            "the policy of the key"
        }
        Some(named) => named.policy,
        None => "a policy",
    };
    let sentence = match (cause.code, is_deny, named) {
        ("public-acl-blocked", ..) => format!("{policy} denies {action}{on}"),
        ("kms-denied", false, None) => {
            format!("the identity that signed may not call {action}{on}, which the bucket's encryption needs")
        }
        (_, true, _) => format!("a Deny statement of {policy} applies to {action}{on}"),
        (_, false, Some(_)) => {
            format!("{policy} does not permit the identity that signed to call {action}{on}")
        }
        _ => format!("no policy permits the identity that signed to call {action}{on}"),
    };
    let found = Diagnosis::candidate(cause, field).saying(sentence);
    let found = match named {
        Some(it) if cause.code == "kms-denied" && it.name == "resource-based polic" => {
            found.owned_by(Owner::Configuration).fixed_by(if is_deny {
                "change the Deny statement of the key's policy"
            } else {
                "permit the action to the signer in the key's policy"
            })
        }
        // The fix of the table is that of the ACL, and the one of KMS names the key's policy too.
        _ if ["public-acl-blocked", "kms-denied"].contains(&cause.code) => found,
        Some(it) if matches!(it.name, "resource-based polic" | "identity-based polic") && is_deny => found,
        Some(it) => {
            let fix = if is_deny { "change the Deny statement of" } else { "permit the action in" };
            found.fixed_by(format!("{fix} {}", it.policy)).owned_by(it.owner)
        }
        None => found,
    };
    // Without its kind, the policy that denies may be anywhere.
    let mut found = vec![found.certain_if(!is_deny || named.is_some())];
    found.extend(policies::find(case, &action, resource.map(|it| it.trim_matches('"'))));
    found
}

/// A permission is missing, or a policy denies the request.
pub(super) fn without_reason(case: &Case<'_>) -> Diagnosis {
    let found =
        Diagnosis::candidate(&known::ACCESS_DENIED_PLAIN, Field::Action(policies::action(case).into()));
    if !policies::are_not_applied(case) {
        return found;
    }
    let sentence = format!(
        "{}; the policies that were passed are not applied, because the evidence shows no bucket and key: pass --url, or a HAR with the fields of the form",
        found.sentence
    );
    found.saying(sentence)
}

/// Returns candidates for an `AccessDenied` without a reason, in the order in which to look.
fn plain(case: &Case<'_>) -> Vec<Diagnosis> {
    let mut found: Vec<Diagnosis> = is_unsigned(case).then(not_signed).into_iter().collect();
    found.extend(policies::find_all(case));
    let expired = case.url.as_ref().and_then(SignedUrl::expires_at).zip(case.evidence.time());
    if let Some((expiry, (at, _))) = expired
        && at >= expiry
    {
        let sentence = format!("the URL expired at {expiry}, before this request");
        found.push(Diagnosis::candidate(&known::URL_EXPIRED, Field::query("X-Amz-Expires")).saying(sentence));
    }
    found.extend(case.of_differences().into_iter().map(|it| it.certain_if(false)));
    let request = case.request();
    let acl = request.and_then(|request| request.header("x-amz-acl"));
    if acl.is_some_and(|acl| acl.starts_with("public")) {
        found.push(Diagnosis::candidate(&known::PUBLIC_ACL_BLOCKED, Field::header("x-amz-acl")));
    }
    found.push(without_reason(case));
    found.push(Diagnosis::candidate(&known::DENIED_BY_BUCKET, Field::Action(policies::action(case).into())));
    found.push(Diagnosis::candidate(&known::KMS_DENIED, Field::Action("kms:GenerateDataKey".into())));
    found.push(Diagnosis::candidate(&known::SIGNATURE_TOO_OLD, Field::query("X-Amz-Date")));
    // Garage and others answer so for a wrong secret key, which S3 never does.
    let is_aws = case.provider() == Some(Provider::Aws);
    if !is_aws {
        found.push(Diagnosis::candidate(&known::WRONG_SECRET, Field::Credentials));
    }
    found
}

//! Who signed, and what is odd about it.

use upsign_core::Provider;

use crate::diff::Field;
use crate::explain::oddity::Oddity;
use crate::explain::table as kinds;
use crate::form::SignedForm;
use crate::redacted::Redacted;
use crate::url::{AddressStyle, CredentialScope, SignatureScheme, SignedUrl};

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signer {
    /// The kind of credentials.
    pub kind: SignerKind,
    /// The access key id, the service account, or the id of a public key. None of these is a secret.
    pub id: Option<Redacted>,
    /// The account of AWS to which the access key belongs, read from its id.
    pub account: Option<Box<str>>,
    /// `true` if there is a session token.
    pub has_session_token: bool,
}

/// The kind of credentials that signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignerKind {
    /// The access key of an IAM user (`AKIA…`), which does not expire.
    LongTerm,
    /// Temporary credentials (`ASIA…`, or with a session token).
    Temporary,
    /// A service account of Google Cloud, or one of its HMAC keys.
    ServiceAccount,
    /// A public key of CloudFront.
    CloudFrontKey,
    /// The key of a storage account of Azure, or a key that a user of Entra ID delegated.
    Azure,
    /// An access key of another form, as stores other than AWS issue them.
    Other,
}

impl SignerKind {
    /// Returns a stable name for programs: `long-term`, `temporary`, `service-account`, `cloudfront-key`, `azure` or `other`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LongTerm => "long-term",
            Self::Temporary => "temporary",
            Self::ServiceAccount => "service-account",
            Self::CloudFrontKey => "cloudfront-key",
            Self::Azure => "azure",
            Self::Other => "other",
        }
    }
}

impl Signer {
    pub(super) fn of_url(url: &SignedUrl) -> Self {
        Self::new(url.scheme(), url.signer(), url.has_session_token())
    }

    pub(super) fn of_form(form: &SignedForm) -> Self {
        Self::new(form.scheme(), form.signer(), form.has_session_token())
    }

    fn new(scheme: SignatureScheme, id: Option<&str>, has_session_token: bool) -> Self {
        let is_of = |prefix: &str| id.is_some_and(|id| id.starts_with(prefix));
        let kind = match scheme {
            SignatureScheme::Goog4 | SignatureScheme::Goog2 => SignerKind::ServiceAccount,
            // The id of an HMAC key: https://cloud.google.com/storage/docs/authentication/hmackeys
            _ if is_of("GOOG") => SignerKind::ServiceAccount,
            SignatureScheme::CloudFrontCanned | SignatureScheme::CloudFrontCustom => {
                SignerKind::CloudFrontKey
            }
            SignatureScheme::AzureSas => SignerKind::Azure,
            _ if has_session_token || is_of("ASIA") => SignerKind::Temporary,
            _ if is_of("AKIA") => SignerKind::LongTerm,
            _ => SignerKind::Other,
        };
        let is_aws = matches!(kind, SignerKind::LongTerm | SignerKind::Temporary);
        let account = id.filter(|_| is_aws).and_then(account);
        Self { kind, id: id.map(Redacted::new), account, has_session_token }
    }
}

/// Reads the account from an access key id: 80 bits in base32 after the prefix, of which the second to the 41st are the account.
///
/// Ids that begin with `I` or `J` after the prefix are older and contain no account. AWS documents only the call
/// `GetAccessKeyInfo`, which answers the same; the form is described in
/// <https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489> and
/// <https://awsteele.com/blog/2020/09/26/aws-access-key-format.html>.
fn account(access_key_id: &str) -> Option<Box<str>> {
    let encoded = access_key_id.strip_prefix("AKIA").or_else(|| access_key_id.strip_prefix("ASIA"))?;
    if encoded.len() != 16 || encoded.starts_with(['I', 'J']) {
        return None;
    }
    let mut bits = 0_u64;
    // 12 digits of base32 have 60 bits, of which the first 41 are needed.
    for (index, digit) in encoded.bytes().enumerate() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        if index < 12 {
            bits = bits << 5 | u64::from(value);
        }
    }
    let account = (bits >> 19) & ((1 << 40) - 1);
    (account < 1_000_000_000_000).then(|| format!("{account:012}").into())
}

pub(super) fn check_url(url: &SignedUrl, oddities: &mut Vec<Oddity>) {
    check_length(url.scheme(), url.signature(), Field::query(url.scheme().signature_parameter()), oddities);
    let signer = Signer::of_url(url);
    check_token(&signer, "X-Amz-Security-Token", Field::query, oddities);
    let Some([name, ..]) = url.scheme().v4_names() else {
        if url.scheme() == SignatureScheme::SigV2
            && url.location().provider.is_some_and(|it| it.name() == "aws")
        {
            let sentence = "the URL is signed with Signature Version 2, which Amazon S3 accepts for old buckets in old regions only";
            oddities.push(Oddity::new(&kinds::SIGV2, Field::Query("Signature".into()), sentence));
        }
        return;
    };
    let Some(credential) = url.parameter(name) else { return };
    check_scope(url.credential_scope(), credential, url.scheme(), Field::query(name), oddities);
    check_service(url, name, oddities);
    if url.location().style == AddressStyle::MultiRegionAccessPoint && url.scheme() == SignatureScheme::SigV4
    {
        let sentence =
            "the URL leads to a multi-region access point and is signed with SigV4, which names one region";
        oddities.push(Oddity::new(&kinds::MRAP_SIGV4, Field::query("X-Amz-Algorithm"), sentence));
    }
}

pub(super) fn check_form(form: &SignedForm, oddities: &mut Vec<Oddity>) {
    let (signature, credential) = match form.scheme() {
        SignatureScheme::SigV4 => ("x-amz-signature", "x-amz-credential"),
        SignatureScheme::Goog4 => ("x-goog-signature", "x-goog-credential"),
        _ => ("signature", ""),
    };
    check_length(form.scheme(), form.signature(), field(signature), oddities);
    check_token(&Signer::of_form(form), "x-amz-security-token", field, oddities);
    if let Some(written) = form.field(credential) {
        check_scope(form.credential_scope(), written, form.scheme(), field(credential), oddities);
    }
}

fn field(name: &str) -> Field {
    Field::FormField(name.into())
}

fn check_token(signer: &Signer, name: &str, field: impl Fn(&str) -> Field, oddities: &mut Vec<Oddity>) {
    let is_asia = signer.id.as_ref().is_some_and(|id| id.as_str().starts_with("ASIA"));
    if is_asia && !signer.has_session_token {
        let sentence = "the access key id begins with ASIA, which is that of temporary credentials, and the session token is absent";
        oddities.push(Oddity::new(&kinds::TOKEN_MISSING, field(name), sentence));
    } else if signer.has_session_token {
        let sentence = "temporary credentials signed it, and it stops working when they expire; nothing in it says when that is";
        oddities.push(Oddity::new(&kinds::TOKEN_LIFETIME, field(name), sentence));
    }
}

fn check_scope(
    scope: Option<CredentialScope<'_>>,
    written: &str,
    scheme: SignatureScheme,
    field: Field,
    oddities: &mut Vec<Oddity>,
) {
    let expected = if scheme == SignatureScheme::Goog4 { "goog4_request" } else { "aws4_request" };
    let is_day = |date: &str| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    let scope = scope.filter(|scope| {
        scope.terminator == expected
            && is_day(scope.date)
            && !scope.access_key_id.is_empty()
            && !scope.service.is_empty()
    });
    let Some(scope) = scope else {
        let shown: String = written.chars().take(120).collect();
        let sentence =
            format!("the credential {shown:?} does not have the form KEY/YYYYMMDD/REGION/SERVICE/{expected}");
        oddities.push(Oddity::new(&kinds::CREDENTIAL, field, &sentence));
        return;
    };
    if !KNOWN_SERVICES.contains(&scope.service) {
        let sentence = format!(
            "the URL is signed for the service {:?}; objects need s3, and s3express in a directory bucket",
            scope.service
        );
        oddities.push(Oddity::new(&kinds::SERVICE, field, &sentence));
    }
}

/// Compares the service with that of the host. Each kind of host of Amazon S3 has its own.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-create-session.html> (`s3express`), and the endpoint rules
/// of the SDKs for `s3-object-lambda` and `s3-outposts`.
fn check_service(url: &SignedUrl, parameter: &'static str, oddities: &mut Vec<Oddity>) {
    let Some(scope) = url.credential_scope().filter(|_| url.location().provider == Some(Provider::Aws))
    else {
        return;
    };
    let (expected, place) = match url.location().style {
        AddressStyle::DirectoryBucket => ("s3express", "a directory bucket"),
        AddressStyle::ObjectLambda => ("s3-object-lambda", "an access point of Object Lambda"),
        AddressStyle::Outposts => ("s3-outposts", "Outposts"),
        _ => ("s3", "a bucket or an access point"),
    };
    if KNOWN_SERVICES.contains(&scope.service) && scope.service != expected {
        let found = scope.service;
        let sentence = format!(
            "the host is that of {place}, which needs the service {expected}, and the URL is signed for {found}"
        );
        oddities.push(Oddity::new(&kinds::SERVICE, Field::query(parameter), &sentence));
    }
}

/// Services for which URLs of objects are signed.
const KNOWN_SERVICES: [&str; 5] = ["s3", "s3express", "s3-outposts", "s3-object-lambda", "storage"];

/// Compares the length of a signature with those that its scheme has.
fn check_length(scheme: SignatureScheme, signature: &str, field: Field, oddities: &mut Vec<Oddity>) {
    let is_hex = signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    let len = signature.len();
    let (fits, expected) = match scheme {
        SignatureScheme::SigV4 => (is_hex && len == 64, "64 hexadecimal digits"),
        // A DER sequence of two numbers of up to 33 bytes.
        SignatureScheme::SigV4a => {
            (is_hex && (16..=144).contains(&len) && len.is_multiple_of(2), "up to 144 hexadecimal digits")
        }
        // An HMAC, or an RSA signature of 1024 to 4096 bits.
        SignatureScheme::Goog4 => {
            (is_hex && matches!(len, 64 | 256 | 512 | 768 | 1024), "64 or 512 hexadecimal digits")
        }
        SignatureScheme::SigV2 => (len == 28, "28 characters of base64"),
        SignatureScheme::AzureSas => (len == 44, "44 characters of base64"),
        _ => return,
    };
    if !fits {
        let kind = if is_hex { "" } else { ", not all of them hexadecimal digits" };
        let kind = if expected.contains("base64") { "" } else { kind };
        let sentence = format!("the signature has {len} characters{kind}; expected {expected}");
        oddities.push(Oddity::new(&kinds::SIGNATURE_LENGTH, field, &sentence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_from_access_key_ids() {
        // The examples of the two pages.
        assert_eq!(account("ASIAY34FZKBOKMUTVV7A").as_deref(), Some("609629065308"));
        assert_eq!(account("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
        for id in [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAJ2345672345672345",
            "AKIA",
            "AKIAY34FZKBOKMUTVV7",
            "AKIAY34FZKBOKMUTVV71",
            "minioadmin",
        ] {
            assert_eq!(account(id), None, "{id}");
        }
    }
}

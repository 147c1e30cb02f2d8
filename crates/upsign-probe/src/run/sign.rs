//! Turns the steps of an experiment into signed requests.

use upsign_core::{
    ExpiresIn, LengthRange, ObjectKey, Operation, PartNumber, PostPolicy, PresignRequest, Query, Sign as _,
    SignPost as _, SignedHeaders, Timestamp, UploadId,
};
use upsign_sigv4::SigV4;
use upsign_sigv4::stages::{SigningKey, amz_date, canonical_request, scope, string_to_sign};

use crate::run::form;
use crate::step::{Alteration, Call};
use crate::store::ProbedStore;
use crate::transport::HttpRequest;

/// A request with everything that a step leaves open.
#[derive(Clone, Debug)]
pub(crate) struct Unsigned {
    pub(crate) call: Call,
    pub(crate) key: String,
    pub(crate) upload_id: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) alteration: Option<Alteration>,
}

/// Seconds that a URL is valid. Clocks may differ by almost as much.
const LIFETIME: u64 = 300;

/// The SHA-256 of an empty body.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Signs a request. The error says what cannot be signed.
pub(crate) fn sign(store: &ProbedStore, unsigned: &Unsigned, at: Timestamp) -> Result<HttpRequest, String> {
    let mut request = match unsigned.call {
        Call::Setting(_) => of_bucket(store, &unsigned.query, at),
        Call::Form(max) => of_form(store, unsigned, max, at)?,
        _ => of_object(store, unsigned, at)?,
    };
    if let Some(alteration) = unsigned.alteration {
        alter(&mut request, alteration);
    }
    Ok(request)
}

fn of_object(store: &ProbedStore, unsigned: &Unsigned, at: Timestamp) -> Result<HttpRequest, String> {
    let key: ObjectKey = unsigned.key.parse().map_err(text)?;
    let lifetime = ExpiresIn::from_secs(LIFETIME).map_err(text)?;
    let (mut headers, mut query) = (SignedHeaders::new(), Query::new());
    for (name, value) in &unsigned.headers {
        headers.insert(name, value).map_err(text)?;
    }
    for (name, value) in &unsigned.query {
        query.insert(name, value).map_err(text)?;
    }
    let request = PresignRequest::new(store.target.clone(), operation(unsigned)?, key, lifetime);
    let request = request.with_headers(headers).with_query(query);
    let presigned = SigV4::new().sign(&request, &store.credentials, at).map_err(text)?;
    let headers = presigned.headers.settable();
    Ok(HttpRequest {
        method: unsigned.call.method(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        url: presigned.url.into_exposed(),
        body: unsigned.body.clone().into_bytes(),
    })
}

fn operation(unsigned: &Unsigned) -> Result<Operation, String> {
    let upload_id = || -> Result<UploadId, String> {
        unsigned.upload_id.as_deref().ok_or("there is no upload")?.parse().map_err(text)
    };
    Ok(match unsigned.call {
        Call::Put | Call::Form(_) => Operation::PutObject,
        Call::Get | Call::Setting(_) => Operation::GetObject,
        Call::Head => Operation::HeadObject,
        Call::Delete => Operation::DeleteObject,
        Call::Copy => Operation::CopyObject,
        Call::GetTags => Operation::GetObjectTagging,
        Call::PutTags => Operation::PutObjectTagging,
        Call::Create => Operation::CreateMultipartUpload,
        Call::Part(number) => Operation::UploadPart {
            upload_id: upload_id()?,
            part_number: PartNumber::new(number).map_err(text)?,
        },
        Call::Complete => Operation::CompleteMultipartUpload { upload_id: upload_id()? },
        Call::Abort => Operation::AbortMultipartUpload { upload_id: upload_id()? },
    })
}

fn of_form(store: &ProbedStore, unsigned: &Unsigned, max: u64, at: Timestamp) -> Result<HttpRequest, String> {
    let lifetime = ExpiresIn::from_secs(LIFETIME).map_err(text)?;
    let size = LengthRange::new(1, max).map_err(text)?;
    let mut policy =
        PostPolicy::new(store.target.clone(), unsigned.key.parse().map_err(text)?, size, lifetime);
    for (name, value) in &unsigned.headers {
        policy = policy.with_field(name, value).map_err(text)?;
    }
    let signed = SigV4::new().sign_post(&policy, &store.credentials, at).map_err(text)?;
    let (content_type, body) = form::encode(&signed.fields, &unsigned.body);
    let headers = vec![("content-type".to_owned(), content_type)];
    Ok(HttpRequest { method: "POST", url: signed.url.into(), headers, body })
}

/// Signs a `GET` of the bucket in the `Authorization` header.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
fn of_bucket(store: &ProbedStore, query: &[(String, String)], at: Timestamp) -> HttpRequest {
    let (target, credentials) = (&store.target, &store.credentials);
    let path = if target.is_path_style() {
        target.path_prefix().to_owned()
    } else {
        format!("{}/", target.path_prefix())
    };
    let mut headers =
        vec![("x-amz-content-sha256".to_owned(), EMPTY.to_owned()), ("x-amz-date".to_owned(), amz_date(at))];
    headers.extend(
        credentials.session_token().map(|token| ("x-amz-security-token".to_owned(), token.to_owned())),
    );
    let mut signed: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    signed.push(("host", target.host()));
    signed.sort_unstable();
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let pairs: Vec<(&str, &str)> =
        query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (region, service) = (target.region().as_str(), target.signing_service());
    let scope = scope(at, region, service);
    let canonical = canonical_request("GET", &path, &pairs, &signed, EMPTY);
    let key = SigningKey::derive(credentials.secret_access_key(), at, region, service);
    let signature = key.sign(&string_to_sign(at, &scope, &canonical));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
        credentials.access_key_id(),
        names.join(";")
    );
    headers.push(("authorization".to_owned(), authorization));
    let mut encoded = String::new();
    for (name, value) in &pairs {
        encoded.push(if encoded.is_empty() { '?' } else { '&' });
        upsign_sigv4::encode_query(&mut encoded, name);
        encoded.push('=');
        upsign_sigv4::encode_query(&mut encoded, value);
    }
    let url = format!("{}://{}{path}{encoded}", target.scheme().as_str(), target.host());
    HttpRequest { method: "GET", url, headers, body: Vec::new() }
}

fn alter(request: &mut HttpRequest, alteration: Alteration) {
    match alteration {
        Alteration::WithoutSignature => {
            if let Some((start, _)) = request.url.rsplit_once("&X-Amz-Signature=") {
                request.url = start.to_owned();
            }
        }
        Alteration::OtherSignature => {
            let authorization = request.headers.iter_mut().find(|(name, _)| name == "authorization");
            let signed = authorization.map_or(&mut request.url, |(_, value)| value);
            let other = if signed.ends_with('0') { '1' } else { '0' };
            signed.pop();
            signed.push(other);
        }
        Alteration::OtherAlgorithm => {
            request.url = request.url.replacen("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", 1);
        }
        Alteration::AddedHeader(name, value) => request.headers.push((name.to_owned(), value.to_owned())),
        Alteration::OtherHeader(name, value) => {
            request.headers.retain(|(own, _)| own != name);
            request.headers.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

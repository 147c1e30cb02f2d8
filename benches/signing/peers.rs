//! Signers of other crates, each called as its own documentation shows.
//!
//! Every row ends with the URL as text. All of these crates read the clock for each URL; `aws-sigv4` receives the time, so
//! its rows read the clock as its example does.
#![expect(clippy::disallowed_methods, reason = "reading the clock is part of what is measured")]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningInstructions,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use object_store::aws::AmazonS3Builder;
use object_store::signer::{SignedUrlOptions, Signer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqsign_core::{Context, SignRequest};
use rusty_s3::{Bucket, Credentials as RustyCredentials, S3Action, UrlStyle};
use tokio::runtime::{Builder, Runtime};
use upsign_core::ObjectKey;

use super::upsign::UPLOAD_ID;
use super::{ACCESS_KEY_ID, BUCKET, Candidate, KEYS, REGION, SECRET, key};

const LIFETIME: Duration = Duration::from_secs(900);

/// All bytes except the unreserved characters of RFC 3986.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Creates a row after checking that its first URL is signed and contains the session token if there is one.
fn candidate<'a, T: AsRef<str>>(
    name: &'static str,
    token: Option<&str>,
    mut presign: impl FnMut(usize) -> T + 'a,
) -> Candidate<'a> {
    let url = presign(0);
    let has = |parameter: &str| url.as_ref().to_ascii_lowercase().contains(parameter);
    assert!(has("x-amz-signature="), "{name} returns a URL without a signature");
    assert_eq!(has("x-amz-security-token="), token.is_some(), "{name}: session token in the URL");
    Candidate::new(name, move |i| presign(i).as_ref().len())
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn object_url(key: &ObjectKey) -> String {
    format!("https://{BUCKET}.s3.{REGION}.amazonaws.com/{key}")
}

fn aws_credentials(token: Option<&str>) -> AwsCredentials {
    AwsCredentials::new(ACCESS_KEY_ID, SECRET, token.map(str::to_owned), None, "bench")
}

/// The settings for S3: query parameters, the path encoded once and used as it is.
fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(LIFETIME);
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings
}

fn instructions(url: &str, headers: &[(&str, &str)], identity: &Identity) -> SigningInstructions {
    let params = v4::SigningParams::builder()
        .identity(identity)
        .region(REGION)
        .name("s3")
        .time(SystemTime::now())
        .settings(settings())
        .build()
        .unwrap()
        .into();
    let headers = headers.iter().copied();
    let request = SignableRequest::new("PUT", url, headers, SignableBody::UnsignedPayload).unwrap();
    sign(request, &params).unwrap().into_parts().0
}

/// Appends the signing parameters to a URL. The crate leaves this step to its caller unless there is an `http::Request`.
fn push_parameters(url: &mut String, instructions: &SigningInstructions, mut separator: char) {
    for (name, value) in instructions.params() {
        url.push(separator);
        separator = '&';
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, QUERY));
    }
}

pub(crate) fn aws_sigv4_string<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    token: Option<&str>,
) -> Candidate<'a> {
    let identity: Identity = aws_credentials(token).into();
    candidate(name, token, move |i| {
        let mut url = object_url(&keys[i % KEYS]);
        let instructions = instructions(&url, &[("content-type", "image/jpeg")], &identity);
        push_parameters(&mut url, &instructions, '?');
        url
    })
}

pub(crate) fn aws_sigv4_request<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    token: Option<&str>,
) -> Candidate<'a> {
    let identity: Identity = aws_credentials(token).into();
    candidate(name, token, move |i| {
        let url = object_url(&keys[i % KEYS]);
        let instructions = instructions(&url, &[("content-type", "image/jpeg")], &identity);
        let mut request = http::Request::put(url).header(CONTENT_TYPE, "image/jpeg").body(()).unwrap();
        instructions.apply_to_request_http1x(&mut request);
        request.uri().to_string()
    })
}

pub(crate) fn aws_sigv4_parts(name: &'static str, token: Option<&str>) -> Candidate<'static> {
    let identity: Identity = aws_credentials(token).into();
    let object = object_url(&key(7));
    candidate(name, token, move |i| {
        let mut url = format!("{object}?partNumber={}&uploadId={UPLOAD_ID}", 1 + i % 256);
        let headers = [("content-length", "8388608"), ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")];
        let instructions = instructions(&url, &headers, &identity);
        push_parameters(&mut url, &instructions, '&');
        url
    })
}

/// A presigned request of the SDK. It already stores its URL as text.
struct SdkUrl(PresignedRequest);

impl AsRef<str> for SdkUrl {
    fn as_ref(&self) -> &str {
        self.0.uri()
    }
}

pub(crate) fn aws_sdk<'a>(name: &'static str, keys: &'a [ObjectKey], token: Option<&str>) -> Candidate<'a> {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new(REGION))
        .credentials_provider(aws_credentials(token))
        .build();
    let (client, runtime) = (aws_sdk_s3::Client::from_conf(config), runtime());
    candidate(name, token, move |i| {
        let put = client.put_object().bucket(BUCKET).key(keys[i % KEYS].as_str()).content_type("image/jpeg");
        let presigned = put.presigned(PresigningConfig::expires_in(LIFETIME).unwrap());
        SdkUrl(runtime.block_on(presigned).unwrap())
    })
}

pub(crate) fn rusty_s3<'a>(name: &'static str, keys: &'a [ObjectKey], token: Option<&str>) -> Candidate<'a> {
    let endpoint = format!("https://s3.{REGION}.amazonaws.com").parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::VirtualHost, BUCKET, REGION).unwrap();
    let credentials = match token {
        Some(token) => RustyCredentials::new_with_token(ACCESS_KEY_ID, SECRET, token),
        None => RustyCredentials::new(ACCESS_KEY_ID, SECRET),
    };
    candidate(name, token, move |i| {
        let mut put = bucket.put_object(Some(&credentials), keys[i % KEYS].as_str());
        put.headers_mut().insert("content-type", "image/jpeg");
        put.sign(LIFETIME)
    })
}

pub(crate) fn reqsign<'a>(name: &'static str, keys: &'a [ObjectKey], token: Option<&str>) -> Candidate<'a> {
    let signer = reqsign_aws_v4::RequestSigner::new("s3", REGION);
    let (context, runtime) = (Context::new(), runtime());
    let credential = reqsign_aws_v4::Credential {
        access_key_id: ACCESS_KEY_ID.into(),
        secret_access_key: SECRET.into(),
        session_token: token.map(str::to_owned),
        ..reqsign_aws_v4::Credential::default()
    };
    candidate(name, token, move |i| {
        let request = http::Request::put(object_url(&keys[i % KEYS])).header(CONTENT_TYPE, "image/jpeg");
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let signed = signer.sign_request(&context, &mut parts, Some(&credential), Some(LIFETIME));
        runtime.block_on(signed).unwrap();
        parts.uri.to_string()
    })
}

pub(crate) fn object_store<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    token: Option<&str>,
) -> Candidate<'a> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(BUCKET)
        .with_region(REGION)
        .with_virtual_hosted_style_request(true)
        .with_access_key_id(ACCESS_KEY_ID)
        .with_secret_access_key(SECRET);
    if let Some(token) = token {
        builder = builder.with_token(token);
    }
    let (store, runtime) = (builder.build().unwrap(), runtime());
    let options =
        SignedUrlOptions::new().with_signed_header(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    candidate(name, token, move |i| {
        let path = object_store::path::Path::from(keys[i % KEYS].as_str());
        let url = store.signed_url_opts(http::Method::PUT, &path, LIFETIME, &options);
        runtime.block_on(url).unwrap()
    })
}

pub(crate) fn rust_s3<'a>(name: &'static str, keys: &'a [ObjectKey], token: Option<&str>) -> Candidate<'a> {
    let credentials =
        s3::creds::Credentials::new(Some(ACCESS_KEY_ID), Some(SECRET), token, None, None).unwrap();
    let bucket = s3::Bucket::new(BUCKET, REGION.parse().unwrap(), credentials).unwrap();
    candidate(name, token, move |i| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
        bucket.presign_put(keys[i % KEYS].as_str(), 900, Some(headers), None).unwrap()
    })
}

pub(crate) fn minio<'a>(name: &'static str, keys: &'a [ObjectKey], token: Option<&str>) -> Candidate<'a> {
    use minio::s3::MinioClient;
    use minio::s3::creds::StaticProvider;
    let base = format!("https://s3.{REGION}.amazonaws.com").parse().unwrap();
    let provider = StaticProvider::new(ACCESS_KEY_ID, SECRET, token);
    let client = MinioClient::new(base, Some(provider), None, None).unwrap();
    let runtime = runtime();
    candidate(name, token, move |i| {
        let presigned = client
            .get_presigned_object_url(BUCKET, keys[i % KEYS].as_str(), http::Method::PUT)
            .unwrap()
            .region(Some(REGION.try_into().unwrap()))
            .expiry_seconds(900_u32)
            .build();
        runtime.block_on(presigned.send()).unwrap().url
    })
}

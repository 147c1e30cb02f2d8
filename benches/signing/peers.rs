//! Other people's signers, each in the way its documentation shows.

use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::signer::Signer;
use reqsign_core::{Context, SignRequest};
use rusty_s3::{Bucket, Credentials as RustyCredentials, S3Action, UrlStyle};
use tokio::runtime::{Builder, Runtime};
use upsign_aws::{AwsSigV4, SdkPresigner};
use upsign_core::{Credentials, ObjectKey, Operation, PresignRequest, Presigner, Sign};

use super::{BUCKET, Contender, ID, KEYS, REGION, SECRET, at, ours, request};

const LIFETIME: Duration = Duration::from_secs(900);

fn requests(keys: &[ObjectKey]) -> Vec<PresignRequest> {
    keys.iter().map(|key| request(Operation::PutObject, key)).collect()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub(crate) fn aws_sigv4(
    name: &'static str,
    keys: &[ObjectKey],
    credentials: Credentials,
) -> Contender<'static> {
    let (requests, at) = (requests(keys), at());
    Contender::new(name, move |i| {
        AwsSigV4::new().sign(&requests[i % KEYS], &credentials, at).unwrap().url.expose().len()
    })
}

pub(crate) fn aws_sigv4_parts(name: &'static str, credentials: Credentials) -> Contender<'static> {
    let (parts, at): (Vec<_>, _) = ((1..=256).map(ours::part).collect(), at());
    Contender::new(name, move |i| {
        AwsSigV4::new().sign(&parts[i % parts.len()], &credentials, at).unwrap().url.expose().len()
    })
}

pub(crate) fn aws_sdk(keys: &[ObjectKey], credentials: Credentials) -> Contender<'static> {
    let (presigner, requests, at, runtime) =
        (SdkPresigner::new(credentials), requests(keys), at(), runtime());
    Contender::new("aws-sdk-s3 (SdkPresigner)", move |i| {
        runtime.block_on(presigner.presign(&requests[i % KEYS], at)).unwrap().url.expose().len()
    })
}

pub(crate) fn rusty_s3<'a>(keys: &'a [ObjectKey], token: Option<&str>) -> Contender<'a> {
    let endpoint = format!("https://s3.{REGION}.amazonaws.com").parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::VirtualHost, BUCKET, REGION).unwrap();
    let credentials = match token {
        Some(token) => RustyCredentials::new_with_token(ID, SECRET, token),
        None => RustyCredentials::new(ID, SECRET),
    };
    Contender::new("rusty-s3", move |i| {
        let mut put = bucket.put_object(Some(&credentials), keys[i % KEYS].as_str());
        put.headers_mut().insert("content-type", "image/jpeg");
        put.sign(LIFETIME).as_str().len()
    })
}

pub(crate) fn reqsign<'a>(keys: &'a [ObjectKey], token: Option<&str>) -> Contender<'a> {
    let signer = reqsign_aws_v4::RequestSigner::new("s3", REGION);
    let (context, runtime) = (Context::new(), runtime());
    let credential = reqsign_aws_v4::Credential {
        access_key_id: ID.into(),
        secret_access_key: SECRET.into(),
        session_token: token.map(str::to_owned),
        ..reqsign_aws_v4::Credential::default()
    };
    Contender::new("reqsign-aws-v4", move |i| {
        let uri = format!("https://{BUCKET}.s3.{REGION}.amazonaws.com/{}", keys[i % KEYS]);
        let request = http::Request::put(uri).header("content-type", "image/jpeg").body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let signed = signer.sign_request(&context, &mut parts, Some(&credential), Some(LIFETIME));
        runtime.block_on(signed).unwrap();
        parts.uri.to_string().len()
    })
}

pub(crate) fn object_store(keys: &[ObjectKey]) -> Contender<'_> {
    let store = AmazonS3Builder::new()
        .with_bucket_name(BUCKET)
        .with_region(REGION)
        .with_virtual_hosted_style_request(true)
        .with_access_key_id(ID)
        .with_secret_access_key(SECRET)
        .build()
        .unwrap();
    let runtime = runtime();
    Contender::new("object_store (host alone signed)", move |i| {
        let path = object_store::path::Path::from(keys[i % KEYS].as_str());
        let url = store.signed_url(http::Method::PUT, &path, LIFETIME);
        runtime.block_on(url).unwrap().as_str().len()
    })
}

pub(crate) fn rust_s3(keys: &[ObjectKey]) -> Contender<'_> {
    let credentials = s3::creds::Credentials::new(Some(ID), Some(SECRET), None, None, None).unwrap();
    let bucket = s3::Bucket::new(BUCKET, REGION.parse().unwrap(), credentials).unwrap();
    Contender::new("rust-s3", move |i| {
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("image/jpeg"));
        bucket.presign_put(keys[i % KEYS].as_str(), 900, Some(headers), None).unwrap().len()
    })
}

pub(crate) fn minio(keys: &[ObjectKey]) -> Contender<'_> {
    use minio::s3::MinioClient;
    use minio::s3::creds::StaticProvider;
    let base = format!("https://s3.{REGION}.amazonaws.com").parse().unwrap();
    let client = MinioClient::new(base, Some(StaticProvider::new(ID, SECRET, None)), None, None).unwrap();
    let runtime = runtime();
    Contender::new("minio (host alone signed)", move |i| {
        let presigned = client
            .get_presigned_object_url(BUCKET, keys[i % KEYS].as_str(), http::Method::PUT)
            .unwrap()
            .region(Some(REGION.try_into().unwrap()))
            .expiry_seconds(900_u32)
            .build();
        runtime.block_on(presigned.send()).unwrap().url.len()
    })
}

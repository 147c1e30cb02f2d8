//! A stand-in for CloudFront, which does what the distribution of a generated stack says: it accepts signatures of the trusted keys, passes
//! the query of the cache policy to the bucket, and signs the request to it as origin access control does.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use reqwest::Method;
use serde_json::Value;
use upsign::Target;
use upsign::types::{CorsOrigins, Timestamp};
use upsign_documents::{
    Deployment, IamContext, IamPolicy, IamRequest, Reads, RequestPrincipal, read_access_template,
};

use crate::store::Store;
use crate::uploader::send_signed;

const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE";

/// The domain of the distribution.
pub(crate) const DOMAIN: &str = "d111111abcdef8.cloudfront.net";

/// What the edge answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) disposition: Option<String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Edge {
    /// The keys of the trusted group, by the ids that CloudFront gave to them.
    keys: BTreeMap<String, Vec<u8>>,
    /// The names of the query parameters that reach the bucket.
    pub(crate) query: Vec<String>,
    is_https_only: bool,
    /// The policy of the bucket.
    policy: IamPolicy,
    origin: Target,
    /// The bucket as the documents know it, in AWS.
    bucket: Target,
}

/// Returns the id that this edge gives to the resource of a key.
pub(crate) fn key_pair_id(resource: &str) -> String {
    format!("K{}", resource.to_ascii_uppercase())
}

impl Edge {
    /// Creates the distribution that a deployment has for its only bucket, in front of `store`.
    pub(crate) fn new(store: &Store, deployment: &Deployment) -> Self {
        assert_eq!(deployment.reads(), Reads::CloudFront);
        let template = read_access_template(deployment).unwrap().to_json();
        let template: Value = serde_json::from_str(&template).unwrap();
        let properties = |name: &str| template["Resources"][name]["Properties"].clone();
        let distribution = properties("Distribution")["DistributionConfig"].clone();
        let behavior = &distribution["DefaultCacheBehavior"];
        let referred = |value: &Value| value["Ref"].as_str().unwrap().to_owned();
        let groups = behavior["TrustedKeyGroups"].as_array().unwrap();
        let group = properties(&referred(&groups[0]))["KeyGroupConfig"].clone();
        let keys = group["Items"].as_array().unwrap().iter().map(|item| {
            let name = referred(item);
            let pem = properties(&name)["PublicKeyConfig"]["EncodedKey"].as_str().unwrap().to_owned();
            let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
            (key_pair_id(&name), STANDARD.decode(base64).unwrap())
        });
        let cache = properties(&referred(&behavior["CachePolicyId"]))["CachePolicyConfig"].clone();
        let query = &cache["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"];
        assert_eq!(query["QueryStringBehavior"], "whitelist");
        let access = properties("DistributionAccess")["OriginAccessControlConfig"].clone();
        assert_eq!(
            (&access["SigningBehavior"], &access["SigningProtocol"]),
            (&"always".into(), &"sigv4".into())
        );
        let bucket = &deployment.buckets()[0];
        Self {
            keys: keys.collect(),
            query: query["QueryStrings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_str().unwrap().into())
                .collect(),
            is_https_only: behavior["ViewerProtocolPolicy"] == "https-only",
            policy: IamPolicy::for_bucket(deployment, bucket, Some(DISTRIBUTION)).unwrap(),
            origin: store.target.clone(),
            bucket: deployment.policies().next().unwrap().target().clone(),
        }
    }

    /// Returns the ids of the keys.
    pub(crate) fn key_pair_ids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// Answers a request of a viewer at an instant.
    pub(crate) async fn get(&self, url: &str, at: Timestamp) -> Answer {
        match self.permitted(url, at) {
            Some((path, query)) => self.forward(&path, &query).await,
            None => forbidden(),
        }
    }

    /// Returns the path and the decoded query of a URL whose signature is valid.
    fn permitted(&self, url: &str, at: Timestamp) -> Option<(String, Vec<(String, String)>)> {
        let rest = match url.strip_prefix("https://") {
            Some(rest) => rest,
            None if self.is_https_only => return None,
            None => url.strip_prefix("http://")?,
        };
        let (host, path) = rest.split_once('/')?;
        assert_eq!(host, DOMAIN);
        let (path, query) = path.split_once('?')?;
        let is_own = |pair: &&str| {
            ["Expires=", "Signature=", "Key-Pair-Id=", "Hash-Algorithm="]
                .iter()
                .any(|name| pair.starts_with(name))
        };
        let (own, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(is_own);
        let value = |name: &str| own.iter().find_map(|pair| pair.strip_prefix(name));
        let expires: u64 = value("Expires=")?.parse().ok()?;
        let separator = if others.is_empty() { "" } else { "?" };
        let resource = format!("https://{host}/{path}{separator}{}", others.join("&"));
        let policy = format!(
            r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
        );
        let signature = value("Signature=")?.replace('-', "+").replace('_', "=").replace('~', "/");
        let signature = STANDARD.decode(signature).ok()?;
        let key = self.keys.get(value("Key-Pair-Id=")?)?;
        // Without it, CloudFront expects SHA-1.
        let is_sha256 = value("Hash-Algorithm=") == Some("SHA256");
        let is_valid = |algorithm: &'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(algorithm, key).verify(policy.as_bytes(), &signature).is_ok()
        };
        let is_signed = is_valid(&RSA_PKCS1_2048_8192_SHA256) || is_valid(&ECDSA_P256_SHA256_ASN1);
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let pairs = others.iter().filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
        (is_sha256 && is_signed && at.as_unix() < expires).then(|| (format!("/{path}"), pairs))
    }

    /// Asks the bucket for what the cache policy passes on.
    async fn forward(&self, path: &str, query: &[(String, String)]) -> Answer {
        let passed = query.iter().filter(|(name, _)| self.query.contains(name));
        let passed: Vec<(&str, &str)> = passed.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let is_version = passed.iter().any(|(name, _)| *name == "versionId");
        let key = percent_decode_str(path.trim_start_matches('/')).decode_utf8().unwrap();
        let request = IamRequest {
            principal: RequestPrincipal::Service("cloudfront.amazonaws.com".into()),
            action: if is_version { "s3:GetObjectVersion" } else { "s3:GetObject" }.into(),
            resource: self.bucket.object_arn(&key),
            context: IamContext::new()
                .with("aws:SecureTransport", "true")
                .with("s3:signatureversion", "AWS4-HMAC-SHA256")
                .with("s3:TlsVersion", "1.3")
                .with("aws:SourceArn", DISTRIBUTION),
        };
        if !request.evaluate(&[], Some(&self.policy)).is_allowed() {
            return forbidden();
        }
        let answer = send_signed(Method::GET, &self.origin, path, &passed, "").await;
        let header = |name: &str| answer.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
        Answer {
            status: answer.status().as_u16(),
            content_type: header("content-type").unwrap_or_default(),
            disposition: header("content-disposition"),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }
}

fn forbidden() -> Answer {
    Answer { status: 403, content_type: "text/xml".into(), disposition: None, body: Vec::new() }
}

/// Returns the deployment of routes whose uploads are read through the distribution.
pub(crate) fn deployment(policy: &upsign::UploadPolicy, bucket: &Target) -> Deployment {
    let policy = policy.with_target(bucket.clone()).unwrap();
    Deployment::new([policy], CorsOrigins::listed([])).with_reads(Reads::CloudFront)
}

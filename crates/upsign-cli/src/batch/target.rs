//! Members that lines of `presign --batch` and `post --batch` share: target, time and credentials.

use serde_json::Value;
use upsign_core::{
    Addressing, Credentials, Endpoint, ExpiresIn, Expiry, InvalidResource, Region, Resource, SignatureFamily,
    Target, Timestamp,
};

use super::error::LineError;
use super::members::members;

members! {
    /// How the bucket is reached.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    struct EndpointOptions {
        required {}
        optional {
            url: String = "endpoint, as in https://s3.example.com";
            addressing: String = "auto, virtual, path or bucket-is-host; default auto";
            dualstack: bool = "use the dual-stack endpoint; default false";
            fips: bool = "use the FIPS endpoint; default false";
            accelerate: bool = "use Transfer Acceleration; default false";
            use_arn_region: bool = "use the region in an access point ARN; default true";
            signature: String = "sigv4, or goog4-hmac for Google Cloud Storage with an HMAC key; default sigv4";
        }
    }
}

members! {
    /// The credentials that sign a line.
    #[serde(deny_unknown_fields)]
    struct LineCredentials {
        required {
            access_key_id: String = "access key id";
            secret_access_key: String = "secret access key";
        }
        optional {
            session_token: String = "session token of temporary credentials";
        }
    }
}

pub(super) fn target(
    bucket: &str,
    region: &str,
    options: Option<&EndpointOptions>,
) -> Result<Target, LineError> {
    let resource: Resource = bucket.parse().map_err(|error| match error {
        InvalidResource::Arn(error) => LineError::new("invalid-arn", error.to_string()),
        error => LineError::new("invalid-bucket", error.to_string()),
    })?;
    let region: Region = region.parse().map_err(LineError::with("invalid-region"))?;
    let defaults = EndpointOptions::default();
    let options = options.unwrap_or(&defaults);
    let mut addressing = match options.addressing.as_deref() {
        None | Some("auto") => Addressing::Auto,
        Some("virtual") => Addressing::VirtualHosted,
        Some("path") => Addressing::Path,
        Some("bucket-is-host") => Addressing::BucketHost,
        Some(_) => {
            let message = "addressing must be auto, virtual, path or bucket-is-host";
            return Err(LineError::new("invalid-addressing", message));
        }
    };
    let family = match options.signature.as_deref() {
        None | Some("sigv4") => SignatureFamily::Aws,
        Some("goog4-hmac") => SignatureFamily::Google,
        Some(_) => return Err(LineError::new("unknown-signature", "signature must be sigv4 or goog4-hmac")),
    };
    let is_bucket = !matches!(resource, Resource::AccessPoint(_));
    let mut builder = Target::builder(resource.clone(), region).signature_family(family);
    if let Some(url) = &options.url {
        let endpoint: Endpoint = url.parse().map_err(LineError::with("invalid-endpoint"))?;
        if let Resource::Bucket(bucket) = &resource {
            let stated = (addressing != Addressing::Auto).then_some(addressing);
            let fits = endpoint.check_bucket(bucket, stated);
            fits.map_err(|error| LineError::new("invalid-endpoint", format!("the endpoint {error}")))?;
        }
        // The SDKs treat virtual-hosted addressing as a preference: an IP address has no subdomains, so they fall back.
        if is_bucket && endpoint.is_ip() && addressing == Addressing::VirtualHosted {
            addressing = Addressing::Path;
        }
        builder = builder.endpoint(endpoint);
    }
    builder
        .addressing(addressing)
        .dualstack(options.dualstack.unwrap_or(false))
        .fips(options.fips.unwrap_or(false))
        .accelerate(options.accelerate.unwrap_or(false))
        .use_arn_region(options.use_arn_region.unwrap_or(true))
        .build()
        .map_err(LineError::with("invalid-endpoint"))
}

/// Returns a line's credentials.
///
/// A line states its own `expires_in`, so a session token is assumed to outlive the signature.
pub(super) fn credentials(line: &LineCredentials) -> Result<Credentials, LineError> {
    let (id, secret) = (&line.access_key_id, &line.secret_access_key);
    let credentials = match &line.session_token {
        Some(token) => Credentials::temporary(id, secret, token, Expiry::At(Timestamp::MAX)),
        None => Credentials::long_term(id, secret),
    };
    credentials.map_err(LineError::with("invalid-credentials"))
}

pub(super) fn expires_in(seconds: &Value) -> Result<ExpiresIn, LineError> {
    let seconds = seconds.as_u64().ok_or_else(|| {
        LineError::new("invalid-expires-in", "expires_in must be a whole number of seconds")
    })?;
    ExpiresIn::from_secs(seconds).map_err(LineError::with("invalid-expires-in"))
}

pub(super) fn at(time: &str) -> Result<Timestamp, LineError> {
    time.parse().map_err(LineError::with("invalid-time"))
}

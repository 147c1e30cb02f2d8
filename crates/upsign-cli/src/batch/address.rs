//! What the lines of both batches have in common: where, when, and by whom.

use serde::Deserialize;
use serde_json::Value;
use upsign_core::{
    Addressing, Credentials, Endpoint, ExpiresIn, Expiry, InvalidResource, Region, Resource, Target,
    Timestamp,
};

use super::refused::Refused;

/// `{"url","addressing","dualstack","fips","accelerate","use_arn_region"}`, each of which may be absent.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Choices {
    url: Option<String>,
    addressing: Option<String>,
    dualstack: Option<bool>,
    fips: Option<bool>,
    accelerate: Option<bool>,
    use_arn_region: Option<bool>,
}

/// `{"access_key_id","secret_access_key","session_token"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

pub(crate) fn target(bucket: &str, region: &str, choices: Option<&Choices>) -> Result<Target, Refused> {
    let resource: Resource = bucket.parse().map_err(|error| match error {
        InvalidResource::Arn(error) => Refused::new("invalid-arn", error.to_string()),
        error => Refused::new("invalid-bucket", error.to_string()),
    })?;
    let region: Region = region.parse().map_err(Refused::with("invalid-region"))?;
    let none = Choices::default();
    let choices = choices.unwrap_or(&none);
    let mut addressing = match choices.addressing.as_deref() {
        None | Some("auto") => Addressing::Auto,
        Some("virtual") => Addressing::VirtualHosted,
        Some("path") => Addressing::Path,
        Some(_) => return Err(Refused::new("invalid-addressing", "addressing is auto, virtual or path")),
    };
    let is_bucket = matches!(resource, Resource::Bucket(_));
    let mut builder = Target::builder(resource, region);
    if let Some(url) = &choices.url {
        let endpoint: Endpoint = url.parse().map_err(Refused::with("invalid-endpoint"))?;
        // As the SDKs take the setting: a wish, which an IP address cannot grant.
        if is_bucket && endpoint.is_ip() && addressing == Addressing::VirtualHosted {
            addressing = Addressing::Path;
        }
        builder = builder.endpoint(endpoint);
    }
    builder
        .addressing(addressing)
        .dualstack(choices.dualstack.unwrap_or(false))
        .fips(choices.fips.unwrap_or(false))
        .accelerate(choices.accelerate.unwrap_or(false))
        .use_arn_region(choices.use_arn_region.unwrap_or(true))
        .build()
        .map_err(Refused::with("invalid-endpoint"))
}

/// A line decides for itself how long its signature lives, so its credentials are taken to outlive it.
pub(crate) fn credentials(keys: &Keys) -> Result<Credentials, Refused> {
    let (id, secret) = (&keys.access_key_id, &keys.secret_access_key);
    let credentials = match &keys.session_token {
        Some(token) => Credentials::temporary(id, secret, token, Expiry::At(Timestamp::MAX)),
        None => Credentials::long_term(id, secret),
    };
    credentials.map_err(Refused::with("invalid-credentials"))
}

pub(crate) fn expires_in(seconds: &Value) -> Result<ExpiresIn, Refused> {
    let whole = seconds.as_u64();
    let whole =
        whole.ok_or_else(|| Refused::new("invalid-expires-in", "expires_in is a whole number of seconds"))?;
    ExpiresIn::from_secs(whole).map_err(Refused::with("invalid-expires-in"))
}

pub(crate) fn at(time: &str) -> Result<Timestamp, Refused> {
    time.parse().map_err(Refused::with("invalid-time"))
}

//! The endpoint configuration of an SDK's client.

use serde_json::{Value, json};
use upsign_core::{Addressing, Endpoint, Resource, Target};

/// A client's settings, from the configuration of either SDK.
pub(crate) struct ClientOptions<'a> {
    pub(crate) region: &'a str,
    url: Option<&'a str>,
    addressing: &'a str,
    dualstack: bool,
    fips: bool,
    accelerate: bool,
    use_arn_region: Option<bool>,
}

impl<'a> ClientOptions<'a> {
    pub(crate) fn of(client: &'a Value) -> Self {
        let s3 = client.get("s3").unwrap_or(&Value::Null);
        let text = |value: &'a Value, name: &str| value.get(name).and_then(Value::as_str);
        let flag = |value: &Value, name: &str| value.get(name).and_then(Value::as_bool);
        let either = |boto3: &str, js: &str| flag(client, boto3).or(flag(client, js)).unwrap_or(false);
        let path = flag(client, "forcePathStyle").unwrap_or(false);
        Self {
            region: text(client, "region").unwrap(),
            url: text(client, "endpoint_url").or(text(client, "endpoint")),
            addressing: if path { "path" } else { text(s3, "addressing_style").unwrap_or("auto") },
            dualstack: either("dualstack", "useDualstackEndpoint"),
            fips: either("fips", "useFipsEndpoint"),
            accelerate: flag(s3, "use_accelerate_endpoint").unwrap_or(false)
                || flag(client, "useAccelerateEndpoint").unwrap_or(false),
            use_arn_region: flag(s3, "use_arn_region").or(flag(client, "useArnRegion")),
        }
    }

    pub(crate) fn line(&self) -> Value {
        let mut line = json!({
            "url": self.url,
            "addressing": self.addressing,
            "dualstack": self.dualstack,
            "fips": self.fips,
            "accelerate": self.accelerate,
        });
        if let Some(use_arn_region) = self.use_arn_region {
            line["use_arn_region"] = use_arn_region.into();
        }
        line
    }

    pub(crate) fn target(&self, bucket: &str) -> Result<Target, String> {
        let resource: Resource = bucket.parse().map_err(|error| format!("{error}"))?;
        let region = self.region.parse().map_err(|error| format!("{error}"))?;
        let mut addressing = match self.addressing {
            "path" => Addressing::Path,
            "virtual" => Addressing::VirtualHosted,
            _ => Addressing::Auto,
        };
        let mut builder = Target::builder(resource, region);
        if let Some(url) = self.url {
            let endpoint: Endpoint = url.parse().map_err(|error| format!("{error}"))?;
            if endpoint.is_ip() && addressing == Addressing::VirtualHosted {
                addressing = Addressing::Path;
            }
            builder = builder.endpoint(endpoint);
        }
        let builder = builder.addressing(addressing).dualstack(self.dualstack).fips(self.fips);
        let builder = builder.accelerate(self.accelerate).use_arn_region(self.use_arn_region.unwrap_or(true));
        builder.build().map_err(|error| error.to_string())
    }

    /// Replaces a global host, which boto3 uses by default and the SDK for JavaScript on request, by the regional one.
    pub(crate) fn regional(&self, host: &str) -> String {
        for global in ["s3.amazonaws.com", "s3-external-1.amazonaws.com"] {
            let before = host.strip_suffix(global);
            if let Some(before) = before.filter(|before| before.is_empty() || before.ends_with('.')) {
                return format!("{before}s3.{}.amazonaws.com", self.region);
            }
        }
        host.to_owned()
    }
}

//! The bucket and its endpoint.

use upsign_core::{
    Addressing, Endpoint, InvalidEndpoint, InvalidRegion, Provider, Region, Resource, Target, error_chain,
};

use super::route::Scope;
use super::values::Reader;
use super::{pasted, regions};
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::warning::WarningCode;

const ADDRESSING: [(&str, Addressing); 3] =
    [("path", Addressing::Path), ("virtual", Addressing::VirtualHosted), ("auto", Addressing::Auto)];

impl Reader {
    pub(super) fn target(&mut self, scope: &Scope) -> Option<Target> {
        let key = |reader: &Self, name| scope.bucket_key(name, reader);
        let bucket = self.bucket(&key(self, "name"));
        let region = self.region(&key(self, "region"));
        let endpoint_key = key(self, "endpoint");
        let endpoint = self.endpoint(&endpoint_key);
        if endpoint.is_none() && self.has(&endpoint_key) {
            // Everything below depends on the endpoint.
            return None;
        }
        let provider = self.provider(scope);
        let addressing_key = key(self, "addressing");
        let addressing = self.choice(&addressing_key, &ADDRESSING);
        let provider = provider?;
        let (bucket, region) = (bucket?, region?);
        if provider == Provider::Aws && endpoint.is_none() {
            self.judge_region(&key(self, "region"), &region);
        }
        let mut builder = Target::builder(bucket, region.clone());
        match endpoint.or_else(|| provider.endpoint(&region)) {
            Some(endpoint) if !provider.accepts_endpoint(&endpoint) => {
                let message = format!("{endpoint} is not an endpoint of {provider}");
                let help = match provider {
                    Provider::R2 => {
                        "write the endpoint of the account: https://ACCOUNT_ID.r2.cloudflarestorage.com; other addresses reject signatures"
                    }
                    _ => "write the endpoint of the account; other addresses reject signatures",
                };
                self.report(&endpoint_key, Finding::contradiction(message).help(help));
                return None;
            }
            Some(endpoint) => {
                let addressing = addressing.unwrap_or_else(|| provider.default_addressing());
                builder = builder.endpoint(endpoint).addressing(addressing);
            }
            None if provider != Provider::Aws => {
                let example = match provider {
                    Provider::R2 => "\"https://ACCOUNT_ID.r2.cloudflarestorage.com\"",
                    _ => "\"https://s3.example.com\" # the address of your store",
                };
                self.report_missing(&endpoint_key, example);
                return None;
            }
            None => {
                if self.has(&addressing_key) {
                    let finding = Finding::contradiction("has an effect only with an endpoint");
                    let help = "remove it: the addressing of AWS buckets is fixed";
                    self.report(&addressing_key, finding.help(help));
                }
            }
        }
        let enabled = |name| self.flag(&key(self, name)).unwrap_or(false);
        builder =
            builder.dualstack(enabled("dualstack")).fips(enabled("fips")).accelerate(enabled("accelerate"));
        let candidates =
            ["accelerate", "fips", "dualstack", "addressing", "name"].map(|name| key(self, name));
        builder
            .build()
            .map_err(|error| {
                let key = candidates.iter().find(|key| self.has(key)).cloned().unwrap_or(addressing_key);
                self.report(&key, Finding::contradiction(error.to_string()).help("remove one of them"));
            })
            .ok()
    }

    fn bucket(&mut self, key: &str) -> Option<Resource> {
        let text = self.required(key, "\"article-images-bucket\"")?;
        let error = match text.parse() {
            Ok(bucket) => return Some(bucket),
            Err(error) => error,
        };
        let meant = pasted::bucket(&text);
        let form = match &text {
            arn if arn.starts_with("arn:") && meant.is_some() => Some("its ARN"),
            url if url.contains("://") => Some("a URL"),
            _ => None,
        };
        let finding = match (form, meant) {
            (Some(form), Some(name)) => {
                let finding = Finding::invalid(format!("write the bucket's name, not {form}"));
                finding.help(self.assignment(key, &Value::Text(name)))
            }
            (_, Some(name)) => Finding::malformed(&text, &error)
                .help(format!("{}, if that is the bucket's name", self.assignment(key, &Value::Text(name)))),
            (_, None) => Finding::malformed(&text, &error_chain(&error)),
        };
        self.report(key, finding);
        None
    }

    fn region(&mut self, key: &str) -> Option<Region> {
        let text = self.required(key, "\"ap-southeast-1\" # the region of the bucket")?;
        let report = |error: InvalidRegion| {
            let finding = match pasted::region(&text) {
                Some(region) => {
                    let finding = Finding::invalid(format!("{} is not a region", shown(&text)));
                    finding.help(self.assignment(key, &Value::Text(region)))
                }
                None => Finding::malformed(&text, &error)
                    .help("`aws s3api get-bucket-location --bucket BUCKET` prints the region of a bucket"),
            };
            self.report(key, finding);
        };
        text.parse().map_err(report).ok()
    }

    /// Warns about a region that is in no table, such as `ap-southest-1`: AWS would reject every upload.
    ///
    /// The name of an availability zone, such as `eu-central-1a`, is an error: no region can have it.
    fn judge_region(&mut self, key: &str, region: &Region) {
        if let Some(meant) = regions::of_zone(region.as_str()) {
            let message = format!("\"{region}\" is an availability zone, not a region");
            let help = self.assignment(key, &Value::Text(meant.into()));
            return self.report(key, Finding::invalid(message).help(help));
        }
        if !regions::is_known(region.as_str()) {
            let message = format!("\"{region}\" is no region of AWS that this version knows");
            let help = match regions::meant(region.as_str()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => "set provider or endpoint for a store other than AWS".to_owned(),
            };
            self.warn(WarningCode::UnknownRegion, key, None, message, help);
        }
    }

    fn endpoint(&mut self, key: &str) -> Option<Endpoint> {
        let text = self.text(key)?;
        let report = |error: InvalidEndpoint| {
            let finding = Finding::malformed(&text, &error);
            let finding = match pasted::endpoint(&text) {
                Some(url) => finding.help(self.assignment(key, &Value::Text(url))),
                None => finding,
            };
            self.report(key, finding);
        };
        text.parse().map_err(report).ok()
    }

    /// Returns the provider: the named one, or else `custom` if an endpoint is set, or else AWS. Returns `None` if the name is
    /// reported.
    pub(super) fn provider(&mut self, scope: &Scope) -> Option<Provider> {
        let key = scope.bucket_key("provider", self);
        if self.has(&key) {
            return self.named(&key);
        }
        let has_endpoint = self.has(&scope.bucket_key("endpoint", self));
        Some(if has_endpoint { Provider::Custom } else { Provider::Aws })
    }

    /// Returns the provider if it is named. Only then are its capabilities known.
    pub(super) fn named_provider(&self, scope: &Scope) -> Option<Provider> {
        self.text(&scope.bucket_key("provider", self))?.parse().ok()
    }
}

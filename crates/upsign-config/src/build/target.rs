//! The bucket and its endpoint.

use upsign_core::{Addressing, Endpoint, Provider, Region, Resource, Target};

use super::route::Scope;
use super::values::Reader;
use crate::source::raw::Located;

const ADDRESSING: [(&str, Addressing); 3] =
    [("path", Addressing::Path), ("virtual", Addressing::VirtualHosted), ("auto", Addressing::Auto)];

impl Reader<'_> {
    pub(super) fn target(&mut self, scope: &Scope) -> Option<Target> {
        let key = |reader: &Self, name| scope.bucket_key(name, reader);
        let bucket: Option<Resource> = self.parsed(&key(self, "name"), "write name = \"BUCKET\" in [bucket]");
        let hint = "set the region of the bucket: a URL signed for another region does not work";
        let region: Option<Region> = self.parsed(&key(self, "region"), hint);
        let endpoint_key = key(self, "endpoint");
        let endpoint: Option<Endpoint> = self.optional(&endpoint_key);
        let provider = self.provider(scope);
        let addressing_key = key(self, "addressing");
        let addressing = self.choice(&addressing_key, &ADDRESSING, "");
        let (bucket, region) = (bucket?, region?);
        let mut builder = Target::builder(bucket, region.clone());
        match endpoint.or_else(|| provider.endpoint(&region)) {
            Some(endpoint) if !provider.accepts_endpoint(&endpoint) => {
                let hint = "use the endpoint of the account; other addresses reject signatures";
                self.report(&endpoint_key, &format!("is not an endpoint of {provider}"), hint);
                return None;
            }
            Some(endpoint) => {
                let addressing = addressing.unwrap_or_else(|| provider.default_addressing());
                builder = builder.endpoint(endpoint).addressing(addressing);
            }
            None if provider != Provider::Aws => {
                let hint =
                    "this provider has no endpoint per region: set the endpoint of your account or server";
                self.report_missing(&endpoint_key, hint);
                return None;
            }
            None => {
                if let Some(Located { place, .. }) = self.raw.values.get(&addressing_key).cloned() {
                    let hint = "remove it: the addressing of AWS buckets is fixed";
                    self.raw.problem(place, &addressing_key, "requires bucket.endpoint", hint);
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
                self.report(&key, &error, "");
            })
            .ok()
    }

    /// Returns the provider: the named one, or else `custom` if an endpoint is set, or else AWS.
    pub(super) fn provider(&mut self, scope: &Scope) -> Provider {
        let has_endpoint = self.has(&scope.bucket_key("endpoint", self));
        let named: Option<Provider> = self.optional(&scope.bucket_key("provider", self));
        named.unwrap_or(if has_endpoint { Provider::Custom } else { Provider::Aws })
    }

    /// Returns the provider if it is named. Only then are its capabilities known.
    pub(super) fn named_provider(&self, scope: &Scope) -> Option<Provider> {
        self.text(&scope.bucket_key("provider", self))?.parse().ok()
    }
}

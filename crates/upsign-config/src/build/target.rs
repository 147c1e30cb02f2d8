//! The bucket and its address.

use upsign_core::{Addressing, Endpoint, Provider, Region, Resource, Target};

use super::route::Scope;
use super::values::Reader;
use crate::raw::Located;

const ADDRESSING: [(&str, Addressing); 3] =
    [("path", Addressing::Path), ("virtual", Addressing::VirtualHosted), ("auto", Addressing::Auto)];

impl Reader<'_> {
    pub(super) fn target(&mut self, scope: &Scope) -> Option<Target> {
        let key = |reader: &Self, name| scope.bucket_key(name, reader);
        let bucket: Option<Resource> =
            self.parsed(&key(self, "name"), "name the bucket: name = \"…\" in [bucket]");
        let hint = "a URL signed for another region than the bucket's does not work";
        let region: Option<Region> = self.parsed(&key(self, "region"), hint);
        let endpoint_key = key(self, "endpoint");
        let given: Option<Endpoint> = self.optional(&endpoint_key);
        let provider = self.provider(scope);
        let addressing_key = key(self, "addressing");
        let addressing = self.choice(&addressing_key, &ADDRESSING, "");
        let (bucket, region) = (bucket?, region?);
        let mut builder = Target::builder(bucket, region.clone());
        match given.or_else(|| provider.endpoint(&region)) {
            Some(endpoint) if !provider.answers_at(&endpoint) => {
                let hint = "take the account's own endpoint: signatures count there alone";
                self.wrong(&endpoint_key, &format!("no endpoint of {provider}"), hint);
                return None;
            }
            Some(endpoint) => {
                let addressing = addressing.unwrap_or_else(|| provider.addressing());
                builder = builder.endpoint(endpoint).addressing(addressing);
            }
            None if provider != Provider::Aws => {
                let hint = "this provider has no endpoint of its own by region: give yours";
                self.missing(&endpoint_key, hint);
                return None;
            }
            None => {
                if let Some(Located { place, .. }) = self.raw.values.get(&addressing_key).cloned() {
                    let hint = "leave it out: AWS's buckets are addressed as they must be";
                    self.raw.problem(place, &addressing_key, "goes with bucket.endpoint", hint);
                }
            }
        }
        let chosen = |name| self.flag(&key(self, name)).unwrap_or(false);
        builder =
            builder.dualstack(chosen("dualstack")).fips(chosen("fips")).accelerate(chosen("accelerate"));
        let blamed = ["accelerate", "fips", "dualstack", "addressing", "name"].map(|name| key(self, name));
        builder
            .build()
            .map_err(|error| {
                let key = blamed.iter().find(|key| self.has(key)).cloned().unwrap_or(addressing_key);
                self.wrong(&key, &error, "");
            })
            .ok()
    }

    /// The store: AWS unless named, or unless an endpoint is given.
    pub(super) fn provider(&mut self, scope: &Scope) -> Provider {
        let has_endpoint = self.has(&scope.bucket_key("endpoint", self));
        let named: Option<Provider> = self.optional(&scope.bucket_key("provider", self));
        named.unwrap_or(if has_endpoint { Provider::Custom } else { Provider::Aws })
    }

    /// Whether the store is named, so that what it cannot do is known.
    pub(super) fn named_provider(&self, scope: &Scope) -> Option<Provider> {
        self.text(&scope.bucket_key("provider", self))?.parse().ok()
    }
}

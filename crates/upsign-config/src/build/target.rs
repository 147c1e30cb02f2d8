//! The bucket and its endpoint.

use upsign_core::{
    Addressing, BucketPlace, Endpoint, EndpointMismatch, EndpointOption, InvalidEndpoint, InvalidTarget,
    Provider, Resource, StoreHost, Target, TargetBuilder, error_chain,
};

use super::pasted;
use super::route::Scope;
use super::values::Reader;
use crate::config::{Store, StoreSource};
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::warning::WarningCode;

const ADDRESSING: [(&str, Addressing); 4] = [
    ("path", Addressing::Path),
    ("virtual", Addressing::VirtualHosted),
    ("bucket-is-host", Addressing::BucketHost),
    ("auto", Addressing::Auto),
];

impl Reader {
    pub(super) fn target(&mut self, scope: &Scope) -> Option<Target> {
        let key = |reader: &Self, name| scope.bucket_key(name, reader);
        let endpoint_key = key(self, "endpoint");
        let endpoint = self.endpoint(&endpoint_key);
        let host = endpoint.as_ref().and_then(Provider::of_host);
        self.report_provider(scope);
        let bucket = self.bucket(&key(self, "name"));
        // If the store is not known, because that was reported, its regions are not known either.
        let store = self.store(scope);
        let provider = store.map_or(Provider::Aws, |store| store.provider);
        let region = self.region(scope, provider, host.as_ref());
        let addressing_key = key(self, "addressing");
        let addressing = self.choice(&addressing_key, &ADDRESSING);
        let signature = self.signature(scope, provider);
        let (store, bucket, region, signature) = (store?, bucket?, region?, signature?);
        // An emulator of AWS may have any region.
        if provider != Provider::Aws || endpoint.is_none() || host.is_some() {
            let is_in_host = host.as_ref().is_some_and(|host| host.region.is_some());
            let judged = if is_in_host { endpoint_key.clone() } else { key(self, "region") };
            self.judge_region(&judged, provider, &region);
        }
        if addressing == Some(Addressing::BucketHost) && !self.check_inherited_host(scope) {
            return None;
        }
        if endpoint.is_some() && !self.check_directory_bucket(&endpoint_key, &bucket, provider) {
            return None;
        }
        if !self.check_tenant(&key(self, "name"), &bucket, provider) {
            return None;
        }
        let builder = Target::builder(bucket.clone(), region.clone()).signature_family(signature.family());
        let mut builder = match endpoint {
            Some(endpoint) => {
                let address = Address { endpoint, host, addressing };
                self.at_endpoint(&endpoint_key, builder, store, &bucket, &address)?
            }
            None => match provider.endpoint(&region) {
                Some(endpoint) => {
                    let addressing = addressing.unwrap_or_else(|| provider.default_addressing());
                    builder.endpoint(endpoint).addressing(addressing)
                }
                None if provider != Provider::Aws => {
                    self.report_missing_endpoint(&endpoint_key, provider);
                    return None;
                }
                None => {
                    if self.has(&addressing_key) {
                        let finding = Finding::contradiction("has an effect only with an endpoint");
                        let help = match addressing {
                            Some(Addressing::BucketHost) => {
                                "add endpoint = \"https://uploads.example.com\", the bucket's own host"
                            }
                            _ => "remove it: the addressing of AWS buckets is fixed",
                        };
                        self.report(&addressing_key, finding.help(help));
                    }
                    builder
                }
            },
        };
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

    /// Sets a configured endpoint, unless it cannot be the one of the bucket.
    fn at_endpoint(
        &mut self,
        key: &str,
        builder: TargetBuilder,
        store: Store,
        bucket: &Resource,
        address: &Address,
    ) -> Option<TargetBuilder> {
        let is_bucket_host = address.addressing == Some(Addressing::BucketHost);
        // A store with custom domains accepts signatures for them.
        let is_own_domain = is_bucket_host && store.provider.has_custom_domains() && address.host.is_none();
        if !is_own_domain && !self.check_store_host(key, store, &address.endpoint, address.host.as_ref()) {
            return None;
        }
        if !self.check_bucket_in_endpoint(key, bucket, address) {
            return None;
        }
        let addressing = address.addressing.unwrap_or_else(|| match store.source {
            // An emulator has no names for the hosts of buckets.
            StoreSource::Emulator => Addressing::Path,
            _ => store.provider.default_addressing(),
        });
        Some(builder.endpoint(address.endpoint.clone()).addressing(addressing))
    }

    /// Reports an endpoint that names another bucket, or this one so that it would be in the address twice, or that is not the
    /// bucket's own host as it should be. Returns whether it fits.
    fn check_bucket_in_endpoint(&mut self, key: &str, bucket: &Resource, address: &Address) -> bool {
        let Resource::Bucket(bucket) = bucket else { return true };
        let Err(mismatch) = address.endpoint.check_bucket(bucket, address.addressing) else { return true };
        let strip = mismatch.without().map(|url| self.assignment(key, &Value::Text(url.to_string())));
        let strip = strip.unwrap_or_else(|| "remove addressing, or write the host of the bucket".to_owned());
        let help = match &mismatch {
            EndpointMismatch::Doubled { place: BucketPlace::Host, is_of_store: false, .. } => format!(
                "{strip}, or addressing = \"bucket-is-host\" if the host is that of the bucket, or addressing = \"path\" if it \
                 is that of the store"
            ),
            EndpointMismatch::Doubled { is_of_store: false, .. } => {
                format!("{strip}, or addressing = \"path\" if the path is that of the store")
            }
            _ => strip,
        };
        self.report(key, Finding::contradiction(mismatch.to_string()).help(help));
        false
    }

    /// Reports a route with a bucket of its own whose endpoint is the host of the bucket of `[bucket]`: its objects would be stored
    /// there. Returns whether there is no such mistake.
    fn check_inherited_host(&mut self, scope: &Scope) -> bool {
        let name_key = scope.bucket_key("name", self);
        let is_inherited = scope.bucket_key("endpoint", self) == "bucket.endpoint";
        if !is_inherited || self.text(&name_key) == self.text("bucket.name") {
            return true;
        }
        let message =
            "the endpoint of [bucket] is the host of another bucket (addressing = \"bucket-is-host\")";
        let help = format!("add the endpoint of this bucket to [{}]", scope.section());
        self.report(&name_key, Finding::contradiction(message).help(help));
        false
    }

    /// Reports an endpoint of a directory bucket. Returns `true` for every other bucket.
    fn check_directory_bucket(&mut self, key: &str, bucket: &Resource, provider: Provider) -> bool {
        if !matches!(bucket, Resource::Bucket(bucket) if bucket.is_directory()) {
            return true;
        }
        let help = if provider == Provider::Aws {
            "remove endpoint: the address of a directory bucket follows from its name and its region"
        } else {
            "only AWS has directory buckets: choose a name that does not end in --x-s3"
        };
        let error = InvalidTarget::DirectoryBucket(EndpointOption::Endpoint);
        self.report(key, Finding::contradiction(error.to_string()).help(help));
        false
    }

    /// Reports the bucket of a tenant at a store that has no tenants. Returns whether it may be one.
    fn check_tenant(&mut self, key: &str, bucket: &Resource, provider: Provider) -> bool {
        let Resource::Tenant(bucket) = bucket else { return true };
        if provider == Provider::Ceph {
            return true;
        }
        let message =
            format!("names the tenant {}, but {} has no tenants", bucket.tenant(), provider.title());
        let name = self.assignment(key, &Value::Text(bucket.bucket().to_string()));
        self.report(key, Finding::contradiction(message).help(format!("{name}, or provider = \"ceph\"")));
        false
    }

    fn report_missing_endpoint(&mut self, key: &str, provider: Provider) {
        let example = match provider {
            Provider::R2 => "\"https://ACCOUNT_ID.r2.cloudflarestorage.com\"",
            Provider::LocalStack => "\"http://localhost:4566\"",
            _ => "\"https://s3.example.com\" # the address of your store",
        };
        self.report_missing(key, example);
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
        let endpoint: Endpoint = text.parse().map_err(report).ok()?;
        if !text.to_ascii_lowercase().contains(endpoint.host()) {
            let message =
                format!("the host of {} is {}, as HTTP clients write it", shown(&text), endpoint.host());
            let help = self.assignment(key, &Value::Text(endpoint.to_string()));
            self.warn(WarningCode::Corrected, key, None, message, help);
        }
        Some(endpoint)
    }

    /// Reports an unknown name of a provider.
    fn report_provider(&mut self, scope: &Scope) {
        let key = scope.bucket_key("provider", self);
        let _: Option<Provider> = self.named(&key);
    }
}

/// A configured endpoint.
struct Address {
    endpoint: Endpoint,
    /// What it says, if it is that of a store with hosts of its own.
    host: Option<StoreHost>,
    addressing: Option<Addressing>,
}

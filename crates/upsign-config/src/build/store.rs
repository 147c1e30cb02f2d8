//! The store of a bucket: which one it is, what it supports, and its region.

use upsign_core::{Endpoint, InvalidRegion, Provider, Region, RegionFit, SignatureFamily, StoreHost};

use super::route::Scope;
use super::values::Reader;
use super::{pasted, regions};
use crate::config::{RouteConfig, Store, StoreSource};
use crate::keys::nearest;
use crate::signature::Signature;
use crate::source::finding::{Finding, shown};
use crate::source::raw::{Origin, Value};
use crate::warning::WarningCode;

impl Reader {
    /// Returns the store of a route's bucket: the named one, or else the one whose host the endpoint has. Without an endpoint it
    /// is AWS.
    ///
    /// Variables of the AWS SDKs set the endpoint of an emulator of AWS, so such an endpoint means AWS too, unless its host
    /// belongs to another store. Returns `None` if the name or the endpoint is invalid.
    pub(super) fn store(&self, scope: &Scope) -> Option<Store> {
        let (name_key, endpoint_key) =
            (scope.bucket_key("provider", self), scope.bucket_key("endpoint", self));
        let (provider, source) = if self.has(&name_key) {
            (self.text(&name_key)?.parse().ok()?, StoreSource::Named)
        } else if self.has(&endpoint_key) {
            let host = Provider::of_host(&self.text(&endpoint_key)?.parse().ok()?).map(|host| host.provider);
            let is_of_sdk = self.is_from_aws_variable(&endpoint_key);
            match host {
                Some(Provider::LocalStack) | None if is_of_sdk => (Provider::Aws, StoreSource::Emulator),
                Some(provider) => (provider, StoreSource::Host),
                None => (Provider::Custom, StoreSource::Assumed),
            }
        } else {
            (Provider::Aws, StoreSource::Default)
        };
        let signature = self.signature_of(scope);
        Some(Store { provider, capabilities: self.capabilities(scope, provider), source, signature })
    }

    /// Returns the signatures of a route's bucket, or those of AWS if the value names no other.
    pub(super) fn signature_of(&self, scope: &Scope) -> Signature {
        let text = self.text(&scope.signature_key(self)).unwrap_or_default();
        let known = Signature::NAMES.into_iter().find(|(name, _)| *name == text);
        known.map(|(_, signature)| signature).unwrap_or_default()
    }

    /// Reads the signatures of a route's bucket, and reports those that its store does not accept.
    pub(super) fn signature(&mut self, scope: &Scope, provider: Provider) -> Option<Signature> {
        let key = scope.signature_key(self);
        let Some(signature) = self.choice(&key, &Signature::NAMES) else {
            return (!self.has(&key)).then(Signature::default);
        };
        if signature.family() != SignatureFamily::Google || provider == Provider::Gcs {
            return Some(signature);
        }
        let message = format!("{} does not accept signatures of Google Cloud Storage", provider.title());
        let help = "remove it, or write provider = \"gcs\"";
        self.report(&key, Finding::contradiction(message).help(help));
        None
    }

    /// Reports routes with two kinds of keys of Google Cloud Storage: one service signs with one of them.
    pub(super) fn report_google_keys(&mut self, scopes: &[Scope], routes: &[RouteConfig]) {
        let google = scopes.iter().zip(routes).map(|(scope, route)| (scope, route.store.signature));
        let mut google = google.filter(|(_, signature)| signature.family() == SignatureFamily::Google);
        let Some((_, first)) = google.next() else { return };
        if let Some((scope, other)) = google.find(|(_, other)| *other != first) {
            let key = scope.signature_key(self);
            let message = format!("is \"{}\", but another route has \"{}\"", other.name(), first.name());
            let help = self.assignment(&key, &Value::Text(first.name().into()));
            self.report(&key, Finding::contradiction(message).help(help));
        }
    }

    /// Returns whether a value comes from a variable of the AWS SDKs.
    fn is_from_aws_variable(&self, key: &str) -> bool {
        let origin = self.located(key).map(|located| &located.origin);
        matches!(origin, Some(Origin::Variable(name)) if name.starts_with("AWS_"))
    }

    /// Returns the region of a bucket: the configured one, or else the one in the endpoint, or else the only one of the store.
    ///
    /// `AWS_REGION` counts for AWS only: it is set on every Lambda function and in many build systems, for other reasons.
    pub(super) fn region(
        &mut self,
        scope: &Scope,
        provider: Provider,
        host: Option<&StoreHost>,
    ) -> Option<Region> {
        let key = &self.region_key(scope, provider, host);
        let in_host = host.and_then(|host| host.region.clone());
        let is_of_sdk = self.is_from_aws_variable(key);
        let is_foreign = is_of_sdk && !provider.has_aws_regions();
        if is_foreign || !self.has(key) || (is_of_sdk && in_host.is_some()) {
            if let Some(region) = in_host.or_else(|| provider.default_region()) {
                return Some(region);
            }
            if is_foreign {
                let message = format!("names a region of AWS, but the bucket is at {}", provider.title());
                let (example, _) = example(provider).split_once(" # ").unwrap_or_default();
                let help = format!("add region = {example} below [bucket]");
                self.report(key, Finding::contradiction(message).help(help));
                return None;
            }
        }
        let text = self.required(key, example(provider))?;
        let region = text.parse().map_err(|error| self.report_region(key, &text, &error)).ok()?;
        self.check_region(key, provider, &region, in_host_of(host)).then_some(region)
    }

    /// Returns the key of a route's region. A route with a store of its own does not have the region of `[bucket]` if its store
    /// cannot have it.
    pub(super) fn region_key(&self, scope: &Scope, provider: Provider, host: Option<&StoreHost>) -> String {
        let key = scope.bucket_key("region", self);
        let own = scope.key("region");
        let inherited = if key == own { None } else { self.text(&key).and_then(|text| text.parse().ok()) };
        let cannot_be = |region: &Region| {
            let is_elsewhere = in_host_of(host).is_some_and(|in_host| in_host != region);
            is_elsewhere || provider.region_fit(region) == RegionFit::Impossible
        };
        if scope.has_own_store(self) && inherited.as_ref().is_some_and(cannot_be) { own } else { key }
    }

    fn report_region(&mut self, key: &str, text: &str, error: &InvalidRegion) {
        let finding = match pasted::region(text) {
            Some(region) => {
                let finding = Finding::invalid(format!("{} is not a region", shown(text)));
                finding.help(self.assignment(key, &Value::Text(region)))
            }
            None => Finding::malformed(text, error)
                .help("`aws s3api get-bucket-location --bucket BUCKET` prints the region of a bucket"),
        };
        self.report(key, finding);
    }

    /// Reports a region that the store cannot have, or that differs from the one in the endpoint. Returns whether it may be the
    /// right one.
    fn check_region(
        &mut self,
        key: &str,
        provider: Provider,
        region: &Region,
        in_host: Option<&Region>,
    ) -> bool {
        let write = |reader: &Self, region: &str| reader.assignment(key, &Value::Text(region.into()));
        let (title, known) = (provider.title(), provider.regions());
        // A region of AWS does not tell where the bucket is, however similar its name is.
        let near =
            nearest(region.as_str(), known.iter().copied()).filter(|_| !regions::is_known(region.as_str()));
        match (provider.region_fit(region), in_host) {
            (RegionFit::Impossible, _) => {
                let help = match (in_host, near, known) {
                    (Some(region), ..) => write(self, region.as_str()),
                    (None, Some(near), _) => write(self, near),
                    (None, None, [only]) => write(self, only),
                    (None, None, _) => format!("one of {}", known.join(", ")),
                };
                let message = format!("\"{region}\" is no region of {title}");
                self.report(key, Finding::invalid(message).help(help));
                return false;
            }
            (_, Some(in_host)) if in_host != region => {
                let message = format!("is \"{region}\", but the endpoint is that of \"{in_host}\"");
                self.report(key, Finding::contradiction(message).help(write(self, in_host.as_str())));
                return false;
            }
            _ => {}
        }
        true
    }

    /// Warns about a region that is in no table, such as `ap-southest-1`: the store would reject every upload.
    pub(super) fn judge_region(&mut self, key: &str, provider: Provider, region: &Region) {
        if provider == Provider::Aws {
            self.judge_aws_region(key, region);
        } else if provider.region_fit(region) == RegionFit::Unlisted {
            let message =
                format!("\"{region}\" is no region of {} that this version knows", provider.title());
            let help = match nearest(region.as_str(), provider.regions().iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("known are {}", provider.regions().join(", ")),
            };
            self.warn(WarningCode::UnknownRegion, key, None, message, help);
        }
    }

    /// The name of an availability zone, such as `eu-central-1a`, is an error: no region can have it.
    fn judge_aws_region(&mut self, key: &str, region: &Region) {
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

    /// Removes the region of `AWS_REGION` if no bucket has it, so that the effective configuration does not contain it.
    pub(super) fn remove_unused_region(&mut self, stores: &[Provider]) {
        const KEY: &str = "bucket.region";
        if self.is_from_aws_variable(KEY) && !stores.iter().any(|provider| provider.has_aws_regions()) {
            self.raw.values.remove(KEY);
        }
    }

    /// Reports an endpoint that the named store cannot have. Returns `true` if the store may have it.
    pub(super) fn check_store_host(
        &mut self,
        key: &str,
        store: Store,
        endpoint: &Endpoint,
        host: Option<&StoreHost>,
    ) -> bool {
        let provider = store.provider;
        let title = provider.title();
        let example = provider.regions().iter().find_map(|region| provider.endpoint(&region.parse().ok()?));
        let own = match provider {
            Provider::R2 => {
                "write the endpoint of the account: https://ACCOUNT_ID.r2.cloudflarestorage.com; other addresses, also custom \
                 domains, reject signatures"
                    .to_owned()
            }
            _ => match example {
                Some(example) => format!("its endpoints are as in {example}"),
                None => format!("for another store, remove provider = \"{provider}\""),
            },
        };
        // An endpoint of AWS may be that of an emulator.
        let is_foreign = store.source == StoreSource::Named
            && provider.has_own_hosts()
            && !provider.has_aws_regions()
            && host.is_none_or(|host| host.provider != provider);
        let is_elsewhere = store.source == StoreSource::Named
            && host.is_some_and(|host| host.provider != provider && host.provider != Provider::LocalStack);
        let has_no_region = host
            .and_then(|host| host.region.as_ref())
            .is_some_and(|region| provider.region_fit(region) == RegionFit::Impossible);
        let finding = match host {
            Some(host) if is_elsewhere => Finding::contradiction(format!(
                "{endpoint} is an endpoint of {}, not of {title}",
                host.provider.title()
            ))
            .help(format!("write provider = \"{}\"", host.provider)),
            _ if is_foreign || has_no_region => {
                Finding::contradiction(format!("{endpoint} is not an endpoint of {title}")).help(own)
            }
            _ => return true,
        };
        self.report(key, finding);
        false
    }
}

fn in_host_of(host: Option<&StoreHost>) -> Option<&Region> {
    host?.region.as_ref()
}

/// Returns an example of a region, in the format of the file.
const fn example(provider: Provider) -> &'static str {
    match provider {
        Provider::B2 => "\"us-west-004\" # the region in the endpoint that the console shows",
        Provider::DigitalOcean => "\"fra1\" # the region of the bucket",
        Provider::Wasabi => "\"eu-central-1\" # the region of the bucket",
        Provider::Hetzner => "\"fsn1\" # the location of the bucket",
        Provider::Ovh => "\"gra\" # the region of the bucket",
        Provider::Scaleway => "\"fr-par\" # the region of the bucket",
        Provider::Garage => "\"garage\" # s3_region of garage.toml",
        Provider::Minio | Provider::SeaweedFs | Provider::Ceph | Provider::RustFs | Provider::Custom => {
            "\"us-east-1\" # the region that the server is configured with"
        }
        _ => "\"ap-southeast-1\" # the region of the bucket",
    }
}

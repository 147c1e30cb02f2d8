//! `[cloudfront]`: who may read through the distribution, and with which key URLs are signed.

use upsign_core::Provider;
use upsign_documents::{CloudFrontPublicKey, Reads};

use super::values::Reader;
use crate::cloudfront::CloudFrontConfig;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::source::token::not_a_source;
use crate::token::TokenSecretSource;
use crate::warning::WarningCode;

const DOMAIN: &str = "cloudfront.domain";
const DOMAINS: &str = "cloudfront.domains";
const KEY_PAIR_ID: &str = "cloudfront.key_pair_id";
const PRIVATE_KEY: &str = "cloudfront.private_key";
const PUBLIC_KEYS: &str = "cloudfront.public_keys";
const PUBLIC_READS: &str = "cloudfront.public_reads";

/// The keys that only signed URLs need.
const OF_SIGNATURES: [&str; 5] = [PRIVATE_KEY, PUBLIC_KEYS, KEY_PAIR_ID, DOMAIN, DOMAINS];
/// The keys that only the service needs which signs URLs.
const OF_SERVICE: [&str; 4] = [PRIVATE_KEY, KEY_PAIR_ID, DOMAIN, DOMAINS];

impl Reader {
    /// Reads the section.
    pub(super) fn cloudfront(
        &mut self,
        deployment: &DeploymentConfig,
        routes: &[RouteConfig],
    ) -> CloudFrontConfig {
        let config = CloudFrontConfig {
            domains: self.domains(routes),
            key_pair_id: self.key_pair_id(),
            private_key: self.private_key(),
            public_keys: self.public_keys(),
            public_reads: self.flag(PUBLIC_READS) == Some(true),
        };
        // A value that is no kind of reads is reported already, and so are reads from another store.
        let may_be_aws = [Provider::Aws, Provider::LocalStack, Provider::Custom];
        let is_elsewhere =
            !routes.is_empty() && routes.iter().all(|it| !may_be_aws.contains(&it.store.provider));
        if (deployment.reads.is_none() && self.has("deployment.reads")) || is_elsewhere {
            return config;
        }
        match deployment.reads == Some(Reads::CloudFront) {
            true if config.public_reads => self.report_signatures_of_public_reads(),
            true => self.report_incomplete_signatures(deployment, routes),
            false => self.report_unused_cloudfront(),
        }
        config
    }

    fn report_unused_cloudfront(&mut self) {
        for key in OF_SIGNATURES.into_iter().chain([PUBLIC_READS]) {
            if self.has(key) {
                let write = self.assignment("deployment.reads", &Value::Text("cloudfront".to_owned()));
                let finding = Finding::contradiction("has an effect only with reads = \"cloudfront\"");
                self.report(key, finding.help(format!("{write}, or remove [cloudfront]")).not_quotable());
                return;
            }
        }
    }

    fn report_signatures_of_public_reads(&mut self) {
        for key in OF_SIGNATURES {
            if self.has(key) {
                let message =
                    "has no effect, because public_reads = true lets everybody read without a signature";
                let finding = Finding::contradiction(message);
                self.report(key, finding.help("remove public_reads, or the other keys").not_quotable());
                return;
            }
        }
    }

    /// Reports what is missing for signed URLs, and keys that nothing uses.
    fn report_incomplete_signatures(&mut self, deployment: &DeploymentConfig, routes: &[RouteConfig]) {
        if !self.has(PUBLIC_KEYS) && !self.has("deployment.distribution_arn") {
            self.report_missing(
                PUBLIC_KEYS,
                "[\"\"\"-----BEGIN PUBLIC KEY-----…\"\"\"] # `openssl pkey -in KEY -pubout` prints it; or public_reads = true, and \
                 everybody who knows the key of an upload may read it",
            );
        }
        let confirms = routes.iter().any(|route| route.policy.confirmation().confirm());
        if !confirms {
            // Routes that could not be read may confirm.
            if let Some(key) = OF_SERVICE.into_iter().find(|key| self.has(key) && !routes.is_empty()) {
                let message = "has an effect only with uploads that are confirmed: for no others, URLs to read are signed";
                let finding = Finding::contradiction(message).not_quotable();
                self.report(key, finding.help("add confirm = true to a route, or remove it"));
            }
            return;
        }
        if !self.has(PRIVATE_KEY) {
            self.report_missing(
                PRIVATE_KEY,
                "\"secretsmanager:ARN\" # or env:NAME, file:PATH: the key that signs URLs, which `openssl genrsa 2048` prints",
            );
        }
        if deployment.versioned == Some(false) {
            let message = "URLs of CloudFront name the version that was confirmed, because its cache cannot compare an entity tag";
            let help = "remove versioned = false, or write reads = \"presigned\"";
            self.report("deployment.versioned", Finding::contradiction(message).help(help));
        }
    }

    /// Returns the domains, each with its bucket.
    fn domains(&mut self, routes: &[RouteConfig]) -> Vec<(Box<str>, Box<str>)> {
        let mut buckets: Vec<&str> = Vec::new();
        for route in routes {
            let bucket = route.policy.target().bucket().as_str();
            if !buckets.contains(&bucket) {
                buckets.push(bucket);
            }
        }
        if self.has(DOMAIN) && self.has(DOMAINS) {
            let finding = Finding::contradiction("domains names the distributions too");
            self.report(DOMAIN, finding.help("remove one of the two"));
        }
        if let Some(domain) = self.text(DOMAIN) {
            let domain = self.checked_domain(DOMAIN, &domain);
            return match buckets.as_slice() {
                [bucket] => domain.map(|domain| ((*bucket).into(), domain)).into_iter().collect(),
                // A domain has one bucket: URLs of the others would lead to objects of this one.
                _ => {
                    let entries: Vec<String> =
                        buckets.iter().map(|bucket| format!("{bucket:?} = \"…\"")).collect();
                    let finding = Finding::contradiction("each bucket has a distribution of its own");
                    let help = format!("write domains = {{ {} }} in its place", entries.join(", "));
                    if !buckets.is_empty() {
                        self.report(DOMAIN, finding.help(help));
                    }
                    Vec::new()
                }
            };
        }
        let Some(entries) = self.table(DOMAINS) else { return Vec::new() };
        let listed = |bucket: &str| entries.iter().any(|(name, _)| name == bucket);
        let missing = buckets.iter().find(|bucket| !listed(bucket)).map(|bucket| (*bucket).to_owned());
        let unknown = entries.iter().find(|(name, _)| !buckets.contains(&name.as_str()));
        if let (Some((name, _)), false) = (unknown, buckets.is_empty()) {
            let finding = Finding::contradiction(format!("no route uploads to the bucket {name:?}"));
            self.report(DOMAINS, finding.help("correct or remove it"));
        } else if let Some(bucket) = missing {
            let finding = Finding::contradiction(format!("the bucket {bucket} has no domain"));
            self.report(DOMAINS, finding.help(format!("add {bucket:?} = \"d111111abcdef8.cloudfront.net\"")));
        }
        let named = entries.iter().filter_map(|(bucket, domain)| {
            Some((bucket.as_str().into(), self.checked_domain(DOMAINS, domain)?))
        });
        named.collect()
    }

    fn checked_domain(&mut self, key: &str, domain: &str) -> Option<Box<str>> {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label) {
            return Some(domain.into());
        }
        let message = format!("{domain:?} is not a host name such as d111111abcdef8.cloudfront.net");
        let host = domain.strip_prefix("https://").unwrap_or(domain).split('/').next().unwrap_or_default();
        let help = match host != domain && host.contains('.') {
            true => format!("write it without https:// and path: {host:?}"),
            false => String::new(),
        };
        self.report(key, Finding::invalid(message).help(help));
        None
    }

    fn key_pair_id(&mut self) -> Option<Box<str>> {
        let id = self.text(KEY_PAIR_ID)?;
        let is_id = (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !is_id {
            let message =
                "is not the id of a public key, which has capital letters and digits, such as K2JCJMDEHXQW5F";
            let help = "`aws cloudfront list-public-keys` prints it";
            self.report(KEY_PAIR_ID, Finding::invalid(message).help(help).not_quotable());
        }
        is_id.then(|| id.into())
    }

    fn private_key(&mut self) -> Option<TokenSecretSource> {
        let text = self.text(PRIVATE_KEY)?;
        let source = self.secret_source(&text);
        if source.is_none() {
            self.report(PRIVATE_KEY, not_a_source(PRIVATE_KEY, 0, &text));
        }
        source
    }

    fn public_keys(&mut self) -> Vec<CloudFrontPublicKey> {
        let mut keys: Vec<CloudFrontPublicKey> = Vec::new();
        for (index, pem) in self.texts(PUBLIC_KEYS).unwrap_or_default().iter().enumerate() {
            match pem.parse::<CloudFrontPublicKey>() {
                Ok(key) if keys.contains(&key) => {
                    let message = format!("item {} is the same key as another one", index + 1);
                    self.report_item(
                        PUBLIC_KEYS,
                        index,
                        Finding::invalid(message).help("remove it").not_quotable(),
                    );
                }
                Ok(key) => keys.push(key),
                Err(error) => {
                    let message = format!("item {}: {error}", index + 1);
                    let help = "`openssl pkey -in KEY -pubout` prints the public half of a private key";
                    self.report_item(PUBLIC_KEYS, index, Finding::invalid(message).help(help).not_quotable());
                }
            }
        }
        if keys.is_empty() && self.has(PUBLIC_KEYS) && self.texts(PUBLIC_KEYS).is_some_and(|it| it.is_empty())
        {
            let help = "add the public key, or write public_reads = true if everybody may read";
            self.report(PUBLIC_KEYS, Finding::invalid("is empty").help(help));
        }
        keys
    }

    /// Warns that the generated function does not have the private key.
    pub(super) fn judge_deployed_private_key(&mut self, config: &CloudFrontConfig) {
        let place = match &config.private_key {
            Some(TokenSecretSource::Env(name)) => format!("the variable {name}"),
            Some(TokenSecretSource::File(path)) => format!("the file {}", path.display()),
            _ => return,
        };
        let message = format!(
            "the generated function does not have {place}, because a template must not contain a secret, and does not start without it"
        );
        let help = "write \"secretsmanager:ARN\", which the generated role may read; for `upsign serve`, override it with \
                    UPSIGN_CLOUDFRONT_PRIVATE_KEY=file:PATH";
        self.warn(WarningCode::TokenSecretNotDeployed, PRIVATE_KEY, None, message, help);
    }
}

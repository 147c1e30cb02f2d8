//! Builds the configuration from the values of the file and of the environment variables.

mod auth;
mod auth_issuer;
mod callers;
mod claims;
mod cloudfront;
mod confirmation;
mod content;
mod contradictions;
mod deployment;
mod dialects;
mod events;
mod features;
mod fitting;
mod function;
mod gates;
mod gateway;
mod issuer;
mod issuer_form;
mod judge;
mod judge_deployment;
mod judge_services;
mod judge_uploads;
mod key_set;
mod multipart;
mod objects;
mod options;
mod origins;
mod pasted;
mod placement;
mod policy;
mod quota;
mod regions;
mod reports;
mod route;
mod route_headers;
mod several;
mod shared_host;
mod store;
mod support;
mod target;
mod token;
mod values;
mod webhook;

pub(crate) use contradictions::section;
pub(crate) use features::feature_names;
pub(crate) use issuer_form::user_pool as user_pool_of;
pub use regions::region_warning;

use std::collections::{BTreeSet, HashSet};
use std::num::NonZeroU32;

use upsign::RouteName;
use upsign_core::Provider;

use self::route::Scope;
use self::values::Reader;
use crate::aws_services::Sections;
use crate::config::{Config, RateLimitConfig, RouteConfig};
use crate::error::{InvalidConfig, ProblemCode};
use crate::keys::ROUTE;
use crate::source::finding::Finding;
use crate::source::raw::Raw;
use crate::warning::WarningCode;

/// Builds the configuration. It continues after a problem, so that one run reports all of them.
pub(crate) fn build(raw: Raw) -> Result<Config, InvalidConfig> {
    let mut reader = Reader { raw, issuer_index: 0 };
    reader.report_missing_sections();
    let scopes = reader.scopes();
    let route_count = scopes.len();
    let routes: Vec<RouteConfig> = scopes.iter().filter_map(|scope| reader.route(scope)).collect();
    let dialects = reader.dialects();
    let origins = reader.origins(&scopes);
    let allow_headers = reader.allow_headers();
    let base_path = reader.optional("server.base_path").unwrap_or_default();
    let browser_client = reader.flag("server.browser_client").unwrap_or_default();
    // Each claim once: the verifier looks for all of them in every token.
    let mut claims: BTreeSet<_> =
        routes.iter().flat_map(|route| route.policy.claims()).map(str::to_owned).collect();
    claims.extend(reader.quota_claim());
    let claims = Vec::from_iter(claims);
    let auth = reader.auth(&claims);
    reader.report_templates(&routes);
    let unknown_expiry = reader.unknown_expiry();
    let limit = reader.limit();
    let calls_per_minute = reader.positive_limit("limit.calls_per_minute");
    let token = reader.token();
    let quota = reader.quota(&scopes, &routes);
    let webhook = reader.webhook(&routes);
    let events = reader.events(&routes, webhook.as_ref());
    let deployment = reader.deployment();
    let cloudfront = reader.cloudfront(&deployment, &routes);
    reader.report_contradictions(&deployment, &routes, auth.as_ref());
    reader.report_owners_and_locks(&deployment, &routes);
    reader.report_google_keys(&scopes, &routes);
    match (origins, reader.raw.problems.is_empty() && routes.len() == route_count) {
        (Some(origins), true) => {
            let stores: Vec<Provider> = routes.iter().map(|route| route.store.provider).collect();
            reader.remove_unused_region(&stores);
            reader.judge_assumed_stores(&scopes, &routes, &origins);
            reader.judge_bucket_cors(&scopes, &routes, &origins);
            reader.judge_examples();
            reader.judge_overlaps(&routes);
            reader.judge_conditional_completes(&scopes, &routes);
            reader.judge_multipart_keys(&scopes, &routes);
            reader.judge_deployment(&deployment, &routes);
            reader.judge_quota(&scopes, &routes, quota.as_ref());
            reader.judge_gates(&routes);
            reader.judge_access_points(&routes);
            reader.judge_sealed_uploads(&routes, quota.as_ref());
            reader.judge_events(events.as_ref(), webhook.as_ref(), &routes);
            let sections = Sections {
                token: &token,
                quota: quota.as_ref(),
                webhook: webhook.as_ref(),
                events: events.as_ref(),
                cloudfront: &cloudfront,
            };
            reader.judge_services(sections, &routes);
            let after_upload = (quota.as_ref(), webhook.as_ref(), events.as_ref());
            let mut warnings_if_deployed =
                reader.judge_uploads(&deployment, &token, after_upload, &cloudfront, &routes);
            let of_dialects = reader.judge_deployed_dialects(&deployment, &dialects, auth.as_ref(), &routes);
            warnings_if_deployed.extend(of_dialects);
            let warnings_if_deployed = warnings_if_deployed.into();
            if let Some(auth) = &auth {
                reader.judge_token_size(deployment.api, auth.max_token_bytes);
                reader.judge_callers(auth, &routes);
            } else {
                let message =
                    "there is no section [auth]: that is safe only behind a gateway that verifies tokens";
                reader.warn(WarningCode::NoAuth, "auth", None, message, "");
            }
            let effective = crate::source::effective::text(&reader.raw).into();
            let warnings = reader.take_warnings();
            let overridden = Box::default();
            Ok(Config {
                routes,
                dialects,
                auth,
                origins,
                allow_headers,
                base_path,
                browser_client,
                unknown_expiry,
                limit,
                calls_per_minute,
                token,
                quota,
                webhook,
                events,
                deployment,
                cloudfront,
                effective,
                warnings,
                warnings_if_deployed,
                overridden,
            })
        }
        _ => Err(InvalidConfig::new(reader.raw.problems)),
    }
}

impl Reader {
    /// Returns `[upload]` and every `[route.NAME]` with a valid name. `[upload]` is included if the file has no routes, so
    /// that its missing keys are reported.
    fn scopes(&mut self) -> Vec<Scope> {
        let mut scopes = Vec::new();
        let is_set = self.raw.values.keys().any(|key| key.starts_with("upload."));
        if self.raw.routes.is_empty() || is_set || self.raw.heading("upload").is_some() {
            scopes.push(Scope::unnamed());
        }
        let mut variables = HashSet::new();
        for (name, span) in self.raw.routes.clone() {
            let printed: String = name.chars().take(64).flat_map(char::escape_debug).collect();
            let path = format!("{ROUTE}.{printed}");
            if !variables.insert(name.replace('-', "_")) {
                let message = "has the same environment variables as another route, because `-` and `_` are the same in their names";
                let finding = Finding::contradiction(message).help("rename one of the routes");
                self.raw.add(self.raw.source.place(&span), &path, finding);
                continue;
            }
            match name.parse() {
                Ok(name) => scopes.push(Scope::named(name)),
                Err(error) => {
                    let meant = name.to_lowercase().replace([' ', '.'], "-");
                    let help = match meant.parse::<RouteName>() {
                        Ok(meant) => format!("write [{ROUTE}.{meant}]"),
                        Err(_) => String::new(),
                    };
                    let finding = Finding::malformed(&name, &error).help(help);
                    self.raw.add(self.raw.source.place(&span), &path, finding);
                }
            }
        }
        scopes
    }

    /// Reports each mandatory section that is missing as a whole, once, instead of its keys. Without a file, variables are
    /// reported instead.
    fn report_missing_sections(&mut self) {
        if self.raw.source.is_empty() {
            return;
        }
        let sections = [
            ("bucket", "[bucket] with name = \"article-images-bucket\" and region = \"ap-southeast-1\""),
            ("upload", "[upload] with key, types, max_size and bodyless"),
            ("cors", "[cors] with origins = [\"https://app.example.com\"]"),
        ];
        let has_heading = |reader: &Self, section: &str| {
            let prefix = format!("{section}.");
            reader.raw.heading(section).is_some()
                || reader.raw.values.keys().any(|key| key.starts_with(&prefix))
        };
        let missing: Vec<_> = sections
            .into_iter()
            .filter(|(section, _)| !has_heading(self, section) && !self.raw.is_spoiled(section))
            .filter(|(section, _)| self.raw.routes.is_empty() || !matches!(*section, "upload" | "bucket"))
            .collect();
        let whole = self.raw.source.whole();
        if missing.len() == sections.len() {
            for (section, _) in missing {
                self.raw.spoil(section);
            }
            let message = "nothing is configured: [bucket], [upload] and [cors] are missing";
            let finding = Finding::new(ProblemCode::MissingKey, message);
            return self.raw.add(
                whole,
                "",
                finding.help(format!(
                    "start with: {}   (`upsign init -` prints it)",
                    self.raw.source.init_command()
                )),
            );
        }
        for (section, example) in missing {
            let finding = Finding::new(ProblemCode::MissingKey, "the section is missing");
            let finding = finding.help(match section {
                "upload" => {
                    format!("add {example}, or a section [{ROUTE}.NAME]; `upsign init -` shows an example")
                }
                _ => format!("add {example}"),
            });
            self.raw.add(whole.clone(), section, finding);
            self.raw.spoil(section);
        }
    }

    /// Returns a number of requests, which is at least 1.
    fn positive_limit(&mut self, key: &str) -> Option<NonZeroU32> {
        let count = self.count(key)?;
        let valid = u32::try_from(count).ok().and_then(NonZeroU32::new);
        if valid.is_none() {
            let message = format!("must be from 1 to 4294967295, not {count}");
            let help = match key.ends_with(".calls_per_minute") {
                true => {
                    let write = self.assignment(key, &crate::source::raw::Value::Number(600));
                    format!("{write}, or remove it for ten times per_minute")
                }
                false => "remove [limit] for no limit".to_owned(),
            };
            self.report(key, Finding::invalid(message).help(help));
        }
        valid
    }

    fn limit(&mut self) -> Option<RateLimitConfig> {
        let (per_minute, burst) =
            (self.positive_limit("limit.per_minute"), self.positive_limit("limit.burst"));
        if self.has("limit.burst") && !self.has("limit.per_minute") {
            self.report_missing("limit.per_minute", "60 # burst is a part of it");
        }
        let per_minute = per_minute?;
        Some(RateLimitConfig { per_minute, burst: burst.unwrap_or(per_minute) })
    }
}

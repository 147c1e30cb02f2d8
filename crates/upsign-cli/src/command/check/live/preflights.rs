//! The preflights of every route and every origin.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use upsign::{Clock, SystemClock};
use upsign_config::{Config, RouteConfig, StoreSigner};
use upsign_core::{CorsOrigins, Origin, WithCredentials};
use upsign_diagnose::{Diagnosis, PageRequest};

use super::super::grant::fake_credentials;
use super::keys;
use super::requests::samples;
use crate::command::diagnose;
use crate::command::preflight::exchange::Exchange;
use crate::exit::CommandError;
use crate::summary;

/// How many preflights are sent at most: of routes and origins that differ. The others stay unchecked.
const MAX_SENT: usize = 200;
/// How many are sent at a time.
const AT_A_TIME: usize = 8;
/// The origin of a page if every origin is allowed.
const ANY_ORIGIN: &str = "https://example.com";

/// The preflights for the uploads of routes.
pub(super) struct Preflights<'a> {
    checks: Vec<Check<'a>>,
    exchanges: Vec<Exchange>,
    /// Why nothing or not everything was sent.
    unsent: Vec<String>,
}

/// One route with one origin.
pub(super) struct Check<'a> {
    pub(super) route: &'a RouteConfig,
    /// What the page sends, as in `PUT`.
    pub(super) what: &'static str,
    /// The origin as the configuration has it.
    pub(super) pattern: String,
    pub(super) request: PageRequest,
    /// The index of its exchange: routes with the same bucket, method and headers share one.
    exchange: usize,
}

/// Whether a browser would send an upload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Refused,
    /// The server did not answer, or a browser decides by more than its answer.
    Open,
}

impl<'a> Preflights<'a> {
    /// Sends what browsers would send before the uploads of these routes, from pages of all configured origins.
    pub(super) async fn send(config: &'a Config, routes: &[&'a RouteConfig]) -> Result<Self, CommandError> {
        let origins = origins(config.origins());
        let mut found = Self { checks: Vec::new(), exchanges: Vec::new(), unsent: Vec::new() };
        if origins.is_empty() {
            found.unsent.push("cors.origins lists no page that may upload".to_owned());
            return Ok(found);
        }
        let signer = Arc::new(WithCredentials::new(StoreSigner::new(), fake_credentials()?));
        let issuers = config
            .issuers(Arc::clone(&signer))
            .map_err(|error| CommandError::caused("a policy cannot be signed", &error).into_usage())?;
        let at = SystemClock.now();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (route, issuer) in config.routes().iter().zip(&issuers) {
            if !routes.iter().any(|chosen| std::ptr::eq(*chosen, route)) {
                continue;
            }
            let name = summary::route_name(route);
            if route.policy.target().bucket().is_directory() {
                found.unsent.push(format!("{name}: directory buckets have no CORS, so no page can upload"));
                continue;
            }
            match samples(route, config.dialects(), issuer.issuer(), &signer, at).await {
                Ok(samples) => {
                    for sample in samples {
                        for (pattern, origin) in &origins {
                            let request = sample.of_page(origin.clone());
                            let request = request.map_err(|error| CommandError::caused(name, &error))?;
                            found.add(
                                Check {
                                    route,
                                    what: sample.what,
                                    pattern: pattern.clone(),
                                    request,
                                    exchange: 0,
                                },
                                &mut known,
                            );
                        }
                    }
                }
                Err(reason) => found.unsent.push(format!("{name}: the sample upload is refused: {reason}")),
            }
        }
        found.exchange(known.len()).await?;
        Ok(found)
    }

    fn add(&mut self, check: Check<'a>, known: &mut HashMap<String, usize>) {
        let target = check.route.policy.target();
        // The key of the object does not matter to CORS.
        let identity = format!(
            "{} {} {:?} {}",
            target.endpoint_url(),
            target.bucket(),
            check.request.preflight(),
            check.what
        );
        let next = known.len();
        if next >= MAX_SENT && !known.contains_key(&identity) {
            if self.unsent.last().is_none_or(|last| !last.starts_with("more than")) {
                self.unsent.push(format!(
                    "more than {MAX_SENT} different preflights; pass --bucket to check fewer routes"
                ));
            }
            return;
        }
        let exchange = *known.entry(identity).or_insert(next);
        self.checks.push(Check { exchange, ..check });
    }

    /// Sends one preflight for each number below `count`.
    async fn exchange(&mut self, count: usize) -> Result<(), CommandError> {
        let first_of = |number: usize| self.checks.iter().find(|check| check.exchange == number);
        let requests = (0..count).filter_map(first_of).map(|check| Exchange::with_server(&check.request));
        let exchanges: Vec<_> = stream::iter(requests).buffered(AT_A_TIME).collect().await;
        self.exchanges = exchanges.into_iter().collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Returns each route and origin with its exchange.
    pub(super) fn checks(&self) -> impl Iterator<Item = (&Check<'a>, &Exchange)> {
        self.checks.iter().filter_map(|check| Some((check, self.exchanges.get(check.exchange)?)))
    }

    /// Returns how many routes and origins browsers would not upload with.
    pub(super) fn refused(&self) -> usize {
        self.checks().filter(|(_, exchange)| outcome(exchange) == Outcome::Refused).count()
    }

    /// Returns what was not checked, each reason once.
    pub(super) fn unchecked(&self) -> Vec<String> {
        let mut reasons = self.unsent.clone();
        for (check, exchange) in self.checks().filter(|(_, exchange)| outcome(exchange) == Outcome::Open) {
            let open = exchange.report.found().into_iter().map(|it| it.sentence.clone());
            reasons.extend(open.map(|sentence| format!("{}: {sentence}", check.pattern)));
        }
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    pub(super) fn to_json(&self, config: &Config) -> Value {
        let checks = self.checks().map(|(check, exchange)| {
            let found = exchange.report.found();
            let each = |it: &&Diagnosis| {
                let mut object = diagnose::object(it);
                let key = keys::responsible(config, check.route, it);
                if let (Some(members), Some(key)) = (object.as_object_mut(), key) {
                    members.insert("key".to_owned(), key.into());
                }
                object
            };
            json!({
                "route": summary::route_name(check.route),
                "bucket": check.route.policy.target().bucket().as_str(),
                "origin": check.pattern,
                "upload": check.what,
                "verdict": outcome(exchange).name(),
                "preflight": exchange.to_json(&check.request),
                "diagnoses": found.iter().map(each).collect::<Vec<_>>(),
            })
        });
        checks.collect()
    }
}

impl Outcome {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Passed => "allowed",
            Self::Refused => "refused",
            Self::Open => "not-checked",
        }
    }
}

/// Returns whether a browser would send the upload. That browsers ask the user about servers in private networks is no matter of the
/// bucket's rules.
pub(super) fn outcome(exchange: &Exchange) -> Outcome {
    let found = exchange.report.found();
    let mut of_store = found.iter().filter(|it| it.cause.code != "local-network").peekable();
    if of_store.peek().is_none() {
        return Outcome::Passed;
    }
    let is_refusal = |it: &&&Diagnosis| it.certain || it.cause.code.starts_with("cors-");
    if of_store.any(|it| is_refusal(&it)) { Outcome::Refused } else { Outcome::Open }
}

/// Returns the patterns of the configuration, each with an origin that matches.
fn origins(origins: &CorsOrigins) -> Vec<(String, Origin)> {
    if origins.is_any() {
        return ANY_ORIGIN.parse().into_iter().map(|origin| ("*".to_owned(), origin)).collect();
    }
    origins.list().iter().map(|pattern| (pattern.to_string(), pattern.example())).collect()
}

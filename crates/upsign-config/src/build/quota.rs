//! Uploads per day: the limits of `[limit]` and of the routes, and `[quota]`.

use upsign::quota::{AccountKey, FailMode, MAX_AMOUNT, QuotaLimit, Window};
use upsign_core::{Provider, Region};

use super::contradictions::section;
use super::route::Scope;
use super::values::Reader;
use crate::config::RouteConfig;
use crate::error::ProblemCode;
use crate::quota::{QuotaConfig, QuotaStoreConfig};
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::token::TokenSecretSource;
use crate::units;
use crate::warning::WarningCode;

const SHARED: &str = "limit.shared";
const STORE: &str = "quota.store";
const FAIL: &str = "quota.fail";
const BY: &str = "quota.by";
const URL: &str = "quota.url";
const TABLE: &str = "quota.table";
const REGION: &str = "quota.region";
pub(super) const SINGLE_PROCESS: &str = "server.single_process";
const PER_DAY: &str = "per_day";
const BYTES_PER_DAY: &str = "bytes_per_day";

const FAILS: [(&str, FailMode); 2] = [("closed", FailMode::Closed), ("open", FailMode::Open)];

/// The name of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoreName {
    Memory,
    Redis,
    DynamoDb,
}

const STORES: [(&str, StoreName); 3] =
    [("memory", StoreName::Memory), ("redis", StoreName::Redis), ("dynamodb", StoreName::DynamoDb)];

impl Reader {
    /// Returns the claim by whose value uploads are counted, if there is one.
    pub(super) fn quota_claim(&self) -> Option<String> {
        let text = self.text(BY)?;
        text.strip_prefix("claim:").filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// Reads the limits of uploads per day and where they are counted. Returns `None` if there are none.
    pub(super) fn quota(&mut self, scopes: &[Scope], routes: &[RouteConfig]) -> Option<QuotaConfig> {
        let mut limits = Vec::from_iter(self.per_day("limit", QuotaLimit::for_all_routes(Window::DAY)));
        for scope in scopes {
            let limit = QuotaLimit::for_route(scope.name().cloned(), Window::DAY);
            limits.extend(self.per_day(scope.section(), limit));
        }
        let shares_rate_limits = self.shares_rate_limits();
        let is_needed = !limits.is_empty() || shares_rate_limits;
        let store = self.quota_store(is_needed, routes);
        let fail = self.fail_mode(is_needed);
        let account = self.account_key();
        self.report_single_process(store.as_ref());
        if !is_needed {
            self.report_quota_without_limits();
            return None;
        }
        self.report_shared_keys(&limits, routes);
        Some(QuotaConfig { store: store?, fail: fail?, account: account?, limits, shares_rate_limits })
    }

    /// Returns the limit of a section, if it has one.
    fn per_day(&mut self, section: &str, limit: QuotaLimit) -> Option<QuotaLimit> {
        let (objects, bytes) = (format!("{section}.{PER_DAY}"), format!("{section}.{BYTES_PER_DAY}"));
        let objects = self.count(&objects).and_then(|count| self.countable(&objects, count));
        let bytes = self.size_amount(&bytes).and_then(|size| self.countable(&bytes, size));
        let limit = match objects {
            Some(objects) => limit.with_objects(objects),
            None => limit,
        };
        let limit = match bytes {
            Some(bytes) => limit.with_bytes(bytes),
            None => limit,
        };
        (objects.is_some() || bytes.is_some()).then_some(limit)
    }

    fn countable(&mut self, key: &str, amount: u64) -> Option<u64> {
        if (1..=MAX_AMOUNT).contains(&amount) {
            return Some(amount);
        }
        let finding = Finding::invalid(format!("must be from 1 to {MAX_AMOUNT}, not {amount}"));
        self.report(key, finding.help("remove the line for no limit"));
        None
    }

    fn shares_rate_limits(&mut self) -> bool {
        let is_shared = self.flag(SHARED) == Some(true);
        let has_rate = ["limit.per_minute", "limit.calls_per_minute"].into_iter().any(|key| self.has(key));
        if is_shared && !has_rate {
            let finding = Finding::contradiction("has an effect only with per_minute or calls_per_minute");
            self.report(SHARED, finding.help("add per_minute = 60, for example, or remove shared"));
        }
        is_shared
    }

    fn quota_store(&mut self, is_needed: bool, routes: &[RouteConfig]) -> Option<QuotaStoreConfig> {
        if is_needed && !self.has(STORE) {
            self.report_missing(
                STORE,
                "\"dynamodb\" # or \"redis\", or \"memory\" with server.single_process = true",
            );
        }
        let name = self.choice(STORE, &STORES)?;
        let of_stores =
            [(URL, StoreName::Redis), (TABLE, StoreName::DynamoDb), (REGION, StoreName::DynamoDb)];
        for (key, _) in of_stores.into_iter().filter(|(_, store)| *store != name) {
            if self.has(key) {
                let needed = if key == URL { "redis" } else { "dynamodb" };
                let finding = Finding::contradiction(format!("has an effect only with store = \"{needed}\""));
                let write = self.assignment(STORE, &Value::Text(needed.into()));
                self.report(key, finding.help(format!("{write}, or remove it")));
            }
        }
        match name {
            StoreName::Memory => Some(QuotaStoreConfig::Memory),
            StoreName::Redis => self.redis_url().map(QuotaStoreConfig::Redis),
            StoreName::DynamoDb => self.quota_table(routes),
        }
    }

    fn quota_table(&mut self, routes: &[RouteConfig]) -> Option<QuotaStoreConfig> {
        if !self.has(TABLE) {
            self.report_missing(TABLE, "\"upsign-quota\"");
        }
        let on_aws = routes.iter().find(|route| route.described().provider() == Provider::Aws);
        let region = self.optional::<Region>(REGION).or_else(|| {
            let is_absent = !self.has(REGION);
            on_aws.filter(|_| is_absent).map(|route| route.policy.target().region().clone())
        });
        if region.is_none() && !self.has(REGION) && !routes.is_empty() {
            self.report_missing(REGION, "\"eu-central-1\" # of the table, because no bucket is on AWS");
        }
        let table = self.dynamodb_table(TABLE)?.into();
        Some(QuotaStoreConfig::DynamoDb { table, region: region? })
    }

    /// Reads where the URL of the server is. No message repeats the value, which may be the URL with its password.
    fn redis_url(&mut self) -> Option<TokenSecretSource> {
        let example = "\"env:UPSIGN_REDIS_URL\"";
        if !self.has(URL) {
            self.report_missing(URL, example);
        }
        let text = self.text(URL)?;
        let help = format!("write url = {example}, and set the variable to the URL");
        if text.contains("://") {
            let message = "is a URL, which contains the password of the server";
            let finding = Finding::new(ProblemCode::SecretInFile, message).help(help).not_quotable();
            self.report(URL, finding);
            return None;
        }
        match self.secret_source(&text) {
            Some(source @ (TokenSecretSource::Env(_) | TokenSecretSource::File(_))) => Some(source),
            _ => {
                let finding = Finding::invalid("must be `env:NAME` or `file:PATH`").help(help).not_quotable();
                self.report(URL, finding);
                None
            }
        }
    }

    fn fail_mode(&mut self, is_needed: bool) -> Option<FailMode> {
        if is_needed && !self.has(FAIL) {
            self.report_missing(
                FAIL,
                "\"closed\" # uploads are refused while the store does not answer; or \"open\": they are not counted",
            );
        }
        self.choice(FAIL, &FAILS)
    }

    fn account_key(&mut self) -> Option<AccountKey> {
        let Some(text) = self.text(BY) else { return Some(AccountKey::Subject) };
        match (text.as_str(), self.quota_claim()) {
            ("subject", _) => Some(AccountKey::Subject),
            (_, Some(claim)) => Some(AccountKey::Claim(claim.into())),
            _ => {
                let finding = Finding::invalid("must be \"subject\" or \"claim:NAME\"");
                self.report(BY, finding.help("write by = \"claim:org_id\", for example"));
                None
            }
        }
    }

    fn report_single_process(&mut self, store: Option<&QuotaStoreConfig>) {
        let is_single = self.flag(SINGLE_PROCESS) == Some(true);
        if store == Some(&QuotaStoreConfig::Memory) && !is_single {
            let message =
                "counts in the memory of one process, and several would each permit the whole limit";
            let help = "add single_process = true below [server] if there is only one, or write store = \"dynamodb\" or \"redis\"";
            self.report(STORE, Finding::contradiction(message).help(help));
        }
    }

    fn report_quota_without_limits(&mut self) {
        for key in [STORE, FAIL, BY, URL, TABLE, REGION] {
            if self.has(key) {
                let finding =
                    Finding::contradiction("has an effect only with a limit per day or limit.shared");
                return self.report(
                    key,
                    finding.help("add per_day = 20 below [limit], for example, or remove [quota]"),
                );
            }
        }
    }

    /// Reports counted routes whose uploads may share a key: two uploads to one key would count once.
    fn report_shared_keys(&mut self, limits: &[QuotaLimit], routes: &[RouteConfig]) {
        for route in routes.iter().filter(|route| is_counted(limits, route)) {
            if route.policy.template().has_upload_id() {
                continue;
            }
            let key = format!("{}.key", section(route));
            let message = "has no {id}, and uploads per day are counted by their keys: several uploads to one key would count once";
            let with_id = super::pasted::with_id(route.policy.template().as_str());
            let help = self.assignment(&key, &Value::Text(with_id));
            self.report(&key, Finding::contradiction(message).help(help));
        }
    }

    /// Warns about limits that count something else than uploads, and about files that no limit permits.
    pub(super) fn judge_quota(
        &mut self,
        scopes: &[Scope],
        routes: &[RouteConfig],
        quota: Option<&QuotaConfig>,
    ) {
        let limits = quota.map(|quota| quota.limits.as_slice()).unwrap_or_default();
        for (scope, route) in scopes.iter().zip(routes) {
            if is_counted(limits, route) && !route.policy.confirmation().confirm() {
                let key =
                    [scope.key(PER_DAY), scope.key(BYTES_PER_DAY)].into_iter().find(|key| self.has(key));
                let key = key.unwrap_or_else(|| scope.section().to_owned());
                let message = "each grant counts as an upload of its largest or stated size, whether it was used or not";
                let help = "add confirm = true, so that only confirmed uploads count, with their sizes";
                self.warn(WarningCode::Policy, &key, None, message, help);
            }
            for key in
                ["limit".to_owned(), scope.section().to_owned()].map(|it| format!("{it}.{BYTES_PER_DAY}"))
            {
                let largest = route.policy.max_size();
                let Some(bytes) = self.size_of(&key).filter(|bytes| *bytes < largest) else { continue };
                let message = format!(
                    "is {}, less than one file of {} may have ({})",
                    units::format_size(bytes),
                    format_args!("[{}]", scope.section()),
                    units::format_size(largest)
                );
                self.warn(WarningCode::Policy, &key, None, message, "raise it, or lower max_size");
            }
        }
    }

    fn size_of(&self, key: &str) -> Option<u64> {
        self.count(key).or_else(|| units::parse_size(&self.text(key)?).ok())
    }

    /// Warns about stores that the generated function does not have.
    pub(super) fn judge_deployed_quota(&mut self, quota: Option<&QuotaConfig>) {
        let Some(quota) = quota else { return };
        match &quota.store {
            QuotaStoreConfig::Memory => {
                let message = "the generated function runs in several instances, each of which would permit the whole limit, and does \
                               not start";
                self.warn(WarningCode::QuotaNotDeployed, STORE, None, message, "write store = \"dynamodb\"");
            }
            QuotaStoreConfig::DynamoDb { .. } => {}
            QuotaStoreConfig::Redis(source) => {
                let message = format!(
                    "the generated function does not have {source}, because a template must not contain a password, and does not start \
                     without it"
                );
                let help = "write store = \"dynamodb\", or add it to a function of your own in a network from which it reaches the server";
                self.warn(WarningCode::QuotaNotDeployed, URL, None, message, help);
            }
        }
    }
}

/// Returns whether a limit counts the uploads of a route.
pub(super) fn is_counted(limits: &[QuotaLimit], route: &RouteConfig) -> bool {
    let name = route.name.as_ref();
    limits.iter().any(|limit| match &limit.scope {
        upsign::quota::QuotaScope::AllRoutes => true,
        upsign::quota::QuotaScope::Route(of) => of.as_ref() == name,
        _ => false,
    })
}

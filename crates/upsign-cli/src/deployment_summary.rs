//! A summary of the deployment that upsign.toml describes, as `check` prints it.

use serde_json::{Map, Value, json};
use upsign_config::{AuthSource, Config};
use upsign_core::Provider;
use upsign_documents::{
    ApiKind, CodeLocation, Deployment, Guard, IamCondition, IamPolicy, IamStatement, NotificationTarget,
    Reads,
};

use crate::output::Printer;

/// Returns whether the file describes a deployment on AWS: it has a section `[deployment]`, or uploads go to AWS.
pub(crate) fn is_relevant(config: &Config) -> bool {
    is_configured(config) || has_buckets(&config.deployment())
}

/// Returns whether the file has a section `[deployment]`.
pub(crate) fn is_configured(config: &Config) -> bool {
    config.effective().lines().any(|line| line == "[deployment]")
}

/// Returns whether AWS has buckets of the deployment, and thus policies, notifications and reads.
fn has_buckets(deployment: &Deployment) -> bool {
    deployment.routes().iter().any(|route| route.provider() == Provider::Aws)
}

/// Prints the permissions of the signing role, and those of the function if another role signs.
pub(crate) fn print_roles(to: Printer, config: &Config) {
    let deployment = config.deployment();
    match &config.deployment_config().signing_role {
        Some(signer) => {
            to.line(&format!("\nsigning role ({signer})"));
            print_role(to, &signer_of(&deployment));
            to.line("\nrole of the function");
        }
        None => to.line("\nsigning role"),
    }
    print_role(to, &IamPolicy::for_server(&deployment));
}

/// Returns the permissions of the signing role; none if AWS has no bucket.
fn signer_of(deployment: &Deployment) -> IamPolicy {
    if has_buckets(deployment) { IamPolicy::for_deployment(deployment) } else { IamPolicy::new([]) }
}

fn print_role(to: Printer, role: &IamPolicy) {
    if role.statements().is_empty() {
        to.detail("may", "nothing on AWS");
    }
    for statement in role.statements() {
        let (actions, resources) = (statement.actions().join(", "), statement.resources().join(", "));
        to.detail("may", &format!("{actions} on {resources}"));
        for condition in statement.conditions() {
            to.detail("", &format!("if {}", condition_text(condition)));
        }
    }
}

fn condition_text(condition: &IamCondition) -> String {
    format!("{} {} {}", condition.key(), condition.operator(), condition.values().join(" or "))
}

fn role_json(role: &IamPolicy) -> Value {
    let statement = |it: &IamStatement| {
        let conditions: Vec<String> = it.conditions().iter().map(condition_text).collect();
        json!({"actions": it.actions(), "resources": it.resources(), "conditions": conditions})
    };
    role.statements().iter().map(statement).collect()
}

/// A value of the deployment. Either form can be absent: a text where it would say nothing, JSON where another entry has it.
struct Entry {
    /// The label, and the text for people.
    text: Option<(&'static str, String)>,
    /// The name of the member, and its value.
    json: Option<(&'static str, Value)>,
}

impl Entry {
    fn new(
        label: &'static str,
        text: impl Into<String>,
        name: &'static str,
        value: impl Into<Value>,
    ) -> Self {
        Self { text: Some((label, text.into())), json: Some((name, value.into())) }
    }

    fn only_text(label: &'static str, text: impl Into<String>) -> Self {
        Self { text: Some((label, text.into())), json: None }
    }

    fn only_json(name: &'static str, value: impl Into<Value>) -> Self {
        Self { text: None, json: Some((name, value.into())) }
    }
}

/// Prints the deployment. Values that the file does not set are those of the generated documents.
pub(crate) fn print(to: Printer, config: &Config) {
    for (label, text) in entries(config).into_iter().filter_map(|entry| entry.text) {
        to.detail(label, &text);
    }
}

/// Returns what [`print`] and [`print_roles`] print, as a JSON object.
pub(crate) fn json(config: &Config) -> Value {
    let deployment = config.deployment();
    let entries = entries(config).into_iter().filter_map(|entry| entry.json);
    let roles = [
        ("signingRole", role_json(&signer_of(&deployment))),
        ("functionRole", role_json(&IamPolicy::for_server(&deployment))),
    ];
    let members = entries.chain(roles).map(|(name, value)| (name.to_owned(), value));
    Value::Object(members.collect())
}

/// Returns the values of the deployment, in order.
fn entries(config: &Config) -> Vec<Entry> {
    let (deployment, values) = (config.deployment(), config.deployment_config());
    let mut all = vec![Entry::new("api", api_name(values.api), "api", values.api.name())];
    all.extend(authorizer(config, &deployment));
    all.extend(limits(config, &deployment));
    if has_buckets(&deployment) {
        all.extend(buckets(config, &deployment));
    }
    all.extend(logs(&deployment));
    let monitoring = deployment.monitoring();
    let text = if monitoring { "alarms and a dashboard" } else { "none" };
    all.push(Entry::new("monitoring", text, "monitoring", monitoring));
    let texts = [
        ("account", "account", values.account.as_ref().map(ToString::to_string)),
        ("table", "table", values.table.clone()),
        ("scanner role", "scannerRole", values.scanner_role.as_ref().map(ToString::to_string)),
        ("queue", "queueArn", values.queue_arn.clone()),
        ("distribution", "distributionArn", values.distribution_arn.clone()),
        ("listener", "listenerArn", values.listener_arn.clone()),
        ("code", "code", values.code.as_ref().map(code)),
    ];
    for (label, name, text) in texts {
        all.extend(text.map(|text| Entry::new(label, text.clone(), name, text)));
    }
    if !values.variables.is_empty() {
        let names: Vec<&str> = values.variables.iter().map(|(name, _)| name.as_str()).collect();
        all.push(Entry::new("variables", names.join(", "), "variables", names));
    }
    all
}

fn authorizer(config: &Config, deployment: &Deployment) -> Vec<Entry> {
    let (source, reason) = (config.auth_source(), config.auth_source_reason());
    let verifier = match source {
        AuthSource::Authorizer => "the authorizer of the API verifies tokens",
        AuthSource::LambdaAuthorizer => "a Lambda authorizer of the API identifies callers",
        AuthSource::Iam => "the API verifies signatures with IAM credentials",
        _ => "the function verifies tokens",
    };
    let mut all = vec![
        Entry::new("auth source", format!("{verifier}: {reason}"), "authSource", source.as_str()),
        Entry::only_json("authSourceReason", reason),
    ];
    let notes = config.authorizer_notes();
    all.extend(notes.iter().map(|note| Entry::only_text("", note.clone())));
    all.push(Entry::only_json("authorizerNotes", notes));
    let scopes = deployment.authorizer().scopes();
    if !scopes.is_empty() {
        all.push(Entry::only_text("demands", format!("one of the scopes {}", scopes.join(", "))));
    }
    all.push(Entry::only_json("scopes", scopes));
    all
}

fn buckets(config: &Config, deployment: &Deployment) -> Vec<Entry> {
    let values = config.deployment_config();
    let (reads, notify) = (deployment.reads(), deployment.notification_target());
    let guards: Vec<&str> = deployment.guards().iter().copied().map(Guard::name).collect();
    let listed = if guards.is_empty() { "none".to_owned() } else { guards.join(", ") };
    let is_versioned = deployment.versioned();
    let versions = if is_versioned { "kept" } else { "not kept" };
    let mut all = vec![
        Entry::new("reads", reads_name(reads), "reads", reads.name()),
        Entry::new("notify", notify_name(notify), "notify", notify.name()),
        Entry::new("guards", listed, "guards", guards),
        Entry::new("versions", versions, "versioned", is_versioned),
    ];
    let is_regional = deployment.account_regional_buckets();
    if is_regional {
        all.push(Entry::only_text("namespace", "bucket names of the account and region"));
    }
    all.push(Entry::only_json("accountRegionalBuckets", is_regional));
    for (prefix, days) in &values.expire {
        all.push(Entry::only_text("expire", format!("{prefix} after {}", count_days(*days))));
    }
    let expire: Map<String, Value> =
        values.expire.iter().map(|(prefix, days)| (prefix.clone(), (*days).into())).collect();
    all.push(Entry::only_json("expire", expire));
    all
}

fn limits(config: &Config, deployment: &Deployment) -> Vec<Entry> {
    let instances = config.deployment_config().reserved_concurrency;
    let throttle = deployment.throttle();
    let requests =
        throttle.map(|it| format!("{} requests per second, {} at once", it.rate_per_second, it.burst));
    let reserved = instances.map(|count| match count {
        1 => "1 instance of the function".to_owned(),
        _ => format!("{count} instances of the function"),
    });
    let limits: Vec<String> = requests.into_iter().chain(reserved).collect();
    let text = if limits.is_empty() { "none but that of the account".to_owned() } else { limits.join("; ") };
    let mut all = vec![Entry::only_text("limit", text)];
    let throttle = throttle.map(|it| json!({"rate": it.rate_per_second, "burst": it.burst}));
    all.extend(throttle.map(|throttle| Entry::only_json("throttle", throttle)));
    all.extend(instances.map(|instances| Entry::only_json("reservedConcurrency", instances)));
    all
}

fn logs(deployment: &Deployment) -> Vec<Entry> {
    let days = deployment.log_retention();
    let kept = format!("kept for {}", count_days(days));
    let has_access_log = deployment.access_logs();
    let access = has_access_log.then_some("with an access log of the API");
    let is_traced = deployment.tracing();
    let traces = is_traced.then_some("with traces in X-Ray");
    let text: Vec<&str> = [kept.as_str()].into_iter().chain(access).chain(traces).collect();
    vec![
        Entry::new("logs", text.join(", "), "logRetentionDays", days),
        Entry::only_json("accessLog", has_access_log),
        Entry::only_json("tracing", is_traced),
    ]
}

fn count_days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

fn code(code: &CodeLocation) -> String {
    match code {
        CodeLocation::Object { bucket, key } => format!("s3://{bucket}/{key}"),
        CodeLocation::Local(path) => path.clone(),
        _ => String::new(),
    }
}

pub(crate) const fn api_name(api: ApiKind) -> &'static str {
    match api {
        ApiKind::Rest => "REST API",
        ApiKind::Http => "HTTP API",
        ApiKind::LoadBalancer => "load balancer",
        _ => "function URL",
    }
}

pub(crate) const fn reads_name(reads: Reads) -> &'static str {
    match reads {
        Reads::Presigned => {
            "presigned GET URLs, which the service signs for confirmed uploads, and else a function of your own"
        }
        Reads::CloudFront => {
            "a CloudFront distribution, by URLs that are signed with the key of [cloudfront]"
        }
        _ => "not through this deployment",
    }
}

pub(crate) const fn notify_name(target: NotificationTarget) -> &'static str {
    match target {
        NotificationTarget::Queue => "an SQS queue",
        NotificationTarget::EventBridge => "EventBridge",
        _ => "nothing",
    }
}

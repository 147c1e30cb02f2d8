//! A summary of the deployment that upsign.toml describes, as `check` prints it.

use serde_json::{Map, Value, json};
use upsign_config::{AuthSource, Config};
use upsign_core::Provider;
use upsign_documents::{ApiKind, CodeLocation, Deployment, Guard, IamPolicy, NotificationTarget, Reads};

use crate::output::Printer;

/// Returns whether the file describes a deployment on AWS: it has a section `[deployment]`, or uploads go to AWS.
pub(crate) fn is_relevant(config: &Config) -> bool {
    let is_configured = config.effective().lines().any(|line| line == "[deployment]");
    is_configured || has_buckets(&config.deployment())
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
            print_role(to, &IamPolicy::for_deployment(&deployment));
            to.line("\nrole of the function");
        }
        None => to.line("\nsigning role"),
    }
    print_role(to, &IamPolicy::for_runtime(&deployment));
}

fn print_role(to: Printer, role: &IamPolicy) {
    if role.statements().is_empty() {
        to.detail("may", "nothing on AWS");
    }
    for statement in role.statements() {
        let (actions, resources) = (statement.actions().join(", "), statement.resources().join(", "));
        to.detail("may", &format!("{actions} on {resources}"));
    }
}

/// Prints the deployment. Values that the file does not set are those of the generated documents.
pub(crate) fn print(to: Printer, config: &Config) {
    let (deployment, values) = (config.deployment(), config.deployment_config());
    to.detail("api", api_name(values.api));
    let verifier = match config.auth_source() {
        AuthSource::Authorizer => "the authorizer of the API verifies tokens",
        _ => "the function verifies tokens",
    };
    to.detail("auth source", &format!("{verifier}: {}", config.auth_source_reason()));
    to.detail("limit", &limit(config));
    if has_buckets(&deployment) {
        print_buckets(to, config, &deployment);
    }
    to.detail("logs", &logs(config));
    let monitoring = values.monitoring.unwrap_or(true);
    to.detail("monitoring", if monitoring { "alarms and a dashboard" } else { "none" });
    let texts = [
        ("table", &values.table),
        ("queue", &values.queue_arn),
        ("distribution", &values.distribution_arn),
        ("listener", &values.listener_arn),
        ("code", &values.code.as_ref().map(code)),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            to.detail(name, text);
        }
    }
    if !values.variables.is_empty() {
        let names: Vec<&str> = values.variables.iter().map(|(name, _)| name.as_str()).collect();
        to.detail("variables", &names.join(", "));
    }
}

fn print_buckets(to: Printer, config: &Config, deployment: &Deployment) {
    to.detail("reads", reads_name(deployment.reads()));
    to.detail("notify", notify_name(deployment.notification_target()));
    let guards: Vec<&str> = deployment.guards().iter().copied().map(Guard::name).collect();
    to.detail("guards", &if guards.is_empty() { "none".to_owned() } else { guards.join(", ") });
    to.detail("versions", if is_versioned(config) { "kept" } else { "not kept" });
    for (prefix, days) in &config.deployment_config().expire {
        to.detail("expire", &format!("{prefix} after {}", count_days(*days)));
    }
}

/// Returns what [`print`] and [`print_roles`] print, as a JSON object.
pub(crate) fn json(config: &Config) -> Value {
    let (deployment, values) = (config.deployment(), config.deployment_config());
    let expire: Map<String, Value> =
        values.expire.iter().map(|(prefix, days)| (prefix.clone(), (*days).into())).collect();
    let mut members = Map::new();
    let mut member = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    member("api", api_value(values.api).into());
    member("authSource", config.auth_source().as_str().into());
    member("authSourceReason", config.auth_source_reason().into());
    member("scopes", deployment.authorizer().scopes().into());
    if has_buckets(&deployment) {
        member("reads", reads_value(deployment.reads()).into());
        member("notify", notify_value(deployment.notification_target()).into());
        member("guards", deployment.guards().iter().copied().map(Guard::name).collect());
        member("versioned", is_versioned(config).into());
        member("expire", expire.into());
    }
    member("signingRole", role_json(&IamPolicy::for_deployment(&deployment)));
    member("functionRole", role_json(&IamPolicy::for_runtime(&deployment)));
    if let Some(instances) = values.reserved_concurrency {
        member("reservedConcurrency", instances.into());
    }
    if let Some((rate, burst)) = throttle(config) {
        member("throttle", json!({"rate": rate, "burst": burst}));
    }
    Value::Object(members)
}

fn role_json(role: &IamPolicy) -> Value {
    let statements = role.statements().iter();
    statements.map(|it| json!({"actions": it.actions(), "resources": it.resources()})).collect()
}

fn is_versioned(config: &Config) -> bool {
    config.deployment_config().versioned.unwrap_or(true)
}

/// Returns the requests per second and the burst that the API accepts, or `None` if it has no limit.
fn throttle(config: &Config) -> Option<(u32, u32)> {
    let values = config.deployment_config();
    let has_limit = matches!(values.api, ApiKind::Rest | ApiKind::Http);
    has_limit.then(|| (values.throttle_rate.unwrap_or(50), values.throttle_burst.unwrap_or(100)))
}

fn limit(config: &Config) -> String {
    let instances = config.deployment_config().reserved_concurrency.map(|count| match count {
        1 => "1 instance of the function".to_owned(),
        _ => format!("{count} instances of the function"),
    });
    let requests =
        throttle(config).map(|(rate, burst)| format!("{rate} requests per second, {burst} at once"));
    let limits: Vec<String> = requests.into_iter().chain(instances).collect();
    if limits.is_empty() { "none but that of the account".to_owned() } else { limits.join("; ") }
}

fn logs(config: &Config) -> String {
    let values = config.deployment_config();
    let kept = format!("kept for {}", count_days(values.log_retention.unwrap_or(30)));
    let has_access_log = throttle(config).is_some() && values.access_logs.unwrap_or(true);
    let access = has_access_log.then_some("with an access log of the API");
    let traces = values.tracing.unwrap_or(false).then_some("with traces in X-Ray");
    let all: Vec<&str> = [kept.as_str()].into_iter().chain(access).chain(traces).collect();
    all.join(", ")
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

const fn api_name(api: ApiKind) -> &'static str {
    match api {
        ApiKind::Rest => "REST API",
        ApiKind::Http => "HTTP API",
        ApiKind::LoadBalancer => "load balancer",
        _ => "function URL",
    }
}

const fn api_value(api: ApiKind) -> &'static str {
    match api {
        ApiKind::Rest => "rest",
        ApiKind::Http => "http",
        ApiKind::LoadBalancer => "alb",
        _ => "url",
    }
}

const fn reads_name(reads: Reads) -> &'static str {
    match reads {
        Reads::Presigned => "presigned GET URLs",
        Reads::CloudFront => "a CloudFront distribution, the only reader",
        _ => "not through this deployment",
    }
}

const fn reads_value(reads: Reads) -> &'static str {
    match reads {
        Reads::Presigned => "presigned",
        Reads::CloudFront => "cloudfront",
        _ => "none",
    }
}

const fn notify_name(target: NotificationTarget) -> &'static str {
    match target {
        NotificationTarget::Queue => "an SQS queue",
        NotificationTarget::EventBridge => "EventBridge",
        _ => "nothing",
    }
}

const fn notify_value(target: NotificationTarget) -> &'static str {
    match target {
        NotificationTarget::Queue => "queue",
        NotificationTarget::EventBridge => "event-bridge",
        _ => "none",
    }
}

//! `upsign check`: explains a configuration before it is deployed.

mod example_store;
mod grant;
mod live;

use clap::Args;
use serde_json::{Value, json};
use upsign_config::{Config, KeysFrom, RouteConfig, WarningCode};
use upsign_core::{WithCredentials, error_chain};
use upsign_documents::{DeploymentWarning, InvalidDeployment, sam_template};

use self::grant::{SampleGrant, fake_credentials, pairs_json, print_grant, sample_grant};
use crate::auth::place::AuthPlace;
use crate::command::documents::{self, ComparisonArgs};
use crate::config_file::{self, ConfigFile, Loaded, spaced};
use crate::diagnostic::{self, Severity};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::{
    callers_summary, deployment_summary, dialects_summary, multipart_summary, output, reads_summary, summary,
    types_summary,
};

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Exit with code 1 if there are warnings about values of upsign.toml. Those that say what has to be done on AWS, that
    /// uploads expire, and that some kinds of callers are excluded, do not count.
    #[arg(long)]
    deny_warnings: bool,
    /// Print the content types that each entry of `types` covers, with their extensions and the other names under which
    /// clients may send them.
    #[arg(long)]
    types: bool,
    /// With --live, also find out by experiments whether the store has what the routes rely on, as `upsign probe` does: objects are
    /// written below a new prefix and removed, with the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    #[arg(long, requires = "live")]
    probe: bool,
    #[command(flatten)]
    comparison: ComparisonArgs,
}

/// Returns the warnings about the deployment that belong to no line of the file: what has to be done on AWS, and what follows
/// from a choice. The others are warnings about the configuration.
fn deployment_warnings(config: &Config) -> Vec<Diagnostic> {
    if !deployment_summary::is_relevant(config) {
        return Vec::new();
    }
    let warnings = config.deployment().warnings();
    let has_line = |warning: &DeploymentWarning| {
        matches!(
            warning,
            DeploymentWarning::WideRole(_)
                | DeploymentWarning::PublicAcl { .. }
                | DeploymentWarning::ForeignStore { .. }
        )
    };
    let warnings = warnings.iter().filter(|warning| !has_line(warning));
    warnings.map(|warning| Diagnostic::new(warning.name(), warning.to_string())).collect()
}

/// Returns why the server and the function could not start with the key sets in files that lie next to the configuration. An
/// absolute path can name a file of another machine.
fn unusable_key_files(config: &Config) -> Vec<Diagnostic> {
    let Some(auth) = config.auth() else { return Vec::new() };
    let mut unusable = Vec::new();
    for (index, issuer) in auth.issuers.iter().enumerate() {
        let place = AuthPlace::file(config.clone(), index, auth.issuers.len(), issuer.name.as_ref());
        if !matches!(issuer.keys, KeysFrom::File(_)) || place.has_absolute_path("jwks_file") {
            continue;
        }
        if let Err(error) = issuer.fetch_keys(auth.http_fetch(issuer)) {
            let mut warning = Diagnostic::new("unusable-keys", error_chain(&error).to_string());
            warning.help =
                Some("the file is read at start, and without it no token can be verified".to_owned());
            place.point_at(&mut warning, &["jwks_file"]);
            unusable.push(warning);
        }
    }
    unusable
}

/// Returns why the stack of `[deployment]` cannot be generated, or `None` if it can or if there is no such section.
///
/// A Terraform module is written from the same resources as a SAM template.
fn ungenerated(config: &Config) -> Option<(InvalidDeployment, Diagnostic)> {
    if !deployment_summary::is_configured(config) {
        return None;
    }
    let error = sam_template(&config.deployment()).err()?;
    let key = match &error {
        InvalidDeployment::Bucket { bucket, .. } => Some(key_of_bucket(config, bucket)),
        InvalidDeployment::Regions => Some("bucket.region".to_owned()),
        InvalidDeployment::AccessPoint => Some("bucket.name".to_owned()),
        InvalidDeployment::Cors(_) => Some("cors.origins".to_owned()),
        _ => None,
    };
    let message = format!("no stack can be generated: {}", error_chain(&error));
    let place = key.as_deref().and_then(|key| config.effective_value(key)).map(|(_, place)| place);
    let place = place.and_then(|place| place.rsplit_once(':'));
    let diagnostic = Diagnostic {
        file: place.map(|(file, _)| file.to_owned()),
        line: place.and_then(|(_, line)| line.parse().ok()),
        key,
        help: Some(
            "`upsign documents sam` and `upsign documents terraform` fail until this is changed".to_owned(),
        ),
        ..Diagnostic::new("no-stack", message)
    };
    Some((error, diagnostic))
}

/// Returns the key that names a bucket.
fn key_of_bucket(config: &Config, bucket: &str) -> String {
    let route = config.routes().iter().find(|route| route.policy.target().bucket().as_str() == bucket);
    let own = route.and_then(|route| route.name.as_ref()).map(|name| format!("route.{name}.bucket"));
    own.filter(|key| config.effective_value(key).is_some()).unwrap_or_else(|| "bucket.name".to_owned())
}

pub(crate) async fn run(args: &CheckArgs, json: bool) -> Result<Exit, CommandError> {
    if args.comparison.is_live() {
        return live::run(args, json).await;
    }
    if args.comparison.is_requested() {
        return documents::compare(&args.comparison, json).await;
    }
    let Loaded { config, text } = args.comparison.deployment.config.load_with_text(|_| None)?;
    if let Some(found) = dialects_summary::not_started(&config) {
        return Err(CommandError::new(Exit::Usage, diagnostic::with_help(Severity::Error, found)));
    }
    let issuers =
        config.issuers(WithCredentials::new(upsign_config::StoreSigner::new(), fake_credentials()?));
    let issuers =
        issuers.map_err(|error| CommandError::caused("a policy cannot be signed", &error).into_usage())?;
    let warnings = config.warnings().iter();
    let mut warnings: Vec<Diagnostic> =
        spaced(warnings.map(|warning| diagnostic::of_warning(Severity::Warning, warning, &text))).collect();
    warnings.extend(unusable_key_files(&config));
    warnings.extend(
        multipart_summary::missing_keys(&config)
            .into_iter()
            .chain(multipart_summary::unusable_secret(&config))
            .chain(reads_summary::unusable_key(&config))
            .map(|it| diagnostic::with_help(Severity::Warning, it)),
    );
    match ungenerated(&config) {
        // Documents of single buckets can still be generated.
        Some((InvalidDeployment::Regions | InvalidDeployment::AccessPoint, warning)) => {
            warnings.push(warning);
        }
        Some((_, error)) => return Err(CommandError::new(Exit::Usage, error)),
        None => {}
    }
    let mut grants = Vec::new();
    for (route, issuer) in config.routes().iter().zip(&issuers) {
        match sample_grant(route, issuer.issuer()).await {
            Ok(grant) => grants.push((route, grant)),
            Err(reason) => {
                let name = summary::route_name(route);
                let message =
                    format!("{name}: the sample request is refused, although it should be granted: {reason}");
                warnings.push(Diagnostic::new("sample-refused", message));
            }
        }
    }
    // Uploads to a prefix that expires are a choice, as in a configuration that copies them once they are checked; so are routes
    // for some kinds of callers only.
    let is_choice = |code| matches!(code, WarningCode::ExpiringUploads | WarningCode::ExcludedCallers);
    let choices = config.warnings().iter().filter(|it| is_choice(it.code)).count();
    let deniable = warnings.len() - choices;
    let denied = args.deny_warnings && deniable > 0;
    warnings.extend(deployment_warnings(&config));
    if json {
        output::result(&report_json(&config, &grants, &warnings, denied, args.types).to_string());
        return Ok(if denied { Exit::Failure } else { Exit::Success });
    }
    if !output::is_quiet() {
        print_explanation(&config, &grants, args.types);
    }
    for warning in &warnings {
        output::warning_at(warning);
    }
    for note in documents::variable_notes(&config).iter().filter(|_| deployment_summary::is_relevant(&config))
    {
        output::notes().line(&format!("note: {note}"));
    }
    if !warnings.is_empty() {
        output::report().line("");
    }
    let routes = summary::count(config.routes().len(), "route");
    print_verdict(&routes, warnings.len());
    // A failure has no next step but its repair.
    if !denied || config_file::examples(config.warnings()) > 0 {
        output::report().next(&next_step(&args.comparison.deployment.config, &config));
    }
    if denied {
        let count = summary::count(deniable, "warning");
        return Err(CommandError::failure(format!("{count}, and --deny-warnings is set")));
    }
    Ok(Exit::Success)
}

/// Returns everything that `check` knows, as one JSON object.
fn report_json(
    config: &Config,
    grants: &[(&RouteConfig, SampleGrant)],
    warnings: &[Diagnostic],
    denied: bool,
    with_types: bool,
) -> Value {
    let headers = pairs_json(&callers_summary::request_headers(config));
    let routes: Vec<Value> = grants
        .iter()
        .map(|(route, grant)| {
            let mut json = grant.to_json(config, route, &headers);
            if let Some(members) = json.as_object_mut().filter(|_| with_types) {
                members.insert("typesCovered".to_owned(), types_summary::json(route));
            }
            json
        })
        .collect();
    let verdict = match (warnings.is_empty(), denied) {
        (true, _) => "ok",
        (false, false) => "warnings",
        (false, true) => "denied",
    };
    let callers = callers_summary::json(config);
    let mut report = json!({"verdict": verdict, "routes": routes, "callers": callers, "warnings": warnings});
    let Some(members) = report.as_object_mut() else { return report };
    if !config.dialects().is_empty() {
        members.insert("dialects".to_owned(), dialects_summary::json(config));
    }
    if config.needs_store() {
        members.insert("token".to_owned(), multipart_summary::tokens_json(config));
    }
    if deployment_summary::is_relevant(config) {
        members.insert("deployment".to_owned(), deployment_summary::json(config));
    }
    if let Some(reads) = reads_summary::json(config) {
        members.insert("cloudfront".to_owned(), reads);
    }
    report
}

/// Prints what each route grants, who may upload, and the deployment.
fn print_explanation(config: &Config, grants: &[(&RouteConfig, SampleGrant)], with_types: bool) {
    for (route, grant) in grants {
        print_grant(config, route, grant);
        if with_types {
            types_summary::print(output::report(), route);
        }
    }
    if !config.dialects().is_empty() {
        output::report().line("\nclients of other services");
        dialects_summary::print(output::report(), config);
    }
    if config.needs_store() {
        output::report().line("\nupload tokens");
        multipart_summary::print_tokens(output::report(), config);
    }
    output::report().line("\ncallers");
    callers_summary::print(output::report(), config);
    if deployment_summary::is_relevant(config) {
        deployment_summary::print_roles(output::report(), config);
        output::report().line("\ndeployment on AWS (upsign documents)");
        deployment_summary::print(output::report(), config);
        reads_summary::print(output::report(), config);
    }
    output::report().line("");
}

fn print_verdict(routes: &str, warnings: usize) {
    let style = if warnings == 0 { output::GREEN } else { output::YELLOW };
    let count = summary::count(warnings, "warning");
    output::report().line(&format!("{style}{routes}, {count}{style:#}"));
}

/// Returns the next step: the stack that the file describes, the server, or what has to be changed before.
fn next_step(file: &ConfigFile, config: &Config) -> String {
    let warnings = config.warnings();
    let has = |code| warnings.iter().any(|warning| warning.code == code);
    let serve = file.command("upsign serve");
    match config_file::examples(warnings) {
        0 if has(WarningCode::NeedsAuthorize) => {
            format!("embed the library in an application, or remove client_may_supply, then: {serve}")
        }
        0 if has(WarningCode::NoAuth) => format!("deploy behind a gateway, or add [auth], then: {serve}"),
        0 if has_gateway_callers(config) => stack(file),
        0 if deployment_summary::is_configured(config) => {
            format!("{}; on your own server: {serve}", stack(file))
        }
        0 => serve,
        count => config_file::change_examples(count, &file.command("upsign check")),
    }
}

/// Returns the commands that print the stack of the function.
fn stack(file: &ConfigFile) -> String {
    let [sam, terraform] = ["sam", "terraform"].map(|it| file.command(&format!("upsign documents {it}")));
    format!("{sam} > template.yaml, or {terraform} > main.tf")
}

/// Returns whether only the function knows the callers, because a gateway identifies them without a token.
fn has_gateway_callers(config: &Config) -> bool {
    config.auth().is_some_and(|auth| auth.gateway.is_some())
}

//! `upsign documents`: generates the AWS documents that belong to a configuration.

mod args;
mod check;
mod choices;
mod deployment;
mod foreign;
mod next;
mod openapi;
mod options;
mod overrides;
mod repair;
mod report;
mod store;

use upsign_config::{Config, WarningCode};
use upsign_core::Provider;
use upsign_documents::{
    BucketDocument, CloudFormationTemplate, CorsDocument, Deployment, DeploymentBucket, DeploymentWarning,
    IamPolicy, LifecycleDocument, NotificationDocument, NotificationTarget, Reads, monitoring_template,
    read_access_template, sam_template, terraform_module,
};

use args::{
    BucketPolicyArgs, CorsArgs, DeploymentArgs, Document, IamArgs, LifecycleArgs, NotificationArgs, Preset,
    Role,
};
pub(crate) use args::{ComparisonArgs, DocumentsArgs};
pub(crate) use check::{ComparedDocuments, PARTS_OF_LIVE, compare, inspect};
use choices::{Format, ModuleFormat, NotificationFormat, PolicyFormat, TemplateFormat};
pub(crate) use options::{hide_unused, refuse_unused};
pub(crate) use overrides::variable_notes;

use crate::exit::{CommandError, Exit};
use crate::output;

pub(crate) async fn run(args: &DocumentsArgs, json: bool) -> Result<Exit, CommandError> {
    if json && let Some(format) = args.document.other_format() {
        return Err(CommandError::usage(format!("--json prints JSON, but {format} does not"))
            .with_help("leave one of the two out"));
    }
    let mut deployed = None;
    let text = match &args.document {
        Document::Cors(args) => cors(args)?,
        Document::Iam(args) => iam(args)?,
        Document::BucketPolicy(args) => bucket_policy(args)?,
        Document::Lifecycle(args) => lifecycle(args)?,
        Document::Notification(args) => notification(args)?,
        Document::Reads(args) => in_form(&reads(args)?, json),
        Document::Cloudwatch(args) => in_form(&monitoring(args)?, json),
        Document::Openapi(args) => openapi::openapi(args)?,
        Document::Sam(args) => {
            let (config, deployment) = whole(&args.deployment)?;
            let template = sam_template(&deployment);
            let template = template.map_err(|error| cannot_generate("SAM template", &error))?;
            deployed = Some((config, args.deployment.config.path(), next::Tool::Sam));
            in_form(&template, json || matches!(args.format, Some(TemplateFormat::Json)))
        }
        Document::Terraform(args) => {
            let (config, deployment) = whole(&args.deployment)?;
            note_unused_code(&config);
            let module = terraform_module(&deployment);
            let module = module.map_err(|error| cannot_generate("Terraform module", &error))?;
            deployed = Some((config, args.deployment.config.path(), next::Tool::Terraform));
            let in_json = json || matches!(args.format, Some(ModuleFormat::Json));
            if in_json { module.to_json() } else { module.to_hcl() }
        }
        Document::Check(args) => return compare(args, json).await,
    };
    output::result(text.trim_end());
    // Last, where a terminal still shows it after a long template.
    if let Some((config, path, tool)) = deployed {
        next::print(&config, path, tool);
    }
    Ok(Exit::Success)
}

/// Returns a template in JSON or YAML.
fn in_form(template: &CloudFormationTemplate, json: bool) -> String {
    if json { template.to_json() } else { template.to_yaml() }
}

/// Returns the error for a document that the configuration does not allow.
fn cannot_generate(document: &str, error: &dyn std::error::Error) -> CommandError {
    CommandError::caused(&format!("cannot generate the {document}"), error).into_usage()
}

/// Returns the configuration and its deployment for a template or module of all of it, and prints the warnings.
fn whole(args: &DeploymentArgs) -> Result<(Config, Deployment), CommandError> {
    let config = deployment::whole_from_args(args)?;
    let deployment = config.deployment();
    deployment::warn_of_guards(&deployment);
    warn(&deployment);
    warn_of_settings(
        &config,
        &[
            WarningCode::ExpiringUploads,
            WarningCode::NoThrottle,
            WarningCode::TokenSecretNotDeployed,
            WarningCode::LargeCompletions,
        ],
    );
    for warning in config.warnings_if_deployed() {
        output::warning(&warning.to_string());
    }
    store::note_unused_arns(&deployment);
    Ok((config, deployment))
}

/// Notes that a Terraform module takes the place of the code as a variable.
fn note_unused_code(config: &Config) {
    if let Some((value, place)) = config.effective_value("deployment.code") {
        output::notes().line(&format!(
            "note: deployment.code = {value} ({place}) is not used: the variable `package` of the module names the zip file"
        ));
    }
}

/// Prints what an operator should know before deploying.
fn warn(deployment: &Deployment) {
    for warning in deployment.warnings() {
        output::warning(&warning.to_string());
    }
}

/// Prints the warnings of these kinds about the configuration.
fn warn_of_settings(config: &Config, codes: &[WarningCode]) {
    for warning in config.warnings().iter().filter(|warning| codes.contains(&warning.code)) {
        output::warning(&warning.to_string());
    }
}

fn monitoring(args: &DeploymentArgs) -> Result<CloudFormationTemplate, CommandError> {
    let template = monitoring_template(&deployment::from_args(args)?);
    template.map_err(|error| cannot_generate("CloudWatch template", &error))
}

fn cors(args: &CorsArgs) -> Result<String, CommandError> {
    let deployment = deployment::from_args(&args.deployment)?;
    let bucket = deployment::bucket_for(&deployment, &args.deployment, BucketDocument::Cors)?;
    store::check_form(&bucket, BucketDocument::Cors, args.format)?;
    let document = match args.preset {
        Some(Preset::Article) => {
            output::warning(
                "this rule lets pages of every origin upload with a URL they obtained: replace `*` before production",
            );
            CorsDocument::two_step_upload()
        }
        None => CorsDocument::for_bucket(&deployment, &bucket)
            .map_err(|error| cannot_generate("CORS configuration", &error))?,
    };
    if document.rules().is_empty() {
        output::warning("[cors] origins is empty: no page can upload");
    }
    if bucket.provider() == Provider::Gcs {
        let json = document.to_google_json().map_err(|error| cannot_generate("CORS configuration", &error));
        return json.map_err(|error| error.with_help("list the names of client_metadata in place of \"*\""));
    }
    let name = bucket.bucket().as_str();
    Ok(match args.format {
        Format::Json => document.to_json(),
        Format::Console => document.to_console_json(),
        Format::Xml => document.to_xml(),
        Format::Cloudformation => document.to_cloudformation(),
        Format::Terraform => document.to_terraform(name),
        Format::TerraformJson => document.to_terraform_json(name),
    })
}

fn reads(args: &DeploymentArgs) -> Result<CloudFormationTemplate, CommandError> {
    let deployment = deployment::from_args(args)?;
    if deployment.reads() == Reads::None {
        let error = CommandError::usage("uploads are not read through this deployment");
        return Err(error.with_help(
            "set reads = \"presigned\" or \"cloudfront\" in [deployment], or pass --reads presigned or --reads cloudfront",
        ));
    }
    warn(&deployment);
    if deployment.warnings().iter().any(|warning| matches!(warning, DeploymentWarning::KeyPolicy { .. })) {
        output::notes().line("add to the policy of the KMS key:");
        output::notes().line(&IamPolicy::for_kms_key("ARN OF THE DISTRIBUTION").to_json());
    }
    read_access_template(&deployment).map_err(|error| cannot_generate("template", &error))
}

fn iam(args: &IamArgs) -> Result<String, CommandError> {
    let deployment = deployment::from_args(&args.deployment)?;
    let policy = match args.role {
        Role::Signer => {
            store::check_signer(&deployment)?;
            warn(&deployment);
            IamPolicy::for_deployment(&deployment)
        }
        Role::Runtime => IamPolicy::for_server(&deployment),
        Role::Worker => {
            let queue = deployment.queue_arn().ok_or_else(|| missing_queue("reads"))?;
            IamPolicy::for_worker(&deployment, queue)
        }
    };
    Ok(match args.format {
        PolicyFormat::Json => policy.to_json(),
        PolicyFormat::Terraform => policy.to_terraform_role_policy("uploads"),
        PolicyFormat::TerraformJson => policy.to_terraform_json_role_policy("uploads"),
    })
}

fn bucket_policy(args: &BucketPolicyArgs) -> Result<String, CommandError> {
    let deployment = deployment::from_args(&args.deployment)?;
    deployment::warn_of_guards(&deployment);
    let bucket = deployment::bucket_for(&deployment, &args.deployment, BucketDocument::BucketPolicy)?;
    store::check(&bucket, BucketDocument::BucketPolicy)?;
    if deployment.reads() == Reads::CloudFront && deployment.distribution_arn().is_none() {
        return Err(missing_distribution());
    }
    let policy = IamPolicy::for_bucket(&deployment, &bucket, deployment.distribution_arn());
    let policy = policy.map_err(|error| cannot_generate("bucket policy", &error))?;
    let name = bucket.bucket().as_str();
    Ok(match args.format {
        PolicyFormat::Json => policy.to_json(),
        PolicyFormat::Terraform => policy.to_terraform_bucket_policy(name),
        PolicyFormat::TerraformJson => policy.to_terraform_json_bucket_policy(name),
    })
}

fn lifecycle(args: &LifecycleArgs) -> Result<String, CommandError> {
    let config = deployment::configured(&args.deployment)?;
    warn_of_settings(&config, &[WarningCode::ExpiringUploads]);
    let deployment = config.deployment();
    let bucket = deployment::bucket_for(&deployment, &args.deployment, BucketDocument::Lifecycle)?;
    store::check_form(&bucket, BucketDocument::Lifecycle, args.format)?;
    let document = LifecycleDocument::for_bucket(&deployment, &bucket);
    store::check_rules(&bucket, &document)?;
    let name = bucket.bucket().as_str();
    Ok(match args.format {
        Format::Json => document.to_json(),
        Format::Console => {
            return Err(CommandError::usage("the S3 console has no editor for lifecycle JSON")
                .with_help("use --format json"));
        }
        Format::Xml => document.to_xml(),
        Format::Cloudformation => document.to_cloudformation(),
        Format::Terraform => document.to_terraform(name),
        Format::TerraformJson => document.to_terraform_json(name),
    })
}

fn notification(args: &NotificationArgs) -> Result<String, CommandError> {
    let deployment = deployment::from_args(&args.deployment)?;
    let bucket = deployment::bucket_for(&deployment, &args.deployment, BucketDocument::Notification)?;
    store::check(&bucket, BucketDocument::Notification)?;
    let document = notifications(&deployment, &bucket, deployment.queue_arn())?;
    let document = document.ok_or_else(|| {
        CommandError::usage("notifications are disabled").with_help(
            "set notify = \"queue\" or \"event-bridge\" in [deployment], or pass --notify queue or --notify event-bridge",
        )
    })?;
    let name = bucket.bucket().as_str();
    Ok(match args.format {
        NotificationFormat::Json => document.to_json(),
        NotificationFormat::Xml => document.to_xml(),
        NotificationFormat::Cloudformation => document.to_cloudformation(),
        NotificationFormat::Terraform => document.to_terraform(name),
        NotificationFormat::TerraformJson => document.to_terraform_json(name),
        NotificationFormat::QueuePolicy => {
            let account = deployment.account().ok_or_else(|| {
                let error = CommandError::usage("the account is missing, which the queue policy contains");
                error.with_help("set account in [deployment], or pass --account NUMBER")
            })?;
            let queue = deployment.queue_arn().ok_or_else(|| missing_queue("receives"))?;
            IamPolicy::for_queue(&bucket.arn(), account.as_str(), queue).to_json()
        }
    })
}

/// Returns the error for a missing distribution.
fn missing_distribution() -> CommandError {
    let error =
        CommandError::usage("distribution_arn is missing: which CloudFront distribution reads the bucket?");
    error.with_help("set distribution_arn in [deployment], or pass --distribution-arn ARN")
}

/// Returns the error for a missing queue, which receives or reads notifications.
fn missing_queue(verb: &str) -> CommandError {
    let message = match verb {
        "reads" => "queue_arn is missing: which queue does the worker read?",
        _ => "queue_arn is missing: which queue receives the notifications?",
    };
    CommandError::usage(message)
        .with_help("set queue_arn in [deployment], or pass --queue-arn arn:aws:sqs:REGION:ACCOUNT:NAME")
}

/// Returns the bucket's notification configuration, or `None` if notifications are disabled.
///
/// # Errors
/// Notifications go to a queue and `queue_arn` is missing.
fn notifications(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    queue_arn: Option<&str>,
) -> Result<Option<NotificationDocument>, CommandError> {
    if deployment.notification_target() == NotificationTarget::Queue && queue_arn.is_none() {
        return Err(missing_queue("receives"));
    }
    Ok(NotificationDocument::for_bucket(deployment, bucket, queue_arn.unwrap_or_default()))
}

//! The command line of `upsign documents`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::choices::{
    Format, ModuleFormat, NotificationFormat, OpenApiFormat, PolicyFormat, TemplateFormat, apis,
    expiring_prefix, notification_targets, reads,
};
use crate::config_file::ConfigFile;
use crate::value_parser::pair;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DocumentsArgs {
    #[command(subcommand)]
    pub(super) document: Document,
}

/// One subcommand per document.
#[derive(Debug, Subcommand)]
pub(super) enum Document {
    /// Print the bucket's CORS configuration: which pages may send which methods and headers.
    ///
    /// Apply it with `aws s3api put-bucket-cors --bucket NAME --cors-configuration file://cors.json`. The editor of the S3
    /// console takes `--format console`.
    #[command(after_help = examples::CORS)]
    Cors(CorsArgs),
    /// Print an IAM policy with the least permissions that a role needs.
    #[command(after_help = examples::IAM)]
    Iam(IamArgs),
    /// Print the bucket policy, which denies unsafe requests of every caller.
    #[command(after_help = examples::BUCKET_POLICY)]
    BucketPolicy(BucketPolicyArgs),
    /// Print the lifecycle configuration: incomplete multipart uploads and pending objects expire.
    #[command(after_help = examples::LIFECYCLE)]
    Lifecycle(LifecycleArgs),
    /// Print the notification configuration: which queue or bus receives events about new objects.
    #[command(after_help = examples::NOTIFICATION)]
    Notification(NotificationArgs),
    /// Print the resources for reading uploads, to paste into the template of the bucket, if deployment.reads says how.
    #[command(after_help = examples::READS)]
    Reads(DeploymentArgs),
    /// Print alarms and a dashboard as CloudFormation resources.
    #[command(after_help = examples::CLOUDWATCH)]
    Cloudwatch(DeploymentArgs),
    /// Print the OpenAPI description of the deployed API: what each route accepts, grants and refuses.
    #[command(after_help = examples::OPENAPI)]
    Openapi(OpenApiArgs),
    /// Print the whole deployment as a template for `sam deploy`, and the commands that build, deploy and call it.
    #[command(after_help = examples::SAM)]
    Sam(SamArgs),
    /// Print the whole deployment as a Terraform module.
    #[command(after_help = examples::TERRAFORM)]
    Terraform(TerraformArgs),
    /// Compare documents in use with the generated ones; another name of `upsign check --against`.
    ///
    /// A difference is breaking (uploads, confirmations or reads fail), wider (more is permitted than the uploads need), cosmetic
    /// (nothing fails, but storage costs more or scripts see less) or narrower (more is denied, but nothing that the uploads
    /// need). Exits with code 0 if they agree or are only narrower, and with code 1 if they differ otherwise.
    #[command(after_help = examples::CHECK)]
    Check(ComparisonArgs),
}

impl Document {
    /// Returns the format in which the document will be printed, as the option that selects it, if that is not JSON.
    pub(super) const fn other_format(&self) -> Option<&'static str> {
        match self {
            Self::Cors(CorsArgs { format, .. }) | Self::Lifecycle(LifecycleArgs { format, .. }) => {
                match format {
                    Format::Xml => Some("--format xml"),
                    Format::Cloudformation => Some("--format cloudformation"),
                    Format::Terraform => Some("--format terraform"),
                    Format::Json | Format::Console | Format::TerraformJson => None,
                }
            }
            Self::Notification(args) => match args.format {
                NotificationFormat::Xml => Some("--format xml"),
                NotificationFormat::Cloudformation => Some("--format cloudformation"),
                NotificationFormat::Terraform => Some("--format terraform"),
                NotificationFormat::Json
                | NotificationFormat::TerraformJson
                | NotificationFormat::QueuePolicy => None,
            },
            Self::Iam(IamArgs { format, .. }) | Self::BucketPolicy(BucketPolicyArgs { format, .. }) => {
                match format {
                    PolicyFormat::Terraform => Some("--format terraform"),
                    PolicyFormat::Json | PolicyFormat::TerraformJson => None,
                }
            }
            Self::Sam(args) => match args.format {
                Some(TemplateFormat::Yaml) => Some("--format yaml"),
                _ => None,
            },
            Self::Terraform(args) => match args.format {
                Some(ModuleFormat::Hcl) => Some("--format hcl"),
                _ => None,
            },
            Self::Openapi(args) => match args.format {
                OpenApiFormat::Markdown => Some("--format markdown"),
                OpenApiFormat::V3_0 | OpenApiFormat::V3_1 => None,
            },
            Self::Reads(_) | Self::Cloudwatch(_) | Self::Check(_) => None,
        }
    }
}

/// Values of `[deployment]` in upsign.toml, for one command.
///
/// Every document has all of them, and [`options`](super::options) hides and refuses those that do not change it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Deployment")]
pub(crate) struct DeploymentArgs {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Bucket, if upsign.toml names several.
    #[arg(long, value_name = "NAME")]
    pub(super) bucket: Option<String>,
    /// AWS account id, twelve digits; for documents that contain it.
    #[arg(long, value_name = "NUMBER")]
    pub(super) account: Option<String>,
    /// What invokes the Lambda function.
    #[arg(long, value_parser = apis())]
    pub(super) api: Option<String>,
    /// Listener of the load balancer; required with --api alb.
    #[arg(long, value_name = "ARN")]
    pub(super) listener_arn: Option<String>,
    /// The function's code: a zip file, a folder, or s3://BUCKET/KEY.
    #[arg(long, value_name = "PATH")]
    pub(super) code: Option<String>,
    /// Environment variable of the function, in addition to deployment.variables; repeatable. Values from upsign.toml need
    /// none: the file is in the zip file.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) variables: Vec<(String, String)>,
    /// Leave out alarms and dashboard, for an emulator or another monitoring system.
    #[arg(long)]
    pub(super) unwatched: bool,
    /// How uploads are read.
    #[arg(long, value_parser = reads())]
    pub(super) reads: Option<String>,
    /// CloudFront distribution that reads; with reads = "cloudfront", a bucket policy outside of a template needs it.
    #[arg(long, value_name = "ARN")]
    pub(super) distribution_arn: Option<String>,
    /// Where notifications about new objects go.
    #[arg(long, value_parser = notification_targets())]
    pub(super) notify: Option<String>,
    /// Queue that receives the notifications, for documents outside of a template.
    #[arg(long, value_name = "ARN")]
    pub(super) queue_arn: Option<String>,
    /// Generate documents for a bucket without versioning.
    #[arg(long)]
    pub(super) unversioned: bool,
    /// Delete objects under PREFIX, with all versions, after DAYS, in addition to deployment.expire; repeatable.
    #[arg(long, value_name = "PREFIX=DAYS", value_parser = expiring_prefix)]
    pub(super) pending: Vec<(String, String)>,
    /// Move uploads of every route to STANDARD_IA after DAYS, at least 30.
    #[arg(long, value_name = "DAYS")]
    pub(super) infrequent_after: Option<String>,
    /// DynamoDB table that a function of your own uses.
    #[arg(long, value_name = "NAME")]
    pub(super) table: Option<String>,
    /// Role that the service assumes to sign; its own role then has no access to objects.
    #[arg(long, value_name = "ARN")]
    pub(super) signing_role: Option<String>,
    /// Guard in the bucket policy, in addition to deployment.guards (default: tls, tls12 and sigv4); repeatable. One of
    /// signature-age, auth-type, no-overwrite, encryption, acl, storage-class, scanned, account. Each of them also denies some
    /// legitimate requests; a warning names them. `none` leaves out those of upsign.toml and the default ones.
    #[arg(long = "guard", value_name = "GUARD")]
    pub(super) guards: Vec<String>,
    /// Role of the GuardDuty Malware Protection plan, which the guard `scanned` needs.
    #[arg(long, value_name = "ARN")]
    pub(super) scanner_role: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CorsArgs {
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(super) format: Format,
    /// Print this document instead of the derived one.
    #[arg(long, value_enum)]
    pub(super) preset: Option<Preset>,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Preset {
    /// The permissive rule of the original two-step upload design: every origin, method and header.
    Article,
}

#[derive(Debug, Args)]
pub(super) struct IamArgs {
    /// Role that the policy is for.
    #[arg(long, value_enum, default_value_t = Role::Signer)]
    pub(super) role: Role,
    /// Output format.
    #[arg(long, value_enum, default_value_t = PolicyFormat::Json)]
    pub(super) format: PolicyFormat,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Role {
    /// The role whose credentials sign uploads.
    Signer,
    /// The role that the service runs as; with --signing-role, another role than the signer.
    Runtime,
    /// The role that reads notifications about new objects from the queue.
    Worker,
}

#[derive(Debug, Args)]
pub(super) struct BucketPolicyArgs {
    /// Output format.
    #[arg(long, value_enum, default_value_t = PolicyFormat::Json)]
    pub(super) format: PolicyFormat,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

#[derive(Debug, Args)]
pub(super) struct LifecycleArgs {
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

#[derive(Debug, Args)]
pub(super) struct NotificationArgs {
    /// Output format.
    #[arg(long, value_enum, default_value_t = NotificationFormat::Json)]
    pub(super) format: NotificationFormat,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

#[derive(Debug, Args)]
pub(super) struct OpenApiArgs {
    /// Version of OpenAPI, or a page of text.
    #[arg(long, value_enum, default_value_t = OpenApiFormat::V3_1)]
    pub(super) format: OpenApiFormat,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

#[derive(Debug, Args)]
pub(super) struct SamArgs {
    /// Output format [default: yaml, or json with --json].
    #[arg(long, value_enum)]
    pub(super) format: Option<TemplateFormat>,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

#[derive(Debug, Args)]
pub(super) struct TerraformArgs {
    /// Output format [default: hcl, or json with --json].
    #[arg(long, value_enum)]
    pub(super) format: Option<ModuleFormat>,
    #[command(flatten)]
    pub(super) deployment: DeploymentArgs,
}

/// The documents in use, with which the generated ones are compared.
#[derive(Debug, Args)]
#[command(next_help_heading = "Documents in use")]
pub(crate) struct ComparisonArgs {
    /// Compare with these files: a CloudFormation or SAM template in YAML or JSON, Terraform (.tf, .tf.json or the output of
    /// `terraform show -json`), or one document (CORS, IAM policy, bucket policy, lifecycle, notification) in any of its
    /// formats. The kind is detected. `-` is standard input.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) against: Vec<PathBuf>,
    /// Compare with the bucket's current configuration, read with the credentials of the AWS provider chain; needs a build with
    /// `--features live`. `upsign check` also sends the preflights that browsers would send before the uploads of each route.
    #[arg(long)]
    pub(super) live: bool,
    /// Succeed although this part was not compared; repeatable. NAME is as the report prints it.
    #[arg(long, value_name = "NAME")]
    pub(super) allow_uncompared: Vec<String>,
    #[command(flatten)]
    pub(crate) deployment: DeploymentArgs,
}

impl ComparisonArgs {
    /// Returns whether the bucket itself is looked at.
    pub(crate) const fn is_live(&self) -> bool {
        self.live
    }

    /// Returns whether a part may stay unchecked.
    pub(crate) fn allows(&self, part: &str) -> bool {
        self.allow_uncompared.iter().any(|name| name == part)
    }

    /// Returns the bucket that the command line names.
    pub(crate) fn bucket(&self) -> Option<&str> {
        self.deployment.bucket.as_deref()
    }

    /// Returns whether there is anything to compare with.
    pub(crate) const fn is_requested(&self) -> bool {
        self.live || !self.against.is_empty()
    }
}

const AFTER_HELP: &str = "\
Each document is derived from upsign.toml and allows what the granted uploads need. The section
[deployment] holds what surrounds the uploads; an option replaces one of its values for one command,
and says so. Documents go to standard output, warnings to standard error.

Examples:
  upsign documents cors > cors.json
  aws s3api put-bucket-cors --bucket my-bucket --cors-configuration file://cors.json

  upsign documents iam > policy.json                # the permissions of the signing role
  upsign documents bucket-policy --guard signature-age --guard acl
  upsign documents lifecycle --pending pending/=1   # unconfirmed uploads are deleted after a day
  upsign documents sam > template.yaml              # bucket, queue, function, API, alarms

  aws s3api get-bucket-cors --bucket my-bucket > deployed.json
  upsign check --against deployed.json              # for CI: exit code 1 if it differs

Several routes into one bucket are combined into one document: S3 keeps one document of each kind,
and writing one replaces the previous one.";

/// The examples of each document. A test runs every line.
mod examples {
    pub(super) const CORS: &str = "\
Examples:
  upsign documents cors > cors.json
  upsign documents cors --format terraform";
    pub(super) const IAM: &str = "\
Examples:
  upsign documents iam > policy.json
  upsign documents iam --role worker --queue-arn arn:aws:sqs:ap-southeast-1:123456789012:uploads";
    pub(super) const BUCKET_POLICY: &str = "\
Examples:
  upsign documents bucket-policy > bucket-policy.json
  upsign documents bucket-policy --guard signature-age    # in addition to tls, tls12 and sigv4";
    pub(super) const LIFECYCLE: &str = "\
Examples:
  upsign documents lifecycle --pending pending/=1 > lifecycle.json";
    pub(super) const NOTIFICATION: &str = "\
Examples:
  upsign documents notification --queue-arn arn:aws:sqs:ap-southeast-1:123456789012:uploads";
    pub(super) const READS: &str = "\
Examples:
  upsign documents reads --reads presigned
  upsign documents reads --reads presigned > reads.yaml";
    pub(super) const CLOUDWATCH: &str = "\
Examples:
  upsign documents cloudwatch > alarms.yaml";
    pub(super) const OPENAPI: &str = "\
Examples:
  upsign documents openapi > openapi.json
  upsign documents openapi --format 3.0      # for tools that do not read 3.1
  upsign documents openapi --format markdown > llms.txt";
    pub(super) const SAM: &str = "\
Examples:
  upsign documents sam > template.yaml
  upsign documents sam --api http --code s3://my-artifacts/upsign.zip";
    pub(super) const TERRAFORM: &str = "\
Examples:
  upsign documents terraform > main.tf
  upsign documents terraform --format json > main.tf.json";
    pub(super) const CHECK: &str = "\
Examples:
  upsign check --against cors.json";
}

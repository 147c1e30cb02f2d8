//! `upsign documents`.

mod args;
mod check;
mod choices;
mod system;

use upsign_documents::{
    CorsDocument, Guard, IamPolicy, LifecycleDocument, NotificationDocument, Reads, System, reads_template,
    sam, terraform, watch_template,
};
use upsign_policy::UploadPolicy;

pub(crate) use args::{AFTER_HELP, Comparison, Document};
use args::{BucketPolicy, Cors, Iam, Lifecycle, Notification, Preset, Role};
pub(crate) use check::compared;
use choices::{Format, NotificationFormat, PolicyFormat, TemplateFormat};

use crate::exit::{Exit, Failed};
use crate::say;

pub(crate) async fn run(document: &Document, as_json: bool) -> Result<Exit, Failed> {
    let text = match document {
        Document::Cors(cors) => cors_document(cors)?,
        Document::Iam(iam) => iam_document(iam)?,
        Document::BucketPolicy(policy) => bucket_policy(policy)?,
        Document::Lifecycle(lifecycle) => lifecycle_document(lifecycle)?,
        Document::Notification(notification) => notification_document(notification)?,
        Document::Reads(plain) => reads(plain)?,
        Document::Cloudwatch(stack) => {
            let system = system::of_stack(stack)?;
            watch_template(&system)
                .map_err(|error| Failed::caused("no document", &error).into_usage())?
                .to_yaml()
        }
        Document::Sam(args) => {
            let system = system::of_stack(&args.stack)?;
            let guards = guards(&args.stack.guards);
            let template = sam(&system, &guards);
            let template = template.map_err(|error| Failed::caused("no template", &error).into_usage())?;
            match args.format {
                TemplateFormat::Yaml => template.to_yaml(),
                TemplateFormat::Json => template.to_json(),
            }
        }
        Document::Terraform(stack) => {
            let system = system::of_stack(stack)?;
            let module = terraform(&system, &guards(&stack.guards));
            module.map_err(|error| Failed::caused("no module", &error).into_usage())?.to_hcl()
        }
        Document::Check(check) => return compared(check, as_json).await,
    };
    say::answer(text.trim_end());
    Ok(Exit::Success)
}

fn cors_document(args: &Cors) -> Result<String, Failed> {
    let system = system::of(&args.system)?;
    let bucket = system::bucket(&system, &args.system)?;
    let document = match args.preset {
        Some(Preset::Article) => {
            say::warn(
                "every site in the world may send anything it has a URL for: replace `*` before production",
            );
            CorsDocument::article()
        }
        None => CorsDocument::for_bucket(&system, &bucket),
    };
    let document = document.map_err(|error| Failed::caused("the CORS document", &error).into_usage())?;
    if document.rules().is_empty() {
        say::warn("no page may upload: [cors] origins is empty");
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

fn reads(args: &args::Plain) -> Result<String, Failed> {
    let system = system::of(&args.system)?;
    if system.reads() == Reads::None {
        let hint = "say --reads presigned or --reads cloudfront";
        return Err(Failed::usage("nothing reads what was uploaded").hint(hint));
    }
    let own_key = |policy: &UploadPolicy| policy.encryption().is_some_and(|it| it.own_key().is_some());
    if system.reads() == Reads::CloudFront && system.routes().iter().any(own_key) {
        say::warn("the KMS key's own policy has to let the distribution decrypt too. Add to it:");
        say::line(&IamPolicy::for_key_read_by("ARN OF THE DISTRIBUTION").to_json());
    }
    let template = reads_template(&system);
    Ok(template.map_err(|error| Failed::caused("no document", &error).into_usage())?.to_yaml())
}

fn iam_document(args: &Iam) -> Result<String, Failed> {
    let system = system::of(&args.system)?;
    let policy = match args.role {
        Role::Signer => IamPolicy::for_system(&system),
        Role::Runtime => IamPolicy::for_runtime(&system),
        Role::Worker => IamPolicy::for_worker(&system, args.queue_arn.as_deref().unwrap_or_default()),
    };
    Ok(match args.format {
        PolicyFormat::Json => policy.to_json(),
        PolicyFormat::Terraform => policy.to_terraform_of_role("uploads"),
        PolicyFormat::TerraformJson => policy.to_terraform_json_of_role("uploads"),
    })
}

fn guards(args: &args::Guards) -> Vec<Guard> {
    if args.guards.is_empty() {
        return Guard::USUAL.to_vec();
    }
    let given = args.guards.iter().filter_map(|guard| match guard {
        args::GuardArg::None => None,
        args::GuardArg::One(guard) => Some(*guard),
    });
    let given: Vec<Guard> = given.collect();
    for guard in given.iter().filter(|guard| !Guard::USUAL.contains(guard)) {
        say::warn(&format!("{}: {}", guard.name(), guard.warning()));
    }
    given
}

fn bucket_policy(args: &BucketPolicy) -> Result<String, Failed> {
    let system = system::of(&args.system)?;
    let bucket = system::bucket(&system, &args.system)?;
    if system.reads() == Reads::CloudFront && args.distribution_arn.is_none() {
        return Err(Failed::usage("which distribution reads is not said").hint("give --distribution-arn"));
    }
    let guards = guards(&args.guards);
    let policy = IamPolicy::for_bucket(&system, &bucket, &guards, args.distribution_arn.as_deref());
    let policy = policy.map_err(|error| Failed::caused("the bucket policy", &error).into_usage())?;
    let name = bucket.bucket().as_str();
    Ok(match args.format {
        PolicyFormat::Json => policy.to_json(),
        PolicyFormat::Terraform => policy.to_terraform_of_bucket(name),
        PolicyFormat::TerraformJson => policy.to_terraform_json_of_bucket(name),
    })
}

fn lifecycle_document(args: &Lifecycle) -> Result<String, Failed> {
    let system = system::of(&args.system)?;
    let bucket = system::bucket(&system, &args.system)?;
    let document = LifecycleDocument::for_bucket(&system, &bucket);
    let name = bucket.bucket().as_str();
    Ok(match args.format {
        Format::Json => document.to_json(),
        Format::Console => {
            return Err(Failed::usage("the console shows no lifecycle document").hint("take --format json"));
        }
        Format::Xml => document.to_xml(),
        Format::Cloudformation => document.to_cloudformation(),
        Format::Terraform => document.to_terraform(name),
        Format::TerraformJson => document.to_terraform_json(name),
    })
}

fn notification_document(args: &Notification) -> Result<String, Failed> {
    let system = system::of(&args.system)?;
    let bucket = system::bucket(&system, &args.system)?;
    let document = notifications(&system, &bucket, args.queue_arn.as_deref())?;
    let document = document.ok_or_else(|| Failed::usage("nobody is told").hint("say --notify queue"))?;
    let name = bucket.bucket().as_str();
    Ok(match args.format {
        NotificationFormat::Json => document.to_json(),
        NotificationFormat::Xml => document.to_xml(),
        NotificationFormat::Cloudformation => document.to_cloudformation(),
        NotificationFormat::Terraform => document.to_terraform(name),
        NotificationFormat::TerraformJson => document.to_terraform_json(name),
        NotificationFormat::QueuePolicy => {
            let account = args.system.account.as_ref();
            let account = account
                .ok_or_else(|| Failed::usage("the policy names the account").hint("give --account"))?;
            let queue = args.queue_arn.as_deref().unwrap_or_default();
            IamPolicy::for_queue(&bucket.arn(), account.as_str(), queue).to_json()
        }
    })
}

/// The bucket's notifications, to the queue of that ARN.
fn notifications(
    system: &System,
    bucket: &upsign_documents::BucketUse<'_>,
    queue_arn: Option<&str>,
) -> Result<Option<NotificationDocument>, Failed> {
    if system.notify() == upsign_documents::Notify::Queue && queue_arn.is_none() {
        return Err(Failed::usage("which queue is told is not said").hint("give --queue-arn"));
    }
    Ok(NotificationDocument::for_bucket(system, bucket, queue_arn.unwrap_or_default()))
}

//! Compares documents in use with the generated ones: `upsign check --against` and `--live`, also as `upsign documents check`.

use std::io::Read;
use std::path::{Path, PathBuf};

#[cfg(feature = "live")]
use upsign_documents::{BucketSetting, FoundDocuments};
use upsign_documents::{
    CorsDocument, DeployedFile, Deployment, DeploymentBucket, Difference, DocumentForm, Guard, IamPolicy,
    InvalidCorsDocument, InvalidCorsRule, Reads, Severity, Uncompared, UnrecognizedDocument,
};

use super::args::ComparisonArgs;
use super::repair::{self, Generator, Kind, Source};
use super::report::{self, Compared, Repair};
use super::{cannot_generate, deployment, foreign, missing_distribution};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::missing_feature;
use crate::output;
#[cfg(not(feature = "live"))]
use crate::shell::quote;

/// The documents in use, compared with those that the configuration yields.
pub(crate) struct ComparedDocuments {
    compared: Vec<Compared>,
    repair: Repair,
}

impl ComparedDocuments {
    /// Returns the report for programs.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        report::to_json(&self.compared, &self.repair)
    }

    /// Prints every difference.
    pub(crate) fn print(&self) {
        report::print(&self.compared, &self.repair);
    }

    /// Returns whether the documents agree, or only deny more.
    pub(crate) fn agree(&self) -> bool {
        self.compared.iter().all(|it| it.comparison.agrees())
    }
}

/// Compares the documents in use with those that the configuration yields, and prints every difference.
pub(crate) async fn compare(args: &ComparisonArgs, json: bool) -> Result<Exit, CommandError> {
    if !args.is_requested() {
        return Err(CommandError::usage("there is nothing to compare with")
            .with_help("pass --against FILE or --live"));
    }
    if !args.live && !args.deployment.config.exists() && args.deployment.config.load().is_err() {
        return foreign::describe(&read(args, None)?, json);
    }
    let documents = inspect(args).await?;
    if json {
        output::result(&documents.to_json().to_string());
    } else {
        documents.print();
    }
    Ok(if documents.agree() { Exit::Success } else { Exit::Failure })
}

/// Compares the documents in use with those that the configuration yields.
pub(crate) async fn inspect(args: &ComparisonArgs) -> Result<ComparedDocuments, CommandError> {
    let config = deployment::configured(&args.deployment)?;
    let deployment = config.deployment();
    let first = first_bucket(&deployment);
    let generator = first.as_ref().map(|bucket| Generator { config: &config, bucket, args });
    let mut files = read(args, generator.as_ref())?;
    let is_single = |file: &InUse| !file.content.is_stack();
    let bucket = if args.live || files.iter().any(is_single) {
        deployment::bucket(&deployment, &args.deployment)?
    } else {
        let none = || CommandError::usage("upsign.toml has no bucket");
        first.clone().ok_or_else(none)?
    };
    if args.live {
        let content = DeployedFile::from_documents(live(&bucket).await?);
        let place = bucket.bucket().to_string();
        files.push(InUse { place, file: None, is_joined: false, content });
    }
    let mut compared = Vec::new();
    for file in &files {
        let needs_reader = file.content.has_bucket_policy() && deployment.reads() == Reads::CloudFront;
        if needs_reader && deployment.distribution_arn().is_none() {
            return Err(missing_distribution());
        }
        let comparison = file.content.compare(&deployment, &bucket);
        let comparison = comparison.map_err(|error| cannot_generate("documents", &error))?;
        compared.push(Compared { place: file.place.clone(), is_stack: file.content.is_stack(), comparison });
    }
    accept(&mut compared, &args.allow_uncompared)?;
    let generator = Generator { config: &config, bucket: &bucket, args };
    let repair = repairs(&files, &compared, &deployment, &generator);
    Ok(ComparedDocuments { compared, repair })
}

/// A document in use, and where it is.
pub(super) struct InUse {
    /// The name of the file, or of several files of one stack, or of the bucket.
    pub(super) place: String,
    /// The file, if there is one. The others of its stack are replaced by it.
    pub(super) file: Option<String>,
    /// Whether there are several files.
    pub(super) is_joined: bool,
    pub(super) content: DeployedFile,
}

fn first_bucket(deployment: &Deployment) -> Option<DeploymentBucket<'_>> {
    deployment.buckets().into_iter().next()
}

/// Reads the files. Several files of one module are one stack, and a folder stands for the files of its module.
fn read(args: &ComparisonArgs, generator: Option<&Generator<'_>>) -> Result<Vec<InUse>, CommandError> {
    let mut files: Vec<InUse> = Vec::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in &args.against {
        if path.is_dir() { paths.extend(module_files(path)?) } else { paths.push(path.clone()) }
    }
    for path in &paths {
        let name = path.display().to_string();
        let text = text(path)?;
        let content = DeployedFile::read(&text);
        let content = content.map_err(|error| unreadable_document(&name, &text, &error, generator))?;
        let known = files.iter_mut().find_map(|file| file.content.extend(&content).then_some(file));
        match known {
            Some(known) => {
                known.place = format!("{}, {name}", known.place);
                known.is_joined = true;
            }
            None => files.push(InUse { place: name.clone(), file: Some(name), is_joined: false, content }),
        }
    }
    match files.iter().find(|file| file.content.is_empty()) {
        Some(empty) => {
            let error = CommandError::caused(&empty.place, &UnrecognizedDocument::Nothing).into_usage();
            Err(error
                .with_code("invalid-document")
                .with_help("pass the files with the resources too, or the folder"))
        }
        None => Ok(files),
    }
}

/// Returns the files of a Terraform module, in the order of their names.
fn module_files(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| CommandError::unreadable(folder, &error))?;
    let is_terraform = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".tf") || name.ends_with(".tf.json")
    };
    let mut files: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).filter(is_terraform).collect();
    files.sort();
    if files.is_empty() {
        let message = format!("the folder {} has no Terraform files (*.tf, *.tf.json)", folder.display());
        return Err(CommandError::usage(message).with_help("pass the file to compare"));
    }
    Ok(files)
}

/// What `upsign check --live` checks besides documents, as `--allow-uncompared` names it.
pub(crate) const PARTS_OF_LIVE: [&str; 3] = ["documents", "preflights", "probe"];

/// Removes what `--allow-uncompared` names from what was not compared.
fn accept(compared: &mut [Compared], names: &[String]) -> Result<(), CommandError> {
    for name in names.iter().filter(|name| !PARTS_OF_LIVE.contains(&name.as_str())) {
        let mut is_used = false;
        for it in compared.iter_mut() {
            is_used |= it.comparison.accept([name.as_str()]).is_empty();
        }
        if !is_used {
            let error =
                CommandError::usage(format!("--allow-uncompared {name} names nothing that was not compared"));
            return Err(error.with_help("leave it out; the report lists the names"));
        }
    }
    Ok(())
}

/// Returns the commands that repair the differences, and what they remove.
fn repairs(
    files: &[InUse],
    compared: &[Compared],
    deployment: &Deployment,
    generator: &Generator<'_>,
) -> Repair {
    let (mut commands, mut removed): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut kept, mut foreign): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (file, Compared { comparison, is_stack, .. }) in files.iter().zip(compared) {
        let other = comparison.uncompared().filter(|it| it.is_addition());
        let other: Vec<&str> = other.map(Uncompared::name).collect();
        let has_more = file.is_joined || !other.is_empty();
        let source = Source { form: file.content.form(), file: file.file.as_deref(), has_more };
        let different: Vec<_> =
            comparison.parts().iter().filter(|part| part.differences().iter().any(is_repaired)).collect();
        let mut kinds: Vec<Kind> = Vec::new();
        for kind in different.iter().filter_map(|part| Kind::of(part.name(), *is_stack)) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if source.is_kept() && !kinds.is_empty() {
            kept.push(source.reason(&file.place, &other));
            foreign.extend(other.iter().map(ToString::to_string));
        }
        for command in kinds.into_iter().flat_map(|kind| repair::commands(kind, &source, generator)) {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
        // The generated document replaces the whole one in use, with what that one denies in addition.
        for name in different.iter().flat_map(|part| part.differences()).filter_map(Difference::denied_by) {
            if !removed.iter().any(|known| known == name) {
                removed.push(name.to_owned());
            }
        }
    }
    let keep = guards_with(deployment, generator.bucket, &removed);
    Repair { commands, removed, keep, kept, foreign }
}

fn is_repaired(difference: &Difference) -> bool {
    difference.severity() != Severity::Narrower
}

/// Returns the options that add the statements with these names to a bucket policy, as far as a guard has them.
fn guards_with(deployment: &Deployment, bucket: &DeploymentBucket<'_>, statements: &[String]) -> Vec<String> {
    let has = |guard: Guard| {
        let alone = deployment.clone().with_guards([guard]);
        let policy = IamPolicy::for_bucket(&alone, bucket, None).unwrap_or_default();
        policy.statements().iter().any(|it| statements.iter().any(|name| name == it.sid()))
    };
    let guards = Guard::ALL.into_iter().filter(|guard| has(*guard));
    guards.map(|guard| format!("--guard {}", guard.name())).collect()
}

/// Returns the error for a file that holds no readable document: where its JSON ends or is invalid, or the missing feature.
fn unreadable_document(
    name: &str,
    text: &str,
    error: &UnrecognizedDocument,
    generator: Option<&Generator<'_>>,
) -> CommandError {
    if text.trim().is_empty() {
        let file = (name != "-").then_some(name);
        let source = Source { form: DocumentForm::Json, file, has_more: false };
        let commands = generator.map(|generator| repair::commands(Kind::Cors, &source, generator));
        let commands = commands.unwrap_or_default().join("\n  ");
        let message = if name == "-" {
            "standard input is empty: `aws s3api get-bucket-cors` prints nothing for a bucket without CORS rules"
                .to_owned()
        } else {
            format!(
                "the file {name} is empty: `aws s3api get-bucket-cors` prints nothing for a bucket without CORS rules"
            )
        };
        return CommandError::usage(message)
            .with_code("invalid-document")
            .with_help(format!("to give the bucket its rules:\n  {commands}"));
    }
    if text.trim_start().starts_with(['{', '['])
        && let Err(syntax) = serde_json::from_str::<serde::de::IgnoredAny>(text)
    {
        let message = if syntax.is_eof() { "the JSON ends too early" } else { "the JSON is invalid" };
        let message = format!("{name}:{}: {message}", syntax.line());
        let mut diagnostic = Diagnostic::new("invalid-document", message).in_file(name);
        (diagnostic.line, diagnostic.column) = (Some(syntax.line()), Some(syntax.column()));
        if syntax.is_eof() {
            diagnostic.help = Some(
                "is the file complete? Write it again, as in: aws s3api get-bucket-cors --bucket \
                                    BUCKET > cors.json"
                    .to_owned(),
            );
        }
        return CommandError::new(Exit::Usage, diagnostic);
    }
    let described = CommandError::caused(name, error).into_usage();
    match error {
        UnrecognizedDocument::HclNotSupported => {
            described.with_code("missing-feature").with_help(missing_feature::hint("hcl"))
        }
        UnrecognizedDocument::YamlNotSupported => {
            described.with_code("missing-feature").with_help(missing_feature::hint("yaml"))
        }
        _ => match help_for_cors_rule(text) {
            Some(help) => described.with_code("invalid-document").with_help(help),
            None => described.with_code("invalid-document"),
        },
    }
}

/// Returns the next step for a CORS document in JSON with a rule that S3 does not accept, or `None` for another document.
fn help_for_cors_rule(text: &str) -> Option<String> {
    let invalid = CorsDocument::from_json(text).err()?;
    let change = match invalid {
        InvalidCorsDocument::Method { .. } => "write only GET, PUT, POST, DELETE and HEAD",
        InvalidCorsDocument::Rule { source: InvalidCorsRule::NoMethod, .. } => {
            "add AllowedMethods to it, for example [\"PUT\"]"
        }
        InvalidCorsDocument::Rule { source: InvalidCorsRule::NoOrigin, .. } => {
            "add AllowedOrigins to it, for example [\"https://app.example.com\"]"
        }
        InvalidCorsDocument::Rule { .. } => "correct the rule",
        _ => return None,
    };
    Some(format!("{change}; `upsign documents cors` prints the rules that the configuration needs"))
}

fn text(path: &Path) -> Result<String, CommandError> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| CommandError::unreadable(path, &error))
}

/// Reads the documents that the bucket has now. A document that it lacks counts as empty.
#[cfg(feature = "live")]
async fn live(bucket: &DeploymentBucket<'_>) -> Result<FoundDocuments, CommandError> {
    let Some(route) = bucket.routes().first() else { return Ok(FoundDocuments::default()) };
    if bucket.is_directory() {
        // Its endpoint has no operations that read the configuration of a bucket.
        let message = format!("cannot read the configuration of the directory bucket {}", bucket.bucket());
        let help = "compare a template or a module instead: upsign documents check FILE";
        return Err(CommandError::usage(message).with_help(help));
    }
    let live = upsign_aws::LiveBucket::load(route.policy().target()).await;
    let documents = live
        .documents()
        .await
        .map_err(|error| CommandError::caused("cannot read the bucket's configuration", &error))?;
    let read = |text: Option<String>| match text {
        Some(text) => {
            FoundDocuments::read(&text).map_err(|error| CommandError::caused("the bucket's document", &error))
        }
        None => Ok(FoundDocuments::default()),
    };
    let (cors, lifecycle) = (read(documents.cors)?, read(documents.lifecycle)?);
    let (notification, policy) = (read(documents.notification)?, read(documents.policy)?);
    let mut found = FoundDocuments::default();
    found.cors = or_empty(cors.cors, &cors.uncompared, CorsDocument::empty);
    found.lifecycle = or_empty(lifecycle.lifecycle, &lifecycle.uncompared, Default::default);
    found.notification = or_empty(notification.notification, &notification.uncompared, Default::default);
    found.bucket_policy = or_empty(policy.bucket_policy, &policy.uncompared, Default::default);
    let uncompared = [cors.uncompared, lifecycle.uncompared, notification.uncompared, policy.uncompared];
    found.uncompared = uncompared.concat();
    for (setting, call, xml) in [
        (BucketSetting::PublicAccessBlock, "GetPublicAccessBlock", documents.public_access_block),
        (BucketSetting::Ownership, "GetBucketOwnershipControls", documents.ownership),
        (BucketSetting::Encryption, "GetBucketEncryption", documents.encryption),
        (BucketSetting::Versioning, "GetBucketVersioning", documents.versioning),
        (BucketSetting::ObjectLock, "GetObjectLockConfiguration", documents.object_lock),
    ] {
        match documents.unread.iter().find(|(unread, _)| *unread == call) {
            Some((_, reason)) => found.add_uncompared(call, reason),
            None => found
                .add_setting(setting, xml.as_deref())
                .map_err(|error| CommandError::caused("the bucket's settings", &error))?,
        }
    }
    Ok(found)
}

/// Returns the document, or an empty one if the bucket has none. One that is not understood is no empty one.
#[cfg(feature = "live")]
fn or_empty<D>(document: Option<D>, uncompared: &[Uncompared], empty: fn() -> D) -> Option<D> {
    document.or_else(|| uncompared.is_empty().then(empty))
}

#[cfg(not(feature = "live"))]
#[expect(clippy::unused_async, reason = "the variant with the AWS SDK awaits")]
async fn live(bucket: &DeploymentBucket<'_>) -> Result<upsign_documents::FoundDocuments, CommandError> {
    let help = format!(
        "{}\nwithout it:\n  aws s3api get-bucket-cors --bucket {} > cors.json\n  upsign check --against cors.json",
        missing_feature::hint("live"),
        quote(bucket.bucket().as_str()),
    );
    let error = CommandError::usage("this build cannot read the configuration of buckets (--live)");
    Err(error.with_code("missing-feature").with_help(help))
}

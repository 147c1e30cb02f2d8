//! Documents derived from an upload policy: CORS rules, IAM and bucket policies, lifecycle and notification configurations,
//! an OpenAPI description, and whole templates for CloudFormation and Terraform.
//!
//! A presigned upload works only if the bucket's CORS rules allow the headers that were signed, and if the signing role may
//! perform the request. This crate derives these documents from the same [`UploadPolicy`] that
//! issues the uploads, so that they cannot disagree with it. It also evaluates CORS rules as S3 does and policies as IAM does,
//! and compares a derived document with the one that is deployed.
//!
//! ```
//! use upsign_core::{CorsOrigins, Target};
//! use upsign_documents::{CorsDocument, Deployment, IamPolicy};
//! use upsign_policy::{Bodyless, UploadPolicy};
//!
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20) // 10 MiB
//!     .build()?;
//! let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
//! let deployment = Deployment::new([policy], origins);
//! let bucket = &deployment.buckets()[0];
//!
//! let cors = CorsDocument::for_bucket(&deployment, bucket)?;
//! assert_eq!(cors.rules()[0].allowed_headers(), [Box::from("content-type"), Box::from("if-none-match")]);
//! let role = IamPolicy::for_deployment(&deployment);
//! assert_eq!(role.statements()[0].actions(), ["s3:PutObject"]);
//!
//! // What would break if the bucket kept its old CORS rules?
//! let deployed = CorsDocument::from_json(
//!     r#"[{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["content-type"],
//!          "ExposeHeaders": ["ETag", "x-amz-version-id"]}]"#,
//! )?;
//! let differences = cors.differences(&deployed);
//! assert_eq!(
//!     differences[0].description(),
//!     "the header `if-none-match` is not allowed for PUT from https://app.example.com",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Documents
//!
//! | document | type | derived by | evaluated by |
//! | --- | --- | --- | --- |
//! | CORS configuration | [`CorsDocument`], [`CorsRule`] | [`CorsDocument::for_policy`], [`CorsDocument::for_bucket`] | [`CorsDocument::evaluate`] |
//! | policy of a role | [`IamPolicy`], [`IamStatement`] | [`IamPolicy::for_policy`], [`IamPolicy::for_deployment`], [`IamPolicy::for_runtime`], [`IamPolicy::for_worker`] | [`IamRequest::evaluate`] |
//! | bucket policy | [`IamPolicy`], [`Guard`] | [`IamPolicy::for_bucket`] | [`IamRequest::evaluate`] |
//! | queue and key policies | [`IamPolicy`] | [`IamPolicy::for_queue`], [`IamPolicy::for_kms_key`] | [`IamRequest::evaluate`] |
//! | lifecycle configuration | [`LifecycleDocument`], [`LifecycleRule`] | [`LifecycleDocument::for_bucket`] | |
//! | notification configuration | [`NotificationDocument`], [`QueueNotification`] | [`NotificationDocument::for_bucket`] | |
//! | CloudFormation template | [`CloudFormationTemplate`] | [`sam_template`], [`monitoring_template`], [`read_access_template`] | |
//! | Terraform module | [`TerraformModule`] | [`terraform_module`] | |
//! | OpenAPI description of the API | [`OpenApi`] | [`OpenApi::for_deployment`] | |
//!
//! A [`Deployment`] is the input of every document that depends on more than one policy: several routes, possibly into one
//! bucket, with what surrounds them. [`Deployment::warnings`] lists what an operator should know before deploying it.
//!
//! Templates and modules create the buckets in AWS. For a bucket of another store they hold the function and the API only;
//! [`DeploymentBucket::check_support`] says which documents the store takes in AWS's form, and what to do there instead.
//!
//! | call | returns |
//! | --- | --- |
//! | [`CorsDocument::for_policy`], [`CorsDocument::for_bucket`] | `Result<CorsDocument, _>`: a rule can exceed S3's limits |
//! | [`IamPolicy::for_bucket`] | `Result<IamPolicy, InvalidBucketPolicy>` |
//! | the other functions `IamPolicy::for_…` | `IamPolicy` |
//! | [`LifecycleDocument::for_bucket`] | `LifecycleDocument` |
//! | [`NotificationDocument::for_bucket`] | `Option<NotificationDocument>`: `None` for [`NotificationTarget::None`] |
//! | `differences` of each document | `Vec<Difference>`: empty if the deployed document does the same |
//!
//! # A test against drift
//!
//! Commit the documents that are deployed, or export them in CI (`aws s3api get-bucket-cors`, `aws iam get-role-policy`), and
//! compare them in a test of your own:
//!
//! ```
//! use upsign_documents::{Deployment, Difference, FoundDocuments, IamPolicy};
//!
//! # const EXPORTED: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject",
//! #     "Resource": "arn:aws:s3:::article-images-bucket/articles/*.*"}]}"#;
//! # macro_rules! include_str { ($file:literal) => { EXPORTED } }
//! # fn deployment() -> Result<Deployment, Box<dyn std::error::Error>> {
//! #     use upsign_policy::*;
//! #     let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! #     let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse);
//! #     let policy = policy.content_types(["image/jpeg"]).max_size(1 << 20).build()?;
//! #     Ok(Deployment::new([policy], upsign_core::CorsOrigins::listed([])))
//! # }
//! // Under `#[test]`.
//! fn deployed_role_has_the_permissions_of_the_routes() -> Result<(), Box<dyn std::error::Error>> {
//!     let found = FoundDocuments::read(include_str!("deployed/role.json"))?;
//!     let role = found.role.ok_or("the file contains no policy of a role")?;
//!     let differences = IamPolicy::for_deployment(&deployment()?).differences(&role);
//!     let lines: Vec<String> = differences.iter().map(Difference::to_string).collect();
//!     assert!(lines.is_empty(), "{}", lines.join("\n"));
//!     Ok(())
//! }
//! # deployed_role_has_the_permissions_of_the_routes().unwrap();
//! ```
//!
//! # Reading documents
//!
//! Each document type except templates, modules and OpenAPI is also read back: CORS, lifecycle and notification
//! configurations from every form they are written in, policies from JSON and from Terraform. [`FoundDocuments::read`] detects
//! the form. The `differences` method of a document lists what a deployed document does differently, and the consequence.
//!
//! [`DeployedFile::read`] reads a whole template or module as well, and [`DeployedFile::compare`] compares each of its resources
//! with those of a deployment. The [`Comparison`] agrees only if everything was compared and is equal or narrower; it lists what
//! was not compared, which [`Comparison::accept`] accepts by name. Outputs and metadata are not read.
//!
//! # Features
//!
//! Writing needs no feature. `xml` reads the XML of S3's API. `yaml` reads CloudFormation's YAML; without it, use JSON. `hcl`
//! reads Terraform's `.tf` files; without it, use Terraform's JSON syntax or the output of `terraform show -json`.
//!
//! # What this crate is not
//!
//! It performs no I/O: it neither calls AWS nor writes files. It is not a general evaluator of IAM either: parts of a policy
//! that it does not evaluate are listed by [`IamPolicy::not_understood`].
//!
//! Neighboring crates: `upsign-policy` defines the policies, `upsign-config` reads them from `upsign.toml`, `upsign-aws` reads
//! the documents of a live bucket, and `upsign-local` answers preflights by the CORS rules. The command `upsign documents`
//! prints documents, and `upsign check --against` compares them.

mod cors;
mod deployment;
mod drift;
mod guard;
mod iam;
mod lifecycle;
mod node;
mod notification;
mod openapi;
mod read;
mod stack;
mod terraform;
mod xml;

pub use cors::{
    CorsAnswer, CorsDocument, CorsMethod, CorsRefusal, CorsRefusalReason, CorsRequest, CorsRule,
    InvalidCorsDocument, InvalidCorsMethod, InvalidCorsRule, PatternAtGoogle,
};
pub use deployment::{
    AccountId, ApiAuthorizer, ApiKind, AuthSource, BucketDocument, CloudFrontPublicKey, CodeLocation,
    Deployment, DeploymentBucket, DeploymentRoute, InvalidAccountId, InvalidCloudFrontPublicKey,
    InvalidLogRetention, InvalidRoleArn, LogRetention, Multipart, NotificationTarget, Reads, RoleArn,
    Throttle, UnknownOption, UnsupportedByStore,
};
pub use drift::{
    Affected, BucketSetting, ComparedPart, Comparison, DeployedFile, Difference, FoundDocuments,
    IncomparableDeployment, Risk, Severity, Survey, Uncompared, UnrecognizedDocument, Verdict,
};
pub use guard::{Guard, InapplicableGuard, InvalidBucketPolicy};
pub use iam::{
    DeploymentWarning, Effect, IamCondition, IamContext, IamDecision, IamOperator, IamPolicy, IamPrincipal,
    IamRequest, IamStatement, InvalidIamOperator, InvalidIamPolicy, NotUnderstood, RequestPrincipal,
    WideRole,
};
pub use lifecycle::{InvalidLifecycleDocument, LifecycleDocument, LifecycleRule, TooManyRules};
pub use notification::{InvalidNotificationDocument, NotificationDocument, QueueNotification};
pub use openapi::{OpenApi, OpenApiVersion, SecurityScheme};
pub use read::DocumentForm;
pub use stack::{
    CloudFormationTemplate, InvalidDeployment, TerraformModule, monitoring_template, read_access_template,
    sam_template, terraform_module,
};
#[doc(no_inline)]
pub use upsign_core::api_cors::AllowHeaders;
#[doc(no_inline)]
pub use upsign_core::{BasePath, Bucket, CorsOrigins, Dialect, Provider, Region, TokenHeader};
#[doc(no_inline)]
pub use upsign_policy::{CannedAcl, KmsKeyId, UploadPolicy};

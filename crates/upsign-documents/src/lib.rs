//! Documents that must agree with an upload policy, derived from it: the bucket's CORS rules, the signer's IAM policy, and
//! everything else that stands around an upload.
//!
//! | document | model | derived by | evaluated by |
//! | --- | --- | --- | --- |
//! | CORS | [`CorsDocument`], [`CorsRule`], [`CorsOrigins`](upsign_core::CorsOrigins) | [`CorsDocument::for_policy`], [`CorsDocument::for_bucket`] | [`CorsDocument::evaluate`]: S3's answer to a browser |
//! | IAM | [`IamPolicy`], [`IamStatement`] | [`IamPolicy::for_policy`], [`IamPolicy::for_deployment`] | [`IamRequest::evaluate`]: whether a request goes through |
//!
//! | bucket policy | [`IamPolicy`], [`Guard`] | [`IamPolicy::for_bucket`] | [`IamRequest::evaluate`] |
//! | lifecycle | [`LifecycleDocument`] | [`LifecycleDocument::for_bucket`] | |
//! | notification | [`NotificationDocument`] | [`NotificationDocument::for_bucket`], [`IamPolicy::for_queue`] | |
//! | stacks | [`CloudFormationTemplate`], [`TerraformModule`] | [`sam_template`], [`terraform_module`] | |
//!
//! Each has `differences`, which says what a document in use does differently and what follows from it ([`FoundDocuments`] reads
//! one in any form). A [`Deployment`] is the input of what goes beyond one policy: several policies, also into one bucket.
//!
//! Nothing here does I/O. With the feature `read`, XML and HCL are also read.

mod cors;
mod deployment;
mod drift;
mod hardening;
mod hcl;
mod iam;
mod lifecycle;
mod node;
mod notification;
mod stack;
mod xml;

pub use cors::{
    CorsAnswer, CorsDocument, CorsMethod, CorsRefusal, CorsRefusalReason, CorsRequest, CorsRule,
    InvalidCorsDocument, InvalidCorsMethod, InvalidCorsRule,
};
pub use deployment::{
    AccountId, ApiAuthorizer, ApiKind, CodeLocation, Deployment, DeploymentBucket, InvalidAccountId,
    Multipart, NotificationTarget, Reads,
};
pub use drift::{Difference, FoundDocuments, Severity, UnrecognizedDocument};
pub use hardening::{Guard, InapplicableGuard};
pub use iam::{
    Effect, IamCondition, IamContext, IamDecision, IamOperator, IamPolicy, IamPrincipal, IamRequest,
    IamStatement, InvalidIamOperator, InvalidIamPolicy, RequestPrincipal,
};
pub use lifecycle::{InvalidLifecycle, LifecycleDocument, LifecycleRule};
pub use notification::{InvalidNotification, NotificationDocument, QueueNotification};
pub use stack::{
    CloudFormationTemplate, InvalidDeployment, TerraformModule, cloudfront_template, monitoring_template,
    sam_template, terraform_module,
};

//! Documents that must agree with an upload policy, derived from it: the bucket's CORS rules, the signer's IAM policy, and
//! everything else that stands around an upload.
//!
//! | document | model | derived by | evaluated by |
//! | --- | --- | --- | --- |
//! | CORS | [`CorsDocument`], [`CorsRule`], [`CorsOrigins`] | [`CorsDocument::for_policy`], [`CorsDocument::for_bucket`] | [`CorsDocument::evaluate`]: S3's answer to a browser |
//! | IAM | [`IamPolicy`], [`IamStatement`] | [`IamPolicy::for_policy`], [`IamPolicy::for_system`] | [`IamRequest::verdict`]: whether a request goes through |
//!
//! | bucket policy | [`IamPolicy`], [`Guard`] | [`IamPolicy::for_bucket`] | [`IamRequest::verdict`] |
//! | lifecycle | [`LifecycleDocument`] | [`LifecycleDocument::for_bucket`] | |
//! | notification | [`NotificationDocument`] | [`NotificationDocument::for_bucket`], [`IamPolicy::for_queue`] | |
//! | stacks | [`Template`], [`Module`] | [`sam()`], [`terraform()`] | |
//!
//! Each has `differences`, which says what a document in use does differently and what follows from it ([`Found`] reads
//! one in any form). A [`System`] is the input of what goes beyond one policy: several policies, also into one bucket.
//!
//! Nothing here does I/O. With the feature `read`, XML and HCL are also read.

mod cors;
mod drift;
mod hardening;
mod hcl;
mod iam;
mod lifecycle;
mod node;
mod notification;
mod stack;
mod system;
mod xml;

pub use cors::{
    CorsAnswer, CorsDocument, CorsMethod, CorsOrigins, CorsRefusal, CorsRequest, CorsRule,
    InvalidCorsDocument, InvalidCorsMethod, InvalidCorsRule, InvalidOrigin, Origin, RefusalReason,
};
pub use drift::{Difference, Found, NotRecognised, Severity};
pub use hardening::{Guard, NotGuarded};
pub use iam::{
    Effect, IamCondition, IamContext, IamPolicy, IamPrincipal, IamRequest, IamStatement, IamVerdict,
    InvalidIamPolicy, InvalidOperator, Operator, Principal,
};
pub use lifecycle::{InvalidLifecycle, LifecycleDocument, LifecycleRule};
pub use notification::{InvalidNotification, NotificationDocument, QueueNotification};
pub use stack::{InvalidSystem, Module, Template, reads_template, sam, terraform, watch_template};
pub use system::{
    Account, ApiKind, BucketUse, Code, InvalidAccount, Multipart, Notify, Reads, System, Tokens,
};

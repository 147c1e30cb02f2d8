//! The options of a [`Deployment`](super::Deployment).

/// Which side calls S3's multipart operations. Selects the permissions and the CORS methods.
///
/// ```
/// use upsign_documents::{Deployment, Multipart};
/// # let (policies, origins) = ([], upsign_core::CorsOrigins::listed([]));
/// let deployment = Deployment::new(policies, origins).with_multipart(Multipart::Browser);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Multipart {
    /// Multipart uploads are not used.
    #[default]
    None,
    /// The service creates, completes and aborts the upload; the browser only sends the parts.
    Service,
    /// The browser performs every operation with presigned requests, as Uppy does.
    Browser,
}

/// How uploaded objects are read.
///
/// ```
/// use upsign_documents::{Deployment, Reads};
/// # let (policies, origins) = ([], upsign_core::CorsOrigins::listed([]));
/// let deployment = Deployment::new(policies, origins).with_reads(Reads::Presigned);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reads {
    /// The deployment does not read them.
    #[default]
    None,
    /// By presigned `GET` requests, signed by the role that signs the uploads.
    Presigned,
    /// Through a CloudFront distribution. The bucket policy lets only this distribution read. It answers with
    /// `X-Content-Type-Options: nosniff` and a `Content-Security-Policy` with `sandbox`, so that browsers run no script of
    /// an upload.
    CloudFront,
}

/// The kind of API Gateway API that invokes the function.
///
/// ```
/// use upsign_documents::{Deployment, ApiKind};
/// # let (policies, origins) = ([], upsign_core::CorsOrigins::listed([]));
/// let deployment = Deployment::new(policies, origins).with_api(ApiKind::Http);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiKind {
    /// A REST API (v1) with a Cognito authorizer.
    #[default]
    Rest,
    /// An HTTP API (v2) with a JWT authorizer.
    Http,
}

/// Where S3 sends a notification for each new object.
///
/// ```
/// use upsign_documents::{Deployment, NotificationTarget};
/// # let (policies, origins) = ([], upsign_core::CorsOrigins::listed([]));
/// let deployment = Deployment::new(policies, origins).with_notification_target(NotificationTarget::EventBridge);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotificationTarget {
    /// S3 sends no notifications.
    None,
    /// An SQS queue, with a dead-letter queue for messages whose processing keeps failing.
    #[default]
    Queue,
    /// Amazon EventBridge, to which you attach your own rules.
    EventBridge,
}

/// The tokens that the authorizer of the API accepts.
///
/// ```
/// use upsign_documents::ApiAuthorizer;
/// let rest_api = ApiAuthorizer { user_pool: Some("eu-west-1_AbCdEf123".into()), ..ApiAuthorizer::default() };
/// let http_api = ApiAuthorizer {
///     issuer: Some("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123".into()),
///     audiences: vec!["7exampleclientid".into()],
///     ..ApiAuthorizer::default()
/// };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiAuthorizer {
    /// The id of the Cognito user pool, as in `eu-west-1_AbCdEf123`. Required for a REST API.
    pub user_pool: Option<String>,
    /// The issuer URL, equal to the claim `iss`. Required for an HTTP API.
    pub issuer: Option<String>,
    /// The ids of the accepted app clients. An HTTP API needs at least one.
    pub audiences: Vec<String>,
    /// The accepted scopes; a token needs one of them. With scopes, a REST API accepts access tokens only; without, it accepts
    /// ID tokens only.
    pub scopes: Vec<String>,
}

/// Where the deployment package (the zip file) of the Lambda function is.
///
/// ```
/// use upsign_documents::{CodeLocation, Deployment};
/// # let (policies, origins) = ([], upsign_core::CorsOrigins::listed([]));
/// let code = CodeLocation::Object { bucket: "releases".into(), key: "upsign/1.0.0.zip".into() };
/// let deployment = Deployment::new(policies, origins).with_code_location(code);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeLocation {
    /// A local directory or zip file, which `sam deploy` uploads.
    Local(String),
    /// An object in S3.
    Object {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
}

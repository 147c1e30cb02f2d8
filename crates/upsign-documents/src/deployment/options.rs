//! The options of a [`Deployment`](super::Deployment).

use super::AuthSource;

/// Whether browsers call S3's multipart operations themselves. Selects the permissions and the CORS methods.
///
/// A route whose policy uploads files in parts ([`UploadPolicy::multipart`](upsign_policy::UploadPolicy::multipart)) needs
/// nothing of this: the service creates, completes and aborts its uploads, and every document follows from the policy.
///
/// ```
/// use upsign_documents::{Deployment, Multipart};
/// # let (policies, origins) = ([] as [upsign_policy::UploadPolicy; 0], upsign_core::CorsOrigins::listed([]));
/// let deployment = Deployment::new(policies, origins).with_multipart(Multipart::Browser);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Multipart {
    /// They do not. Browsers send only the parts of uploads that the service created.
    #[default]
    None,
    /// They perform every operation with presigned requests, as Uppy does, on the keys of every route.
    Browser,
}

/// How uploaded objects are read.
///
/// ```
/// use upsign_documents::{Deployment, Reads};
/// # let (policies, origins) = ([] as [upsign_policy::UploadPolicy; 0], upsign_core::CorsOrigins::listed([]));
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
    /// Through a CloudFront distribution. The bucket policy lets only this distribution read, and its viewers need a URL that is signed
    /// with a [key](super::Deployment::with_cloudfront_key), unless [reads are public](super::Deployment::with_public_reads). It answers with
    /// `X-Content-Type-Options: nosniff` and a `Content-Security-Policy` with `sandbox`, so that browsers run no script of
    /// an upload.
    CloudFront,
}

/// What invokes the function when a client requests an upload.
///
/// ```
/// use upsign_documents::{Deployment, ApiKind};
/// # let (policies, origins) = ([] as [upsign_policy::UploadPolicy; 0], upsign_core::CorsOrigins::listed([]));
/// let deployment = Deployment::new(policies, origins).with_api(ApiKind::Http);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiKind {
    /// A REST API (v1) of API Gateway.
    #[default]
    Rest,
    /// An HTTP API (v2) of API Gateway. If an origin contains `*`, which such an API cannot compare, the function answers
    /// preflights, and the API has no CORS configuration.
    Http,
    /// A function URL of Lambda, which everyone may call, unless the authorizer is [`ApiAuthorizer::Iam`]. It has no authorizer
    /// for tokens, so the function verifies them. The URL gets no CORS configuration: the function answers with CORS headers
    /// itself, and browsers reject an answer with two `Access-Control-Allow-Origin`.
    FunctionUrl,
    /// A rule of an existing Application Load Balancer. Its listener is a parameter of the template, with the default that is
    /// set by [`Deployment::with_listener_arn`](crate::Deployment::with_listener_arn). The function verifies the token.
    LoadBalancer,
}

impl ApiKind {
    /// Returns whether an API of this kind can have this authorizer. Every kind can have [`ApiAuthorizer::None`].
    ///
    /// REST APIs can have JWT authorizers as well, but none is generated
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer.html>).
    ///
    /// ```
    /// use upsign_documents::{ApiAuthorizer, ApiKind};
    /// assert!(ApiKind::FunctionUrl.has_authorizer(&ApiAuthorizer::Iam));
    /// assert!(!ApiKind::FunctionUrl.has_authorizer(&ApiAuthorizer::Lambda));
    /// ```
    #[must_use]
    pub const fn has_authorizer(self, authorizer: &ApiAuthorizer) -> bool {
        match authorizer {
            ApiAuthorizer::None => true,
            ApiAuthorizer::Cognito { .. } => matches!(self, Self::Rest),
            ApiAuthorizer::Jwt { .. } => matches!(self, Self::Http),
            ApiAuthorizer::Lambda => matches!(self, Self::Rest | Self::Http),
            ApiAuthorizer::Iam => !matches!(self, Self::LoadBalancer),
        }
    }
}

/// Where S3 sends a notification for each new object.
///
/// ```
/// use upsign_documents::{Deployment, NotificationTarget};
/// # let (policies, origins) = ([] as [upsign_policy::UploadPolicy; 0], upsign_core::CorsOrigins::listed([]));
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

/// The authorizer of the API: what identifies the caller of a request before the function is invoked.
///
/// ```
/// use upsign_documents::ApiAuthorizer;
/// let rest_api = ApiAuthorizer::Cognito { user_pool: "eu-west-1_AbCdEf123".into(), scopes: Vec::new() };
/// let http_api = ApiAuthorizer::Jwt {
///     issuer: "https://login.example.com/".into(),
///     audiences: vec!["7exampleclientid".into()],
///     scopes: Vec::new(),
/// };
/// assert_ne!(rest_api, http_api);
/// assert_eq!(ApiAuthorizer::default(), ApiAuthorizer::None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiAuthorizer {
    /// The API invokes the function for every request, and the function verifies the token itself.
    #[default]
    None,
    /// The Cognito authorizer of a REST API.
    Cognito {
        /// The id of the user pool, as in `eu-west-1_AbCdEf123`.
        user_pool: String,
        /// The accepted scopes; a token needs one of them. With scopes the authorizer accepts access tokens only; without, it
        /// accepts ID tokens only.
        scopes: Vec<String>,
    },
    /// The JWT authorizer of an HTTP API.
    Jwt {
        /// The issuer URL, equal to the claim `iss`.
        issuer: String,
        /// The accepted values of the claim `aud` or, in tokens of Cognito, `client_id`. At least one.
        audiences: Vec<String>,
        /// The accepted scopes; a token needs one of them. Without scopes the authorizer does not compare them.
        scopes: Vec<String>,
    },
    /// A Lambda authorizer of a REST or HTTP API: a function of yours, which is not part of the stack. Its ARN is the parameter
    /// `AuthorizerFunctionArn` of a template, or the variable `authorizer_function_arn` of a module. It must be in the account
    /// and region of the stack, which permits the API to invoke it.
    ///
    /// API Gateway invokes it for every request that has the [token header](crate::Deployment::with_token_header), and does not
    /// reuse earlier answers, which may depend on more than this header. The type is `REQUEST`. For a REST API, the function
    /// returns an IAM policy; for an HTTP API, it receives payload version 2.0 and returns a simple response
    /// (`{"isAuthorized": true, "context": {…}}`).
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>,
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>.
    Lambda,
    /// IAM: a REST API, an HTTP API or a function URL that accepts only requests signed with AWS credentials (Signature
    /// Version 4), for example those of a Cognito identity pool.
    ///
    /// The stack permits nobody to call it. The callers need the permission `execute-api:Invoke` for the API, or
    /// `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction` for the function of a function URL.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html>,
    /// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
    Iam,
}

impl ApiAuthorizer {
    /// Returns what identifies the callers of a function behind this authorizer.
    #[must_use]
    pub const fn auth_source(&self) -> AuthSource {
        match self {
            Self::None => AuthSource::Token,
            Self::Cognito { .. } | Self::Jwt { .. } => AuthSource::Authorizer,
            Self::Lambda => AuthSource::LambdaAuthorizer,
            Self::Iam => AuthSource::Iam,
        }
    }

    /// Returns the accepted scopes; empty if the authorizer does not compare scopes.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        match self {
            Self::None | Self::Lambda | Self::Iam => &[],
            Self::Cognito { scopes, .. } | Self::Jwt { scopes, .. } => scopes,
        }
    }
}

/// Where the deployment package (the zip file) of the Lambda function is.
///
/// ```
/// use upsign_documents::{CodeLocation, Deployment};
/// # let (policies, origins) = ([] as [upsign_policy::UploadPolicy; 0], upsign_core::CorsOrigins::listed([]));
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

//! The description of the upload API in OpenAPI, derived from the routes.

mod call_schemas;
mod calls;
mod codes;
mod dialects;
mod document;
mod files;
mod gateway;
mod grant;
mod names;
mod object_schemas;
mod operations;
mod page;
mod request;
mod security;
mod version;

use upsign_core::{CorsOrigins, Dialect, OriginPattern};

use crate::deployment::{ApiAuthorizer, ApiKind, Deployment, DeploymentRoute};

pub(crate) use gateway::GatewayExtensions;
pub use security::SecurityScheme;
pub use version::OpenApiVersion;

/// The maximum size of a request body in bytes, unless [`OpenApi::with_max_body`] sets another one: that of `upsign-http`.
const MAX_BODY_BYTES: usize = 16 << 10;

/// The statuses with which API Gateway answers without invoking the function: too large or too many requests, and failures.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>.
const OF_GATEWAY: &[u16] = &[403, 413, 429, 500, 503, 504];
const OF_GATEWAY_WITH_AUTHORIZER: &[u16] = &[401, 403, 413, 429, 500, 503, 504];
/// The status with which Lambda answers a request for a function URL without a signature that permits it.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
const OF_FUNCTION_URL_WITH_IAM: &[u16] = &[403];

/// The description of an upload API in OpenAPI, derived from its routes.
///
/// It contains what the policies of the routes decide: the content types, sizes, ids, checksums, metadata and tags that a
/// request may contain, the members and headers of a grant, and every problem code by status. Several routes become one schema
/// each, which the member `route` selects.
///
/// ```
/// use upsign_documents::{Deployment, DeploymentRoute, OpenApi, OpenApiVersion};
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{article_id}/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// // `policy` is the `UploadPolicy` of a route whose key contains `{article_id}`.
/// let deployment = Deployment::new([DeploymentRoute::new(policy)], origins);
/// let description = OpenApi::for_deployment(&deployment).to_json(OpenApiVersion::V3_1);
/// assert!(description.contains(r#""articleId""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The description is public to everyone who can read it: it contains the names of the routes and the templates of their
/// keys, but no bucket, role or account.
#[derive(Clone, Debug)]
pub struct OpenApi {
    routes: Vec<DeploymentRoute>,
    origins: Option<CorsOrigins>,
    path: Box<str>,
    /// The path at and below which the calls for uploads that have begun are.
    uploads_path: Box<str>,
    max_body: usize,
    dialects: Vec<Dialect>,
    /// The path in front of those of dialects, or empty.
    dialects_base: Box<str>,
    security: SecurityScheme,
    has_grant_members: bool,
    has_health_check: bool,
    /// The version of the client for browsers that the server offers.
    browser_client: Option<&'static str>,
    /// Whether the service signs URLs for reading confirmed objects.
    has_read_urls: bool,
    /// Whether preflights are answered. They are not where every request needs a signature.
    has_preflight: bool,
    /// The statuses with which a gateway in front of the function also answers itself; empty without a gateway.
    of_gateway: &'static [u16],
    problems: Vec<(u16, Box<str>)>,
}

impl OpenApi {
    /// Describes the API of a deployment: the Lambda function behind the deployment's kind of API. Callers authenticate as
    /// the deployment says: with bearer tokens, unless its authorizer is another one.
    #[must_use]
    pub fn for_deployment(deployment: &Deployment) -> Self {
        let of_gateway = match (deployment.api(), deployment.authorizer()) {
            (ApiKind::Rest | ApiKind::Http, ApiAuthorizer::None | ApiAuthorizer::Iam) => OF_GATEWAY,
            (ApiKind::Rest | ApiKind::Http, _) => OF_GATEWAY_WITH_AUTHORIZER,
            (ApiKind::FunctionUrl, ApiAuthorizer::Iam) => OF_FUNCTION_URL_WITH_IAM,
            _ => &[],
        };
        let api = Self::for_routes(deployment.routes().iter().cloned())
            .with_path(&deployment.path)
            .with_uploads_path(&deployment.uploads_path)
            .with_security(SecurityScheme::of(deployment))
            .with_origins(deployment.origins().clone())
            .with_read_urls(deployment.signs_reads());
        let demands_signature =
            matches!((deployment.api(), deployment.authorizer()), (ApiKind::FunctionUrl, ApiAuthorizer::Iam));
        let api = Self {
            dialects: deployment.dialects().to_vec(),
            dialects_base: deployment.dialects_base.clone(),
            ..api
        };
        // The gateway limits the rate of requests, and Lambda the number of concurrent ones.
        Self { of_gateway, has_preflight: !demands_signature, ..api.with_problem(429, "too-many-requests") }
    }

    /// Describes an API with these routes, for a service that is not deployed with a [`Deployment`]: at `/upload-url`, for
    /// bodies of at most 16 KiB, with bearer tokens.
    #[must_use]
    pub fn for_routes(routes: impl IntoIterator<Item = impl Into<DeploymentRoute>>) -> Self {
        Self {
            routes: routes.into_iter().map(Into::into).collect(),
            origins: None,
            path: "/upload-url".into(),
            uploads_path: "/uploads".into(),
            max_body: MAX_BODY_BYTES,
            dialects: Vec::new(),
            dialects_base: "".into(),
            security: SecurityScheme::Bearer,
            has_grant_members: false,
            has_health_check: false,
            browser_client: None,
            has_read_urls: false,
            has_preflight: true,
            of_gateway: &[],
            problems: Vec::new(),
        }
    }

    /// Sets the path of the endpoint.
    #[must_use]
    pub fn with_path(self, path: &str) -> Self {
        Self { path: path.into(), ..self }
    }

    /// Sets the path at and below which the calls for uploads that have begun are (default: `/uploads`, so that one of them is
    /// `/uploads/parts`). The description has the calls that its routes need.
    #[must_use]
    pub fn with_uploads_path(self, path: &str) -> Self {
        Self { uploads_path: path.into(), ..self }
    }

    /// Sets the maximum size in bytes of the body of a request for an upload.
    #[must_use]
    pub fn with_max_body(self, bytes: usize) -> Self {
        Self { max_body: bytes, ..self }
    }

    /// Sets how clients authenticate (default: [`SecurityScheme::Bearer`]).
    #[must_use]
    pub fn with_security(self, security: SecurityScheme) -> Self {
        Self { security, ..self }
    }

    /// Sets the origins whose pages may call the API, for the answer to a preflight.
    #[must_use]
    pub fn with_origins(self, origins: CorsOrigins) -> Self {
        Self { origins: Some(origins), ..self }
    }

    /// Sets whether the application adds members to a grant (default: no). They can have any name and type.
    #[must_use]
    pub fn with_grant_members(self, has_grant_members: bool) -> Self {
        Self { has_grant_members, ..self }
    }

    /// Sets whether the server also answers `GET /healthz` (default: no).
    #[must_use]
    pub fn with_health_check(self, has_health_check: bool) -> Self {
        Self { has_health_check, ..self }
    }

    /// Sets the version of the client for browsers that the server offers below `/upsign/` (default: none).
    #[must_use]
    pub fn with_browser_client(self, browser_client: Option<&'static str>) -> Self {
        Self { browser_client, ..self }
    }

    /// Sets whether the service signs URLs for reading confirmed objects (default: no). [`for_deployment`](Self::for_deployment)
    /// sets it if the deployment has reads.
    #[must_use]
    pub fn with_read_urls(self, has_read_urls: bool) -> Self {
        Self { has_read_urls, ..self }
    }

    /// Adds a problem that the service answers in addition to those of every service and of the policies, for example 403
    /// `forbidden` if the application decides about each upload. Call it once per code.
    #[must_use]
    pub fn with_problem(mut self, status: u16, code: &str) -> Self {
        self.problems.push((status, code.into()));
        self
    }

    /// Returns the description as indented JSON with a line break at the end.
    #[must_use]
    pub fn to_json(&self, version: OpenApiVersion) -> String {
        version.of(self.document()).to_json()
    }

    /// Returns the listed origins; empty if every origin is allowed, or if they are not known.
    fn listed_origins(&self) -> &[OriginPattern] {
        match &self.origins {
            Some(origins) if !origins.is_any() => origins.list(),
            _ => &[],
        }
    }
}

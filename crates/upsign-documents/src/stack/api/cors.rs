//! Which web pages may call the API: the answers to preflights that a gateway gives in place of the function.
//!
//! An HTTP API compares whole origins, and so does the template with which a REST API answers. If an origin of the deployment
//! contains `*`, the gateway passes preflights on to the function.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>.

use upsign_core::api_cors::AllowHeaders;
use upsign_core::{CorsOrigins, OriginPattern, api_cors};

use crate::deployment::{ApiAuthorizer, Deployment};

/// The CORS headers of the API, with the values that the function would answer.
#[derive(Clone, Debug)]
pub(super) struct ApiCors {
    /// `*`, or the listed origins. Not empty.
    pub(super) origins: Vec<String>,
    /// The headers that pages may send.
    pub(super) headers: AllowHeaders,
}

/// Returns whether the gateway passes preflights on to the function, because an origin contains `*`.
pub(super) fn function_answers_preflights(deployment: &Deployment) -> bool {
    deployment.origins().has_wildcards()
}

/// Returns the methods of the requests that the gateway passes on, as the ARN of an API names them.
pub(super) fn invoking_methods(deployment: &Deployment) -> &'static str {
    if function_answers_preflights(deployment) { "*" } else { api_cors::ALLOW_METHODS }
}

impl ApiCors {
    /// Returns the headers that the gateway answers itself: `None` if no web page may call the API, or if the function answers.
    pub(super) fn of(deployment: &Deployment) -> Option<Self> {
        let origins = origins(deployment.origins());
        (!origins.is_empty() && !function_answers_preflights(deployment))
            .then(|| Self { origins, headers: headers(deployment) })
    }

    /// Returns the methods of the calls of the API.
    pub(super) fn methods(deployment: &Deployment) -> Vec<&'static str> {
        deployment.methods_of_pages()
    }

    pub(super) fn exposed_headers() -> Vec<&'static str> {
        values(api_cors::EXPOSE_HEADERS)
    }
}

fn headers(deployment: &Deployment) -> AllowHeaders {
    let headers = deployment.allow_headers.clone().with_token_header(&deployment.token_header);
    let headers = headers.with_client_headers(deployment.headers_of_dialects());
    match deployment.authorizer {
        ApiAuthorizer::Iam => headers.with_signature_headers(),
        _ => headers,
    }
}

fn origins(origins: &CorsOrigins) -> Vec<String> {
    if origins.is_any() {
        return vec!["*".into()];
    }
    origins.list().iter().map(OriginPattern::to_string).collect()
}

/// Splits the value of a header at its commas.
fn values(header: &'static str) -> Vec<&'static str> {
    header.split(',').map(str::trim).collect()
}

//! The client for browsers, for pages without a bundler: `GET /upsign/<version>/upsign.js` and what it imports.
//!
//! The modules are public code, so that nobody needs a token. Pages of the origins that may upload can import them: a browser loads a
//! module of another origin only if CORS permits it.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, LOCATION, ORIGIN, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use upsign_browser::{CONTENT_TYPE as JAVASCRIPT, ENTRY, PREFIX, VERSION, module, module_of};
use upsign_core::CorsOrigins;

/// How long browsers keep a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caching {
    /// Forever: the path contains the version.
    Forever,
    /// Not at all, because two builds of one version can differ while it is developed.
    Never,
}

#[derive(Clone)]
struct Client {
    origins: CorsOrigins,
    caching: Caching,
}

/// Returns a router that serves the modules below `/upsign/`, and also below `base_path` unless that is empty.
///
/// `/upsign/upsign.js` without a version redirects to the current one, for pages that are not changed when the service is updated.
pub(crate) fn router(origins: CorsOrigins, base_path: &str, caching: Caching) -> Router {
    let mut prefixes = vec![PREFIX.to_owned()];
    if !base_path.is_empty() {
        prefixes.push(format!("{base_path}{PREFIX}"));
    }
    let add = |router: Router<Client>, prefix: String| {
        router
            .route(&format!("{prefix}{{version}}/{{module}}"), get(versioned))
            .route(&format!("{prefix}{{module}}"), get(current))
    };
    prefixes.into_iter().fold(Router::new(), add).with_state(Client { origins, caching })
}

async fn versioned(
    State(client): State<Client>,
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    // A page that is open while the service is updated loads further modules of its own version.
    let Some(text) = module_of(&version, &name) else { return client.permit(&headers, unknown()) };
    let cache = match client.caching {
        Caching::Forever => "public, max-age=31536000, immutable",
        Caching::Never => "no-cache",
    };
    let answer = [(CONTENT_TYPE, JAVASCRIPT), (CACHE_CONTROL, cache), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    client.permit(&headers, (answer, text).into_response())
}

async fn current(State(client): State<Client>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if module(&name).is_none() {
        return client.permit(&headers, unknown());
    }
    // Relative, because a proxy can have added to the path.
    let location = [(LOCATION, format!("{VERSION}/{name}")), (CACHE_CONTROL, "no-cache".to_owned())];
    client.permit(&headers, (StatusCode::TEMPORARY_REDIRECT, location).into_response())
}

fn unknown() -> Response {
    let text = format!(
        "there is no such module: this service has {PREFIX}{VERSION}/{ENTRY}; load a page anew that is older\n"
    );
    let answer = [(CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (StatusCode::NOT_FOUND, answer, text).into_response()
}

impl Client {
    /// Lets pages of the origins that may upload read the response.
    fn permit(&self, request: &HeaderMap, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = request.get(ORIGIN)
            && origin.to_str().is_ok_and(|origin| self.origins.allows(origin))
        {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    const PAGE: &str = "https://app.example.com";

    async fn answer(path: &str, origin: &str) -> Response {
        let origins = CorsOrigins::listed([PAGE.parse().unwrap()]);
        let request = Request::get(path).header(ORIGIN, origin).body(Body::empty()).unwrap();
        router(origins, "/api", Caching::Forever).oneshot(request).await.unwrap()
    }

    fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn modules_are_served_to_admitted_pages_and_cached_forever() {
        for base in ["", "/api"] {
            for (name, _) in upsign_browser::MODULES {
                let response = answer(&format!("{base}{}", upsign_browser::path(name)), PAGE).await;
                assert_eq!(response.status(), StatusCode::OK, "{name}");
                assert_eq!(header(&response, "content-type"), Some("text/javascript; charset=utf-8"));
                assert_eq!(header(&response, "cache-control"), Some("public, max-age=31536000, immutable"));
                assert_eq!(header(&response, "access-control-allow-origin"), Some(PAGE));
                assert_eq!(header(&response, "vary"), Some("Origin"));
            }
        }
    }

    #[tokio::test]
    async fn other_origins_get_no_cors_headers() {
        let response = answer(&upsign_browser::path(ENTRY), "https://evil.example").await;
        assert_eq!(header(&response, "access-control-allow-origin"), None);
        assert_eq!(header(&response, "vary"), Some("Origin"));
    }

    #[tokio::test]
    async fn path_without_a_version_redirects_to_the_current_one() {
        let response = answer("/upsign/upsign.js", PAGE).await;
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(header(&response, "location"), Some(&*format!("{VERSION}/upsign.js")));
        assert_eq!(header(&response, "cache-control"), Some("no-cache"));
    }

    #[tokio::test]
    async fn other_versions_and_modules_are_unknown() {
        let known = upsign_browser::path("nothing.js");
        for path in ["/upsign/9.9.9/upsign.js", "/upsign/nothing.js", &known, "/upsign/0.1.0/..%2Fupsign.js"]
        {
            let response = answer(path, PAGE).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(header(&response, "cache-control"), Some("no-store"));
        }
    }
}

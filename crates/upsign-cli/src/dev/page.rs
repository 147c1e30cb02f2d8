//! The page's files.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// Scripts and styles from here alone; requests and pictures also to and from this machine's other ports.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self' http://127.0.0.1:* http://localhost:*; img-src 'self' blob: data: http://127.0.0.1:* http://localhost:*; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn router() -> Router {
    Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("page/index.html")))
        .route("/app.js", file("text/javascript; charset=utf-8", include_str!("page/app.js")))
        .route("/calls.js", file("text/javascript; charset=utf-8", include_str!("page/calls.js")))
        .route("/view.js", file("text/javascript; charset=utf-8", include_str!("page/view.js")))
        .route("/icon.svg", file("image/svg+xml", include_str!("page/icon.svg")))
        .route("/demo.jpg", get(async || ([(CONTENT_TYPE, "image/jpeg")], crate::demo::PHOTO)))
        .route("/style.css", file("text/css; charset=utf-8", include_str!("page/style.css")))
}

fn file(content_type: &'static str, text: &'static str) -> axum::routing::MethodRouter {
    get(async move || {
        let headers = [
            (CONTENT_TYPE, content_type),
            (CONTENT_SECURITY_POLICY, POLICY),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
            (CACHE_CONTROL, "no-store"),
        ];
        (headers, text).into_response()
    })
}

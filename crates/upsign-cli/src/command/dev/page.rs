//! The files of the web page.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// Allows scripts and styles of this server only, and requests and images also of the other servers on this machine: the
/// user pool and S3.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self' http://127.0.0.1:* http://localhost:*; img-src 'self' blob: data: http://127.0.0.1:* http://localhost:*; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn router() -> Router {
    Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("../../../assets/page/index.html")))
        .route("/app.js", file("text/javascript; charset=utf-8", include_str!("../../../assets/page/app.js")))
        .route(
            "/calls.js",
            file("text/javascript; charset=utf-8", include_str!("../../../assets/page/calls.js")),
        )
        .route(
            "/view.js",
            file("text/javascript; charset=utf-8", include_str!("../../../assets/page/view.js")),
        )
        .route(
            "/diagnosis.js",
            file("text/javascript; charset=utf-8", include_str!("../../../assets/page/diagnosis.js")),
        )
        .route("/icon.svg", file("image/svg+xml", include_str!("../../../assets/page/icon.svg")))
        .route("/demo.jpg", get(async || ([(CONTENT_TYPE, "image/jpeg")], crate::command::demo::PHOTO)))
        .route("/style.css", file("text/css; charset=utf-8", include_str!("../../../assets/page/style.css")))
}

fn file(content_type: &'static str, text: &'static str) -> axum::routing::MethodRouter {
    get(async move || {
        let headers = [
            (CONTENT_TYPE, content_type),
            (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
            (CACHE_CONTROL, "no-store"),
        ];
        (headers, text).into_response()
    })
}

//! The files of the web page.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// Allows scripts and styles of this server only, and requests and images also of the other servers on this machine: the
/// user pool and S3.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self' http://127.0.0.1:* http://localhost:*; img-src 'self' blob: data: http://127.0.0.1:* http://localhost:*; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/page/", $name)))),*]
    };
}

/// The modules of the page.
const MODULES: &[(&str, &str)] = files![
    "anatomy.js",
    "app.js",
    "calls.js",
    "cheat_table.js",
    "cheats.js",
    "compare.js",
    "connection.js",
    "diagnosis.js",
    "elements.js",
    "exchanges.js",
    "failure.js",
    "grid.js",
    "history.js",
    "input.js",
    "inspection.js",
    "interrupted.js",
    "limits.js",
    "list.js",
    "page.js",
    "panel.js",
    "panels.js",
    "parts_in_flight.js",
    "rate.js",
    "raw.js",
    "session.js",
    "setting.js",
    "tabs.js",
    "texts.js",
    "title.js",
    "upload.js",
    "uploads.js",
    "view.js",
    "walk.js",
];

const STYLES: &[(&str, &str)] = files!["panels.css", "style.css", "uploads.css"];

pub(crate) fn router() -> Router {
    let add = |router: Router, (files, kind): (&[(&str, &'static str)], &'static str)| {
        files.iter().fold(router, |router, (name, text)| router.route(&format!("/{name}"), file(kind, text)))
    };
    let router = Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("../../../assets/page/index.html")))
        .route("/client.js", get(async || page_file(JAVASCRIPT, client())))
        .route("/icon.svg", file("image/svg+xml", include_str!("../../../assets/page/icon.svg")))
        .route("/demo.jpg", get(async || ([(CONTENT_TYPE, "image/jpeg")], crate::command::demo::PHOTO)));
    [(MODULES, JAVASCRIPT), (STYLES, CSS)].into_iter().fold(router, add)
}

/// Returns a module that exports the browser client of this version. The path without a version redirects, and would make a second
/// instance of its first module.
fn client() -> String {
    format!("export * from '{}';\n", upsign_browser::path(upsign_browser::ENTRY))
}

fn file(content_type: &'static str, text: &'static str) -> MethodRouter {
    get(async move || page_file(content_type, text))
}

fn page_file(content_type: &'static str, text: impl IntoResponse) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

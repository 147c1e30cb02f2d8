//! An embedded store that refuses some requests, as a bucket does whose policy permits only the others.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use serde_json::json;
use upsign_core::Credentials;
use upsign_documents::CorsDocument;
use upsign_local::LocalS3;

/// The store, with the keys of [`Run::credentials`](crate::run::Run::credentials).
pub(crate) struct RefusingStore {
    pub(crate) endpoint: String,
    _runtime: tokio::runtime::Runtime,
}

impl RefusingStore {
    /// Starts the store. `refused` gets the method and the query of each request, and returns the status of a refusal.
    pub(crate) fn start(bucket: &str, region: &str, refused: fn(&str, &str) -> Option<u16>) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let keys = Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let rules = json!([{"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}]);
        let cors = CorsDocument::from_json(&rules.to_string()).unwrap();
        let builder =
            LocalS3::builder(keys.unwrap(), region.parse().unwrap(), bucket.parse().unwrap()).cors(cors);
        let address = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let layer = from_fn(move |request: Request, next: Next| async move {
                match refused(request.method().as_str(), request.uri().query().unwrap_or_default()) {
                    Some(status) => {
                        let document =
                            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
                        (StatusCode::from_u16(status).unwrap(), document).into_response()
                    }
                    None => next.run(request).await,
                }
            });
            let router = builder.into_router(address).await.unwrap().layer(layer);
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Self { endpoint: format!("http://{address}"), _runtime: runtime }
    }
}

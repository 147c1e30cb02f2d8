//! `GET /dev/documents`: what the bucket of a route needs, so that its uploads work: CORS rules and permissions.

use axum::Json;
use axum::extract::State;
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};
use upsign_core::error_chain;
use upsign_documents::{CorsDocument, IamPolicy};

use super::{Rejected, query, route};
use crate::command::dev::DevState;
use crate::summary;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentsQuery {
    route: Option<String>,
}

/// Returns the documents that are derived from the policy of a route, for the origins of the configuration. They are those of the
/// configured bucket, not of the embedded one that stands for it.
pub(super) async fn of_route(State(dev): State<DevState>, uri: Uri) -> Result<Json<Value>, Rejected> {
    let (services, query) = (&dev.services, query::<DocumentsQuery>(&uri)?);
    let name = summary::route_name(route(services, query.route.as_deref())?);
    let configured = services.configured.routes().iter().find(|route| summary::route_name(route) == name);
    let documents = configured.map_or_else(Vec::new, |route| {
        let origins = services.configured.origins();
        let cors = CorsDocument::for_policy(&route.policy, origins);
        let iam = IamPolicy::for_policy(&route.policy);
        vec![
            document(
                "cors",
                "CORS",
                "The CORS rules of the bucket",
                cors.map(|cors| cors.to_json()).map_err(|error| error_chain(&error).to_string()),
            ),
            document("iam", "IAM", "The permissions of the role that signs", Ok(iam.to_json())),
        ]
    });
    Ok(Json(json!({ "documents": documents })))
}

fn document(name: &str, title: &str, sentence: &str, text: Result<String, String>) -> Value {
    let command = format!("upsign documents {name}");
    match text {
        Ok(text) => {
            json!({ "name": name, "title": title, "sentence": sentence, "text": text, "command": command })
        }
        Err(error) => {
            json!({ "name": name, "title": title, "sentence": error, "text": null, "command": command })
        }
    }
}

//! What a configuration means, in a few lines.

use upsign_config::RouteConfig;
use upsign_policy::UploadMethod;

use crate::say;

/// The name by which a person knows a route.
pub(crate) fn name(route: &RouteConfig) -> &str {
    route.name.as_ref().map_or("upload", |name| name.as_str())
}

/// One route: where uploads go, what they may be, who may make them.
pub(crate) fn route(route: &RouteConfig) {
    let policy = &route.policy;
    if let Some(name) = &route.name {
        say::line(&format!("with \"route\": \"{name}\""));
    }
    say::detail("bucket", &format!("{} in {}", policy.target().bucket(), policy.target().region()));
    say::detail("key", policy.template().as_str());
    let types: Vec<String> = policy.content_rules().ranges().iter().map(ToString::to_string).collect();
    say::detail("types", &types.join(", "));
    say::detail("size", &sizes(route));
    let how = match policy.method() {
        UploadMethod::Post => "by POST, a form",
        _ => "by PUT",
    };
    say::detail("sent", how);
    say::detail("lives", &format!("{} seconds", policy.expires_in().as_secs()));
    if let Some(groups) = route.access.groups() {
        say::detail("groups", &groups.join(", "));
    }
    if let Some(scopes) = route.access.scopes() {
        say::detail("scopes", &scopes.join(", "));
    }
}

fn sizes(route: &RouteConfig) -> String {
    let size = route.policy.size();
    if size.min() > 1 {
        format!("{} to {} bytes", size.min(), size.max())
    } else {
        format!("up to {} bytes", size.max())
    }
}

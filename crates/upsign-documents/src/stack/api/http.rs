//! An HTTP API (v2) of API Gateway.

use upsign_core::api_cors;

use super::super::Resource;
use super::super::declared::{Declared, Output};
use super::super::reference::{Id, Kind, Reference};
use super::access_log::AccessLog;
use super::cors::{ApiCors, function_answers_preflights, invoking_methods};
use super::{authorizer, boxed, permission};
use crate::deployment::{Deployment, DialectPath};
use crate::node::{Node, list, map};

/// The name of the stage whose URLs have no segment for it.
const STAGE: &str = "$default";

/// The number of the first route of a dialect. Those before it are for the API's own calls.
const OF_DIALECTS: usize = 20;

/// How many methods a path of a dialect can have.
const METHODS: usize = 4;

/// Returns an HTTP API with one route, and one for each call about uploads that have begun. It answers preflights itself, and adds
/// CORS headers to its own errors and to the answers of the function, from which it removes others.
///
/// If an origin contains `*`, the API has no CORS configuration and a second route for each path, without the authorizer, by which
/// the function answers preflights. The errors of the API then have no CORS headers, so a page cannot read why its token was rejected.
///
/// HTTP APIs send no traces to X-Ray, and the headers of their own errors cannot be chosen.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html>.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let issue = (0, "POST", deployment.path.clone());
    let calls = deployment.upload_calls().map(|call| (call.number, call.method, call.path(deployment)));
    let calls: Vec<(usize, &str, String)> = [issue].into_iter().chain(calls).collect();
    let of_dialects: Vec<DialectPath> = deployment.paths_of_dialects().collect();
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    if deployment.access_logs {
        resources.push(Box::new(AccessLog::log_group(deployment.log_retention)));
    }
    resources.push(Box::new(api(deployment)));
    resources.push(Box::new(integration()));
    if let Some(authorizer) = authorizer::of_http(deployment) {
        resources.push(Box::new(authorizer));
    }
    for (number, method, path) in &calls {
        let route = route(Kind::HttpRoute.nth(*number), method, path);
        resources.push(Box::new(route.with_all(authorizer::of_route(deployment))));
    }
    for path in &of_dialects {
        for (index, method) in path.methods.iter().enumerate() {
            let route = route(Kind::HttpRoute.nth(number_of(path) + index), method, &path.in_gateway());
            let authorizer = path.has_authorizer().then(|| authorizer::of_route(deployment));
            resources.push(Box::new(route.with_all(authorizer.into_iter().flatten())));
        }
    }
    if function_answers_preflights(deployment) {
        // Two calls can have the same path.
        let is_first = |(index, (_, _, path)): &(usize, &(usize, &str, String))| {
            calls.iter().take(*index).all(|(_, _, earlier)| earlier != path)
        };
        let first = calls.iter().enumerate().filter(is_first).map(|(_, call)| call);
        let preflights =
            first.map(|(number, _, path)| route(Kind::HttpPreflightRoute.nth(*number), "OPTIONS", path));
        resources.extend(preflights.map(boxed));
        let preflights = of_dialects
            .iter()
            .map(|path| route(Kind::HttpPreflightRoute.nth(number_of(path)), "OPTIONS", &path.in_gateway()));
        resources.extend(preflights.map(boxed));
    }
    resources.push(Box::new(stage(deployment)));
    let base = Kind::HttpApi.id().url().to_string();
    let url = format!("{base}{}", deployment.path);
    resources.push(Box::new(Output::new("UploadUrl", super::UPLOAD_URL, url)));
    resources.extend(super::uploads_url(deployment, &base).map(boxed));
    let permissions = permission::for_gateway(Kind::HttpApi, invoking_methods(deployment), deployment);
    resources.extend(permissions.into_iter().map(boxed));
    resources.extend(authorizer::resources(deployment, Kind::HttpApi));
    resources
}

/// Returns the number of the first route of a path of a dialect: each has room for as many methods as there are.
const fn number_of(path: &DialectPath) -> usize {
    OF_DIALECTS + path.number * METHODS
}

fn texts(texts: &[String]) -> Node {
    list(texts.iter().map(String::as_str))
}

/// Returns a resource of the API.
fn part(id: Id) -> Declared {
    Declared::new(id).with("ApiId", Kind::HttpApi.id().reference())
}

fn route(id: Id, method: &str, path: &str) -> Declared {
    part(id)
        .with("RouteKey", format!("{method} {path}"))
        .with("Target", format!("integrations/{}", Kind::HttpIntegration.id().reference()))
}

fn api(deployment: &Deployment) -> Declared {
    let cors = ApiCors::of(deployment).map(|cors| {
        let members = [
            ("AllowOrigins", texts(&cors.origins)),
            ("AllowMethods", list(ApiCors::methods(deployment))),
            ("AllowHeaders", list(cors.headers.iter())),
            ("ExposeHeaders", list(ApiCors::exposed_headers())),
            ("MaxAge", api_cors::MAX_AGE.into()),
        ];
        ("CorsConfiguration", map(members))
    });
    Declared::new(Kind::HttpApi.id())
        .with("Name", Reference::STACK_NAME)
        .with("ProtocolType", "HTTP")
        .with_all(cors)
}

fn integration() -> Declared {
    part(Kind::HttpIntegration.id())
        .with("IntegrationType", "AWS_PROXY")
        .with("IntegrationUri", Kind::Function.id().arn())
        .with("PayloadFormatVersion", "2.0")
}

fn stage(deployment: &Deployment) -> Declared {
    let throttle = map([
        ("ThrottlingRateLimit", deployment.throttle.rate_per_second.into()),
        ("ThrottlingBurstLimit", deployment.throttle.burst.into()),
    ]);
    let log = deployment.access_logs.then(|| ("AccessLogSettings", AccessLog::HTTP.settings()));
    part(Kind::HttpStage.id())
        .with("StageName", STAGE)
        .with("AutoDeploy", true)
        .with("DefaultRouteSettings", throttle)
        .with_all(log)
}

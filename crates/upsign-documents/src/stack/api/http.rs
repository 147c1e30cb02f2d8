//! An HTTP API (v2) of API Gateway.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Kind, Reference};
use super::super::terraform::{Module, block};
use super::access_log::AccessLog;
use super::cors::ApiCors;
use super::permission::Permission;
use crate::deployment::{ApiAuthorizer, Deployment, Throttle};
use crate::node::{Node, list, map, text};
use upsign_core::api_cors;

/// The name of the stage whose URLs have no segment for it.
const STAGE: &str = "$default";

/// An HTTP API with one route. It answers preflights itself, and adds CORS headers to its own errors and to the answers of the
/// function, from which it removes others.
///
/// HTTP APIs send no traces to X-Ray, and the headers of their own errors cannot be chosen.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html>.
#[derive(Debug)]
struct HttpApi {
    path: String,
    cors: Option<ApiCors>,
    authorizer: Option<JwtAuthorizer>,
    throttle: Throttle,
    access_log: Option<AccessLog>,
}

/// An authorizer that accepts the tokens of one issuer.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>.
#[derive(Debug)]
struct JwtAuthorizer {
    issuer: String,
    audiences: Vec<String>,
    scopes: Vec<String>,
}

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let authorizer = match &deployment.authorizer {
        ApiAuthorizer::Jwt { issuer, audiences, scopes } => Some(JwtAuthorizer {
            issuer: issuer.clone(),
            audiences: audiences.clone(),
            scopes: scopes.clone(),
        }),
        ApiAuthorizer::None | ApiAuthorizer::Cognito { .. } => None,
    };
    let api = HttpApi {
        path: deployment.path.clone(),
        cors: ApiCors::of(deployment),
        authorizer,
        throttle: deployment.throttle,
        access_log: deployment.access_logs.then_some(AccessLog::HTTP),
    };
    let permission = Permission::for_gateway(Kind::HttpApi, "POST", &deployment.path);
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    if deployment.access_logs {
        resources.push(Box::new(AccessLog::log_group(deployment.log_retention)));
    }
    resources.push(Box::new(api));
    resources.push(Box::new(permission));
    resources
}

const IDENTITY_SOURCE: &str = "$request.header.Authorization";

fn texts(texts: &[String]) -> Node {
    list(texts.iter().map(String::as_str))
}

impl HttpApi {
    fn route_key(&self) -> String {
        format!("POST {}", self.path)
    }

    fn target() -> String {
        format!("integrations/{}", Kind::HttpIntegration.id().reference())
    }

    fn upload_url(&self) -> String {
        format!("{}{}", Kind::HttpApi.id().url(), self.path)
    }
}

impl Resource for HttpApi {
    fn cloudformation(&self, template: &mut Template) {
        let api = || ("ApiId", Node::from(Kind::HttpApi.id().reference()));
        let mut properties = vec![("Name", Reference::StackName.into()), ("ProtocolType", text("HTTP"))];
        if let Some(cors) = &self.cors {
            let cors = map([
                ("AllowOrigins", texts(&cors.origins)),
                ("AllowMethods", list(ApiCors::methods())),
                ("AllowHeaders", list(ApiCors::headers())),
                ("ExposeHeaders", list(ApiCors::exposed_headers())),
                ("MaxAge", api_cors::MAX_AGE.into()),
            ]);
            properties.push(("CorsConfiguration", cors));
        }
        template.resource(Kind::HttpApi.id(), "AWS::ApiGatewayV2::Api", properties);
        let integration = [
            api(),
            ("IntegrationType", text("AWS_PROXY")),
            ("IntegrationUri", Kind::Function.id().arn().into()),
            ("PayloadFormatVersion", text("2.0")),
        ];
        template.resource(Kind::HttpIntegration.id(), "AWS::ApiGatewayV2::Integration", integration);
        let mut route = vec![api(), ("RouteKey", text(self.route_key())), ("Target", text(Self::target()))];
        if let Some(authorizer) = &self.authorizer {
            authorizer.cloudformation(template);
            route.push(("AuthorizationType", text("JWT")));
            route.push(("AuthorizerId", Kind::HttpAuthorizer.id().reference().into()));
            if !authorizer.scopes.is_empty() {
                route.push(("AuthorizationScopes", texts(&authorizer.scopes)));
            }
        }
        template.resource(Kind::HttpRoute.id(), "AWS::ApiGatewayV2::Route", route);
        let throttle = map([
            ("ThrottlingRateLimit", self.throttle.rate_per_second.into()),
            ("ThrottlingBurstLimit", self.throttle.burst.into()),
        ]);
        let mut stage = vec![
            api(),
            ("StageName", text(STAGE)),
            ("AutoDeploy", true.into()),
            ("DefaultRouteSettings", throttle),
        ];
        if let Some(log) = self.access_log {
            let destination = Kind::ApiLogGroup.id().arn().into();
            stage.push((
                "AccessLogSettings",
                map([("DestinationArn", destination), ("Format", log.format())]),
            ));
        }
        template.resource(Kind::HttpStage.id(), "AWS::ApiGatewayV2::Stage", stage);
        template.output("UploadUrl", super::UPLOAD_URL, self.upload_url());
    }

    fn terraform(&self, module: &mut Module) {
        let api = || ("api_id", Node::from(Kind::HttpApi.id().reference()));
        let mut body = vec![("name", Reference::StackName.into()), ("protocol_type", text("HTTP"))];
        if let Some(cors) = &self.cors {
            let cors = [
                ("allow_origins", texts(&cors.origins)),
                ("allow_methods", list(ApiCors::methods())),
                ("allow_headers", list(ApiCors::headers())),
                ("expose_headers", list(ApiCors::exposed_headers())),
                ("max_age", api_cors::MAX_AGE.into()),
            ];
            body.push(("cors_configuration", block(cors)));
        }
        module.resource(Kind::HttpApi.id(), body);
        let integration = [
            api(),
            ("integration_type", text("AWS_PROXY")),
            ("integration_uri", Kind::Function.id().arn().into()),
            ("payload_format_version", text("2.0")),
        ];
        module.resource(Kind::HttpIntegration.id(), integration);
        let mut route = vec![api(), ("route_key", text(self.route_key())), ("target", text(Self::target()))];
        if let Some(authorizer) = &self.authorizer {
            authorizer.terraform(module);
            route.push(("authorization_type", text("JWT")));
            route.push(("authorizer_id", Kind::HttpAuthorizer.id().reference().into()));
            if !authorizer.scopes.is_empty() {
                route.push(("authorization_scopes", texts(&authorizer.scopes)));
            }
        }
        module.resource(Kind::HttpRoute.id(), route);
        let throttle = [
            ("throttling_rate_limit", self.throttle.rate_per_second.into()),
            ("throttling_burst_limit", self.throttle.burst.into()),
        ];
        let mut stage = vec![
            api(),
            ("name", text(STAGE)),
            ("auto_deploy", true.into()),
            ("default_route_settings", block(throttle)),
        ];
        if let Some(log) = self.access_log {
            let settings =
                [("destination_arn", Kind::ApiLogGroup.id().arn().into()), ("format", log.format())];
            stage.push(("access_log_settings", block(settings)));
        }
        module.resource(Kind::HttpStage.id(), stage);
        module.output("upload_url", super::UPLOAD_URL, self.upload_url());
    }
}

impl JwtAuthorizer {
    fn cloudformation(&self, template: &mut Template) {
        let jwt = map([("Issuer", text(&self.issuer)), ("Audience", texts(&self.audiences))]);
        let properties = [
            ("ApiId", Kind::HttpApi.id().reference().into()),
            ("Name", text("tokens")),
            ("AuthorizerType", text("JWT")),
            ("IdentitySource", list([IDENTITY_SOURCE])),
            ("JwtConfiguration", jwt),
        ];
        template.resource(Kind::HttpAuthorizer.id(), "AWS::ApiGatewayV2::Authorizer", properties);
    }

    fn terraform(&self, module: &mut Module) {
        let jwt = block([("issuer", text(&self.issuer)), ("audience", texts(&self.audiences))]);
        let body = [
            ("api_id", Kind::HttpApi.id().reference().into()),
            ("name", text("tokens")),
            ("authorizer_type", text("JWT")),
            ("identity_sources", list([IDENTITY_SOURCE])),
            ("jwt_configuration", jwt),
        ];
        module.resource(Kind::HttpAuthorizer.id(), body);
    }
}

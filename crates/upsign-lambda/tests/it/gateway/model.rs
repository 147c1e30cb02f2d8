//! What API Gateway and Lambda do before they invoke the function, as AWS documents it, read from the generated template.

use serde_json::Value;
use upsign_config::Config;
use upsign_core::Timestamp;
use upsign_documents::ApiAuthorizer;

use super::callers::Context;
use super::configuration::{ISSUER, POOL};
use super::tokens::Token;

/// The authorizer of the API as the generated SAM template declares it. It is not taken from the deployment, so that a template that
/// declares another authorizer is found.
#[derive(Debug, PartialEq)]
pub(super) struct Gate {
    pub(super) authorizer: ApiAuthorizer,
    /// The header that the authorizer reads, in lowercase.
    pub(super) header: Option<String>,
}

impl Gate {
    pub(super) fn generated(config: &Config) -> Self {
        let template = upsign_documents::sam_template(&config.deployment()).unwrap().to_json();
        let template: Value = serde_json::from_str(&template).unwrap();
        let all_of_type = |kind: &str| {
            let resources = template["Resources"].as_object().unwrap().values();
            let of_type = resources.filter(|resource| resource["Type"] == kind);
            of_type.map(|resource| resource["Properties"].clone()).collect::<Vec<_>>()
        };
        let of_type = |kind: &str| all_of_type(kind).into_iter().next();
        let paths = expected_paths(config);
        if let Some(api) = of_type("AWS::Serverless::Api") {
            let document = &api["DefinitionBody"];
            let declared = document["paths"].as_object().unwrap().keys();
            assert!(declared.eq(paths.iter()), "{document:#}");
            return Self::of_all(paths.iter().map(|path| Self::of_rest(document, path)));
        }
        let routes: Vec<Value> = all_of_type("AWS::ApiGatewayV2::Route");
        if !routes.is_empty() {
            let is_post = |route: &&Value| route["RouteKey"].as_str().unwrap().starts_with("POST ");
            let posts: Vec<&Value> = routes.iter().filter(is_post).collect();
            let mut declared: Vec<&str> = posts
                .iter()
                .map(|route| route["RouteKey"].as_str().unwrap().trim_start_matches("POST "))
                .collect();
            declared.sort_unstable();
            assert_eq!(declared, paths);
            let authorizer = of_type("AWS::ApiGatewayV2::Authorizer");
            return Self::of_all(posts.into_iter().map(|route| Self::of_http(route, authorizer.as_ref())));
        }
        let is_iam = of_type("AWS::Lambda::Url").is_some_and(|url| url["AuthType"] == "AWS_IAM");
        Self { authorizer: if is_iam { ApiAuthorizer::Iam } else { ApiAuthorizer::None }, header: None }
    }

    /// Returns the gate of the API, which is the same in front of every path: the calls that continue an upload are made with the
    /// token of the first one.
    fn of_all(gates: impl IntoIterator<Item = Self>) -> Self {
        let mut gates = gates.into_iter();
        let first = gates.next().unwrap();
        gates.for_each(|gate| assert_eq!(gate, first));
        first
    }

    fn of_rest(document: &Value, path: &str) -> Self {
        let Some(security) = document["paths"][path]["post"].get("security") else {
            return Self { authorizer: ApiAuthorizer::None, header: None };
        };
        let (name, scopes) = security[0].as_object().unwrap().iter().next().unwrap();
        let scheme = &document["components"]["securitySchemes"][name];
        let authorizer = &scheme["x-amazon-apigateway-authorizer"];
        if scheme["x-amazon-apigateway-authtype"] == "awsSigv4" {
            return Self { authorizer: ApiAuthorizer::Iam, header: None };
        }
        let header = Some(scheme["name"].as_str().unwrap().to_lowercase());
        if authorizer["type"] == "request" {
            let source = authorizer["identitySource"].as_str().unwrap().to_lowercase();
            assert_eq!(source.strip_prefix("method.request.header."), header.as_deref());
            return Self { authorizer: ApiAuthorizer::Lambda, header };
        }
        let pool = authorizer["providerARNs"][0]["Fn::Sub"].as_str().unwrap();
        let user_pool = pool.rsplit_once('/').unwrap().1.to_owned();
        Self { authorizer: ApiAuthorizer::Cognito { user_pool, scopes: texts(scopes) }, header }
    }

    fn of_http(route: &Value, authorizer: Option<&Value>) -> Self {
        let header = authorizer.map(|authorizer| {
            let source = authorizer["IdentitySource"][0].as_str().unwrap().to_lowercase();
            source.strip_prefix("$request.header.").unwrap().to_owned()
        });
        let kind = route.get("AuthorizationType").map_or("NONE", |kind| kind.as_str().unwrap());
        assert_eq!(authorizer.is_some(), ["JWT", "CUSTOM"].contains(&kind), "{kind}");
        let settings = authorizer.unwrap_or(&Value::Null);
        let authorizer = match kind {
            "NONE" => ApiAuthorizer::None,
            "AWS_IAM" => ApiAuthorizer::Iam,
            "CUSTOM" => {
                assert_eq!(settings["AuthorizerType"], "REQUEST");
                ApiAuthorizer::Lambda
            }
            _ => ApiAuthorizer::Jwt {
                issuer: settings["JwtConfiguration"]["Issuer"].as_str().unwrap().into(),
                audiences: texts(&settings["JwtConfiguration"]["Audience"]),
                scopes: texts(&route["AuthorizationScopes"]),
            },
        };
        Self { authorizer, header }
    }

    /// Returns whether a request with a token reaches the function: always without an authorizer. Otherwise, the token must be in the
    /// header that the authorizer reads, and the authorizer must accept it.
    ///
    /// - The Cognito authorizer of a REST API checks that a user of the pool received the token and that it has not expired. Without
    ///   scopes it takes the token for an id token; with scopes it takes an access token that has one of them:
    ///   <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>,
    ///   <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-invoke-api-integrated-with-cognito-user-pool.html>.
    /// - The JWT authorizer of an HTTP API compares `iss`, then `aud`, or `client_id` if there is no `aud`, checks the times, and
    ///   demands one of the scopes in `scope` or `scp`:
    ///   <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>.
    pub(super) fn passes_token(&self, token: &Token, header: &str, at: Timestamp) -> bool {
        let text = |name: &str| token.claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let has_scope =
            |scopes: &[String]| scopes.iter().any(|scope| text("scope").split(' ').any(|own| own == scope));
        let is_current = token.claims["exp"].as_u64().is_some_and(|exp| exp > at.as_unix());
        let is_read = self.header.as_deref() == Some(header);
        match &self.authorizer {
            ApiAuthorizer::None => true,
            ApiAuthorizer::Cognito { user_pool, scopes } => {
                let is_of_pool =
                    token.issuer == "pool" && user_pool == POOL && text("iss").ends_with(user_pool);
                let is_use = if scopes.is_empty() {
                    text("token_use") == "id"
                } else {
                    text("token_use") == "access" && has_scope(scopes)
                };
                is_read && is_of_pool && is_current && is_use
            }
            ApiAuthorizer::Jwt { issuer, audiences, scopes } => {
                let audience = if token.claims.contains_key("aud") { text("aud") } else { text("client_id") };
                let is_signed = token.issuer == "custom" && issuer == ISSUER && text("iss") == issuer;
                let is_for = audiences.iter().any(|known| known == audience);
                is_read && is_signed && is_for && is_current && (scopes.is_empty() || has_scope(scopes))
            }
            // These authorizers are for callers without tokens.
            _ => false,
        }
    }

    /// Returns whether the request reaches the function: the header that the authorizer reads is present, and its function permits the
    /// request.
    pub(super) fn passes_context(&self, context: Option<&Context>, header: &str) -> bool {
        self.authorizer == ApiAuthorizer::Lambda
            && self.header.as_deref() == Some(header)
            && context.is_some()
    }

    /// Returns whether the request reaches the function: it is signed.
    pub(super) fn passes_signature(&self, is_signed: bool) -> bool {
        self.authorizer == ApiAuthorizer::Iam && is_signed
    }
}

/// Returns the sorted paths that the function serves.
fn expected_paths(config: &Config) -> Vec<String> {
    let has_parts = config.routes().iter().any(|route| route.policy.multipart().is_some());
    let calls: &[&str] = if has_parts { &["abort", "complete", "parts", "status"] } else { &[] };
    let calls = calls.iter().map(|call| format!("/uploads/{call}"));
    std::iter::once("/upload-url".to_owned()).chain(calls).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

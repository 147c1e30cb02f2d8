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
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) authorizer: ApiAuthorizer,
    /// The header that the authorizer reads, in lowercase.
    pub(super) header: Option<String>,
}

impl Gate {
    pub(super) fn generated(config: &Config) -> Self {
        let template = upsign_documents::sam_template(&config.deployment()).unwrap().to_json();
        let template: Value = serde_json::from_str(&template).unwrap();
        let of_type = |kind: &str| {
            let resources = template["Resources"].as_object().unwrap().values();
            resources.filter(|resource| resource["Type"] == kind).map(|it| it["Properties"].clone()).next()
        };
        if let Some(api) = of_type("AWS::Serverless::Api") {
            return Self::of_rest(&api["DefinitionBody"]);
        }
        if let Some(route) = of_type("AWS::ApiGatewayV2::Route") {
            return Self::of_http(&route, of_type("AWS::ApiGatewayV2::Authorizer").as_ref());
        }
        let is_iam = of_type("AWS::Lambda::Url").is_some_and(|url| url["AuthType"] == "AWS_IAM");
        Self { authorizer: if is_iam { ApiAuthorizer::Iam } else { ApiAuthorizer::None }, header: None }
    }

    fn of_rest(document: &Value) -> Self {
        let Some(security) = document["paths"]["/upload-url"]["post"].get("security") else {
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

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

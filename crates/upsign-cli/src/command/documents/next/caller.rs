//! How a printed command identifies its caller: with a token, for which a user signs in, or with credentials.

use upsign_cognito::TokenUse;
use upsign_config::{ApiKind, Auth, AuthIssuer, Config, GatewayIdentity, RouteConfig};

use super::Step;
use crate::auth::issuer_names;
use crate::shell::quote;

/// How the request identifies its caller.
pub(super) struct Caller {
    /// The step that obtains a token, if a command can.
    pub(super) sign_in: Option<Step>,
    /// What the reader provides, for a title.
    pub(super) needs: String,
    /// Arguments for `curl`.
    pub(super) arguments: String,
    /// Whether a bearer token in the header `authorization` identifies the caller, the only one that `upsign upload` sends.
    pub(super) has_bearer_token: bool,
}

/// Source: <https://curl.se/docs/manpage.html#--aws-sigv4>.
pub(super) fn caller(config: &Config, auth: &Auth, route: &RouteConfig) -> Caller {
    let header = &auth.token_header;
    match (&auth.gateway, auth.issuers.first()) {
        (Some(GatewayIdentity::Iam(_)), _) => {
            let service = match config.deployment_config().api {
                ApiKind::FunctionUrl => "lambda",
                _ => "execute-api",
            };
            let deployment = config.deployment();
            let region = deployment.region().map_or_else(|| "$AWS_REGION".to_owned(), ToString::to_string);
            let arguments = format!(
                "--aws-sigv4 \"aws:amz:{region}:{service}\" --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" \\\n  \
                 -H \"x-amz-security-token: $AWS_SESSION_TOKEN\""
            );
            let needs = ", with the credentials of a signed-in identity, as your application obtains them, in AWS_ACCESS_KEY_ID, \
                         AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN";
            Caller { sign_in: None, needs: needs.to_owned(), arguments, has_bearer_token: false }
        }
        (None, Some(issuer)) => {
            let sign_in = sign_in(issuer, route);
            let needs = match sign_in {
                Some(_) => String::new(),
                None => format!(", with {} in TOKEN", token_of_application(auth, issuer, route)),
            };
            Caller {
                sign_in,
                needs,
                arguments: format!("-H \"{header}: Bearer $TOKEN\""),
                has_bearer_token: header.is_authorization(),
            }
        }
        _ => Caller {
            sign_in: None,
            needs: format!(", with what your Lambda authorizer accepts as the header {header} in TOKEN"),
            arguments: format!("-H \"{header}: $TOKEN\""),
            has_bearer_token: false,
        },
    }
}

/// The only scope of an access token that the API of a user pool issues; others come from its token endpoint.
///
/// Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>.
const SIGN_IN_SCOPE: &str = "aws.cognito.signin.user.admin";

/// Returns the step that signs in a user of the pool, or `None` if the tokens are another issuer's or need more scopes.
///
/// Source: <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html>.
fn sign_in(auth: &AuthIssuer, route: &RouteConfig) -> Option<Step> {
    let (pool, client) = (auth.user_pool.as_ref()?, auth.verifier.client_ids().next()?);
    let mut demanded = [auth.verifier.required_scopes(), route.access.scopes()].into_iter().flatten();
    if !demanded.all(|scopes| scopes.iter().any(|scope| **scope == *SIGN_IN_SCOPE)) {
        return None;
    }
    let token = if auth.verifier.token_use() == TokenUse::Id { "IdToken" } else { "AccessToken" };
    let title = "sign in a user of the pool, whose name is in LOGIN and password in PASSWORD. The client must allow USER_PASSWORD_AUTH \
                 and have no secret; otherwise, write a token from your application to TOKEN:";
    let command = format!(
        "TOKEN=$(aws cognito-idp initiate-auth --region {} --client-id {} --auth-flow USER_PASSWORD_AUTH \\\n  \
         --auth-parameters \"$(jq -nc --arg login \"$LOGIN\" --arg password \"$PASSWORD\" '{{USERNAME: $login, PASSWORD: $password}}')\" \\\n  \
         --query AuthenticationResult.{token} --output text)",
        quote(pool.region().as_str()),
        quote(client)
    );
    Some(Step::new(title, command))
}

/// Describes the token that the application of the user obtains. `issuer` is the first of `auth`.
fn token_of_application(auth: &Auth, issuer: &AuthIssuer, route: &RouteConfig) -> String {
    if auth.only_issuer().is_none() {
        let names = issuer_names(&auth.issuers);
        return format!("a token of one of the issuers {names}, as an application obtains it,");
    }
    let verifier = &issuer.verifier;
    let kind = match verifier.token_use() {
        TokenUse::Id => "an ID token",
        TokenUse::Access => "an access token",
        _ => "a token",
    };
    let issuer = match &issuer.user_pool {
        Some(pool) => format!("user pool {}", pool.id()),
        None => verifier.issuer().preferred_name().to_owned(),
    };
    let demanded = [verifier.required_scopes(), route.access.scopes()].into_iter().flatten();
    let scopes: Vec<String> = demanded.map(|scopes| scopes.join(" or ")).collect();
    let scopes = if scopes.is_empty() { "" } else { &format!(" with the scope {}", scopes.join(" and ")) };
    format!("{kind} of {issuer}{scopes}, as your application obtains it,")
}

#[cfg(test)]
mod tests {
    use super::super::Tool;
    use super::super::tests::{config, with_auth};
    use super::super::upload::tests::commands;
    use super::super::upload::upload;

    #[test]
    fn request_identifies_its_caller_as_the_configuration_says() {
        let pool = r#"user_pool = "ap-southeast-1_AbCdEf123", client_ids = ["client"], token_use = "access""#;
        let other = format!("auth = {{ {pool}, token_header = \"x-upload-token\" }}");
        let request = commands(&with_auth(&other, "")).pop().unwrap();
        assert!(request.contains("-H \"x-upload-token: Bearer $TOKEN\""), "{request}");
        assert!(!request.contains("authorization"), "{request}");

        let lambda = r#"auth = { source = "lambda-authorizer", issuer = "https://id.example.com", subject_claim = "userId" }"#;
        let steps = upload(&with_auth(lambda, ""), Tool::Sam).unwrap();
        assert!(steps[0].title.contains("your Lambda authorizer accepts as the header authorization"));
        assert!(steps[0].command.contains("-H \"authorization: $TOKEN\""), "{}", steps[0].command);

        let iam = r#"auth = { source = "iam", user_pool = "ap-southeast-1_AbCdEf123" }"#;
        for (api, service) in [("rest", "execute-api"), ("url", "lambda")] {
            let config = with_auth(iam, &format!("[deployment]\napi = \"{api}\""));
            let request = commands(&config).pop().unwrap();
            let signed = format!("--aws-sigv4 \"aws:amz:ap-southeast-1:{service}\"");
            assert!(request.contains(&signed) && !request.contains("$TOKEN"), "{request}");
        }
    }

    #[test]
    fn token_is_that_of_any_of_several_issuers() {
        let issuer = |name: &str| {
            format!(
                "[[auth]]\nname = \"{name}\"\nprovider = \"oidc\"\nissuer = \"https://{name}.example.com\"\naudiences = \
                 [\"api\"]\ntoken_use = \"access\"\n"
            )
        };
        let config = with_auth("", &[issuer("staff"), issuer("customers")].concat());
        let title = upload(&config, Tool::Sam).unwrap().pop().unwrap().title;
        assert!(title.contains("with a token of one of the issuers staff, customers, "), "{title}");
    }

    #[test]
    fn user_of_the_pool_signs_in_if_her_token_has_the_scopes() {
        let signed_in = commands(&config("", ""));
        assert!(signed_in[0].contains("--region ap-southeast-1 --client-id client "), "{}", signed_in[0]);
        assert!(signed_in[0].contains("AuthenticationResult.AccessToken"), "{}", signed_in[0]);
        let steps = upload(&config("scopes = [\"uploads/write\"]", ""), Tool::Sam).unwrap();
        assert_eq!(steps.len(), 1);
        let token = "an access token of user pool ap-southeast-1_AbCdEf123 with the scope uploads/write";
        assert!(steps[0].title.contains(token), "{}", steps[0].title);
    }
}

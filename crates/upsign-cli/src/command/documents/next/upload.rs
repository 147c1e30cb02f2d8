//! The last steps: a token, a request to the deployed function, and the upload that it grants.

use serde_json::{Value, json};
use upsign_cognito::TokenUse;
use upsign_config::{ApiKind, Auth, AuthIssuer, Config, GatewayIdentity, RouteConfig};
use upsign_policy::{ChecksumAlgorithm, Checksums, UploadMethod};

use super::deploy::region;
use super::{STACK, Step, Tool};
use crate::auth::issuer_names;
use crate::sample;
use crate::shell::{in_quotes, quote};

/// Returns the steps that request an upload URL from the deployed function and upload a file with it.
///
/// # Errors
/// The reason if no command can: every route requires a checksum that no usual program computes.
pub(super) fn upload(config: &Config, tool: Tool) -> Result<Vec<Step>, String> {
    let Some(auth) = config.auth() else { return Ok(Vec::new()) };
    let found = config.routes().iter().find_map(|route| Some((route, body(route)?)));
    let (route, body) = found.ok_or_else(|| {
        "every route requires a checksum that openssl does not compute: upload with a client that does"
            .to_owned()
    })?;
    let Caller { sign_in, needs, arguments } = caller(config, auth, route);
    let region = region(config);
    let (url, address) = match config.deployment_config().api {
        ApiKind::LoadBalancer => (
            "url=https://$LOAD_BALANCER/upload-url".to_owned(),
            ", the name of the load balancer in LOAD_BALANCER",
        ),
        _ if tool == Tool::Terraform => ("url=$(terraform output -raw upload_url)".to_owned(), ""),
        _ => (
            format!(
                "url=$(aws cloudformation describe-stacks --stack-name {STACK}{region} --output text \\\n  \
                 --query \"Stacks[0].Outputs[?OutputKey=='UploadUrl'].OutputValue\")"
            ),
            "",
        ),
    };
    let content_type = body.content_type;
    let title = format!(
        "request an upload URL and upload a file{needs}, the path of a file ({content_type}) in FILE{address}:"
    );
    let grant = format!(
        "grant=$(curl -fsS \"$url\" {arguments} -H 'content-type: application/json' \\\n  -d {})",
        body.argument
    );
    let send = match route.policy.method() {
        UploadMethod::Post => {
            "printf %s \"$grant\" | jq -r '.fields | to_entries[] | \"form-string = \" + (.key + \"=\" + .value | @json)' |\n  \
             curl -fsS -K - -F \"file=@$FILE\" \"$(printf %s \"$grant\" | jq -r .uploadUrl)\""
        }
        _ => {
            "printf %s \"$grant\" | jq -r '.headers | to_entries[] | .key + \": \" + .value' |\n  \
             curl -fsS -T \"$FILE\" -H @- \"$(printf %s \"$grant\" | jq -r .uploadUrl)\""
        }
    };
    let request = Step::new(title, [url, grant, send.to_owned()].join("\n"));
    Ok(sign_in.into_iter().chain([request]).collect())
}

/// How the request identifies its caller.
struct Caller {
    /// The step that obtains a token, if a command can.
    sign_in: Option<Step>,
    /// What the reader provides, for a title.
    needs: String,
    /// Arguments for `curl`.
    arguments: String,
}

/// Source: <https://curl.se/docs/manpage.html#--aws-sigv4>.
fn caller(config: &Config, auth: &Auth, route: &RouteConfig) -> Caller {
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
            Caller { sign_in: None, needs: needs.to_owned(), arguments }
        }
        (None, Some(issuer)) => {
            let sign_in = sign_in(issuer, route);
            let needs = match sign_in {
                Some(_) => String::new(),
                None => format!(", with {} in TOKEN", token_of_application(auth, issuer, route)),
            };
            Caller { sign_in, needs, arguments: format!("-H \"{header}: Bearer $TOKEN\"") }
        }
        _ => Caller {
            sign_in: None,
            needs: format!(", with what your Lambda authorizer accepts as the header {header} in TOKEN"),
            arguments: format!("-H \"{header}: $TOKEN\""),
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

/// The body of a request for the file `$FILE`.
struct Body {
    content_type: String,
    /// A word of the shell, which contains what depends on the file as substitutions.
    argument: String,
}

/// Returns the body, or `None` if no usual program computes a checksum that the route accepts.
fn body(route: &RouteConfig) -> Option<Body> {
    let checksum = match route.policy.checksums() {
        Checksums::Required(algorithms) => Some(checksum(algorithms)?),
        _ => None,
    };
    let mut body = sample::upload(route).body;
    let content_type = body.get("contentType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut substitutions = vec![(format!("\"{LENGTH}\""), "$(wc -c < \"$FILE\")".to_owned())];
    if let Some(members) = body.as_object_mut() {
        members.insert("contentLength".into(), LENGTH.into());
        if let Some((name, command)) = checksum {
            members.insert("checksum".into(), json!({name: CHECKSUM}));
            substitutions.push((CHECKSUM.to_owned(), command));
        }
    }
    let mut argument = in_quotes(&body.to_string());
    for (text, command) in substitutions {
        // Ends the quoted word, continues it with a quoted substitution, and begins it again.
        argument = argument.replace(&text, &format!("'\"{command}\"'"));
    }
    Some(Body { content_type, argument })
}

const LENGTH: &str = "LENGTH-OF-FILE";
const CHECKSUM: &str = "CHECKSUM-OF-FILE";

/// Returns one of the algorithms and the command that computes its checksum of `$FILE`. `openssl` computes no CRC and no XXHash.
fn checksum(algorithms: &[ChecksumAlgorithm]) -> Option<(&'static str, String)> {
    let known = [
        (ChecksumAlgorithm::Sha256, "sha256"),
        (ChecksumAlgorithm::Sha512, "sha512"),
        (ChecksumAlgorithm::Sha1, "sha1"),
        (ChecksumAlgorithm::Md5, "md5"),
        (ChecksumAlgorithm::AmzMd5, "md5"),
    ];
    let (algorithm, digest) = known.into_iter().find(|(known, _)| algorithms.contains(known))?;
    // Without -A, the base64 of a SHA-512 has two lines.
    Some((algorithm.as_str(), format!("$(openssl dgst -{digest} -binary \"$FILE\" | openssl base64 -A)")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::config;
    use super::*;

    fn commands(config: &Config) -> Vec<String> {
        upload(config, Tool::Sam).unwrap().into_iter().map(|step| step.command).collect()
    }

    #[test]
    fn request_states_the_size_and_the_checksum_of_the_file() {
        let plain = body(&config("", "").routes()[0]).unwrap();
        let expected = r#"'{"contentLength":'"$(wc -c < "$FILE")"',"contentType":"image/jpeg"}'"#;
        assert_eq!((plain.argument.as_str(), plain.content_type.as_str()), (expected, "image/jpeg"));
        let config = config("checksums = [\"crc32\", \"sha256\"]\nrequire_checksum = true", "");
        let argument = body(&config.routes()[0]).unwrap().argument;
        let expected =
            r#""checksum":{"sha256":"'"$(openssl dgst -sha256 -binary "$FILE" | openssl base64 -A)"'"}"#;
        assert!(argument.contains(expected), "{argument}");
    }

    #[test]
    fn checksum_that_no_program_computes_is_not_requested() {
        let crc = "checksums = [\"crc32\", \"xxhash3\"]\nrequire_checksum = true";
        assert!(upload(&config(crc, ""), Tool::Sam).unwrap_err().contains("checksum"));
        let other = "[route.avatars]\nkey = \"avatars/{id}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"";
        let request = commands(&config(crc, other)).pop().unwrap();
        assert!(request.contains(r#""route":"avatars""#), "{request}");
    }

    #[test]
    fn url_of_a_module_is_an_output_of_terraform() {
        let steps = upload(&config("", ""), Tool::Terraform).unwrap();
        let command = &steps.last().unwrap().command;
        assert!(
            command.contains("url=$(terraform output -raw upload_url)")
                && !command.contains("cloudformation"),
            "{command}"
        );
    }

    #[test]
    fn form_is_sent_with_its_fields_before_the_file() {
        let form = commands(&config("method = \"post\"\nno_overwrite = false", "")).pop().unwrap();
        assert!(form.contains("form-string = ") && form.contains("-K - -F \"file=@$FILE\""), "{form}");
        let put = commands(&config("", "")).pop().unwrap();
        assert!(put.contains("OutputKey=='UploadUrl'") && put.contains("-T \"$FILE\""), "{put}");
    }

    #[test]
    fn request_identifies_its_caller_as_the_configuration_says() {
        let with_auth = super::super::tests::with_auth;
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
        let config = super::super::tests::with_auth("", &[issuer("staff"), issuer("customers")].concat());
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

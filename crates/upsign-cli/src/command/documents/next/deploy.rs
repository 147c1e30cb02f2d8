//! The commands that deploy the template or the module.

use upsign_config::{ApiKind, AuthSource, Config};

use super::build::{IS_ARM, other_programs};
use super::{STACK, Step, TEMPLATE};
use crate::shell::quote;

/// Returns the command that deploys a template as the stack of the printed commands, in the region of the buckets. A stack that
/// exists keeps the values of its parameters.
pub(in super::super) fn sam_deploy(config: &Config, template: &str) -> String {
    format!(
        "sam deploy --template-file {} --stack-name {STACK} --resolve-s3 \\\n  --capabilities CAPABILITY_IAM{}",
        quote(template),
        region(config)
    )
}

pub(super) fn deploy(config: &Config) -> Vec<Step> {
    let settings = config.deployment_config();
    let architecture = (!IS_ARM && settings.code.is_none()).then_some("Architecture=x86_64");
    let authorizer =
        has_lambda_authorizer(config).then_some("AuthorizerFunctionArn=\"$AUTHORIZER_FUNCTION\"");
    let command = |role: Option<&str>| {
        let parameters: Vec<&str> = architecture.into_iter().chain(authorizer).chain(role).collect();
        let given = if parameters.is_empty() { "" } else { " --parameter-overrides " };
        format!("{}{given}{}", sam_deploy(config, TEMPLATE), parameters.join(" "))
    };
    let mut steps = vec![Step::new(deploy_title(config), command(None))];
    if needs_log_role(config) {
        steps.push(Step::alternative(log_role_title(config), command(Some("CreateApiGatewayLogRole=true"))));
    }
    steps
}

/// Returns the zip file that cargo-lambda writes for a program.
fn zip(program: &str) -> String {
    format!("target/lambda/{program}/bootstrap.zip")
}

/// Returns the commands that apply the module as a root module. The provider takes the region from the environment.
pub(super) fn apply(config: &Config) -> Vec<Step> {
    let deployment = config.deployment();
    let region = deployment.region().map(|region| format!("export AWS_REGION={}\n", quote(region.as_str())));
    let architecture = if IS_ARM { "" } else { " -var architecture=x86_64" };
    let authorizer = if has_lambda_authorizer(config) {
        " \\\n  -var authorizer_function_arn=\"$AUTHORIZER_FUNCTION\""
    } else {
        ""
    };
    let other = |program: &str| format!(" \\\n  -var {program}_package={}", zip(program));
    let others: String = other_programs(config).into_iter().map(other).collect();
    let init = format!(
        "{}terraform init\nterraform apply -var package={}{architecture}{others}{authorizer}",
        region.unwrap_or_default(),
        zip("bootstrap")
    );
    let with_role = format!("{init} -var create_api_gateway_log_role=true");
    let mut steps = vec![Step::new(deploy_title(config), init)];
    if needs_log_role(config) {
        steps.push(Step::alternative(log_role_title(config), with_role));
    }
    steps
}

fn has_lambda_authorizer(config: &Config) -> bool {
    config.auth_source() == AuthSource::LambdaAuthorizer
}

fn deploy_title(config: &Config) -> &'static str {
    if has_lambda_authorizer(config) {
        "deploy it, with the ARN of the function of your Lambda authorizer in AUTHORIZER_FUNCTION:"
    } else {
        "deploy it:"
    }
}

fn needs_log_role(config: &Config) -> bool {
    let deployment = config.deployment();
    deployment.api() == ApiKind::Rest && deployment.access_logs()
}

/// Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html>.
fn log_role_title(config: &Config) -> String {
    format!(
        "deploy it with the role for access logs, which the first REST API of an account and region needs (aws apigateway \
         get-account{} names no cloudwatchRoleArn):",
        region(config)
    )
}

/// Returns the option for the region of the stack: that of its buckets. A stack without buckets of AWS can be anywhere.
pub(super) fn region(config: &Config) -> String {
    let deployment = config.deployment();
    deployment.region().map_or_else(String::new, |region| format!(" --region {}", quote(region.as_str())))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{config, r2};
    use super::*;

    #[test]
    fn stack_is_in_the_region_of_its_buckets() {
        assert_eq!(region(&config("", "")), " --region ap-southeast-1");
        assert_eq!(region(&r2()), "");
    }

    #[test]
    fn code_elsewhere_has_the_architecture_of_the_template() {
        let elsewhere = config("", "[deployment]\ncode = \"s3://releases/uploads.zip\"");
        assert!(deploy(&elsewhere).iter().all(|step| !step.command.contains("Architecture")));
        assert!(
            deploy(&elsewhere)[1].command.ends_with(" --parameter-overrides CreateApiGatewayLogRole=true")
        );
    }

    #[test]
    fn module_is_applied_with_its_variables_in_the_region_of_its_buckets() {
        let steps = apply(&config("", ""));
        let command = &steps[0].command;
        assert!(
            command.starts_with("export AWS_REGION=ap-southeast-1\nterraform init\nterraform apply "),
            "{command}"
        );
        assert!(command.contains(" -var package=target/lambda/bootstrap/bootstrap.zip"), "{command}");
        assert!(steps[1].command.ends_with(" -var create_api_gateway_log_role=true"), "{}", steps[1].command);
        assert_eq!(apply(&config("", "[deployment]\napi = \"http\"")).len(), 1);
        assert!(apply(&r2())[0].command.starts_with("terraform init\n"));
    }

    #[test]
    fn module_takes_the_zip_file_of_every_function() {
        let events = "[route.photos]\nkey = \"photos/{id:sealed}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \
                      \"refuse\"\nconfirm = true\n[token]\nkeys = [\"env:TOKEN_SECRET\"]";
        let command = &apply(&config("", events))[0].command;
        assert!(command.contains(" -var consumer_package=target/lambda/consumer/bootstrap.zip"), "{command}");
        assert!(!command.contains("deliverer"), "{command}");
    }

    #[test]
    fn lambda_authorizer_is_named_at_deployment() {
        let auth = r#"auth = { source = "lambda-authorizer", issuer = "https://id.example.com", subject_claim = "userId" }"#;
        let config = super::super::tests::with_auth(auth, "");
        for (steps, given) in [
            (deploy(&config), "AuthorizerFunctionArn=\"$AUTHORIZER_FUNCTION\""),
            (apply(&config), "-var authorizer_function_arn=\"$AUTHORIZER_FUNCTION\""),
        ] {
            assert!(steps[0].title.contains("AUTHORIZER_FUNCTION"), "{}", steps[0].title);
            assert!(steps.iter().all(|step| step.command.contains(given)), "{}", steps[0].command);
        }
    }

    #[test]
    fn first_rest_api_of_a_region_needs_the_role_for_logs() {
        let rest = deploy(&config("", ""));
        assert!(!rest[0].is_alternative && !rest[0].command.contains("CreateApiGatewayLogRole"));
        assert!(rest[1].is_alternative && rest[1].command.contains("CreateApiGatewayLogRole=true"));
        assert!(rest[1].title.contains("get-account --region ap-southeast-1 "), "{}", rest[1].title);
        for deployment in ["api = \"http\"", "access_logs = false"] {
            assert_eq!(deploy(&config("", &format!("[deployment]\n{deployment}"))).len(), 1, "{deployment}");
        }
    }
}

//! Credentials that are not in the three variables: errors name what the environment has, and how to use it.

use crate::run::{CONFIG, Run, upsign};

/// The start of a server without the three variables, with an AWS configuration file.
fn serve(arguments: &[&str], aws_config: &str) -> Run {
    let arguments = [&["serve", "--listen=127.0.0.1:0"], arguments].concat();
    let run = upsign(&arguments).file("upsign.toml", CONFIG).file("aws-config", aws_config);
    let config = run.folder.path().join("aws-config").display().to_string();
    run.variable("AWS_CONFIG_FILE", &config)
}

const SSO: &str = "[profile dev]\nsso_session = company\n[sso-session company]\nsso_region = eu-west-1\n";

#[cfg(not(feature = "chain"))]
const HELP: &str = "in a checkout of upsign: cargo install --path crates/upsign-cli --features chain";
#[cfg(feature = "chain")]
const HELP: &str = "--credentials chain (or UPSIGN_CREDENTIALS=chain)";

#[test]
fn profile_with_sso_is_named() {
    let error = serve(&[], SSO).variable("AWS_PROFILE", "dev").output();
    error.exits(2).has_message(
        "AWS_ACCESS_KEY_ID is not set, but this environment has the AWS profile dev, which signs in with SSO",
    );
    error.has_message(HELP);
    // The help prints nothing of a file: it can contain secrets.
    assert!(!error.stderr().contains("company"), "{}", error.stderr());
}

#[test]
fn container_and_web_identity_are_named() {
    for (variables, found) in [
        (
            &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x")][..],
            "the credentials of a container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)",
        ),
        (
            &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r")],
            "a web identity token for a role (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)",
        ),
    ] {
        let mut run = serve(&[], "");
        for (name, value) in variables {
            run = run.variable(name, value);
        }
        run.output().exits(2).has_message(found).has_message(HELP);
    }
}

/// Profiles of which none is selected, and commands that read only variables.
#[test]
fn export_command_is_printed_where_the_chain_is_no_help() {
    let eval = "eval \"$(aws configure export-credentials --profile dev --format env)\"";
    serve(&[], SSO).output().exits(2).has_message("this environment has AWS profiles: dev").has_message(eval);
    let presign = ["presign", "--bucket=article-images-bucket", "--region=ap-southeast-1", "a.jpg"];
    let run = upsign(&presign).file("aws-config", SSO).variable("AWS_PROFILE", "dev");
    let config = run.folder.path().join("aws-config").display().to_string();
    run.variable("AWS_CONFIG_FILE", &config).output().exits(2).has_message(eval);
}

#[test]
fn nothing_is_added_where_nothing_is_found() {
    let error = serve(&[], "[default]\nregion = eu-west-1\n").output();
    error.exits(2).has_message("AWS_ACCESS_KEY_ID is not set").has_message("set AWS_ACCESS_KEY_ID and");
    assert!(!error.stderr().contains("this environment has"), "{}", error.stderr());
}

/// A build without the provider chain says what it would have used.
#[cfg(not(feature = "chain"))]
#[test]
fn chosen_chain_names_the_build_that_has_it() {
    for arguments in [&["--credentials=chain"][..], &["--assume-role=arn:aws:iam::123456789012:role/uploads"]]
    {
        let error = serve(arguments, SSO).variable("AWS_PROFILE", "dev").output();
        error.exits(2).has_message("this build does not include the AWS provider chain");
        error.has_message("it would use the AWS profile dev, which signs in with SSO").has_message(HELP);
    }
}

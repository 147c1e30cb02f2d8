//! Secrets of upload tokens in AWS Secrets Manager: where it is called, and what its failures say.

use std::io::{Read, Write};
use std::net::TcpListener;

use upsign::session::TokenKeys;
use upsign_config::{Config, InvalidTokenSecrets};
use upsign_core::{Credentials, CredentialsError, Timestamp, credentials_fn, error_chain};

use crate::good::FULL;

const ARN: &str = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:upsign/uploads-AbCdEf";
const SECRET: &str = "q3Jf0y1G8uVb2sXk5mPz7wRt9aLd4cNe6hQoTiYxUvM=";

fn config(keys: &str) -> Config {
    let text = format!("{FULL}\n[token]\nkeys = [{keys}]\n");
    Config::read("upsign.toml", &text, |_| None).unwrap_or_else(|error| panic!("{error}"))
}

fn in_secrets_manager() -> Config {
    config(&format!("\"secretsmanager:{ARN}\""))
}

/// Loads the keys with these variables.
fn load(config: &Config, variables: &[(&str, &str)]) -> Result<TokenKeys, InvalidTokenSecrets> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let credentials =
        Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(config.load_token_keys(variable, credentials, Timestamp::UNIX_EPOCH))
}

/// Answers one request, and returns its address.
fn answering_once(status: u16, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut received = Vec::new();
        while !received.ends_with(b"}") {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).unwrap();
            received.extend(buffer.iter().take(count));
        }
        let head = format!(
            "HTTP/1.1 {status} Answer\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
    });
    format!("http://{address}/")
}

#[test]
fn endpoint_of_the_variables_is_called() {
    let expected: Vec<String> = TokenKeys::new("default", [SECRET]).unwrap().key_ids().collect();
    for name in ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"] {
        let endpoint = answering_once(200, format!("{{\"SecretString\":\"{SECRET}\"}}"));
        let keys = load(&in_secrets_manager(), &[(name, &endpoint)]).unwrap();
        assert_eq!(keys.key_ids().collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn refusal_of_the_service_names_the_secret() {
    let endpoint = answering_once(
        400,
        "{\"__type\":\"AccessDeniedException\",\"Message\":\"User is not authorized\"}".to_owned(),
    );
    let error = load(&in_secrets_manager(), &[("AWS_ENDPOINT_URL", &endpoint)]).unwrap_err();
    assert_eq!(
        error_chain(&error).to_string(),
        format!(
            "token.keys: item 1: {ARN} cannot be read: AWS Secrets Manager answered 400 AccessDeniedException: User is not authorized"
        )
    );
}

#[test]
fn variable_that_is_no_endpoint_is_reported_only_if_it_is_needed() {
    let variables = [("AWS_ENDPOINT_URL", "localhost:4566"), ("UPSIGN_TOKEN_SECRET", SECRET)];
    let error = error_chain(&load(&in_secrets_manager(), &variables).unwrap_err()).to_string();
    let expected = format!("token.keys: item 1: {ARN} cannot be read: AWS_ENDPOINT_URL is not an endpoint: ");
    assert!(error.starts_with(&expected), "{error}");
    assert!(load(&config("\"env:UPSIGN_TOKEN_SECRET\""), &variables).is_ok());
}

#[test]
fn credentials_are_loaded_for_secrets_manager_only() {
    let missing = || credentials_fn(|_| async { Err(CredentialsError::Missing("none".into())) });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let load = |config: &Config| {
        let variable = |name: &str| (name == "UPSIGN_TOKEN_SECRET").then(|| SECRET.to_owned());
        runtime.block_on(config.load_token_keys(variable, missing(), Timestamp::UNIX_EPOCH))
    };
    assert!(load(&config("\"env:UPSIGN_TOKEN_SECRET\"")).is_ok());
    let error = error_chain(&load(&in_secrets_manager()).unwrap_err()).to_string();
    assert!(error.contains("cannot be read: there are no credentials to sign the call with"), "{error}");
}

//! The answers of `GetSecretValue`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::error::ReadSecretError;

/// The members of a successful answer. A secret has one of the two values.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecretValue {
    secret_string: Option<String>,
    secret_binary: Option<String>,
}

/// An error of the JSON protocol. The name of its message varies.
///
/// Source: <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization>.
#[derive(Default, Deserialize)]
struct Failure {
    #[serde(rename = "__type", default)]
    code: String,
    #[serde(alias = "Message", default)]
    message: String,
}

/// Returns the secret of a successful answer, or `None` if it has none.
pub(super) fn secret(body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let value: SecretValue = serde_json::from_slice(body).ok()?;
    let binary = value.secret_binary.map(Zeroizing::new);
    match value.secret_string {
        Some(text) => Some(text.into_bytes().into()),
        None => STANDARD.decode(binary?.as_bytes()).ok().map(Zeroizing::new),
    }
}

/// Returns the error of an answer with another status.
pub(super) fn refusal(status: u16, body: &[u8]) -> ReadSecretError {
    let failure: Failure = serde_json::from_slice(body).unwrap_or_default();
    // The code can be an absolute shape id, or be followed by a URL.
    let code = failure.code.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let is_name = |character: &char| character.is_ascii_alphanumeric();
    let code: String = code.chars().filter(is_name).take(64).collect();
    let message: String = failure.message.chars().filter(|it| !it.is_control()).take(500).collect();
    ReadSecretError::Refused { status, code: code.into(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_binary_secrets_are_read() {
        let read = |body: &str| secret(body.as_bytes()).map(|secret| secret.to_vec());
        assert_eq!(read(r#"{"Name":"a","SecretString":"a\"b"}"#), Some(b"a\"b".to_vec()));
        assert_eq!(read(r#"{"SecretBinary":"AAEC"}"#), Some(vec![0, 1, 2]));
        for body in ["", "{}", "[]", r#"{"SecretBinary":"?"}"#, r#"{"SecretString":1}"#] {
            assert_eq!(read(body), None, "{body}");
        }
    }

    #[test]
    fn refusals_name_code_and_message() {
        let text = |body: &str| refusal(400, body.as_bytes()).to_string();
        let expected = "AWS Secrets Manager answered 400 AccessDeniedException: User is not authorized";
        for body in [
            r#"{"__type":"AccessDeniedException","Message":"User is not authorized"}"#,
            r#"{"__type":"com.amazonaws.secretsmanager#AccessDeniedException:http://x/","message":"User is\n not authorized"}"#,
        ] {
            assert_eq!(text(body).replace("  ", " "), expected);
        }
        assert_eq!(text("<html>"), "AWS Secrets Manager answered 400 : ");
    }
}

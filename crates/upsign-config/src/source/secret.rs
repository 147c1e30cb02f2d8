//! Detects secrets, which must neither be in the file nor be repeated in messages.

use crate::keys::{KEYS, Key, sections};

/// Returns whether a name is typical of a secret.
pub(crate) fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "secret",
        "password",
        "passwd",
        "passphrase",
        "token",
        "access_key",
        "accesskey",
        "api_key",
        "apikey",
        "private_key",
        "signing_key",
        "credential",
    ];
    words.iter().any(|word| name.replace('-', "_").contains(word))
}

/// Returns whether an entry of a table looks like a secret: by its name, or because its value has the form of an access key
/// id.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    (looks_secret(name) && name != SECRETS_MANAGER_ENDPOINT) || is_access_key(value)
}

/// A variable of the AWS SDKs that names an address.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html>.
const SECRETS_MANAGER_ENDPOINT: &str = "AWS_ENDPOINT_URL_SECRETS_MANAGER";

/// Returns whether a value has the form of an access key id.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
pub(crate) fn is_access_key(value: &str) -> bool {
    (value.starts_with("AKIA") || value.starts_with("ASIA")) && value.len() == 20
}

/// Returns whether a text looks like a JSON Web Key with its private part: `d`, or `k` of a shared key.
///
/// Source: RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1.
pub(crate) fn contains_private_key(text: &str) -> bool {
    let has =
        |member: &str| text.contains(&format!("\"{member}\"")) || text.contains(&format!("\\\"{member}\\\""));
    has("kty") && (has("d") || has("k"))
}

/// Returns whether lines of the file may contain a secret. Names of the file's own keys, such as `token_use`, are no sign of
/// one.
pub(crate) fn may_contain_secret(lines: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let known = |word: &str| {
        let is_value = lines.contains(&format!("\"{word}\""));
        let is_known = |key: &Key| key.name == word || (is_value && key.values.contains(&word));
        // `token` is a section, but a secret as the name of a value.
        let is_section = |name: &str| name == word && (name != "token" || lines.contains("[token]"));
        sections().any(is_section) || KEYS.iter().any(is_known)
    };
    // The value is the name of a header, such as `x-upload-token`.
    let is_header = |line: &str| line.split('=').next().is_some_and(|name| name.trim() == "token_header");
    let (headers, lines): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| is_header(line));
    let lines = lines.join("\n");
    if contains_private_key(&lines) {
        return true;
    }
    if headers.iter().any(|line| line.split(|character| !is_word(character)).any(is_access_key)) {
        return true;
    }
    let mut words = lines.split(|character| !is_word(character));
    words.any(|word| is_access_key(word) || (looks_secret(word) && !known(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_of_secrets_manager_is_no_secret() {
        assert!(!is_secret("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:4566"));
        assert!(is_secret("AWS_SECRETS_MANAGER", "x") && is_secret("AWS_SECRET_ACCESS_KEY", "x"));
    }

    #[test]
    fn lines_with_secrets_are_recognized() {
        for line in [
            "secret_access_key = \"x\"",
            "name = \"AKIAIOSFODNN7EXAMPLE\"",
            "a = { password = \"x\" }",
            "jwk = '{\"kty\":\"EC\",\"d\":\"870MB6gf\"}'",
            "jwk = \"{\\\"kty\\\":\\\"EC\\\",\\\"d\\\":\\\"870MB6gf\\\"}\"",
            "token_header = \"AKIAIOSFODNN7EXAMPLE\"",
            "token_header = \"x-a\"\ntoken = \"x\"",
        ] {
            assert!(may_contain_secret(line), "{line}");
        }
        for line in [
            "token_use = \"acces\"",
            "source = \"token\"",
            "token_header = \"x-upload-token\"",
            "[credentials]",
            "[token]",
            "name = \"images\" # CHANGE",
        ] {
            assert!(!may_contain_secret(line), "{line}");
        }
    }
}

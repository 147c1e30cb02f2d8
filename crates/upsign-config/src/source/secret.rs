//! Detects secrets, which must neither be in the file nor be repeated in messages.

use crate::keys::{KEYS, sections};

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
    looks_secret(name) || is_access_key(value)
}

/// Returns whether a value has the form of an access key id.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
pub(crate) fn is_access_key(value: &str) -> bool {
    (value.starts_with("AKIA") || value.starts_with("ASIA")) && value.len() == 20
}

/// Returns whether lines of the file may contain a secret. Names of the file's own keys, such as `token_use`, are no sign of
/// one.
pub(crate) fn may_contain_secret(lines: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let known = |word: &str| sections().any(|name| name == word) || KEYS.iter().any(|key| key.name == word);
    let mut words = lines.split(|character| !is_word(character));
    words.any(|word| is_access_key(word) || (looks_secret(word) && !known(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_secrets_are_recognized() {
        for line in
            ["secret_access_key = \"x\"", "name = \"AKIAIOSFODNN7EXAMPLE\"", "a = { password = \"x\" }"]
        {
            assert!(may_contain_secret(line), "{line}");
        }
        for line in ["token_use = \"acces\"", "[credentials]", "name = \"images\" # CHANGE"] {
            assert!(!may_contain_secret(line), "{line}");
        }
    }
}

//! Parts of messages that explain frequent mistakes.

use crate::excerpt::Excerpt;

/// Explains two issuers that a person takes for the same one.
pub(crate) fn difference(found: &Excerpt, expected: &str) -> &'static str {
    let found = found.text();
    let without_slash = |issuer: &str| issuer.trim_end_matches('/').to_owned();
    let pool = |issuer: &str| issuer.replacen("://issuer-cognito-idp.", "://cognito-idp.", 1);
    if without_slash(found) == without_slash(expected) {
        "; they differ in the slash at the end"
    } else if found.eq_ignore_ascii_case(expected) {
        "; they differ in upper and lower case"
    } else if pool(found) == pool(expected) {
        "; these are the two issuer names of one user pool: configure its id in place of the issuer, to accept both"
    } else {
        ""
    }
}

/// The maximum number of bytes of names that a message lists.
const MAX_LISTED_BYTES: usize = 2_048;

/// Lists names up to a total length, and says how many are left out. The first one is always listed.
pub(crate) fn list(names: &[Box<str>]) -> String {
    let mut list = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 && list.len() + name.len() > MAX_LISTED_BYTES {
            list.push_str(&format!(" and {} more", names.len() - index));
            break;
        }
        if index > 0 {
            list.push_str(", ");
        }
        list.push_str(name);
    }
    list
}

/// Shows the names that were found, or the word `none` if there are none.
pub(crate) fn names_or_none(found: &Excerpt) -> String {
    if found.text().is_empty() { "none".to_owned() } else { found.to_string() }
}

/// Lists the trusted issuers, and explains the one that differs only in its spelling.
pub(crate) fn trusted_issuers(found: &Excerpt, trusted: &[Box<str>]) -> String {
    let mut similar = trusted.iter().map(|name| (name, difference(found, name)));
    let nearest = match similar.find(|(_, difference)| !difference.is_empty()) {
        Some((name, difference)) => format!("; the nearest is {name}{difference}"),
        None => String::new(),
    };
    format!("{}{nearest}", list(trusted))
}

/// Completes the message of [`Rejection::NotCompact`](crate::Rejection::NotCompact).
pub(crate) fn not_compact(parts: usize) -> String {
    match parts {
        // Auth0: <https://github.com/auth0/auth0-spa-js/issues/1008>.
        5 => "five parts joined by dots are an encrypted token (JWE), such as a refresh token of Cognito, or an access token \
              that was requested without an audience from Auth0; send an access token for this API, or the id token"
            .to_owned(),
        3 => "one of its three parts is not base64url without padding".to_owned(),
        _ => {
            format!("a token is three parts joined by dots (eyJ\u{2026}.eyJ\u{2026}.abc), this has {parts}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Rejection;

    #[test]
    fn list_shows_names_whole_up_to_its_length() {
        let names = |count: usize| -> Vec<Box<str>> {
            (0..count).map(|number| format!("https://issuer-{number:04}.example").into()).collect()
        };
        assert_eq!(list(&[]), "");
        assert_eq!(list(&names(2)), "https://issuer-0000.example, https://issuer-0001.example");
        let many = list(&names(1_000));
        assert!(many.len() <= 2_200 && many.ends_with("https://issuer-0069.example and 930 more"), "{many}");
        let long: Box<str> = "a".repeat(5_000).into();
        assert_eq!(list(std::slice::from_ref(&long)), *long);
    }

    #[test]
    fn nearest_of_several_trusted_issuers_is_pointed_out() {
        let trusted: Vec<Box<str>> = vec!["https://a.example".into(), "https://b.example/".into()];
        let message = |found| trusted_issuers(&Excerpt::new(found), &trusted);
        assert_eq!(message("https://c.example"), "https://a.example, https://b.example/");
        assert_eq!(
            message("https://b.example"),
            "https://a.example, https://b.example/; the nearest is https://b.example/; they differ in the slash at the end"
        );
    }

    #[test]
    fn issuers_that_look_alike_are_explained() {
        let message = |found, expected: &str| {
            Rejection::Issuer { found: Excerpt::new(found), expected: expected.into() }.to_string()
        };
        for (found, expected, explanation) in [
            ("https://t.auth0.com/", "https://t.auth0.com", "they differ in the slash at the end"),
            ("https://id.example/T", "https://id.example/t", "they differ in upper and lower case"),
            (
                "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
                "these are the two issuer names of one user pool: configure its id in place of the issuer, to accept both",
            ),
        ] {
            let message = message(found, expected);
            assert_eq!(
                message,
                format!(
                    "issuer mismatch: the token was issued by `{found}`, expected {expected}; {explanation}"
                )
            );
        }
        assert!(message("https://a.example", "https://b.example").ends_with("expected https://b.example"));
    }
}

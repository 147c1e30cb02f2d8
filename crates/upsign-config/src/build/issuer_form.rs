//! Issuers in a form that the tokens of their provider never have.

use super::pasted;

/// An issuer that no token names, and what is meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnlikelyIssuer {
    pub(super) message: &'static str,
    /// The issuer that is meant, as far as it can be derived.
    pub(super) meant: String,
    /// What to replace in it, or empty.
    pub(super) note: &'static str,
}

/// Returns the issuer whose document is at this address, if it is the address of one.
///
/// Source: OpenID Connect Discovery 1.0, section 4.
pub(super) fn of_document(issuer: &str, provider: Option<&str>) -> Option<String> {
    let (base, _) = issuer.split_once("/.well-known/")?;
    let slash = if ends_with_slash(provider, base) { "/" } else { "" };
    Some(format!("{base}{slash}"))
}

/// Returns why no token of a known provider names this issuer. With `provider = "oidc"`, this includes Amazon Cognito.
///
/// Sources: the discovery documents of the providers, and
/// <https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference> for the tenant of Microsoft Entra.
pub(super) fn unlikely(issuer: &str, provider: Option<&str>) -> Option<UnlikelyIssuer> {
    if let Some(tenant) = entra_tenant(issuer).filter(|tenant| !is_uuid(tenant)) {
        return Some(UnlikelyIssuer {
            message: "names the tenant in words, but the `iss` of its tokens contains its id: every token would be refused",
            meant: issuer.replacen(tenant, "11111111-2222-3333-4444-555555555555", 1),
            note: ", with the id of your tenant",
        });
    }
    provider?;
    match (ends_with_slash(provider, issuer), issuer.strip_suffix('/')) {
        (true, None) => Some(UnlikelyIssuer {
            message: "has no slash at the end, but the `iss` of this provider's tokens has one: every token would be refused",
            meant: format!("{issuer}/"),
            note: "",
        }),
        (false, Some(bare)) => Some(UnlikelyIssuer {
            message: "ends in a slash, but the `iss` of this provider's tokens does not: every token would be refused",
            meant: bare.to_owned(),
            note: "",
        }),
        _ => None,
    }
}

/// Returns the id of the user pool whose issuer this is.
pub(crate) fn user_pool(issuer: &str) -> Option<String> {
    pasted::user_pool(issuer).filter(|_| issuer.contains("cognito-idp"))
}

fn ends_with_slash(provider: Option<&str>, issuer: &str) -> bool {
    provider == Some("Auth0") || issuer.contains("://sts.windows.net/")
}

fn entra_tenant(issuer: &str) -> Option<&str> {
    let rest = issuer.strip_prefix("https://login.microsoftonline.com/")?;
    rest.split('/').next()
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slash_and_tenant_follow_the_provider() {
        for (issuer, provider, meant) in [
            ("https://acme.eu.auth0.com", "Auth0", Some("https://acme.eu.auth0.com/")),
            ("https://acme.eu.auth0.com/", "Auth0", None),
            ("https://id.acme.example/realms/main/", "Keycloak", Some("https://id.acme.example/realms/main")),
            ("https://id.acme.example/realms/main", "Keycloak", None),
            ("https://sts.windows.net/11111111-2222-3333-4444-555555555555/", "Microsoft Entra", None),
            (
                "https://login.microsoftonline.com/common/v2.0",
                "Microsoft Entra",
                Some("https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"),
            ),
            (
                "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0",
                "Microsoft Entra",
                None,
            ),
        ] {
            let found = unlikely(issuer, Some(provider)).map(|it| it.meant);
            assert_eq!(found.as_deref(), meant, "{issuer}");
        }
        assert_eq!(unlikely("https://id.acme.example/", None), None);
    }

    #[test]
    fn addresses_of_documents_contain_their_issuer() {
        let auth0 = "https://acme.eu.auth0.com/.well-known/openid-configuration";
        assert_eq!(of_document(auth0, Some("Auth0")).as_deref(), Some("https://acme.eu.auth0.com/"));
        let keys = "https://id.acme.example/realms/main/.well-known/openid-configuration";
        assert_eq!(of_document(keys, None).as_deref(), Some("https://id.acme.example/realms/main"));
        assert_eq!(of_document("https://id.acme.example/", None), None);
    }
}

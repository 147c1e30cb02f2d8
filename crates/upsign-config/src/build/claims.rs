//! The claims of a token that decide: kind, client, audience, subject, groups and scopes.

use upsign_cognito::{
    Algorithm, ClientIds, IntoClientIds, InvalidVerifierConfig, ListClaim, ListForm, TokenUse, UserPool,
};

use super::issuer::Provider;
use super::values::Reader;
use crate::source::finding::{Finding, shown};
use crate::source::raw::{Located, Value};
use crate::warning::WarningCode;

/// Client ids that are not checked yet: a list, or every client.
#[derive(Debug)]
pub(super) enum Clients {
    Any,
    Listed(Vec<String>),
}

impl IntoClientIds for Clients {
    fn into_client_ids(self) -> Result<ClientIds, InvalidVerifierConfig> {
        match self {
            Self::Any => Ok(ClientIds::Any),
            Self::Listed(ids) => ids.into_client_ids(),
        }
    }
}

impl Reader {
    pub(super) fn token_use(&mut self, provider: Provider) -> Option<TokenUse> {
        if !self.has("auth.token_use") {
            let example = match provider {
                Provider::Cognito => "\"access\"",
                Provider::Oidc => {
                    "\"access\" # or \"id\", if the client sends its id token, as with Firebase and Google"
                }
            };
            self.report_missing("auth.token_use", example);
        }
        self.named("auth.token_use")
    }

    /// Returns the clients. They are mandatory for Cognito, because the access tokens of a user pool have no audience.
    pub(super) fn client_ids(&mut self, provider: Provider) -> Option<Clients> {
        let key = "auth.client_ids";
        if !self.has(key) {
            if provider == Provider::Oidc && !self.raw.is_spoiled(&self.path(key)) {
                return Some(Clients::Any);
            }
            self.report_missing(key, "[\"3n4b5urk1ft4fl3mg5e62d9ado\"] # the ids of your app clients");
        }
        if self.text(key).is_some() {
            return Some(Clients::Any);
        }
        let client_ids = self.untrimmed(key)?;
        if let Some(index) = client_ids.iter().position(|id| id == "any") {
            let help = self.assignment(key, &Value::Text("any".to_owned()));
            let finding = Finding::invalid("\"any\" in a list would be the id of a client");
            self.report_item(
                key,
                index,
                finding.help(format!("{help} to accept every client, without a list")),
            );
            return None;
        }
        self.judge_client_ids(&client_ids);
        Some(Clients::Listed(client_ids))
    }

    /// Returns the audiences. They are mandatory for an OpenID Connect issuer: nothing else distinguishes a token for this service
    /// from one for any other.
    pub(super) fn audiences(&mut self, provider: Provider) -> Option<Vec<String>> {
        if provider == Provider::Oidc && !self.has("auth.audiences") {
            let example = "[\"https://api.example.com\"] # the `aud` of tokens for this service; without it, a token for any other service of the issuer would be accepted";
            self.report_missing("auth.audiences", example);
        }
        self.untrimmed("auth.audiences")
    }

    /// Returns whether access tokens must have the type of RFC 9068.
    pub(super) fn token_type(&mut self, provider: Provider, token_use: Option<TokenUse>) -> bool {
        let key = "auth.token_type";
        let required = self.choice(key, &[("at+jwt", ())]).is_some();
        let message = match (provider, token_use) {
            _ if !self.has(key) => return false,
            (Provider::Cognito, _) => {
                "has an effect only with provider = \"oidc\": the tokens of Cognito have no such type"
            }
            (Provider::Oidc, Some(TokenUse::Id)) => "is the type of access tokens, but token_use is \"id\"",
            _ => return required,
        };
        self.report(key, Finding::contradiction(message).help("remove token_type"));
        false
    }

    /// Returns the algorithms. A user pool signs with RS256 only.
    pub(super) fn algorithms(&mut self) -> Option<Vec<Algorithm>> {
        let key = "auth.algorithms";
        let (texts, mut algorithms) = (self.texts(key)?, Vec::new());
        for (index, text) in texts.iter().enumerate() {
            match text.parse::<Algorithm>() {
                Ok(algorithm) => algorithms.push(algorithm),
                Err(error) => {
                    let finding =
                        Finding::malformed(text, &error).help(self.instead_of_algorithm(index, text));
                    self.report_item(key, index, finding);
                }
            }
        }
        if algorithms.len() != texts.len() {
            return None;
        }
        if algorithms.is_empty() {
            self.report_verifier(InvalidVerifierConfig::Algorithms);
            return None;
        }
        if self.has("auth.user_pool") && algorithms != [Algorithm::Rs256] {
            let finding = Finding::contradiction("a user pool of Amazon Cognito signs with RS256 only");
            self.report(key, finding.help("remove algorithms"));
            return None;
        }
        Some(algorithms)
    }

    /// Returns what to write instead of a text that is not the name of an algorithm.
    fn instead_of_algorithm(&self, index: usize, text: &str) -> String {
        let meant = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
            .into_iter()
            .find(|name| name.eq_ignore_ascii_case(text.trim()));
        match (meant, text.to_ascii_uppercase().as_str()) {
            (Some(name), _) => self.replacement("auth.algorithms", index, name),
            (None, "HS256" | "HS384" | "HS512") => {
                "configure the issuer to sign with a key pair, for example RS256: with a shared secret, everyone who verifies tokens could also write them".to_owned()
            }
            (None, "NONE") => "remove it: without a signature, everyone can write tokens".to_owned(),
            _ => "write the algorithm that the header of a token names (`alg`)".to_owned(),
        }
    }

    pub(super) fn subject_claim(&mut self) -> Option<String> {
        let key = "auth.subject_claim";
        let claim = self.text(key)?;
        if let Some(message) = invalid_claim(&claim) {
            self.report(
                key,
                Finding::invalid(message).help("remove it for `sub`, or write the name of a claim"),
            );
            return None;
        }
        if matches!(claim.as_str(), "email" | "preferred_username" | "name" | "upn" | "username") {
            let message = format!(
                "{claim} can be changed, or be given to another user, who then takes over the uploads"
            );
            let help = "remove subject_claim, or name a claim that identifies a user for ever, such as oid";
            self.warn(WarningCode::UnlikelyClaim, key, None, message, help);
        }
        Some(claim)
    }

    /// Returns a claim with a list: its name, or `{ claim = "…", form = "…" }`.
    pub(super) fn list_claim(&mut self, key: &str, usual: ListForm) -> Option<ListClaim> {
        let Located { value, .. } = self.located(key)?;
        let (name, form) = match value.clone() {
            Value::Text(name) => (Some(name), None),
            Value::Table(pairs) => self.claim_and_form(key, &pairs)?,
            _ => return None,
        };
        let Some(name) = name else {
            let example = format!("write {{ claim = \"groups\", form = \"{usual}\" }}");
            self.report(key, Finding::invalid("the name of the claim is missing").help(example));
            return None;
        };
        if let Some(message) = invalid_claim(&name) {
            self.report(
                key,
                Finding::invalid(message).help("write the name of the claim, or remove the key"),
            );
            return None;
        }
        Some(ListClaim::new(name, form.unwrap_or(usual)))
    }

    fn claim_and_form(
        &mut self,
        key: &str,
        pairs: &[(String, String)],
    ) -> Option<(Option<String>, Option<ListForm>)> {
        let (mut claim, mut form) = (None, None);
        for (index, (name, value)) in pairs.iter().enumerate() {
            match (name.as_str(), value.parse()) {
                ("claim", _) => claim = Some(value.clone()),
                ("form", Ok(parsed)) => form = Some(parsed),
                ("form", Err(_)) => {
                    let message = format!(
                        "form must be \"json\", \"comma\", \"bracket\" or \"space\", not {}",
                        shown(value)
                    );
                    let help =
                        "json is [\"a\", \"b\"], comma is \"a,b\", bracket is \"[a, b]\", space is \"a b\"";
                    self.report_item(key, index, Finding::invalid(message).help(help));
                    return None;
                }
                _ => {
                    let message = format!("{} is neither claim nor form", shown(name));
                    let help = "write { claim = \"custom:groups\", form = \"bracket\" }";
                    self.report_item(key, index, Finding::invalid(message).help(help));
                    return None;
                }
            }
        }
        Some((claim, form))
    }

    /// Warns about claims that tokens of the accepted kind usually do not have.
    ///
    /// Sources: "Customizing the access token" in
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html>: attributes of users
    /// are in id tokens only, and a trigger with an event of version 2 or 3 can add claims to access tokens; the claims of access
    /// tokens in
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>.
    pub(super) fn judge_claims(
        &mut self,
        provider: Provider,
        token_use: Option<TokenUse>,
        claims: &[String],
    ) {
        let Some(token_use) = token_use else { return };
        for claim in claims {
            let Some((why, help)) = unlikely(provider, token_use, claim) else { continue };
            let message =
                format!("a key contains {{claim:{claim}}}, but {why}: every upload with it would be refused");
            self.warn(WarningCode::UnlikelyClaim, "auth.token_use", None, message, help);
        }
    }

    /// Warns about client ids that a user pool does not generate, such as the name of an app client: they match no token.
    fn judge_client_ids(&mut self, client_ids: &[String]) {
        let Some(pool) = self.text("auth.user_pool") else { return };
        for (index, id) in client_ids.iter().enumerate() {
            if id.is_empty() || id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                continue;
            }
            let message = format!(
                "{} is probably not the id of an app client, which has only letters and digits",
                shown(id)
            );
            // The value is not checked yet.
            let pool = match pool.parse::<UserPool>() {
                Ok(_) => pool.as_str(),
                Err(_) => "USER_POOL",
            };
            let help =
                format!("`aws cognito-idp list-user-pool-clients --user-pool-id {pool}` prints the ids");
            self.warn(WarningCode::UnlikelyClientId, "auth.client_ids", Some(index), message, help);
        }
    }
}

/// Returns why tokens usually do not have a claim, and what to do.
fn unlikely(provider: Provider, token_use: TokenUse, claim: &str) -> Option<(&'static str, &'static str)> {
    let of_cognito = ["custom:", "cognito:"].iter().any(|prefix| claim.starts_with(prefix));
    match (provider, token_use) {
        (Provider::Oidc, _) if of_cognito => Some((
            "only user pools of Amazon Cognito have claims with such names",
            "write the name of a claim that the tokens of this issuer have",
        )),
        (Provider::Cognito, TokenUse::Id) if claim == "username" => {
            Some(("id tokens do not have this claim", "write {claim:cognito:username}, which id tokens have"))
        }
        (Provider::Oidc, _) | (Provider::Cognito, TokenUse::Id) => None,
        (Provider::Cognito, _) if claim == "cognito:username" => {
            Some(("access tokens do not have this claim", "write {claim:username}, which access tokens have"))
        }
        (Provider::Cognito, _) if of_cognito || ATTRIBUTES.contains(&claim) => Some((
            "access tokens do not have the attributes of the user",
            "add the claim with a pre token generation trigger (event version V2_0 or V3_0), or set token_use = \"id\"",
        )),
        (Provider::Cognito, _) => None,
    }
}

/// The standard attributes of users, which are claims of id tokens.
///
/// Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>.
const ATTRIBUTES: [&str; 20] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "identities",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// Returns why a text cannot be the name of a claim.
fn invalid_claim(name: &str) -> Option<&'static str> {
    (name.is_empty() || name.trim() != name || name.chars().any(char::is_control))
        .then_some("a claim has a name without spaces around it and without control characters")
}

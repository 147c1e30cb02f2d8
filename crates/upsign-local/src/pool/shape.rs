//! The claims of the tokens: those of Cognito, or of another OpenID Connect issuer.

use serde_json::{Map, Value};
use upsign_jwt::{ListClaim, ListForm, TokenUse, VerifierConfig};

/// Which claims the tokens of a pool have, and how they spell lists.
#[derive(Clone, Debug)]
pub(super) struct TokenShape {
    pub(super) kind: ShapeKind,
    /// The `aud` of access tokens. Without any, those of Cognito have no `aud`, and others name the client.
    pub(super) audiences: Vec<String>,
    /// What `aud` of an id token contains in addition to the client.
    pub(super) id_token_audiences: Vec<String>,
    pub(super) subject_claim: String,
    pub(super) groups: ListClaim,
    pub(super) scopes: ListClaim,
}

/// Whose claims the tokens have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShapeKind {
    /// `token_use`, `client_id`, `username`, as at Amazon Cognito.
    Cognito,
    /// The claims of OpenID Connect Core 1.0 (id tokens) and RFC 9068 (access tokens).
    OpenId,
}

impl TokenShape {
    pub(super) fn cognito() -> Self {
        Self::new(ShapeKind::Cognito, "cognito:groups")
    }

    pub(super) fn openid() -> Self {
        Self::new(ShapeKind::OpenId, "groups")
    }

    fn new(kind: ShapeKind, groups: &str) -> Self {
        Self {
            kind,
            audiences: Vec::new(),
            id_token_audiences: Vec::new(),
            subject_claim: "sub".to_owned(),
            groups: ListClaim::new(groups, ListForm::Json),
            scopes: ListClaim::new("scope", ListForm::Space),
        }
    }

    /// Returns the shape of tokens that `config` accepts, and the clients that they name.
    pub(super) fn for_verifier(config: &VerifierConfig) -> (Self, Vec<String>) {
        let owned = |texts: &[Box<str>]| texts.iter().map(ToString::to_string).collect();
        let mut shape = if config.is_oidc() { Self::openid() } else { Self::cognito() };
        shape.audiences = config.audiences().map(owned).unwrap_or_default();
        shape.subject_claim = config.subject_claim().to_owned();
        shape.groups = config.groups_claim().clone();
        shape.scopes = config.scopes_claim().clone();
        let mut clients: Vec<String> = config.client_ids().map(str::to_owned).collect();
        if config.is_oidc() && config.token_use() == TokenUse::Id {
            // OpenID Connect Core 1.0, section 2: the audience of an id token is its client. Others may be added.
            if clients.is_empty() {
                clients.clone_from(&shape.audiences);
            }
            shape.id_token_audiences.clone_from(&shape.audiences);
        }
        (shape, clients)
    }

    /// Returns the `aud` of an id token for this client: the client alone, unless further audiences are configured and it is
    /// not one of them.
    pub(super) fn id_token_audience(&self, client_id: &str) -> Value {
        if self.id_token_audiences.is_empty()
            || self.id_token_audiences.iter().any(|known| known == client_id)
        {
            return client_id.into();
        }
        let all = std::iter::once(client_id).chain(self.id_token_audiences.iter().map(String::as_str));
        all.collect::<Vec<_>>().into()
    }

    /// Returns the `aud` of an access token for this client, if it has one.
    pub(super) fn access_token_audience(&self, client_id: &str) -> Option<Value> {
        match (&*self.audiences, self.kind) {
            ([], ShapeKind::Cognito) => None,
            ([], ShapeKind::OpenId) => Some(client_id.into()),
            ([only], _) => Some(only.as_str().into()),
            (several, _) => Some(several.into()),
        }
    }
}

/// Adds a list of names to `claims` in the spelling of `claim`. Without a name it adds nothing: Cognito omits empty lists.
pub(super) fn add_list(claims: &mut Map<String, Value>, claim: &ListClaim, names: &[&str]) {
    if names.is_empty() {
        return;
    }
    let value = match claim.form() {
        ListForm::Comma => names.join(",").into(),
        ListForm::Space => names.join(" ").into(),
        ListForm::Bracket => format!("[{}]", names.join(", ")).into(),
        _ => names.into(),
    };
    if claim.is_path() {
        insert_at(claims, claim.name(), value);
    } else {
        claims.insert(claim.name().to_owned(), value);
    }
}

/// Sets the claim at a path, such as `realm_access.roles`.
fn insert_at(claims: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((first, rest)) => {
            let member = claims.entry(first).or_insert_with(|| Map::new().into());
            if !member.is_object() {
                *member = Map::new().into();
            }
            if let Value::Object(members) = member {
                insert_at(members, rest, value);
            }
        }
        None => drop(claims.insert(path.to_owned(), value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_have_the_configured_name_and_form() {
        for (name, form, expected) in [
            ("groups", ListForm::Json, json!({"groups": ["a", "b"]})),
            ("groups", ListForm::Comma, json!({"groups": "a,b"})),
            ("scope", ListForm::Space, json!({"scope": "a b"})),
            ("custom:groups", ListForm::Bracket, json!({"custom:groups": "[a, b]"})),
            ("realm_access.roles", ListForm::Json, json!({"realm_access": {"roles": ["a", "b"], "kept": 1}})),
            ("https://a.example/roles", ListForm::Json, json!({"https://a.example/roles": ["a", "b"]})),
        ] {
            let mut claims = Map::new();
            if name.starts_with("realm") {
                claims.insert("realm_access".to_owned(), json!({"kept": 1}));
            }
            add_list(&mut claims, &ListClaim::new(name, form), &["a", "b"]);
            assert_eq!(Value::Object(claims), expected);
            let mut none = Map::new();
            add_list(&mut none, &ListClaim::new(name, form), &[]);
            assert!(none.is_empty());
        }
    }
}

//! Callers that a gateway identifies without a token: `source = "lambda-authorizer"` and `source = "iam"`.

use upsign_cognito::authorizer::{IamSource, LambdaAuthorizer};
use upsign_cognito::{ListForm, UserPool};
use upsign_core::{Issuer, IssuerName, Region};
use upsign_documents::AuthSource;

use super::values::Reader;
use crate::auth::GatewayIdentity;
use crate::keys::{AUTH, KEYS};
use crate::source::finding::{Finding, shown};
use crate::source::raw::{Origin, Value};

impl Reader {
    /// Returns what identifies callers in place of tokens, for a `source` that does, or `None` if its keys are invalid.
    pub(super) fn gateway(&mut self, source: AuthSource, claims: &[String]) -> Option<GatewayIdentity> {
        let used: &[&str] = match source {
            AuthSource::LambdaAuthorizer => {
                &["name", "issuer", "subject_claim", "groups_claim", "scopes_claim", "token_header"]
            }
            _ => &["name", "user_pool", "identity_pool"],
        };
        if self.raw.issuer_count() > 1 {
            let message =
                format!("\"{source}\" needs a single [auth], because there are no tokens of several issuers");
            let help = match self.raw.values.get("auth.source").map(|it| &it.origin) {
                Some(Origin::Variable(variable)) => format!("keep one [[auth]], or unset {variable}"),
                _ => "keep one [[auth]], or remove source".to_owned(),
            };
            self.report("auth.source", Finding::contradiction(message).help(help));
            return None;
        }
        self.report_keys_of_tokens(source, used);
        let name = self.issuer_name();
        match source {
            AuthSource::LambdaAuthorizer => self.lambda_authorizer(name, claims),
            _ => self.iam(name),
        }
    }

    fn lambda_authorizer(&mut self, name: Option<IssuerName>, claims: &[String]) -> Option<GatewayIdentity> {
        let key = "auth.issuer";
        if !self.has(key) {
            let example = "\"https://id.example.com\" # the issuer of the users' ids";
            self.report_missing(key, example);
        }
        let issuer: Option<Issuer> = self.optional(key);
        let key = "auth.subject_claim";
        if !self.has(key) {
            let example = "\"userId\" # the member of the authorizer's context that identifies the user";
            self.report_missing(key, example);
        }
        let subject = self.subject_claim();
        let groups = self.list_claim("auth.groups_claim", ListForm::Json);
        let scopes = self.list_claim("auth.scopes_claim", ListForm::Space);
        let mut authorizer = LambdaAuthorizer::new(issuer?.as_str(), &subject?).with_identity_claims(claims);
        if let Some(groups) = groups {
            authorizer = authorizer.with_groups_claim(groups);
        }
        if let Some(scopes) = scopes {
            authorizer = authorizer.with_scopes_claim(scopes);
        }
        if let Some(name) = name {
            authorizer = authorizer.with_issuer_name(name);
        }
        Some(GatewayIdentity::LambdaAuthorizer(authorizer))
    }

    /// Returns whose IAM credentials identify callers: those of an identity pool's identities, or of a user pool's users.
    fn iam(&mut self, name: Option<IssuerName>) -> Option<GatewayIdentity> {
        let source = match (self.has("auth.identity_pool"), self.has("auth.user_pool")) {
            (true, true) => {
                let message = "cannot be combined with user_pool: a caller is either an identity or a user";
                let help = "remove user_pool, so that {sub} is the identity id; or identity_pool, so that it is the sub of the user";
                self.report("auth.identity_pool", Finding::contradiction(message).help(help));
                return None;
            }
            (true, false) => IamSource::identity_pool(&self.identity_pool()?),
            (false, _) => {
                if !self.has("auth.user_pool") {
                    let example = "\"ap-southeast-1:11111111-2222-3333-4444-555555555555\" # or else user_pool, whose users get \
                                   the credentials";
                    self.report_missing("auth.identity_pool", example);
                }
                let pool: UserPool = self.user_pool()?;
                IamSource::user_pool(pool.trusted_issuer())
            }
        };
        Some(GatewayIdentity::Iam(match name {
            Some(name) => source.with_issuer_name(name),
            None => source,
        }))
    }

    /// Returns the id of the identity pool.
    ///
    /// Source: the pattern of `IdentityPoolId` in
    /// <https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetId.html>.
    fn identity_pool(&mut self) -> Option<String> {
        let key = "auth.identity_pool";
        let text = self.text(key)?;
        let is_uuid = |id: &str| {
            id.len() == 36
                && id.bytes().enumerate().all(|(index, byte)| match index {
                    8 | 13 | 18 | 23 => byte == b'-',
                    _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                })
        };
        let is_id = |text: &str| {
            text.split_once(':').is_some_and(|(region, id)| region.parse::<Region>().is_ok() && is_uuid(id))
        };
        if !is_id(&text) {
            let message = format!(
                "{} is not the id of an identity pool: a region, `:` and a UUID in lower case",
                shown(&text)
            );
            let pasted =
                text.rsplit('/').next().map(|id| id.trim().to_ascii_lowercase()).filter(|id| is_id(id));
            let help = match pasted {
                Some(id) => self.assignment(key, &Value::Text(id)),
                None => {
                    "`aws cognito-identity list-identity-pools --max-results 10` prints the ids".to_owned()
                }
            };
            self.report(key, Finding::invalid(message).help(help));
            return None;
        }
        Some(text)
    }

    /// Reports an identity pool where tokens identify callers.
    pub(super) fn report_identity_pool(&mut self) {
        if self.has("auth.identity_pool") {
            let finding = Finding::contradiction("has an effect only with source = \"iam\"");
            self.report(
                "auth.identity_pool",
                finding.help("write source = \"iam\", or remove identity_pool"),
            );
        }
    }

    /// Reports keys about tokens, where no token identifies a caller. `used` are the others.
    fn report_keys_of_tokens(&mut self, source: AuthSource, used: &[&str]) {
        for key in KEYS.iter().filter(|key| key.section == AUTH && key.name != "source") {
            let path = key.path();
            if used.contains(&key.name) || !self.has(&path) {
                continue;
            }
            let reason = match source {
                AuthSource::Iam => "because callers send no token",
                _ => "because the authorizer alone decides which tokens it accepts",
            };
            let message = format!("has no effect with source = \"{source}\", {reason}");
            let help = match key.name {
                "groups" | "scopes" if source == AuthSource::LambdaAuthorizer => {
                    format!(
                        "remove it here, and write {} in [upload] or in the routes that need it",
                        key.name
                    )
                }
                "client_ids" | "token_use" | "audiences" => {
                    format!("remove {}: the gateway decides who may call the API", key.name)
                }
                name => format!("remove {name}"),
            };
            self.report(&path, Finding::contradiction(message).help(help));
        }
    }
}

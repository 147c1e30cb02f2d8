//! Callers that a gateway identifies without a token: `source = "lambda-authorizer"` and `source = "iam"`.

use upsign_cognito::authorizer::{IamSource, LambdaAuthorizer};
use upsign_cognito::{ListForm, UserPool};

use super::values::Reader;
use crate::auth::GatewayIdentity;
use crate::source::finding::Finding;

impl Reader {
    /// Returns what a Lambda authorizer passes on.
    pub(super) fn lambda_authorizer(&mut self) -> Option<GatewayIdentity> {
        self.report_without_tokens(
            "lambda-authorizer",
            &["issuer", "subject_claim", "groups_claim", "scopes_claim"],
        );
        let issuer = self.required("auth.issuer", "\"https://id.example.com\" # the issuer of the users");
        let subject = self.required(
            "auth.subject_claim",
            "\"userId\" # the member of the context that identifies the user",
        );
        let groups = self.list_claim("auth.groups_claim", ListForm::Json);
        let authorizer = LambdaAuthorizer::new(&issuer?, &subject?);
        Some(GatewayIdentity::LambdaAuthorizer(match groups {
            Some(groups) => authorizer.with_groups_field(groups.name()),
            None => authorizer,
        }))
    }

    /// Returns whose IAM credentials identify callers.
    pub(super) fn iam(&mut self) -> Option<GatewayIdentity> {
        self.report_without_tokens("iam", &["user_pool", "identity_pool"]);
        if let Some(pool) = self.text("auth.identity_pool") {
            return Some(GatewayIdentity::Iam(IamSource::identity_pool(&pool)));
        }
        let pool = self.required("auth.user_pool", "\"ap-southeast-1_AbCdEf123\"")?;
        let pool: UserPool = pool.parse().ok()?;
        Some(GatewayIdentity::Iam(IamSource::user_pool(pool.trusted_issuer())))
    }

    /// Reports keys about tokens.
    fn report_without_tokens(&mut self, source: &str, used: &[&str]) {
        let keys: Vec<String> =
            self.raw.values.keys().filter(|key| key.starts_with("auth.")).cloned().collect();
        for key in keys {
            let name = key.trim_start_matches("auth.");
            if name != "source" && !used.contains(&name) {
                let message =
                    format!("has no effect with source = \"{source}\", because there are no tokens");
                self.report(&key, Finding::contradiction(message).help(format!("remove {name}")));
            }
        }
    }
}

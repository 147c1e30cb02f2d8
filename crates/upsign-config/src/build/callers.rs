//! Warnings about demands that no caller meets, or not every kind of caller: groups and scopes of routes, issuers and gateways.

use upsign_cognito::{TokenUse, VerifierConfig};
use upsign_policy::Placeholder;

use super::contradictions::section;
use super::values::Reader;
use crate::auth::{Auth, AuthIssuer, GatewayIdentity};
use crate::config::RouteConfig;
use crate::source::finding::shown;
use crate::source::raw::issuer_section;
use crate::warning::WarningCode;

impl Reader {
    /// Warns about demands that callers cannot meet.
    pub(super) fn judge_callers(&mut self, auth: &Auth, routes: &[RouteConfig]) {
        if let Some(identity) = &auth.gateway {
            return self.judge_gateway(identity, routes);
        }
        for (index, issuer) in auth.issuers.iter().enumerate() {
            self.judge_issuer(index, issuer);
        }
        let has_pools_only = auth.issuers.iter().all(|issuer| has_scopes_of_pool(&issuer.verifier));
        for route in routes {
            if has_pools_only {
                self.judge_scope_names(&format!("{}.scopes", section(route)));
            }
            self.judge_route(&auth.issuers, route);
        }
    }

    /// Warns about demands of one issuer that its callers cannot meet.
    fn judge_issuer(&mut self, index: usize, issuer: &AuthIssuer) {
        let (groups, scopes) =
            (format!("{}.groups", issuer_section(index)), format!("{}.scopes", issuer_section(index)));
        let verifier = &issuer.verifier;
        if has_scopes_of_pool(verifier) {
            self.judge_scope_names(&scopes);
        }
        if let Some(reason) = lacks_groups(verifier).filter(|_| verifier.required_groups().is_some()) {
            let message = format!("{reason}: every caller would be refused");
            let help = "remove groups, or name the claim with the groups in groups_claim";
            self.warn(WarningCode::UnlikelyGroup, &groups, None, message, help);
        }
        if verifier.token_use() == TokenUse::Any && has_usual_scopes_claim(verifier) && self.has(&scopes) {
            let message =
                "token_use is \"any\", but id tokens have no scopes: only access tokens are accepted";
            let help = "write token_use = \"access\", or demand scopes only in the routes that need them";
            self.warn(WarningCode::ExcludedCallers, &scopes, None, message, help);
        }
        if let Some(conflict) = Conflict::of(&demands_of_issuer(index, verifier)) {
            self.warn_about_conflict(&conflict, None);
        }
    }

    /// Warns about scopes that a user pool does not issue by itself: neither those that it defines, nor those of a resource server.
    ///
    /// Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html>.
    fn judge_scope_names(&mut self, key: &str) {
        let scopes = self.texts(key).unwrap_or_default();
        for (index, scope) in scopes.iter().enumerate().filter(|(_, scope)| !is_scope_of_pool(scope)) {
            let message = format!(
                "{} is not the name of a scope of a user pool, which is that of a resource server, `/` and that of the scope: no token \
                 has it",
                shown(scope)
            );
            let help = format!(
                "{} with the identifier of your resource server; only a pre token generation trigger (event version V2_0 or V3_0) \
                 could add the scope as it is",
                self.replacement(key, index, &format!("uploads/{scope}"))
            );
            self.warn(WarningCode::UnlikelyScope, key, Some(index), message, help);
        }
    }

    /// Warns about demands of a route that the callers of an issuer cannot meet.
    fn judge_route(&mut self, issuers: &[AuthIssuer], route: &RouteConfig) {
        let section = section(route);
        let mut lacking = Vec::new();
        for (index, issuer) in issuers.iter().enumerate() {
            let verifier = &issuer.verifier;
            if let Some(reason) = lacks_groups(verifier) {
                lacking
                    .extend(keys_with_groups(&section, route).into_iter().map(|key| (key, issuer, reason)));
            }
            // If no issuer has scopes, that is reported as a contradiction.
            if lacks_scopes(verifier) && route.access.scopes().is_some() && issuers.len() > 1 {
                lacking.push((format!("{section}.scopes"), issuer, "id tokens have no scopes"));
            }
            let of_issuer = demands_of_issuer(index, verifier);
            let demands = [of_issuer.clone(), demands_of_route(&section, route, verifier)].concat();
            // What the issuer alone demands is reported there.
            if Conflict::of(&of_issuer).is_none()
                && let Some(conflict) = Conflict::of(&demands)
            {
                self.warn_about_conflict(&conflict, Some(issuer).filter(|_| issuers.len() > 1));
            }
        }
        for (key, issuer, reason) in lacking {
            match (&issuer.name, issuers.len() > 1) {
                (Some(name), true) => {
                    let message = format!("callers of the issuer {name} cannot use this route: {reason}");
                    let help = "if they should, give them a route without this demand";
                    self.warn(WarningCode::ExcludedCallers, &key, None, message, help);
                }
                _ => {
                    let message = format!("{reason}: nobody can use this route");
                    let help = "remove the demand, or name the claim with the groups in auth.groups_claim";
                    self.warn(WarningCode::UnlikelyGroup, &key, None, message, help);
                }
            }
        }
    }

    fn warn_about_conflict(&mut self, conflict: &Conflict, issuer: Option<&AuthIssuer>) {
        let of_issuer = issuer.and_then(|issuer| issuer.name.as_ref());
        let of_issuer = of_issuer.map(|name| format!("of the issuer {name}, ")).unwrap_or_default();
        let message = format!(
            "{of_issuer}only users of managed login can meet all demands: users who sign in with the SDK (USER_SRP_AUTH, \
             USER_PASSWORD_AUTH) have no scope but {ADMIN}, and machines (client credentials) {}",
            conflict.why_not_machines
        );
        let help = "if they should upload too, demand either a group or a scope that they have";
        self.warn(WarningCode::ExcludedCallers, &conflict.key, None, message, help);
    }

    /// Warns about demands of routes that no caller identified by a gateway meets.
    ///
    /// Sources: the events of API Gateway for IAM callers have neither groups, scopes nor claims
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>); a Lambda
    /// authorizer passes on what it writes into its context
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>).
    fn judge_gateway(&mut self, identity: &GatewayIdentity, routes: &[RouteConfig]) {
        let (has_groups, has_scopes, has_claims) = match identity {
            GatewayIdentity::Iam(_) => (false, false, false),
            GatewayIdentity::LambdaAuthorizer(authorizer) => {
                let claims = authorizer.claims();
                (claims.groups_claim().is_some(), claims.scopes_claim().is_some(), true)
            }
        };
        let is_iam = matches!(identity, GatewayIdentity::Iam(_));
        let lack = |what: &str| match is_iam {
            true => format!("callers that IAM identifies have no {what}: nobody can use this route"),
            false => {
                format!("callers have no {what} without auth.{what}_claim: nobody can use this route")
            }
        };
        let help = |what: &str| match is_iam {
            true => {
                "remove the demand, and permit only the roles of these callers to call the API".to_owned()
            }
            false => {
                format!(
                    "add {what}_claim = \"{what}\" to [auth]: the member of the authorizer's context with the {what}"
                )
            }
        };
        for route in routes {
            let section = section(route);
            for key in keys_with_groups(&section, route).into_iter().filter(|_| !has_groups) {
                self.warn(WarningCode::UnlikelyGroup, &key, None, lack("groups"), help("groups"));
            }
            if route.access.scopes().is_some() && !has_scopes {
                let key = format!("{section}.scopes");
                self.warn(WarningCode::UnlikelyScope, &key, None, lack("scopes"), help("scopes"));
            }
            if route.policy.claims().next().is_some() && !has_claims {
                let help = "remove {claim:…} from the key, or write {sub}, which is the identity id or the sub of the user";
                self.warn(WarningCode::UnlikelyClaim, &format!("{section}.key"), None, lack("claims"), help);
            }
        }
    }
}

/// Returns the keys by which a route demands a group.
fn keys_with_groups(section: &str, route: &RouteConfig) -> Vec<String> {
    let listed = route.access.groups().map(|_| format!("{section}.groups"));
    let in_key = route.policy.template().uses(&Placeholder::Group).then(|| format!("{section}.key"));
    listed.into_iter().chain(in_key).collect()
}

/// Returns why no token of an issuer has groups, if that is certain.
///
/// Source: <https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload>.
fn lacks_groups(verifier: &VerifierConfig) -> Option<&'static str> {
    let is_google = verifier.issuer().names().any(|name| name == "https://accounts.google.com");
    (is_google && verifier.groups_claim().name() == "groups").then_some("tokens of Google have no groups")
}

/// Returns whether no token of an issuer has scopes.
fn lacks_scopes(verifier: &VerifierConfig) -> bool {
    verifier.token_use() == TokenUse::Id && has_usual_scopes_claim(verifier)
}

/// Returns whether the scopes are in the claim that only access tokens have.
fn has_usual_scopes_claim(verifier: &VerifierConfig) -> bool {
    matches!(verifier.scopes_claim().name(), "scope" | "scp")
}

/// Returns whether the scopes of an issuer are those of a user pool.
fn has_scopes_of_pool(verifier: &VerifierConfig) -> bool {
    !verifier.is_oidc() && verifier.token_use() != TokenUse::Id && verifier.scopes_claim().name() == "scope"
}

/// The scope of every user who signs in with the SDK. Machines never have it.
const ADMIN: &str = "aws.cognito.signin.user.admin";

fn is_scope_of_pool(scope: &str) -> bool {
    matches!(scope, ADMIN | "openid" | "email" | "phone" | "profile") || scope.contains('/')
}

/// The ways to obtain an access token of a user pool, as bits of a set.
///
/// Tokens of users who sign in with the API have one scope, and those of managed login the requested ones
/// (<https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>). Machines
/// get scopes of resource servers, and are in no group
/// (<https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html>).
type Callers = u8;
const SDK_USERS: Callers = 1;
const MANAGED_LOGIN: Callers = 2;
const MACHINES: Callers = 4;

/// A demand of the configuration, and the callers of a user pool that can meet it.
#[derive(Clone, Debug)]
struct Demand {
    key: String,
    callers: Callers,
    why_not_machines: &'static str,
}

impl Demand {
    fn of_group(key: String) -> Self {
        Self { key, callers: SDK_USERS | MANAGED_LOGIN, why_not_machines: "have no groups" }
    }

    /// A demand for one of these scopes.
    fn of_scopes(key: String, scopes: &[Box<str>]) -> Self {
        let callers = scopes.iter().map(|scope| match &**scope {
            ADMIN => SDK_USERS | MANAGED_LOGIN,
            scope if scope.contains('/') => MANAGED_LOGIN | MACHINES,
            scope if is_scope_of_pool(scope) => MANAGED_LOGIN,
            // Only a trigger adds such a scope, for whichever callers.
            _ => SDK_USERS | MANAGED_LOGIN | MACHINES,
        });
        let callers = callers.fold(0, |all, one| all | one);
        Self { key, callers, why_not_machines: "have only scopes of resource servers" }
    }
}

/// Returns what an issuer demands of its callers, if it is a user pool.
fn demands_of_issuer(index: usize, verifier: &VerifierConfig) -> Vec<Demand> {
    let section = issuer_section(index);
    if !has_scopes_of_pool(verifier) {
        return Vec::new();
    }
    let groups = verifier.required_groups().map(|_| Demand::of_group(format!("{section}.groups")));
    let scopes =
        verifier.required_scopes().map(|scopes| Demand::of_scopes(format!("{section}.scopes"), scopes));
    groups.into_iter().chain(scopes).collect()
}

/// Returns what a route demands of the callers of an issuer, if it is a user pool.
fn demands_of_route(section: &str, route: &RouteConfig, verifier: &VerifierConfig) -> Vec<Demand> {
    if !has_scopes_of_pool(verifier) {
        return Vec::new();
    }
    let groups = keys_with_groups(section, route).into_iter().map(Demand::of_group);
    let scopes = route.access.scopes().map(|scopes| Demand::of_scopes(format!("{section}.scopes"), scopes));
    groups.chain(scopes).collect()
}

/// Demands that several kinds of callers can meet one by one, but only users of managed login together.
struct Conflict {
    /// The key of the demand that excludes the last other kind of caller.
    key: String,
    why_not_machines: &'static str,
}

impl Conflict {
    /// Returns the conflict between demands. A demand that is for users of managed login only, such as one for `openid`, is
    /// no conflict: its author chose these callers.
    fn of(demands: &[Demand]) -> Option<Self> {
        let together = demands.iter().fold(Callers::MAX, |all, demand| all & demand.callers);
        if together != MANAGED_LOGIN || demands.iter().any(|demand| demand.callers == together) {
            return None;
        }
        let mut left = SDK_USERS | MANAGED_LOGIN | MACHINES;
        let last = demands.iter().find(|demand| {
            left &= demand.callers;
            left == together
        })?;
        let why = demands.iter().find(|demand| demand.callers & MACHINES == 0)?.why_not_machines;
        Some(Self { key: last.key.clone(), why_not_machines: why })
    }
}

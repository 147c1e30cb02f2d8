//! The one user of the embedded pool, with the groups, scopes and claims that a configuration requires.

use std::collections::BTreeSet;

use upsign_cognito::{TokenUse, VerifierConfig};
use upsign_config::{Auth, AuthIssuer, Config, RouteConfig};
use upsign_core::{Identity, InvalidIdentity};
use upsign_local::LocalUser;
use upsign_policy::Placeholder;

use crate::sample;

/// The name of the user.
pub(crate) const USERNAME: &str = "alice";

/// What a token of the user contains, in addition to the name.
#[derive(Debug, Default)]
pub(crate) struct User {
    pub(crate) groups: BTreeSet<String>,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) claims: BTreeSet<String>,
}

/// The value of every claim.
const CLAIM_VALUE: &str = "example";

impl User {
    /// Returns the user that may use the routes of `config`, as far as one user can.
    pub(crate) fn for_config(config: &Config) -> Self {
        let verifier = config.auth().and_then(Auth::only_issuer).map(|issuer| &issuer.verifier);
        let routes = config.routes();
        let lists = routes.iter().filter_map(|route| route.access.scopes());
        let lists = lists.chain(verifier.and_then(VerifierConfig::required_scopes));
        let scopes = lists.flatten().map(ToString::to_string).collect();
        let claims = routes.iter().flat_map(|route| route.policy.claims()).map(str::to_owned).collect();
        Self { groups: groups(routes, verifier), scopes, claims }
    }

    /// Returns the user for the pool.
    pub(crate) fn local(&self, password: &str) -> LocalUser {
        let user = LocalUser::new(USERNAME, password);
        let user = self.groups.iter().fold(user, LocalUser::group);
        let user = self.scopes.iter().fold(user, LocalUser::scope);
        self.claims.iter().fold(user, |user, claim| user.claim(claim, CLAIM_VALUE))
    }

    /// Returns the caller that a verified token of the user identifies.
    pub(crate) fn identity(&self, issuer: Option<&AuthIssuer>) -> Result<Identity, InvalidIdentity> {
        let caller = sample::bare_caller()?.with_groups(&self.groups);
        // Only access tokens have scopes.
        let has_scopes = issuer.is_none_or(|issuer| issuer.verifier.token_use() != TokenUse::Id);
        let caller = if has_scopes { caller.with_scopes(&self.scopes) } else { caller };
        Ok(self.claims.iter().fold(caller, |caller, claim| caller.with_claim(claim, CLAIM_VALUE)))
    }
}

/// Returns every group that the configuration names. If a key contains `{group}`, returns as few of them as suffice, because a
/// caller of that route must be in exactly one eligible group.
fn groups(routes: &[RouteConfig], verifier: Option<&VerifierConfig>) -> BTreeSet<String> {
    let by_group = || routes.iter().filter(|route| route.policy.template().uses(&Placeholder::Group));
    let by_route = routes.iter().filter_map(|route| route.access.groups());
    let required: Vec<_> = by_route.chain(verifier.and_then(VerifierConfig::required_groups)).collect();
    if by_group().next().is_none() {
        return required.into_iter().flatten().map(ToString::to_string).collect();
    }
    let mut chosen = BTreeSet::new();
    for route in by_group() {
        let permitted = route.access.groups().unwrap_or_default();
        let eligible = route.policy.groups().unwrap_or(permitted);
        if eligible.iter().any(|group| chosen.contains(&**group)) {
            continue;
        }
        let both = eligible.iter().find(|group| permitted.contains(*group)).or(eligible.first());
        chosen.extend(both.map(ToString::to_string));
    }
    for list in required {
        if list.iter().any(|group| chosen.contains(&**group)) {
            continue;
        }
        // A second eligible group would be ambiguous.
        let is_eligible =
            |group| by_group().any(|route| route.policy.groups().unwrap_or_default().contains(group));
        let other = list.iter().find(|group| !is_eligible(*group)).or(list.first());
        chosen.extend(other.map(ToString::to_string));
    }
    if chosen.is_empty() {
        chosen.insert("group".to_owned());
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the groups of the user for two routes with these settings.
    fn user_groups(first: &str, second: &str) -> Vec<String> {
        let route = |key: &str, settings: &str| {
            format!(
                "key = \"{key}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n{settings}\n"
            )
        };
        let (first, second) = (route("{group}/{id}", first), route("{sub}/{id}", second));
        let text = format!(
            "[bucket]\nname = \"a-bucket\"\nregion = \"us-east-1\"\n[cors]\norigins = [\"https://a.example\"]\n\
             [upload]\n{first}[route.other]\n{second}"
        );
        let config = Config::read("upsign.toml", &text, |_| None).unwrap();
        let user = User::for_config(&config);
        for route in config.routes() {
            let caller = user.identity(None).unwrap();
            assert!(route.access.allows(&caller) && sample::key_for(route, &caller).is_ok(), "{user:?}");
        }
        user.groups.into_iter().collect()
    }

    #[test]
    fn user_is_in_one_eligible_group_per_route() {
        assert_eq!(user_groups("", ""), ["group"]);
        assert_eq!(user_groups("groups = [\"a\", \"b\"]", ""), ["a"]);
        assert_eq!(user_groups("groups = [\"b\"]\nkey_groups = [\"a\", \"b\"]", ""), ["b"]);
        assert_eq!(user_groups("", "groups = [\"c\"]"), ["c"]);
        assert_eq!(user_groups("key_groups = [\"a\", \"b\"]", "groups = [\"b\", \"c\"]"), ["a", "c"]);
    }
}

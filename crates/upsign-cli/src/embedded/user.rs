//! The users of the embedded issuers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use upsign_cognito::VerifierConfig;
use upsign_config::{Config, RouteConfig};
use upsign_local::LocalUser;
use upsign_policy::Placeholder;

/// The name of the user who may use every route.
pub(crate) const USERNAME: &str = "alice";
/// The name of the user who is in no group and has no scope.
const OTHER_USERNAME: &str = "bob";

/// A user, and what the tokens contain in addition to the name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) claims: BTreeMap<String, Value>,
}

/// The claim that is the subject. Every other claim is one of a user's own.
const SUBJECT: &str = "sub";
/// The value of every claim that a key template contains.
const CLAIM_VALUE: &str = "example";

impl User {
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Returns the users for `config`: one who may use its routes, as far as one user can, and one who has none of the groups
    /// and scopes that they require, if they require any.
    pub(crate) fn for_config(config: &Config) -> Vec<Self> {
        let alice = Self::permitted(config);
        let is_restricted = !alice.groups.is_empty() || !alice.scopes.is_empty();
        let bob = Self { name: OTHER_USERNAME.to_owned(), claims: alice.claims.clone(), ..Self::default() };
        if is_restricted { vec![alice, bob] } else { vec![alice] }
    }

    /// Returns the user that may use the routes of `config`.
    fn permitted(config: &Config) -> Self {
        let verifiers: Vec<&VerifierConfig> =
            config.auth().into_iter().flat_map(|auth| &auth.issuers).map(|issuer| &issuer.verifier).collect();
        let routes = config.routes();
        let lists = routes.iter().filter_map(|route| route.access.scopes());
        let lists = lists.chain(verifiers.iter().filter_map(|verifier| verifier.required_scopes()));
        let scopes = lists.flatten().map(ToString::to_string).collect();
        let claims = routes.iter().flat_map(|route| route.policy.claims());
        let claims = claims.map(|claim| (claim.to_owned(), CLAIM_VALUE.into())).collect();
        Self { name: USERNAME.to_owned(), groups: groups(routes, &verifiers), scopes, claims }
    }

    /// Returns the user for an issuer.
    pub(crate) fn local(&self, password: &str) -> LocalUser {
        let user = LocalUser::new(&self.name, password);
        let user = self.groups.iter().fold(user, LocalUser::group);
        let user = self.scopes.iter().fold(user, LocalUser::scope);
        self.claims.iter().fold(user, |user, (claim, value)| match value {
            Value::String(subject) if claim == SUBJECT => user.subject(subject),
            _ => user.claim(claim, value.clone()),
        })
    }

    /// Returns the groups, scopes and claims, for people.
    pub(crate) fn attributes(&self) -> String {
        let list = |name: &str, values: Vec<String>| {
            (!values.is_empty()).then(|| format!("{name} {}", values.join(", ")))
        };
        let claim = |(name, value): (&String, &Value)| match value {
            Value::String(text) => format!("{name}={text}"),
            other => format!("{name}:={other}"),
        };
        let lists = [
            list("groups", self.groups.iter().cloned().collect()),
            list("scopes", self.scopes.iter().cloned().collect()),
            list("claims", self.claims.iter().map(claim).collect()),
        ];
        let lists: Vec<String> = lists.into_iter().flatten().collect();
        if lists.is_empty() { "no groups, scopes or claims".to_owned() } else { lists.join("; ") }
    }

    /// Returns the user as a JSON object.
    pub(crate) fn json(&self) -> Value {
        json!({"name": self.name, "groups": self.groups, "scopes": self.scopes, "claims": self.claims})
    }
}

/// Returns every group that the configuration names. If a key contains `{group}`, returns as few of them as suffice, because a
/// caller of that route must be in exactly one eligible group.
fn groups(routes: &[RouteConfig], verifiers: &[&VerifierConfig]) -> BTreeSet<String> {
    let by_group = || routes.iter().filter(|route| route.policy.template().uses(&Placeholder::Group));
    let by_route = routes.iter().filter_map(|route| route.access.groups());
    let by_issuer = verifiers.iter().filter_map(|verifier| verifier.required_groups());
    let required: Vec<_> = by_route.chain(by_issuer).collect();
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
    use crate::sample;

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
        let users = User::for_config(&config);
        let [alice, bob] = &*users else { panic!("{users:?}") };
        for route in config.routes() {
            let caller = sample::bare_caller().unwrap().with_groups(&alice.groups);
            assert!(route.access.allows(&caller) && sample::key_for(route, &caller).is_ok(), "{alice:?}");
        }
        assert_eq!((&*bob.name, bob.groups.len()), ("bob", 0));
        alice.groups.iter().cloned().collect()
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

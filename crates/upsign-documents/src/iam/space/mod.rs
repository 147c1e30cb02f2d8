//! Compares statements by the requests they apply to.
//!
//! The space of all requests has one dimension for the principal, one for the action, one for the resource and one for each
//! condition key. Each dimension is divided into the classes that the statements of both policies distinguish. A statement is
//! then a box in this space, and a question about boxes has an exact answer: whether all requests that one statement applies
//! to are covered by several others together.
//!
//! Where a dimension would have too many classes, only statements with the same patterns and conditions are recognized.

mod bits;
mod keys;
mod principals;
mod same;
mod texts;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use bits::Bits;
use keys::Key;
use principals::Principals;
use texts::{TextTest, Texts};

use super::pattern::{Pattern, overlap};
use super::{IamPolicy, IamStatement};

/// How many boxes a comparison looks at before it gives up and calls a statement uncovered.
const MAX_STEPS: usize = 200_000;

/// How many boxes may share points with the one in question. Each can add one level of recursion.
const MAX_DEPTH: usize = 500;

/// A part of a statement: one of its actions on one of its resources, or all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) statement: &'a IamStatement,
    /// One of [`IamStatement::actions`], or `None` for all actions the statement applies to.
    pub(crate) action: Option<&'a str>,
    /// One of [`IamStatement::resources`], or `None` for all resources the statement applies to.
    pub(crate) resource: Option<&'a str>,
}

impl Part<'_> {
    /// Returns whether this part may apply to a request for `action`, which may have wildcards.
    pub(crate) fn may_include_action(self, action: &str) -> bool {
        let lower = |text: &str| text.to_ascii_lowercase();
        let excluded = || self.statement.not_actions.iter();
        match self.action {
            Some(own) => overlap(&lower(own), &lower(action)),
            None => !excluded()
                .any(|it| Pattern::wild(it).to_lowercase().covers(&Pattern::wild(action).to_lowercase())),
        }
    }

    /// Returns whether this part may apply to `resource`, which may have wildcards.
    pub(crate) fn may_include_resource(self, resource: &str) -> bool {
        match self.resource {
            Some(own) => overlap(own, resource),
            None => {
                let wanted = Pattern::wild(resource);
                !self.statement.not_resources.iter().any(|it| Pattern::wild(it).covers(&wanted))
            }
        }
    }
}

/// The requests that the statements of two policies distinguish.
#[derive(Debug)]
pub(crate) struct Space<'a> {
    policies: [&'a IamPolicy; 2],
    /// Built when the first statement is not evidently covered. `None` if there would be too many classes.
    dimensions: OnceCell<Option<Dimensions>>,
}

#[derive(Debug)]
struct Dimensions {
    principals: Principals,
    actions: Texts,
    resources: Texts,
    keys: BTreeMap<String, Key>,
}

/// A box: for each dimension, the classes that it covers.
type Region = Vec<Bits>;

pub(crate) fn is_tls(key: &str) -> bool {
    key.eq_ignore_ascii_case("aws:SecureTransport")
}

impl<'a> Space<'a> {
    pub(crate) const fn of(policies: [&'a IamPolicy; 2]) -> Self {
        Self { policies, dimensions: OnceCell::new() }
    }

    /// Returns whether each request that `part` applies to is one that one of `statements` applies to.
    ///
    /// With `over_tls`, only requests over TLS count. A statement that is not fully understood counts as applying to every
    /// request that it may apply to.
    pub(crate) fn covers<'s>(
        &self,
        statements: impl Iterator<Item = &'s IamStatement> + Clone,
        part: Part<'_>,
        over_tls: bool,
    ) -> bool {
        if statements.clone().any(|statement| same::covers(statement, part, over_tls)) {
            return true;
        }
        let dimensions = self.dimensions.get_or_init(|| Dimensions::of(self.policies));
        let Some(dimensions) = dimensions else { return false };
        let whole = |statement| Part { statement, action: None, resource: None };
        let mut region = dimensions.region(part);
        if over_tls {
            dimensions.restrict_to_tls(&mut region);
        }
        let covers = statements.map(|statement| dimensions.region(whole(statement)));
        let is_near =
            |cover: &Region| !cover.iter().zip(&region).any(|(one, it)| one.intersection(it).is_empty());
        let covers: Vec<Region> = covers.filter(is_near).collect();
        covers.len() <= MAX_DEPTH && is_covered(&region, &covers, &mut 0)
    }
}

fn action(pattern: &str) -> TextTest {
    TextTest::of(Pattern::wild(pattern).to_lowercase())
}

fn resource(pattern: &str) -> TextTest {
    TextTest::of(Pattern::wild(pattern))
}

/// The form of every action. It makes `*` and `*:*` mean the same.
const ANY_ACTION: &str = "*:*";

impl Dimensions {
    fn of(policies: [&IamPolicy; 2]) -> Option<Self> {
        let statements = || policies.into_iter().flat_map(IamPolicy::statements);
        let actions = statements().flat_map(|it| it.actions.iter().chain(&it.not_actions));
        let resources = statements().flat_map(|it| it.resources.iter().chain(&it.not_resources));
        let conditions = || statements().flat_map(IamStatement::conditions);
        let names: BTreeSet<String> = conditions().map(|it| it.key().to_ascii_lowercase()).collect();
        let mut keys = BTreeMap::new();
        for name in names {
            let on_key: Vec<_> = conditions().filter(|it| it.key().eq_ignore_ascii_case(&name)).collect();
            let key = Key::new(&name, &on_key)?;
            keys.insert(name, key);
        }
        Some(Self {
            principals: Principals::new(statements()),
            actions: Texts::new(actions.map(|it| action(it)).chain([action(ANY_ACTION)]))?,
            resources: Texts::new(resources.map(|it| resource(it)))?,
            keys,
        })
    }

    fn region(&self, part: Part<'_>) -> Region {
        let statement = part.statement;
        let actions = match part.action {
            Some(one) => self.actions.passing(&action(one)),
            None if statement.is_unclear("Action") => all(self.actions.count()),
            None => element(&self.actions, &statement.actions, &statement.not_actions, action),
        };
        let resources = match part.resource {
            Some(one) => self.resources.passing(&resource(one)),
            None if statement.is_unclear("Resource") => all(self.resources.count()),
            None => element(&self.resources, &statement.resources, &statement.not_resources, resource),
        };
        let actions = actions.intersection(&self.actions.passing(&action(ANY_ACTION)));
        let mut region = vec![self.principals.of(statement), actions, resources];
        for (name, key) in &self.keys {
            let on_key = statement.conditions.iter().filter(|it| it.key().eq_ignore_ascii_case(name));
            region.push(on_key.fold(all(key.count()), |held, it| held.intersection(&key.holding(it))));
        }
        region
    }

    fn restrict_to_tls(&self, region: &mut Region) {
        for ((name, key), held) in self.keys.iter().zip(region.iter_mut().skip(3)) {
            if is_tls(name) {
                *held = held.intersection(&key.being_true());
            }
        }
    }
}

fn all(count: usize) -> Bits {
    Bits::of(count, |_| true)
}

/// Returns the texts that an element or its negation names. The statements of a trust policy have no resource and apply to
/// the one that the policy belongs to, whichever that is.
fn element(texts: &Texts, named: &[String], excluded: &[String], test: fn(&str) -> TextTest) -> Bits {
    let any =
        |list: &[String]| list.iter().fold(Bits::default(), |all, it| all.union(&texts.passing(&test(it))));
    if named.is_empty() { all(texts.count()).difference(&any(excluded)) } else { any(named) }
}

/// Returns whether the boxes `covers` contain every point of `region`.
///
/// The first box that shares points with the region divides it into the part inside the box, which is covered, and for each
/// dimension the part outside it in this dimension but inside in the previous ones. The other boxes have to cover each of
/// these.
fn is_covered(region: &Region, covers: &[Region], steps: &mut usize) -> bool {
    if region.iter().any(Bits::is_empty) {
        return true;
    }
    let mut rest = covers;
    let shared = loop {
        let Some((first, others)) = rest.split_first() else { return false };
        rest = others;
        *steps += 1;
        if *steps > MAX_STEPS {
            return false;
        }
        let shared: Region = region.iter().zip(first).map(|(one, other)| one.intersection(other)).collect();
        if !shared.iter().any(Bits::is_empty) {
            break shared;
        }
    };
    let mut inside: Region = region.clone();
    for (dimension, (whole, shared)) in region.iter().zip(&shared).enumerate() {
        let outside = whole.difference(shared);
        if !outside.is_empty() {
            let mut part = inside.clone();
            if let Some(bits) = part.get_mut(dimension) {
                *bits = outside;
            }
            if !is_covered(&part, rest, steps) {
                return false;
            }
        }
        if let Some(bits) = inside.get_mut(dimension) {
            bits.clone_from(shared);
        }
    }
    true
}

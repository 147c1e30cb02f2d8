//! Distinguishes the values of a condition key by the conditions that test them.

use super::super::IamCondition;
use super::super::operator::{Quantifier, Test};
use super::super::pattern::Pattern;
use super::super::value::{Date, Network, number};
use super::bits::Bits;
use super::texts::{TextTest, Texts};

/// How many classes of values are distinguished before the comparison gives up: of any key, and of a multivalued key, where
/// every set of values is a class of its own.
const MAX_CLASSES: usize = 512;
const MAX_IN_SETS: usize = 8;

/// The classes of contexts that the conditions on one key distinguish.
#[derive(Debug)]
pub(super) struct Key {
    texts: Texts,
    numbers: Vec<f64>,
    dates: Vec<Date>,
    addresses: Vec<Network>,
    values: Vec<Value>,
    classes: Vec<Class>,
}

/// A class of values. The four parts are independent, although not every combination exists: `1.5` is no address. More
/// classes than there really are make the comparison stricter, never laxer.
#[derive(Clone, Debug)]
struct Value {
    text: usize,
    number: Option<usize>,
    date: Option<usize>,
    address: Option<Network>,
}

#[derive(Clone, Debug)]
enum Class {
    Absent,
    /// One value, by its index.
    One(usize),
    /// Several values, of which operators for single values see the first.
    Several {
        all: Vec<usize>,
        first: Option<usize>,
    },
}

impl Key {
    /// Returns the classes, or `None` if there are too many.
    pub(super) fn new(name: &str, conditions: &[&IamCondition]) -> Option<Self> {
        let tests =
            || conditions.iter().flat_map(|it| it.values().iter().map(|text| (it.operator().test, text)));
        let always = super::is_tls(name).then(|| text_test(Test::Bool, "true")).flatten();
        let texts = Texts::new(tests().filter_map(|(test, text)| text_test(test, text)).chain(always))?;
        let mut numbers: Vec<f64> =
            tests().filter(|(test, _)| is_numeric(*test)).filter_map(|(_, text)| number(text)).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        let mut dates: Vec<Date> =
            tests().filter(|(test, _)| is_date(*test)).filter_map(|(_, text)| Date::parse(text)).collect();
        dates.sort_unstable();
        dates.dedup();
        let networks =
            tests().filter(|(test, _)| is_address(*test)).filter_map(|(_, text)| Network::parse(text));
        let addresses = borders(&networks.collect::<Vec<_>>());
        let mut key = Self { texts, numbers, dates, addresses, values: Vec::new(), classes: Vec::new() };
        key.values = key.every_value()?;
        key.classes = key.every_class(conditions.iter().any(|it| it.operator().set.is_some()))?;
        Some(key)
    }

    pub(super) fn count(&self) -> usize {
        self.classes.len()
    }

    /// Returns the contexts in which a condition holds.
    pub(super) fn holding(&self, condition: &IamCondition) -> Bits {
        let passing: Vec<bool> = self.values.iter().map(|value| self.satisfies(value, condition)).collect();
        let passes = |value: &usize| passing.get(*value).copied().unwrap_or_default();
        let operator = condition.operator();
        let absent = operator.if_exists
            || operator.set == Some(Quantifier::ForAllValues)
            || operator.set.is_none() && operator.test.negates().is_some();
        let holds = |class: &Class| {
            if operator.test == Test::Null {
                let is_absent = matches!(class, Class::Absent);
                return condition.values().iter().any(|it| it.eq_ignore_ascii_case("true") == is_absent);
            }
            match (class, operator.set) {
                (Class::Absent, _) => absent,
                (Class::One(value), _) => passes(value),
                (Class::Several { first, .. }, None) => first.as_ref().is_some_and(passes),
                (Class::Several { all, .. }, Some(Quantifier::ForAnyValue)) => all.iter().any(passes),
                (Class::Several { all, .. }, Some(Quantifier::ForAllValues)) => all.iter().all(passes),
            }
        };
        Bits::of(self.classes.len(), |index| self.classes.get(index).is_some_and(holds))
    }

    /// Returns the contexts in which the key has one value that equals `text` in any case. Only valid for the key of TLS.
    pub(super) fn being_true(&self) -> Bits {
        let passing = text_test(Test::Bool, "true").map(|test| self.texts.passing(&test)).unwrap_or_default();
        let is_true = |class: &Class| match class {
            Class::One(value) => self.values.get(*value).is_some_and(|value| passing.contains(value.text)),
            _ => false,
        };
        Bits::of(self.classes.len(), |index| self.classes.get(index).is_some_and(is_true))
    }

    fn every_value(&self) -> Option<Vec<Value>> {
        let points = |count: usize| {
            // Before, at and after each point, and no such value at all.
            let places = if count == 0 { 0 } else { 2 * count + 1 };
            [None].into_iter().chain((0..places).map(Some))
        };
        let counts =
            [points(self.numbers.len()).count(), points(self.dates.len()).count(), self.addresses.len() + 1];
        if counts.into_iter().fold(self.texts.count(), usize::saturating_mul) > MAX_CLASSES {
            return None;
        }
        let mut values = Vec::new();
        for text in 0..self.texts.count() {
            for number in points(self.numbers.len()) {
                for date in points(self.dates.len()) {
                    for address in [None].into_iter().chain(self.addresses.iter().copied().map(Some)) {
                        values.push(Value { text, number, date, address });
                    }
                }
            }
        }
        Some(values)
    }

    fn every_class(&self, in_sets: bool) -> Option<Vec<Class>> {
        let count = self.values.len();
        let mut classes: Vec<Class> = [Class::Absent].into_iter().chain((0..count).map(Class::One)).collect();
        if in_sets {
            if count > MAX_IN_SETS {
                return None;
            }
            classes.push(Class::Several { all: Vec::new(), first: None });
            for set in 1_usize..1 << count {
                let all: Vec<usize> = (0..count).filter(|index| set >> index & 1 == 1).collect();
                classes
                    .extend(all.iter().map(|first| Class::Several { all: all.clone(), first: Some(*first) }));
            }
        }
        Some(classes)
    }

    fn satisfies(&self, value: &Value, condition: &IamCondition) -> bool {
        let test = condition.operator().test;
        let any = |test| condition.values().iter().any(|wanted| self.passes(value, test, wanted));
        test.negates().map_or_else(|| any(test), |positive| !any(positive))
    }

    fn passes(&self, value: &Value, test: Test, wanted: &str) -> bool {
        if is_numeric(test) {
            let at = number(wanted)
                .and_then(|wanted| self.numbers.iter().position(|it| it.total_cmp(&wanted).is_eq()));
            return value.number.zip(at).is_some_and(|(place, at)| compares(test, place, at));
        }
        if is_date(test) {
            let at = Date::parse(wanted).and_then(|wanted| self.dates.iter().position(|it| *it == wanted));
            return value.date.zip(at).is_some_and(|(place, at)| compares(test, place, at));
        }
        if is_address(test) {
            return Network::parse(wanted)
                .zip(value.address)
                .is_some_and(|(wanted, it)| wanted.contains(&it));
        }
        text_test(test, wanted).is_some_and(|test| self.texts.passing(&test).contains(value.text))
    }
}

/// Compares a place among sorted points with the point at the index `at`. Place `2 * i + 1` is point `i`; the even places are
/// before, between and after the points.
fn compares(test: Test, place: usize, at: usize) -> bool {
    let order = place.cmp(&(2 * at + 1));
    match test {
        Test::NumericLessThan | Test::DateLessThan => order.is_lt(),
        Test::NumericLessThanEquals | Test::DateLessThanEquals => order.is_le(),
        Test::NumericGreaterThan | Test::DateGreaterThan => order.is_gt(),
        Test::NumericGreaterThanEquals | Test::DateGreaterThanEquals => order.is_ge(),
        _ => order.is_eq(),
    }
}

/// Returns the first address of each range that the networks divide the addresses into.
fn borders(networks: &[Network]) -> Vec<Network> {
    let mut starts: Vec<(bool, u128)> = Vec::new();
    for network in networks {
        let last = if network.is_v6 { u128::MAX } else { u128::from(u32::MAX) };
        starts.extend([(false, 0), (true, 0), (network.is_v6, network.first)]);
        starts.extend((network.last < last).then(|| (network.is_v6, network.last + 1)));
    }
    starts.sort_unstable();
    starts.dedup();
    starts.into_iter().map(|(is_v6, first)| Network { is_v6, first, last: first }).collect()
}

fn text_test(test: Test, text: &str) -> Option<TextTest> {
    Some(match test.negates().unwrap_or(test) {
        Test::StringEquals | Test::BinaryEquals => TextTest::of(Pattern::literal(text)),
        Test::StringEqualsIgnoreCase => {
            TextTest { ignores_case: true, ..TextTest::of(Pattern::literal(text).to_lowercase()) }
        }
        Test::Bool => TextTest { ignores_case: true, ..TextTest::of(Pattern::literal(text).to_lowercase()) },
        Test::StringLike => TextTest::of(Pattern::wild(text)),
        Test::ArnEquals | Test::ArnLike => TextTest { is_arn: true, ..TextTest::of(Pattern::wild(text)) },
        _ => return None,
    })
}

fn is_numeric(test: Test) -> bool {
    let test = test.negates().unwrap_or(test);
    matches!(
        test,
        Test::NumericEquals
            | Test::NumericLessThan
            | Test::NumericLessThanEquals
            | Test::NumericGreaterThan
            | Test::NumericGreaterThanEquals
    )
}

fn is_date(test: Test) -> bool {
    let test = test.negates().unwrap_or(test);
    matches!(
        test,
        Test::DateEquals
            | Test::DateLessThan
            | Test::DateLessThanEquals
            | Test::DateGreaterThan
            | Test::DateGreaterThanEquals
    )
}

fn is_address(test: Test) -> bool {
    test.negates().unwrap_or(test) == Test::IpAddress
}

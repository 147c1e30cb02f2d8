//! Counters and gauges of the application.

use std::collections::BTreeSet;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::{counter, gauge};
use prometheus_client::registry::Registry;

/// A number that only grows, created by [`Metrics::counter`](super::Metrics::counter). Cheap to clone; all clones share one
/// value.
#[derive(Clone, Debug)]
pub struct Counter(counter::Counter);

/// A number that goes up and down, created by [`Metrics::gauge`](super::Metrics::gauge). Cheap to clone; all clones share
/// one value.
#[derive(Clone, Debug)]
pub struct Gauge(gauge::Gauge);

/// The reason why a metric of the application cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMetric {
    /// The name has a character that OpenMetrics does not allow, begins with a digit, or is empty.
    #[error(
        "{name:?} is not the name of a metric: expected ASCII letters, digits and _, not beginning with a digit"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// Another metric has the name. A scrape that contains a name twice is invalid as a whole.
    #[error("a metric named {name} is already registered")]
    Taken {
        /// The name, without the suffix `_total`.
        name: String,
    },
    /// The label has a character that OpenMetrics does not allow, begins with a digit, or is empty.
    #[error(
        "{label:?} is not the name of a label: expected ASCII letters, digits and _, not beginning with a digit"
    )]
    Label {
        /// The label.
        label: String,
    },
    /// The description is empty or has more than one line, which the text format cannot express.
    #[error("the description of {name} must be one line of text")]
    Help {
        /// The name of the metric.
        name: String,
    },
}

impl Counter {
    /// Adds 1.
    pub fn increment(&self) {
        self.0.inc();
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.inc_by(count);
    }

    /// Returns the current value.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.get()
    }
}

impl Gauge {
    /// Sets the value.
    pub fn set(&self, value: i64) {
        self.0.set(value);
    }

    /// Adds `change`, which may be negative.
    pub fn add(&self, change: i64) {
        self.0.inc_by(change);
    }

    /// Returns the current value.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.get()
    }
}

/// The registry, with the names that it contains: `prometheus-client` accepts a name twice.
#[derive(Debug, Default)]
pub(super) struct Registered {
    registry: Registry,
    names: BTreeSet<String>,
}

impl Registered {
    /// Returns a registry that contains the metrics of the server, whose sample names cannot be used again.
    pub(super) fn with_server_metrics<'a>(
        registry: Registry,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self { registry, names: names.into_iter().map(str::to_owned).collect() }
    }

    pub(super) const fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(super) fn counter(&mut self, name: &str, help: &str) -> Result<Counter, InvalidMetric> {
        let name = self.take_name(name, help)?;
        let counter = counter::Counter::default();
        self.registry.register(name, help.trim_end_matches('.'), counter.clone());
        Ok(Counter(counter))
    }

    pub(super) fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: &[&str],
    ) -> Result<Vec<Counter>, InvalidMetric> {
        check_label(label)?;
        let name = self.take_name(name, help)?;
        let family = Family::<Labels, counter::Counter>::default();
        self.registry.register(name, help.trim_end_matches('.'), family.clone());
        Ok(values.iter().map(|value| Counter(family.get_or_create(&labels(label, value)).clone())).collect())
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str) -> Result<Gauge, InvalidMetric> {
        let name = self.take_gauge_name(name, help)?;
        let gauge = gauge::Gauge::default();
        self.registry.register(name, help.trim_end_matches('.'), gauge.clone());
        Ok(Gauge(gauge))
    }

    pub(super) fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: &[&str],
    ) -> Result<Vec<Gauge>, InvalidMetric> {
        check_label(label)?;
        let name = self.take_gauge_name(name, help)?;
        let family = Family::<Labels, gauge::Gauge>::default();
        self.registry.register(name, help.trim_end_matches('.'), family.clone());
        Ok(values.iter().map(|value| Gauge(family.get_or_create(&labels(label, value)).clone())).collect())
    }

    /// Reserves the name of a gauge, of which the suffix `_total` is a part, although it is unusual there.
    fn take_gauge_name(&mut self, given: &str, help: &str) -> Result<String, InvalidMetric> {
        self.take_name(given, help).map(|_| given.to_owned())
    }

    /// Checks a metric and reserves its name, which is returned without `_total`: the text format appends that suffix to
    /// the names of counters, so that `jobs` and `jobs_total` are the same.
    fn take_name(&mut self, given: &str, help: &str) -> Result<String, InvalidMetric> {
        let name = given.strip_suffix("_total").unwrap_or(given).to_owned();
        if !is_name(&name) {
            return Err(InvalidMetric::Name { name: given.to_owned() });
        }
        if help.trim().is_empty() || help.contains(char::is_control) {
            return Err(InvalidMetric::Help { name });
        }
        if !self.names.insert(name.clone()) {
            return Err(InvalidMetric::Taken { name });
        }
        Ok(name)
    }
}

type Labels = Vec<(String, String)>;

fn labels(label: &str, value: &str) -> Labels {
    vec![(label.to_owned(), value.to_owned())]
}

fn check_label(label: &str) -> Result<(), InvalidMetric> {
    if is_name(label) { Ok(()) } else { Err(InvalidMetric::Label { label: label.to_owned() }) }
}

/// Returns whether a text is the name of a metric or of a label.
fn is_name(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(word) && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_names_and_descriptions_are_refused() {
        let mut registered = Registered::default();
        for name in ["", "_total", "2fast", "a b", "a-b", "ä", "a:b", "a{b=\"c\"}", "a\nb"] {
            let invalid = InvalidMetric::Name { name: name.to_owned() };
            assert_eq!(registered.counter(name, "Help").unwrap_err(), invalid);
            assert_eq!(registered.gauge(name, "Help").unwrap_err(), invalid);
        }
        for help in ["", " ", "two\nlines", "carriage\rreturn"] {
            let invalid = InvalidMetric::Help { name: "jobs".to_owned() };
            assert_eq!(registered.counter("jobs", help).unwrap_err(), invalid);
        }
        assert!(registered.counter("jobs", "Jobs").is_ok(), "refused metrics reserve no name");
    }

    #[test]
    fn invalid_labels_are_refused() {
        let mut registered = Registered::default();
        for label in ["", "2nd", "a-b", "a b", "a=\"b\""] {
            let invalid = InvalidMetric::Label { label: label.to_owned() };
            assert_eq!(registered.gauges("jobs", "Jobs", label, &["a"]).unwrap_err(), invalid);
            assert_eq!(registered.counters("jobs", "Jobs", label, &["a"]).unwrap_err(), invalid);
        }
        assert!(
            registered.gauges("jobs", "Jobs", "queue", &["a"]).is_ok(),
            "refused metrics reserve no name"
        );
    }

    #[test]
    fn names_are_unique_with_and_without_the_suffix_of_counters() {
        let mut registered = Registered::default();
        registered.counter("jobs_total", "Jobs").unwrap();
        let taken = InvalidMetric::Taken { name: "jobs".to_owned() };
        for name in ["jobs", "jobs_total"] {
            assert_eq!(registered.counter(name, "Jobs").unwrap_err(), taken);
            assert_eq!(registered.gauge(name, "Jobs").unwrap_err(), taken);
        }
    }
}

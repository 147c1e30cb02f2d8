//! Lifecycle and notification.

use super::{Difference, Severity};
use crate::{LifecycleDocument, LifecycleRule, NotificationDocument, QueueNotification};

impl LifecycleDocument {
    /// What `found`, in use, does differently. Ids do not count, rules for other prefixes only where they end what was
    /// uploaded.
    #[must_use]
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        for rule in self.rules() {
            missing(&mut out, rule, found);
        }
        for rule in found.rules() {
            let known =
                self.rules().iter().any(|ours| ours.prefix == rule.prefix && ours.expire_after.is_some());
            if let Some(days) = rule.expire_after.filter(|_| !known) {
                let what = format!("objects under `{}` end after {days} days", rule.prefix);
                out.push(Difference::new(
                    Severity::Broken,
                    what,
                    "uploads may be gone that nobody meant to end",
                ));
            }
        }
        out
    }
}

fn missing(out: &mut Vec<Difference>, rule: &LifecycleRule, found: &LifecycleDocument) {
    let covers = |it: &&LifecycleRule| rule.prefix.starts_with(&it.prefix);
    let place = if rule.prefix.is_empty() { "every key".to_owned() } else { format!("`{}`", rule.prefix) };
    let days =
        |of: fn(&LifecycleRule) -> Option<u32>| found.rules().iter().filter(covers).filter_map(of).min();
    let mut late = |wanted: Option<u32>, have: Option<u32>, what: &str, so: &'static str| {
        let Some(wanted) = wanted else { return };
        if have.is_none_or(|have| have > wanted) {
            let told = have.map_or_else(|| "never".to_owned(), |have| format!("after {have} days only"));
            out.push(Difference::new(Severity::Untidy, format!("{what} of {place} end {told}"), so));
        }
    };
    late(
        rule.abort_incomplete_after,
        days(|it| it.abort_incomplete_after),
        "incomplete multipart uploads",
        "their parts are billed, and no listing of objects shows them",
    );
    late(rule.expire_after, days(|it| it.expire_after), "objects", "what nobody confirms stays");
    late(
        rule.expire_noncurrent_after,
        days(|it| it.expire_noncurrent_after),
        "older versions",
        "on a versioned bucket an object that ends is only hidden, and billed on",
    );
    if rule.expire_delete_markers && !found.rules().iter().filter(covers).any(|it| it.expire_delete_markers) {
        let what = format!("markers of deletion of {place} stay");
        out.push(Difference::new(Severity::Untidy, what, "listings slow down"));
    }
    if let Some((wanted, class)) = &rule.transition_after {
        let moves = |it: &LifecycleRule| {
            it.transition_after.as_ref().is_some_and(|(days, to)| to == class && days <= wanted)
        };
        if !found.rules().iter().filter(covers).any(moves) {
            let what = format!("objects of {place} do not move to {class} after {wanted} days");
            out.push(Difference::new(Severity::Untidy, what, "they cost more than they need to"));
        }
    }
}

impl NotificationDocument {
    /// What `found`, in use, tells differently.
    #[must_use]
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        if self.event_bridge && !found.event_bridge {
            let what = "EventBridge is not told".to_owned();
            out.push(Difference::new(Severity::Broken, what, "its rules never see a new object"));
        }
        for queue in &self.queues {
            for event in &queue.events {
                if !found.queues.iter().any(|it| tells(it, queue, event)) {
                    let what = format!("{} is not told of {event} under `{}`", queue.queue, queue.prefix);
                    out.push(Difference::new(Severity::Broken, what, "uploads are never worked on"));
                }
            }
        }
        for queue in found.queues.iter().filter(|it| !self.queues.iter().any(|ours| ours.queue == it.queue)) {
            let what = format!("{} is told of objects under `{}`", queue.queue, queue.prefix);
            out.push(Difference::new(Severity::Wider, what, "putting the derived document takes that away"));
        }
        out
    }
}

fn tells(found: &QueueNotification, wanted: &QueueNotification, event: &str) -> bool {
    let covers = |have: &String| {
        have == event || have.strip_suffix('*').is_some_and(|prefix| event.starts_with(prefix))
    };
    found.queue == wanted.queue && wanted.prefix.starts_with(&found.prefix) && found.events.iter().any(covers)
}

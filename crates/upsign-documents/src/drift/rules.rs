//! Compares lifecycle and notification documents.

use super::{Affected, Difference, Severity};
use crate::lifecycle::{LifecycleDocument, LifecycleRule};
use crate::notification::{NotificationDocument, QueueNotification};

impl LifecycleDocument {
    /// Returns what the deployed document `deployed` does differently.
    ///
    /// Ids are ignored.
    #[must_use]
    pub fn differences(&self, deployed: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        for rule in self.rules() {
            report_missing_actions(&mut out, rule, deployed);
        }
        for rule in deployed.rules() {
            self.report_extra_actions(&mut out, rule);
        }
        out
    }

    /// Reports the actions of a deployed rule that no derived rule for its keys performs, or only later.
    fn report_extra_actions(&self, out: &mut Vec<Difference>, deployed: &LifecycleRule) {
        let ours = || self.rules().iter().filter(|ours| deployed.prefix.starts_with(&ours.prefix));
        let soonest = |of: fn(&LifecycleRule) -> Option<u32>| ours().filter_map(of).min();
        let place = place(&deployed.prefix);
        if let Some(after) = deployed.expire_after {
            let known = self.rules().iter().filter(|ours| ours.prefix == deployed.prefix);
            let derived = known.filter_map(|ours| ours.expire_after).min();
            if derived.is_none_or(|derived| after < derived) {
                let instead = derived.map_or_else(String::new, |derived| format!(", not {}", days(derived)));
                let description = format!("objects under {place} expire after {}{instead}", days(after));
                let consequence = "uploads that should be kept may be deleted";
                let difference = Difference::new(Severity::Broken, description, consequence);
                out.push(difference.affecting(Affected::Retention));
                return;
            }
        }
        if deployed.expire_delete_markers && !ours().any(|ours| ours.expire_delete_markers) {
            let description = format!("expired delete markers under {place} are deleted");
            let consequence = "deploying the derived document would keep them";
            out.push(Difference::new(Severity::Untidy, description, consequence));
        }
        self.report_early_abort(out, deployed);
        let mut extra = |severity, found: Option<u32>, derived: Option<u32>, what: &str, consequence| {
            let Some(found) = found.filter(|found| derived.is_none_or(|derived| *found < derived)) else {
                return;
            };
            let description = format!("{what} after {}", days(found));
            out.push(Difference::new(severity, description, consequence));
        };
        extra(
            Severity::Wider,
            deployed.expire_noncurrent_after,
            soonest(|it| it.expire_noncurrent_after),
            &format!("noncurrent versions under {place} are deleted"),
            "replaced and deleted objects cannot be restored after that",
        );
        if let Some((after, class)) = &deployed.transition_after {
            let moved = ours().filter_map(|ours| ours.transition_after.as_ref());
            let derived = moved.filter(|(_, to)| to == class).map(|(days, _)| *days).min();
            extra(
                Severity::Untidy,
                Some(*after),
                derived,
                &format!("objects under {place} move to {class}"),
                "reading them may cost more, or need a restore first",
            );
        }
    }

    /// Reports a deployed rule that aborts uploads in the days in which a route can still resume them, or that no derived rule
    /// corresponds to.
    fn report_early_abort(&self, out: &mut Vec<Difference>, deployed: &LifecycleRule) {
        let Some(found) = deployed.abort_incomplete_after else { return };
        let ours = self.rules().iter().filter(|ours| deployed.prefix.starts_with(&ours.prefix));
        let derived = ours.filter_map(|ours| ours.abort_incomplete_after).min();
        let (place, found_days) = (place(&deployed.prefix), days(found));
        let description =
            format!("incomplete multipart uploads under {place} are aborted after {found_days}");
        out.extend(match derived {
            None => Some(Difference::new(
                Severity::Untidy,
                description,
                "multipart uploads that take longer fail",
            )),
            Some(derived) if found < derived => Some(Difference::new(
                Severity::Broken,
                format!("{description}, not {}", days(derived)),
                "multipart uploads cannot be resumed after that, although the routes allow it",
            )),
            Some(_) => None,
        });
    }
}

fn place(prefix: &str) -> String {
    if prefix.is_empty() { "any prefix".to_owned() } else { format!("`{prefix}`") }
}

fn days(count: u32) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// Reports the actions of a derived rule that no deployed rule for the same keys performs at least as soon.
fn report_missing_actions(out: &mut Vec<Difference>, rule: &LifecycleRule, deployed: &LifecycleDocument) {
    let covers = |it: &&LifecycleRule| rule.prefix.starts_with(&it.prefix);
    let place = place(&rule.prefix);
    let soonest =
        |of: fn(&LifecycleRule) -> Option<u32>| deployed.rules().iter().filter(covers).filter_map(of).min();
    let mut compare = |derived: Option<u32>, found: Option<u32>, objects: &str, action: &str, consequence| {
        let Some(derived) = derived else { return };
        let description = match found {
            Some(found) if found <= derived => return,
            Some(found) => format!("{objects} under {place} are {action} only after {}", days(found)),
            None => format!("{objects} under {place} are never {action}"),
        };
        out.push(Difference::new(Severity::Untidy, description, consequence));
    };
    compare(
        rule.abort_incomplete_after,
        soonest(|it| it.abort_incomplete_after),
        "incomplete multipart uploads",
        "aborted",
        "their parts are billed, and no listing of objects shows them",
    );
    compare(
        rule.expire_after,
        soonest(|it| it.expire_after),
        "objects",
        "deleted",
        "unconfirmed uploads are kept and billed",
    );
    compare(
        rule.expire_noncurrent_after,
        soonest(|it| it.expire_noncurrent_after),
        "noncurrent versions",
        "deleted",
        "in a versioned bucket an expired object is only hidden, and still billed",
    );
    if rule.expire_delete_markers
        && !deployed.rules().iter().filter(covers).any(|it| it.expire_delete_markers)
    {
        let description = format!("expired delete markers under {place} are never deleted");
        out.push(Difference::new(Severity::Untidy, description, "listings become slower"));
    }
    if let Some((after, class)) = &rule.transition_after {
        let moves = |it: &LifecycleRule| {
            it.transition_after.as_ref().is_some_and(|(days, to)| to == class && days <= after)
        };
        if !deployed.rules().iter().filter(covers).any(moves) {
            let description = format!("objects under {place} do not move to {class} after {}", days(*after));
            out.push(Difference::new(Severity::Untidy, description, "storage costs more than necessary"));
        }
    }
}

impl NotificationDocument {
    /// Returns what the deployed document `deployed` does differently. Ids are ignored.
    #[must_use]
    pub fn differences(&self, deployed: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        if self.event_bridge && !deployed.event_bridge {
            let description = "EventBridge receives no events";
            let consequence = "EventBridge rules do not see new objects";
            let difference = Difference::new(Severity::Broken, description, consequence);
            out.push(difference.affecting(Affected::Processing));
        }
        for queue in &self.queues {
            for event in &queue.events {
                if !deployed.queues.iter().any(|it| sends(it, queue, event)) {
                    let place = place(&queue.prefix);
                    // In a template, the queue is a reference, in JSON.
                    let is_reference = queue.queue.starts_with('{');
                    let arn = if is_reference { "the template's queue" } else { queue.queue.as_str() };
                    let description = format!("{arn} does not receive {event} for keys under {place}");
                    let consequence = if event.starts_with("s3:LifecycleExpiration:") {
                        "nobody learns of uploads that have expired without being confirmed"
                    } else {
                        "new objects are not processed"
                    };
                    let difference = Difference::new(Severity::Broken, description, consequence);
                    out.push(difference.affecting(Affected::Processing));
                }
            }
        }
        if deployed.event_bridge && !self.event_bridge {
            let consequence = "deploying the derived document would stop these events";
            out.push(Difference::new(Severity::Wider, "EventBridge receives events", consequence));
        }
        for queue in &deployed.queues {
            if !self.queues.iter().any(|ours| ours.queue == queue.queue) {
                let description =
                    format!("{} receives events for keys under {}", queue.queue, place(&queue.prefix));
                let consequence = "deploying the derived document would stop these events";
                out.push(Difference::new(Severity::Wider, description, consequence));
                continue;
            }
            for event in
                queue.events.iter().filter(|event| !self.queues.iter().any(|it| sends(it, queue, event)))
            {
                let (arn, place) = (&queue.queue, place(&queue.prefix));
                let description = format!("{arn} receives {event} for keys under {place}");
                let consequence = "the consumer of the queue receives events that no route causes";
                out.push(Difference::new(Severity::Wider, description, consequence));
            }
        }
        out
    }
}

/// Returns whether a deployed configuration sends `event` for every key of the derived one to the same queue.
fn sends(deployed: &QueueNotification, derived: &QueueNotification, event: &str) -> bool {
    let covers = |have: &String| {
        have == event || have.strip_suffix('*').is_some_and(|prefix| event.starts_with(prefix))
    };
    deployed.queue == derived.queue
        && derived.prefix.starts_with(&deployed.prefix)
        && deployed.events.iter().any(covers)
}

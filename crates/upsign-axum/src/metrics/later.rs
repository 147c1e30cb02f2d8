//! Metrics of quotas, inspections and announcements.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use upsign::{AnnouncementEvent, InspectionEvent, QuotaEvent};

/// Histogram buckets in seconds: from a millisecond, which the first bytes of an object nearby take, to a minute, which scanning a
/// large one may take.
const SECONDS: [f64; 11] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

/// Names of the metrics below, without the suffixes of their samples.
pub(super) const NAMES: [&str; 3] =
    ["upsign_quota_decisions", "upsign_inspection_seconds", "upsign_announcements"];

#[derive(Clone)]
pub(super) struct Later {
    decisions: Family<ByDecision, Counter>,
    inspections: Family<ByResult, Histogram, fn() -> Histogram>,
    announcements: Family<ByKind, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByDecision {
    route: String,
    decision: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByResult {
    route: String,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByKind {
    route: String,
    kind: &'static str,
    result: &'static str,
}

impl Later {
    pub(super) fn new() -> Self {
        Self {
            decisions: Family::default(),
            inspections: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            announcements: Family::default(),
        }
    }

    pub(super) fn register(&self, to: &mut Registry) {
        let help = "Decisions of the quota about uploads";
        to.register("upsign_quota_decisions", help, self.decisions.clone());
        let help = "Time to inspect an uploaded object, including reading it";
        to.register_with_unit("upsign_inspection", help, Unit::Seconds, self.inspections.clone());
        let help = "Announcements of what became of uploads";
        to.register("upsign_announcements", help, self.announcements.clone());
    }

    pub(super) fn quota_decided(&self, event: &QuotaEvent<'_>) {
        let labels = ByDecision { route: label(event.route), decision: event.decision.as_str() };
        self.decisions.get_or_create(&labels).inc();
    }

    pub(super) fn inspected(&self, event: &InspectionEvent<'_>) {
        let labels = ByResult { route: label(event.route), result: event.result.as_str() };
        self.inspections.get_or_create(&labels).observe(event.duration.as_secs_f64());
    }

    pub(super) fn announced(&self, event: &AnnouncementEvent<'_>) {
        let result = if event.is_accepted { "accepted" } else { "failed" };
        let labels = ByKind { route: label(event.route), kind: event.kind.as_str(), result };
        self.announcements.get_or_create(&labels).inc();
    }
}

/// The unnamed route has an empty label, which Prometheus treats like an absent one.
fn label(route: Option<&str>) -> String {
    route.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use upsign::types::Timestamp;
    use upsign::{AnnouncementKind, InspectionResult, QuotaDecision, UploadObserver as _};

    use super::*;
    use crate::Metrics;

    #[test]
    fn what_follows_a_grant_is_in_the_text() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let metrics = Metrics::new();
        for decision in [QuotaDecision::Granted, QuotaDecision::Granted, QuotaDecision::Denied] {
            metrics.quota_decided(&QuotaEvent::new(Some("photos"), decision, at));
        }
        metrics.quota_decided(&QuotaEvent::new(None, QuotaDecision::Unavailable, at));
        metrics.quota_decided(&QuotaEvent::new(None, QuotaDecision::Skipped, at));
        let took = Duration::from_millis(250);
        for result in [InspectionResult::Accepted, InspectionResult::Unavailable] {
            metrics.inspected(&InspectionEvent::new(Some("photos"), result, took, at));
        }
        for is_accepted in [true, false] {
            let kind = AnnouncementKind::Rejected;
            metrics.announced(&AnnouncementEvent::new(Some("photos"), kind, is_accepted, at));
        }
        let text = metrics.text();
        for line in [
            r#"upsign_quota_decisions_total{route="photos",decision="granted"} 2"#,
            r#"upsign_quota_decisions_total{route="photos",decision="denied"} 1"#,
            r#"upsign_quota_decisions_total{route="",decision="unavailable"} 1"#,
            r#"upsign_quota_decisions_total{route="",decision="skipped"} 1"#,
            r#"upsign_inspection_seconds_count{route="photos",result="accepted"} 1"#,
            r#"upsign_inspection_seconds_sum{route="photos",result="unavailable"} 0.25"#,
            r#"upsign_announcements_total{route="photos",kind="rejected",result="accepted"} 1"#,
            r#"upsign_announcements_total{route="photos",kind="rejected",result="failed"} 1"#,
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
        }
    }
}

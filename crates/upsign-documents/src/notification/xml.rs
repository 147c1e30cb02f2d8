//! Notification documents as `<NotificationConfiguration>`, the XML of S3's API.

use super::NotificationDocument;
use super::json::encoded;
use crate::xml::Element;

impl NotificationDocument {
    /// Returns `<NotificationConfiguration>` in one line, as S3's API takes it.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let queues = self.queues.iter().map(|queue| {
            let mut parts = vec![Element::text("Id", &queue.id), Element::text("Queue", &queue.queue)];
            parts.extend(queue.events.iter().map(|event| Element::text("Event", event)));
            if !queue.prefix.is_empty() {
                let value = Element::text("Value", &encoded(&queue.prefix));
                let rule = Element::new("FilterRule", [Element::text("Name", "prefix"), value]);
                parts.push(Element::new("Filter", [Element::new("S3Key", [rule])]));
            }
            Element::new("QueueConfiguration", parts)
        });
        let bridge = self.event_bridge.then(|| Element::new("EventBridgeConfiguration", []));
        Element::root("NotificationConfiguration", queues.chain(bridge)).to_document()
    }
}

#[cfg(feature = "xml")]
mod read {
    use serde::Deserialize;

    use super::super::json::{EmptyObject, FilterRule, prefix_of};
    use super::super::{InvalidNotificationDocument, NotificationDocument, QueueNotification};

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Document {
        #[serde(rename = "@xmlns", default)]
        _xmlns: String,
        #[serde(rename = "QueueConfiguration", default)]
        queues: Vec<Queue>,
        event_bridge_configuration: Option<EmptyObject>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Queue {
        id: String,
        queue: String,
        #[serde(default)]
        event: Vec<String>,
        filter: Option<Filter>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Filter {
        #[serde(rename = "S3Key")]
        key: Key,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Key {
        #[serde(default)]
        filter_rule: Vec<FilterRule>,
    }

    impl NotificationDocument {
        /// Reads `<NotificationConfiguration>`. Needs the feature `xml`.
        ///
        /// # Errors
        /// Fails if the text is not such XML, or if it has an element that this crate never writes, such as a topic or a
        /// function.
        pub fn from_xml(xml: &str) -> Result<Self, InvalidNotificationDocument> {
            let document: Document = quick_xml::de::from_str(xml)
                .map_err(|error| InvalidNotificationDocument::Text(error.to_string()))?;
            let queues = document.queues.into_iter().map(|queue| QueueNotification {
                id: queue.id,
                queue: queue.queue,
                events: queue.event,
                prefix: prefix_of(queue.filter.into_iter().flat_map(|it| it.key.filter_rule)),
            });
            let event_bridge = document.event_bridge_configuration.is_some();
            Ok(Self { queues: queues.collect(), event_bridge })
        }
    }
}

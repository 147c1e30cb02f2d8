//! The form of XML.

use super::super::NotificationDocument;
use super::encoded;
use crate::xml::Element;

impl NotificationDocument {
    /// `<NotificationConfiguration>`.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let queues = self.queues.iter().map(|queue| {
            let mut parts = vec![Element::text("Id", &queue.id), Element::text("Queue", &queue.queue)];
            parts.extend(queue.events.iter().map(|event| Element::text("Event", event)));
            if !queue.prefix.is_empty() {
                let value = Element::text("Value", &encoded(&queue.prefix));
                let rule = Element::of("FilterRule", [Element::text("Name", "prefix"), value]);
                parts.push(Element::of("Filter", [Element::of("S3Key", [rule])]));
            }
            Element::of("QueueConfiguration", parts)
        });
        let bridge = self.event_bridge.then(|| Element::of("EventBridgeConfiguration", []));
        Element::root("NotificationConfiguration", queues.chain(bridge)).to_document()
    }
}
#[cfg(feature = "read")]
mod read {
    use serde::Deserialize;

    use super::super::super::{InvalidNotification, NotificationDocument, QueueNotification};
    use super::super::{FilterRule, Nothing, prefix_of};

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Document {
        #[serde(rename = "@xmlns", default)]
        _xmlns: String,
        #[serde(rename = "QueueConfiguration", default)]
        queues: Vec<Queue>,
        event_bridge_configuration: Option<Nothing>,
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
        /// Reads `<NotificationConfiguration>`.
        ///
        /// # Errors
        /// [`InvalidNotification`].
        pub fn from_xml(xml: &str) -> Result<Self, InvalidNotification> {
            let document: Document =
                quick_xml::de::from_str(xml).map_err(|error| InvalidNotification::Text(error.to_string()))?;
            let queues = document.queues.into_iter().map(|queue| QueueNotification {
                id: queue.id,
                queue: queue.queue,
                events: queue.event,
                prefix: prefix_of(queue.filter.into_iter().flat_map(|it| it.key.filter_rule)),
            });
            let event_bridge = document.event_bridge_configuration.is_some();
            Ok(Self { queues: queues.collect(), event_bridge })
        }

        /// Reads HCL.
        ///
        /// # Errors
        /// [`InvalidNotification`].
        pub fn from_terraform(text: &str) -> Result<Self, InvalidNotification> {
            let value = crate::hcl::read(text);
            Self::from_terraform_value(&value.map_err(|error| InvalidNotification::Text(error.to_string()))?)
        }
    }
}

//! The events of an upload as bars, lines and JSON.

use serde_json::{Map, Value, json};
use upsign_client::{Event, Events, PartLayout, RestartReason, Uploaded};
use upsign_config::units;

use super::{FileProgress, Style};
use crate::output;

impl FileProgress {
    fn note(&self, text: &str) {
        if matches!(self.0.style, Style::Bars | Style::Lines) {
            let text = format!("   {}: {text}", self.0.name);
            self.0.bar.suspend(|| output::notes().line(&text));
        }
    }

    /// Says if the API permits fewer parts at the same time than `--jobs` asks for.
    fn note_fewer_jobs(&self, allowed: Option<u8>) {
        if let Some((allowed, jobs)) = allowed.zip(self.0.jobs).filter(|(allowed, jobs)| allowed < jobs) {
            self.note(&format!("the API permits {} at the same time, not {jobs}", parts(u32::from(allowed))));
        }
    }

    fn json(&self, event: &str, members: Value) {
        if self.0.style != Style::Json {
            return;
        }
        let mut object = Map::new();
        object.insert("event".to_owned(), event.into());
        object.insert("file".to_owned(), self.0.name.as_str().into());
        if let Value::Object(members) = members {
            object.extend(members);
        }
        output::result(&Value::Object(object).to_string());
    }

    fn granted(&self, event: &str, key: &str, layout: Option<&PartLayout>, more: Value) {
        let mut members =
            json!({"key": key, "method": if layout.is_some() { "multipart" } else { "single" }});
        let size = self.counts().size;
        if let (Some(layout), Value::Object(members)) = (layout, &mut members) {
            self.counts().is_resumable = size.is_some();
            members.insert("partSize".to_owned(), layout.part_size.into());
            members.insert("partCount".to_owned(), layout.part_count.into());
        }
        if let (Some(size), Value::Object(members)) = (size, &mut members) {
            members.insert("size".to_owned(), size.into());
        }
        if let (Value::Object(more), Value::Object(members)) = (more, &mut members) {
            members.extend(more);
        }
        self.json(event, members);
    }
}

impl Events for FileProgress {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Granted { key, layout, parts_at_once, .. } => {
                self.granted("granted", key, *layout, Value::Null);
                if let Some(layout) = layout {
                    let size = units::format_size(layout.part_size);
                    let up_to = if layout.size.is_none() { "up to " } else { "" };
                    let (count, each) =
                        (layout.part_count, if layout.part_count == 1 { "" } else { " each" });
                    self.note(&format!("{up_to}{} of {size}{each}", parts(count)));
                }
                self.note_fewer_jobs(*parts_at_once);
            }
            Event::Resumed { key, layout, parts: kept, bytes, parts_at_once, .. } => {
                let more = json!({"storedParts": kept, "storedBytes": bytes});
                self.granted("resumed", key, Some(layout), more);
                let verb = if layout.part_count == 1 { "is" } else { "are" };
                self.note(&format!("resumed, {kept} of {} {verb} kept", parts(layout.part_count)));
                self.note_fewer_jobs(*parts_at_once);
                // Bytes that were sent before count as sent.
                let _ = self.add(*bytes);
                self.0.bar.reset_eta();
            }
            Event::Restarted { reason, .. } => {
                let (code, text) = restart(reason);
                self.json("restarted", json!({"reason": code}));
                self.note(&format!("{text}; beginning again"));
            }
            Event::PartStarted { .. } => self.show_in_flight(1),
            Event::Sent { bytes, .. } => {
                if let Some(sent) = self.add(*bytes) {
                    let size = self.counts().size;
                    self.json("progress", json!({"bytes": sent, "size": size}));
                    if self.0.style == Style::Lines {
                        self.note(&progress_text(sent, size));
                    }
                }
            }
            Event::Unsent { bytes, .. } => self.remove(*bytes),
            Event::PartDone { number, len, etag, .. } => {
                self.show_in_flight(-1);
                self.json("part-stored", json!({"part": number, "bytes": len, "etag": etag}));
            }
            Event::Retry { what, attempt, after, cause, .. } => {
                let seconds = after.as_secs_f64();
                let members =
                    json!({"what": what.to_string(), "attempt": attempt, "after": seconds, "cause": cause});
                self.json("retry", members);
                self.note(&format!("{what} is repeated in {seconds:.1} s: {cause}"));
            }
            Event::Completing => self.json("completing", Value::Null),
            Event::Resolved => {
                self.json("resolved", json!({"by": "status"}));
                self.note(
                    "the answer to an earlier request was lost; the API confirms that the object is stored",
                );
            }
            Event::ConfirmationPending { reason, after, .. } => {
                let seconds = after.as_secs_f64();
                self.json("confirmation-pending", json!({"reason": reason, "after": seconds}));
                let doing = match *reason {
                    Some("promoting") => "moves the object",
                    _ => "inspects the object",
                };
                self.note(&format!("the API {doing}; next request in {seconds:.0} s"));
            }
            Event::Done(uploaded) => self.json("stored", members(uploaded)),
            _ => {}
        }
    }
}

/// Returns the code and the text of the reason why an upload begins again.
fn restart(reason: &RestartReason<'_>) -> (&'static str, String) {
    match reason {
        RestartReason::Expired { expires_at, .. } => {
            ("expired", format!("the interrupted upload could be resumed until {expires_at}"))
        }
        RestartReason::Requested => ("requested", "the interrupted upload is aborted".to_owned()),
        RestartReason::Unreadable { state, .. } => {
            let state = state.display();
            let text = format!(
                "the state {state} of the interrupted upload is damaged; its parts remain until a lifecycle rule of the bucket \
                 removes them"
            );
            ("state-unreadable", text)
        }
        _ => ("gone", "the store no longer has the interrupted upload".to_owned()),
    }
}

/// Returns a number of parts.
fn parts(count: u32) -> String {
    format!("{count} part{}", if count == 1 { "" } else { "s" })
}

fn progress_text(sent: u64, size: Option<u64>) -> String {
    match size {
        Some(size) => {
            let percent = u128::from(sent) * 100 / u128::from(size.max(1));
            format!("{percent} % of {}", units::format_size(size))
        }
        None => units::format_size(sent),
    }
}

/// Returns the members of an object that is stored. Those without a value are left out.
pub(in crate::command::upload) fn members(uploaded: &Uploaded) -> Value {
    let mut members = json!({"key": uploaded.key, "size": uploaded.size});
    let Value::Object(object) = &mut members else { return members };
    let texts = [("etag", &uploaded.etag), ("versionId", &uploaded.version_id)];
    for (name, text) in texts {
        if let Some(text) = text {
            object.insert(name.to_owned(), text.as_str().into());
        }
    }
    if let Some(checksum) = &uploaded.checksum {
        object.insert("checksum".to_owned(), json!({checksum.algorithm().name(): checksum.base64()}));
    }
    if !uploaded.ids.is_empty() {
        object.insert("ids".to_owned(), json!(uploaded.ids));
    }
    if let Some(confirmation) = &uploaded.confirmation {
        object.insert("state".to_owned(), "confirmed".into());
        object.insert("receipt".to_owned(), confirmation.receipt.expose().into());
        if let Some(content_type) = &confirmation.content_type {
            object.insert("contentType".to_owned(), content_type.as_str().into());
        }
    }
    if let Some(parts) = uploaded.parts {
        object.insert("parts".to_owned(), parts.into());
    }
    members
}

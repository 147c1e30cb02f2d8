//! The operations of the calls for uploads that have begun.

use upsign_policy::{Gate, Inspection, Replace, UploadPolicy};

use super::OpenApi;
use super::calls::Call;
use super::codes::Codes;
use super::document::{common_headers, content, refer};
use crate::deployment::DeploymentRoute;
use crate::node::{Node, map, text};

impl OpenApi {
    /// Returns the calls of the API: those that its routes need.
    pub(super) fn calls(&self) -> Vec<Call> {
        let confirms = self.any(|policy| policy.confirmation().confirm());
        let parts = self.any(|policy| policy.multipart().is_some()).then_some(Call::OF_PARTS);
        let objects = [
            confirms.then_some(Call::Confirm),
            (confirms && self.has_read_urls).then_some(Call::ReadUrl),
            self.any(|policy| policy.confirmation().delete()).then_some(Call::Delete),
        ];
        parts.into_iter().flatten().chain(objects.into_iter().flatten()).collect()
    }

    pub(super) fn has_call(&self, call: Call) -> bool {
        self.calls().contains(&call)
    }

    pub(super) fn path_of(&self, call: Call) -> String {
        let uploads = self.uploads_path.trim_end_matches('/');
        match call.segment() {
            Some(segment) => format!("{uploads}/{segment}"),
            None => uploads.to_owned(),
        }
    }

    /// Returns the codes with which a call can be refused.
    pub(super) fn codes_of(&self, call: Call) -> Codes {
        let of_api = self.problems.iter().filter(|(_, code)| call.has_extension_code(code));
        let mut codes = Codes::new();
        let own = call.codes().filter(|(_, code)| self.is_possible(call, code));
        let mut add = |status: u16, code: &str| {
            codes.entry(status).or_default().insert(code.into());
        };
        own.for_each(|(status, code)| add(status, code));
        of_api.for_each(|(status, code)| add(*status, code));
        codes
    }

    /// Returns whether a code of a call is possible: some depend on the policies.
    fn is_possible(&self, call: Call, code: &str) -> bool {
        match code {
            // A content delivery network cannot bind the entity tag of an object that can be replaced.
            "versions-required" if call == Call::ReadUrl => self.any(|policy| {
                policy.replace() != Replace::Never && *policy.confirmation().gate() == Gate::None
            }),
            "versions-required" => self.any(|policy| *policy.confirmation().gate() == Gate::Tag),
            "inspection-unavailable" => {
                self.any(|policy| policy.confirmation().inspection() != Inspection::None)
            }
            _ => true,
        }
    }

    fn any(&self, needs: impl Fn(&UploadPolicy) -> bool) -> bool {
        self.routes.iter().map(DeploymentRoute::policy).any(needs)
    }

    /// Returns the operation of a call.
    pub(super) fn call(&self, call: Call) -> Node {
        let (request, answer) = call.schemas();
        let body = map([("required", true.into()), ("content", content("application/json", refer(request)))]);
        let links = (call == Call::Confirm).then(|| self.links_after_confirmation()).flatten();
        let answer = self.answer(call.done(), answer, links);
        map([
            ("operationId", text(call.operation_id())),
            ("summary", text(call.summary())),
            ("description", text(call.description())),
            ("requestBody", body),
            ("responses", Node::Map(self.responses(answer, &self.codes_of(call)))),
        ])
    }

    /// Returns the links from a grant to the calls that its upload token permits; `None` if there are none.
    pub(super) fn links(&self) -> Option<(&'static str, Node)> {
        let description = |call: &Call| match call {
            Call::Confirm | Call::Delete => "For a grant with an upload token.",
            _ => "For a grant with the method MULTIPART.",
        };
        let calls = self.calls();
        let links =
            calls.iter().filter_map(|call| Some(link(*call, call.body_after_grant()?, description(call))));
        let links: Vec<_> = links.collect();
        (!links.is_empty()).then(|| ("links", map(links)))
    }

    /// Returns the links from the answer to a confirmation to the calls that its receipt permits.
    fn links_after_confirmation(&self) -> Option<(&'static str, Node)> {
        let body = || vec![("receipt", text("$response.body#/receipt"))];
        let calls = self.calls().into_iter().filter(|call| call.accepts_receipt());
        let links: Vec<_> = calls.map(|call| link(call, body(), "For the state confirmed.")).collect();
        (!links.is_empty()).then(|| ("links", map(links)))
    }

    /// Returns the headers that an answer exposes to pages and the content with this schema.
    pub(super) fn answer(
        &self,
        description: &str,
        schema: &str,
        more: impl IntoIterator<Item = (&'static str, Node)>,
    ) -> Node {
        self.answer_with(description, refer(schema), more)
    }

    /// Like [`answer`](Self::answer), with the schema itself.
    pub(super) fn answer_with(
        &self,
        description: &str,
        schema: Node,
        more: impl IntoIterator<Item = (&'static str, Node)>,
    ) -> Node {
        let members = [
            ("description", text(description)),
            ("headers", map(common_headers())),
            ("content", content("application/json", schema)),
        ];
        map(members.into_iter().chain(more))
    }
}

fn link(call: Call, body: Vec<(&'static str, Node)>, description: &str) -> (&'static str, Node) {
    let link = map([
        ("operationId", text(call.operation_id())),
        ("requestBody", map(body)),
        ("description", text(description)),
    ]);
    (call.operation_id(), link)
}

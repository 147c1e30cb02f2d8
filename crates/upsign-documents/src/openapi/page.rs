//! The description of the API as a page of Markdown, for people and for programs that read text.

use std::fmt::Write as _;

use upsign_policy::ContentType;

use super::OpenApi;
use super::calls::Call;
use crate::deployment::DeploymentRoute;
use crate::node::Node;

const INTRODUCTION: &str = "\
# Upload API

> Grants the right to upload a file straight to object storage: one key, one content type, one size, for a few minutes. The file
> itself never passes through this API.
";

/// What a client does that the schemas do not say.
const RULES: &str = "\
- Send `headers` of a grant exactly, and no others whose names begin with `x-amz-`: each is signed. The HTTP library adds `Host` and
  `Content-Length`. Do not send `Transfer-Encoding: chunked`.
- Never send the credentials of this API to `uploadUrl`, and use that URL unchanged. Keep it, and `uploadToken`, out of logs.
- After a lost connection, repeat the request to `uploadUrl`. The status 412 then means that the object exists already. After 403, ask
  for another grant.
- A refusal is a JSON document of type `application/problem+json`. Decide by `code`, show `detail`, and follow `diagnose.fix`. After
  429 and 503, wait for the seconds of `Retry-After`.
";

/// The size of the file in the example of a request, in bytes.
const EXAMPLE_LENGTH: u64 = 48_213;

impl OpenApi {
    /// Returns the description as a page of Markdown, in the form of `llms.txt` (<https://llmstxt.org>): how to upload, the routes, and
    /// each operation with its members and refusals. It says what [`to_json`](Self::to_json) says, and is as public.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let api = self.document();
        let mut page = Page { api: &api, text: INTRODUCTION.to_owned() };
        page.line("\n## How to upload\n");
        for (number, step) in (1..).zip(self.steps()) {
            page.line(&format!("{number}. {step}"));
        }
        page.line(&format!("\n{RULES}"));
        page.authentication();
        page.line("## Routes\n\n| route | content types | bytes | key |\n| --- | --- | --- | --- |");
        self.routes.iter().for_each(|route| page.line(&row(route)));
        page.operations();
        page.schemas();
        page.text
    }

    fn steps(&self) -> Vec<String> {
        let path = &self.path;
        let mut steps = vec![
            format!("`POST {path}` with a JSON object that describes the file, such as `{}`.", self.example()),
            "Send the file as `method` of the answer says. `PUT`: the file as the body of a request to `uploadUrl`, with `headers`. `POST`: \
             `multipart/form-data` with `fields` in their order, and the file last, as `file`. `MULTIPART`: in parts of `partSize` bytes, \
             with the operations below."
                .to_owned(),
        ];
        if self.has_call(Call::Confirm) {
            let path = self.path_of(Call::Confirm);
            steps.push(format!(
                "If the grant has `\"confirm\": true`: `POST {path}` with its `uploadToken`. Store `receipt` of the answer."
            ));
        }
        steps
    }

    /// Returns a request for the first route.
    fn example(&self) -> String {
        let Some(route) = self.routes.first() else { return "{}".to_owned() };
        let policy = route.policy();
        let content_type =
            policy.content_rules().exact().next().map_or("application/octet-stream", ContentType::as_str);
        let length = EXAMPLE_LENGTH.clamp(policy.size().min(), policy.size().max());
        let name = route.name().map(|name| format!("\"route\": \"{name}\", ")).unwrap_or_default();
        format!("{{{name}\"contentType\": \"{content_type}\", \"contentLength\": {length}}}")
    }
}

fn row(route: &DeploymentRoute) -> String {
    let policy = route.policy();
    let name = route.name().map_or_else(|| "(none)".to_owned(), |name| format!("`{name}`"));
    let types: Vec<String> =
        policy.content_rules().ranges().iter().map(|range| format!("`{range}`")).collect();
    let types = if policy.content_rules().is_any_file() { "any".to_owned() } else { types.join(", ") };
    let size = policy.size();
    format!("| {name} | {types} | {} to {} | `{}` |", size.min(), size.max(), policy.template().as_str())
}

/// A page that is being written, and the description that it is written from.
struct Page<'a> {
    api: &'a Node,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn authentication(&mut self) {
        self.line("## Authentication\n");
        for (_, scheme) in members(at(self.api, &["components", "securitySchemes"])) {
            let member = |name: &str| at(scheme, &[name]).and_then(as_text).unwrap_or_default();
            let how = match (member("type"), member("scheme")) {
                ("http", "bearer") => {
                    "Send `Authorization: Bearer TOKEN` with each request to this API.".to_owned()
                }
                ("apiKey", "") => {
                    let (place, name) = (member("in"), member("name"));
                    format!("Send the credentials of the caller in the {place} `{name}` of each request.")
                }
                (kind, scheme) => format!("Security scheme of OpenAPI: `{kind}` {scheme}"),
            };
            self.line(&format!("{} {}\n", how.trim_end(), member("description")));
        }
    }

    fn operations(&mut self) {
        self.line("\n## Operations");
        for (path, operations) in members(at(self.api, &["paths"])) {
            // Browsers send preflights themselves.
            for (method, operation) in members(Some(operations)).filter(|(method, _)| *method != "options") {
                self.line(&format!("\n### {} {path}\n", method.to_uppercase()));
                let texts = ["summary", "description"]
                    .into_iter()
                    .filter_map(|name| at(operation, &[name]).and_then(as_text));
                self.line(&format!("{}\n", texts.collect::<Vec<_>>().join(" ")));
                if let Some(schema) = at(operation, &["requestBody", "content", "application/json", "schema"])
                {
                    self.line(&format!("Request: {}\n", phrase(schema)));
                }
                for (status, answer) in members(at(operation, &["responses"])) {
                    self.line(&format!("- {status}: {}", answered(answer)));
                }
            }
        }
    }

    fn schemas(&mut self) {
        self.line("\n## Schemas");
        for (name, schema) in members(at(self.api, &["components", "schemas"])) {
            self.line(&format!("\n### {name}\n"));
            let kinds = ["oneOf", "anyOf"].into_iter().find_map(|kind| as_list(at(schema, &[kind])?));
            match kinds {
                Some(kinds) if kinds.iter().any(|kind| at(kind, &["properties"]).is_some()) => {
                    for kind in kinds {
                        self.table(kind);
                        self.line("");
                    }
                }
                _ if at(schema, &["properties"]).is_some() => self.table(schema),
                _ => self.line(&phrase(schema)),
            }
        }
    }

    /// Writes the members of an object. Those in bold are required.
    fn table(&mut self, schema: &Node) {
        let required: Vec<&str> = at(schema, &["required"]).into_iter().flat_map(texts).collect();
        self.line("| member | value | meaning |\n| --- | --- | --- |");
        for (name, member) in members(at(schema, &["properties"])) {
            let shown = if required.contains(&name) { format!("**`{name}`**") } else { format!("`{name}`") };
            let meaning = at(member, &["description"]).and_then(as_text).unwrap_or_default();
            self.line(&format!("| {shown} | {} | {meaning} |", phrase(member)));
        }
    }
}

/// Returns what an answer has: the codes of a refusal, or its schema.
fn answered(answer: &Node) -> String {
    let refusal = at(answer, &["content", "application/problem+json", "schema", "allOf"]).and_then(as_list);
    if let Some(codes) = refusal.and_then(|all| at(all.get(1)?, &["properties", "code", "enum"])) {
        return list(codes);
    }
    let description = at(answer, &["description"]).and_then(as_text).unwrap_or_default();
    match at(answer, &["content", "application/json", "schema"]) {
        Some(schema) => format!("{}: {}", description.trim_end_matches('.'), phrase(schema)),
        None => description.to_owned(),
    }
}

/// Returns what a schema allows in a few words.
fn phrase(schema: &Node) -> String {
    let member = |name: &str| at(schema, &[name]);
    if let Some(name) = member("$ref").and_then(as_text) {
        return format!("`{}`", name.rsplit('/').next().unwrap_or(name));
    }
    if let Some(value) = member("const") {
        return format!("`{}`", scalar(value));
    }
    if let Some(values) = member("enum") {
        return list(values);
    }
    for (kind, join) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if let Some(parts) = member(kind).and_then(as_list) {
            return parts.iter().map(phrase).collect::<Vec<_>>().join(join);
        }
    }
    let mut text = match member("items") {
        Some(items) => format!("array of {}", phrase(items)),
        None => member("type")
            .map_or_else(|| "any value".to_owned(), |kind| texts(kind).collect::<Vec<_>>().join(" or ")),
    };
    let names: Vec<String> = members(member("properties")).map(|(name, _)| format!("`{name}`")).collect();
    if !names.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, " of {}", names.join(", "));
    }
    for (limit, word) in [("minimum", "from"), ("maximum", "to"), ("format", "format"), ("pattern", "like")] {
        if let Some(value) = member(limit) {
            // A `|` would end the cell of a table.
            let _ = write!(text, " {word} `{}`", scalar(value).replace('|', "\\|"));
        }
    }
    text
}

/// Returns values in the form of code, with commas between them.
fn list(values: &Node) -> String {
    let values = as_list(values).unwrap_or_default().iter().map(|value| format!("`{}`", scalar(value)));
    values.collect::<Vec<_>>().join(", ")
}

/// Returns the member at a path.
fn at<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, name| match node {
        Node::Map(members) => members.iter().find(|(member, _)| member == name).map(|(_, value)| value),
        _ => None,
    })
}

/// Returns the members of a map, in their order.
fn members(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let members = match node {
        Some(Node::Map(members)) => members.as_slice(),
        _ => &[],
    };
    members.iter().map(|(name, value)| (name.as_str(), value))
}

fn as_list(node: &Node) -> Option<&[Node]> {
    if let Node::List(list) = node { Some(list) } else { None }
}

fn as_text(node: &Node) -> Option<&str> {
    if let Node::Text(text) = node { Some(text) } else { None }
}

/// Returns the texts of a list, or the only one.
fn texts(node: &Node) -> impl Iterator<Item = &str> {
    as_list(node).unwrap_or(std::slice::from_ref(node)).iter().filter_map(as_text)
}

fn scalar(node: &Node) -> String {
    match node {
        Node::Text(text) => text.clone(),
        Node::Number(number) => number.to_string(),
        Node::Bool(value) => value.to_string(),
        _ => String::new(),
    }
}

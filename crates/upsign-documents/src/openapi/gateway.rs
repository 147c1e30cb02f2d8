//! The form of the description that a REST API of API Gateway imports.

use super::codes::Codes;
use super::document::{content, reason, refer};
use super::version::v3_0;
use super::{OpenApi, grant, request};
use crate::deployment::DialectPath;
use crate::node::{Node, list, map, text};

/// What API Gateway needs in addition to the description, in its extensions of OpenAPI.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>.
#[derive(Clone, Debug)]
pub(crate) struct GatewayExtensions {
    /// The title of the description, which becomes the name of the API.
    pub(crate) title: String,
    /// The name and the object of the security scheme with the authorizer; `None` if the function verifies the token.
    pub(crate) authorizer: Option<(String, Node)>,
    /// The scopes of which a token needs one; empty if the authorizer does not compare them.
    pub(crate) scopes: Vec<String>,
    /// The paths of dialects.
    pub(crate) dialects: Vec<DialectPath>,
    /// `x-amazon-apigateway-integration` of the operation that issues uploads.
    pub(crate) integration: Node,
    /// `x-amazon-apigateway-integration` of the preflight, and the headers of its answer.
    pub(crate) preflight: Node,
    /// `x-amazon-apigateway-gateway-responses`.
    pub(crate) responses: Node,
}

impl OpenApi {
    /// Returns the description in OpenAPI 3.0.1 with the extensions of API Gateway.
    ///
    /// API Gateway turns the schemas into models in JSON Schema draft 4 and does not support `anyOf`, `oneOf`,
    /// `additionalProperties`, `discriminator` and `format`
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>). The schemas therefore
    /// describe what the requests of all routes have in common. No request validator refers to them: the function decides.
    pub(crate) fn for_api_gateway(&self, extensions: GatewayExtensions) -> Node {
        let GatewayExtensions { title, authorizer, scopes, dialects, integration, preflight, responses } =
            extensions;
        let integrated = |node| ("x-amazon-apigateway-integration", node);
        let security = authorizer.as_ref().map(|(name, _)| {
            ("security", Node::List(vec![map([(name.as_str(), list(scopes.iter().map(String::as_str)))])]))
        });
        let body = map([
            ("required", (!request::is_body_optional(&self.routes)).into()),
            ("content", content("application/json", refer("UploadRequest"))),
        ]);
        let operation = |id: &str, body: Node, responses: Vec<(String, Node)>| {
            let operation = [("operationId", text(id)), ("requestBody", body)];
            let operation = operation.into_iter().chain(security.clone());
            map(operation.chain([("responses", Node::Map(responses)), integrated(integration.clone())]))
        };
        let options = |id: &str| {
            let options = [
                ("operationId", text(id)),
                ("responses", preflight_response()),
                integrated(preflight.clone()),
            ];
            ("options", map(options))
        };
        let issue = operation("issueUpload", body, self.method_responses());
        let mut paths = vec![(self.path.to_string(), vec![("post", issue), options("preflight")])];
        for call in self.calls() {
            let body = map([
                ("required", true.into()),
                ("content", content("application/json", refer(call.schemas().0))),
            ]);
            let responses = responses_of(call.done(), call.schemas().1, &self.codes_of(call));
            let operation = (call.method(), operation(call.operation_id(), body, responses));
            let path = self.path_of(call);
            // `DELETE` can be at the path of the requests for uploads.
            match paths.iter_mut().find(|(known, _)| *known == path) {
                Some((_, operations)) => operations.push(operation),
                None => paths.push((path, vec![operation, options(call.preflight_id())])),
            }
        }
        for path in dialects {
            let security = security.clone().filter(|_| path.has_authorizer());
            let operations = path.methods.iter().map(|method| {
                let id = format!("dialect{}{}", path.number, capitalized(method));
                (gateway_method(method), dialect_operation(&id, &path, security.clone(), integration.clone()))
            });
            let (_, options) = options(&format!("preflightDialect{}", path.number));
            let options = with_parameters(options, &path);
            paths.push((path.in_gateway(), operations.chain([("options", options)]).collect()));
        }
        let paths = paths.into_iter().map(|(path, operations)| (path, map(operations)));
        let schemes = authorizer.map(|authorizer| ("securitySchemes", map([authorizer])));
        let schemas = ("schemas", map(self.models()));
        map([
            ("openapi", text("3.0.1")),
            ("info", map([("title", text(title)), ("version", text("1"))])),
            ("paths", map(paths)),
            ("components", map(schemes.into_iter().chain([schemas]))),
            ("x-amazon-apigateway-gateway-responses", responses),
        ])
    }

    /// Returns the answers of the function by status.
    fn method_responses(&self) -> Vec<(String, Node)> {
        responses_of("The upload is granted.", "UploadGrant", &self.codes())
    }

    fn models(&self) -> Vec<(&'static str, Node)> {
        let grants = self.routes.iter().flat_map(|route| grant::kinds(route, self.has_grant_members));
        let [files_request, files_answer] = self.file_models();
        let mut models = vec![
            ("UploadRequest", common(self.routes.iter().map(request::request).chain(files_request))),
            ("UploadGrant", common(grants.chain(files_answer))),
            ("Problem", common([self.problem()])),
        ];
        // A token and a receipt are texts, which are no objects with members.
        let calls = self.call_schemas().into_iter().map(|(name, schema)| match name {
            "UploadToken" | "Receipt" => (name, supported(v3_0(schema))),
            _ => (name, common([schema])),
        });
        models.extend(calls);
        models
    }
}

/// Returns an operation of a dialect, whose requests and answers have no models: the function decides.
fn dialect_operation(
    id: &str,
    path: &DialectPath,
    security: Option<(&'static str, Node)>,
    integration: Node,
) -> Node {
    let done = map([("description", text("The answer that the client of the dialect reads."))]);
    let operation = [("operationId", text(id))].into_iter().chain(security);
    let operation = operation
        .chain([("responses", map([("200", done)])), ("x-amazon-apigateway-integration", integration)]);
    with_parameters(map(operation), path)
}

/// Declares the parameters of a path in an operation.
fn with_parameters(operation: Node, path: &DialectPath) -> Node {
    let parameters = path.parameters().map(|name| {
        let schema = ("schema", map([("type", text("string"))]));
        map([("name", text(name)), ("in", text("path")), ("required", true.into()), schema])
    });
    let parameters: Vec<Node> = parameters.collect();
    match operation {
        Node::Map(mut members) if !parameters.is_empty() => {
            members.insert(1, ("parameters".into(), Node::List(parameters)));
            Node::Map(members)
        }
        operation => operation,
    }
}

/// Returns a method in the form of a key of OpenAPI.
const fn gateway_method(method: &str) -> &'static str {
    match method.as_bytes() {
        b"GET" => "get",
        b"DELETE" => "delete",
        _ => "post",
    }
}

/// Returns a method in the form of a part of a name: `Post`.
fn capitalized(method: &str) -> String {
    let (first, rest) = method.split_at_checked(1).unwrap_or((method, ""));
    format!("{first}{}", rest.to_ascii_lowercase())
}

/// Returns the declaration of the headers with which API Gateway answers a preflight.
fn preflight_response() -> Node {
    let header = || map([("schema", map([("type", text("string"))]))]);
    let names = [
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Max-Age",
        "Cache-Control",
        "Vary",
        "X-Content-Type-Options",
    ];
    let answer = map([
        ("description", text("The page may send the request, if the answer has these headers.")),
        ("headers", map(names.map(|name| (name, header())))),
    ]);
    map([("204", answer)])
}

/// Returns a schema that accepts every value of these object schemas, without the keywords that API Gateway does not support.
///
/// It has the members of all of them and requires those that all require. A member that differs keeps its type only.
fn common(schemas: impl IntoIterator<Item = Node>) -> Node {
    let mut members: Vec<(String, Node)> = Vec::new();
    let mut required: Option<Vec<Node>> = None;
    for schema in schemas.into_iter().map(|schema| supported(v3_0(schema))) {
        let Node::Map(keywords) = schema else { continue };
        let mut own = Vec::new();
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("required", Node::List(names)) => own = names,
                ("properties", Node::Map(properties)) => {
                    properties.into_iter().for_each(|it| add(&mut members, it));
                }
                _ => {}
            }
        }
        match &mut required {
            Some(required) => required.retain(|name| own.contains(name)),
            none => *none = Some(own),
        }
    }
    // Draft 4 does not allow an empty list.
    let required = required.filter(|names| !names.is_empty()).map(|names| ("required", Node::List(names)));
    map([("type", text("object"))].into_iter().chain(required).chain([("properties", Node::Map(members))]))
}

/// Returns the answers of the function by status.
fn responses_of(done: &str, schema: &str, codes: &Codes) -> Vec<(String, Node)> {
    let response = |description: &str, kind: &str, schema: &str| {
        map([("description", text(description)), ("content", content(kind, refer(schema)))])
    };
    let refused = codes
        .keys()
        .map(|status| (status.to_string(), response(reason(*status), "application/problem+json", "Problem")));
    std::iter::once(("200".to_owned(), response(done, "application/json", schema))).chain(refused).collect()
}

fn add(members: &mut Vec<(String, Node)>, (name, schema): (String, Node)) {
    match members.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) if *known != schema => *known = type_of(known),
        Some(_) => {}
        None => members.push((name, schema)),
    }
}

/// Removes the keywords that API Gateway does not support, also from the members and from the items of lists.
fn supported(schema: Node) -> Node {
    const UNSUPPORTED: [&str; 9] = [
        "additionalProperties",
        "allOf",
        "anyOf",
        "discriminator",
        "example",
        "format",
        "maxProperties",
        "nullable",
        "oneOf",
    ];
    let Node::Map(keywords) = schema else { return schema };
    let keywords = keywords.into_iter().filter(|(keyword, _)| !UNSUPPORTED.contains(&keyword.as_str()));
    let keywords = keywords.map(|(keyword, value)| match (keyword.as_str(), value) {
        ("properties", Node::Map(members)) => (
            keyword,
            Node::Map(members.into_iter().map(|(name, schema)| (name, supported(schema))).collect()),
        ),
        ("items", items) => (keyword, supported(items)),
        (_, value) => (keyword, value),
    });
    Node::Map(keywords.collect())
}

/// Returns a schema with the type of another one.
fn type_of(schema: &Node) -> Node {
    let Node::Map(keywords) = schema else { return map::<&str>([]) };
    Node::Map(keywords.iter().filter(|(keyword, _)| keyword == "type").cloned().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use upsign_core::{Provider, Target};
    use upsign_policy::{Bodyless, MultipartMode, MultipartOptions, UploadMethod, UploadPolicy};

    use super::*;

    fn policy(
        key: &str,
        types: &[&str],
        method: UploadMethod,
        multipart: Option<MultipartOptions>,
    ) -> UploadPolicy {
        let no = MultipartOptions::new(MultipartMode::No, Provider::Aws.capabilities());
        let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
        UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
            .content_types(types)
            .max_size(1 << 20)
            .method(method)
            .multipart(multipart.unwrap_or(no))
            .no_overwrite(method == UploadMethod::Put)
            .build()
            .unwrap()
    }

    fn imported() -> Value {
        let put =
            policy("images/{article_id}/{id}.{ext}", &["image/*", "text/plain"], UploadMethod::Put, None);
        let post = policy("forms/{id}-{filename}", &["text/plain"], UploadMethod::Post, None);
        let parts = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities());
        let parts = policy("large/{id}", &["video/mp4"], UploadMethod::Put, Some(parts));
        let routes = [("images", put), ("forms", post), ("large", parts)];
        let routes = routes.map(|(name, policy)| crate::DeploymentRoute::new(policy).with_name(name));
        let extensions = GatewayExtensions {
            title: "uploads".into(),
            authorizer: Some(("Cognito".into(), map([("type", text("apiKey"))]))),
            scopes: vec!["uploads/write".into()],
            dialects: Vec::new(),
            integration: map([("type", text("aws_proxy"))]),
            preflight: map([("type", text("mock"))]),
            responses: map::<&str>([]),
        };
        let node = OpenApi::for_routes(routes).for_api_gateway(extensions);
        serde_json::from_str(&node.to_json()).unwrap()
    }

    /// Returns the keywords of a schema and of its members.
    fn keywords(schema: &Value) -> Vec<&str> {
        let own = schema.as_object().into_iter().flatten().map(|(keyword, _)| keyword.as_str());
        let members = schema["properties"].as_object().into_iter().flatten();
        let members = members.flat_map(|(_, member)| keywords(member));
        let items = schema.get("items").into_iter().flat_map(keywords);
        own.chain(members).chain(items).collect()
    }

    #[test]
    fn models_have_only_keywords_of_api_gateway() {
        let document = imported();
        let supported = [
            "description",
            "$ref",
            "enum",
            "items",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minLength",
            "minProperties",
            "minimum",
            "pattern",
            "properties",
            "required",
            "type",
            "uniqueItems",
        ];
        for (name, model) in document["components"]["schemas"].as_object().unwrap() {
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
            let unknown: Vec<_> = keywords(model).into_iter().filter(|it| !supported.contains(it)).collect();
            assert!(unknown.is_empty(), "{name}: {unknown:?}");
        }
    }

    #[test]
    fn models_describe_what_the_routes_have_in_common() {
        let schemas = &imported()["components"]["schemas"];
        let request = &schemas["UploadRequest"];
        assert_eq!(request["required"], serde_json::json!(["route", "contentType"]));
        assert_eq!(request["properties"]["contentType"], serde_json::json!({"type": "string"}));
        let grant = schemas["UploadGrant"]["properties"].as_object().unwrap();
        assert!(["articleId", "headers", "fields"].iter().all(|member| grant.contains_key(*member)));
        assert!(grant["method"]["enum"].is_null(), "one route answers PUT, the other one POST");
    }

    #[test]
    fn authorizer_protects_the_request_and_not_the_preflight() {
        let document = imported();
        let path = &document["paths"]["/upload-url"];
        assert_eq!(path["post"]["security"], serde_json::json!([{"Cognito": ["uploads/write"]}]));
        assert!(path["options"]["security"].is_null() && document["security"].is_null());
        assert_eq!(path["options"]["x-amazon-apigateway-integration"]["type"], "mock");
        for call in ["parts", "status", "complete", "abort"] {
            let other = &document["paths"][format!("/uploads/{call}")];
            assert_eq!(other["post"]["security"], path["post"]["security"], "{call}");
            let integration = "x-amazon-apigateway-integration";
            assert_eq!(other["post"][integration], path["post"][integration], "{call}");
            assert_eq!(other["options"][integration], path["options"][integration], "{call}");
            assert!(other["options"]["security"].is_null(), "{call}");
        }
    }
}

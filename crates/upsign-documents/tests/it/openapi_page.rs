//! The description of the API as a page of Markdown: it has everything that the one in JSON has.

use serde_json::Value;
use upsign_documents::{ApiKind, Deployment, DeploymentRoute, OpenApi, OpenApiVersion};

use crate::golden;
use crate::openapi::{large_routes, two_routes};
use crate::policies::origins;

fn api(routes: Vec<DeploymentRoute>) -> OpenApi {
    OpenApi::for_deployment(&Deployment::new(routes, origins()).with_api(ApiKind::Http))
}

#[test]
fn page_matches_the_golden_file() {
    golden::check("openapi-multipart.md", &api(large_routes()).to_markdown());
}

/// Calls `each` with every member of every object below `node`.
fn walk(node: &Value, each: &mut impl FnMut(&str, &Value)) {
    match node {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            each(name, value);
            walk(value, each);
        }),
        Value::Array(list) => list.iter().for_each(|value| walk(value, each)),
        _ => {}
    }
}

#[test]
fn page_has_every_operation_member_and_code() {
    for routes in [large_routes(), two_routes()] {
        let api = api(routes);
        let page = api.to_markdown();
        let document: Value = serde_json::from_str(&api.to_json(OpenApiVersion::V3_1)).unwrap();
        let mut wanted: Vec<String> = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in
                operations.as_object().unwrap().iter().filter(|(method, _)| *method != "options")
            {
                wanted.push(format!("### {} {path}\n", method.to_uppercase()));
                walk(operation, &mut |name, value| {
                    if name == "code" {
                        let codes = value["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
                        wanted.extend(codes.map(|code| format!("`{code}`")));
                    }
                });
            }
        }
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            wanted.push(format!("### {name}\n"));
            for (member, _) in schema["properties"].as_object().into_iter().flatten() {
                wanted.push(format!("`{member}`"));
            }
        }
        assert!(wanted.len() > 60, "{wanted:?}");
        for text in wanted {
            assert!(page.contains(&text), "{text} in\n{page}");
        }
    }
}

#[test]
fn cells_of_tables_are_closed() {
    for line in api(two_routes()).to_markdown().lines().filter(|line| line.starts_with('|')) {
        let cells = line.replace("\\|", "").matches('|').count();
        assert!(cells == 4 || cells == 5, "{line}");
    }
}

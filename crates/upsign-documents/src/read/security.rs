//! Gives the only security scheme of an OpenAPI description one name, so that another name for it is no difference.

use super::stack::Item;
use super::tree::Tree;

const CANONICAL: &str = "authorizer";

/// Renames the security scheme of an API if there is only one.
pub(super) fn with_named_scheme(item: Item) -> Item {
    let member = match item.kind.as_str() {
        "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => "DefinitionBody",
        "aws_api_gateway_rest_api" | "aws_apigatewayv2_api" => "body",
        _ => return item,
    };
    let Item { kind, name, mut body } = item;
    if let Tree::Map(members) = &mut body
        && let Some(description) = members.get_mut(member)
        && let Some(Tree::Map(schemes)) = description.at("components.securitySchemes")
        && let [scheme] = schemes.keys().cloned().collect::<Vec<_>>().as_slice()
    {
        rename(description, scheme);
    }
    Item { kind, name, body }
}

/// Renames the scheme where it is defined, and in every list of requirements.
fn rename(tree: &mut Tree, scheme: &str) {
    match tree {
        Tree::Map(members) => {
            for (member, value) in members.iter_mut() {
                match (member.as_str(), &mut *value) {
                    ("securitySchemes", Tree::Map(schemes)) => rename_member(schemes, scheme),
                    ("security", Tree::List(requirements)) => {
                        for requirement in requirements {
                            if let Tree::Map(schemes) = requirement {
                                rename_member(schemes, scheme);
                            }
                        }
                    }
                    (_, value) => rename(value, scheme),
                }
            }
        }
        Tree::List(list) => list.iter_mut().for_each(|it| rename(it, scheme)),
        Tree::Text(_) | Tree::Call(..) => {}
    }
}

fn rename_member(members: &mut std::collections::BTreeMap<String, Tree>, name: &str) {
    if let Some(own) = members.remove(name) {
        members.insert(CANONICAL.to_owned(), own);
    }
}

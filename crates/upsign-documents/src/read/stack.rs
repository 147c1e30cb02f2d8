//! A whole template as a list of resources.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::security::with_named_scheme;
use super::terraform::{inlined, is_usual_provider};
use super::tree::{Piece, Reference, Tree};

/// The resources of a template or a module, whatever form it was written in.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) dialect: Dialect,
    pub(crate) items: Vec<Item>,
    /// The local values of a Terraform module, which any of its files may use.
    pub(crate) locals: BTreeMap<String, Tree>,
}

/// The most local values that are inserted.
const MOST_LOCALS: usize = 20_000;

/// The language whose resource types and property names a stack has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    CloudFormation,
    /// Terraform's configuration, in HCL or in JSON.
    Terraform,
    /// A state or a plan, as `terraform show -json` prints it: references have become values, and arguments that the
    /// configuration leaves out are present.
    TerraformState,
}

/// A resource, or something else that has a name: a parameter, a condition, a data source.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The type, as in `AWS::S3::Bucket` or `aws_s3_bucket`.
    pub(crate) kind: String,
    /// The name by which references mean it: the logical id, or the address.
    pub(crate) name: String,
    /// The properties. The name of an attribute of the resource itself, such as `DeletionPolicy`, starts with `@`.
    pub(crate) body: Tree,
}

/// What is known about the place where the stack is deployed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) partition: String,
    pub(crate) url_suffix: String,
    pub(crate) account: Option<String>,
}

impl Item {
    /// Returns whether the item only has an effect where something refers to it, so that the comparison of that place counts.
    pub(crate) fn is_passive(&self) -> bool {
        matches!(self.kind.as_str(), "Parameter" | "Condition" | "Mappings" | "variable")
            || self.kind.starts_with("data.")
    }
}

impl Stack {
    pub(crate) const fn new(dialect: Dialect, items: Vec<Item>) -> Self {
        Self { dialect, items, locals: BTreeMap::new() }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.name == name)
    }

    /// Returns whether the stack is a whole deployment rather than a single document in the form of one: whether it has a
    /// bucket, a function or an API.
    pub(crate) fn is_whole(&self) -> bool {
        const PARTS: [&str; 11] = [
            "AWS::S3::Bucket",
            "AWS::Serverless::Function",
            "AWS::Lambda::Function",
            "AWS::Serverless::Api",
            "AWS::Serverless::HttpApi",
            "AWS::ApiGateway::RestApi",
            "AWS::ApiGatewayV2::Api",
            "aws_s3_bucket",
            "aws_lambda_function",
            "aws_api_gateway_rest_api",
            "aws_apigatewayv2_api",
        ];
        self.items.iter().any(|item| PARTS.contains(&item.kind.as_str()))
    }

    /// Adds the resources of another file of the same stack or module.
    pub(crate) fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
        for (name, value) in other.locals {
            self.add_local(&name, value);
        }
    }

    /// Adds a local value. Terraform refuses a second one of the same name, so it becomes an item that nothing matches.
    pub(crate) fn add_local(&mut self, name: &str, value: Tree) {
        if let Some(first) = self.locals.insert(name.to_owned(), value) {
            self.items.push(Item {
                kind: "locals".to_owned(),
                name: format!("local.{name}"),
                body: Tree::Map([("value".to_owned(), first)].into()),
            });
        }
    }

    /// Replaces references to local values by these values.
    pub(crate) fn with_locals(mut self) -> Self {
        // Locals of locals can expand to very much, so their number has a limit. What is left is a reference to nothing.
        let rest = Cell::new(MOST_LOCALS);
        for item in &mut self.items {
            let body = std::mem::replace(&mut item.body, Tree::empty());
            item.body = inlined(body, &self.locals, &rest, 0);
        }
        self
    }

    /// Replaces references whose values are known by these values: the region, the account, and the names and ARNs of buckets
    /// whose names are literals.
    pub(crate) fn resolved(self, place: &Place) -> Self {
        let mut stack = self.with_locals();
        let variables: Vec<Item> = stack.items.iter().filter(|it| it.kind == "variable").cloned().collect();
        stack.items.retain(|item| !is_usual_provider(item, &variables, &place.region));
        stack.with_values(place)
    }

    fn with_values(self, place: &Place) -> Self {
        let buckets: Vec<(String, String)> = self.items.iter().filter_map(bucket_name).collect();
        let kinds: Vec<(String, String)> =
            self.items.iter().map(|item| (item.name.clone(), item.kind.clone())).collect();
        // A data source with arguments, such as another provider, may be that of another account.
        let has_arguments = |item: &&Item| item.kind.starts_with("data.") && item.body != Tree::empty();
        let foreign: Vec<String> =
            self.items.iter().filter(has_arguments).map(|item| item.name.clone()).collect();
        let foreign = if self.dialect == Dialect::Terraform { foreign } else { Vec::new() };
        let change = |piece: Piece| {
            let Piece::Reference(reference) = piece else { return vec![piece] };
            if foreign.contains(&reference.name) {
                return vec![Piece::Reference(reference)];
            }
            let known = place.value(&reference).or_else(|| {
                let (_, bucket) = buckets.iter().find(|(name, _)| *name == reference.name)?;
                match reference.attribute.as_str() {
                    "" | "id" | "bucket" => Some(bucket.clone()),
                    "Arn" | "arn" => Some(format!("arn:{}:s3:::{bucket}", place.partition)),
                    _ => None,
                }
            });
            let kind = kinds.iter().find(|(name, _)| *name == reference.name).map(|(_, kind)| kind.as_str());
            vec![known.map_or_else(|| Piece::Reference(aliased(reference, kind)), Piece::Literal)]
        };
        let items = self.items.into_iter().map(|item| {
            let item = with_required_region(item, &foreign);
            let body = function_named(&item.kind, item.body.with_pieces(&change));
            with_named_scheme(Item { body, ..item })
        });
        Self { items: items.collect(), ..self }
    }
}

impl Place {
    /// Returns what a data source of a state says about another account, partition or region.
    pub(crate) fn contradiction(&self, item: &Item) -> Option<String> {
        ["account_id", "partition", "name", "region"].into_iter().find_map(|attribute| {
            let expected = self.value(&Reference::new(&item.name, attribute))?;
            let actual = item.body.get(attribute)?.as_literal()?;
            (actual != expected).then(|| format!("{attribute} is {actual}, not {expected}"))
        })
    }

    fn value(&self, reference: &Reference) -> Option<String> {
        let value = match (reference.name.as_str(), reference.attribute.as_str()) {
            ("AWS::Region", "") => &self.region,
            ("AWS::Partition", "") => &self.partition,
            ("AWS::URLSuffix", "") => &self.url_suffix,
            ("AWS::AccountId", "") => self.account.as_ref()?,
            (name, "name" | "id" | "region") if name.starts_with("data.aws_region.") => &self.region,
            (name, "partition") if name.starts_with("data.aws_partition.") => &self.partition,
            (name, "dns_suffix") if name.starts_with("data.aws_partition.") => &self.url_suffix,
            (name, "account_id" | "id") if name.starts_with("data.aws_caller_identity.") => {
                self.account.as_ref()?
            }
            _ => return None,
        };
        Some(value.clone())
    }
}

fn bucket_name(item: &Item) -> Option<(String, String)> {
    let property = match item.kind.as_str() {
        "AWS::S3::Bucket" => "BucketName",
        "aws_s3_bucket" => "bucket",
        _ => return None,
    };
    let name = item.body.get(property)?.as_literal()?;
    Some((item.name.clone(), name.to_owned()))
}

/// Replaces the condition of a bucket's precondition, `data.aws_region.NAME.id == "REGION"`, by a member with the region. `foreign`
/// are data sources that may be those of another region.
fn with_required_region(mut item: Item, foreign: &[String]) -> Item {
    fn block<'t>(tree: &'t mut Tree, name: &str) -> Option<&'t mut Tree> {
        let found = match tree {
            Tree::Map(members) => members.get_mut(name)?,
            _ => return None,
        };
        match found {
            Tree::List(blocks) => match blocks.as_mut_slice() {
                [only] => Some(only),
                _ => None,
            },
            other => Some(other),
        }
    }
    fn required_region(condition: &Tree, foreign: &[String]) -> Option<String> {
        let Tree::Text(pieces) = condition else { return None };
        let [Piece::Expression(inner)] = pieces.as_slice() else { return None };
        let [Piece::Reference(reference), rest @ ..] = inner.as_slice() else { return None };
        let is_region = reference.name.starts_with("data.aws_region.")
            && ["id", "name", "region"].contains(&reference.attribute.as_str())
            && !foreign.contains(&reference.name);
        let literal = |piece: &Piece| match piece {
            Piece::Literal(text) => Some(text.clone()),
            _ => None,
        };
        let compared = rest.iter().map(literal).collect::<Option<String>>()?;
        let region = compared.strip_prefix("==\"")?.strip_suffix('"')?;
        (is_region && !region.contains('"')).then(|| region.to_owned())
    }
    if item.kind == "aws_s3_bucket"
        && let Some(lifecycle) = block(&mut item.body, "lifecycle")
        && let Some(Tree::Map(members)) = block(lifecycle, "precondition")
        && let Some(region) = members.get("condition").and_then(|it| required_region(it, foreign))
    {
        members.remove("condition");
        members.insert("region".to_owned(), Tree::literal(region));
    }
    item
}

/// Names the function of a permission by its name. Lambda takes the ARN too.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>.
fn function_named(kind: &str, body: Tree) -> Tree {
    let (member, arn, name) = match kind {
        "AWS::Lambda::Permission" => ("FunctionName", "Arn", ""),
        "aws_lambda_permission" => ("function_name", "arn", "function_name"),
        _ => return body,
    };
    let Tree::Map(mut members) = body else { return body };
    if let Some(Tree::Text(pieces)) = members.get_mut(member)
        && let [Piece::Reference(reference)] = pieces.as_mut_slice()
        && reference.attribute == arn
    {
        name.clone_into(&mut reference.attribute);
    }
    Tree::Map(members)
}

/// Returns the usual one of several attributes with the same value.
fn aliased(reference: Reference, kind: Option<&str>) -> Reference {
    let attribute = match (kind, reference.attribute.as_str()) {
        (Some("AWS::SQS::Queue"), "QueueUrl") => "",
        (Some("aws_sqs_queue"), "url") | (Some("aws_iam_role"), "name") => "id",
        (Some("aws_lambda_function"), "id") => "function_name",
        (Some("data.aws_caller_identity"), "id") => "account_id",
        (Some("aws_cloudwatch_log_group"), "id") => "name",
        _ => return reference,
    };
    Reference { attribute: attribute.to_owned(), ..reference }
}

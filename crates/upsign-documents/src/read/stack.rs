//! A whole template as a list of resources.

use super::tree::{Piece, Reference, Tree};

/// The resources of a template or a module, whatever form it was written in.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) dialect: Dialect,
    pub(crate) items: Vec<Item>,
}

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
        matches!(self.kind.as_str(), "Parameter" | "Condition" | "Mappings" | "Rules" | "variable")
            || self.kind.starts_with("data.")
    }
}

impl Stack {
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
    }

    /// Replaces references whose values are known by these values: the region, the account, and the names and ARNs of buckets
    /// whose names are literals.
    pub(crate) fn resolved(self, place: &Place) -> Self {
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
        let items = self.items.into_iter().map(|item| Item { body: item.body.with_pieces(&change), ..item });
        Self { items: items.collect(), ..self }
    }
}

impl Place {
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

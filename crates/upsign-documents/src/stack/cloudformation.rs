//! Writes a stack as a CloudFormation template.

use super::reference::{Id, Segment, segments};
use super::spelling::Spelled;
use crate::node::{Node, list, map, text};

type Members = Vec<(String, Node)>;

/// A template under construction. Every text may contain placeholders of references.
#[derive(Debug, Default)]
pub(super) struct Template {
    parameters: Members,
    rules: Members,
    conditions: Members,
    resources: Members,
    outputs: Members,
}

impl Template {
    /// Adds a resource.
    pub(super) fn resource<K: Into<String>>(
        &mut self,
        id: Id,
        properties: impl IntoIterator<Item = (K, Node)>,
    ) {
        self.resource_with::<K, &str>(id, [], properties);
    }

    /// Adds a resource with attributes such as `DependsOn` in addition to its properties.
    pub(super) fn resource_with<K: Into<String>, A: Into<String>>(
        &mut self,
        id: Id,
        attributes: impl IntoIterator<Item = (A, Node)>,
        properties: impl IntoIterator<Item = (K, Node)>,
    ) {
        let mut members = vec![("Type".to_owned(), text(id.cloudformation_type()))];
        members.extend(attributes.into_iter().map(|(name, node)| (name.into(), node)));
        members.push(("Properties".to_owned(), map(properties)));
        self.resources.push((id.logical(), resolved(Node::Map(members))));
    }

    /// Adds a parameter, unless the template has one with this name.
    pub(super) fn parameter<K: Into<String>>(
        &mut self,
        name: &str,
        members: impl IntoIterator<Item = (K, Node)>,
    ) {
        if self.parameters.iter().all(|(known, _)| known != name) {
            self.parameters.push((name.into(), map(members)));
        }
    }

    /// Adds a rule, which CloudFormation checks before it creates or updates the stack.
    pub(super) fn rule(&mut self, name: &str, rule: Node) {
        self.rules.push((name.into(), rule));
    }

    /// Adds a condition, unless the template has one with this name.
    pub(super) fn condition(&mut self, name: &str, condition: Node) {
        if self.conditions.iter().all(|(known, _)| known != name) {
            self.conditions.push((name.into(), condition));
        }
    }

    pub(super) fn output(&mut self, name: impl Into<String>, description: &str, value: impl Into<Node>) {
        let value = resolved(value.into());
        self.outputs.push((name.into(), map([("Description", text(description)), ("Value", value)])));
    }

    /// Returns the whole template.
    pub(super) fn with_transform(self, description: &str) -> Node {
        let sections = [
            ("Parameters", self.parameters),
            ("Rules", self.rules),
            ("Conditions", self.conditions),
            ("Resources", self.resources),
            ("Outputs", self.outputs),
        ];
        let sections = sections.into_iter().filter(|(_, members)| !members.is_empty());
        let head = [
            ("AWSTemplateFormatVersion", text("2010-09-09")),
            ("Transform", list(["AWS::Serverless-2016-10-31"])),
            ("Description", text(description)),
        ];
        map(head.into_iter().chain(sections.map(|(name, members)| (name, Node::Map(members)))))
    }

    /// Returns only the resources, for a template of the reader.
    pub(super) fn into_resources(self) -> Node {
        map([("Resources", Node::Map(self.resources))])
    }
}

/// Returns `Ref` for a name that is no resource of the stack, such as a parameter.
pub(super) fn refer(name: &str) -> Node {
    map([("Ref", text(name))])
}

/// Returns the attributes with which a resource outlives the stack.
///
/// If the stack cannot be created, CloudFormation deletes the resource again: its name is fixed, and with `Retain` the second
/// attempt would fail because the name is taken.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>.
pub(super) fn retained() -> [(&'static str, Node); 2] {
    [("DeletionPolicy", text("RetainExceptOnCreate")), ("UpdateReplacePolicy", text("Retain"))]
}

/// Replaces the placeholders in every text: by `Ref` or `Fn::GetAtt` if the text is one reference, otherwise by `Fn::Sub`.
///
/// A document inside a document is a string of JSON in CloudFormation, so its references are in one `Fn::Sub` around it.
pub(super) fn resolved(node: Node) -> Node {
    let each = |list: Vec<Node>| list.into_iter().map(resolved).collect();
    match node {
        Node::Text(text) => resolved_text(text),
        Node::Encoded(inner) => resolved_text(serde_json::to_string(&inner).unwrap_or_default()),
        Node::List(list) => Node::List(each(list)),
        Node::Blocks(list) => Node::Blocks(each(list)),
        Node::Map(members) => {
            Node::Map(members.into_iter().map(|(name, node)| (name, resolved(node))).collect())
        }
        other => other,
    }
}

fn resolved_text(text: String) -> Node {
    let parts = segments(&text);
    if let [Segment::Reference(reference)] = parts.as_slice() {
        return match reference.cloudformation() {
            Spelled::Ref(name) => refer(&name),
            Spelled::GetAtt(name, attribute) => map([("Fn::GetAtt", list([&*name, attribute]))]),
            Spelled::Sub(text) => substitution(text),
        };
    }
    if !parts.iter().any(|part| matches!(part, Segment::Reference(_))) {
        return Node::Text(text);
    }
    let spelled = parts.iter().map(|part| match part {
        Segment::Reference(reference) => reference.cloudformation().in_text(),
        // `${!` stands for a literal `${`.
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>
        Segment::Literal(text) => text.replace("${", "${!"),
    });
    substitution(spelled.collect())
}

/// A name that a reference spells and that is no resource, parameter or pseudo parameter, and its value.
type Computed = (&'static str, fn() -> Node);

const COMPUTED: [Computed; 2] = [("UniqueName", unique_name), ("LoadBalancer", load_balancer)];

/// Returns `Fn::Sub` with the values of the computed names that occur.
fn substitution(spelled: String) -> Node {
    let occurs = |(name, _): &&Computed| spelled.contains(&format!("${{{name}}}"));
    let values: Members =
        COMPUTED.iter().filter(occurs).map(|(name, value)| ((*name).to_owned(), value())).collect();
    let value = if values.is_empty() { text(spelled) } else { list([text(spelled), Node::Map(values)]) };
    map([("Fn::Sub", value)])
}

fn select(index: i64, list_node: Node) -> Node {
    map([("Fn::Select", list([index.into(), list_node]))])
}

fn split(by: &str, whole: Node) -> Node {
    map([("Fn::Split", list([text(by), whole]))])
}

fn join(by: &str, parts: impl IntoIterator<Item = Node>) -> Node {
    map([("Fn::Join", list([text(by), list(parts)]))])
}

/// Returns a name for resources whose names may have fewer characters than that of a stack: `upsign`, and two parts of the UUID in
/// the ID of the stack. It has 28 characters, and no other stack of any region has it.
pub(super) fn unique_name() -> Node {
    // arn:aws:cloudformation:us-east-1:123456789012:stack/NAME/1c2fa620-982a-11e3-aff7-50e2416294e0
    let uuid = || select(2, split("/", refer("AWS::StackId")));
    join("-", [text("upsign"), select(0, split("-", uuid())), select(4, split("-", uuid()))])
}

/// Returns the part of the listener's ARN that identifies the load balancer.
fn load_balancer() -> Node {
    // arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/LISTENER
    join("/", [1, 2, 3].map(|index| select(index, split("/", refer("ListenerArn")))))
}

#[cfg(test)]
mod tests {
    use super::super::reference::{Kind, Reference};
    use super::*;

    #[test]
    fn references_are_written_in_the_shortest_form() {
        let json = |node: Node| serde_json::to_string(&resolved(node)).unwrap();
        assert_eq!(json(Kind::Bucket.id().reference().into()), r#"{"Ref":"UploadsBucket"}"#);
        assert_eq!(json(Kind::Queue.id().arn().into()), r#"{"Fn::GetAtt":["UploadsQueue","Arn"]}"#);
        let distribution = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}";
        assert_eq!(json(Kind::Distribution.id().arn().into()), format!(r#"{{"Fn::Sub":"{distribution}"}}"#));
        assert_eq!(
            json(text(format!("${{x}} {}", Reference::STACK_NAME))),
            r#"{"Fn::Sub":"${!x} ${AWS::StackName}"}"#
        );
        assert_eq!(json(text("${x}")), r#""${x}""#);
        let encoded = Node::Encoded(Box::new(map([("a", Node::from(Reference::ACCOUNT))])));
        assert_eq!(json(encoded), r#"{"Fn::Sub":"{\"a\":\"${AWS::AccountId}\"}"}"#);
    }

    /// `Fn::Sub` receives the values of names that the template does not define.
    #[test]
    fn computed_names_are_passed_to_the_substitution() {
        let value = |node: Node| serde_json::to_value(resolved(node)).unwrap()["Fn::Sub"].clone();
        let balancer = value(Reference::LOAD_BALANCER.into());
        assert_eq!(balancer[0], "${LoadBalancer}");
        let part = r#"{"Fn::Select":[3,{"Fn::Split":["/",{"Ref":"ListenerArn"}]}]}"#;
        assert_eq!(balancer[1]["LoadBalancer"]["Fn::Join"][1][2].to_string(), part);
        let pattern = value(Kind::TargetGroup.id().arn_pattern().into());
        assert!(pattern[0].as_str().unwrap().ends_with(":targetgroup/${UniqueName}/*"));
        assert_eq!(pattern[1]["UniqueName"], serde_json::to_value(unique_name()).unwrap());
        assert!(pattern[1].get("LoadBalancer").is_none());
    }
}

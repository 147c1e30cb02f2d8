//! Resources, parameters and outputs that both forms have, with one writer for each form.

use super::Resource;
use super::cloudformation::{Template, refer};
use super::reference::Id;
use super::terraform::{Module, arguments, expression, snake_case};
use crate::node::{Node, list, map, text};

/// A resource whose properties mean the same in both forms. They have the names of CloudFormation, from which
/// [`arguments`] derives those of Terraform. A property that only one form has is declared for this form alone.
#[derive(Debug)]
pub(super) struct Declared {
    id: Id,
    /// In CloudFormation, in addition to the properties.
    attributes: Vec<(&'static str, Node)>,
    properties: Vec<(Form, &'static str, Node)>,
    /// The first version of Terraform's provider that has every argument, if it is not the usual one.
    provider: Option<(u32, u32)>,
}

/// The forms that have a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Both,
    CloudFormation,
    Terraform,
}

impl Declared {
    pub(super) const fn new(id: Id) -> Self {
        Self { id, attributes: Vec::new(), properties: Vec::new(), provider: None }
    }

    /// Adds a property that both forms have.
    pub(super) fn with(self, name: &'static str, value: impl Into<Node>) -> Self {
        self.property(Form::Both, name, value.into())
    }

    /// Adds properties that both forms have.
    pub(super) fn with_all(self, properties: impl IntoIterator<Item = (&'static str, Node)>) -> Self {
        properties.into_iter().fold(self, |declared, (name, value)| declared.with(name, value))
    }

    /// Adds a property that only CloudFormation has.
    pub(super) fn in_cloudformation(self, name: &'static str, value: impl Into<Node>) -> Self {
        self.property(Form::CloudFormation, name, value.into())
    }

    /// Adds an argument that only Terraform has, by its name there.
    pub(super) fn in_terraform(self, name: &'static str, value: impl Into<Node>) -> Self {
        self.property(Form::Terraform, name, value.into())
    }

    /// Adds attributes of CloudFormation, such as `DependsOn`.
    pub(super) fn with_attributes(
        mut self,
        attributes: impl IntoIterator<Item = (&'static str, Node)>,
    ) -> Self {
        self.attributes.extend(attributes);
        self
    }

    /// Requires this version of Terraform's provider, major and minor, or a later one.
    pub(super) fn requires_provider(self, version: (u32, u32)) -> Self {
        Self { provider: Some(version), ..self }
    }

    fn property(mut self, form: Form, name: &'static str, value: Node) -> Self {
        self.properties.push((form, name, value));
        self
    }
}

impl Resource for Declared {
    fn cloudformation(&self, template: &mut Template) {
        let own = self.properties.iter().filter(|(form, ..)| *form != Form::Terraform);
        let properties = own.map(|(_, name, value)| (*name, value.clone()));
        template.resource_with(self.id, self.attributes.clone(), properties);
    }

    fn terraform(&self, module: &mut Module) {
        let own = self.properties.iter().filter(|(form, ..)| *form != Form::CloudFormation);
        let body = own.flat_map(|(form, name, value)| match form {
            Form::Terraform => vec![((*name).to_owned(), value.clone())],
            _ => arguments([(*name, value.clone())]).collect(),
        });
        module.resource(self.id, body);
        if let Some((major, minor)) = self.provider {
            module.require_provider(major, minor);
        }
    }
}

/// A resource that only Terraform has: a setting that belongs to another resource in CloudFormation.
#[derive(Debug)]
pub(super) struct Part {
    /// The resource whose name it has.
    pub(super) of: Id,
    /// The type.
    pub(super) kind: &'static str,
    /// The arguments, by their names in Terraform or by those of the properties in CloudFormation.
    pub(super) body: Vec<(&'static str, Node)>,
}

impl Resource for Part {
    fn cloudformation(&self, _: &mut Template) {}

    fn terraform(&self, module: &mut Module) {
        module.part(self.of, self.kind, arguments(self.body.clone()));
    }
}

/// A value that the stack returns.
#[derive(Debug)]
pub(super) struct Output {
    /// In CloudFormation. In Terraform it has the same name in snake case.
    name: String,
    description: &'static str,
    value: Node,
}

impl Output {
    pub(super) fn new(name: impl Into<String>, description: &'static str, value: impl Into<Node>) -> Self {
        Self { name: name.into(), description, value: value.into() }
    }
}

impl Resource for Output {
    fn cloudformation(&self, template: &mut Template) {
        template.output(&self.name, self.description, self.value.clone());
    }

    fn terraform(&self, module: &mut Module) {
        module.output(snake_case(&self.name), self.description, self.value.clone());
    }
}

/// A value that is chosen when the stack is deployed: a parameter of a template, a variable of a module.
#[derive(Debug, Default)]
pub(super) struct Parameter {
    /// In CloudFormation. In Terraform it has the same name in snake case.
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// Text that only the description of one form has, at its end.
    pub(super) notes: (&'static str, &'static str),
    /// The type and the default in CloudFormation; `None` if only a module has it.
    pub(super) parameter: Option<(&'static str, Option<Node>)>,
    /// Further members in CloudFormation.
    pub(super) restrictions: Vec<(&'static str, Node)>,
    /// The type and the default in Terraform; `None` if only a template has it.
    pub(super) variable: Option<(&'static str, Option<Node>)>,
    /// Further members in Terraform.
    pub(super) validation: Option<Node>,
    /// A condition of the template that depends on the parameter.
    pub(super) condition: Option<(&'static str, Node)>,
}

/// Returns the condition that a parameter has this value.
pub(super) fn equals(parameter: &str, value: &str) -> Node {
    map([("Fn::Equals", list([refer(parameter), text(value)]))])
}

/// Returns the condition that a parameter is not empty.
pub(super) fn is_set(parameter: &str) -> Node {
    map([("Fn::Not", list([equals(parameter, "")]))])
}

impl Resource for Parameter {
    fn cloudformation(&self, template: &mut Template) {
        let Some((kind, default)) = &self.parameter else { return };
        let default = default.clone().map(|default| ("Default", default));
        let description = text(format!("{}{}", self.description, self.notes.0));
        let members = [("Type", text(*kind))].into_iter().chain(default).chain(self.restrictions.clone());
        template.parameter(self.name, members.chain([("Description", description)]));
        if let Some((name, condition)) = &self.condition {
            template.condition(name, condition.clone());
        }
    }

    fn terraform(&self, module: &mut Module) {
        let Some((kind, default)) = &self.variable else { return };
        let default = default.clone().map(|default| ("default", default));
        let validation = self.validation.clone().map(|validation| ("validation", validation));
        let members = [("type", expression(*kind))].into_iter().chain(default).chain(validation);
        let description = format!("{}{}", self.description, self.notes.1);
        module.variable(&snake_case(self.name), &description, members);
    }
}

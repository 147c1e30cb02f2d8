//! The values of a template's properties, independent of the form of the file.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

/// A value. Scalars are texts: CloudFormation, Terraform and IAM convert between `"true"` and `true`, `"30"` and `30`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tree {
    Text(Vec<Piece>),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
    /// A function of the template language that is not evaluated, such as `Fn::If`, with its arguments.
    Call(String, Vec<Self>),
}

/// A part of a text. Adjacent literals are merged, so equal texts are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Piece {
    Literal(String),
    Reference(Reference),
    /// An expression that is not evaluated, as text with its references.
    Expression(Vec<Self>),
}

/// A reference to something else in the template: `UploadsQueue.Arn`, `var.package`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    pub(crate) name: String,
    /// The attribute; empty for CloudFormation's `Ref`.
    pub(crate) attribute: String,
}

impl Reference {
    pub(crate) fn new(name: &str, attribute: &str) -> Self {
        Self { name: name.to_owned(), attribute: attribute.to_owned() }
    }
}

/// Starts and ends a reference in a text that is handed to an evaluator. Neither character is part of an ARN or a pattern.
pub(crate) const MARKS: [char; 2] = ['\u{E000}', '\u{E001}'];

impl Tree {
    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self::Text(vec![Piece::Literal(text.into())])
    }

    pub(crate) fn empty() -> Self {
        Self::Map(BTreeMap::new())
    }

    /// Builds a text of these pieces.
    pub(crate) fn text(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self::Text(merged(pieces))
    }

    /// Returns the text if it has no references.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self {
            Self::Text(pieces) => match pieces.as_slice() {
                [] => Some(""),
                [Piece::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.get(name),
            _ => None,
        }
    }

    /// Returns the value at a path of names with dots between them.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |tree, name| tree.get(name))
    }

    /// Returns the elements of a list. A single value counts as a list of one, as it does for AWS and Terraform.
    pub(crate) fn elements(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            one => std::slice::from_ref(one),
        }
    }

    /// Replaces every piece by what `change` returns for it.
    pub(crate) fn with_pieces(self, change: &impl Fn(Piece) -> Vec<Piece>) -> Self {
        match self {
            Self::Text(pieces) => Self::text(changed(pieces, change)),
            Self::List(list) => Self::List(list.into_iter().map(|it| it.with_pieces(change)).collect()),
            Self::Map(members) => {
                Self::Map(members.into_iter().map(|(name, it)| (name, it.with_pieces(change))).collect())
            }
            Self::Call(name, arguments) => {
                Self::Call(name, arguments.into_iter().map(|it| it.with_pieces(change)).collect())
            }
        }
    }

    /// Sorts the lists whose order has no meaning, and replaces a list of one by its element, so that equal values are equal.
    pub(crate) fn canonical(self) -> Self {
        self.canonical_at("")
    }

    fn canonical_at(self, name: &str) -> Self {
        match self {
            Self::List(list) => {
                let inner = if ORDERED.contains(&name) { name } else { "" };
                let mut list: Vec<Self> = list.into_iter().map(|it| it.canonical_at(inner)).collect();
                if list.len() == 1
                    && let Some(one) = list.pop()
                {
                    return one;
                }
                if !ORDERED.contains(&name) {
                    list.sort();
                }
                Self::List(list)
            }
            Self::Map(members) => Self::Map(
                members.into_iter().map(|(name, it)| (name.clone(), it.canonical_at(&name))).collect(),
            ),
            Self::Call(name, arguments) => {
                Self::Call(name, arguments.into_iter().map(|it| it.canonical_at("")).collect())
            }
            text @ Self::Text(_) => text,
        }
    }

    /// Returns the value in JSON for an evaluator, with each reference as a text between [`MARKS`]. Returns `None` if it
    /// contains something whose value is not known.
    pub(crate) fn to_value(&self) -> Option<Value> {
        match self {
            Self::Text(pieces) => text_value(pieces),
            Self::List(list) => list.iter().map(Self::to_value).collect::<Option<Vec<_>>>().map(Value::Array),
            Self::Map(members) => {
                let members = members.iter().map(|(name, it)| Some((name.clone(), it.to_value()?)));
                members.collect::<Option<Map<_, _>>>().map(Value::Object)
            }
            Self::Call(..) => None,
        }
    }

    /// Returns the value as a report shows it. A long one is shortened; a text is long only if it is longer than the ARN and the URI
    /// of a function, which often differ at their ends.
    pub(crate) fn shown(&self) -> String {
        let text = match self {
            Self::Text(pieces) => pieces.iter().map(Piece::shown).collect(),
            Self::List(list) => {
                let shown: Vec<String> = list.iter().map(Self::shown).collect();
                format!("[{}]", shown.join(", "))
            }
            Self::Map(members) => {
                let shown: Vec<String> =
                    members.iter().map(|(name, it)| format!("{name}: {}", it.shown())).collect();
                format!("{{{}}}", shown.join(", "))
            }
            Self::Call(name, _) => format!("{name}(…)"),
        };
        let longest = if matches!(self, Self::Text(_)) { 200 } else { 90 };
        if text.chars().count() <= longest {
            return text;
        }
        text.chars().take(longest).chain(['…']).collect()
    }
}

/// The names of lists whose order has a meaning. Every other list is a set for AWS.
const ORDERED: [&str; 4] = ["metrics", "CacheBehaviors", "ordered_cache_behavior", "CorsRules"];

impl Piece {
    fn shown(&self) -> String {
        match self {
            Self::Literal(text) => text.clone(),
            Self::Reference(it) if it.attribute.is_empty() => format!("${{{}}}", it.name),
            Self::Reference(it) => format!("${{{}.{}}}", it.name, it.attribute),
            Self::Expression(pieces) => {
                let inner = pieces.iter().map(|piece| match piece {
                    Self::Reference(it) if it.attribute.is_empty() => it.name.clone(),
                    Self::Reference(it) => format!("{}.{}", it.name, it.attribute),
                    other => other.shown(),
                });
                format!("${{{}}}", inner.collect::<String>())
            }
        }
    }
}

fn changed(pieces: Vec<Piece>, change: &impl Fn(Piece) -> Vec<Piece>) -> Vec<Piece> {
    let each = pieces.into_iter().flat_map(|piece| match piece {
        Piece::Expression(inner) => vec![Piece::Expression(merged(changed(inner, change)))],
        other => change(other),
    });
    each.collect()
}

fn merged(pieces: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, Piece::Literal(text)) if text.is_empty() => {}
            (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
            (_, piece) => out.push(piece),
        }
    }
    out
}

fn text_value(pieces: &[Piece]) -> Option<Value> {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Reference(it) => {
                let [start, end] = MARKS;
                let dot = if it.attribute.is_empty() { "" } else { "." };
                out.push_str(&format!("{start}{}{dot}{}{end}", it.name, it.attribute));
            }
            Piece::Expression(_) => return None,
        }
    }
    Some(match out.as_str() {
        "true" => true.into(),
        "false" => false.into(),
        // Longer numbers are no settings but names, such as account IDs.
        text => match text.parse::<i32>() {
            Ok(number) if number.to_string() == text => number.into(),
            _ => out.into(),
        },
    })
}

/// Returns the text of a scalar in JSON. `1.0` and `1` are the same number.
pub(crate) fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}

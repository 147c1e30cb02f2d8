//! Reads YAML, with the short forms of CloudFormation's functions (`!Ref`, `!Sub`, `!GetAtt`), into the JSON that means the
//! same.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value};

/// Limits nesting, and with it the recursion of every later step.
const DEEPEST: usize = 100;
/// Limits what aliases can expand to.
const MOST_VALUES: usize = 1_000_000;

/// A mapping or a sequence whose end has not been read.
struct Open {
    tag: Option<String>,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Value>),
    Map { members: Map<String, Value>, name: Option<String> },
}

/// Converts the events of one document to a value.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: Vec<(usize, Value)>,
    done: Option<Value>,
    values: usize,
}

/// Returns the value of the only document of a YAML text.
///
/// # Errors
/// Returns the reason: invalid YAML, a member that appears twice, several documents, or too deep nesting.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        builder.event(event)?;
    }
    builder.done.ok_or_else(|| "the YAML is empty".to_owned())
}

impl Builder {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().map(short_name);
                let value = match &tag {
                    Some(Some(name)) => function(name, Value::String(text.into_owned())),
                    _ => scalar(&text, style, tag.is_some()),
                };
                self.add(value, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(anchor, tag.as_deref(), OpenKind::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.start(anchor, tag.as_deref(), OpenKind::Map { members: Map::new(), name: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let known = self.anchors.iter().rev().find(|(known, _)| *known == anchor);
                let value = known.map(|(_, value)| value.clone()).ok_or("an alias has no anchor")?;
                self.values += count(&value);
                self.add(value, 0)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn start(&mut self, anchor: usize, tag: Option<&Tag>, kind: OpenKind) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err("the YAML is nested too deeply".to_owned());
        }
        self.open.push(Open { tag: tag.and_then(short_name), anchor, kind });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(Open { tag, anchor, kind }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            OpenKind::List(list) => Value::Array(list),
            OpenKind::Map { members, .. } => Value::Object(members),
        };
        self.add(if let Some(tag) = tag { function(&tag, value) } else { value }, anchor)
    }

    fn add(&mut self, value: Value, anchor: usize) -> Result<(), String> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err("the aliases of the YAML expand to too many values".to_owned());
        }
        // Anchors are numbered from 1.
        if anchor > 0 {
            self.anchors.push((anchor, value.clone()));
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None if self.done.is_some() => return Err("the file holds several YAML documents".to_owned()),
            None => self.done = Some(value),
            Some(OpenKind::List(list)) => list.push(value),
            Some(OpenKind::Map { members, name }) => match name.take() {
                None => *name = Some(key(&value)?),
                Some(key) if key == "<<" => return Err("YAML merge keys (`<<`) are not supported".to_owned()),
                Some(key) if members.contains_key(&key) => {
                    return Err(format!("the member `{key}` appears twice, so its meaning is not clear"));
                }
                Some(key) => {
                    members.insert(key, value);
                }
            },
        }
        Ok(())
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(count).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn key(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Null => Ok(value.to_string()),
        _ => Err("a key of a YAML mapping is not a text".to_owned()),
    }
}

/// Returns the name of a tag of the document itself, such as `Sub` of `!Sub`, or `None` for a tag of YAML, such as `!!str`.
fn short_name(tag: &Tag) -> Option<String> {
    (tag.handle == "!").then(|| tag.suffix.clone())
}

/// Returns the full form of a short function.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>.
fn function(name: &str, value: Value) -> Value {
    let full = match name {
        "Ref" | "Condition" => name.to_owned(),
        other => format!("Fn::{other}"),
    };
    Value::Object(Map::from_iter([(full, value)]))
}

/// Returns the value of a scalar. A plain one is a number, a boolean or null if it looks like one in YAML 1.1, which
/// CloudFormation reads.
fn scalar(text: &str, style: ScalarStyle, tagged: bool) -> Value {
    if style != ScalarStyle::Plain || tagged {
        return text.into();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => true.into(),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => false.into(),
        _ => match text.parse::<i64>() {
            // `0123` and `+1` keep their spelling: they may be names, such as account IDs.
            Ok(number) if number.to_string() == text => number.into(),
            _ => text.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_functions_are_the_full_ones() {
        let text = "a: !Ref Bucket\nb: !GetAtt Queue.Arn\nc: !Sub\n  - \"x${Y}\"\n  - Y: !Ref Z\nd: !If [C, 1, !Ref \"AWS::NoValue\"]\n";
        let wanted = json!({
            "a": {"Ref": "Bucket"}, "b": {"Fn::GetAtt": "Queue.Arn"},
            "c": {"Fn::Sub": ["x${Y}", {"Y": {"Ref": "Z"}}]},
            "d": {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]},
        });
        assert_eq!(parse(text).unwrap(), wanted);
    }

    #[test]
    fn scalars_have_their_types() {
        let text = "[1, \"1\", true, 'true', ~, 2010-09-09, 012345678901, yes]";
        let wanted = json!([1, "1", true, "true", null, "2010-09-09", "012345678901", true]);
        assert_eq!(parse(text).unwrap(), wanted);
    }

    #[test]
    fn ambiguous_documents_are_refused() {
        for text in ["a: 1\na: 2\n", "--- 1\n--- 2\n", "", "a: [", "a: &x 1\nb: {<<: *x}\n", "? [1]\n: 2\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert_eq!(parse("a: &x [1]\nb: *x\n").unwrap(), json!({"a": [1], "b": [1]}));
        let deep = "[".repeat(200);
        assert!(parse(&deep).is_err());
    }
}

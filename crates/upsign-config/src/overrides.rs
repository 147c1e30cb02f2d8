//! Values that the options of a command line set for one command.

use std::collections::BTreeMap;

use upsign_documents::Guard;

use crate::error::{Place, ProblemCode};
use crate::keys::{KEYS, Key, ROUTE, in_route};
use crate::source::convert::{WrongType, from_variable};
use crate::source::effective;
use crate::source::finding::Finding;
use crate::source::raw::{ItemOrigin, Located, Origin, Raw, Value};

/// An option of a command line that sets a key for one command. It takes precedence over the file and the variables, and is
/// checked as they are.
///
/// ```
/// use upsign_config::{ApiKind, Config, Override, initial_file};
///
/// let url = [Override::value("deployment.api", "--api", "url")];
/// let config = Config::read_with_overrides("upsign.toml", initial_file(), |_| None, [], &url)?;
/// assert_eq!(config.deployment().api(), ApiKind::FunctionUrl);
///
/// let listener = [Override::value("deployment.listener_arn", "--listener-arn", "my-listener")];
/// let error = Config::read_with_overrides("upsign.toml", initial_file(), |_| None, [], &listener).unwrap_err();
/// assert!(error.to_string().starts_with("--listener-arn: deployment.listener_arn: \"my-listener\": write the ARN"));
/// # Ok::<(), upsign_config::InvalidConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    key: Box<str>,
    option: Box<str>,
    effect: Effect,
}

/// What an option does to the value of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Effect {
    /// Replaces it by this value, in the format of an environment variable.
    Replaces(String),
    /// Sets one entry of its table.
    Sets(String, String),
    /// Adds an item to its list.
    Adds(String),
    /// Replaces the key of this name in every route.
    ReplacesInEveryRoute(String),
}

/// What an [`Override`] replaces: a value of the file or of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overridden {
    /// The complete name of the key, for example `deployment.reads`, or its name alone if the option sets it in every route.
    pub key: String,
    /// The value that the file or a variable sets, in the format of the file, and its place. `None` if the key had its default.
    pub previous: Option<(String, String)>,
    /// Whether the option adds to the value and does not replace it.
    pub is_addition: bool,
    /// Whether the option sets the value that the key has anyway.
    pub is_same: bool,
}

impl Override {
    /// Replaces the value of a key. `value` has the format of the key's environment variable, and `option` is the name of the
    /// option, for messages.
    #[must_use]
    pub fn value(key: &str, option: &str, value: &str) -> Self {
        Self::new(key, option, Effect::Replaces(value.to_owned()))
    }

    /// Sets an entry of a table, such as `deployment.variables`, in addition to the others.
    #[must_use]
    pub fn entry(key: &str, option: &str, name: &str, value: &str) -> Self {
        Self::new(key, option, Effect::Sets(name.to_owned(), value.to_owned()))
    }

    /// Adds an item to a list, such as `deployment.guards`, unless the list has it. A list that is not set begins with its
    /// default.
    #[must_use]
    pub fn item(key: &str, option: &str, item: &str) -> Self {
        Self::new(key, option, Effect::Adds(item.to_owned()))
    }

    /// Replaces the value of a key in every route, for example that of `infrequent_after`.
    #[must_use]
    pub fn in_every_route(name: &str, option: &str, value: &str) -> Self {
        Self::new(name, option, Effect::ReplacesInEveryRoute(value.to_owned()))
    }

    fn new(key: &str, option: &str, effect: Effect) -> Self {
        Self { key: key.into(), option: option.into(), effect }
    }

    /// Returns the complete names of the keys that the option sets, with their types.
    fn keys(&self, raw: &Raw) -> Vec<(String, &'static Key)> {
        let name: &str = &self.key;
        if !matches!(self.effect, Effect::ReplacesInEveryRoute(_)) {
            let key = KEYS.iter().find(|key| key.path() == name);
            return key.map(|key| (name.to_owned(), key)).into_iter().collect();
        }
        let Some(key) = in_route(name) else { return Vec::new() };
        let has_upload = raw.routes.is_empty()
            || raw.heading("upload").is_some()
            || raw.values.keys().any(|path| path.starts_with("upload."));
        let upload = has_upload.then(|| format!("upload.{name}"));
        let routes = raw.routes.iter().map(|(route, _)| format!("{ROUTE}.{route}.{name}"));
        upload.into_iter().chain(routes).map(|path| (path, key)).collect()
    }

    /// Returns the value of a key with this option, and where it comes from.
    fn located(&self, key: &Key, current: Option<&Located>) -> Result<Located, WrongType> {
        let option = || Origin::Option(self.option.clone());
        let (value, position) = match &self.effect {
            Effect::Replaces(text) | Effect::ReplacesInEveryRoute(text) => {
                return Ok(Located { value: from_variable(key.shape, text)?, origin: option() });
            }
            Effect::Sets(name, text) => {
                with_entry(current.map(|it| &it.value), name, from_entry(key, name, text)?)
            }
            Effect::Adds(item) => {
                let mut items = match current.map(|it| &it.value) {
                    Some(Value::Texts(items)) => items.clone(),
                    _ => default_items(&self.key),
                };
                let position = items.iter().position(|known| known == item).unwrap_or(items.len());
                if position == items.len() {
                    items.push(item.clone());
                }
                (Value::Texts(items), position)
            }
        };
        let (base, mut items) = match current.map(|it| &it.origin) {
            Some(Origin::Extended(base, items)) => (base.as_ref().clone(), items.clone()),
            Some(base) => (base.clone(), Vec::new()),
            None => (option(), Vec::new()),
        };
        items.extend((items.len()..=position).map(ItemOrigin::Base));
        if let Some(item) = items.get_mut(position) {
            *item = ItemOrigin::Option(self.option.clone());
        }
        Ok(Located { value, origin: Origin::Extended(Box::new(base), items) })
    }
}

/// Reads an entry of a table.
fn from_entry(key: &Key, name: &str, text: &str) -> Result<Value, WrongType> {
    match key.shape {
        crate::keys::Shape::Counts => {
            let number = from_variable(crate::keys::Shape::Count, text)?;
            Ok(match number {
                Value::Number(number) => Value::Counts(vec![(name.to_owned(), number)]),
                other => other,
            })
        }
        _ => Ok(Value::Table(vec![(name.to_owned(), text.to_owned())])),
    }
}

/// Returns a table with the entry in `added`, and its position.
fn with_entry(current: Option<&Value>, name: &str, added: Value) -> (Value, usize) {
    fn put<T: Clone>(
        table: &[(String, T)],
        name: &str,
        added: Vec<(String, T)>,
    ) -> (Vec<(String, T)>, usize) {
        let position = table.iter().position(|(known, _)| known == name).unwrap_or(table.len());
        let mut table = table.to_vec();
        table.splice(position..table.len().min(position + 1), added);
        (table, position)
    }
    match (current, added) {
        (Some(Value::Table(table)), Value::Table(added)) => {
            let (table, position) = put(table, name, added);
            (Value::Table(table), position)
        }
        (Some(Value::Counts(table)), Value::Counts(added)) => {
            let (table, position) = put(table, name, added);
            (Value::Counts(table), position)
        }
        (_, added) => (added, 0),
    }
}

/// Returns the default of a list.
fn default_items(key: &str) -> Vec<String> {
    match key {
        "deployment.guards" => Guard::RECOMMENDED.iter().map(|guard| guard.name().to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// Sets the values of all options. Returns what each of them replaces.
pub(crate) fn apply(raw: &mut Raw, overrides: &[Override]) -> Vec<Overridden> {
    // Of several options for one key, each replaces the value of the file.
    let mut before: BTreeMap<String, Option<Located>> = BTreeMap::new();
    let mut all = Vec::new();
    for option in overrides {
        let mut is_same = true;
        let mut previous = None;
        for (path, key) in option.keys(raw) {
            let current = raw.values.get(&path);
            let original = before.entry(path.clone()).or_insert_with(|| current.cloned());
            match option.located(key, current) {
                Ok(located) => {
                    is_same &= original.as_ref().is_some_and(|original| original.value == located.value);
                    previous = original.as_ref().map(|original| {
                        (effective::toml(&original.value), effective::source(raw, &original.origin))
                    });
                    drop(raw.values.insert(path, located));
                }
                Err(WrongType { message, .. }) => {
                    let finding = Finding::new(ProblemCode::WrongType, message);
                    raw.add(Place::Option(option.option.clone().into()), &path, finding);
                }
            }
        }
        let is_addition = matches!(option.effect, Effect::Adds(_) | Effect::Sets(..));
        all.push(Overridden { key: option.key.to_string(), previous, is_addition, is_same });
    }
    all
}

//! Compares policies by their meaning: by the requests that one of them permits or denies and the other does not.

use std::fmt;

use super::{Difference, Severity, needs};
use crate::iam::{Effect, IamPolicy, IamStatement, Part, Space};

impl IamPolicy {
    /// Returns what the deployed policy `deployed` permits or denies differently from this one.
    ///
    /// The policies are compared by the requests they apply to, so neither the order of statements nor their grouping matters:
    /// permissions that several statements only grant together count, and a deployed permission that a deployed `Deny` takes
    /// back does not. Where the comparison would have to distinguish too many requests, a deployed statement counts as
    /// different unless one derived statement evidently covers it, so the result is never empty for policies of different
    /// meaning. Requests are taken to use TLS, so a permission may require `aws:SecureTransport`.
    ///
    /// Statements with parts that are [not understood](IamPolicy::not_understood) are not compared: check that list too.
    ///
    /// A deployed `Deny` that this policy lacks is [`Severity::Broken`] only if it can apply to something that this policy
    /// permits. The policy of a bucket permits no uploads itself; there it is if the `Deny` can apply to an action that a
    /// deployment may call on the bucket, such as `s3:PutObject`. Any other `Deny` is [`Severity::Narrower`], and so is one that
    /// only applies to requests without TLS, with a TLS version older than 1.2, or with a signature other than Signature
    /// Version 4.
    ///
    /// A deployed policy may hold more than the derived one on purpose, such as the permission to write logs. Add these
    /// statements to the derived policy first:
    ///
    /// ```
    /// use upsign_documents::{Effect, IamPolicy, IamStatement};
    /// # let derived = IamPolicy::new([]);
    /// let logs = "arn:aws:logs:eu-central-1:123456789012:log-group:uploads:*";
    /// let write_logs = IamStatement::new("WriteLogs", Effect::Allow, ["logs:CreateLogStream", "logs:PutLogEvents"], [logs]);
    /// let expected = IamPolicy::new(derived.statements().iter().cloned().chain([write_logs]));
    ///
    /// let deployed = format!(
    ///     r#"{{"Version": "2012-10-17", "Statement":
    ///         {{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "{logs}"}}}}"#,
    /// );
    /// let deployed = IamPolicy::from_json(&deployed)?;
    /// assert_eq!(derived.differences(&deployed).len(), 2);
    /// assert_eq!(expected.differences(&deployed), []);
    /// # Ok::<(), upsign_documents::InvalidIamPolicy>(())
    /// ```
    #[must_use]
    pub fn differences(&self, deployed: &Self) -> Vec<Difference> {
        let space = Space::of([self, deployed]);
        let is_resource_policy =
            [self, deployed].iter().any(|policy| policy.statements().iter().any(IamStatement::has_principal));
        let mut out = Vec::new();
        for entry in each(self, Effect::Allow) {
            if !space.covers(of_effect(deployed, Effect::Allow), entry.part, true) {
                let description = format!("{entry} is not allowed ({})", entry.name);
                let (affected, consequence) = needs::without(self, &entry, is_resource_policy);
                out.push(Difference::new(Severity::Broken, description, consequence).affecting(affected));
            }
        }
        for entry in each(self, Effect::Deny) {
            if !space.covers(of_effect(deployed, Effect::Deny), entry.part, false) {
                let description = format!("{entry} is not denied ({})", entry.name);
                out.push(Difference::new(
                    Severity::Wider,
                    description,
                    "requests that the guard would stop are permitted",
                ));
            }
        }
        let understood = |policy, effect| of_effect(policy, effect).filter(|it| it.is_understood());
        for entry in each(deployed, Effect::Allow) {
            let without_effect = understood(self, Effect::Allow).chain(understood(deployed, Effect::Deny));
            if !space.covers(without_effect, entry.part, false) {
                let description = format!("{entry} is allowed{}", self.ignored_conditions(&entry));
                let consequence = if is_resource_policy {
                    "the routes do not need this, but the principals of the statement can use it"
                } else {
                    "the routes do not need this, but anyone who obtains the role's credentials can use it"
                };
                out.push(Difference::new(Severity::Wider, description, consequence));
            }
        }
        for entry in each(deployed, Effect::Deny) {
            if !space.covers(understood(self, Effect::Deny), entry.part, false) {
                out.push(self.additional_deny(&entry, is_resource_policy));
            }
        }
        out
    }

    /// Names the conditions under which this policy permits the same, or returns an empty text if it never does.
    fn ignored_conditions(&self, entry: &Entry<'_>) -> String {
        let Part { action: Some(action), resource: Some(resource), statement } = entry.part else {
            return String::new();
        };
        let like = each(self, Effect::Allow).find(|own| {
            own.part.action.is_some_and(|own| own.eq_ignore_ascii_case(action))
                && own.part.resource == Some(resource)
                && own.part.statement.principals() == statement.principals()
        });
        let keys = like.iter().flat_map(|own| own.part.statement.conditions());
        let keys: Vec<String> = keys.map(|it| format!("{} {}", it.operator(), it.key())).collect();
        if keys.is_empty() { String::new() } else { format!(" beyond the condition {}", keys.join(", ")) }
    }
}

/// Returns the statements with this effect.
fn of_effect(policy: &IamPolicy, effect: Effect) -> impl Iterator<Item = &IamStatement> + Clone {
    policy.statements().iter().filter(move |statement| statement.effect() == effect)
}

/// One action on one resource of a statement. Displays both.
pub(super) struct Entry<'a> {
    pub(super) part: Part<'a>,
    /// The statement id, or the number of the statement.
    pub(super) name: String,
}

impl<'a> Entry<'a> {
    /// Returns the action, or `*` if the statement has `NotAction`.
    pub(super) fn action(&self) -> &'a str {
        self.part.action.unwrap_or("*")
    }

    /// Returns the resource, or `*` if the statement has `NotResource` or no resource.
    pub(super) fn resource(&self) -> &'a str {
        self.part.resource.unwrap_or("*")
    }
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part { statement, action, resource } = self.part;
        match action {
            Some(action) => f.write_str(action)?,
            None => write!(f, "every action except {}", statement.not_actions().join(", "))?,
        }
        match (resource, statement.not_resources()) {
            (Some(resource), _) => write!(f, " on {resource}"),
            (None, []) => Ok(()),
            (None, excluded) => write!(f, " on every resource except {}", excluded.join(", ")),
        }
    }
}

/// Returns each action on each resource of the statements with this effect that are understood.
pub(super) fn each(policy: &IamPolicy, effect: Effect) -> impl Iterator<Item = Entry<'_>> {
    let statements = (1_usize..).zip(policy.statements());
    let statements =
        statements.filter(move |(_, statement)| statement.effect() == effect && statement.is_understood());
    statements.flat_map(|(number, statement)| {
        let name = match statement.sid() {
            "" => format!("statement {number}"),
            sid => sid.to_owned(),
        };
        each_or_all(statement.actions()).flat_map(move |action| {
            let name = name.clone();
            each_or_all(statement.resources())
                .map(move |resource| Entry { part: Part { statement, action, resource }, name: name.clone() })
        })
    })
}

/// Returns each text, or `None` once if there are none.
fn each_or_all(texts: &[String]) -> impl Iterator<Item = Option<&str>> {
    let none = texts.is_empty().then_some(None);
    texts.iter().map(|text| Some(text.as_str())).chain(none)
}

//! Whether a single statement applies to a request, of which some values are not known.

use upsign_documents::{
    Effect, IamCondition, IamContext, IamDecision, IamPolicy, IamPrincipal, IamRequest, IamStatement,
    RequestPrincipal,
};

use super::context::Applied;

/// Whether a statement applies.
pub(super) enum Applies {
    Yes,
    No,
    /// It applies if conditions hold whose keys the evidence does not show.
    If(Vec<String>),
    /// It has a part that is not evaluated.
    Unread,
}

/// What a policy decides about an action, statement by statement.
#[derive(Default)]
pub(super) struct Decision<'a> {
    pub(super) denies: Option<&'a IamStatement>,
    pub(super) may_deny: Vec<(&'a IamStatement, Applies)>,
    pub(super) permits: Option<&'a IamStatement>,
    pub(super) may_permit: Vec<(&'a IamStatement, Applies)>,
    /// Whether a statement leaves the decision to the policies of the signer's account.
    pub(super) delegates: bool,
}

/// Applies every statement of a policy.
pub(super) fn decide<'a>(
    policy: &'a IamPolicy,
    request: &IamRequest,
    applied: &Applied,
    signer: Option<&str>,
) -> Decision<'a> {
    let mut decision = Decision::default();
    for statement in policy.statements() {
        match (applies(statement, request, applied, signer), statement.effect()) {
            (Applies::No, _) => {}
            (Applies::Yes, Effect::Deny) => decision.denies = decision.denies.or(Some(statement)),
            (Applies::Yes, Effect::Allow) => decision.permits = decision.permits.or(Some(statement)),
            (other, Effect::Deny) => decision.may_deny.push((statement, other)),
            (other, Effect::Allow) => decision.may_permit.push((statement, other)),
        }
        decision.delegates |= statement.effect() == Effect::Allow
            && statement
                .principals()
                .iter()
                .any(|it| matches!(it, IamPrincipal::Aws(name) if is_account(name)));
    }
    decision
}

/// Returns whether a principal is a whole account, whose own policies decide.
fn is_account(name: &str) -> bool {
    name.ends_with(":root") || (name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()))
}

fn applies(
    statement: &IamStatement,
    request: &IamRequest,
    applied: &Applied,
    signer: Option<&str>,
) -> Applies {
    let mut unknown = applied.unknown_keys(statement);
    let mut request = request.clone();
    // A key that is not known could have a value with which the condition holds.
    for condition in statement.conditions().iter().filter(|it| unknown.iter().any(|key| key == it.key())) {
        request.context = with_holding(request.context, condition);
    }
    if let Some(principal) = named_principal(statement) {
        match signer {
            Some(signer) => request.principal = RequestPrincipal::Role(as_named(statement, signer)),
            None => {
                request.principal = principal;
                unknown.push("the identity that signed".to_owned());
            }
        }
    }
    match matches(statement, &request) {
        IamDecision::ExplicitDeny(_) | IamDecision::Allowed(_) if unknown.is_empty() => Applies::Yes,
        IamDecision::ExplicitDeny(_) | IamDecision::Allowed(_) => Applies::If(unknown),
        IamDecision::Undecided(_) => Applies::Unread,
        _ => Applies::No,
    }
}

/// Evaluates one statement alone.
fn matches(statement: &IamStatement, request: &IamRequest) -> IamDecision {
    let mut statements = vec![statement.clone()];
    let is_of_resource = statement.has_principal();
    if statement.effect() == Effect::Deny {
        // Without an Allow, the evaluator denies by default, and whether this statement applies would not show.
        let all = IamStatement::new("", Effect::Allow, ["*"], ["*"]);
        statements.push(if is_of_resource { all.with_principal(IamPrincipal::Everyone) } else { all });
    }
    let policy = IamPolicy::new(statements);
    let found = match is_of_resource {
        true => request.evaluate(&[], Some(&policy)),
        false => request.evaluate(&[&policy], None),
    };
    match found {
        IamDecision::Allowed(_) if statement.effect() == Effect::Deny => IamDecision::ImplicitDeny,
        other => other,
    }
}

/// Returns a principal of a statement that is for certain identities only, and the signer may be one of them.
fn named_principal(statement: &IamStatement) -> Option<RequestPrincipal> {
    let is_everyone = statement.principals().iter().any(|it| matches!(it, IamPrincipal::Everyone));
    if is_everyone {
        return None;
    }
    let mut named = statement.principals().iter().chain(statement.not_principals());
    let name = named.find_map(|it| match it {
        IamPrincipal::Aws(name) => Some(name),
        _ => None,
    })?;
    // `NotPrincipal` applies to those that it does not name.
    let other = || "arn:aws:iam::000000000000:role/other".to_owned();
    let is_excluded = !statement.not_principals().is_empty();
    Some(RequestPrincipal::Role(match is_excluded {
        true => other(),
        false if is_account(name) => in_account(name).unwrap_or_else(other),
        false => name.clone(),
    }))
}

/// Returns the signer as a statement names it: messages leave the path of a role out, and policies can name its session.
fn as_named(statement: &IamStatement, signer: &str) -> String {
    let parts = |arn: &str| {
        let mut words = arn.split(':').skip(4);
        let (account, resource) = (words.next()?.to_owned(), words.next()?);
        let mut names = resource.split('/');
        let name =
            if names.next() == Some("assumed-role") { names.next() } else { resource.rsplit('/').next() };
        Some((account, name?.to_owned()))
    };
    let named = statement.principals().iter().chain(statement.not_principals());
    let mut names = named.filter_map(|it| match it {
        IamPrincipal::Aws(name) => Some(name),
        _ => None,
    });
    let same = names.find(|name| parts(name).is_some() && parts(name) == parts(signer));
    same.map_or_else(|| signer.to_owned(), Clone::clone)
}

/// Returns a role of the account that a principal names.
fn in_account(name: &str) -> Option<String> {
    let account =
        name.split(':').find(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("arn:aws:iam::{account}:role/of-this-account"))
}

/// Returns the context with a value of the condition's key with which the condition holds, as far as there is a simple one.
fn with_holding(context: IamContext, condition: &IamCondition) -> IamContext {
    let operator = condition.operator().to_string();
    let name = operator.rsplit(':').next().unwrap_or_default().trim_end_matches("IfExists");
    let first = condition.values().first().map(String::as_str).unwrap_or_default();
    let shifted =
        |by: f64| first.parse::<f64>().map_or_else(|_| first.to_owned(), |value| (value + by).to_string());
    match name {
        // These hold for a key that is absent, or for a value that nobody has.
        _ if name.contains("Not") => context.with(condition.key(), "a value of its own"),
        "Null" if first.eq_ignore_ascii_case("true") => context.without(condition.key()),
        "NumericLessThan" => context.with(condition.key(), shifted(-1.0)),
        "NumericGreaterThan" => context.with(condition.key(), shifted(1.0)),
        "DateLessThan" => context.with(condition.key(), "1970-01-01T00:00:00Z"),
        "DateGreaterThan" => context.with(condition.key(), "9999-01-01T00:00:00Z"),
        _ => context.with(condition.key(), first),
    }
}

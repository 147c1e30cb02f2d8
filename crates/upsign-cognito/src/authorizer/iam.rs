//! Callers that IAM has authenticated, with credentials of a Cognito identity pool or of a role.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use upsign_core::{Identity, IssuerName};
use upsign_jwt::claims::{Claims, identity};
use upsign_jwt::{ListClaim, ListForm, Rejection, TrustedIssuer};

use super::event::{Event, object};
use super::event_claims::located;

/// The rule by which a caller that IAM has authenticated is identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamSource {
    callers: Callers,
    issuer_name: Option<IssuerName>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Callers {
    UserPool(TrustedIssuer),
    IdentityPool(Box<str>),
}

/// A caller that IAM has authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamCaller {
    identity: Option<Identity>,
    identity_id: Option<Box<str>>,
    user_arn: Option<Box<str>>,
    identity_pool_id: Option<Box<str>>,
    providers: Box<[Box<str>]>,
}

/// The issuer of identities of an identity pool. It is the `iss` of the tokens that identity pools issue.
const IDENTITY_POOLS: &str = "https://cognito-identity.amazonaws.com";

impl IamSource {
    /// Identifies a caller as the user of this pool with whose token it obtained its credentials. The subject is the `sub`
    /// of that user. Other callers have no [`identity`](IamCaller::identity).
    #[must_use]
    pub const fn user_pool(pool: TrustedIssuer) -> Self {
        Self { callers: Callers::UserPool(pool), issuer_name: None }
    }

    /// Identifies a caller as an identity of this identity pool, regardless of the login provider. The subject is the
    /// identity id. Other callers have no [`identity`](IamCaller::identity).
    #[must_use]
    pub fn identity_pool(id: &str) -> Self {
        Self { callers: Callers::IdentityPool(id.into()), issuer_name: None }
    }

    /// Names the issuer of the identities, for key templates that contain `{issuer}`.
    #[must_use]
    pub fn with_issuer_name(mut self, name: IssuerName) -> Self {
        self.issuer_name = Some(name);
        self
    }

    /// Explains, for the log, why a caller is not one of this source: who was found, and who is expected. Texts of the event are
    /// escaped.
    ///
    /// ```
    /// use serde_json::json;
    /// use upsign_cognito::authorizer::{EventIdentity, IamSource, IdentitySource};
    ///
    /// let callers = IamSource::identity_pool("eu-central-1:11111111-2222-3333-4444-555555555555");
    /// let event = json!({
    ///     "httpMethod": "POST",
    ///     "requestContext": {"identity": {"userArn": "arn:aws:iam::123456789012:user/alice"}},
    /// });
    /// let found = IdentitySource::Iam(callers.clone()).identify(&event, "2026-01-31T12:00:00Z".parse()?)?;
    /// let EventIdentity::Iam(caller) = found else { panic!() };
    /// assert_eq!(
    ///     callers.explain(&caller),
    ///     "IAM has identified arn:aws:iam::123456789012:user/alice, without an identity pool; expected an identity of the \
    ///      identity pool eu-central-1:11111111-2222-3333-4444-555555555555"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explain(&self, caller: &IamCaller) -> String {
        let arn = caller.user_arn().unwrap_or("a caller without an ARN").escape_debug();
        let pool = match caller.identity_pool_id() {
            Some(id) => format!("an identity of the identity pool {}", id.escape_debug()),
            None => "without an identity pool".to_owned(),
        };
        let providers: Vec<String> =
            caller.providers().map(|provider| provider.escape_debug().to_string()).collect();
        let signed_in = match &*providers {
            [] => String::new(),
            all => format!(", signed in at {}", all.join(" and ")),
        };
        let expected = match &self.callers {
            Callers::UserPool(pool) => format!("a user of {}", pool.preferred_name()),
            Callers::IdentityPool(id) => format!("an identity of the identity pool {id}"),
        };
        format!("IAM has identified {arn}, {pool}{signed_in}; expected {expected}")
    }

    pub(crate) fn identify(&self, event: &Event<'_>) -> Result<IamCaller, Rejection> {
        let facts = match event {
            Event::RestV1(context) | Event::HttpV1(context) if object(context, "authorizer").is_none() => {
                rest_v1(context)?
            }
            Event::HttpV2(context) => http_v2(context)?,
            Event::RestV1(_) | Event::HttpV1(_) => return Err(Rejection::NoClaims),
            Event::Alb(_) | Event::AppSync(_) => return Err(Rejection::OtherEvent),
        };
        Ok(IamCaller {
            identity: self.identity(&facts)?,
            identity_id: facts.identity_id.map(Into::into),
            user_arn: facts.user_arn.map(Into::into),
            identity_pool_id: facts.pool_id.map(Into::into),
            providers: facts.providers(),
        })
    }

    fn identity(&self, facts: &CallerFacts<'_>) -> Result<Option<Identity>, Rejection> {
        let found = match &self.callers {
            Callers::UserPool(pool) => facts.pool_user(pool)?.map(|(issuer, sub)| (issuer, sub, "sub")),
            Callers::IdentityPool(id) if facts.pool_id == Some(id) => {
                facts.identity_id.map(|id| (IDENTITY_POOLS, id, "cognitoIdentityId"))
            }
            Callers::IdentityPool(_) => None,
        };
        let identity =
            |(issuer, subject, member)| identity(issuer, self.issuer_name.as_ref(), subject, member);
        found.map(identity).transpose()
    }
}

impl IamCaller {
    /// Returns the identity of the caller, if the source identifies it.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Returns the identity id of the caller in its identity pool.
    #[must_use]
    pub fn identity_id(&self) -> Option<&str> {
        self.identity_id.as_deref()
    }

    /// Returns the IAM ARN of the caller.
    #[must_use]
    pub fn user_arn(&self) -> Option<&str> {
        self.user_arn.as_deref()
    }

    /// Returns the id of the identity pool from which the caller has its credentials. Other callers have none.
    #[must_use]
    pub fn identity_pool_id(&self) -> Option<&str> {
        self.identity_pool_id.as_deref()
    }

    /// Returns where the caller has signed in, such as `cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123`, as far
    /// as the event says so.
    #[must_use]
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.providers.iter().map(AsRef::as_ref)
    }
}

/// The facts about the caller that an event contains.
struct CallerFacts<'a> {
    user_arn: Option<&'a str>,
    identity_id: Option<&'a str>,
    pool_id: Option<&'a str>,
    /// The logins of the identity. One of a user pool is `cognito-idp.…/<pool>:CognitoSignIn:<sub>`.
    logins: Vec<&'a str>,
}

/// The text between the provider and the subject in the login of a user pool.
const SIGN_IN: &str = ":CognitoSignIn:";

impl<'a> CallerFacts<'a> {
    /// Returns the providers of the logins, each once.
    fn providers(&self) -> Box<[Box<str>]> {
        let of_login = |login: &&str| login.split(SIGN_IN).next().map(str::to_owned);
        let providers = self.logins.iter().filter(|login| **login != "authenticated").filter_map(of_login);
        providers.collect::<BTreeSet<_>>().into_iter().map(Into::into).collect()
    }

    /// Returns the issuer and the `sub` of the user of `pool` among the logins. Two different users are an error: neither can be
    /// preferred.
    fn pool_user<'p>(&self, pool: &'p TrustedIssuer) -> Result<Option<(&'p str, &'a str)>, Rejection> {
        let user = |login: &'a str| {
            let (provider, sub) = login.split_once(SIGN_IN)?;
            let issuer = pool.names().find(|name| name.strip_prefix("https://") == Some(provider))?;
            Some((issuer, sub))
        };
        let mut users = self.logins.iter().copied().filter_map(user);
        let Some((issuer, sub)) = users.next() else { return Ok(None) };
        if users.any(|(_, other)| other != sub) {
            return Err(Rejection::MalformedEvent { part: "identity" });
        }
        Ok(Some((issuer, sub)))
    }
}

/// Source: API Gateway developer guide, `$context.identity`.
fn rest_v1(context: &Map<String, Value>) -> Result<CallerFacts<'_>, Rejection> {
    let identity = object(context, "identity").ok_or(Rejection::NoClaims)?;
    let (user_arn, identity_id) = (text(identity, "userArn")?, text(identity, "cognitoIdentityId")?);
    match (user_arn, identity_id, text(identity, "cognitoAuthenticationType")?) {
        (None, None, _) => return Err(Rejection::NoClaims),
        (_, Some(_), Some("authenticated")) | (Some(_), None, None) => {}
        _ => return Err(Rejection::Guest),
    }
    let logins =
        text(identity, "cognitoAuthenticationProvider")?.and_then(rest_v1_login).into_iter().collect();
    Ok(CallerFacts { user_arn, identity_id, pool_id: text(identity, "cognitoIdentityPoolId")?, logins })
}

/// Returns the login in a `cognitoAuthenticationProvider` of the documented form `PROVIDER,PROVIDER:CognitoSignIn:SUB`, in
/// which both providers are equal, or `None` for any other text.
///
/// The member is text without escapes, and the user ids of some providers are free text, which can contain commas and the
/// provider of a user pool. The documented form has exactly one comma and one subject, so nothing else is read: a text with
/// more parts cannot be split reliably.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>.
fn rest_v1_login(text: &str) -> Option<&str> {
    let (provider, login) = text.split_once(',')?;
    let sub = login.strip_prefix(provider)?.strip_prefix(SIGN_IN)?;
    (!sub.is_empty() && !sub.contains([',', ':'])).then_some(login)
}

/// Source: API Gateway developer guide, `$context.authorizer.iam`. The event of a function URL has the same.
fn http_v2(context: &Map<String, Value>) -> Result<CallerFacts<'_>, Rejection> {
    let authorizer = object(context, "authorizer").ok_or(Rejection::NoClaims)?;
    let iam = object(authorizer, "iam").ok_or(Rejection::NoClaims)?;
    let user_arn = Some(text(iam, "userArn")?.ok_or(Rejection::NoClaims)?);
    let cognito = match iam.get("cognitoIdentity") {
        None | Some(Value::Null) => {
            return Ok(CallerFacts { user_arn, identity_id: None, pool_id: None, logins: Vec::new() });
        }
        Some(Value::Object(cognito)) => cognito,
        Some(_) => return Err(Rejection::MalformedEvent { part: "identity" }),
    };
    let methods = match cognito.get("amr") {
        None | Some(Value::Null) => return Err(Rejection::Guest),
        Some(Value::Array(methods)) => methods,
        Some(_) => {
            let list = ListClaim::new("amr", ListForm::Json);
            return Err(Claims(cognito).list(&list).map_or_else(in_iam_caller, |_| Rejection::Guest));
        }
    };
    let logins: Option<Vec<&str>> = methods.iter().map(Value::as_str).collect();
    let logins = logins.ok_or(Rejection::MalformedEvent { part: "identity" })?;
    if logins.is_empty() || logins.contains(&"unauthenticated") {
        return Err(Rejection::Guest);
    }
    Ok(CallerFacts {
        user_arn,
        identity_id: text(cognito, "identityId")?,
        pool_id: text(cognito, "identityPoolId")?,
        logins,
    })
}

/// Reads a member of the IAM caller. A gateway writes an absent value as `null` or as an empty text; a value of another type is
/// not the same as none.
fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Rejection> {
    if members.get(name).is_none_or(Value::is_null) {
        return Ok(None);
    }
    Ok(Claims(members).optional(name).map_err(in_iam_caller)?.filter(|text| !text.is_empty()))
}

/// Adds the source to the reason of a rejection.
fn in_iam_caller(rejection: Rejection) -> Rejection {
    located(rejection, "the IAM caller of the event")
}

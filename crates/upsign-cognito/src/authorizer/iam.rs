//! Callers whom IAM has checked, with credentials of a Cognito identity pool or others.

use serde_json::{Map, Value};
use upsign_core::Identity;

use super::event::{Event, object, text};
use crate::claims::{identity, subject};
use crate::{Rejection, TrustedIssuer};

/// IAM as the source of identity, and whom its callers are taken for.
#[derive(Clone, Debug)]
pub struct IamSource(Named);

#[derive(Clone, Debug)]
enum Named {
    UserPool(TrustedIssuer),
    IdentityPool(Box<str>),
}

/// A caller whom IAM has checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamCaller {
    identity: Option<Identity>,
    identity_id: Option<Box<str>>,
    user_arn: Option<Box<str>>,
}

/// What `Identity` calls the issuer of identity pool ids. Source: the `iss` of an identity pool's own tokens.
const IDENTITY_POOLS: &str = "https://cognito-identity.amazonaws.com";

impl IamSource {
    /// Callers are taken for the user of this pool with whose token they got their credentials; their subject is its
    /// `sub`. Others are known to IAM, but have no [`identity`](IamCaller::identity).
    #[must_use]
    pub const fn user_pool(pool: TrustedIssuer) -> Self {
        Self(Named::UserPool(pool))
    }

    /// Callers are taken for the identities of this identity pool, wherever they signed in; their subject is the identity
    /// id. Others are known to IAM, but have no [`identity`](IamCaller::identity).
    #[must_use]
    pub fn identity_pool(id: &str) -> Self {
        Self(Named::IdentityPool(id.into()))
    }

    pub(crate) fn identify(&self, event: &Event<'_>) -> Result<IamCaller, Rejection> {
        let facts = match event {
            Event::RestV1(context) if object(context, "authorizer").is_none() => rest_v1(context)?,
            Event::HttpV2(context) => http_v2(context)?,
            Event::RestV1(_) => return Err(Rejection::NoClaims),
            Event::Alb(_) | Event::AppSync(_) => return Err(Rejection::OtherEvent),
        };
        Ok(IamCaller {
            identity: self.name(&facts)?,
            identity_id: facts.identity_id.map(Into::into),
            user_arn: facts.user_arn.map(Into::into),
        })
    }

    fn name(&self, facts: &Facts<'_>) -> Result<Option<Identity>, Rejection> {
        match &self.0 {
            Named::UserPool(pool) => facts.pool_user(pool),
            Named::IdentityPool(ours) if facts.pool_id == Some(ours) => {
                facts.identity_id.map(|id| identity(IDENTITY_POOLS, subject(id)?)).transpose()
            }
            Named::IdentityPool(_) => Ok(None),
        }
    }
}

impl IamCaller {
    /// The caller, to be handed on, if the source can name them.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The id of the caller in their identity pool.
    #[must_use]
    pub fn identity_id(&self) -> Option<&str> {
        self.identity_id.as_deref()
    }

    /// The ARN that IAM knows the caller by.
    #[must_use]
    pub fn user_arn(&self) -> Option<&str> {
        self.user_arn.as_deref()
    }
}

struct Facts<'a> {
    user_arn: Option<&'a str>,
    identity_id: Option<&'a str>,
    pool_id: Option<&'a str>,
    /// `cognito-idp.…/pool:CognitoSignIn:sub`, among others.
    logins: Vec<&'a str>,
}

impl Facts<'_> {
    /// The one user of `pool` among the logins.
    fn pool_user(&self, pool: &TrustedIssuer) -> Result<Option<Identity>, Rejection> {
        let user = |login: &&str| {
            let (provider, sub) = login.split_once(":CognitoSignIn:")?;
            let issuer = pool.names().find(|name| name.strip_prefix("https://") == Some(provider))?;
            Some((issuer.to_owned(), sub.to_owned()))
        };
        let mut users = self.logins.iter().filter_map(user);
        let Some((issuer, sub)) = users.next() else { return Ok(None) };
        if users.any(|(_, other)| other != sub) {
            return Err(Rejection::MalformedEvent { part: "identity" });
        }
        identity(&issuer, subject(&sub)?).map(Some)
    }
}

/// Source: API Gateway developer guide, `$context.identity`.
fn rest_v1(context: &Map<String, Value>) -> Result<Facts<'_>, Rejection> {
    let identity = object(context, "identity").ok_or(Rejection::NoClaims)?;
    let (user_arn, identity_id) = (text(identity, "userArn"), text(identity, "cognitoIdentityId"));
    match (user_arn, identity_id, text(identity, "cognitoAuthenticationType")) {
        (None, None, _) => return Err(Rejection::NoClaims),
        (_, Some(_), Some("authenticated")) | (Some(_), None, None) => {}
        _ => return Err(Rejection::Guest),
    }
    let logins = text(identity, "cognitoAuthenticationProvider").unwrap_or_default().split(',').collect();
    Ok(Facts { user_arn, identity_id, pool_id: text(identity, "cognitoIdentityPoolId"), logins })
}

/// Source: API Gateway developer guide, `$context.authorizer.iam`; the same in a function URL's event.
fn http_v2(context: &Map<String, Value>) -> Result<Facts<'_>, Rejection> {
    let authorizer = object(context, "authorizer").ok_or(Rejection::NoClaims)?;
    let iam = object(authorizer, "iam").ok_or(Rejection::NoClaims)?;
    let user_arn = Some(text(iam, "userArn").ok_or(Rejection::NoClaims)?);
    let cognito = match iam.get("cognitoIdentity") {
        None | Some(Value::Null) => {
            return Ok(Facts { user_arn, identity_id: None, pool_id: None, logins: Vec::new() });
        }
        Some(Value::Object(cognito)) => cognito,
        Some(_) => return Err(Rejection::MalformedEvent { part: "identity" }),
    };
    let methods = cognito.get("amr").and_then(Value::as_array).ok_or(Rejection::Guest)?;
    let logins: Option<Vec<&str>> = methods.iter().map(Value::as_str).collect();
    let logins = logins.ok_or(Rejection::MalformedEvent { part: "identity" })?;
    if logins.is_empty() || logins.contains(&"unauthenticated") {
        return Err(Rejection::Guest);
    }
    Ok(Facts {
        user_arn,
        identity_id: text(cognito, "identityId"),
        pool_id: text(cognito, "identityPoolId"),
        logins,
    })
}

//! The requirements that a token must meet.

use upsign_core::IssuerName;

use crate::config::client_ids::{ClientIds, IntoClientIds};
use crate::config::invalid::InvalidVerifierConfig;
use crate::config::issuer::TrustedIssuer;
use crate::config::list_claim::{ListClaim, ListForm};
use crate::config::token_use::TokenUse;
use crate::crypto::algorithm::{Algorithm, Backend};
use crate::token::bearer::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES_RANGE};

/// The requirements that a token must meet. Issuer, audience or client ids, and kind of token have no defaults.
///
/// Two profiles say which claims decide:
///
/// | | [`oidc`](Self::oidc): any OpenID Connect issuer | [`new`](Self::new): tokens with the claim `token_use`, as of Amazon Cognito |
/// | --- | --- | --- |
/// | audience | `aud` must name one of the audiences | an access token with `aud` must name one of the audiences, if there are any, or one of the client ids; an id token's `aud` is its client |
/// | client | `client_id`, or `azp`; every client by default | `client_id` of an access token, `aud` of an id token |
/// | kind | the header's `typ`, and claims that only one kind has | `token_use` |
/// | groups, scopes | `groups` (list), `scope` (spaces) | `cognito:groups` (list), `scope` (spaces) |
///
/// ```
/// use upsign_jwt::{Algorithm, ListClaim, ListForm, TokenUse, TrustedIssuer, VerifierConfig};
/// let issuer = TrustedIssuer::discover("https://id.example.com/realms/main")?;
/// let config = VerifierConfig::oidc(issuer, ["upload-api"], TokenUse::Access)?
///     .with_algorithms([Algorithm::Es256])?
///     .with_groups_claim(ListClaim::new("realm_access.roles", ListForm::Json))
///     .with_required_groups(["uploaders"])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    pub(crate) issuer: TrustedIssuer,
    pub(crate) profile: Profile,
    pub(crate) token_use: TokenUse,
    pub(crate) audiences: Option<Box<[Box<str>]>>,
    pub(crate) client_ids: ClientIds,
    pub(crate) subject_claim: Box<str>,
    pub(crate) groups: ListClaim,
    pub(crate) scopes: ListClaim,
    pub(crate) leeway: u32,
    pub(crate) required_groups: Option<Box<[Box<str>]>>,
    pub(crate) required_scopes: Option<Box<[Box<str>]>>,
    pub(crate) identity_claims: Box<[Box<str>]>,
    pub(crate) algorithms: Box<[Algorithm]>,
    pub(crate) backend: Backend,
    pub(crate) max_token_bytes: usize,
    pub(crate) issuer_name: Option<IssuerName>,
}

/// By what a token shows its kind and its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// The claim `token_use`, and the other claims of Amazon Cognito.
    TokenUseClaim,
    /// OpenID Connect and RFC 9068.
    OpenId {
        /// Whether an access token must have the `typ` of RFC 9068.
        requires_type: bool,
    },
}

impl VerifierConfig {
    /// Requires tokens of the kind `token_use` that `issuer` issued to one of `client_ids`, with the claims of Amazon Cognito:
    /// `token_use`, `client_id`, `cognito:groups`.
    ///
    /// The defaults are: signed with RS256, the algorithm of Cognito; 60 s of leeway; no required group or scope.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::ClientIds`] if `client_ids` is empty or contains an empty id, and
    /// [`InvalidVerifierConfig::ClientWildcard`] if it contains `*`. [`ClientIds::Any`] accepts every client.
    pub fn new(
        issuer: TrustedIssuer,
        client_ids: impl IntoClientIds,
        token_use: TokenUse,
    ) -> Result<Self, InvalidVerifierConfig> {
        let groups = ListClaim::new("cognito:groups", ListForm::Json);
        let config = Self::with_profile(issuer, Profile::TokenUseClaim, token_use, groups);
        config.with_client_ids(client_ids)
    }

    /// Requires tokens of the kind `token_use` that `issuer`, an OpenID Connect issuer, issued for one of `audiences`.
    ///
    /// The audience of an access token is the API, and that of an id token is the client. It is what distinguishes a token for
    /// this service from one for any other, so there is no default (RFC 7519, section 4.1.3).
    ///
    /// The kind of a token is recognized as far as the standards go. An access token of RFC 9068 has the `typ` `at+jwt`. Any
    /// other token is taken for an id token if it has one of the claims `nonce`, `at_hash` and `c_hash`, which OpenID Connect
    /// defines for id tokens only, and for an access token if it has `scope`, `scp` or `client_id`, which it does not define for
    /// them. The claim `typ` of Keycloak, `Bearer` or `ID`, counts as well. A token that shows neither is accepted as either.
    ///
    /// The defaults are: signed with RS256; every client; the subject is `sub`, groups are a list in `groups`, scopes are in
    /// `scope`; 60 s of leeway; no required group or scope.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Audiences`] if `audiences` is empty or contains an empty text.
    pub fn oidc<S: AsRef<str>>(
        issuer: TrustedIssuer,
        audiences: impl IntoIterator<Item = S>,
        token_use: TokenUse,
    ) -> Result<Self, InvalidVerifierConfig> {
        let groups = ListClaim::new("groups", ListForm::Json);
        let profile = Profile::OpenId { requires_type: false };
        Self::with_profile(issuer, profile, token_use, groups).with_audiences(audiences)
    }

    fn with_profile(issuer: TrustedIssuer, profile: Profile, token_use: TokenUse, groups: ListClaim) -> Self {
        Self {
            issuer,
            profile,
            token_use,
            audiences: None,
            client_ids: ClientIds::Any,
            subject_claim: "sub".into(),
            groups,
            scopes: ListClaim::new("scope", ListForm::Space),
            leeway: 60,
            required_groups: None,
            required_scopes: None,
            identity_claims: Box::default(),
            algorithms: [Algorithm::Rs256].into(),
            backend: Backend::default(),
            max_token_bytes: DEFAULT_MAX_TOKEN_BYTES,
            issuer_name: None,
        }
    }

    /// Replaces the issuer. All other requirements stay, so that a configuration for production can be tried with an issuer for
    /// tests.
    ///
    /// ```
    /// use upsign_jwt::{TokenUse, TrustedIssuer, VerifierConfig};
    /// let config = VerifierConfig::oidc(TrustedIssuer::discover("https://id.example.com")?, ["api"], TokenUse::Access)?
    ///     .with_required_groups(["uploaders"])?;
    /// let issuer = "http://127.0.0.1:9229/local";
    /// let config = config.with_issuer(TrustedIssuer::danger_http_discovery(issuer)?);
    /// assert_eq!(config.issuer().names().next(), Some(issuer));
    /// assert_eq!(config.required_groups(), Some(["uploaders".into()].as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.issuer = issuer;
        self
    }

    /// Replaces the audiences, of which `aud` must name at least one.
    ///
    /// With [`new`](Self::new), this applies to access tokens, which must then have an `aud`. The issuer puts it in when the
    /// client asks for a resource (RFC 8707).
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Audiences`] if `audiences` is empty or contains an empty text.
    pub fn with_audiences<S: AsRef<str>>(
        mut self,
        audiences: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.audiences = Some(non_empty(audiences).ok_or(InvalidVerifierConfig::Audiences)?);
        Ok(self)
    }

    /// Replaces the kind of token that is accepted.
    #[must_use]
    pub const fn with_token_use(mut self, token_use: TokenUse) -> Self {
        self.token_use = token_use;
        self
    }

    /// Replaces the clients whose tokens are accepted. Pass [`ClientIds::Any`] to accept every client.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::ClientIds`] if `client_ids` is empty or contains an empty id, and
    /// [`InvalidVerifierConfig::ClientWildcard`] if it contains `*`.
    pub fn with_client_ids(mut self, client_ids: impl IntoClientIds) -> Result<Self, InvalidVerifierConfig> {
        self.client_ids = client_ids.into_client_ids()?;
        Ok(self)
    }

    /// Requires that access tokens have the `typ` `at+jwt` (RFC 9068, section 4), if the issuer writes it. Has no effect on
    /// tokens with the claim `token_use`. The event of a gateway does not contain the type, so none can satisfy this.
    #[must_use]
    pub const fn with_required_type(mut self) -> Self {
        if let Profile::OpenId { requires_type } = &mut self.profile {
            *requires_type = true;
        }
        self
    }

    /// Reads the subject from this claim. Default: `sub`. Microsoft Entra, for example, has a `sub` that differs for each
    /// client, and the same `oid` for all of them.
    ///
    /// The claim must identify a user for ever and be under the issuer's control: a name or an address that users can change or
    /// inherit lets one user take the uploads of another.
    #[must_use]
    pub fn with_subject_claim(mut self, claim: &str) -> Self {
        self.subject_claim = claim.into();
        self
    }

    /// Reads the groups from this claim.
    #[must_use]
    pub fn with_groups_claim(mut self, claim: ListClaim) -> Self {
        self.groups = claim;
        self
    }

    /// Reads the scopes from this claim. Default: `scope`, separated by spaces (RFC 8693, section 4.2).
    #[must_use]
    pub fn with_scopes_claim(mut self, claim: ListClaim) -> Self {
        self.scopes = claim;
        self
    }

    /// Sets by how many seconds the clocks of this host and of the issuer may differ. Default: 60.
    ///
    /// A token is accepted this long before `nbf` and `iat`, and this long after `exp`.
    #[must_use]
    pub const fn with_leeway(mut self, seconds: u32) -> Self {
        self.leeway = seconds;
        self
    }

    /// Requires that the caller is in at least one of these groups.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Groups`] if `groups` is empty or contains an empty name.
    pub fn with_required_groups<S: AsRef<str>>(
        mut self,
        groups: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.required_groups = Some(non_empty(groups).ok_or(InvalidVerifierConfig::Groups)?);
        Ok(self)
    }

    /// Requires that the token has at least one of these scopes.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Scopes`] if `scopes` is empty or contains an empty name.
    pub fn with_required_scopes<S: AsRef<str>>(
        mut self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.required_scopes = Some(non_empty(scopes).ok_or(InvalidVerifierConfig::Scopes)?);
        Ok(self)
    }

    /// Copies these claims into the identity of the caller, where a token has them. Key templates refer to them as `{claim:…}`.
    ///
    /// A text, an integer or a boolean is copied as its text. A token with another value is rejected: a list or an object must
    /// not become a folder, nor a text in brackets, as which some gateways send a list.
    ///
    /// Cognito puts the attributes of a user (`custom:tenant`) into id tokens. An access token has them only if a
    /// pre-token-generation trigger adds them.
    #[must_use]
    pub fn with_identity_claims<S: AsRef<str>>(mut self, claims: impl IntoIterator<Item = S>) -> Self {
        self.identity_claims = claims.into_iter().map(|claim| claim.as_ref().into()).collect();
        self
    }

    /// Replaces the allowed algorithms. Default: RS256.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Algorithms`] if `algorithms` is empty.
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.algorithms = algorithms.into_iter().collect();
        if self.algorithms.is_empty() { Err(InvalidVerifierConfig::Algorithms) } else { Ok(self) }
    }

    /// Sets the maximum length of a token in bytes. Default: [`DEFAULT_MAX_TOKEN_BYTES`], 8 KiB. A longer one is rejected before
    /// anything of it is read.
    ///
    /// Tokens that list many groups are longer than the default. What is in front of the service must accept such headers too:
    /// API Gateway, for example, accepts 10,240 bytes for all headers of a request together.
    ///
    /// ```
    /// use upsign_jwt::{InvalidVerifierConfig, TokenUse, TrustedIssuer, VerifierConfig};
    /// let issuer = TrustedIssuer::discover("https://id.example.com")?;
    /// let config = VerifierConfig::oidc(issuer, ["upload-api"], TokenUse::Access)?.with_max_token_bytes(16 * 1024)?;
    /// assert_eq!(config.max_token_bytes(), 16_384);
    /// assert_eq!(config.with_max_token_bytes(100).unwrap_err(), InvalidVerifierConfig::MaxTokenBytes);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::MaxTokenBytes`] if `bytes` is not in [`MAX_TOKEN_BYTES_RANGE`].
    pub fn with_max_token_bytes(mut self, bytes: usize) -> Result<Self, InvalidVerifierConfig> {
        if !MAX_TOKEN_BYTES_RANGE.contains(&bytes) {
            return Err(InvalidVerifierConfig::MaxTokenBytes);
        }
        self.max_token_bytes = bytes;
        Ok(self)
    }

    /// Gives the issuer a name, which every [`Identity`](crate::Identity) of its tokens has. Default: none. A key template writes
    /// it with `{issuer}`, to keep the uploads of several issuers apart.
    ///
    /// ```
    /// use upsign_jwt::{TokenCheck, TokenUse, TrustedIssuer, VerifierConfig};
    /// use upsign_testing::tokens::TestIssuer;
    ///
    /// let issuer = TestIssuer::custom("https://staff.example.com");
    /// let trusted = TrustedIssuer::discover("https://staff.example.com")?;
    /// let config = VerifierConfig::oidc(trusted, ["upload-api"], TokenUse::Access)?.with_issuer_name("staff".parse()?);
    /// let check = TokenCheck::new(config);
    /// let keys = check.key_set(issuer.jwks().as_bytes())?;
    ///
    /// let at = "2026-01-31T12:00:00Z".parse()?;
    /// let token = issuer.access_token("alice", "web").claim("aud", "upload-api").sign(at);
    /// let identity = check.check(&keys, &token, at)?.identity();
    /// assert_eq!(identity.issuer_name().map(|name| name.as_str()), Some("staff"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_issuer_name(mut self, name: IssuerName) -> Self {
        self.issuer_name = Some(name);
        self
    }

    /// Sets the library that verifies signatures. Default: [`Backend::AwsLc`].
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }
}

/// Returns the names, or `None` if there are none or one is empty.
fn non_empty<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Option<Box<[Box<str>]>> {
    let names: Box<[Box<str>]> = names.into_iter().map(|name| name.as_ref().into()).collect();
    (!names.is_empty() && names.iter().all(|name| !name.is_empty())).then_some(names)
}

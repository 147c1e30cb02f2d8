//! Another identity provider: Auth0, Clerk, Supabase, Keycloak, Microsoft Entra, Firebase, Zitadel or Google in place of Cognito.
//!
//! With `provider = "oidc"`, `[auth]` accepts tokens of any OpenID Connect issuer. It needs three values, and sometimes a fourth:
//!
//! - `issuer`: the `iss` of the tokens, byte for byte. A slash at the end counts.
//! - `audiences`: the `aud` of the tokens that are meant for this service. Without it, a token for any other service of the same
//!   issuer would be accepted (RFC 7519, section 4.1.3), so there is no default.
//! - `token_use`: `access`, or `id` if the client sends its id token, as with Firebase and Google.
//! - `algorithms`, if the issuer does not sign with RS256.
//!
//! The keys are found with the discovery document at `ISSUER/.well-known/openid-configuration`, whose `issuer` must be the same.
//! `jwks_uri` names their URL instead, for an issuer without such a document, and `jwks_file` a file, for a network without a way
//! to the issuer. Such a file is read once, at the start: deploy it again when the issuer changes its keys.
//!
//! To see what a token contains, and what would have to change for it to be accepted:
//!
//! ```sh
//! upsign verify - <<<"$TOKEN"
//! ```
//!
//! # Auth0
//!
//! The audience is the identifier of the API, which the client passes as `audience`. Without it, the access token is opaque and
//! cannot be verified. `permissions` needs the setting "Add Permissions in the Access Token".
//! Source: <https://auth0.com/docs/secure/tokens/access-tokens>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://acme.eu.auth0.com/"
//! audiences = ["https://api.acme.example"]
//! token_use = "access"
//! scopes_claim = { claim = "permissions", form = "json" }
//! ```
//!
//! # Clerk
//!
//! Session tokens have no `aud`: add one with a JWT template or a customized session token.
//! Source: <https://clerk.com/docs/guides/sessions/jwt-templates>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://clerk.acme.example"
//! audiences = ["https://api.acme.example"]
//! token_use = "any"
//! ```
//!
//! # Supabase
//!
//! Create an asymmetric signing key first: the shared secret of older projects (HS256) cannot be published, so no other program
//! can verify with it. Source: <https://supabase.com/docs/guides/auth/signing-keys>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://abcdefghijklmnop.supabase.co/auth/v1"
//! jwks_uri = "https://abcdefghijklmnop.supabase.co/auth/v1/.well-known/jwks.json"
//! audiences = ["authenticated"]
//! algorithms = ["ES256"]
//! token_use = "any"
//! ```
//!
//! # Keycloak
//!
//! Add an audience mapper to the client scope; by default, `aud` is `account`. Roles are a claim within a claim, written as a path.
//! Source: <https://www.keycloak.org/docs/latest/server_admin/index.html#audience-support>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://id.acme.example/realms/main"
//! audiences = ["upload-api"]
//! token_use = "access"
//! groups_claim = "realm_access.roles"
//! ```
//!
//! # Microsoft Entra
//!
//! Register the API and set `accessTokenAcceptedVersion` to 2 in its manifest; the audience is then its client id. `sub` differs for
//! each client, and `oid` does not. Scopes are in `scp`, and app roles in `roles`.
//! Source: <https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"
//! audiences = ["66666666-7777-8888-9999-000000000000"]
//! token_use = "access"
//! subject_claim = "oid"
//! groups_claim = "roles"
//! scopes_claim = "scp"
//! ```
//!
//! # Firebase
//!
//! Clients send the id token; issuer and audience both contain the id of the project.
//! Source: <https://firebase.google.com/docs/auth/admin/verify-id-tokens>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://securetoken.google.com/acme-app"
//! audiences = ["acme-app"]
//! token_use = "id"
//! ```
//!
//! # Zitadel
//!
//! Set the token type of the application to JWT. The audience is the id of the project, which the client requests with the scope
//! `urn:zitadel:iam:org:project:id:PROJECT:aud`. Source: <https://zitadel.com/docs/apis/openidoauth/scopes>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://acme-abc123.zitadel.cloud"
//! audiences = ["123456789012345678"]
//! token_use = "access"
//! ```
//!
//! # Google
//!
//! Access tokens of Google are opaque, so the client sends its id token, whose audience is the client.
//! Source: <https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://accounts.google.com"
//! audiences = ["1234567890-abc.apps.googleusercontent.com"]
//! token_use = "id"
//! ```
//!
//! # What the gateway verifies
//!
//! The JWT authorizer of an HTTP API accepts one issuer, a list of audiences and RSA keys, passes on no claims within a claim, and finds
//! the keys with the discovery document of the issuer only, whatever `jwks_uri` says. `upsign check` prints whether the generated API
//! gets one. Otherwise the function verifies the tokens itself, which is also the case with a REST API, a function URL and a load
//! balancer.

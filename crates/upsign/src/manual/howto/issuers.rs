//! Another identity provider: Auth0, Clerk, Supabase, Keycloak, Microsoft Entra, Firebase, Zitadel, Google or Okta in place of
//! Cognito, a company directory behind Cognito, several issuers, and programs as callers.
//!
//! With `provider = "oidc"`, `[auth]` accepts tokens of any OpenID Connect issuer. It needs three values, and sometimes a fourth:
//!
//! - `issuer`: the `iss` of the tokens, byte for byte. A slash at the end counts; `upsign check` warns if a known provider writes it
//!   differently.
//! - `audiences`: the `aud` of the tokens that are meant for this service. Without it, a token for any other service of the same
//!   issuer would be accepted (RFC 7519, section 4.1.3), so there is no default.
//! - `token_use`: `access`, or `id` if the client sends its id token, as with Firebase and Google.
//! - `algorithms`, if the issuer does not sign with RS256.
//!
//! The keys are found with the discovery document at `ISSUER/.well-known/openid-configuration`, whose `issuer` must be the same.
//! `jwks_uri` names their URL instead, for an issuer without such a document. [`keys`](super::keys) is about networks without a way
//! to the issuer, proxies and emulators, and [`callers`](super::callers) about tokens in another header and callers without tokens.
//!
//! An id token can have the audience of a client, and an access token that of an API; if both are listed, only the kind of the
//! token keeps them apart. `token_type = "at+jwt"` requires access tokens that say what they are (RFC 9068), from an issuer that
//! writes them so: Auth0 with the token profile of RFC 9068, for example.
//!
//! To see what a token contains, and what would have to change for it to be accepted:
//!
//! ```sh
//! printf %s "$TOKEN" | upsign verify -
//! ```
//!
//! # Auth0
//!
//! The audience is the identifier of the API, which the client passes as `audience`. Without it, the access token is opaque and
//! cannot be verified. `permissions` needs the setting "Add Permissions in the Access Token"; without it, use `scope`.
//! Source: <https://auth0.com/docs/get-started/apis/enable-role-based-access-control-for-apis>.
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
//! Session tokens have no `aud`: add one with a JWT template or a customized session token. They live for a minute, so clients get
//! a new one for each request. Source: <https://clerk.com/docs/guides/sessions/jwt-templates>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://clerk.acme.example"
//! jwks_uri = "https://clerk.acme.example/.well-known/jwks.json"
//! audiences = ["https://api.acme.example"]
//! token_use = "any"
//! ```
//!
//! # Supabase
//!
//! Create an asymmetric signing key first: the shared secret of older projects (HS256) cannot be published, so no other program
//! can verify with it. Anonymous users have the same audience: if they are enabled, everybody can upload.
//! Sources: <https://supabase.com/docs/guides/auth/signing-keys>, <https://supabase.com/docs/guides/auth/jwt-fields>.
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
//! The claim `typ` says that a token is an access token (`Bearer`) or an id token (`ID`).
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
//! Register the API and set `requestedAccessTokenVersion` to 2 in its manifest (`accessTokenAcceptedVersion` in older manifests);
//! the audience is then its client id. `sub` differs for each client, and `oid` does not. Scopes are in `scp`, and app roles in
//! `roles`. The claim `groups` is absent from the token of a user with more than 200 groups, so assign app roles to groups.
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
//! Clients send the id token; issuer and audience both contain the id of the project. Custom claims are at the top level.
//! Sources: <https://firebase.google.com/docs/auth/admin/verify-id-tokens>,
//! <https://firebase.google.com/docs/auth/admin/custom-claims>.
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
//! `urn:zitadel:iam:org:project:id:PROJECT:aud`. Roles are the names of the members of an object, which is not a list: let an
//! action write them as a list into a claim `groups`. Source: <https://zitadel.com/docs/apis/openidoauth/scopes>.
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
//! Access tokens of Google are opaque, so the client sends its id token, whose audience is the client. Everybody with a Google
//! account can get one, unless the application is internal to an organization. The claim `hd` names the organization of a user of
//! Google Workspace, and read as a list of one name it restricts uploads to them.
//! Source: <https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://accounts.google.com"
//! audiences = ["1234567890-abc.apps.googleusercontent.com"]
//! token_use = "id"
//! groups_claim = { claim = "hd", form = "space" }
//! groups = ["acme.example"]
//! ```
//!
//! # Okta
//!
//! Use a custom authorization server, such as `default`: the access tokens of the organization's own server are for Okta only.
//! `sub` is the login name of a user, which can change and be given to another one, so `uid` identifies users. A program has no
//! `uid`; if programs upload, use `sub` and a server of their own. Scopes are a list. Groups need a claim that is added to the
//! access tokens of the server.
//! Sources: <https://developer.okta.com/docs/concepts/auth-servers/>,
//! <https://developer.okta.com/docs/api/openapi/okta-management/management/tag/AuthorizationServerClaims>.
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://acme.okta.com/oauth2/default"
//! audiences = ["api://default"]
//! token_use = "access"
//! subject_claim = "uid"
//! scopes_claim = { claim = "scp", form = "json" }
//! ```
//!
//! # Cognito with a company directory
//!
//! A user pool can let users sign in with a company directory (SAML or OpenID Connect). The groups of the directory are not the
//! groups of the pool: `cognito:groups` contains one group for the directory itself. Map them to a custom attribute, and name its
//! claim:
//!
//! ```toml
//! [auth]
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "id"
//! groups_claim = { claim = "custom:groups", form = "bracket" }
//! groups = ["uploaders"]
//! ```
//!
//! | claim of the token | `form` | written by |
//! | --- | --- | --- |
//! | `"[staff, uploaders]"` | `bracket` | the attribute mapping, for several values of one attribute |
//! | `"staff,uploaders"` | `comma` | a directory that joins the names itself |
//! | `["staff", "uploaders"]` | `json` | a pre token generation trigger, version 2 or 3 |
//! | `"staff uploaders"` | `space` | a trigger that writes them as scopes are written |
//!
//! A claim in another form than the configured one is refused, and the log says which form it has. A custom attribute has at most
//! 2,048 characters, and only id tokens contain it: an access token does if a trigger of version 2 or 3 adds it. Cognito encodes
//! special characters of a name as HTML forms do, so list names as `upsign verify` prints them: `a+b` for a group `a b`.
//! Sources: <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html>,
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html>.
//!
//! # Several issuers
//!
//! `[[auth]]` in place of `[auth]`, once for each issuer:
//!
//! ```toml
//! [upload]
//! key = "uploads/{issuer}/{sub}/{id}.{ext}"
//! types = ["image/jpeg", "image/png"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//!
//! [[auth]]
//! name = "customers"
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//! max_token_size = "16 KiB"
//!
//! [[auth]]
//! name = "staff"
//! provider = "oidc"
//! issuer = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"
//! audiences = ["66666666-7777-8888-9999-000000000000"]
//! token_use = "access"
//! subject_claim = "oid"
//! groups_claim = "roles"
//! groups = ["Uploaders"]
//! ```
//!
//! - The `iss` of a token selects the section, whose requirements alone then apply: a token of a customer needs no group, and no
//!   key of the customers' issuer can sign a token of the staff.
//! - Two issuers can give the same `sub` to different people. A key that contains a part of the identity, such as `{sub}` or
//!   `{claim:tenant}`, must therefore contain `{issuer}`, which writes the `name`. Never give a name to another issuer later.
//! - `source`, `token_header`, `accept_raw_authorization`, `max_token_size` and `fetch_timeout` are about the whole API and are set
//!   in the first section. A variable such as `UPSIGN_ISSUER` is an error, because it does not say which issuer it is about.
//! - The authorizer of an API accepts one issuer, so on Lambda the function verifies the tokens.
//!
//! # Programs as callers
//!
//! A program that signs in for itself (client credentials, RFC 6749, section 4.4) has an access token without a user: no groups, no
//! attributes, and a `sub` that is its client id, or that of a service account. Let it in by its client and a scope:
//!
//! ```toml
//! [auth]
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado", "7q2v9mdk4c1hs8f0b6trlj3x5e"]
//! token_use = "access"
//!
//! [route.reports]
//! key = "reports/{sub}/{id}.{ext}"
//! types = ["text/csv"]
//! max_size = "100 MiB"
//! bodyless = "refuse"
//! scopes = ["uploads/write"]
//! ```
//!
//! | provider | `sub` of a program | what it can be restricted by |
//! | --- | --- | --- |
//! | Cognito | the id of the app client | scopes `RESOURCE-SERVER/SCOPE`; claims with a trigger of version 3 |
//! | Auth0 | `CLIENT@clients` | `permissions`, or `scope` |
//! | Keycloak | the id of the client's service account user | its roles |
//! | Microsoft Entra | the id of the service principal, like `oid` | app roles in `roles`; there is no `scp` |
//! | Okta | the client id | `scp` |
//!
//! A scope that only programs have keeps users out of a route, and a group that only users have keeps programs out.
//! Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html>.
//!
//! # What the gateway verifies
//!
//! The JWT authorizer of an HTTP API accepts one issuer, a list of audiences and RSA keys, passes on no claims within a claim, and finds
//! the keys with the discovery document of the issuer only, whatever `jwks_uri` says. `upsign check` prints whether the generated API
//! gets one. Otherwise the function verifies the tokens itself, which is also the case with a REST API, a function URL and a load
//! balancer.

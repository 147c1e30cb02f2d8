//! The codes of problems and warnings of a configuration: cause, and what to do.

/// A code, its cause, and what to do.
pub(super) type Row = (&'static str, &'static str, &'static str);

pub(super) const PROBLEMS: &[Row] = &[
    (
        "no-config",
        "there is no `upsign.toml`, and no variables replace it",
        "`upsign init`, or `--config FILE`",
    ),
    ("invalid-toml", "the file is not text in UTF-8, or not valid TOML", "correct the line with the caret"),
    ("unknown-key", "a section or a key does not exist", "correct its name; `upsign schema` lists all"),
    ("unknown-variable", "an `UPSIGN_…` variable does not exist", "correct its name, or unset it"),
    ("missing-key", "a section or a key without a default is missing", "add it"),
    (
        "wrong-type",
        "a value has another type, for example a string instead of a list",
        "write it as the help says",
    ),
    ("invalid-value", "a value is malformed or out of range", "write it as the help says"),
    ("contradiction", "two values contradict each other", "remove or change one of them"),
    (
        "unsupported-by-store",
        "the named store does not support what a value requires",
        "change the value, or the store",
    ),
    (
        "secret-in-file",
        "the file contains a secret",
        "remove it, replace the secret, and set it as a variable",
    ),
];

pub(super) const WARNINGS: &[Row] = &[
    (
        "example-value",
        "a value is the example of `upsign init`; `upsign serve` refuses it",
        "write your own, or remove the mark CHANGE",
    ),
    ("policy", "the policy of a route weakens the protection of uploads", "decide whether that is meant"),
    ("overlapping-routes", "two routes write to the same folder", "give their keys different prefixes"),
    (
        "needs-authorize",
        "clients may supply ids, and only an application can check them",
        "use the library with an `Authorize`",
    ),
    ("no-auth", "there is no section `[auth]`", "add it, unless a gateway verifies the tokens"),
    (
        "unknown-region",
        "the region of an AWS bucket is in no table",
        "correct it; a newer region than this version is fine",
    ),
    ("missing-unit", "a maximum size below 1 KiB has no unit", "write a unit, for example `\"10 MiB\"`"),
    ("insecure-origin", "pages of an `http://` origin may upload", "serve the page by https"),
    (
        "shared-origin",
        "an origin has `*` before a domain where anybody can publish pages",
        "list each origin, or use a domain of your own for previews",
    ),
    (
        "unlikely-client-id",
        "a client id of a user pool has characters other than letters and digits",
        "list the ids of the app clients, not their names",
    ),
    (
        "acls-disabled",
        "a route sends an ACL that buckets without ACLs refuse",
        "remove `acl`, or enable ACLs for the bucket; generated stacks do",
    ),
    (
        "expiring-uploads",
        "a prefix in `deployment.expire` covers the keys of a route",
        "choose a prefix that no route writes to, unless every upload is to be deleted",
    ),
    (
        "no-throttle",
        "a function URL or a load balancer passes on any number of requests",
        "set `deployment.reserved_concurrency`",
    ),
    (
        "foreign-store",
        "the bucket is at another store, and the function signs with credentials of AWS, or `upsign serve` would call AWS with the keys of the store",
        "run `upsign serve`, or pass the keys of the store to a function of your own; next to keys of another store, do without SQS, DynamoDB and Secrets Manager",
    ),
    (
        "token-secret-not-deployed",
        "a secret of `token.keys` or `webhook.secrets` is in a variable or a file, which the generated function does not have",
        "write `secretsmanager:ARN` in place of it",
    ),
    (
        "large-completions",
        "the load balancer refuses the request that completes an upload of the maximum size, because it names too many parts",
        "set a larger `part_size`, or deploy an HTTP API",
    ),
    (
        "other-provider",
        "the issuer belongs to an identity provider other than Cognito",
        "set `provider = \"oidc\"` and `audiences`",
    ),
    (
        "unlikely-issuer",
        "no token of the provider names the issuer in this form, or its access tokens have no `aud`",
        "write `iss` as in a token; for a user pool, set `user_pool`",
    ),
    (
        "unlikely-claim",
        "the key contains a claim that tokens of the accepted kind do not have, or only with a trigger of the user pool",
        "add the claim with a pre token generation trigger (V2 or later), accept id tokens, or write the claim that the tokens have",
    ),
    (
        "unlikely-scope",
        "a demanded scope is in no token of the user pool, or in no event of the gateway",
        "write `RESOURCE-SERVER/SCOPE`, set `auth.scopes_claim`, or remove the demand",
    ),
    (
        "unlikely-group",
        "a group is demanded, but the tokens or events contain no groups",
        "set `auth.groups_claim`, or remove the demand",
    ),
    (
        "excluded-callers",
        "the demands exclude a kind of caller: of one of several issuers, users of the SDK, or machines; `check --deny-warnings` accepts it",
        "decide whether that is meant; otherwise give these callers a route of their own",
    ),
    (
        "large-tokens",
        "tokens of the maximum length are longer than what the API in front of the function accepts",
        "lower `auth.max_token_size`, or use a load balancer or a function URL",
    ),
    (
        "keys-over-http",
        "the keys of an issuer come over http from another machine, and anyone on the network path can replace them",
        "remove `danger_http_keys`, unless this is a test with an emulator",
    ),
    (
        "no-bucket-cors",
        "pages of the origins in `[cors]` cannot upload to a directory bucket, which has no CORS configuration",
        "use a general purpose bucket, or remove the origins if only other programs upload",
    ),
    (
        "unreachable-dialect",
        "the authorizer of the API refuses the credentials that the client of a dialect sends, as the password of git-lfs",
        "set `auth.source` to \"token\", so that the function verifies tokens itself",
    ),
    (
        "assumed-store",
        "nothing is known about the store of a bucket, and routes need features that not every store has",
        "name the store with `provider`, or try the features and declare them in `[bucket.can]`",
    ),
    (
        "quota-not-deployed",
        "uploads per day are counted in a store that the generated function does not have, for example in memory, which each instance would do for itself",
        "write `quota.store = \"dynamodb\"`",
    ),
    (
        "webhook-not-deployed",
        "a function on Lambda runs as several processes and is suspended between requests, so it does not start with `outbox = \"process\"`; \
         or the queue is in another account or region than the stack, whose functions do not deliver from it",
        "write `outbox = \"sqs\"` and a `queue_url` of the stack's account and region, or pass an announcer of your own with \
         `FunctionSettings::with_announcer`",
    ),
    (
        "events-not-deployed",
        "a function on Lambda does not read `[events]`: Lambda itself passes the messages of a queue to a consumer",
        "remove `[events]`, or serve with `upsign serve`",
    ),
    (
        "events-prove-nothing",
        "`[events]` confirms nothing, because no object proves which upload it is; or `claim` or `{id:sealed}` is useless, because events \
         name the bucket, and the route an access point",
        "add `claim = true` to a route, or `{id:sealed}` to its key; use the name of the bucket in place of the access point",
    ),
    (
        "gate-not-enforced",
        "a gate is a bucket policy of AWS, which the store of this bucket does not enforce: every reader of the bucket can read objects that \
         are not confirmed",
        "use a bucket on AWS, or give readers credentials that read no pending keys",
    ),
    (
        "corrected",
        "a value was understood, but is written differently than it is used",
        "write it as the help says",
    ),
];

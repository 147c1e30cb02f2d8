//! Tokens of several issuers, one of which has the key set in the input: a token, a line break, and the key set. The verdict is
//! that of the verifier of the issuer that the token names, and the message of a rejection has a bounded length.

use std::sync::LazyLock;

use futures_util::FutureExt;
use upsign_cognito::{
    CacheLimits, ClientIds, StaticKeys, TokenUse, TrustedIssuer, Verifier, VerifierConfig, Verifiers,
};

use crate::{Pool, within_time_limit};

static POOL: LazyLock<Pool> = LazyLock::new(Pool::new);

/// The verifiers of both names of the pool, each for one: with the claims of Amazon Cognito, and as an OpenID Connect issuer.
static FIXED: LazyLock<[Verifier<StaticKeys>; 2]> = LazyLock::new(|| {
    let names: Vec<&str> = POOL.check.config().issuer().names().collect();
    let [first, second] = names.try_into().unwrap();
    let issuer = |name| TrustedIssuer::offline(name).unwrap();
    let first = POOL.check.config().clone().with_issuer(issuer(first));
    let audiences = POOL.check.config().client_ids();
    let second = VerifierConfig::oidc(issuer(second), audiences, TokenUse::Any).unwrap();
    [first, second].map(|config| {
        let config = config.with_max_token_bytes(64 * 1024).unwrap();
        let verifier = Verifier::with_static_keys(config, POOL.jwks.as_str()).unwrap();
        verifier.with_token_cache(CacheLimits::new(100, 300))
    })
});

/// The issuer whose keys are in the input.
const INLINE: &str = "http://id.internal/realms/main";

pub(super) fn run(input: &str) {
    let (token, jwks) = input.split_once('\n').unwrap_or((input, ""));
    let config =
        VerifierConfig::oidc(TrustedIssuer::offline(INLINE).unwrap(), ["api"], TokenUse::Any).unwrap();
    let config = config.with_client_ids(ClientIds::Any).unwrap();
    let inline = within_time_limit(|| Verifier::with_static_keys(config, jwks)).ok();
    let alone: Vec<_> = FIXED.iter().chain(&inline).collect();
    let verifiers = Verifiers::new(alone.iter().map(|verifier| (*verifier).clone())).unwrap();

    let verified = within_time_limit(|| verifiers.verify(token, POOL.at).now_or_never().unwrap());
    let accepting = alone.iter().filter_map(|verifier| {
        within_time_limit(|| verifier.verify(token, POOL.at).now_or_never().unwrap()).ok()
    });
    let accepting: Vec<_> = accepting.collect();
    match verified {
        Ok(claims) => {
            assert!(verifiers.issuers().contains(&claims.issuer()));
            assert_eq!(accepting, [claims]);
        }
        Err(rejection) => {
            assert_eq!(accepting, []);
            assert!(rejection.to_string().len() < 2_000, "a long message: {rejection}");
        }
    }
}

//! What may be attempted, what stands against it, and the test that shows it.
//!
//! A test is named `crate/file::test`: `cognito/jwt_attack::reasons` is the test `reasons` in
//! `crates/upsign-cognito/tests/it/jwt_attack.rs`, `cognito/src/issuer::…` one in `crates/upsign-cognito/src/issuer.rs`.
//! A test of its own holds that each of them exists.
//!
//! # What remains
//!
//! - **A deleted, disabled or signed-out user's token is good until its `exp`.** Tokens are checked by signature and
//!   time; nobody is asked. That is an hour by default, as the app client says (five minutes is the least Cognito
//!   offers), and the leeway more. What Cognito revokes, Cognito's own API knows; a signature does not.
//! - **A presigned URL is good until it expires, for whoever holds it**, also after the user has gone; and never longer
//!   than the credentials it was signed with. What it can do is fixed: one key, one method, the bound headers.
//! - **A signing key that Cognito withdraws is believed for one lifetime of the key set**: as `Cache-Control` says,
//!   within 5 minutes and 24 hours; when the endpoint is down, for 24 hours after the last good answer.
//! - **What a file contains is not looked at.** The type is what the client calls it. Serve uploads from an origin of
//!   their own.
//! - **How many uploads a caller makes is counted by each process for itself** (`[limit]`), and only for callers whose
//!   token is good. Throttle in front as well: API Gateway or a WAF.
//!
//! - **A claim in a key (`{claim:custom:tenant}`) is as good as who may write it.** An attribute that an app client lets its
//!   users change lets them choose another tenant's folder: make it read-only in the pool, or use `{group}`. A claim that is
//!   no text is taken for none.
//! - **A subject is unique within its issuer.** A service that trusts two issuers and lays keys by `{sub}` alone lets two
//!   people share a folder; with `{sub}/{sha256}`, an object. Give each issuer a prefix, or a service, of its own.
//!
//! # Tokens
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | `alg` is `none`, or HMAC with the public key as secret | algorithms come from the configuration, RS256 unless said otherwise; there are no symmetric keys | `cognito/jwt_attack::every_must_and_nearly_every_should`, `cognito/jwt_attack::reasons` |
//! | a header that brings or names its own key: `jwk`, `jku`, `x5u`, `x5c` | keys come from the configured issuer's set alone; nothing in a token is followed | `cognito/seam::addresses_in_a_token_are_never_followed`, `cognito/claims::header` |
//! | `crit`, `b64`, `zip` change what a signature means | such a header is refused | `cognito/claims::header`, `cognito/jwt_attack::reasons` |
//! | a changed payload, signature or header | the signature is checked before a byte of the payload is read | `cognito/properties::no_changed_token_is_accepted`, `cognito/wycheproof::no_bit_of_a_signature_is_idle` |
//! | malformed signatures, padding, odd encodings | two independent implementations agree on every case of Project Wycheproof | `cognito/wycheproof::every_signature`, `cognito/wycheproof::every_rsa_algorithm` |
//! | a second member of one name, read differently by two parsers | duplicate members are refused, also when spelled with escapes | `cognito/src/json::what_is_refused`, `cognito/src/json::duplicates_among_many_members` |
//! | deep, huge or numerically odd JSON | 8 KiB at most; depth, duplicates and numbers are checked while it is read | `cognito/src/json::any_bytes_come_to_an_end`, `cognito/src/bearer::the_length_is_capped` |
//! | another pool's token, or an issuer that looks like ours | `iss` is compared whole, with the configured pool's two forms | `cognito/claims::who`, `cognito/src/issuer::the_name_is_kept_verbatim` |
//! | a token made for another app | `client_id` or `aud`, as the kind of token has it, must be a configured client | `cognito/claims::for_whom` |
//! | an id token where an access token is wanted | `token_use` is mandatory, in the token and in the configuration | `cognito/claims::for_whom` |
//! | an expired token, or one from the future | `exp`, `nbf` and `iat` with 60 s of leeway; fractions count against the token | `cognito/claims::times`, `cognito/claims::a_fraction_of_a_second_counts_against_the_token`, `cli/verify::a_token_is_judged_at_a_time` |
//! | two pools with users of the same `sub` | an identity is issuer and subject | `core/src/identity::two_pools_with_one_sub_are_two_people` |
//! | guessing from the answer what was wrong | one body for every unproven caller; the reason goes to the log | `http/refusals::one_body_for_every_unproven_caller` |
//! | a token or signature in a log or an error | reasons hold no signature; foreign text is cut and escaped | `cognito/jwt_attack::no_reason_leaks_a_token`, `cognito/src/excerpt::nothing_foreign_reaches_a_log_raw`, `cli/judge::tokens` |
//! | a token from the cache after its end, or another's | the whole token is compared, times are checked at every hit, a new key set empties it | `cognito/token_cache::the_whole_token_is_compared`, `cognito/token_cache::times_are_checked_at_every_hit`, `cognito/token_cache::a_replaced_key_empties_it` |
//! | a host application that switches on both of `jsonwebtoken`'s backends, so that its `decode` panics | its process-global is never asked | `cognito/tests/both-backends/src/lib::tokens_are_verified`, `cognito/tests/both-backends/src/lib::jsonwebtoken_itself_panics` |
//!
//! # Keys
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | weak or unfit keys in a set: under 2,048 bits, odd exponents, for encryption, symmetric | filtered when the set is read | `cognito/keys::the_modulus`, `cognito/keys::members_of_a_key` |
//! | two keys of one name | neither is used | `cognito/keys::names_that_are_given_twice` |
//! | a storm of tokens with invented key names | one fetch in 10 s at most, a bounded memory of misses; valid callers do not wait | `cognito/faults::a_storm_of_unknown_keys_costs_few_fetches_and_touches_nobody`, `cognito/src/absent::memory_is_bounded` |
//! | a thousand callers at a cold start | one fetch | `cognito/faults::cold_start_with_a_thousand_callers_is_one_fetch` |
//! | the endpoint is down, hangs, drips or flaps | known keys serve for a day, then nobody is let in; answers have a time limit | `cognito/faults::down_while_warm_nobody_notices_for_a_day_and_then_it_fails_closed`, `cognito/faults::down_while_cold_answers_at_once_and_recovers_within_ten_seconds`, `cognito/http::dripping`, `cognito/http::hanging_within_the_body`, `cognito/faults::flapping_is_not_noticed` |
//! | an endless answer, or a gzip bomb | 256 KiB at most; nothing is decompressed | `cognito/http::huge_without_saying_so`, `cognito/http::a_gzip_bomb` |
//! | an error page instead of keys | a bad answer never replaces a good set | `cognito/faults::a_bad_answer_never_replaces_a_good_set`, `cognito/http::a_page_instead` |
//! | a redirect to another host, or to `http` | redirects are not followed; `http` is for this machine and has to be asked for by a loud name | `cognito/http::a_redirect_is_not_followed`, `cognito/http::plain_http_is_for_this_machine`, `cognito/src/issuer::http_is_for_this_machine` |
//! | a stolen key that was withdrawn | refused within one lifetime of the set | `cognito/faults::a_removed_key_is_refused_within_one_lifetime` |
//!
//! # Events
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a header or body that claims to be an authorizer's word | one configured source; nothing falls through to another | `cognito/events::nothing_falls_through`, `cognito/gateways::iam_and_claims_do_not_mix` |
//! | an event bent in any node | never another subject, never a panic | `cognito/mutations::a_mutant_is_never_somebody_else`, `cognito/properties::bent_events_come_to_a_verdict` |
//! | a gateway opened wider than the service | issuer, client, use, times and requirements are checked again | `cognito/gateways::requirements_hold_for_gateways_too`, `cognito/gateways::expiry_is_checked_where_it_can_be_read`, `lambda/main::claims_are_checked_again` |
//! | a group's name with a comma or a space in it | groups that cannot be split without doubt grant nothing | `cognito/src/authorizer/groups::as_gateways_spell_them` |
//! | a guest of an identity pool | refused | `cognito/gateways::iam_callers` |
//! | another load balancer's header | its signer must be the configured one, ES256 by the region's key | `cognito/alb::members`, `cognito/alb::where_it_stands` |
//! | a key name of a load balancer that is a path | only a UUID enters the address | `cognito/alb::what_is_no_key_id_reaches_no_path`, `cognito/src/authorizer/alb::key_ids` |
//!
//! # Uploads
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a key of the caller's choice, another's object overwritten | the template makes the key, from fresh ids and the verified subject | `policy/properties::an_issued_key_keeps_its_prefix_and_reads_back`, `policy/properties::two_callers_or_two_ids_never_share_a_key` |
//! | a subject or file name that climbs: `../`, separators, controls | reversible encoding of subjects; file names are mended or refused | `policy/properties::subjects_are_told_apart_exhaustively`, `policy/src/file_name::names_that_are_something_else`, `policy/corpus::names_that_are_not_fit_are_refused` |
//! | HTML or SVG that a browser would run | such types come only as attachments, or not at all | `policy/src/content_rules::no_range_covers_what_a_browser_runs`, `policy/denials::an_active_type_is_never_inline_at_a_clients_wish` |
//! | more bytes than allowed | the size is bound into the signature; the store refuses another | `policy/denials::size`, `cli/demo::a_photo_over_the_limit_is_refused_by_the_service` |
//! | another type, key or header than was granted | every bound header is signed; a changed field is refused | `local/mutations::any_changed_field_is_refused`, `local/refusals::an_unsigned_amz_header_is_named` |
//! | two writers at one key | `If-None-Match` in the signature: one of them wins | `local/race::one_of_sixteen_writers_wins_each_of_twenty_rounds` |
//! | a URL used after its time | the expiry is signed and refused by the store | `local/refusals::an_expired_url_says_when_it_ended`, `local/refusals::more_than_seven_days_is_refused` |
//! | a URL that dies early or outlives what was promised, with temporary credentials | the lifetime is cut to the credentials' | `upsign/lifetimes::short_lived_credentials_shorten_it`, `upsign/lifetimes::an_unknown_end_promises_nothing` |
//! | a signature that another signer would not make | equal to `aws-sigv4` byte for byte | `sigv4/oracle::equal_to_aws_sigv4`, `sigv4/docs::presigned_get` |
//! | credentials or signatures in `Debug` or logs | not shown | `core/src/credentials::debug_shows_no_secret`, `core/src/request::a_url_shows_no_signature`, `local/secrets::no_signature_reaches_a_log` |
//! | a hostile body | strict, small, shallow JSON; nothing of it comes back | `http/src/body::what_is_no_upload_request`, `http/src/body::deep_bodies_end_early`, `http/refusals::nothing_hostile_comes_back`, `axum/main::a_body_that_is_too_large_is_not_read_to_its_end` |
//! | a page of another origin | CORS names exact origins | `http/cors::another_origin_gets_no_leave`, `documents/evaluation::an_origin_nobody_allows` |
//! | a role that may do more than issue | the IAM document grants this key and no other | `documents/derived::a_key_of_ones_own_and_no_other` |
//!
//! # On the developer's machine
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a web page that calls `upsign dev` on 127.0.0.1, or points a name of its own there | foreign `Host` and `Origin` are refused | `cli/dev::only_this_machines_pages_are_served`, `local/servers::a_foreign_host_is_misdirected`, `local/src/host::names_of_elsewhere` |
//! | another page that signs in at the embedded pool | the pool answers its own page's origin | `local/pool::a_page_signs_in_from_its_origin`, `local/src/pool/origins::what_an_origin_is` |
//! | secrets in `upsign.toml` | refused unread | `config/problems::secrets_are_refused_unread` |
//!
//! Whatever reads what a stranger wrote is also fuzzed, for ten seconds each in `cargo xtask test`: tokens, headers,
//! claims and key sets with an alarm at 50 ms an input.

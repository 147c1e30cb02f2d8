//! Which attacks are considered, what stops each, and which test proves it.
//!
//! Tests are named `crate/file::test`: `cognito/jwt_attack::reasons_for_rejected_attacks` is the test
//! `reasons_for_rejected_attacks` in `crates/upsign-cognito/tests/it/jwt_attack.rs`, and `jwt/src/excerpt::…` is a unit test
//! in `crates/upsign-jwt/src/excerpt.rs`. Another test checks that every test named here exists.
//!
//! # What remains
//!
//! - **The token of a deleted, disabled or signed-out user works until its `exp`.** upsign checks signature and times and
//!   does not call Cognito. Access and id tokens are valid for one hour by default (5 minutes at the least, set at the
//!   app client), plus the leeway.
//! - **A presigned URL works for anyone who has it, until it expires**, even after the user is gone, but never longer than
//!   the credentials that signed it. What it allows is fixed: one key, one method, the signed headers.
//! - **A signing key that Cognito withdraws is trusted until the key set is fetched again**: after the time in
//!   `Cache-Control`, but at least 5 minutes and at most 24 hours; if the endpoint is down, for 24 hours after the last
//!   successful fetch. If the clock is set back by less than 24 hours while the endpoint is down, the key is trusted for that
//!   much longer; if it is set back by more, the key set is fetched before it is used again.
//! - **File contents are not inspected, unless a route has `inspect`.** The content type is what the client claims. `inspect =
//!   "magic"` compares the first and last bytes with it, and is no virus scan: [`howto::quarantine`](crate::manual::howto::quarantine). An object
//!   that `hook` has accepted stays readable with its receipt, also if the hook rejects it later. Serve uploads from an origin that
//!   serves nothing else. The CloudFront distributions of the generated stacks add `X-Content-Type-Options: nosniff` and a
//!   `Content-Security-Policy` with `sandbox`; S3 itself cannot, so a presigned `GET` has neither. They read nothing without a
//!   signature of a trusted key. With `public_reads = true`, which is not the default, anybody who knows a key reads: with a gate, what is
//!   confirmed, and otherwise every object, also before it is checked. A type that the policy
//!   lists exactly is served as that type, also if browsers execute it: `upsign check` warns.
//! - **A receipt does not expire**, and cannot be revoked alone. Holding one permits nothing by itself: its sender is authenticated, and
//!   by default only the uploader reads with it, and only with the groups and scopes of the route. An `AuthorizeRead` of the application
//!   decides alone.
//! - **A signed URL of CloudFront works for anyone who has it, until it expires**, and the cache of the distribution answers it for up to an
//!   hour after the object was deleted. A program that has the private key can read every confirmed object of the bucket.
//! - **A gate protects only where the bucket policy is applied**, which is a policy of AWS. On other stores, and on AWS until the policy is
//!   applied, every reader of the bucket reads unconfirmed objects.
//! - **A quota does not count everything**: objects that nobody confirms, objects of a route without a gate that an event confirms after the end
//!   of their token, and further versions that an event confirms by a sealed key alone are not counted
//!   ([`howto::quotas`](crate::manual::howto::quotas#what-is-not-counted)).
//! - **A quota counts some objects that nobody can read**: one that was replaced or deleted at the moment in which it was confirmed stays
//!   counted.
//! - **A rejected object remains until a lifecycle rule removes it**, where only the service reads it.
//! - **The rate limit (`[limit]`) counts per process**, unless `limit.shared` is set, and only callers with a valid token. Throttle in front as well, with
//!   API Gateway or a WAF.
//! - **A claim in a key (`{claim:custom:tenant}`) is as trustworthy as the parties that may write it.** If an app client lets
//!   users change the attribute, they can choose another tenant's folder. Make it read-only in the pool, or use `{group}`.
//!   A claim that is not a string is treated as absent.
//! - **A subject is unique only within its issuer.** If a service trusts two issuers and uses keys with `{sub}` alone, two
//!   users may share a folder, and with `{sub}/{sha256}` even an object. `upsign.toml` with several `[[auth]]` is therefore refused
//!   unless such keys contain `{issuer}`. A program that accepts several issuers checks
//!   [`names_caller`](crate::KeyTemplate::names_caller) and [`contains_issuer`](crate::KeyTemplate::contains_issuer) itself.
//!
//! # Tokens
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | `alg` is `none`, or HMAC with the public key as secret | algorithms come from the configuration (default RS256); symmetric algorithms are not implemented | `cognito/jwt_attack::corpus_of_attacks`, `cognito/jwt_attack::reasons_for_rejected_attacks` |
//! | a header that contains or points to a key: `jwk`, `jku`, `x5u`, `x5c` | keys come only from the configured issuer's JWKS; no address in a token is followed | `jwt/no_fetch::urls_in_a_token_are_never_fetched`, `cognito/claims::header_parameters` |
//! | `crit`, `b64` or `zip` change what the signature covers | tokens with these header members are rejected | `cognito/claims::header_parameters`, `cognito/jwt_attack::reasons_for_rejected_attacks` |
//! | a key of the key set that is used with another algorithm, or a key of another type under the same key id | type, curve and `alg` of the key must be those of the token's algorithm, which must be a configured one | `jwt/algorithms::key_is_never_used_with_another_algorithm`, `jwt/algorithms::key_of_another_type_is_not_usable`, `jwt/attacks::attacks_signed_with_every_algorithm_have_the_verdict_of_the_corpus` |
//! | a changed payload, signature or header | the signature is verified before the payload is parsed | `cognito/properties::altered_token_is_rejected`, `jwt/wycheproof::altered_signature_is_rejected` |
//! | malformed signatures, padding, odd encodings | strict base64url; both backends compute with AWS-LC, and the tests compare them with RustCrypto, an independent implementation, on Project Wycheproof, on every attack of the corpus and on random tokens | `jwt/wycheproof::corpus_of_signatures`, `jwt/wycheproof::corpus_with_every_rsa_algorithm`, `cognito/tests/feature-host/tests/cognito/reference::backends_agree_with_rustcrypto_on_wycheproof`, `cognito/tests/feature-host/tests/cognito/reference::backends_agree_with_rustcrypto_on_random_tokens` |
//! | a duplicate JSON member, read differently by two parsers | duplicate members are rejected, also when spelled with escapes | `json/grammar::duplicate_members_are_refused`, `json/grammar::duplicates_among_many_members` |
//! | deeply nested, huge or numerically odd JSON | at most the configured size, 8 KiB by default and never more than 64 KiB; depth, duplicates and numbers are checked while parsing | `json/limits::deep_texts_end_early`, `json/numbers::other_numbers_are_not_integers`, `jwt/src/token/bearer::too_long_token_is_rejected`, `jwt/token_size::longest_token_has_exactly_the_maximum` |
//! | a token of another pool, or of an issuer with a similar name | `iss` is compared as a whole with the two forms of the configured pool's issuer | `cognito/claims::issuer_client_and_token_use`, `jwt/src/config/issuer::custom_issuer_is_compared_verbatim` |
//! | a token of one trusted issuer that claims to be of another | the claimed `iss` only selects a verifier; the token must be valid under that issuer's own keys and requirements | `jwt/several::token_of_one_issuer_that_claims_another_is_rejected`, `jwt/several::equal_key_ids_of_two_issuers_stay_apart`, `jwt/several_attacks::token_is_accepted_only_if_signer_issuer_and_client_belong_together`, `jwt/several_attacks::other_spellings_of_an_issuer_are_unknown`, `jwt/several_keys::key_id_that_is_unknown_to_one_issuer_is_not_unknown_to_another` |
//! | a token issued to another app client | `client_id` (access token) or `aud` (id token) must be a configured client | `cognito/claims::issuer_client_and_token_use` |
//! | a token issued for another API | an OpenID Connect issuer needs configured audiences, one of which `aud` must name; an access token of a user pool that names another API is rejected | `jwt/openid::audience_is_mandatory`, `jwt/openid::access_token_of_a_user_pool_for_another_api_is_rejected` |
//! | an id token in place of an access token | `token_use` is mandatory in the token and in the configuration | `cognito/claims::issuer_client_and_token_use` |
//! | an expired token, or one from the future | `exp`, `nbf` and `iat` are checked with 60 s of leeway; fractions of a second count against the token | `cognito/claims::times_of_a_token`, `cognito/claims::fraction_of_a_second_counts_against_the_token`, `cli/verify::a_token_is_verified_at_the_given_time` |
//! | users of two pools with the same `sub` | an identity consists of issuer and subject | `core/src/identity::same_subject_of_two_issuers_is_two_identities` |
//! | learning from the response what was wrong with a token | every unauthenticated caller gets the same body; the reason is logged | `http/refusals::every_authentication_failure_has_the_same_body` |
//! | a token or signature in a log or an error | reasons contain no signature; foreign text is shortened and escaped | `cognito/jwt_attack::messages_do_not_contain_signatures`, `jwt/src/excerpt::text_from_outside_is_escaped_and_shortened`, `cli/verdicts::token_attacks_are_rejected` |
//! | a token that is taken from the cache while its key is withdrawn | the result of a verification counts only for the key set that it was made with, whatever the order of threads | `jwt/src/schedules::token_of_a_withdrawn_key_is_not_served_from_the_cache` |
//! | a cached token after its expiry, or a cached result of another token | the whole token is compared, times are checked on every hit, a new key set clears the cache | `jwt/token_cache::whole_token_is_compared`, `jwt/token_cache::expiry_is_checked_on_every_hit`, `jwt/token_cache::replaced_key_clears_the_cache` |
//! | a host application that enables both backends of `jsonwebtoken`, so that its `decode` panics | its process-global provider is never used | `cognito/tests/feature-host/tests/cognito/providers::tokens_are_verified_without_a_global_provider`, `cognito/tests/feature-host/tests/cognito/providers::jsonwebtoken_decode_panics` |
//! | a host application that enables features of `serde_json` that change how JSON is read | text from outside is read by `upsign-json`, which does not use the parser of `serde_json` | `json/grammar::private_names_of_serde_json_have_no_meaning`, `cognito/tests/feature-host/tests/http/bodies::described_upload_is_granted` |
//!
//! # Keys
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | weak or unsuitable keys in a JWKS: under 2,048 bits, unusual exponents, encryption keys, symmetric keys | ignored when the JWKS is parsed | `jwt/keys::modulus_and_its_size`, `jwt/keys::members_of_a_key` |
//! | two keys with the same `kid` | neither is used | `jwt/keys::ambiguous_key_ids_are_not_used` |
//! | many tokens with invented key ids | at most one fetch per 10 s, a bounded list of unknown key ids; valid callers do not wait | `jwt/faults::flood_of_unknown_keys_costs_few_fetches`, `jwt/src/keys/unknown_kids::memory_is_bounded` |
//! | a thousand callers at a cold start | one fetch serves all of them | `jwt/faults::cold_start_with_a_thousand_callers_is_one_fetch` |
//! | the JWKS endpoint is down, hangs, sends slowly or fails now and then | cached keys are used for up to a day, then every token is refused; fetches have a time limit; each failure is logged and counted, and a server without usable keys is not ready | `jwt/key_status::broken_endpoint_is_reported_long_before_callers_are_refused`, `cli/faults::failed_fetches_of_keys_are_logged_with_their_causes`, `jwt/faults::endpoint_down_with_cached_keys_is_tolerated_for_a_day`, `jwt/faults::endpoint_down_without_keys_recovers_within_ten_seconds`, `jwt/http::slow_body_times_out`, `jwt/http::stalled_body_times_out`, `jwt/faults::intermittent_endpoint_is_tolerated` |
//! | an endless response, or a gzip bomb | at most 256 KiB are read; nothing is decompressed | `jwt/http::too_long_chunked_body_is_refused`, `jwt/http::compressed_body_is_not_decompressed` |
//! | a discovery document of another issuer, or one that names keys without TLS | its `issuer` must equal the configured one byte for byte, and `jwks_uri` must be https; otherwise no key is fetched | `jwt/discovery::issuer_of_the_document_must_be_exactly_the_configured_one`, `jwt/discovery::key_set_must_be_on_https` |
//! | an error page instead of keys | an invalid response never replaces a valid key set | `jwt/faults::invalid_response_never_replaces_a_key_set`, `jwt/http::html_page_is_not_a_key_set` |
//! | a redirect to another host, or to `http` | redirects are not followed; keys are fetched over `http` only with an explicit `danger_` option | `jwt/http::redirect_is_not_followed`, `jwt/http::plain_http_is_accepted_only_for_this_machine`, `jwt/http::plain_http_from_other_hosts_needs_the_option`, `jwt/src/config/issuer::http_is_about_the_address_of_the_keys_and_not_about_the_issuer` |
//! | a proxy between the service and an issuer or AWS that replaces keys or reads credentials | it tunnels TLS, which ends at the issuer or at AWS; requests without TLS, as to the instance metadata, never go to a proxy | `jwt/proxy::certificate_of_the_issuer_is_verified_through_the_proxy`, `jwt/proxy::this_machine_and_plain_http_are_never_fetched_over_a_proxy`, `aws/proxy::certificate_of_sts_is_verified_through_the_proxy`, `aws/proxy::endpoints_without_tls_are_never_called_over_a_proxy` |
//! | a stolen key that was withdrawn | rejected once the key set has been fetched again, and after 24 hours at the latest, whatever faults the endpoint has meanwhile; a clock that is set back meanwhile prolongs this by the time that it is set back, which is less than 24 hours each time | `jwt/faults::removed_key_is_rejected_after_the_set_is_stale`, `jwt/faults::clock_set_back_does_not_keep_keys_while_the_endpoint_is_down`, `testing/tests/helpers/histories::no_grant_outlives_its_credentials_and_no_key_its_withdrawal` |
//! | a slow response with old keys that arrives after a newer one | the newest fetch wins; fetches do not overlap, and none keeps its callers waiting for ever | `jwt/src/schedules::newest_key_set_wins_and_is_never_mixed`, `jwt/src/schedules::fetches_never_overlap_and_stale_keys_are_served`, `jwt/src/schedules::dropped_caller_does_not_hold_up_the_others` |
//!
//! # Events
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a header or body that imitates an authorizer's claims | identities come from one configured source, never from another as a fallback | `cognito/events::sources_do_not_fall_back`, `cognito/gateways::iam_and_claims_do_not_mix` |
//! | an event modified anywhere | never another subject, never a panic | `cognito/mutations::mutated_event_never_has_another_subject`, `cognito/properties::altered_events_do_not_panic` |
//! | a request that no parser expects: `Host: x:99999`, control characters, a path over 64 KiB, invalid base64, 40,000 headers | the function reads every HTTP member of an event itself, with limits and without code that can panic; such a request gets 400 `request-malformed` or 431 | `lambda/malformed::invalid_host_returns_400`, `lambda/mutations::every_mutated_event_is_answered`, `lambda/survival::events_do_not_affect_each_other` |
//! | two `Authorization` headers, of which the gateway verifies one and the function another | refused, wherever the gateway passes both on (`multiValueHeaders`) | `lambda/malformed::several_authorization_headers_are_refused` |
//! | a token in another header than the configured one, next to one that a proxy has written or verified | one header is read, and no other; several values of it are refused | `http/token_header::token_is_read_from_its_header_only` |
//! | a call of the function past the Lambda authorizer or IAM that it trusts | the event then states no such caller, and the request gets 401 | `lambda/gateways::context_of_a_lambda_authorizer_identifies_callers`, `lambda/gateways::iam_identifies_callers` |
//! | a path that a gateway has decoded, such as `/upload-url?x` from `%3F` | it is encoded again, so only the exact path is served | `lambda/malformed::every_character_of_a_path_is_its_own` |
//! | a gateway that accepts more than the service | issuer, client, token use, times and required groups and scopes are checked again | `cognito/gateways::requirements_apply_to_events`, `cognito/gateways::expiry_is_checked_in_known_formats`, `lambda/main::claims_are_checked_again` |
//! | a group name with a comma or a space | groups that cannot be split unambiguously grant nothing, and the reason is logged | `cognito/src/authorizer/groups::groups_in_every_form`, `cognito/sources::unreadable_groups_grant_nothing`, `lambda/source::groups_that_cannot_be_read_are_logged` |
//! | a list, an object or a number that a gateway writes as text, so that the caller gets the folder of another one | one reader with the spelling of each source; a text in the form of such a value is rejected at all of them | `cognito/doors::no_source_reads_a_claim_differently`, `cognito/spellings::list_never_becomes_a_folder`, `cognito/sources::every_claim_of_the_corpus_is_read_or_rejected_with_a_reason` |
//! | an unauthenticated (guest) identity of an identity pool | rejected | `cognito/gateways::iam_callers_are_identified_by_login` |
//! | a user id of another identity provider that contains a login of the user pool, in the text `cognitoAuthenticationProvider` of a REST API | only the documented form is read: the provider, one comma, and the same provider with one subject | `cognito/gateways::login_of_a_rest_api_must_have_the_documented_form_exactly` |
//! | an IAM caller where a group or a scope is required | rejected: its event shows neither | `cognito/gateways::iam_caller_does_not_meet_a_requirement_that_it_cannot_show` |
//! | a header signed by another load balancer | the signer must be the configured one, with ES256 and a key of the region | `cognito/alb::header_and_payload_members`, `cognito/alb::header_must_be_unique` |
//! | invented key ids that keep a new key of the load balancer from being fetched, or make the service a client that floods the key host | about 12 requests per second at most, for ids in repeated use, and one per 10 s for any id; an id that does not exist is requested again after 10 s, then after twice as long each time, up to 300 s, and one whose request failed after 10 s; an id that was not requested yet is answered 503, not 401 | `cognito/alb::invented_key_ids_do_not_starve_a_new_key`, `cognito/alb::flood_of_repeated_key_ids_costs_a_bounded_number_of_fetches`, `cognito/src/authorizer/alb/candidates::missing_ids_wait_longer_each_time`, `cognito/alb_keys::key_id_that_was_not_requested_is_not_rejected` |
//! | valid keys of other load balancers of the region that displace the key in use | no key is fetched for a header that names another load balancer, issuer or client; keys that verified a header are removed last | `cognito/alb_keys::header_of_another_load_balancer_causes_no_fetch`, `cognito/alb_keys::foreign_keys_do_not_displace_the_key_in_use` |
//! | the key host of the load balancer is down | keys are fetched again from an age of 12 hours and used up to 24 hours, so failures are counted 12 hours before users are refused | `cognito/alb_keys::key_host_that_is_down_is_visible_twelve_hours_before_callers_are_refused` |
//! | a load balancer's key id that is a path | only a UUID becomes part of the URL | `cognito/alb::invalid_key_id_is_never_fetched`, `cognito/src/authorizer/alb/key::only_uuids_are_key_ids` |
//!
//! # Uploads
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a key chosen by the caller, to overwrite an object of another user | the key comes from the template, fresh ids and the verified subject | `policy/properties::issued_key_keeps_its_prefix_and_parses_back`, `policy/properties::two_callers_or_two_ids_never_share_a_key` |
//! | an id of another user's resource, supplied by the client | nothing is signed unless the application's `Authorize` allows it; without one, the service does not start | `upsign/service::client_supplied_ids_need_authorization`, `upsign/service::invalid_services_are_refused` |
//! | an id in the body that differs from the one that the service chose | refused before the application is called | `upsign/chosen_ids::client_cannot_change_a_chosen_id` |
//! | path traversal in a subject or file name: `../`, separators, control characters | subjects are encoded reversibly; file names are sanitized or refused | `policy/properties::similar_subjects_get_different_keys`, `policy/src/object/file_name::unsafe_names_are_rejected`, `policy/corpus::corpus_with_unsafe_names_refused` |
//! | HTML or SVG, in which browsers run scripts | ranges never include such types; a client cannot have them displayed, neither by asking for `inline` nor by asking for nothing | `policy/src/content/rules::ranges_exclude_active_types`, `policy/denials::client_cannot_request_inline_for_an_active_type`, `policy/content_ranges::active_type_without_a_requested_disposition_is_saved` |
//! | a type whose bytes browsers guess from, such as `application/unknown`, or one that nobody knows | ranges include a list of types that browsers do not execute; any other is refused, or an attachment if the disposition permits that. The step `browser-types` of `cargo xtask test` opens files with scripts under each type in Chromium | `policy/content_ranges::range_never_grants_an_unknown_type_that_could_be_displayed`, `policy/content_ranges::forms_force_unknown_types_to_be_saved_too` |
//! | a script in an upload that CloudFront serves | `nosniff`, and a `Content-Security-Policy` with `sandbox` | `documents/forms::cloudfront_forbids_sniffing_and_scripts` |
//! | a read through CloudFront without a signature, after its expiry, with another version or other headers, or over plain HTTP | the distribution trusts only the configured keys, and passes the signed version and headers to S3 | `documents/read_keys::every_distribution_trusts_the_group_of_all_keys`, `documents/read_keys::nobody_reads_without_a_signature_unless_reads_are_public`, `testing/tests/uploads/main::signed_urls_of_cloudfront_read_the_confirmed_version` |
//! | a user who was removed from a group, and still has receipts | by default, reading demands the groups and scopes of the route, as confirming and deleting do | `upsign/tests/confirm/read::uploader_without_the_group_of_the_route_reads_only_if_the_application_says_so` |
//! | a role with a name like that of GuardDuty, to read unscanned files or to mark them as clean | the guard `scanned` exempts exactly the configured role | `documents/scanned::only_the_configured_role_is_exempt`, `documents/scanned::guard_without_the_role_is_refused` |
//! | more bytes than allowed | the size is signed; the store refuses any other | `policy/denials::sizes_outside_the_limit_are_denied`, `cli/demo::a_photo_over_the_size_limit_is_refused_by_the_api` |
//! | another content type, key or header than granted | all of them are signed; the store refuses a changed one | `local/mutations::any_changed_field_is_rejected`, `local/rejections::unsigned_amz_header_is_rejected_by_name` |
//! | an object that is replaced while it is confirmed | every step is bound to the version, or entity tag, of the first look; a copy has a condition on both sides | `upsign/model/exhaustive::no_order_of_two_confirmations_and_a_second_upload_breaks_a_rule`, `upsign/model/machine::no_sequence_of_steps_breaks_a_rule` |
//! | messages in the queue of events that others have written, that arrive twice, or that are no events | an event only names an object, which must prove itself; what cannot be read stays, with a pause, until the queue moves it to its dead-letter queue | `sqs/polling::handled_messages_are_deleted_and_others_stay`, `sqs/properties::no_message_is_lost`, `events/malformed::other_messages_are_rejected` |
//! | HTML that is called a photo, and other content that is not of its type | routes with `inspect` reject it before anyone can read it | `cli/upload_confirm::page_that_is_called_a_photo_ends_with_code_4` |
//! | uploads that a quota does not count: an object that is rejected or deleted, and another one with the same URL | what a URL uploads after its upload was released is counted before it becomes readable, or is not confirmed; without a gate, an upload is not released while its URL can be used | `upsign/model/abuse::deleted_uploads_are_granted_again_and_not_confirmed_twice`, `upsign/model/abuse::rejected_uploads_are_granted_again_and_not_confirmed_twice`, `upsign/model/abuse::one_url_does_not_confirm_more_versions_than_the_quota_permits`, `upsign/model/abuse::deleting_and_uploading_again_with_one_url_is_counted`, `upsign/model/machine::no_sequence_of_steps_breaks_a_rule` |
//! | two concurrent writers to one key | `If-None-Match` is signed: one of them wins | `local/concurrency::concurrent_if_none_match_has_exactly_one_winner` |
//! | a URL used after its expiry | the expiry is signed, and the store enforces it | `local/rejections::expired_url_error_names_the_expiry`, `local/rejections::lifetime_above_seven_days_is_rejected` |
//! | a URL that stops working early because temporary credentials expire | the lifetime is limited to that of the credentials | `upsign/lifetimes::short_lived_credentials_shorten_the_lifetime`, `upsign/lifetimes::grants_promise_at_least_the_minimum`, `upsign/lifetimes::unknown_expiry_is_refused` |
//! | credentials that are replaced while requests are signed | every caller receives one whole set, and the newest one; a signature equals that of a fresh signer | `core/src/renewing/schedules::newest_credentials_win_and_are_never_mixed`, `core/src/renewing/schedules::fetches_never_overlap`, `sigv4/src/schedules::shared_signer_equals_a_fresh_one`, `sigv4/src/schedules::shared_template_equals_a_fresh_signer` |
//! | a credentials provider that fails, hangs or returns short-lived credentials, in any order | no grant outlives the credentials that signed it | `core/renewing/histories::callers_are_served_while_the_credentials_are_valid`, `testing/tests/helpers/histories::no_grant_outlives_its_credentials_and_no_key_its_withdrawal` |
//! | a wrong signature | equal to `aws-sigv4` byte for byte | `sigv4/oracle::random_requests_equal_aws_sigv4`, `sigv4/docs::documented_presigned_get` |
//! | credentials or signatures in `Debug` output or logs | redacted | `core/src/credentials::debug_shows_no_secret`, `core/src/request/presigned::debug_and_display_hide_the_signature`, `local/secrets::signatures_are_not_logged` |
//! | a hostile request body | only small, flat, strict JSON is accepted; nothing of it is echoed | `http/src/upload_body::invalid_bodies_are_refused`, `http/src/upload_body::deep_bodies_end_early`, `http/refusals::refusals_do_not_echo_client_input`, `axum/main::too_large_body_is_not_read_to_its_end` |
//! | a web page of another origin | CORS allows the listed origins only; a `*` covers no text that is not an origin | `http/cors::unlisted_origin_gets_no_cors_headers`, `http/origins::api_and_bucket_allow_the_same_origins`, `documents/evaluation::unlisted_origin_is_refused` |
//! | a role with more permissions than needed | the generated IAM policy grants only the actions and the key patterns that the uploads need | `documents/properties::role_permits_exactly_the_needed_actions`, `documents/derived::kms_permissions_cover_only_customer_managed_keys` |
//! | a key that begins with a placeholder, so that the role may write every object | a warning with the resource, which `upsign check` also shows for each route | `policy/building::key_that_begins_with_a_placeholder_causes_a_warning_with_the_resource`, `cli/config_commands::check_shows_what_each_route_grants` |
//!
//! # Multipart uploads
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | an upload token that was stolen | it needs the credentials of the caller that began the upload too: issuer and subject must be equal | `upsign/session/rejections::token_of_another_caller_is_rejected`, `upsign/uploads/tokens::misused_tokens_are_refused_alike_by_every_call` |
//! | a token of another route, bucket, store or deployment | all of them are in the token, or in the key that signs it | `upsign/session/rejections::token_of_another_route_or_bucket_is_rejected`, `upsign/session/rejections::token_of_another_deployment_is_rejected` |
//! | a changed, truncated, extended or huge token | HMAC-SHA-256 over a canonical form, compared in constant time; the length is checked before anything is decoded | `upsign/session/rejections::token_with_any_flipped_bit_is_rejected`, `upsign/session/rejections::truncated_or_extended_token_is_rejected`, `upsign/session/rejections::huge_token_is_rejected_before_it_is_decoded` |
//! | answers that tell why a token is invalid | one answer for every reason; the reason is in the log | `upsign/session/rejections::every_rejection_has_the_same_message_without_a_cause` |
//! | an upload that is continued for ever | the expiry is fixed when the upload begins, and no URL of a part outlives it | `upsign/session/rejections::token_expires_at_the_fixed_time`, `upsign/uploads/parts::urls_do_not_outlive_the_token` |
//! | a user who is banned during an upload | every call that signs parts or completes checks the access of the route and the decision of the application again. A ticket to complete that was signed before stays valid: with Uppy for 15 minutes, with better-upload for `expires_in` and 15 minutes | `upsign/uploads/limits::caller_that_lost_its_access_is_refused`, `upsign/uploads/limits::application_can_stop_an_upload` |
//! | more bytes than allowed, in many parts | each URL binds the exact length of its part, and the plan bounds their sum | `upsign/uploads/parts::every_url_binds_number_upload_and_exact_length`, `upsign/uploads/parts::all_parts_of_a_large_upload_sum_up_to_its_size` |
//! | parts of a client that states no length, such as Uppy | the parts that the store lists are added up when the completion is signed and again when it runs; the store completes exactly these by their entity tags. Above the maximum, the upload is aborted | `upsign/uploads/free_parts::parts_above_the_maximum_are_refused_and_aborted`, `upsign/uploads/free_parts::part_that_was_replaced_after_the_ticket_counts_with_its_new_size` |
//! | a request without credentials about an upload: a URL of the API that leaked, or was made for another call or upload | its ticket is an HMAC over the upload token, the call and its end, signed for the caller who began the upload: 15 minutes, with better-upload `expires_in` and 15 minutes to complete, and `resume_window` to abort | `upsign/src/session/ticket::ticket_is_good_for_its_call_and_token_only`, `upsign/uploads/free_parts::ticket_is_signed_for_the_caller_of_the_token_only`, `http/dialects/uppy::ticket_is_good_for_its_call_and_upload_until_it_expires` |
//! | other bytes than those of the client's file: a flipped bit, swapped parts, a part of another upload, a lost part, a stale entity tag | parts are compared with the plan and with what the client states before the upload is completed, and the store compares checksums | `testing/tests/uploads/main::wrong_bytes_are_never_completed`, `upsign/src/session/review/tests::parts_are_accepted_if_and_only_if_every_stated_one_is_there` |
//! | a lost answer that hides the upload of another client with the same token | size, checksum and entity tag of the object must be those of the stated parts | `upsign/uploads/complete_failures::completed_upload_with_other_parts_is_not_ours` |
//! | a store that confirms an object which does not exist, or shows one late | success is answered only if the confirmation or a look at the object shows the content; an upload counts as lost only after a second look | `upsign/uploads/complete_failures::success_that_cannot_be_confirmed_is_uncertain`, `upsign/uploads/complete_failures::upload_that_ends_during_the_request_is_not_gone`, `objects/limits::a_second_look_finds_an_object_that_appears_late` |
//! | a store that answers slowly, so that a request ends without an answer | all calls to the store of one request share 24 s, of which a part is kept to look at the object | `upsign/uploads/time::calls_of_a_request_share_its_time`, `upsign/uploads/time::completion_is_not_begun_too_late` |
//! | a flood of calls with one token | a rate limit of their own | `upsign/uploads/limits::later_calls_have_a_rate_limit_of_their_own` |
//! | a file above `max_size` by a client that states no size | a form binds the range, and a `PUT` is refused. `unbounded = "danger"` lifts that for `PUT`: then only a confirmation compares the size | `policy/size_bounds::put_binds_no_size_only_if_both_sides_say_so` |
//! | content of others, found or read by its SHA-256 (Git LFS) | a template with `{sub}` gives each caller objects of their own. One without shares them with every caller of the route: existence and content of an object whose SHA-256 a caller knows | `http/dialects/git_lfs/batches::callers_of_other_folders_read_nothing`, `http/dialects/git_lfs/batches::download_needs_read_urls_and_the_object` |
//! | a token as the password of Basic (Git LFS) | it is verified as in `Authorization: Bearer`, only below `info/lfs` | `http/dialects/git_lfs/batches::password_is_the_token_and_a_refusal_asks_for_it` |
//!
//! # Connections
//!
//! For `Server` of upsign-axum, and so `upsign serve`.
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a request that a proxy in front reads differently: line ends without CR, no `Host`, several, or one with a user name, two kinds of framing | 400; hyper's view of each body is compared with one of the server's own, and a difference ends the connection | `axum/heads::bare_lf_in_a_head_is_400`, `axum/heads::missing_repeated_or_invalid_host_is_400`, `axum/heads::pipelined_requests_are_answered_however_they_are_split`, `axum/heads::unclear_end_of_a_body_is_400_and_closes_the_connection`, `axum/src/server/framing::framing_is_unclear_unless_there_is_one_kind` |
//! | thousands of connections that send a part of a request and stop | time limits; a request waits in a buffer of its own size, so that a connection costs what it has sent and at most 10 KiB (1 MiB for 100), and 42 KiB at most | `cli/abuse::half_sent_requests_cost_little_memory`, `axum/src/server/stream::waiting_request_takes_hardly_more_memory_than_it_has_bytes`, `axum/server::slow_connections_do_not_block_others` |
//! | large bodies, of up to 2 MB, that clients without credentials send and never end | the memory for bodies is limited, separately for requests that complete uploads; the first 16 KiB of each body do not count, so that small requests are always read | `axum/uploads::large_bodies_cause_no_small_request_to_be_refused`, `axum/uploads::bodies_have_a_common_limit_on_memory` |
//! | more connections than the server accepts | 503 with `Retry-After`, for at most 256 at a time; accepted connections keep their share | `axum/server::connection_above_the_limit_gets_503` |
//! | a deployment that ends servers under load | what the kernel has accepted is served, also requests that are still on their way | `axum/shutdown::no_accepted_connection_is_lost_without_linger`, `axum/shutdown::first_request_after_the_shutdown_began_is_answered`, `axum/tls::stalled_handshake_does_not_hold_the_shutdown`, `cli/serve::no_request_is_lost_at_sigterm` |
//! | a certificate that expires while the server runs | its files are read again on SIGHUP and when they change; files that cannot be used are logged, and the previous certificate stays | `cli/tls::changed_certificate_is_read_again`, `cli/tls::sighup_reads_the_certificate_again`, `cli/tls::sighup_without_a_certificate_is_ignored_and_logged`, `axum/tls::replaced_certificate_is_used_for_new_connections` |
//! | a configuration with thousands of routes, or thousands of mistakes | nothing at start or per request takes time that grows with the square of their number | `config/many_routes::reading_many_routes_is_not_quadratic`, `config/many_routes::reading_many_invalid_routes_is_not_quadratic`, `config/many_routes::service_of_many_routes_is_built_and_searched_in_less_than_quadratic_time` |
//!
//! # Configuration
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a variable that could set keys of two routes, as `UPSIGN_ROUTE_A_KEY_GROUPS` | such route names are refused | `config/variables::route_names_that_make_variables_ambiguous_are_refused` |
//! | a misspelled variable, so that a limit does not apply | an unknown `UPSIGN_…` variable is an error with the nearest name | `config/variables::unknown_variable_is_an_error_with_the_nearest_name`, `cli/config_commands::unknown_variable_is_refused_with_the_nearest_name` |
//!
//! # Operation
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a log that nobody reads, a full disk, a closed standard error | a thread of its own writes the lines, which are dropped and counted if they cannot be written; neither start, requests nor shutdown wait for it | `cli/logs::unread_standard_error_does_not_stop_the_server`, `cli/logs::unread_standard_error_does_not_stop_the_start`, `cli/logs::full_disk_does_not_stop_the_server`, `cli/logs::closed_pipe_does_not_stop_the_server`, `cli/logs::full_standard_error_does_not_stop_the_development_server` |
//! | a flood of refused requests, to fill a disk with their log lines | at most 10 lines per minute and reason, for at most 32 reasons that a client can invent | `http/reports::flood_of_refusals_writes_few_lines_and_says_how_many_it_did_not`, `http/src/log_limit::invented_reasons_share_a_limit` |
//! | a provider of credentials that fails, hangs or answers slowly | credentials are used until a grant of `credentials.minimum` no longer fits; attempts have a time limit and increasing distances, and are logged and counted; health endpoints do not wait | `core/renewing/faults::hanging_source_with_800_seconds_left_serves_every_caller`, `cli/faults::provider_that_fails_with_800_seconds_left_stops_nothing`, `cli/faults::provider_that_hangs_is_logged_and_delays_no_health_endpoint` |
//!
//! # During development
//!
//! | attack | defence | test |
//! | --- | --- | --- |
//! | a web page that calls `upsign dev` on 127.0.0.1, directly or by DNS rebinding | requests with a foreign `Host` or `Origin` are refused; pages that `--origin` names get tokens and the API, and nothing else | `cli/dev_origins::foreign_hosts_and_origins_are_rejected`, `cli/dev_origins::admitted_pages_may_upload_and_get_tokens`, `cli/dev_origins::token_is_not_readable_by_other_origins`, `local/lifecycle::foreign_host_header_returns_421`, `local/src/host_check::other_names_and_ports_are_rejected` |
//! | a page that sends large or endless forms to the S3 server of `upsign dev`, which need no preflight | the signature in the fields is verified before the file is read; fields and file are limited in size and time, and all forms share one budget of memory | `local/hostile_forms::unsigned_bodies_of_another_origin_are_not_kept_in_memory`, `local/src/s3/form_reader::file_of_an_unsigned_form_is_not_read`, `local/src/s3/form_reader::stalled_forms_time_out`, `local/src/s3/form_reader::forms_share_one_budget_of_memory` |
//! | a foreign page that signs in at the embedded pool | the pool answers only the origin of its own page | `local/pool::only_allowed_origins_can_sign_in`, `local/src/pool/origins::only_serialized_origins_are_accepted` |
//! | secrets in `upsign.toml` | the file is refused, and the value is not read | `config/problems::secrets_in_the_file_are_refused_and_not_repeated` |
//!
//! # Schedules and histories
//!
//! State that threads share is also tested under a scheduler that chooses which thread runs next at every operation on it:
//! `cargo xtask test --only schedules` runs 100,000 schedules each, with [shuttle](https://docs.rs/shuttle), of the cache of key
//! sets, the cache of verified tokens, the renewal of credentials and the state that the signer keeps. Half of them are uniformly
//! random, half let one thread be very late. A lost wake-up is found as a deadlock.
//!
//! Faults in time are tested with 10,000 random histories of a whole service: the key endpoint and the credentials provider
//! fail, recover and replace what they serve while the clock advances, and a model says what may be granted.
//!
//! # Fuzzing
//!
//! Code that reads untrusted input, and code that signs it, is also fuzzed: `cargo xtask test` runs each target of
//! `crates/fuzz` for ten seconds, `cargo xtask nightly` for ten minutes with AddressSanitizer. The targets are:
//!
//! - request bodies, `X-Forwarded-For` headers, file names, tokens, token headers, token claims, JWKS documents, gateway
//!   events and the whole Lambda function, each with a limit of 50 ms of CPU time per input;
//! - content types, key templates, bucket names and ARNs, endpoints, percent-encoding, presigned requests and POST policies.

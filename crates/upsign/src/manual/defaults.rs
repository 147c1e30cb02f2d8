//! Every default, why it is what it is, and when to change it.
//!
//! There are two rules. A setting that weakens what a grant binds is never a default: it has a name in your configuration, and
//! `upsign check` warns about it. A setting for which no value suits most applications has no default: the configuration must state it.
//!
//! # What has no default
//!
//! | setting | why | choose |
//! | --- | --- | --- |
//! | `upload.bodyless` | with `allow`, a `PUT` grant binds neither the size nor protection against overwriting | `refuse`, unless clients of the original design must keep working |
//! | `auth.token_use` | an id token tells an application who the user is; an access token permits calls of an API | `access`, unless your clients send id tokens |
//! | `credentials.unknown_expiry` | an assumed lifetime that is too long gives URLs that die early | see [`howto::lambda`](crate::manual::howto::lambda); not needed with long-term keys or `--credentials chain` |
//! | `bucket.region` | S3 refuses a URL that is signed for another region | the region of the bucket |
//! | `upload.max_size` | no size suits most applications | the largest file that you want to pay for |
//! | `quota.store`, `quota.fail` | a limit that is not exact, or that stops uploads while a server is down, is a decision | the store that all your processes share, and `closed` unless uploads matter more than the limit |
//! | `webhook.outbox` | messages in memory are lost with the process | `sqs`, unless a single process serves |
//! | `cors.origins` | `*` would let every page use the API with a user's token | the exact origins of your pages |
//!
//! # Uploads
//!
//! | setting | default | why | change it |
//! | --- | --- | --- | --- |
//! | `upload.expires_in` | 15 min | a phone on a slow network can begin its upload; a leaked URL soon ends. S3 checks the time only when an upload begins | shorter for machines; longer only for users who choose files after they get the URL |
//! | `upload.method` | `put` | binds the exact size and can prevent overwriting | `post` for HTML forms and for clients that do not know the size: [`howto::forms`](crate::manual::howto::forms) |
//! | `upload.replace` | `never` for `put` | a key that several uploads share is refused unless this says `if-match` or `allow` | an object that an upload replaces, such as an avatar: [`howto::files`](crate::manual::howto::files) |
//! | `upload.no_overwrite` | `true` for `put` | otherwise a URL can be used again and replaces the object | `false` for a store without `If-None-Match`: [`howto::stores`](crate::manual::howto::stores) |
//! | `upload.min_size` | 1 byte | an empty object is a mistake of the client | `0` if empty files are legitimate |
//! | `upload.id_version` | `v4` | random, and reveals nothing | `v7` if keys should sort by time, and may reveal it |
//! | `upload.short_credentials` | `clamp` | a shorter grant is better than none; the answer states its real end | `refuse` if clients rely on the full lifetime |
//! | `upload.checksums` | none | a checksum costs the client a pass over the file | list `sha256` or `crc64nvme` if the client can compute one; S3 then compares every byte |
//! | `upload.file_names` | `refuse` | a repaired name is not the name that the user sees | `mend` if any name will do |
//! | `upload.keep_file_name`, `disposition`, `cache_control`, `content_encoding`, `content_language`, `expires`, `website_redirect`, `headers`, `tags`, `metadata` | not sent | each is a header that the client must send and that CORS must allow | as your readers need |
//! | `upload.encryption`, `kms_context`, `bucket_key`, `storage_class`, `acl`, `object_lock`, `legal_hold` | not sent | the bucket's own settings apply; they are the better place | only where one route differs from its bucket: [`howto::headers`](crate::manual::howto::headers) |
//! | `upload.expected_bucket_owner` | not checked | most buckets are never deleted | the account, if a deleted bucket's name could be taken by somebody else |
//! | `upload.success_action_status`, `success_action_redirect` | not sent | S3 answers a form with 204 | `201` for clients that read the key from the answer; a redirect for HTML without JavaScript |
//! | `upload.multipart` | `no` | it needs secrets for upload tokens and more permissions | `auto` for files above `multipart_above`: [`howto::large_files`](crate::manual::howto::large_files) |
//! | `upload.multipart_above` | 100 MiB | below it one `PUT` is quicker, and sending it again costs little | lower for phones on slow networks |
//! | `upload.part_size` | 8 MiB | a lost part is sent again in seconds; larger files get larger parts, because an upload has at most 10,000 | larger on fast networks, for fewer requests |
//! | `upload.parts_at_once` | 4 | fills most networks, and each part in flight can cost a client its memory | higher for clients near the bucket |
//! | `upload.resume_window` | 24 h | a user continues the next morning; then the lifecycle rule removes the parts | up to 7 days |
//! | `upload.confirm` | `false` | it needs secrets for upload tokens, and permission to read | `true` if your application must know what arrived: [`howto::confirm`](crate::manual::howto::confirm) |
//! | `upload.confirm_within` | 24 h | a client that was offline confirms the next morning | up to 7 days |
//! | `upload.inspect`, `upload.pending_key`, `upload.gate` | none | uploads are readable at once, as without upsign | if others read what users upload: [`howto::quarantine`](crate::manual::howto::quarantine) |
//! | `upload.pending_days` | as many whole days as an upload can be confirmed | nobody can confirm it later | more, to look at rejected files |
//! | `upload.read_expires_in` | 5 min | enough to start a download; a URL in a log is soon worthless | as your readers need |
//! | `upload.max_files` | 1 | a request for several files is larger | up to 255: [`howto::several_files`](crate::manual::howto::several_files) |
//! | the URL's margin | 30 s before the credentials end | clocks differ, and an upload takes time to begin | not configurable |
//! | `credentials.minimum` | 60 s | a URL for less than a minute fails more often than it helps | as your slowest client needs |
//!
//! # Callers
//!
//! | setting | default | why | change it |
//! | --- | --- | --- | --- |
//! | `auth.leeway` | 60 s | machines' clocks differ by seconds | `0s` if they are synchronized well |
//! | algorithms | RS256 | what Cognito signs with; symmetric algorithms are not implemented | `auth.algorithms` |
//! | `auth.accept_raw_authorization` | `false` | a token without `Bearer` is usually a mistake | `true` for clients of API Gateway authorizers that send it so |
//! | `limit.per_minute` | no limit | each process counts alone, so a number here is not a quota | set one as a brake; the generated APIs limit all requests together. The quotas of API Gateway count per API key, which these callers do not have |
//! | `--token-cache` | 0 | verifying a token takes 14 µs, and a cached token costs memory | thousands of requests per second with the same tokens |
//!
//! # `upsign serve`
//!
//! | flag | default | why |
//! | --- | --- | --- |
//! | `--listen` | `127.0.0.1:8080` | nothing is exposed before you say so; a container needs `0.0.0.0:8080` |
//! | `--admin-listen` | off | metrics and readiness are for the machine's operator, not for the public |
//! | `--max-requests` | 512 | more concurrent requests would only wait; a client that gets 503 at once can try another server |
//! | `--max-connections` | 10,000 | bounds memory and file descriptors |
//! | `--request-time`, `--head-time` | 10 s | a request has at most 16 KiB, or 2 MB if it completes an upload of 10,000 parts, so a slower client is stuck or hostile |
//! | time for the calls of a multipart upload | 30 s, including the store's answers | S3 can take long to complete an upload; not configurable in `upsign serve`, `Limits::with_call_time` of `upsign-axum` |
//! | `--linger` | 250 ms | a load balancer needs some time to notice that `/readyz` fails |
//! | `RUST_LOG` | `warn` | one line for each refusal, none for each grant |
//!
//! # Features of the crates
//!
//! None is on by default: a program compiles no TLS, no HTTP client and no cryptography that it does not use.
//! [`reference::features`](crate::manual::reference::features) lists them,
//! [`internals::weights`](crate::manual::internals::weights) what each costs.

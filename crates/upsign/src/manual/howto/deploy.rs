//! Deploy with SAM or Terraform.
//!
//! `upsign documents` generates the deployment from `upsign.toml`: buckets with their CORS rules, policies and lifecycle, the
//! function and its role, the API, the queue of notifications, alarms. What the policy does not need is not granted.
//!
//! # Describe it
//!
//! ```toml
//! [deployment]
//! api = "http"                      # rest, http, url or alb; see below
//! reads = "presigned"               # how uploads are read: none (the default), presigned or cloudfront; see below
//! notify = "queue"                  # where notifications go: queue (the default), event-bridge or none
//! expire = { "pending/" = 1 }       # days after which objects under a prefix are deleted
//! throttle_rate = 20                # requests per second, with bursts of throttle_burst
//! throttle_burst = 40
//! reserved_concurrency = 10         # how many instances of the function may run at a time
//! log_retention = 90                # days
//! tracing = true                    # traces in X-Ray
//! ```
//!
//! [`reference::configuration`](crate::manual::reference::configuration) lists every key. `upsign check` prints the deployment with
//! the defaults, and refuses combinations that would not work. An option of a command, such as `--api url`, replaces a value once and
//! says so.
//!
//! With `reads = "presigned"`, the function answers `POST /uploads/read-url` for routes with `confirm = true`
//! ([`confirm`](super::confirm#the-receipt)); a function of your own can sign other reads. `table` gives the role permissions on a table that only
//! your own code uses. The table of `[quota]` is part of the stack, and the function uses it ([`quotas`](super::quotas)).
//!
//! # Reads by CloudFront
//!
//! With `reads = "cloudfront"`, the stack has a distribution for each bucket, and `POST /uploads/read-url` answers URLs that lead to it. They
//! are signed with a key of yours; the distribution trusts its public half, and reads nothing without a signature.
//!
//! ```sh
//! openssl genrsa -out cloudfront.pem 2048          # or: openssl ecparam -name prime256v1 -genkey -noout -out cloudfront.pem
//! openssl pkey -in cloudfront.pem -pubout          # for public_keys
//! aws secretsmanager create-secret --name upsign/cloudfront --secret-string file://cloudfront.pem
//! ```
//!
//! ```toml
//! [deployment]
//! reads = "cloudfront"
//!
//! [cloudfront]
//! private_key = "secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/cloudfront-AbCdEf"
//! public_keys = ["""
//! -----BEGIN PUBLIC KEY-----
//! …
//! -----END PUBLIC KEY-----
//! """]
//! ```
//!
//! CloudFront chooses the domain and the id of the key when the stack is created. The stack passes them to its function (feature
//! `cloudfront` of `upsign-lambda`) in variables. `upsign serve` needs them in the file: `domain` and `key_pair_id`, which the stack has as its
//! outputs `DistributionDomain` and `ReadKeyId`, and `private_key = "file:cloudfront.pem"`, for example. With several buckets, write
//! `domains = { BUCKET = "DOMAIN", … }` in place of `domain`. `upsign check` compares the private key with the public ones if it is on the
//! machine, and says what it could not compare.
//!
//! What the stack contains: the public keys in a trusted key group; a cache policy that passes `versionId`, `response-content-type` and
//! `response-content-disposition` to S3, has them in its cache key, and passes on nothing else; HTTPS alone; an origin access control that signs
//! each request to S3, which overrides headers for signed requests only; and a bucket policy that lets only this distribution read objects and
//! their versions, as far as a gate permits ([`quarantine`](super::quarantine)). The function needs no permission to read objects for such
//! URLs. The buckets must be versioned, because the cache compares no entity tag. An object that was deleted stays in the cache for up to one
//! hour (24 hours if its `Cache-Control` says so), for those who have a URL that is still valid.
//!
//! To use a domain of your own, add it to the distribution with a certificate, and set `domain`; `upsign check --against` reports the
//! addition as a difference.
//!
//! **Replace the key** in three deployments:
//!
//! 1. Add the new public key as the second of `public_keys`.
//! 2. Write it first, and let `private_key` name the new private key. Each process of the function that starts from now on signs with it; with a
//!    server, replace its processes too.
//! 3. Once the last URL of the old key has expired, remove the old public key: after `read_expires_in`, counted from the end of the last process
//!    that was started before step 2. Lambda replaces the processes of a function when its code or its variables change, and lets an older one
//!    finish the request at hand.
//!
//! A distribution of your own (`distribution_arn`) needs no `public_keys`. It must meet the conditions of
//! [`CloudFrontSigner`](https://docs.rs/upsign-cloudfront/latest/upsign_cloudfront/struct.CloudFrontSigner.html#the-distribution).
//!
//! With `public_reads = true` in `[cloudfront]`, everybody who knows the key of an upload reads it, without a signature, and the function signs
//! no URLs. That is for files that are public anyway.
//!
//! `upsign dev` signs URLs to its own S3 server in place of those of a distribution.
//!
//! # After the upload
//!
//! Routes with `confirm = true` add to the stack what their configuration needs, and nothing else:
//!
//! | if | the stack also has | build |
//! | --- | --- | --- |
//! | an event is enough to confirm an upload: `claim = true` or `{id:sealed}`, with `notify = "queue"` | a *consumer*: a function that Lambda calls with the notifications of the queue ([`events`](super::events#on-lambda)) | the example `consumer` |
//! | `pending_key` and a queue of webhooks | the consumer too, which announces uploads that have expired | the same |
//! | `[webhook]` with `outbox = "sqs"`, if the account and the region in `queue_url` are those of the stack | the queue with this name, which must not exist yet, its dead-letter queue, and a *deliverer*: a function that sends the webhooks ([`webhooks`](super::webhooks)) | the example `deliverer` |
//! | `[quota]` with `store = "dynamodb"`, in this region | the table | |
//!
//! The consumer takes all messages of the queue of notifications. If a program of yours reads that queue, set `notify = "event-bridge"`, or build the
//! consumer with an announcer of your own.
//!
//! Each function has a role of its own. The consumer may read what is uploaded, and for uploads that an event confirms copy, delete or tag them, as
//! their gate needs; it may not upload where clients do. The deliverer may receive messages and read the secrets of `webhook.secrets` in AWS
//! Secrets Manager, and has no access to the bucket. Secrets in variables (`env:NAME`) are in no template: set those of `[token]` for the consumer
//! too, and those of `[webhook]` for the deliverer.
//!
//! The stack passes the URL of its queue to the functions that announce (`UPSIGN_WEBHOOK_QUEUE_URL`). Without `deployment.account`, the queue is that
//! of the account to which the stack is deployed, whatever account `queue_url` names. If another account or region is meant, `upsign check` warns:
//! nothing of the stack delivers the messages of that queue.
//!
//! Lambda deletes only the messages that a function reports as done (`ReportBatchItemFailures`). Others are delivered again when they become visible:
//! after 6 minutes for the consumer, because AWS recommends six times the timeout of the function, one minute, and after 5 minutes for webhooks.
//! After 5 attempts to confirm, about half an hour, and a day of attempts to deliver, they go to their dead-letter queue, for which there is an
//! alarm.
//!
//! `deployment.consumer_code` and `deployment.deliverer_code` say where the zip files are, as `code` does. A Terraform module takes them as
//! `consumer_package` and `deliverer_package`. The printed commands build all of them.
//!
//! The dashboard shows completed, aborted, confirmed, rejected, differing and deleted uploads. Alarms fire if many uploads differ from what was
//! granted or are rejected, if uploads are not counted, and if invocations of any function fail, as they do if it does not start.
//!
//! # Choose the API
//!
//! | | `rest` | `http` | `url` | `alb` |
//! | --- | --- | --- | --- | --- |
//! | is | a REST API of API Gateway | an HTTP API of API Gateway | a function URL of Lambda | a rule of your Application Load Balancer |
//! | can verify tokens | Cognito authorizer | JWT authorizer of one `issuer` | no | no |
//! | can identify callers without tokens | Lambda authorizer, IAM | Lambda authorizer, IAM | IAM, but not for web pages | no |
//! | answers preflights | the API | the API | the function | the function |
//! | adds CORS headers | the function; the API to its own errors | the API | the function | the function |
//! | limits requests | `throttle_rate`, `throttle_burst` | `throttle_rate`, `throttle_burst` | ten times `reserved_concurrency` per second | no; `reserved_concurrency` limits the function |
//! | writes an access log | yes, without tokens | yes, without tokens | no | its own, to S3, if you enable it |
//! | costs, besides Lambda | per request | per request, less than `rest` | nothing | by the hour and by the capacity used |
//! | choose it | for a user pool, or for AWS WAF | for tokens of any issuer that `[auth]` names in `issuer` | for the least cost and fewest parts | if you have a load balancer |
//!
//! For the prices, see the pages of
//! [API Gateway](https://aws.amazon.com/api-gateway/pricing/) and
//! [Elastic Load Balancing](https://aws.amazon.com/elasticloadbalancing/pricing/). Where the API cannot verify tokens, the function does;
//! [`concepts`](crate::manual::concepts#who-verifies-the-token) explains who does and why.
//!
//! - `rest`: the first REST API with access logs in an account and region needs a role for API Gateway. Add the parameter
//!   `CreateApiGatewayLogRole=true` to the first deployment, or the variable `create_api_gateway_log_role = true` with Terraform.
//! - `url`: everybody may call the URL, and Lambda invokes the function for each request, valid or not: set `reserved_concurrency`.
//! - `alb`: set `listener_arn`, and `reserved_concurrency` for the same reason. The stack adds a rule for the path and a
//!   target group with multi-value headers.
//!
//! With several `[[auth]]`, the function verifies the tokens in every kind of API. [`callers`](super::callers) shows
//! `auth.source = "lambda-authorizer"` and `"iam"`, and a token in another header, which CloudFront in front of `url` needs. A
//! function URL has no CORS configuration: the function answers, and a second `Access-Control-Allow-Origin` would make browsers
//! refuse the answer.
//!
//! A browser sends only the headers that the preflight allows. If a library adds some, such as `traceparent`, list them in
//! `cors.allow_headers`: the preflights then allow them. If an origin contains `*`, the function answers preflights in every kind
//! of API; see [`origins`](super::origins#stores-and-gateways). If CloudFront, a load balancer or a proxy passes on a longer path, such
//! as `/api/upload-url`, set `server.base_path = "/api"`. A request for any other path gets 404 `not-found`, and
//! a line of the log at level `info` states the path.
//!
//! Two settings are left out on purpose. Quotas of API Gateway count per API key, which browsers and phones do not have: the limits
//! above apply to all callers together. Buckets have no Object Lock, because no route signs its headers, and a locked object cannot
//! expire.
//!
//! # With SAM
//!
//! ```sh
//! upsign documents sam > template.yaml
//! ```
//!
//! The command prints the next ones on standard error: how to build the function's zip file, `sam deploy`, and the requests that
//! upload a file through the deployed API. They are made for your configuration and the processor of your machine.
//! [`lambda`](super::lambda) shows the crate of the function.
//!
//! # With Terraform
//!
//! ```sh
//! mkdir -p uploads
//! upsign documents terraform > uploads/main.tf
//! ```
//!
//! This command, too, prints the next ones on standard error. The result is a module. Its variables are what only Terraform knows,
//! such as the path of the zip file (`package`), the `architecture`, and the topics that receive alarms. Call it from your own
//! root module:
//!
//! ```hcl
//! module "uploads" {
//!   source           = "./uploads"
//!   package          = "bootstrap.zip"
//!   alarm_topic_arns = ["arn:aws:sns:ap-southeast-1:123456789012:on-call"]
//! }
//! ```
//!
//! Do not edit the module: change `upsign.toml` and print it again. `examples/terraform` has two environments, each with an
//! `upsign.toml`, a module, and a root module.
//!
//! # Other stores
//!
//! For a bucket of another provider, the stack contains the function and the API only. The documents of the store are printed in the
//! form that it takes, if it takes any: `upsign documents cors` and `upsign documents lifecycle`. [`stores`](super::stores) has the
//! differences.
//!
//! # Proof
//!
//! The tests deploy over 40 stacks on an emulator of AWS and upload through each: every kind of API, tokens of users and of machines,
//! ACLs, encryption, tags, forms, two buckets. With both gates, the consumer confirms uploads whose client is gone, the deliverer sends their
//! webhooks, the table counts them, and each role is tried with calls that it may and may not make. They check templates and modules for every option against the schemas of CloudFormation
//! and of Terraform's AWS provider. No test uses AWS itself.

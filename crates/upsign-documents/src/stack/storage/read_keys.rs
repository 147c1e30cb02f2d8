//! Whose signatures the distributions accept, and which parts of a signed URL reach S3. All distributions of a stack share them.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::declared::Output;
use super::super::reference::{Id, Kind, Reference};
use super::super::terraform::{Module, arguments, block};
use crate::deployment::{CloudFrontPublicKey, Deployment};
use crate::node::{Node, list, map, text};

/// The query parameters of a signed URL that S3 needs: the version, and the headers of the answer, which S3 overrides only for signed
/// requests, such as those of an origin access control. The cache key contains them, so that one version with other headers is another
/// entry of the cache. CloudFront sends no other parameter to S3.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>,
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html>.
const QUERY: [&str; 3] = ["versionId", "response-content-type", "response-content-disposition"];

/// In seconds. An object that was deleted stays readable from the cache for this time, by URLs that are still valid.
const CACHE_TTL: i64 = 3_600;
/// In seconds. It applies to objects whose `Cache-Control` states more.
const MAX_CACHE_TTL: i64 = 86_400;

/// The keys that the distributions trust.
#[derive(Debug)]
pub(super) struct ReadKeys(Vec<CloudFrontPublicKey>);

/// The cache policy of distributions that read signed URLs.
#[derive(Debug)]
struct ReadCache;

/// Returns the keys, their group and the cache policy; nothing if reads are public.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    if deployment.public_reads {
        return Vec::new();
    }
    let mut resources: Vec<Box<dyn Resource>> =
        vec![Box::new(ReadKeys(deployment.read_keys.clone())), Box::new(ReadCache)];
    if let Some(key) = deployment.read_keys.first() {
        let description = "Id of the public key whose private half signs URLs to read uploads";
        resources.push(Box::new(Output::new("ReadKeyId", description, resource_of(key).reference())));
    }
    resources
}

/// Returns the resource of a key. It is named by its content, because the key of a resource cannot be replaced.
pub(in super::super) fn resource_of(key: &CloudFrontPublicKey) -> Id {
    Kind::ReadKey.nth(usize::try_from(key.number()).unwrap_or_default())
}

impl ReadKeys {
    /// Returns each key with its number, its resource and its members that both forms have.
    fn keys<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (Id, [(&'static str, Node); 2], String)> {
        self.0.iter().map(move |key| {
            let name = format!("{name}-{:08x}", key.number());
            (resource_of(key), [("EncodedKey", text(key.to_string())), ("Name", text(&name))], name)
        })
    }

    fn group(&self, name: &str) -> [(&'static str, Node); 2] {
        let items = self.0.iter().map(|key| Node::from(resource_of(key).reference()));
        [("Items", list(items)), ("Name", text(name))]
    }
}

impl Resource for ReadKeys {
    fn cloudformation(&self, template: &mut Template) {
        let name = Reference::UNIQUE_NAME.to_string();
        for (id, members, name) in self.keys(&name) {
            // A unique text with which CloudFront recognizes a repeated request.
            let caller = [("CallerReference", text(name))];
            template.resource(id, [("PublicKeyConfig", map(caller.into_iter().chain(members)))]);
        }
        template.resource(Kind::ReadKeyGroup.id(), [("KeyGroupConfig", map(self.group(&name)))]);
    }

    fn terraform(&self, module: &mut Module) {
        let name = module_name();
        for (id, members, _) in self.keys(&name) {
            // A key is destroyed only once the group does not contain it any more.
            let order = ("lifecycle", block([("create_before_destroy", true.into())]));
            module.resource(id, arguments(members.into_iter().chain([order])));
        }
        module.resource(Kind::ReadKeyGroup.id(), arguments(self.group(&name)));
    }
}

impl ReadCache {
    /// Returns the members that both forms have. `query` selects the query parameters.
    fn members(name: &str, query: Node) -> Vec<(&'static str, Node)> {
        let none = |kind: &'static str| map([(kind, text("none"))]);
        let parameters = [
            ("CookiesConfig", none("CookieBehavior")),
            ("HeadersConfig", none("HeaderBehavior")),
            ("QueryStringsConfig", query),
            ("EnableAcceptEncodingGzip", true.into()),
            ("EnableAcceptEncodingBrotli", true.into()),
        ];
        vec![
            ("Name", text(name)),
            // CloudFront compresses only with a minimum above 0.
            ("MinTTL", Node::Number(1)),
            ("DefaultTTL", Node::Number(CACHE_TTL)),
            ("MaxTTL", Node::Number(MAX_CACHE_TTL)),
            ("ParametersInCacheKeyAndForwardedToOrigin", map(parameters)),
        ]
    }
}

impl Resource for ReadCache {
    fn cloudformation(&self, template: &mut Template) {
        let query = map([("QueryStringBehavior", text("whitelist")), ("QueryStrings", list(QUERY))]);
        let config = Self::members(&Reference::UNIQUE_NAME.to_string(), query);
        template.resource(Kind::ReadCache.id(), [("CachePolicyConfig", map(config))]);
    }

    fn terraform(&self, module: &mut Module) {
        let names = block([("items", list(QUERY))]);
        let query = map([("QueryStringBehavior", text("whitelist")), ("QueryStrings", names)]);
        module.resource(Kind::ReadCache.id(), arguments(Self::members(&module_name(), query)));
    }
}

/// Returns a name that is unique in the account, which all regions share.
fn module_name() -> String {
    format!("{}-{}", Reference::STACK_NAME, Reference::REGION)
}

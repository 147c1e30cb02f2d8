//! The paths of the API at which it answers dialects, the contracts of other clients. Tests of `upsign-http` compare them with those
//! that it serves.

use upsign_core::{BasePath, Dialect};

use super::{Deployment, DeploymentRoute};

/// A path at or below which an API answers a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DialectPath {
    pub(crate) dialect: Dialect,
    /// The path in the API of the deployment, which can contain the segment `{repository}`.
    path: String,
    /// Whether the dialect answers below the path, at segments that vary, instead of at it.
    is_prefix: bool,
    /// The methods of its requests.
    pub(crate) methods: &'static [&'static str],
    /// Whether its requests carry a ticket in the query, and no token of the caller.
    has_ticket: bool,
    /// Its place among all paths of dialects, from 0. Resources of a stack are named by it, so that they keep their names if other
    /// dialects are added.
    pub(crate) number: usize,
}

/// A path without a base path.
#[derive(Clone, Copy)]
struct Template {
    dialect: Dialect,
    path: &'static str,
    is_prefix: bool,
    methods: &'static [&'static str],
    has_ticket: bool,
}

const fn at(dialect: Dialect, path: &'static str, methods: &'static [&'static str]) -> Template {
    Template { dialect, path, is_prefix: false, methods, has_ticket: false }
}

const fn below(dialect: Dialect, path: &'static str, methods: &'static [&'static str]) -> Template {
    Template { is_prefix: true, ..at(dialect, path, methods) }
}

const fn by_ticket(template: Template) -> Template {
    Template { has_ticket: true, ..template }
}

/// Every path. New ones are added at the end, because resources of deployed stacks are named by their places.
const PATHS: &[Template] = &[
    at(Dialect::Uppy, "/uppy/sign", &["POST"]),
    by_ticket(at(Dialect::Uppy, "/uppy/multipart", &["GET", "POST", "DELETE"])),
    below(Dialect::Companion, "/s3", &["GET", "POST", "DELETE"]),
    at(Dialect::BetterUpload, "/better-upload", &["POST"]),
    by_ticket(at(Dialect::BetterUpload, "/better-upload/multipart", &["POST", "DELETE"])),
    at(Dialect::ActiveStorage, "/rails/active_storage/direct_uploads", &["POST"]),
    below(Dialect::GitLfs, "/info/lfs", &["GET", "POST"]),
    below(Dialect::GitLfs, "/{repository}/info/lfs", &["GET", "POST"]),
];

/// The segment of a path that stands for the name of a route.
const REPOSITORY: &str = "{repository}";

impl DialectPath {
    /// Returns the path as API Gateway writes it: `/s3/{proxy+}` for every path below `/s3`.
    pub(crate) fn in_gateway(&self) -> String {
        if self.is_prefix { format!("{}/{{proxy+}}", self.path) } else { self.path.clone() }
    }

    /// Returns the path as a pattern in an ARN or in a rule of a load balancer, in which `*` also matches slashes.
    pub(crate) fn pattern(&self) -> String {
        let path = self.path.replace(REPOSITORY, "*");
        if self.is_prefix { format!("{path}/*") } else { path }
    }

    /// Returns the names of the parameters of the path in API Gateway.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        let repository = self.path.contains(REPOSITORY).then_some("repository");
        repository.into_iter().chain(self.is_prefix.then_some("proxy"))
    }

    /// Returns whether the authorizer of the API identifies the callers of this path. A ticket is checked by the function: clients
    /// send it without another credential.
    pub(crate) const fn has_authorizer(&self) -> bool {
        !self.has_ticket
    }
}

impl Deployment {
    /// Lets the API answer these dialects, below the base path if there is one (default: none). The documents then route their
    /// paths, and pages may send the headers of their clients.
    ///
    /// ```
    /// use upsign_core::{BasePath, CorsOrigins, Dialect};
    /// use upsign_documents::{Deployment, DeploymentRoute};
    ///
    /// let deployment = Deployment::new(Vec::<DeploymentRoute>::new(), CorsOrigins::listed([]))
    ///     .with_dialects([Dialect::Uppy], &BasePath::default());
    /// assert_eq!(deployment.dialects(), [Dialect::Uppy]);
    /// ```
    #[must_use]
    pub fn with_dialects(self, dialects: impl IntoIterator<Item = Dialect>, base: &BasePath) -> Self {
        let mut dialects: Vec<Dialect> = dialects.into_iter().collect();
        dialects.sort_unstable();
        dialects.dedup();
        Self { dialects, dialects_base: base.as_str().into(), ..self }
    }

    /// Returns the dialects that the API answers.
    #[must_use]
    pub fn dialects(&self) -> &[Dialect] {
        &self.dialects
    }

    /// Returns the paths of its dialects as API Gateway writes them, each with its methods: `{proxy+}` stands for one or more
    /// segments, and `{repository}` for the name of a route.
    ///
    /// ```
    /// # use upsign_core::{CorsOrigins, Dialect};
    /// # use upsign_documents::{Deployment, DeploymentRoute};
    /// # let deployment = Deployment::new(Vec::<DeploymentRoute>::new(), CorsOrigins::listed([]));
    /// let deployment = deployment.with_dialects([Dialect::ActiveStorage], &"/api".parse()?);
    /// let path = ("/api/rails/active_storage/direct_uploads".to_owned(), &["POST"][..]);
    /// assert_eq!(deployment.dialect_paths(), [path]);
    /// # Ok::<(), upsign_core::InvalidBasePath>(())
    /// ```
    #[must_use]
    pub fn dialect_paths(&self) -> Vec<(String, &'static [&'static str])> {
        self.paths_of_dialects().map(|path| (path.in_gateway(), path.methods)).collect()
    }

    /// Returns the paths of its dialects.
    pub(crate) fn paths_of_dialects(&self) -> impl Iterator<Item = DialectPath> {
        let templates = PATHS.iter().enumerate();
        let enabled = templates.filter(|(_, template)| self.dialects.contains(&template.dialect));
        let served = enabled.filter(|(_, template)| self.serves(template));
        served.map(|(number, template)| DialectPath {
            dialect: template.dialect,
            path: format!("{}{}", self.dialects_base, template.path),
            is_prefix: template.is_prefix,
            methods: template.methods,
            has_ticket: template.has_ticket,
            number,
        })
    }

    /// Returns whether a route gives the API this path of a dialect that is on.
    fn serves(&self, template: &Template) -> bool {
        let is_of_repository = template.path.contains(REPOSITORY);
        let has_name = |route: &DeploymentRoute| route.name().is_some() == is_of_repository;
        match template.dialect {
            Dialect::GitLfs => {
                self.routes.iter().any(has_name)
                    || !is_of_repository && serves_without_repository(&self.routes)
            }
            _ => true,
        }
    }

    /// Returns the methods of the requests that pages send to the API, in the order GET, POST, DELETE.
    pub(crate) fn methods_of_pages(&self) -> Vec<&'static str> {
        let of_dialects = |method: &str| self.paths_of_dialects().any(|path| path.methods.contains(&method));
        let all = [("GET", false), ("POST", true), ("DELETE", self.deletes())];
        let sent = all.into_iter().filter(|(method, is_sent)| *is_sent || of_dialects(method));
        sent.map(|(method, _)| method).collect()
    }

    /// Returns the headers that the clients of its dialects send to the API, in addition to the token and the type of the body.
    pub(crate) fn headers_of_dialects(&self) -> impl Iterator<Item = &'static str> {
        self.dialects.iter().flat_map(|dialect| headers(*dialect)).copied()
    }
}

/// Returns whether requests of Git LFS without a repository have a route: the unnamed one, or else the only one that finds objects by
/// their content.
pub(crate) fn serves_without_repository(routes: &[DeploymentRoute]) -> bool {
    let mut finding = routes.iter().filter(|route| route.policy().finds_by_content());
    match routes.iter().find(|route| route.name().is_none()) {
        Some(unnamed) => unnamed.policy().finds_by_content(),
        None => finding.next().is_some() && finding.next().is_none(),
    }
}

/// Returns the headers that the client of a dialect sends, besides `authorization` and `content-type`.
const fn headers(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::ActiveStorage => &["x-csrf-token", "x-requested-with"],
        _ => &[],
    }
}

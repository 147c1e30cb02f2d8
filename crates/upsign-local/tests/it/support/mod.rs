//! Fixtures: a running S3 server, a client, and assertions about responses.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use upsign_core::{Bucket, Credentials, Target};
use upsign_local::{LocalS3, LocalS3Builder, StoredObject};

use crate::sign::Presign;

pub(crate) mod multipart;

pub(crate) const REGION: &str = "eu-central-1";

/// A running server with one bucket.
pub(crate) struct Fixture {
    pub(crate) s3: LocalS3,
    pub(crate) http: Client,
    pub(crate) target: Target,
}

/// A response with its body.
#[derive(Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn bucket() -> Bucket {
    "article-images".parse().unwrap()
}

pub(crate) fn credentials() -> Credentials {
    Credentials::long_term("LOCLEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap()
}

pub(crate) fn builder() -> LocalS3Builder {
    LocalS3::builder(credentials(), REGION.parse().unwrap(), bucket())
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::with_builder(builder()).await
    }

    pub(crate) async fn with_builder(builder: LocalS3Builder) -> Self {
        let s3 = builder.start().await.unwrap();
        let target = s3.target(bucket());
        Self { s3, http: client(), target }
    }

    pub(crate) fn presign<'a>(&'a self, method: &'a str, key: &'a str) -> Presign<'a> {
        Presign::new(&self.target, self.s3.credentials(), method, key)
    }

    /// Sends a presigned request with its signed headers.
    pub(crate) async fn send(
        &self,
        method: &str,
        request: &Presign<'_>,
        body: impl Into<Vec<u8>>,
    ) -> TestResponse {
        self.send_to(method, &request.url(), request.signed_headers(), body).await
    }

    pub(crate) async fn send_to(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: impl Into<Vec<u8>>,
    ) -> TestResponse {
        let body = body.into();
        let mut request = self.http.request(method.parse::<Method>().unwrap(), url);
        if body.is_empty() && ["PUT", "POST"].contains(&method) {
            request = request.header("content-length", 0);
        }
        request = request.body(body);
        for (name, value) in headers {
            if name != "content-length" {
                request = request.header(name, value);
            }
        }
        TestResponse::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn put(&self, key: &str, body: &[u8]) -> TestResponse {
        self.send("PUT", &self.presign("PUT", key), body).await
    }

    pub(crate) async fn get(&self, key: &str) -> TestResponse {
        self.send("GET", &self.presign("GET", key), "").await
    }

    pub(crate) async fn stored(&self) -> Vec<StoredObject> {
        self.s3.objects(&bucket()).await
    }
}

impl TestResponse {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Returns the text of an XML element of the body, or an empty string.
    pub(crate) fn element(&self, name: &str) -> String {
        let text = self.text();
        let rest = text.split_once(&format!("<{name}>")).map(|(_, rest)| rest.to_owned());
        let rest =
            rest.and_then(|rest| rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned()));
        rest.unwrap_or_default()
    }

    /// Returns the texts of the XML elements with this name, in their order.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let text = self.text();
        let texts = text.split(&open).skip(1).filter_map(|rest| rest.split_once(&close));
        texts.map(|(text, _)| text.to_owned()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Asserts the status code.
    #[track_caller]
    pub(crate) fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// Asserts the status and the error code, and that body and header have the same request id.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.element("Code").as_str()), (status, code), "{}", self.text());
        assert_eq!(self.element("RequestId"), self.header("x-amz-request-id"));
        self
    }
}

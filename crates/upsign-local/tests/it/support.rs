//! A server and a client of it.

use std::sync::Arc;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use upsign_core::{Bucket, Credentials, Target};
use upsign_local::{LocalS3, LocalS3Builder, StoredObject};

use crate::sign::Presign;

pub(crate) const REGION: &str = "eu-central-1";

/// A running server with one bucket.
pub(crate) struct Fixture {
    pub(crate) s3: LocalS3,
    pub(crate) http: Client,
    pub(crate) target: Target,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
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
        Self::of(builder()).await
    }

    pub(crate) async fn of(builder: LocalS3Builder) -> Self {
        let s3 = builder.start().await.unwrap();
        let target = s3.target(bucket());
        Self { s3, http: client(), target }
    }

    pub(crate) fn presign<'a>(&'a self, method: &'a str, key: &'a str) -> Presign<'a> {
        Presign::new(&self.target, self.s3.credentials(), method, key)
    }

    /// Sends what was signed.
    pub(crate) async fn send(&self, method: &str, request: &Presign<'_>, body: impl Into<Vec<u8>>) -> Answer {
        self.send_to(method, &request.url(), request.signed_headers(), body).await
    }

    pub(crate) async fn send_to(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
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
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn put(&self, key: &str, body: &[u8]) -> Answer {
        self.send("PUT", &self.presign("PUT", key), body).await
    }

    pub(crate) async fn get(&self, key: &str) -> Answer {
        self.send("GET", &self.presign("GET", key), "").await
    }

    pub(crate) async fn stored(&self) -> Vec<StoredObject> {
        self.s3.objects(&bucket()).await
    }
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The text of an element of the XML body, or nothing.
    pub(crate) fn element(&self, name: &str) -> String {
        let text = self.text();
        let rest = text.split_once(&format!("<{name}>")).map(|(_, rest)| rest.to_owned());
        let rest =
            rest.and_then(|rest| rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned()));
        rest.unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.element("Code").as_str()), (status, code), "{}", self.text());
        assert_eq!(self.element("RequestId"), self.header("x-amz-request-id"));
        self
    }
}

/// A clock that stands still.
pub(crate) fn stopped_clock(at: &str) -> upsign_local::Clock {
    let at = at.parse().unwrap();
    Arc::new(move || at)
}

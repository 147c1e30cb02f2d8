//! Presigners that sign single requests correctly and the parts of a multipart upload with one fault each.

use upsign::async_trait;
use upsign_core::{
    Credentials, ExpiresIn, PartToSign, PresignError, PresignParts, PresignRequest, PresignedParts,
    PresignedRequest, Presigner, SignedHeaders, Timestamp, Unsupported, WithCredentials,
};
use upsign_sigv4::SigV4;
use upsign_testing::conformance::check_presigner;

use crate::failure_of;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    DropsChecksum,
    SameLength,
    DropsHeaders,
    OtherNumber,
    OtherOrder,
    DropsLast,
    OtherLifetime,
    StatesFullLifetime,
    ForgetsPrecision,
    OtherUploadId,
    RefusesAll,
    SignsRepeatedHeaders,
}

#[derive(Debug)]
struct Faulty(Fault, WithCredentials<SigV4, Credentials>);

impl Faulty {
    fn changed(&self, parts: &PresignParts) -> PresignParts {
        let mut list: Vec<PartToSign> = parts.parts().to_vec();
        let (mut headers, mut expires_in) = (parts.headers().clone(), parts.expires_in());
        let mut upload_id = parts.upload_id().clone();
        match self.0 {
            Fault::DropsChecksum => list.iter_mut().for_each(|part| part.checksum = None),
            Fault::SameLength => list.iter_mut().for_each(|part| part.len = 8 << 20),
            Fault::DropsHeaders | Fault::SignsRepeatedHeaders => headers = SignedHeaders::new(),
            Fault::OtherNumber => list.iter_mut().for_each(|part| part.number = upsign_core::PartNumber::MIN),
            Fault::OtherOrder => list.sort_by_key(|part| part.number),
            Fault::DropsLast => drop(list.pop()),
            Fault::OtherLifetime => expires_in = ExpiresIn::from_secs(60).unwrap(),
            Fault::OtherUploadId => upload_id = "another".parse().unwrap(),
            _ => {}
        }
        let repeats = parts.parts().iter().any(|part| parts.request(part).is_err());
        if self.0 == Fault::SignsRepeatedHeaders && !repeats {
            headers = parts.headers().clone();
        }
        PresignParts::new(parts.target().clone(), parts.key().clone(), upload_id, expires_in, list)
            .with_headers(headers)
            .with_short_credentials(parts.short_credentials())
    }
}

#[async_trait]
impl Presigner for Faulty {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.1.presign(request, at).await
    }

    async fn presign_parts(
        &self,
        parts: &PresignParts,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        if self.0 == Fault::RefusesAll {
            return Err(Unsupported::new("this presigner", "parts").into());
        }
        let mut signed = self.1.presign_parts(&self.changed(parts), at).await?;
        match self.0 {
            Fault::StatesFullLifetime => {
                signed.expires_at = at.saturating_add(parts.expires_in().as_secs().into());
            }
            Fault::ForgetsPrecision => signed.expiry_precision = upsign_core::ExpiryPrecision::UpperBound,
            Fault::OtherNumber => {
                signed.urls.iter_mut().zip(parts.parts()).for_each(|(signed, part)| signed.0 = part.number);
            }
            _ => {}
        }
        Ok(signed)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.1.check(request)
    }
}

async fn check(fault: Fault) -> Option<String> {
    let make = |credentials: Credentials| {
        Box::new(Faulty(fault, SigV4::new().with_credentials(credentials))) as Box<dyn Presigner>
    };
    failure_of(check_presigner(&make)).await
}

#[tokio::test]
async fn parts_that_differ_from_single_requests_fail() {
    assert_eq!(check(Fault::None).await, None);
    for (fault, message) in [
        (Fault::DropsChecksum, "the signed headers"),
        (Fault::SameLength, "the signature"),
        (Fault::DropsHeaders, "the signed headers"),
        (Fault::OtherNumber, "the query parameters"),
        (Fault::OtherOrder, "the numbers of the parts"),
        (Fault::DropsLast, "the numbers of the parts"),
        (Fault::OtherLifetime, "the expiry of the parts"),
        (Fault::StatesFullLifetime, "the expiry of the parts"),
        (Fault::ForgetsPrecision, "the expiry of the parts"),
        (Fault::OtherUploadId, "the query parameters"),
        (Fault::RefusesAll, "presign_parts() refuses what presign() signs"),
        (Fault::SignsRepeatedHeaders, "presign_parts() signs a header that is given twice"),
    ] {
        let failure = check(fault).await.unwrap_or_else(|| panic!("{fault:?} passes"));
        assert!(failure.contains(message), "{fault:?}: {failure}");
    }
}

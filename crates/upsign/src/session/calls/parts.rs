//! The call for the URLs of parts. It calls no store, so it costs as much as its signatures.

use upsign_core::{
    ExpiresIn, ExpiryPrecision, Identity, Operation, PartChecksum, PartNumber, PartToSign, PresignError,
    PresignParts, PresignRequest, PresignedParts, Presigner, SignedHeaders, Timestamp, UploadId,
};
use upsign_policy::{MultipartChecksum, PlannedSize, UploadPolicy};

use crate::observe::SessionOutcome;
use crate::service::UploadService;
use crate::session::calls::Opened;
use crate::session::error::SessionError;
use crate::session::parts::{InvalidPartLengths, InvalidPartNumbers, PartUrl, PartUrls, PartsRequest};
use crate::session::stated::check_part_checksum;
use crate::session::upload::SessionCall;

impl<P: Presigner> UploadService<P> {
    /// Returns the URLs of parts of an upload that `caller` began. `token` is the upload token.
    ///
    /// Each URL binds the exact length of its part, and the checksum if the store verifies those of parts, so that the size of
    /// the whole object is bound. The URLs expire with the token at the latest.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the token is not valid for the caller, if the application no longer permits the upload, if
    /// numbers, lengths or checksums are not those of the upload, or if the URLs cannot be signed.
    pub async fn presign_parts(
        &self,
        caller: &Identity,
        token: &str,
        parts: &PartsRequest,
        at: Timestamp,
    ) -> Result<PartUrls, SessionError> {
        let result = match self.count_call(caller, at).await {
            Ok(()) => self.presign_parts_counted(caller, token, parts, at).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.report_session(error, caller, token, at))
    }

    /// Returns the URLs of parts to a caller that was already counted: the second half of
    /// [`presign_parts`](Self::presign_parts), for adapters.
    ///
    /// Observers receive the answer. The adapter must [`report`](Self::report) an error itself;
    /// [`session_refusal`](Self::session_refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`presign_parts`](Self::presign_parts), except [`SessionError::TooManyRequests`].
    pub async fn presign_parts_counted(
        &self,
        caller: &Identity,
        token: &str,
        parts: &PartsRequest,
        at: Timestamp,
    ) -> Result<PartUrls, SessionError> {
        let opened = self.open(caller, token, at)?;
        let upload_id = opened.upload_id()?;
        opened.allow(SessionCall::Parts).await?;
        let upload = opened.session.upload();
        let policy = opened.route.issuer().policy();
        let lifetime = lifetime(policy, opened.session.expires_at().seconds_since(at))?;
        if let PlannedSize::FreeParts(plan) = upload.size {
            let urls = opened.free_parts(upload_id, plan.size(), parts, lifetime).await?;
            self.report_answer(&opened, SessionOutcome::PartsSigned(urls.parts.len()));
            return Ok(urls);
        }
        let parts = parts_to_sign(upload.size, upload.checksum, policy, parts)?;
        let headers = opened.headers();
        let request = PresignParts::new(
            policy.target().clone(),
            upload.key.clone(),
            upload_id.clone(),
            lifetime,
            parts,
        );
        let request =
            request.with_headers(headers.clone()).with_short_credentials(policy.short_credentials());
        let presigned = opened.route.issuer().presigner().presign_parts(&request, at).await?;
        let urls = part_urls(&opened, &request, presigned, &headers)?;
        self.report_answer(&opened, SessionOutcome::PartsSigned(urls.parts.len()));
        Ok(urls)
    }
}

/// Returns the lifetime of the URLs: that of the policy, but not beyond the upload token.
fn lifetime(policy: &UploadPolicy, remaining: u64) -> Result<ExpiresIn, SessionError> {
    let seconds = remaining.min(policy.expires_in().as_secs().into());
    Ok(ExpiresIn::from_secs(seconds)?)
}

fn part_urls<P: Presigner>(
    opened: &Opened<'_, P>,
    request: &PresignParts,
    presigned: PresignedParts,
    headers: &SignedHeaders,
) -> Result<PartUrls, SessionError> {
    let requested = request.parts().iter().map(|part| part.number);
    if !requested.eq(presigned.urls.iter().map(|(number, _)| *number)) {
        let source = "the presigner returned other parts than the requested ones".into();
        return Err(PresignError::Backend { backend: "presigner", source }.into());
    }
    let expires_in = opened.remaining(presigned.expires_at, request.expires_in())?;
    let part_url = |(part, (number, url)): (&PartToSign, _)| {
        let mut headers = headers.clone();
        // The presigner has signed these headers, so they are not among the others.
        let _ = headers.insert("content-length", &part.len.to_string());
        if let Some(checksum) = &part.checksum {
            let _ = headers.insert(checksum.header(), checksum.as_base64());
        }
        PartUrl { number, url, len: part.len, headers }
    };
    Ok(PartUrls {
        key: opened.session.upload().final_key().clone(),
        parts: request.parts().iter().zip(presigned.urls).map(part_url).collect(),
        expires_in,
        expires_at: presigned.expires_at,
        expiry_precision: presigned.expiry_precision,
    })
}

impl<P: Presigner> Opened<'_, P> {
    /// Returns how long URLs are valid that expire at this instant.
    ///
    /// Credentials that expire soon shorten the lifetime, as they do for one URL. The end of the token does not count: a client
    /// that asks shortly before it gets what is left.
    fn remaining(&self, expires_at: Timestamp, lifetime: ExpiresIn) -> Result<ExpiresIn, SessionError> {
        let remaining = expires_at.seconds_since(self.at);
        let requested = self.route.issuer().policy().min_expires_in().as_secs().min(lifetime.as_secs());
        if remaining < u64::from(requested) {
            return Err(PresignError::CredentialsTooShort { remaining, requested }.into());
        }
        Ok(ExpiresIn::from_secs(remaining)?)
    }

    /// Returns URLs of parts of any length, which bind neither that nor a checksum.
    async fn free_parts(
        &self,
        upload_id: &UploadId,
        max: u64,
        request: &PartsRequest,
        lifetime: ExpiresIn,
    ) -> Result<PartUrls, SessionError> {
        if request.lengths().is_some() {
            return Err(InvalidPartLengths::Free.into());
        }
        let stated = request.checksums().into_iter().flatten().zip(request.numbers());
        if let Some((_, number)) = stated.into_iter().find(|(checksum, _)| checksum.is_some()) {
            return Err(SessionError::ChecksumNotAllowed { part: Some(*number), algorithm: None });
        }
        let policy = self.route.issuer().policy();
        let last = last_free_part(policy, max);
        if let Some(above) = request.numbers().iter().find(|number| number.get() > last) {
            return Err(InvalidPartNumbers::AboveMaxSize { number: above.get().into(), last, max }.into());
        }
        let (mut parts, mut expiry) = (Vec::with_capacity(request.numbers().len()), None);
        for number in request.numbers().iter().copied() {
            let part = Operation::UploadPart { upload_id: upload_id.clone(), part_number: number };
            let part = PresignRequest::new(policy.target().clone(), part, self.key().clone(), lifetime)
                .with_headers(self.headers())
                .with_short_credentials(policy.short_credentials());
            let signed = self.route.issuer().presigner().presign(&part, self.at).await?;
            // Credentials can be renewed in between, so the earliest expiry counts.
            let expires: (Timestamp, ExpiryPrecision) = (signed.expires_at, signed.expiry_precision);
            expiry = Some(expiry.filter(|(earliest, _)| *earliest <= expires.0).unwrap_or(expires));
            parts.push(PartUrl { number, url: signed.url, len: max, headers: self.headers() });
        }
        let (expires_at, expiry_precision) = expiry.ok_or(InvalidPartNumbers::None)?;
        let expires_in = self.remaining(expires_at, lifetime)?;
        let key = self.session.upload().final_key().clone();
        Ok(PartUrls { key, parts, expires_in, expires_at, expiry_precision })
    }
}

/// Returns the highest number of a part that is signed for an upload of at most `max` bytes in free parts: every part but the last has
/// the minimum size of the store. There is one more, so that a file that is a little too large is found when it is completed, which
/// aborts the upload.
fn last_free_part(policy: &UploadPolicy, max: u64) -> u16 {
    let min = policy.multipart().map_or(1, |options| options.store().min_part_bytes.max(1));
    let count = max.div_ceil(min).saturating_add(1);
    u16::try_from(count).unwrap_or(u16::MAX).min(PartNumber::MAX.get())
}

/// Checks what the client requests against the plan and the checksum of the upload.
fn parts_to_sign(
    size: PlannedSize,
    checksum: Option<MultipartChecksum>,
    policy: &UploadPolicy,
    request: &PartsRequest,
) -> Result<Vec<PartToSign>, SessionError> {
    let highest = request.numbers().iter().max().copied();
    // A store may ignore the checksum of a part, or refuse the header. Then only that of the whole object is compared.
    let header = checksum.and_then(|checksum| policy.multipart()?.part_checksum_header(checksum));
    let is_required = policy.checksums().is_required() && header.is_some();
    let part = |(position, number): (usize, &PartNumber)| {
        let stated_len = request.lengths().and_then(|lengths| lengths.get(position)).copied();
        let len = length(size, *number, stated_len, highest == Some(*number))?;
        let base64 = request.checksums().and_then(|checksums| checksums.get(position)?.as_deref());
        let checksum = check_part_checksum(*number, base64, checksum, is_required)?;
        let part = PartToSign::new(*number, len);
        let signed =
            header.zip(checksum).map(|(header, checksum)| PartChecksum::new(header, checksum.as_base64()));
        Ok(match signed {
            Some(Ok(checksum)) => part.with_checksum(checksum),
            // Base64 of a known algorithm is a valid value.
            Some(Err(_)) | None => part,
        })
    };
    request.numbers().iter().enumerate().map(part).collect()
}

/// Returns the exact length of a part.
///
/// If the size of the upload is known, so is the length. If only a maximum is known, the client states the length. It is never
/// above that of the plan, so the sum of all signed lengths is at most the maximum. Only the highest part of the request can
/// be shorter; that it is the last part of the object is checked when the upload is completed.
fn length(
    size: PlannedSize,
    number: PartNumber,
    stated: Option<u64>,
    is_highest: bool,
) -> Result<u64, SessionError> {
    let plan = size.plan();
    let out_of_range =
        InvalidPartNumbers::OutOfRange { number: number.get().into(), last: plan.part_count() };
    let planned = plan.part(number).ok_or(out_of_range)?.len;
    match (size, stated) {
        (PlannedSize::Exact(_) | PlannedSize::FreeParts(_), None) => Ok(planned),
        (PlannedSize::Exact(_), Some(_)) => Err(InvalidPartLengths::Fixed.into()),
        (PlannedSize::FreeParts(_), Some(_)) => Err(InvalidPartLengths::Free.into()),
        (PlannedSize::AtMost(_), None) => Err(InvalidPartLengths::Missing.into()),
        (PlannedSize::AtMost(_), Some(len)) if len > planned => {
            Err(InvalidPartLengths::TooLong { number, len, max: planned }.into())
        }
        (PlannedSize::AtMost(_), Some(len)) if len < planned && !is_highest => {
            Err(InvalidPartLengths::TooShort { number, len, part_size: plan.part_size() }.into())
        }
        (PlannedSize::AtMost(_), Some(0)) if number > PartNumber::MIN => {
            Err(InvalidPartLengths::Empty(number).into())
        }
        (PlannedSize::AtMost(_), Some(len)) => Ok(len),
    }
}

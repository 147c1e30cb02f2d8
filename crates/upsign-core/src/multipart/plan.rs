//! Plans of multipart uploads.

use crate::multipart::part_size::{InvalidMultipartPlan, PartSizes};
use crate::request::part::PartNumber;
use crate::target::capabilities::Capabilities;

/// How an object of known size is divided into the parts of a multipart upload.
///
/// All parts have the same size except the last one, which has the rest, so that stores that require equal parts accept the
/// upload (<https://developers.cloudflare.com/r2/objects/multipart-objects/>). The size of every part is known in advance: a
/// service that signs it as `content-length` binds the size of the whole object.
///
/// ```
/// use upsign_core::{MultipartPlan, PartNumber, Provider};
///
/// let store = Provider::Aws.capabilities();
/// let plan = MultipartPlan::new(20_000_000, None, &store)?;
/// assert_eq!((plan.part_size(), plan.part_count()), (8 << 20, 3));
///
/// let last = plan.part(PartNumber::new(3)?).unwrap();
/// assert_eq!((last.offset, last.len), (16 << 20, 3_222_784));
/// assert!(plan.part(PartNumber::new(4)?).is_none());
///
/// let refused = MultipartPlan::new(20_000_000, Some(10_000_000), &store).unwrap_err();
/// assert_eq!(refused.nearest_part_size(), Some(10 << 20));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MultipartPlan {
    size: u64,
    part_size: u64,
    /// The number of the last part, and so the number of parts.
    last: PartNumber,
}

/// One part of a [`MultipartPlan`]: the bytes `offset` to `offset + len` of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a part is a range of bytes with a number")]
pub struct PlannedPart {
    /// The part number.
    pub number: PartNumber,
    /// The position in the object of the first byte of the part.
    pub offset: u64,
    /// The exact length of the part in bytes: the `content-length` of its `UploadPart` request. It is 0 only for the only part
    /// of an empty object.
    pub len: u64,
}

impl MultipartPlan {
    /// The part size in bytes if none is requested and the object is not too large for it: 8 MiB.
    ///
    /// It is also the default of the AWS CLI (`multipart_chunksize`,
    /// <https://docs.aws.amazon.com/cli/latest/topic/s3-config.html>). It suffices for objects up to 78 GiB. Small parts lose
    /// little when a connection breaks, and a client that sends several at a time needs little memory.
    pub const DEFAULT_PART_SIZE: u64 = 8 << 20;

    /// Divides an object of `size` bytes within the limits of `store`.
    ///
    /// `part_size` is the requested part size in bytes. It must be a multiple of 1 MiB. Without one, the plan uses
    /// [`DEFAULT_PART_SIZE`](Self::DEFAULT_PART_SIZE), or the nearest size with which the object fits into the maximum number
    /// of parts. A part size that is possible for an object is possible for every smaller one that is not too small, so a
    /// configuration can check it once, with the maximum size.
    ///
    /// An empty object has one empty part: S3 completes no upload without parts
    /// (<https://github.com/apache/arrow-rs-object-store/issues/91>), and the last part has no minimum size
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
    ///
    /// # Errors
    /// Returns [`InvalidMultipartPlan`] if the object is too large or too small for the store, or if the requested part size
    /// is not possible for the object. The error then contains the nearest one that is.
    pub fn new(
        size: u64,
        part_size: Option<u64>,
        store: &Capabilities,
    ) -> Result<Self, InvalidMultipartPlan> {
        let sizes = PartSizes::of(size, store)?;
        let part_size = match part_size {
            Some(wanted) => sizes.exactly(wanted)?,
            None => sizes.nearest(Self::DEFAULT_PART_SIZE),
        };
        let too_large = InvalidMultipartPlan::ObjectTooLarge { size, max: store.max_object_bytes };
        Self::restore(size, part_size).ok_or(too_large)
    }

    /// Restores a plan from the sizes of the object and of its parts, in bytes.
    ///
    /// Returns `None` if `part_size` is 0 or if the object would have more than 10,000 parts. Other limits are not checked:
    /// they depend on the store, and [`new`](Self::new) checked them when the upload began.
    #[must_use]
    pub const fn restore(size: u64, part_size: u64) -> Option<Self> {
        if part_size == 0 {
            return None;
        }
        let count = if size == 0 { 1 } else { size.div_ceil(part_size) };
        match PartNumber::new(count) {
            Ok(last) => Some(Self { size, part_size, last }),
            Err(_) => None,
        }
    }

    /// Returns the size of the object in bytes: the sum of the lengths of all parts.
    #[must_use]
    pub const fn size(self) -> u64 {
        self.size
    }

    /// Returns the size in bytes of every part except the last one. An object with a single part may be smaller.
    #[must_use]
    pub const fn part_size(self) -> u64 {
        self.part_size
    }

    /// Returns the number of parts, 1 to 10,000.
    #[must_use]
    pub const fn part_count(self) -> u16 {
        self.last.get()
    }

    /// Returns the part with this number, or `None` if the upload has fewer parts.
    #[must_use]
    pub fn part(self, number: PartNumber) -> Option<PlannedPart> {
        (number <= self.last).then(|| self.planned(number))
    }

    /// Returns all parts in order.
    pub fn parts(self) -> impl Iterator<Item = PlannedPart> + Clone {
        let numbers = (1..=self.part_count()).filter_map(|number| PartNumber::new(number.into()).ok());
        numbers.map(move |number| self.planned(number))
    }

    /// `number` must be that of a part of the plan.
    const fn planned(self, number: PartNumber) -> PlannedPart {
        // Below `size`, because every part before the last one is complete.
        let offset = (number.get() as u64 - 1).saturating_mul(self.part_size);
        let rest = self.size.saturating_sub(offset);
        let len = if rest < self.part_size { rest } else { self.part_size };
        PlannedPart { number, offset, len }
    }
}

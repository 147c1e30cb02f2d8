//! The comparison of an object with its content type.

use file_format::{FileFormat, Kind};
use upsign::confirm::ConfirmReason;

use crate::foreign;
use crate::formats::{
    Format, archive, audio, compound, font, gif, iso_media, jpeg, markup, matroska, pdf, picture, png, riff,
    svg, text, video, zip,
};
use crate::rejection::Rejection;
use crate::sample::{HEAD_BYTES, Sample, TAIL_BYTES, View};

/// Compares an object with the content type that its upload was granted with. Pure: the same sample gives the same verdict.
///
/// # Errors
/// Returns the first reason to refuse the file:
///
/// | reason | cause |
/// | --- | --- |
/// | `unknown-type` | no check exists for the content type, for example `application/octet-stream` |
/// | `type-mismatch` | the bytes are those of another type, or no valid file of this type |
/// | `active-content` | scripts in an image, HTML in the metadata, macros in a document, actions in a PDF |
/// | `polyglot` | the file is also an archive, a PDF or a script |
/// | `archive` | an archive that is not the signed document, or that leaves its folder |
/// | `truncated` | the file ends before the end that its format states |
pub fn inspect(sample: &Sample<'_>) -> Result<(), Rejection> {
    let Some(format) = Format::of(sample.content_type) else {
        return Err(Rejection::new(ConfirmReason::UnknownType, "no inspection exists for the signed type"));
    };
    let view =
        View::of(sample).ok_or_else(|| Rejection::truncated("the parts are longer than the object"))?;
    if view.size == 0 {
        let may_be_empty = matches!(format, Format::Text(text) if text.may_be_empty());
        return if may_be_empty { Ok(()) } else { Err(Rejection::truncated("the file is empty")) };
    }
    if !view.is_whole() && (view.start.len() < HEAD_BYTES || view.tail().len() < TAIL_BYTES) {
        return Err(Rejection::truncated("the sample lacks bytes of the start or the end of the object"));
    }
    let end = check_format(format, sample, &view).map_err(|error| with_found_type(error, &view))?;
    foreign::check(format, &view, end)
}

/// Returns the offset after the content, for formats that state it.
fn check_format(format: Format, sample: &Sample<'_>, view: &View<'_>) -> Result<Option<u64>, Rejection> {
    check_signature(format, view)?;
    match format {
        Format::Jpeg => return jpeg::check(view),
        Format::Png => return png::check(view),
        Format::Gif => return gif::check(view),
        Format::Riff(riff) => return riff::check(riff, view),
        Format::Bmp => picture::check_bmp(view),
        Format::Tiff => picture::check_tiff(view),
        Format::Icon => picture::check_icon(view),
        Format::JpegXl => picture::check_jpeg_xl(view),
        Format::Jpeg2000 => picture::check_jpeg2000(view),
        Format::Photoshop => picture::check_photoshop(view),
        Format::Svg => svg::check(view),
        Format::Iso(brands) => iso_media::check(brands, view),
        Format::Matroska { only_webm } => matroska::check(only_webm, view),
        Format::MpegProgram => video::check_program(view),
        Format::MpegTransport => video::check_transport(view),
        Format::Asf => video::check_asf(view),
        Format::Flash => video::check_flash(view),
        Format::Ogg => audio::check_ogg(view),
        Format::Mp3 => audio::check_mp3(view),
        Format::Flac => audio::check_flac(view),
        Format::Aac => audio::check_aac(view),
        Format::Aiff => audio::check_aiff(view),
        Format::Amr => audio::check_amr(view),
        Format::Midi => audio::check_midi(view),
        Format::Pdf => pdf::check(view),
        Format::Zip(package) => zip::check(package, view),
        Format::Compound(kind) => compound::check(kind, view),
        Format::Rtf => pdf::check_rtf(view),
        Format::Text(kind) => text::check(kind, states_utf8(sample), view),
        Format::Xml => markup::check_xml(view),
        Format::Html => markup::check_html(view),
        Format::Woff => font::check_woff(b"wOFF", view),
        Format::Woff2 => font::check_woff(b"wOF2", view),
        Format::OpenType => font::check_open_type(view),
        Format::EmbeddedOpenType => font::check_embedded(view),
        Format::Wasm if view.start.starts_with(b"\0asm\x01\0\0\0") => Ok(()),
        Format::Wasm => Err(Rejection::mismatch("the bytes are no WebAssembly")),
        other => archive::check(other, view),
    }?;
    Ok(None)
}

fn states_utf8(sample: &Sample<'_>) -> bool {
    let parameters = sample.content_type.parameters().to_ascii_lowercase();
    parameters.contains("charset=utf-8") || parameters.contains("charset=\"utf-8\"")
}

/// Compares the signature that `file-format` finds, for formats with one signature.
fn check_signature(format: Format, view: &View<'_>) -> Result<(), Rejection> {
    use FileFormat as F;
    let accepted: &[FileFormat] = match format {
        Format::Jpeg => &[F::JointPhotographicExpertsGroup],
        Format::Png => &[F::PortableNetworkGraphics, F::AnimatedPortableNetworkGraphics],
        Format::Gif => &[F::GraphicsInterchangeFormat],
        Format::Riff(riff::Riff::Webp) => &[F::Webp],
        Format::Riff(riff::Riff::Avi) => &[F::AudioVideoInterleave],
        Format::Flac => &[F::FreeLosslessAudioCodec],
        Format::Midi => &[F::MusicalInstrumentDigitalInterface],
        Format::Zip(_) => &[F::Zip],
        Format::Compound(_) => &[F::CompoundFileBinary],
        Format::Gzip => &[F::Gzip],
        Format::Bzip2 => &[F::Bzip2],
        Format::Xz => &[F::Xz],
        Format::Zstd => &[F::Zstandard],
        Format::SevenZip => &[F::SevenZip],
        Format::Rar => &[F::RoshalArchive],
        Format::Woff => &[F::WebOpenFontFormat],
        Format::Woff2 => &[F::WebOpenFontFormat2],
        Format::Wasm => &[F::WebassemblyBinary],
        // These have several signatures, or none.
        _ => return Ok(()),
    };
    if accepted.contains(&FileFormat::from_bytes(&view.start)) {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes do not begin like a file of the signed type"))
}

/// Adds the type that the bytes seem to have. It is the name of a format, not content of the file.
fn with_found_type(error: Rejection, view: &View<'_>) -> Rejection {
    let found = FileFormat::from_bytes(&view.start);
    if error.reason != ConfirmReason::TypeMismatch || found.kind() == Kind::Other {
        return error;
    }
    Rejection::mismatch(format!("{error} (they look like {})", found.name()))
}

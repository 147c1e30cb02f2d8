//! The formats that the inspection knows, and the content types that name them.

pub(crate) mod archive;
pub(crate) mod audio;
pub(crate) mod compound;
pub(crate) mod font;
pub(crate) mod gif;
pub(crate) mod iso_media;
pub(crate) mod jpeg;
pub(crate) mod markup;
pub(crate) mod matroska;
pub(crate) mod pdf;
pub(crate) mod picture;
pub(crate) mod png;
pub(crate) mod riff;
pub(crate) mod svg;
pub(crate) mod text;
pub(crate) mod video;
pub(crate) mod zip;

use upsign::ContentType;

use crate::formats::compound::Compound;
use crate::formats::iso_media::Brands;
use crate::formats::riff::Riff;
use crate::formats::text::Text;
use crate::formats::zip::Package;

/// A format that the inspection can recognize.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Jpeg,
    Png,
    Gif,
    Bmp,
    Tiff,
    Icon,
    JpegXl,
    Jpeg2000,
    Photoshop,
    Svg,
    Iso(Brands),
    Riff(Riff),
    Matroska { only_webm: bool },
    MpegProgram,
    MpegTransport,
    Asf,
    Flash,
    Ogg,
    Mp3,
    Flac,
    Aac,
    Aiff,
    Amr,
    Midi,
    Pdf,
    Zip(Package),
    Compound(Compound),
    Rtf,
    Gzip,
    Tar,
    Bzip2,
    Xz,
    Zstd,
    SevenZip,
    Rar,
    Text(Text),
    Xml,
    Html,
    Woff,
    Woff2,
    OpenType,
    EmbeddedOpenType,
    Wasm,
}

/// What the end of an image or the inside of a file may contain besides its own format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// One image, sound or film: nothing else has a place in it.
    Media,
    /// A document that may embed other files.
    Document,
    /// An archive, which consists of other files.
    Archive,
    /// Text.
    Text,
}

impl Format {
    /// Returns the format that a content type names, or `None` if the inspection does not know it.
    ///
    /// Includes names that are not registered but that browsers and operating systems send for a format.
    pub(crate) fn of(content_type: &ContentType) -> Option<Self> {
        let essence = content_type.essence();
        media(essence).or_else(|| document(essence)).or_else(|| text(essence))
    }

    pub(crate) const fn family(self) -> Family {
        match self {
            Self::Pdf | Self::Compound(_) | Self::Rtf => Family::Document,
            Self::Zip(_) | Self::Gzip | Self::Tar | Self::Bzip2 => Family::Archive,
            Self::Xz | Self::Zstd | Self::SevenZip | Self::Rar => Family::Archive,
            Self::Text(_) | Self::Xml | Self::Html | Self::Svg => Family::Text,
            _ => Family::Media,
        }
    }
}

fn media(essence: &str) -> Option<Format> {
    Some(match essence {
        "image/jpeg" | "image/jpg" | "image/pjpeg" => Format::Jpeg,
        "image/png" | "image/apng" | "image/x-png" | "image/vnd.mozilla.apng" => Format::Png,
        "image/gif" => Format::Gif,
        "image/webp" => Format::Riff(Riff::Webp),
        "image/bmp" | "image/x-ms-bmp" | "image/x-bmp" => Format::Bmp,
        "image/tiff" | "image/tif" | "image/tiff-fx" | "image/x-adobe-dng" | "image/dng" => Format::Tiff,
        "image/vnd.microsoft.icon" | "image/x-icon" | "image/ico" => Format::Icon,
        "image/jxl" => Format::JpegXl,
        "image/jp2" | "image/jpx" | "image/jpm" => Format::Jpeg2000,
        "image/vnd.adobe.photoshop" | "image/x-photoshop" => Format::Photoshop,
        "image/svg+xml" => Format::Svg,
        "image/avif" | "image/avif-sequence" => Format::Iso(Brands::Avif),
        "image/heic" | "image/heic-sequence" => Format::Iso(Brands::Heic),
        "image/heif" | "image/heif-sequence" => Format::Iso(Brands::Heif),
        "video/mp4" | "video/x-m4v" | "video/m4v" | "application/mp4" => Format::Iso(Brands::Mp4Video),
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" | "audio/x-m4b" => Format::Iso(Brands::Mp4Audio),
        "video/quicktime" => Format::Iso(Brands::QuickTime),
        "video/3gpp" | "video/3gpp2" | "audio/3gpp" | "audio/3gpp2" => Format::Iso(Brands::Mobile),
        "video/webm" | "audio/webm" => Format::Matroska { only_webm: true },
        "video/matroska" | "video/x-matroska" | "audio/matroska" | "audio/x-matroska" => {
            Format::Matroska { only_webm: false }
        }
        "video/x-msvideo" | "video/avi" | "video/msvideo" | "video/vnd.avi" => Format::Riff(Riff::Avi),
        "video/mpeg" | "video/mp2p" => Format::MpegProgram,
        "video/mp2t" => Format::MpegTransport,
        "video/x-ms-wmv" | "video/x-ms-asf" | "audio/x-ms-wma" => Format::Asf,
        "video/x-flv" => Format::Flash,
        "video/ogg" | "audio/ogg" | "application/ogg" | "audio/opus" | "audio/vorbis" => Format::Ogg,
        "audio/mpeg" | "audio/mp3" | "audio/x-mpeg" | "audio/mpeg3" | "audio/x-mp3" => Format::Mp3,
        "audio/wav" | "audio/wave" | "audio/x-wav" | "audio/vnd.wave" | "audio/x-pn-wav" => {
            Format::Riff(Riff::Wave)
        }
        "audio/flac" | "audio/x-flac" => Format::Flac,
        "audio/aac" | "audio/x-aac" | "audio/aacp" | "audio/x-hx-aac-adts" => Format::Aac,
        "audio/aiff" | "audio/x-aiff" => Format::Aiff,
        "audio/amr" => Format::Amr,
        "audio/midi" | "audio/mid" | "audio/x-midi" => Format::Midi,
        "font/woff" | "application/font-woff" | "application/x-font-woff" => Format::Woff,
        "font/woff2" | "application/font-woff2" => Format::Woff2,
        "font/ttf" | "font/otf" | "font/sfnt" | "font/collection" | "application/font-sfnt" => {
            Format::OpenType
        }
        "application/x-font-ttf" | "application/x-font-otf" | "font/opentype" => Format::OpenType,
        "application/vnd.ms-fontobject" => Format::EmbeddedOpenType,
        "application/wasm" => Format::Wasm,
        _ => return None,
    })
}

fn document(essence: &str) -> Option<Format> {
    Some(match essence {
        "application/pdf" | "application/x-pdf" => Format::Pdf,
        "application/rtf" | "text/rtf" | "application/x-rtf" => Format::Rtf,
        "application/msword" => Format::Compound(Compound::Word),
        "application/vnd.ms-excel" => Format::Compound(Compound::Excel),
        "application/vnd.ms-powerpoint" => Format::Compound(Compound::PowerPoint),
        "application/vnd.ms-outlook" => Format::Compound(Compound::Outlook),
        "application/zip" | "application/x-zip-compressed" | "application/x-zip" => Format::Zip(Package::Any),
        "application/vnd.apple.pages" | "application/vnd.apple.numbers" | "application/vnd.apple.keynote" => {
            Format::Zip(Package::Any)
        }
        "application/vnd.google-earth.kmz" => Format::Zip(Package::Any),
        "application/gzip" | "application/x-gzip" => Format::Gzip,
        "application/x-tar" => Format::Tar,
        "application/x-bzip2" | "application/bzip2" | "application/x-bzip" => Format::Bzip2,
        "application/x-xz" => Format::Xz,
        "application/zstd" => Format::Zstd,
        "application/x-7z-compressed" => Format::SevenZip,
        "application/vnd.rar" | "application/x-rar-compressed" | "application/x-rar" => Format::Rar,
        _ => return Package::of(essence).map(Format::Zip),
    })
}

fn text(essence: &str) -> Option<Format> {
    Some(match essence {
        "text/html" | "application/xhtml+xml" => Format::Html,
        "text/xml" | "application/xml" => Format::Xml,
        "application/json" | "text/json" => Format::Text(Text::Json),
        "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines" | "application/json-seq" => {
            Format::Text(Text::JsonLines)
        }
        "text/markdown" | "text/x-markdown" | "text/css" | "text/javascript" => Format::Text(Text::Source),
        "application/javascript" | "application/typescript" | "application/x-sh" | "application/sql" => {
            Format::Text(Text::Source)
        }
        "application/yaml" | "application/x-yaml" | "application/toml" | "application/csv" => {
            Format::Text(Text::Plain)
        }
        _ if essence.ends_with("+json") => Format::Text(Text::Json),
        _ if essence.ends_with("+xml") => Format::Xml,
        // Every other `text/…`: plain text, CSV, calendars, contacts, logs, subtitles.
        _ if essence.starts_with("text/") => Format::Text(Text::Plain),
        _ => return None,
    })
}

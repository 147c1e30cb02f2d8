//! Small valid images.

/// A segment of a JPEG with its length.
pub(crate) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let len = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &len[..], content].concat()
}

/// The segments of a baseline JPEG before its image data, with `extra` segments.
fn jpeg_header(extra: &[u8]) -> Vec<u8> {
    let mut table = vec![0];
    table.extend([1; 64]);
    let mut codes = vec![0x00, 1];
    codes.extend([0; 15]);
    codes.push(0);
    let frame = [8, 0, 8, 0, 8, 1, 1, 0x11, 0];
    [
        b"\xff\xd8".to_vec(),
        segment(0xe0, b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0"),
        extra.to_vec(),
        segment(0xdb, &table),
        segment(0xc0, &frame),
        segment(0xc4, &codes),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
    ]
    .concat()
}

/// A JPEG whose compressed data has `len` bytes, with stuffed `FF` bytes and restart markers.
pub(crate) fn jpeg_of(extra: &[u8], len: usize) -> Vec<u8> {
    let data = b"\x7f\xff\x00\x12\xff\xd0\x34\x9a".iter().copied().cycle().take(len / 8 * 8);
    jpeg_header(extra).into_iter().chain(data).chain([0xff, 0xd9]).collect()
}

pub(crate) fn jpeg() -> Vec<u8> {
    jpeg_of(&[], 64)
}

/// As from a camera: Exif with a thumbnail, which is a JPEG itself, and XMP.
pub(crate) fn jpeg_of_camera() -> Vec<u8> {
    let exif =
        [b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x04\0\0\0Cam\0\0\0\0\0".to_vec(), jpeg()].concat();
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
        <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>\
        </x:xmpmeta><?xpacket end=\"w\"?>";
    jpeg_of(&[segment(0xe1, &exif), segment(0xe1, xmp), segment(0xfe, b"Created with GIMP")].concat(), 4000)
}

/// Several scans with further tables between them.
pub(crate) fn jpeg_progressive() -> Vec<u8> {
    let mut bytes = jpeg();
    bytes.truncate(bytes.len() - 2);
    bytes.extend(segment(0xda, &[1, 1, 0, 1, 5, 0]));
    bytes.extend(b"\x10\xff\x00\x20\xff\xff\xd9");
    bytes
}

/// A second image after the first, as of telephones with a gain map.
pub(crate) fn jpeg_with_second_image() -> Vec<u8> {
    let index = segment(0xe2, b"MPF\0MM\0*\0\0\0\x08");
    [jpeg_of(&index, 640), jpeg()].concat()
}

pub(crate) fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let checked = [name, content].concat();
    let len = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&len[..], &checked, &crc32(&checked).to_be_bytes()].concat()
}

pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

/// Data as zlib stores it without compression.
pub(crate) fn stored_zlib(data: &[u8]) -> Vec<u8> {
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    [&b"\x78\x01"[..], &stored(data), &(b << 16 | a).to_be_bytes()].concat()
}

/// Deflate blocks without compression.
pub(crate) fn stored(data: &[u8]) -> Vec<u8> {
    let count = data.chunks(65_535).len();
    let block = |(index, part): (usize, &[u8])| {
        let len = u16::try_from(part.len()).unwrap();
        [&[u8::from(index + 1 == count)], &len.to_le_bytes()[..], &(!len).to_le_bytes(), part].concat()
    };
    data.chunks(65_535).enumerate().flat_map(block).collect()
}

/// A gray PNG, one pixel wide.
pub(crate) fn png_of(extra: &[u8], height: u32) -> Vec<u8> {
    let header = [&[0, 0, 0, 1][..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let rows: Vec<u8> = (0..height).flat_map(|row| [0, row.to_le_bytes()[0].wrapping_mul(151)]).collect();
    let data: Vec<u8> = stored_zlib(&rows).chunks(8192).flat_map(|part| chunk(b"IDAT", part)).collect();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), extra, &data, &chunk(b"IEND", &[])].concat()
}

pub(crate) fn png() -> Vec<u8> {
    png_of(&chunk(b"tEXt", b"Software\0Adobe ImageReady"), 4)
}

pub(crate) fn apng() -> Vec<u8> {
    png_of(&[chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]), chunk(b"fcTL", &[0; 26])].concat(), 4)
}

pub(crate) fn gif_of(frames: usize) -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    bytes.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
    bytes.extend(b"\x21\xfe\x05hello\0");
    for _ in 0..frames {
        bytes.extend(b"\x21\xf9\x04\x01\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    }
    bytes.push(0x3b);
    bytes
}

pub(crate) fn riff(form: &[u8; 4], chunks: &[u8]) -> Vec<u8> {
    let len = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [&b"RIFF"[..], &len, form, chunks].concat()
}

pub(crate) fn riff_chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).unwrap().to_le_bytes();
    let pad: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
    [&name[..], &len, content, pad].concat()
}

pub(crate) fn webp() -> Vec<u8> {
    riff(b"WEBP", &riff_chunk(b"VP8L", b"\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0"))
}

pub(crate) fn bmp() -> Vec<u8> {
    let mut bytes = b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0".to_vec();
    bytes.extend([0; 24]);
    bytes.extend([1, 2, 3, 0]);
    bytes
}

pub(crate) fn tiff() -> Vec<u8> {
    b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0".to_vec()
}

pub(crate) fn icon() -> Vec<u8> {
    let image = png();
    let len = u32::try_from(image.len()).unwrap().to_le_bytes();
    [&b"\0\0\x01\0\x01\0\x01\x04\0\0\x01\0\x20\0"[..], &len, &22_u32.to_le_bytes(), &image].concat()
}

pub(crate) const SVG: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<!-- Created with an editor -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">
  <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>
  <style>.a { fill: url(#g); font-family: "Noto Sans" }</style>
  <defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient></defs>
  <a href="https://example.org/about"><text>About onions &amp; more</text></a>
  <use xlink:href="#g"/><image href="data:image/png;base64,iVBORw0KGgo="/>
  <rect class="a" width="10" height="10"><animate attributeName="width" from="0" to="10" dur="1s"/></rect>
</svg>
"##;

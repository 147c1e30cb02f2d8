//! Small valid films and still images in containers of films.

pub(crate) fn iso_box(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
    [&len[..], name, content].concat()
}

pub(crate) fn iso(brands: &[&[u8; 4]], boxes: &[u8]) -> Vec<u8> {
    let others: Vec<u8> = brands.iter().flat_map(|it| it.iter().copied()).collect();
    [iso_box(b"ftyp", &[&brands[0][..], &[0, 0, 2, 0], &others].concat()), boxes.to_vec()].concat()
}

pub(crate) fn film() -> Vec<u8> {
    [iso_box(b"free", &[]), iso_box(b"mdat", &[7; 300]), iso_box(b"moov", &iso_box(b"mvhd", &[0; 100]))]
        .concat()
}

pub(crate) fn still() -> Vec<u8> {
    [iso_box(b"meta", &[0; 60]), iso_box(b"mdat", &[9; 80])].concat()
}

pub(crate) fn mp4() -> Vec<u8> {
    iso(&[b"isom", b"iso2", b"avc1", b"mp41"], &film())
}

pub(crate) fn mp4_in_fragments() -> Vec<u8> {
    let fragment = [iso_box(b"moof", &[0; 40]), iso_box(b"mdat", &[1; 50])].concat();
    let index = [iso_box(b"moov", &[0; 60]), iso_box(b"sidx", &[0; 32])].concat();
    iso(&[b"iso5", b"iso6", b"dash"], &[index, fragment.clone(), fragment].concat())
}

/// The last box extends to the end of the file.
pub(crate) fn mp4_with_open_end() -> Vec<u8> {
    let mut bytes = iso(&[b"mp42", b"isom"], &iso_box(b"moov", &[0; 60]));
    bytes.extend(b"\0\0\0\0mdat some data until the end");
    bytes
}

pub(crate) fn m4a() -> Vec<u8> {
    iso(&[b"M4A ", b"mp42", b"isom"], &film())
}

pub(crate) fn quick_time() -> Vec<u8> {
    iso(&[b"qt  "], &[iso_box(b"wide", &[]), film()].concat())
}

pub(crate) fn old_quick_time() -> Vec<u8> {
    [iso_box(b"mdat", &[3; 100]), iso_box(b"moov", &[0; 80])].concat()
}

pub(crate) fn heic() -> Vec<u8> {
    iso(&[b"heic", b"mif1", b"heic"], &still())
}

pub(crate) fn heic_by_mif1() -> Vec<u8> {
    iso(&[b"mif1", b"mif1", b"heic", b"hevc"], &still())
}

pub(crate) fn avif() -> Vec<u8> {
    iso(&[b"avif", b"mif1", b"miaf", b"MA1B"], &still())
}

/// An EBML element with a length of eight bytes.
fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u64 | 1 << 56).to_be_bytes();
    [id, &len, content].concat()
}

pub(crate) fn ebml(doc_type: &[u8]) -> Vec<u8> {
    let header = [
        element(b"\x42\x86", &[1]),
        element(b"\x42\xf7", &[1]),
        element(b"\x42\x82", doc_type),
        element(b"\x42\x87", &[4]),
    ]
    .concat();
    let segment = [element(b"\x15\x49\xa9\x66", &[0; 30]), element(b"\x1f\x43\xb6\x75", &[5; 200])].concat();
    [element(b"\x1a\x45\xdf\xa3", &header), element(b"\x18\x53\x80\x67", &segment)].concat()
}

/// As a browser records: the length of the segment is unknown.
pub(crate) fn webm_of_recorder() -> Vec<u8> {
    let header = element(b"\x1a\x45\xdf\xa3", &element(b"\x42\x82", b"webm"));
    [
        header,
        b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        vec![0x1f, 0x43, 0xb6, 0x75, 0x81, 1],
    ]
    .concat()
}

pub(crate) fn transport_stream() -> Vec<u8> {
    let packet: Vec<u8> = [0x47, 0x40, 0, 0x10].into_iter().chain([0xff; 184]).collect();
    packet.repeat(6)
}

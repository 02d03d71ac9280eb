//! The bytes of a file, unpacked: gzip and tar are told by their first bytes, not by their names.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use libdeflater::{DecompressionError, Decompressor};

use super::trouble;
use crate::finding::Finding;

/// More than this does not come out of one file: no archive of a trail is that large, a bomb is.
const MOST_BYTES: usize = 1 << 30;

/// A file, or a file in an archive.
pub struct Part {
    /// The path; in an archive, `archive.tar:path`.
    pub name: String,
    pub bytes: Vec<u8>,
    /// It ends in the middle, which was told: that its last record is not whole is no news.
    pub is_cut: bool,
    /// The number of its first line, in messages.
    pub first_line: usize,
}

/// Unpacks the bytes of a file and hands over what is in it, one file at a time. What comes out before
/// something goes wrong is handed over too.
pub fn unpack(name: &str, bytes: Vec<u8>, mut each: impl FnMut(Part)) -> Vec<Finding> {
    let mut troubles = Vec::new();
    let (bytes, is_cut) = if is_gzip(&bytes) { inflate(name, &bytes, &mut troubles) } else { (bytes, false) };
    if bytes.get(257..262) == Some(b"ustar") {
        untar(name, &bytes, &mut each, &mut troubles);
    } else {
        each(Part { name: name.to_owned(), bytes, is_cut, first_line: 1 });
    }
    troubles
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 8])
}

fn untar(name: &str, bytes: &[u8], each: &mut impl FnMut(Part), troubles: &mut Vec<Finding>) {
    let mut archive = tar::Archive::new(bytes);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return troubles.push(trouble(name, error).help("the archive cannot be read")),
    };
    for entry in entries {
        let mut entry = match entry {
            Ok(entry) if entry.header().entry_type().is_file() => entry,
            Ok(_) => continue,
            Err(error) => {
                troubles.push(trouble(name, format!("the archive breaks off: {error}")).help("what came before was read"));
                return;
            }
        };
        let inner = format!("{name}:{}", String::from_utf8_lossy(&entry.path_bytes()));
        let mut content = Vec::new();
        if let Err(error) = entry.read_to_end(&mut content) {
            troubles.push(trouble(&inner, format!("the archive breaks off: {error}")).help("what came before was read"));
            return;
        }
        let (content, is_cut) = if is_gzip(&content) { inflate(&inner, &content, troubles) } else { (content, false) };
        each(Part { name: inner, bytes: content, is_cut, first_line: 1 });
    }
}

/// The content, and whether it ends in the middle.
fn inflate(name: &str, bytes: &[u8], troubles: &mut Vec<Finding>) -> (Vec<u8>, bool) {
    if let Some(content) = inflate_whole(bytes) {
        return (content, false);
    }
    let mut content = Vec::new();
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let result = MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut content);
    let problem = match result {
        Ok(_) if content.len() == MOST_BYTES => Some(format!("more than {MOST_BYTES} bytes come out of it")),
        Ok(_) => None,
        Err(error) => Some(format!("the gzip data breaks off or is damaged after {} bytes of content: {error}", content.len())),
    };
    let is_cut = problem.is_some();
    troubles.extend(problem.map(|problem| trouble(name, problem).help("fetch the file again; what came before was read")));
    (content, is_cut)
}

/// The fast way: one member that is whole. A second member would begin with its magic bytes.
fn inflate_whole(bytes: &[u8]) -> Option<Vec<u8>> {
    let has_more = memchr::memmem::find(&bytes[3..], &[0x1f, 0x8b, 8]).is_some();
    let last: [u8; 4] = bytes.last_chunk::<4>().copied()?;
    let said = usize::try_from(u32::from_le_bytes(last)).ok()?;
    // The size is the file's own word: deflate cannot grow data more than 1,032 times.
    if has_more || said > MOST_BYTES || said > bytes.len().saturating_mul(1032) {
        return None;
    }
    let mut content = vec![0; said];
    match Decompressor::new().gzip_decompress(bytes, &mut content) {
        Ok(length) if length == said => Some(content),
        Ok(_) | Err(DecompressionError::BadData | DecompressionError::InsufficientSpace) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn text(bytes: Vec<u8>) -> (String, usize) {
        let mut parts = Vec::new();
        let troubles = unpack("x", bytes, |part| parts.push(part));
        (parts.iter().map(|part| String::from_utf8_lossy(&part.bytes).into_owned()).collect::<Vec<_>>().join("|"), troubles.len())
    }

    #[test]
    fn what_is_packed_comes_out() {
        assert_eq!(text(b"plain".to_vec()), ("plain".to_owned(), 0));
        assert_eq!(text(gzip(b"packed")), ("packed".to_owned(), 0));
        assert_eq!(text([gzip(b"two "), gzip(b"two ")].concat()), ("two two ".to_owned(), 0));
        let mut tar = tar::Builder::new(Vec::new());
        for (name, content) in [("a.json", b"one".to_vec()), ("b/c.json.gz", gzip(b"two"))] {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_cksum();
            tar.append_data(&mut header, name, content.as_slice()).unwrap();
        }
        let tar = tar.into_inner().unwrap();
        assert_eq!(text(tar.clone()), ("one|two".to_owned(), 0));
        assert_eq!(text(gzip(&tar)), ("one|two".to_owned(), 0));
    }

    #[test]
    fn what_is_damaged_is_told_and_the_rest_is_kept() {
        let content: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let whole = gzip(&content);
        for cut in [whole.len() / 2, whole.len() - 1, whole.len() - 9] {
            let mut parts = Vec::new();
            let troubles = unpack("x", whole[..cut].to_vec(), |part| parts.push(part));
            assert!(content.starts_with(&parts[0].bytes) && parts[0].is_cut && troubles.len() == 1, "{cut}");
        }
        let mut lying = whole.clone();
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&[0xff; 4]);
        assert_eq!(unpack("x", lying, drop).len(), 1);
        assert_eq!(unpack("x", vec![0x1f, 0x8b, 8], drop).len(), 1);
    }
}

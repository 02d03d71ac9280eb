//! The content of a file, unpacked: gzip and tar are told by their first bytes, not by their names. What is small is unpacked
//! whole, the rest in pieces, so that memory does not grow with files.

use std::cell::RefCell;
use std::io::{self, BufReader, Cursor, Read};

use camino::Utf8Path;
use flate2::read::MultiGzDecoder;
use libdeflater::Decompressor;

use super::pieces::{Piece, pieces};
use super::trouble;
use crate::finding::{Code, Finding};

/// Content up to so many bytes is unpacked whole, which is faster.
const WHOLE: usize = 12 << 20;
/// A file up to so many bytes is read whole.
const PACKED: usize = 4 << 20;
/// A header of tar says `ustar` here.
const USTAR: std::ops::Range<usize> = 257..262;

/// A file, a file in an archive, or a piece of a long one.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The path; in an archive, `archive.tar:path`.
    pub name: &'a str,
    pub bytes: &'a [u8],
    /// It ends in the middle, which was told or goes on in the next piece: that its last record is not whole is no news.
    pub is_cut: bool,
    /// It came out of gzip whole, and its checksum holds.
    pub is_checked: bool,
    /// The number of its first line, in messages.
    pub first_line: usize,
}

/// Told of bytes that are read from files; false: stop.
pub type OnRead<'a> = &'a (dyn Fn(u64) -> bool + Sync);

/// Unpacks files, one after the other. Kept for its memory, one a thread.
#[derive(Default)]
pub struct Unpacker<'a> {
    on_read: Option<OnRead<'a>>,
    packed: Vec<u8>,
    inner: Vec<u8>,
    content: Vec<u8>,
    inflater: Option<Decompressor>,
}

impl<'a> Unpacker<'a> {
    pub fn telling(on_read: OnRead<'a>) -> Self {
        Self { on_read: Some(on_read), ..Self::default() }
    }

    /// Unpacks a file and hands over what is in it, a part at a time. What comes out before something goes wrong is handed over
    /// too.
    pub fn file(&mut self, path: &Utf8Path, mut each: impl FnMut(Part<'_>)) -> Vec<Finding> {
        let mut troubles = Vec::new();
        // The error names the file.
        let told = |error: io::Error| Finding::error(Code::BadEvents, error.to_string()).help("check the path and who may read it");
        let (mut file, metadata) = match fs_err::File::open(path).and_then(|file| Ok((file.metadata()?, file))) {
            Ok((metadata, file)) => (file, metadata),
            Err(error) => return vec![told(error)],
        };
        // Pipes and devices have no length.
        if metadata.len() > PACKED as u64 || !metadata.is_file() {
            let mut reader = BufReader::with_capacity(1 << 18, Told { reader: file, on_read: self.on_read });
            self.stream(path.as_str(), &mut reader, &mut each, &mut troubles);
            return troubles;
        }
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        match file.read_to_end(&mut packed) {
            Ok(read) => {
                self.whole(path.as_str(), &packed, &mut each, &mut troubles);
                self.on_read.map(|on_read| on_read(read as u64));
            }
            Err(error) => troubles.push(told(error)),
        }
        self.packed = packed;
        troubles
    }

    /// Unpacks what a reader gives, as the file of a name.
    pub fn reader(&mut self, name: &str, reader: impl Read, mut each: impl FnMut(Part<'_>)) -> Vec<Finding> {
        let mut troubles = Vec::new();
        self.stream(name, &mut Told { reader, on_read: self.on_read }, &mut each, &mut troubles);
        troubles
    }

    /// Unpacks bytes as the file of a name.
    pub fn bytes(&mut self, name: &str, bytes: &[u8], mut each: impl FnMut(Part<'_>)) -> Vec<Finding> {
        let mut troubles = Vec::new();
        self.whole(name, bytes, &mut each, &mut troubles);
        troubles
    }

    fn whole(&mut self, name: &str, bytes: &[u8], each: &mut dyn FnMut(Part<'_>), troubles: &mut Vec<Finding>) {
        if !is_gzip(bytes) {
            return self.plain(name, bytes, false, each, troubles);
        }
        let mut content = std::mem::take(&mut self.content);
        if inflate_whole(self.inflater.get_or_insert_with(Decompressor::new), bytes, &mut content) {
            self.plain(name, &content, true, each, troubles);
        } else {
            self.stream(name, &mut Cursor::new(bytes), each, troubles);
        }
        self.content = content;
    }

    fn plain(&mut self, name: &str, bytes: &[u8], is_checked: bool, each: &mut dyn FnMut(Part<'_>), troubles: &mut Vec<Finding>) {
        if bytes.get(USTAR) == Some(b"ustar") {
            self.untar(name, &mut Cursor::new(bytes), each, troubles);
        } else {
            each(Part { name, bytes, is_cut: false, is_checked, first_line: 1 });
        }
    }

    /// Unpacks what is too long to be held.
    fn stream(&mut self, name: &str, reader: &mut dyn Read, each: &mut dyn FnMut(Part<'_>), troubles: &mut Vec<Finding>) {
        let head = match head(reader) {
            Ok(head) => head,
            Err(error) => return troubles.push(trouble(name, error).help("what came before was read")),
        };
        let is_gzip = is_gzip(&head);
        let mut all = Cursor::new(head).chain(reader);
        if !is_gzip {
            return self.unpacked(name, &mut all, each, troubles);
        }
        let mut decoder = MultiGzDecoder::new(&mut all);
        self.unpacked(name, &mut decoder, each, troubles);
    }

    fn unpacked(&mut self, name: &str, reader: &mut dyn Read, each: &mut dyn FnMut(Part<'_>), troubles: &mut Vec<Finding>) {
        let error = RefCell::new(None);
        let mut counted = Counted { reader, bytes: 0, error: &error };
        let head = head(&mut counted).unwrap_or_default();
        if head.get(USTAR) == Some(b"ustar") {
            self.untar(name, &mut Cursor::new(head).chain(&mut counted), each, troubles);
        } else {
            let hand_over = |piece: Piece<'_>| {
                each(Part { name, bytes: piece.bytes, is_cut: piece.is_cut, is_checked: false, first_line: piece.first_line });
            };
            // Where somebody has enough, it breaks off as well.
            let on_read = self.on_read;
            let is_broken_off = || error.borrow().is_some() || on_read.is_some_and(|on_read| !on_read(0));
            let too_long = pieces(&mut Cursor::new(head).chain(&mut counted), &is_broken_off, hand_over);
            if let Some(most) = too_long {
                let message = format!("there is no end of a record within {most} bytes");
                troubles.push(trouble(name, message).help("what came before was read, the rest was left out"));
            }
        }
        let bytes = counted.bytes;
        if let Some(error) = error.take() {
            let message = format!("the gzip data breaks off or is damaged after {bytes} bytes of content: {error}");
            troubles.push(trouble(name, message).help("fetch the file again; what came before was read"));
        }
    }

    fn untar(&mut self, name: &str, reader: &mut dyn Read, each: &mut dyn FnMut(Part<'_>), troubles: &mut Vec<Finding>) {
        let mut archive = tar::Archive::new(reader);
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
            if entry.size() > PACKED as u64 {
                self.stream(&inner, &mut entry, each, troubles);
                continue;
            }
            let mut packed = std::mem::take(&mut self.inner);
            packed.clear();
            let read = entry.read_to_end(&mut packed);
            match read {
                Ok(_) => self.whole(&inner, &packed, each, troubles),
                Err(error) => {
                    troubles.push(trouble(&inner, format!("the archive breaks off: {error}")).help("what came before was read"));
                    return;
                }
            }
            self.inner = packed;
        }
    }
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 8])
}

/// As many bytes as it takes to know what this is.
fn head(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(512).read_to_end(&mut head)?;
    Ok(head)
}

/// A file, of which somebody is told how much was read. Where that somebody has enough, it ends.
struct Told<'a, R> {
    reader: R,
    on_read: Option<OnRead<'a>>,
}

impl<R: Read> Read for Told<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let goes_on = self.on_read.is_none_or(|on_read| on_read(read as u64));
        Ok(if goes_on { read } else { 0 })
    }
}

/// Counts what comes out. An error is an end that is told.
struct Counted<'a> {
    reader: &'a mut dyn Read,
    bytes: usize,
    error: &'a RefCell<Option<io::Error>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.error.borrow().is_some() {
            return Ok(0);
        }
        match self.reader.read(buffer) {
            Ok(read) => {
                self.bytes += read;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.error.replace(Some(error));
                Ok(0)
            }
        }
    }
}

/// Whether a member of gzip may begin here (RFC 1952): its magic bytes are in any packed data once in a while, but behind them
/// three bits are never set.
fn may_begin_member(bytes: &[u8]) -> bool {
    bytes.get(3).is_some_and(|flags| flags & 0xe0 == 0)
}

/// The fast way: one member that is whole.
fn inflate_whole(inflater: &mut Decompressor, bytes: &[u8], content: &mut Vec<u8>) -> bool {
    let mut others = memchr::memmem::find_iter(&bytes[3..], &[0x1f, 0x8b, 8]);
    let has_more = others.any(|place| may_begin_member(&bytes[3 + place..]));
    let Some(last) = bytes.last_chunk::<4>().copied() else { return false };
    let said = usize::try_from(u32::from_le_bytes(last)).unwrap_or(usize::MAX);
    // The size is the file's own word: deflate cannot grow data more than 1,032 times.
    if has_more || said > WHOLE || said > bytes.len().saturating_mul(1032) {
        return false;
    }
    content.resize(said, 0);
    inflater.gzip_decompress(bytes, content).is_ok_and(|length| length == said)
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

    /// What comes out, the parts separated; how many troubles; whether the last part is cut.
    fn unpack(bytes: &[u8]) -> (String, usize, bool) {
        let (mut parts, mut is_cut) = (Vec::new(), false);
        let troubles = Unpacker::default().bytes("x", bytes, |part| {
            parts.push(String::from_utf8_lossy(part.bytes).into_owned());
            is_cut = part.is_cut;
        });
        (parts.join("|"), troubles.len(), is_cut)
    }

    fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_cksum();
            tar.append_data(&mut header, name, content.as_slice()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn what_is_packed_comes_out() {
        let whole = |text: &str| (text.to_owned(), 0, false);
        assert_eq!(unpack(b"plain"), whole("plain"));
        assert_eq!(unpack(b""), whole(""));
        assert_eq!(unpack(&gzip(b"packed")), whole("packed"));
        assert_eq!(unpack(&[gzip(b"two "), gzip(b"two ")].concat()), whole("two two "));
        let tar = tar(&[("a.json", b"one".to_vec()), ("b/c.json.gz", gzip(b"two"))]);
        assert_eq!(unpack(&tar), whole("one|two"));
        assert_eq!(unpack(&gzip(&tar)), whole("one|two"));
    }

    #[test]
    fn what_is_long_comes_out_in_pieces() {
        let folder = tempfile::TempDir::new().unwrap();
        let line = format!("{{\"a\":\"{}\"}}\n", "x".repeat(1000));
        let text = line.repeat(20_000);
        let packed = gzip(text.as_bytes());
        let mut noise = 1_u64;
        let stored: Vec<u8> = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{{\"n\":{noise}}}\n").into_bytes()
        })
        .take(400_000)
        .flatten()
        .collect();
        for (name, bytes, content) in [
            ("long.jsonl", text.as_bytes().to_vec(), text.as_bytes()),
            ("long.jsonl.gz", packed.clone(), text.as_bytes()),
            ("noise.jsonl.gz", gzip(&stored), &stored),
            ("long.tar", tar(&[("in", text.as_bytes().to_vec())]), text.as_bytes()),
            ("long.tar.gz", gzip(&tar(&[("in.gz", packed)])), text.as_bytes()),
        ] {
            let path = Utf8Path::from_path(folder.path()).unwrap().join(name);
            std::fs::write(&path, bytes).unwrap();
            let (mut all, mut parts, mut longest) = (Vec::new(), 0, 0);
            let troubles = Unpacker::default().file(&path, |part| {
                assert_eq!(part.first_line, memchr::memchr_iter(b'\n', &all).count() + 1, "{name}");
                all.extend_from_slice(part.bytes);
                parts += 1;
                longest = longest.max(part.bytes.len());
            });
            assert!(troubles.is_empty() && all == content && parts > 1 && longest < content.len() / 2, "{name}: {parts}, {longest}");
        }
    }

    #[test]
    fn what_is_damaged_is_told_and_the_rest_is_kept() {
        let content: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let whole = gzip(&content);
        for cut in [whole.len() / 2, whole.len() - 1, whole.len() - 9] {
            let (text, troubles, is_cut) = unpack(&whole[..cut]);
            assert!(content.starts_with(text.as_bytes()) && text.len() > 1000 && is_cut && troubles == 1, "{cut}");
        }
        let mut lying = whole.clone();
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&[0xff; 4]);
        assert_eq!(unpack(&lying).1, 1);
        assert_eq!(unpack(&[0x1f, 0x8b, 8]).1, 1);
        let missing = Unpacker::default().file(Utf8Path::new("no/such/file"), |_| {});
        assert!(missing[0].message.starts_with("failed to open file `no/such/file`"), "{}", missing[0].message);
    }
}

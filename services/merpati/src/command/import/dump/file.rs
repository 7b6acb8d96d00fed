//! The file of a dump, packed by gzip or not.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use anyhow::Context as _;
use flate2::bufread::MultiGzDecoder;

/// The bytes of a dump, unpacked.
pub(in crate::command::import) type Source = Box<dyn Read>;

/// How other files begin than those that are read, and what they are.
const OTHERS: [(&[u8], &str); 5] = [
    (
        b"SQLite format 3",
        "is a database itself: dump it first, as by sqlite3 FILE .dump > dump.sql",
    ),
    (b"\xfd7zXZ", "is packed by xz: unpack it first"),
    (b"BZh", "is packed by bzip2: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd: unpack it first"),
    (b"PK\x03\x04", "is packed by zip: unpack it first"),
];
/// How what gzip packed begins.
const GZIP: &[u8] = b"\x1f\x8b";

/// Opens a dump. One that gzip packed is unpacked piece by piece, as it is read.
pub(in crate::command::import) fn open(file: &Path) -> anyhow::Result<Source> {
    let shown = file.display();
    let cannot = || format!("{shown} cannot be read");
    anyhow::ensure!(std::fs::metadata(file).with_context(cannot)?.is_file(), "{shown} is no file");
    let mut source = BufReader::new(File::open(file).with_context(cannot)?);
    let begin = source.fill_buf().with_context(cannot)?;
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| begin.starts_with(magic)) {
        anyhow::bail!("{shown} {what}");
    }
    Ok(if begin.starts_with(GZIP) {
        Box::new(MultiGzDecoder::new(source))
    } else {
        Box::new(source)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let mut source = open(file.path()).map_err(|error| error.to_string())?;
        let mut all = Vec::new();
        source.read_to_end(&mut all).map_err(|error| error.to_string())?;
        Ok(all)
    }

    #[test]
    fn what_gzip_packed_is_read_as_what_it_did_not() {
        for bytes in [&b""[..], b"x", b"CREATE TABLE"] {
            assert_eq!(read(bytes).unwrap(), bytes);
            assert_eq!(read(&packed(bytes)).unwrap(), bytes);
        }
        // As `cat one.gz two.gz` makes it.
        let two = [packed(b"one;"), packed(b"two;")].concat();
        assert_eq!(read(&two).unwrap(), b"one;two;");
        // One that is cut off is an error, and no shorter dump.
        let whole = packed(&[b'x'; 10_000]);
        assert!(read(&whole[..whole.len() - 9]).is_err());
    }

    #[test]
    fn other_files_are_refused_in_words() {
        for (begin, words) in OTHERS {
            let error = read(&[begin, b" and more"].concat()).unwrap_err();
            assert!(error.ends_with(words), "{error}");
        }
        assert!(open(Path::new("/")).err().unwrap().to_string().ends_with("is no file"));
    }
}

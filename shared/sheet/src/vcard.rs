//! Address books in vCard: versions 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), as telephones and mail programs write them.
//!
//! A card becomes a row for each of its telephone numbers, below a row that names the columns, so that whoever reads sheets reads
//! address books. Only what a row has is taken: pictures, keys and sounds are passed over line by line and never put together.
//! Nothing in a card makes the file unreadable: a line that is none of the format is left out, as is a card within a card.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::{Format, LARGEST_CELL, Rows, Sheet, Unreadable, charset};

/// The names of the columns, in the order of the cells.
const COLUMNS: [&str; 8] =
    ["Name", "Number", "Type", "E-mail", "Note", "Tags", "Organization", "Title"];
/// The most bytes of a line with what is folded into it; the rest of a longer one is left out.
const LARGEST_LINE: usize = 4 * LARGEST_CELL;
/// The most telephone numbers of a card that are taken.
const MOST_NUMBERS: usize = 20;
/// The most parameters of a property that are looked at.
const MOST_PARAMETERS: usize = 32;
/// How deep cards within cards are counted.
const DEEPEST: u32 = 1_000;

/// Whether a file seems to be an address book: its first word begins a card.
pub(crate) fn is_one(file: &[u8]) -> bool {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    // Two bytes for each character in UTF-16, which has a mark before it.
    let letters: Vec<u8> = file
        .iter()
        .take(256)
        .copied()
        .filter(u8::is_ascii_graphic)
        .take(11)
        .map(|byte| byte.to_ascii_uppercase())
        .collect();
    letters == b"BEGIN:VCARD"
}

/// Reads an address book.
pub(crate) fn read(file: &[u8]) -> Result<Sheet, Unreadable> {
    let text = charset::decoded(file).ok_or(Unreadable::NoSheet)?;
    let mut rows = Rows::default();
    rows.add(1, COLUMNS.map(str::to_owned).to_vec())?;
    let mut card = Card::default();
    let mut depth = 0_u32;
    for (line, property) in Properties::of(&text) {
        match property.name.as_str() {
            "BEGIN" if property.value.trim().eq_ignore_ascii_case("vcard") => {
                depth = (depth + 1).min(DEEPEST);
                if depth == 1 {
                    card = Card { line, ..Card::default() };
                }
            }
            "END" if property.value.trim().eq_ignore_ascii_case("vcard") => {
                if depth == 1 {
                    std::mem::take(&mut card).write(&mut rows)?;
                }
                depth = depth.saturating_sub(1);
            }
            _ if depth == 1 => card.take(&property),
            _ => {}
        }
    }
    // A file that was cut off has its last card without an end.
    if depth > 0 {
        card.write(&mut rows)?;
    }
    if rows.taken.len() < 2 {
        return Err(Unreadable::Empty);
    }
    rows.into_sheet(Format::Vcard)
}

/// What was read of a card.
#[derive(Debug, Default)]
struct Card {
    line: u64,
    name: String,
    /// The name in its parts, for a card without a whole one.
    parts: String,
    /// Numbers, each with what it is.
    numbers: Vec<(String, String)>,
    email: String,
    note: String,
    tags: String,
    organization: String,
    title: String,
}

impl Card {
    fn take(&mut self, property: &Property) {
        let first = |known: &mut String, value: String| {
            if known.is_empty() {
                *known = value;
            }
        };
        match property.name.as_str() {
            "FN" => first(&mut self.name, property.text()),
            "N" => {
                let parts = property.components(';');
                let part = |at: usize| parts.get(at).map_or("", String::as_str);
                // Prefix, given, further, family and suffix.
                let order = [3, 1, 2, 0, 4].map(part);
                let words: Vec<&str> = order.into_iter().filter(|word| !word.is_empty()).collect();
                first(&mut self.parts, words.join(" "));
            }
            "NICKNAME" => first(&mut self.parts, property.text()),
            "TEL" if self.numbers.len() < MOST_NUMBERS => {
                let number = number(&property.text());
                let is_new = !self.numbers.iter().any(|(known, _)| *known == number);
                if !number.is_empty() && is_new {
                    self.numbers.push((number, property.types.join(" ")));
                }
            }
            "EMAIL" => {
                let address = property.text();
                let plain = address.strip_prefix("mailto:").unwrap_or(&address).to_owned();
                first(&mut self.email, plain);
            }
            "NOTE" => first(&mut self.note, property.text()),
            "CATEGORIES" => first(&mut self.tags, property.components(',').join(", ")),
            "ORG" => {
                let parts = property.components(';');
                let words: Vec<&str> =
                    parts.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
                first(&mut self.organization, words.join(", "));
            }
            "TITLE" => first(&mut self.title, property.text()),
            _ => {}
        }
    }

    /// Adds a row for each number; one for a card without any, which says so.
    fn write(mut self, rows: &mut Rows) -> Result<(), Unreadable> {
        if self.name.trim().is_empty() {
            self.name = std::mem::take(&mut self.parts);
        }
        if self.name.trim().is_empty() {
            self.name.clone_from(&self.organization);
        }
        let numbers = std::mem::take(&mut self.numbers);
        let numbers =
            if numbers.is_empty() { vec![(String::new(), String::new())] } else { numbers };
        for (number, kind) in numbers {
            let cells = [
                self.name.as_str(),
                number.as_str(),
                kind.as_str(),
                self.email.as_str(),
                self.note.as_str(),
                self.tags.as_str(),
                self.organization.as_str(),
                self.title.as_str(),
            ];
            rows.add(self.line, cells.map(|cell| cut(cell.trim()).to_owned()).to_vec())?;
        }
        Ok(())
    }
}

/// A number as it is written, of a `tel:` URI without its parameters.
fn number(written: &str) -> String {
    let written = written.trim();
    let is_uri = written.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    let plain = if is_uri { written[4..].split(';').next().unwrap_or_default() } else { written };
    plain.trim().to_owned()
}

/// As much of a text as a cell has.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(LARGEST_CELL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A line of a card, put together.
#[derive(Debug)]
struct Property {
    name: String,
    /// What `TYPE` says, in small letters.
    types: Vec<String>,
    value: String,
}

impl Property {
    /// Reads a line; none: it is none of the format.
    fn read(line: &str) -> Option<Self> {
        let (head, value) = split_head(line)?;
        let mut parts = outside_quotes(head, ';');
        let name = parts.next()?.trim();
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        let mut property = Self { name, types: Vec::new(), value: String::new() };
        let mut encoding = "";
        let mut charset = "";
        for parameter in parts.take(MOST_PARAMETERS) {
            let (key, said) = match parameter.split_once('=') {
                Some((key, said)) => (key.trim().to_ascii_uppercase(), said.trim()),
                // Version 2.1 leaves the name out.
                None => (String::new(), parameter.trim()),
            };
            let said = said.trim_matches('"');
            match key.as_str() {
                "ENCODING" => encoding = said,
                "CHARSET" => charset = said,
                "" if said.eq_ignore_ascii_case("quoted-printable") => encoding = said,
                "" | "TYPE" => {
                    let types = said.split(',').map(|one| one.trim().to_ascii_lowercase());
                    property.types.extend(types.filter(|one| !one.is_empty()));
                }
                _ => {}
            }
        }
        property.value = if encoding.eq_ignore_ascii_case("quoted-printable") {
            decoded(&quoted_printable(value), charset)
        } else {
            value.to_owned()
        };
        Some(property)
    }

    /// The value as one text.
    fn text(&self) -> String {
        unescaped(&self.value)
    }

    /// The parts of the value between separators that no backslash stands before.
    fn components(&self, separator: char) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut is_escaped = false;
        for c in self.value.chars() {
            if c == separator && !is_escaped {
                parts.push(String::new());
                continue;
            }
            is_escaped = c == '\\' && !is_escaped;
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
        }
        parts.iter().map(|part| unescaped(part).trim().to_owned()).collect()
    }
}

/// What stands before the first colon that is in no quotation marks, and what stands after it.
fn split_head(line: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ':' if !is_quoted => return Some((&line[..at], &line[at + 1..])),
            _ => {}
        }
    }
    None
}

/// The parts of a text between separators that are in no quotation marks.
fn outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c: char| {
        if c == '"' {
            is_quoted = !is_quoted;
        }
        c == separator && !is_quoted
    })
}

/// A text without the backslashes that stand before what would mean something.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => plain.push('\n'),
            Some(escaped) => plain.push(escaped),
            None => plain.push('\\'),
        }
    }
    plain
}

/// The bytes that a text in quoted-printable stands for (RFC 2045, 6.7). What is none of it stands for itself.
fn quoted_printable(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut read = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let value = match (digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (Some(high), Some(low)) if *byte == b'=' => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        at += if value.is_some() { 3 } else { 1 };
        read.push(value.unwrap_or(*byte));
    }
    read
}

/// Bytes as text in the charset that a card names; else in UTF-8, or what old telephones write.
fn decoded(bytes: &[u8], charset: &str) -> String {
    let named = Encoding::for_label(charset.as_bytes());
    let usual = if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let (text, _) = named.unwrap_or(usual).decode_without_bom_handling(bytes);
    // No text has a zero in it.
    text.replace('\0', "")
}

/// The properties of a text, each with the line at which it begins.
struct Properties<'a> {
    lines: std::iter::Peekable<Lines<'a>>,
    is_old: bool,
}

impl<'a> Properties<'a> {
    fn of(text: &'a str) -> Self {
        Self { lines: Lines { rest: text, line: 0 }.peekable(), is_old: false }
    }
}

impl Iterator for Properties<'_> {
    type Item = (u64, Property);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, begun) = self.lines.next()?;
            let mut whole = String::new();
            add(&mut whole, begun);
            let is_quoted = split_head(begun)
                .is_some_and(|(head, _)| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
            let mut ends_soft = is_quoted && begun.ends_with('=');
            while let Some((_, next)) = self.lines.peek() {
                if ends_soft {
                    if whole.ends_with('=') {
                        whole.pop();
                    }
                    ends_soft = next.ends_with('=');
                    add(&mut whole, next);
                } else if let Some(folded) = next.strip_prefix([' ', '\t']) {
                    // Version 2.1 folds where a blank is, which stays.
                    if self.is_old {
                        add(&mut whole, " ");
                    }
                    ends_soft = is_quoted && folded.ends_with('=');
                    add(&mut whole, folded);
                } else {
                    break;
                }
                self.lines.next();
            }
            let Some(property) = Property::read(&whole) else { continue };
            if property.name == "VERSION" {
                self.is_old = property.value.trim() == "2.1";
            }
            return Some((line, property));
        }
    }
}

/// Adds as much of a line as there is room for.
fn add(whole: &mut String, line: &str) {
    let mut room = LARGEST_LINE.saturating_sub(whole.len()).min(line.len());
    while !line.is_char_boundary(room) {
        room -= 1;
    }
    whole.push_str(&line[..room]);
}

/// The lines of a text, whose ends are a line feed, a carriage return, or both; each with its number, from 1.
struct Lines<'a> {
    rest: &'a str,
    line: u64,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (u64, &'a str);

    fn next(&mut self) -> Option<(u64, &'a str)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let (line, after) = self.rest.split_at(end);
        self.rest = after
            .strip_prefix("\r\n")
            .or_else(|| after.strip_prefix(['\n', '\r']))
            .unwrap_or(after);
        Some((self.line, line))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read_contacts;

    /// The rows below the names of the columns, each as its cells.
    fn rows(file: &str) -> Vec<Vec<String>> {
        let sheet = read_contacts(file.as_bytes()).unwrap();
        assert_eq!(sheet.format, Format::Vcard);
        assert_eq!(sheet.rows[0].cells, COLUMNS);
        sheet.rows.into_iter().skip(1).map(|row| row.cells).collect()
    }

    #[test]
    fn a_row_for_each_number_of_a_card() {
        let file = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Siti Rahma\r\nitem1.TEL;TYPE=CELL,VOICE:+62 812-1\r\n\
                    TEL;TYPE=WORK:021 5\r\nTEL:+62 812-1\r\nEMAIL:siti@a.example\r\nNOTE:kue\\, teh\\n\\\\o/\r\n\
                    CATEGORIES:vip,lama\r\nORG:Toko;Pusat\r\nTITLE:Ketua\r\nEND:VCARD\r\n";
        let rest = ["siti@a.example", "kue, teh\n\\o/", "vip, lama", "Toko, Pusat", "Ketua"];
        let row = |number: &str, kind: &str| {
            let cells = ["Siti Rahma", number, kind].into_iter().chain(rest);
            cells.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(rows(file), [row("+62 812-1", "cell voice"), row("021 5", "work")]);
    }

    #[test]
    fn old_telephones_write_quoted_printable_in_charsets() {
        let file = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=96;=C3=\n=89va;;;\n\
                    TEL;CELL;PREF:0812\nEND:VCARD\nBEGIN:VCARD\nVERSION:2.1\n\
                    FN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Ren=E9=ZZ\nTEL;HOME:0813\nEND:VCARD";
        let found = rows(file);
        assert_eq!(found[0], ["Éva Ж", "0812", "cell pref"]);
        assert_eq!(found[1], ["René=ZZ", "0813", "home"]);
    }

    #[test]
    fn lines_are_folded_and_uris_are_numbers() {
        let file = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Sit\r\n i\r\n\tB\r\nTEL;VALUE=uri;TYPE=\"voice,cell\":TEL:+62\r\n \
                    811;ext=5\r\nEND:VCARD\r\n";
        assert_eq!(rows(file), [["SitiB", "+62811", "voice cell"]]);
        let old = "BEGIN:VCARD\nVERSION:2.1\nFN:Siti\n Rahma\nTEL:1\nEND:VCARD\n";
        assert_eq!(rows(old)[0][0], "Siti Rahma");
    }

    #[test]
    fn a_card_within_a_card_a_picture_and_a_missing_end() {
        let picture = format!("PHOTO;ENCODING=b:{}\n", "AAAA\n ".repeat(50_000));
        let file = format!(
            "begin:vcard\n{picture}no line\nFN:Ani\nAGENT:\nBEGIN:VCARD\nFN:Inner\nTEL:9\nEND:VCARD\nTEL:1\nEND:VCARD\n\
             BEGIN:VCARD\nORG:Toko\n"
        );
        let found = rows(&file);
        assert_eq!(found[0], ["Ani", "1"]);
        assert_eq!(found[1], ["Toko", "", "", "", "", "", "Toko"]);
    }

    #[test]
    fn a_card_is_bounded() {
        let numbers =
            (0..100).fold(String::new(), |numbers, n| numbers + &format!("TEL:08{n:03}\n"));
        let file = format!("BEGIN:VCARD\nFN:{}\n{numbers}END:VCARD\n", "Ж".repeat(100_000));
        let found = rows(&file);
        assert_eq!(found.len(), MOST_NUMBERS);
        assert!(found[0][0].len() <= LARGEST_CELL && found[0][0].starts_with('Ж'));
        assert_eq!(read_contacts(b"BEGIN:VCARD\nEND:VCARD\n"), Err(Unreadable::Empty));
        let many = "BEGIN:VCARD\nFN:a\nEND:VCARD\n".repeat(crate::MOST_ROWS + 1);
        assert_eq!(read_contacts(many.as_bytes()), Err(Unreadable::TooManyRows));
    }

    #[test]
    fn what_is_no_address_book_is_read_as_a_sheet() {
        assert_eq!(read_contacts(b"name,phone\nA,1\n").unwrap().format, Format::Csv);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(rest in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read_contacts(&[b"BEGIN:VCARD\n".as_slice(), &rest].concat());
        }

        #[test]
        fn no_lines_make_it_panic(lines in proptest::collection::vec(
            "(BEGIN|END|FN|N|TEL|NOTE|ORG|x\\.TEL|VERSION)?(;(TYPE|CHARSET|ENCODING)?=?\"?[a-zQ,é-]{0,20}\"?){0,3}:?[ =\\\\;,:a-fÉ0-9]{0,40}",
            0..40,
        )) {
            let file = format!("BEGIN:VCARD\n{}", lines.join("\n"));
            let _ = read_contacts(file.as_bytes());
        }
    }
}

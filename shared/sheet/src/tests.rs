//! Files as spreadsheets and programs write them, and as nobody should.

use std::fmt::Write as _;
use std::io::Write as _;

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// The cells of all rows.
fn cells(file: &[u8]) -> Vec<Vec<String>> {
    read(file).expect("a sheet").rows.into_iter().map(|row| row.cells).collect()
}

fn wide(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn text_is_read_in_the_charsets_that_spreadsheets_write() {
    let text = "nomor,nama\r\n0811,Zoë €\r\n";
    let expected = [vec!["nomor", "nama"], vec!["0811", "Zoë €"]];
    let marked = |mark: &[u8], rest: Vec<u8>| [mark.to_vec(), rest].concat();
    let windows = b"nomor,nama\r\n0811,Zo\xeb \x80\r\n".to_vec();
    for (name, file) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with its mark", marked(b"\xef\xbb\xbf", text.as_bytes().to_vec())),
        ("UTF-16LE with its mark", marked(b"\xff\xfe", wide(text, false))),
        ("UTF-16BE with its mark", marked(b"\xfe\xff", wide(text, true))),
        ("UTF-16LE", wide(text, false)),
        ("UTF-16BE", wide(text, true)),
        ("Windows-1252", windows),
    ] {
        assert_eq!(cells(&file), expected, "{name}");
    }
}

#[test]
fn separators_are_found_and_quotes_are_undone() {
    for file in [
        "a,b\n1,\"x;y\"\n",
        "a;b\n1;x,y\n",
        "a\tb\n1\tx,y;z\n",
        "sep=;\r\na;b\r\n1;x,y\r\n",
        "a;b\r\n\r\n;\r\n1;\"x\"\"y\r\nz\"",
    ] {
        let rows = cells(file.as_bytes());
        assert_eq!((rows.len(), rows[0].len(), rows[1].len()), (2, 2, 2), "{file:?}: {rows:?}");
    }
    let rows = cells(b"a;b\r\n1;\"x\"\"y\r\nz\"");
    assert_eq!(rows[1][1], "x\"y\r\nz");
    // The line at which a row begins, whatever stands in quotes before it.
    let sheet = read(b"a,b\n1,\"x\ny\"\n2,z\n").unwrap();
    assert_eq!(sheet.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 2, 4]);
    assert_eq!(read(b"0811").unwrap().columns, 1);
}

/// A row is found again in the file by its number, whatever ends its lines.
#[test]
fn rows_are_counted_as_editors_count_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let file = format!("a,b{end}1,x{end}2,\"y{end}y\"{end}{end}3,z{end}");
        let sheet = read(file.as_bytes()).unwrap();
        let lines: Vec<u64> = sheet.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 2, 3, 6], "{end:?}");
        let excel = read(format!("sep=,{end}{file}").as_bytes());
        if end != "\r" {
            let lines: Vec<u64> = excel.unwrap().rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, [2, 3, 4, 7], "{end:?}");
        }
    }
}

#[test]
fn a_first_row_names_columns_when_it_has_no_number() {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    assert!(names_columns(&row(&["nomor", "nama"])));
    assert!(!names_columns(&row(&["+62 811-1111", "Siti"])));
    assert!(!names_columns(&row(&["6.28E+11", "Siti"])));
    assert!(!names_columns(&row(&["1", "2"])));
    let first = row(&["Nama", "nama", "", "{x}\u{7}y", " nama "]);
    assert_eq!(column_names(Some(&first), 6), ["Nama", "nama 2", "C", "xy", "nama 3", "F"]);
    assert_eq!(column_names(None, 28)[25..], ["Z", "AA", "AB"]);
    let same = vec!["x".to_owned(); MOST_COLUMNS];
    let names = column_names(Some(&same), MOST_COLUMNS);
    let each: std::collections::HashSet<&String> = names.iter().collect();
    assert_eq!(each.len(), MOST_COLUMNS);
}

#[test]
fn what_a_spreadsheet_spoilt_is_seen() {
    for (cell, expected) in [
        ("6.28E+11", Some(Spoiled::Rounded)),
        ("6,28123E+12", Some(Spoiled::Rounded)),
        ("81234567890", Some(Spoiled::ZeroLost)),
        ("6281234567", Some(Spoiled::ZeroLost)),
        ("#N/A", Some(Spoiled::Fault)),
        ("+6281234567890", None),
        ("081234567890", None),
        ("Eka", None),
        ("E5", None),
        ("", None),
    ] {
        assert_eq!(spoiled(cell), expected, "{cell}");
    }
    assert_eq!(without_apostrophe(" '0811 "), "0811");
}

#[test]
fn what_is_too_much_is_refused_with_its_place() {
    let rows = |count: usize| "0811111111\n".repeat(count);
    assert_eq!(read(rows(MOST_ROWS).as_bytes()).unwrap().rows.len(), MOST_ROWS);
    assert_eq!(read(rows(MOST_ROWS + 1).as_bytes()), Err(Unreadable::TooManyRows));
    let named = format!("nomor\n{}", rows(MOST_ROWS));
    assert_eq!(read(named.as_bytes()).unwrap().rows.len(), MOST_ROWS + 1);
    assert_eq!(read(format!("{named}0811111111\n").as_bytes()), Err(Unreadable::TooManyRows));
    let columns = |count: usize| vec!["x"; count].join(",");
    assert_eq!(read(columns(MOST_COLUMNS).as_bytes()).unwrap().columns, MOST_COLUMNS);
    let wide = format!("a,b\n{}", columns(MOST_COLUMNS + 1));
    assert_eq!(read(wide.as_bytes()), Err(Unreadable::TooManyColumns { line: 2 }));
    let long = |length: usize| format!("a,b\n1,{}", "x".repeat(length));
    assert!(read(long(LARGEST_CELL).as_bytes()).is_ok());
    let too_long = Err(Unreadable::CellTooLong { line: 2 });
    assert_eq!(read(long(LARGEST_CELL + 1).as_bytes()), too_long);
    let open = format!("a,b\n1,\"x{}", "\n0811,y".repeat(2_000));
    assert_eq!(read(open.as_bytes()), too_long, "a quotation mark that nothing closes");
    assert_eq!(read(&vec![b'x'; LARGEST_FILE + 1]), Err(Unreadable::TooLarge));
    let many = format!("{}\n", vec!["x"; MOST_COLUMNS].join(",")).repeat(MOST_CELLS / MOST_COLUMNS);
    assert!(read(many.as_bytes()).is_ok());
    assert_eq!(read(format!("{many}x\n").as_bytes()), Err(Unreadable::TooMuchText));
}

#[test]
fn what_is_no_sheet_is_refused() {
    assert_eq!(read(b""), Err(Unreadable::Empty));
    assert_eq!(read(b"\xef\xbb\xbf\r\n;;\r\n"), Err(Unreadable::Empty));
    assert_eq!(read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), Err(Unreadable::OldWorkbook));
    assert_eq!(read(b"PK\x03\x04rest"), Err(Unreadable::BrokenWorkbook));
    assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(Unreadable::NoSheet));
}

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Satu" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const PARTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
/// The second format of a cell is that of a date.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#;
const SHARED: &str = r#"<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2" uniqueCount="2"><si><t>nomor</t></si><si><t>Zoë &amp; Siti</t></si></sst>"#;

/// A workbook with these rows, in the XML of a sheet, and with more files in it.
fn workbook(rows: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(rows, SHARED.as_bytes(), more)
}

/// A workbook whose one cell is the first text of this table of shared texts.
fn with_texts(texts: &[u8]) -> Vec<u8> {
    zipped(r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#, texts, &[])
}

fn zipped(rows: &str, texts: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let own: [(&str, &[u8]); 7] = [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", PACKAGE.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", PARTS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    for (name, bytes) in own.iter().chain(more) {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_is_read_with_whole_numbers_and_dates() {
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>nama</t></is></c></row>
        <row r="3"><c r="A3"><v>6281234567890</v></c><c r="B3" t="s"><v>1</v></c><c r="D3" s="1"><v>45992</v></c></row>
        <row r="4"><c r="A4"/><c r="B4" t="str"><f>A1</f><v>  </v></c></row>"#;
    let file = workbook(rows, &[]);
    let sheet = read(&file).unwrap();
    assert_eq!((sheet.format, sheet.columns, sheet.rows.len()), (Format::Xlsx, 4, 2));
    assert_eq!(sheet.rows[0].cells, ["nomor", "nama"]);
    let second = &sheet.rows[1];
    assert_eq!(second.line, 3);
    assert_eq!(second.cells, ["6281234567890", "Zoë & Siti", "", "2025-12-01"]);
}

#[test]
fn a_bomb_is_not_unpacked() {
    // 80 MB of zeros are 80 kB in it.
    let zeros = vec![0_u8; usize::try_from(LARGEST_WORKBOOK).unwrap() + 16 * 1024 * 1024];
    let bomb = workbook("", &[("xl/media/image1.png", &zeros)]);
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    assert_eq!(read(&bomb), Err(Unreadable::TooMuchUnpacked));
    // What a workbook says of its sizes need not be true: that of an entry stands in the directory at its end.
    let mut lying = bomb.clone();
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let mut found = 0;
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == size {
            lying[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
            found += 1;
        }
    }
    assert!(found > 0);
    assert!(matches!(read(&lying), Err(Unreadable::TooMuchUnpacked | Unreadable::BrokenWorkbook)));
    let names: Vec<String> = (0..=MOST_ENTRIES).map(|n| format!("x/{n}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    assert_eq!(read(&workbook("", &many)), Err(Unreadable::TooMuchUnpacked));
}

/// Room is made for as many texts as a table says that it has: what no machine has room for would end the process.
#[test]
fn a_table_that_says_it_has_more_texts_than_fit_is_refused() {
    let table = |attribute: &str| {
        format!(
            r#"<?xml version="1.0"?><!-- a comment --><sst {attribute}><si><t>nomor</t></si></sst>"#
        )
    };
    let usual = read(&with_texts(table(r#"count="1" uniqueCount="1""#).as_bytes())).unwrap();
    assert_eq!(usual.rows[0].cells, ["nomor"]);
    for attribute in [
        r#"uniqueCount="400000000000""#,
        r#"uniqueCount="18446744073709551615""#,
        r#"uniqueCount="99999999999999999999999""#,
        "count='1' uniqueCount \n=\t'000400000000000'",
    ] {
        let refused = read(&with_texts(table(attribute).as_bytes()));
        assert_eq!(refused, Err(Unreadable::TooMuchText), "{attribute}");
    }
    // Nor in letters of two bytes each, or behind a change of the charset.
    for big in [false, true] {
        let wide = wide(&table(r#"uniqueCount="400000000000""#), big);
        assert_eq!(read(&with_texts(&wide)), Err(Unreadable::TooMuchText), "{big}");
    }
    for hidden in [
        "uniq\u{1b}(BueCount=\"400000000000\"",
        "uniqueCount=\"4\u{1b}(J00000000000\"",
        // What seems to change the charset and does not hides nothing that follows.
        "\u{1b} uniqueCount=\"400000000000\"",
        "a=\"\u{1b}(\"uniqueCount=\"400000000000\"",
        "a=\"\u{1b}\u{1b}$\" uniqueCount=\"400000000000\"",
        "uniquniqueCount=\"400000000000\"",
        "uniqueCount uniqueCount=\"400000000000\"",
    ] {
        let refused = read(&with_texts(table(hidden).as_bytes()));
        assert_eq!(refused, Err(Unreadable::TooMuchText), "{hidden:?}");
    }
}

/// What an entity stands for is never put in its place, and nothing is fetched for one.
#[test]
fn entities_are_not_expanded() {
    let mut laughs = String::from(r#"<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "haha">"#);
    for n in 0..20 {
        let (this, last) = (char::from(b'b' + n), char::from(b'a' + n));
        let ten = format!("&{last};").repeat(10);
        let _ = write!(laughs, "<!ENTITY {this} \"{ten}\">");
    }
    laughs.push_str(r#"<!ENTITY file SYSTEM "file:///etc/passwd">]><sst uniqueCount="1"><si><t>&u;&file;</t></si></sst>"#);
    match read(&with_texts(laughs.as_bytes())) {
        Ok(sheet) => {
            let text: String = sheet.rows.into_iter().flat_map(|row| row.cells).collect();
            let is_short = text.len() < 100;
            assert!(is_short && !text.contains("haha") && !text.contains("root:"), "{text}");
        }
        Err(refused) => assert!(matches!(refused, Unreadable::BrokenWorkbook | Unreadable::Empty)),
    }
}

/// A zip within a zip is a file like others, which nobody opens.
#[test]
fn a_workbook_within_a_workbook_is_not_opened() {
    let zeros = vec![0_u8; 16 * 1024 * 1024];
    let inner = workbook("", &[("xl/media/image1.png", &zeros)]);
    let row = r#"<row r="1"><c r="A1"><v>62811</v></c></row>"#;
    let outer = workbook(row, &[("xl/embeddings/inner.xlsx", &inner)]);
    assert_eq!(read(&outer).unwrap().rows[0].cells, ["62811"]);
}

#[test]
fn a_cell_in_the_last_corner_makes_no_table() {
    let corner = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let refused = Err(Unreadable::TooManyColumns { line: 1_048_576 });
    assert_eq!(read(&workbook(corner, &[])), refused);
    let below = r#"<row r="1048576"><c r="B1048576"><v>1</v></c></row>"#;
    let sheet = read(&workbook(below, &[])).unwrap();
    assert_eq!((sheet.rows.len(), sheet.rows[0].line), (1, 1_048_576));
    // One text that is named once and used in as many cells as fit.
    let many = "<row><c t=\"inlineStr\"><is><t>x</t></is></c></row>".repeat(MOST_ROWS + 2);
    assert_eq!(read(&workbook(&many, &[])), Err(Unreadable::TooManyRows));
}

proptest! {
    #[test]
    fn whatever_the_bytes_there_is_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read(&bytes);
    }

    #[test]
    fn whatever_the_text_it_is_within_the_bounds(text in "[a-z0-9,;\t\"'\r\n{}€]{0,400}") {
        if let Ok(sheet) = read(text.as_bytes()) {
            prop_assert!(!sheet.rows.is_empty() && sheet.columns <= MOST_COLUMNS);
            let first = &sheet.rows[0].cells;
            prop_assert_eq!(column_names(Some(first), sheet.columns).len(), sheet.columns);
        }
    }

    #[test]
    fn a_workbook_that_was_tampered_with_is_an_answer(at in 0_usize..4_000, byte in any::<u8>()) {
        let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>62811</v></c></row>"#;
        let mut file = workbook(rows, &[]);
        let length = file.len();
        file[at % length] = byte;
        let _ = read(&file);
    }

    #[test]
    fn whatever_the_sheet_of_a_workbook_it_is_an_answer(rows in "[<>/crvtsA-C0-9=\" ]{0,200}") {
        let _ = read(&workbook(&rows, &[]));
    }
}

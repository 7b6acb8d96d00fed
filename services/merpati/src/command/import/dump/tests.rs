use std::io::{self, Read};

use proptest::prelude::*;

use super::statement::MOST_COLUMNS;
use super::*;

type Rows = Vec<Vec<Option<String>>>;

fn wanted(name: &str) -> Option<String> {
    ["users", "inbox"]
        .iter()
        .find(|known| name.eq_ignore_ascii_case(known))
        .map(|one| (*one).to_owned())
}

fn rows_of(input: impl Read) -> Result<Rows, DumpError> {
    let mut dump = Dump::new(input, wanted);
    let mut rows = Vec::new();
    while let Some(row) = dump.row()? {
        rows.push(row.columns.iter().map(|column| row.text(column)).collect());
    }
    Ok(rows)
}

fn of(text: &str) -> Rows {
    rows_of(text.as_bytes()).unwrap()
}

fn texts(row: &[&str]) -> Vec<Option<String>> {
    row.iter().map(|text| Some((*text).to_owned())).collect()
}

/// As mysqldump writes it.
const DUMP: &str = "-- MySQL dump 10.13
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

DROP TABLE IF EXISTS `users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `Name` varchar(100) DEFAULT 'a,b)c\\'d' COMMENT 'the; name',
  `credit` decimal(13,3) DEFAULT 0.000,
  `key` enum('a','b') DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`Name`,`key`) USING BTREE
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4;

LOCK TABLES `users` WRITE;
/*!40000 ALTER TABLE `users` DISABLE KEYS */;
INSERT INTO `users` VALUES (1,'O\\'Reilly; (x) -- \"y\"',-1.500,NULL),(2,'it''s\\nhere\\\\\\0\\Z\\%','',_binary 'a\\rb');
INSERT INTO `others` VALUES (1,'INSERT INTO `users` VALUES (9,9,9,9);');
/*!40000 ALTER TABLE `users` ENABLE KEYS */;
UNLOCK TABLES;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON users FOR EACH ROW BEGIN
INSERT INTO users VALUES (8,'it''s',8,8); END */;;
DELIMITER ;
REPLACE INTO `playsms`.`users` (`Name`, id) VALUES
# phpMyAdmin writes so
  (0x4869, 3), -- and so
  (X'C3A9', 4)
;
INSERT IGNORE INTO users(id,name) VALUE (5,TRUE) ON DUPLICATE KEY UPDATE name = VALUES(name);
-- Dump completed on 2026-11-30
";

#[test]
fn mysqldump_and_its_like_are_read() {
    let rows = of(DUMP);
    assert_eq!(rows.len(), 5, "{rows:?}");
    assert_eq!(rows[0], [&texts(&["1", "O'Reilly; (x) -- \"y\"", "-1.500"])[..], &[None]].concat());
    assert_eq!(rows[1], texts(&["2", "it's\nhere\\\0\u{1a}%", "", "a\rb"]));
    assert_eq!(rows[2], texts(&["Hi", "3"]));
    assert_eq!(rows[3], texts(&["é", "4"]));
    assert_eq!(rows[4], texts(&["5", "1"]));
}

#[test]
fn dumps_of_sqlite_and_postgresql_are_read() {
    let sqlite = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE users(id INTEGER, name TEXT);\n\
                  INSERT INTO users VALUES(1,replace('a\\nb''\\','\\n',char(10)));\nINSERT INTO \"users\" VALUES(2,'c\nd');\nCOMMIT;\n";
    assert_eq!(of(sqlite), [texts(&["1", "a\nb'\\"]), texts(&["2", "c\nd"])]);
    let postgres = "SET standard_conforming_strings = on;\nCREATE TABLE public.users (\n id integer DEFAULT nextval('x'::regclass) NOT NULL,\n \
                    \"Name\" text DEFAULT ''::text\n);\nCOPY public.others (a) FROM stdin;\nINSERT INTO users VALUES (9,'9');\n\\.\n\n\
                    INSERT INTO public.users VALUES (1, 'a\\b');\nINSERT INTO public.users VALUES (2, E'a\\nb'), (3, true);\n";
    assert_eq!(of(postgres), [texts(&["1", "a\\b"]), texts(&["2", "a\nb"]), texts(&["3", "1"])]);
    let copied = rows_of("COPY public.users (a) FROM stdin;\n1\n\\.\n".as_bytes()).unwrap_err();
    assert!(copied.to_string().contains("pg_dump --inserts"), "{copied}");
    let deep = format!("INSERT INTO users (a) VALUES ({}", "replace(".repeat(100_000));
    assert!(rows_of(deep.as_bytes()).is_err());
    let deep = format!("INSERT INTO users (a) VALUES ({}", "_a 0".repeat(100_000));
    assert!(rows_of(deep.as_bytes()).is_err());
}

#[test]
fn a_row_says_where_it_stands() {
    let mut dump = Dump::new(DUMP.as_bytes(), wanted);
    dump.row().unwrap();
    let row = dump.row().unwrap().unwrap();
    assert_eq!(row.place.line, 19);
    let at = usize::try_from(row.place.offset).unwrap();
    assert!(DUMP[at..].starts_with("(2,"), "{}", &DUMP[at..at + 10]);
    assert_eq!(
        (row.number("id"), row.filled("credit"), row.text("nothing")),
        (Some(2), None, None)
    );
}

#[test]
fn charsets_are_those_that_the_dump_names() {
    let rows = |head: &str, name: &[u8]| {
        let text = [head.as_bytes(), b"INSERT INTO users (id) VALUES ('", name, b"');"].concat();
        let mut dump = Dump::new(text.as_slice(), wanted);
        let row = dump.row().unwrap().unwrap();
        (row.text("id").unwrap(), row.is_damaged)
    };
    assert_eq!(
        rows("/*!40101 SET NAMES latin1 */;", b"caf\xe9 \x80"),
        ("café €".to_owned(), false)
    );
    assert_eq!(rows("SET NAMES 'latin1';", b"\xe9"), ("é".to_owned(), false));
    assert_eq!(rows("SET NAMES utf8;", "é".as_bytes()), ("é".to_owned(), false));
    assert_eq!(rows("SET @a = 'names latin1';", "é".as_bytes()), ("é".to_owned(), false));
    assert_eq!(rows("", b"caf\xe9"), ("caf\u{fffd}".to_owned(), true));
    assert_eq!(
        rows("\u{feff}SET SQL_MODE='NO_BACKSLASH_ESCAPES';", b"a\\"),
        ("a\\".to_owned(), false)
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let said = |text: &str| rows_of(text.as_bytes()).unwrap_err().to_string();
    let insert = "INSERT INTO users (a,b) VALUES ";
    assert_eq!(
        said(&format!("\n{insert}(1,'x")),
        "it ends within a statement, at line 2, byte 37: the dump is not whole"
    );
    for (rest, words) in [
        ("(1,2,3);", "line 1, byte 31: the row has 3 values, and its table has 2 columns"),
        ("(1,,2);", "line 1, byte 34: ',' stands where a value should"),
        ("(1,sleep(9));", "line 1, byte 34: 'sleep' stands where a value should"),
        ("(1,2),;", "line 1, byte 37: ';' stands where a row should"),
        ("(1 2);", "line 1, byte 34: '2' stands where a comma or a bracket should"),
        ("(1,2)\u{1b}[31m", "line 1, byte 36: '\\u{1b}' stands where a row should"),
    ] {
        assert_eq!(said(&format!("{insert}{rest}")), words);
    }
    assert!(said("INSERT INTO users VALUES (1);").contains("without the names of their columns"));
    assert!(said("INSERT INTO users SELECT 1;").contains("'SELECT' stands where VALUES should"));
    assert!(said("DELIMITER ;;\nx").contains("not whole"));
    assert!(said(&format!("INSERT INTO `{}`", "x".repeat(300))).contains("a name has more"));
    let many = format!("INSERT INTO users (a) VALUES ({}1);", "1,".repeat(MOST_COLUMNS));
    assert!(said(&many).contains("more than 1000 values"));
    let many = format!("CREATE TABLE users ({}b int);", "a int,".repeat(MOST_COLUMNS));
    assert!(said(&many).contains("more than 1000 values or columns"));
}

/// An endless text, of which only so many bytes are read.
struct Endless<'a> {
    head: &'a [u8],
    body: &'a [u8],
    at: usize,
    left: usize,
    tail: &'a [u8],
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        for slot in buffer.iter_mut() {
            *slot = if let [first, rest @ ..] = self.head {
                self.head = rest;
                *first
            } else if self.left > 0 {
                self.left -= 1;
                let byte = self.body[self.at % self.body.len()];
                self.at += 1;
                byte
            } else if let [first, rest @ ..] = self.tail {
                self.tail = rest;
                *first
            } else {
                break;
            };
            written += 1;
        }
        Ok(written)
    }
}

/// What is kept of a value and of a row does not grow with the dump, so neither does what is kept of a line.
#[test]
fn a_line_without_end_is_read_piece_by_piece() {
    let body = b"(1,'Halo'),";
    let count = 2_000_000;
    let input = Endless {
        head: b"INSERT INTO users (a,b) VALUES ",
        body,
        at: 0,
        left: body.len() * count - 1,
        tail: b";",
    };
    let mut dump = Dump::new(input, wanted);
    let mut rows = 0;
    while let Some(row) = dump.row().unwrap() {
        assert_eq!(row.place.line, 1);
        rows += 1;
    }
    assert_eq!(rows, count);

    // A value of 20 MB is cut, and one of a table that nobody asks for is not kept at all.
    for (table, expected) in [("users", Some(64 * 1024)), ("others", None)] {
        let head = format!("INSERT INTO {table} (a,b) VALUES (1,'");
        let input =
            Endless { head: head.as_bytes(), body: b"x", at: 0, left: 20_000_000, tail: b"');" };
        let mut dump = Dump::new(input, wanted);
        let row = dump.row().unwrap();
        assert_eq!(row.as_ref().map(|row| row.text("b").unwrap().len()), expected);
        assert!(row.is_none_or(|row| row.is_damaged));
    }
    // However many values there are, a row keeps no more than its bound.
    let value = format!("'{}',", "x".repeat(64 * 1024));
    let text = format!("INSERT INTO users (a,b,c,d,e,f,g) VALUES ({}1);", value.repeat(6));
    let row = Dump::new(text.as_bytes(), wanted).row().unwrap().unwrap();
    let kept: usize = row
        .cells
        .iter()
        .map(|cell| if let Cell::Bytes(bytes) = cell { bytes.len() } else { 0 })
        .sum();
    // And the number, which is short.
    assert_eq!((kept, row.is_damaged), (256 * 1024 + 1, true));
}

/// Hands out so many bytes at a time.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.1.min(self.0.len()).min(buffer.len());
        buffer[..size].copy_from_slice(&self.0[..size]);
        self.0 = &self.0[size..];
        Ok(size)
    }
}

#[test]
fn wherever_it_is_cut_off_no_row_is_made_up() {
    let whole = of(DUMP);
    for end in 0..DUMP.len() {
        let mut dump = Dump::new(&DUMP.as_bytes()[..end], wanted);
        let mut rows: Rows = Vec::new();
        while let Ok(Some(row)) = dump.row() {
            rows.push(row.columns.iter().map(|column| row.text(column)).collect());
        }
        assert_eq!(rows, whole[..rows.len()], "cut at {end}");
    }
}

/// A value as a dump may write it.
fn written(value: Option<&str>, style: u8) -> String {
    let Some(value) = value else { return "NULL".to_owned() };
    let hex = |bytes: &[u8]| {
        let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap();
        bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect::<String>()
    };
    match style % 4 {
        0 => {
            let mut text = "'".to_owned();
            for c in value.chars() {
                match c {
                    '\0' => text.push_str("\\0"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    '\u{1a}' => text.push_str("\\Z"),
                    '\\' | '\'' | '"' => text.extend(['\\', c]),
                    c => text.push(c),
                }
            }
            text + "'"
        }
        1 => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''")),
        2 if !value.is_empty() => format!("0x{}", hex(value.as_bytes())),
        2 => "''".to_owned(),
        _ => format!("X'{}'", hex(value.as_bytes()).to_uppercase()),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        rows in prop::collection::vec((prop::option::of(".{0,20}"), "[-;'\"\\\\`\0\r\n/*(),]{0,12}"), 1..20),
        style in any::<u8>(),
        size in 1_usize..50,
    ) {
        let rows: Rows = rows.into_iter().map(|(one, other)| vec![one, Some(other)]).collect();
        let values = rows.iter().enumerate().map(|(n, row)| {
            let style = style.wrapping_add(u8::try_from(n).unwrap());
            format!("({},{})", written(row[0].as_deref(), style), written(row[1].as_deref(), style / 4))
        });
        let text = format!("SET NAMES utf8mb4;INSERT INTO `users` (`a`, `b`) VALUES {};", values.collect::<Vec<_>>().join(","));
        prop_assert_eq!(&rows_of(Dribble(text.as_bytes(), size)).unwrap(), &rows);
        prop_assert_eq!(&of(&text), &rows);
    }

    #[test]
    fn nothing_makes_it_panic_or_go_on_for_ever(
        pieces in prop::collection::vec(
            prop_oneof![
                Just(b"INSERT INTO users (a,b) VALUES (".to_vec()),
                Just(b"CREATE TABLE `users` (`a` int,".to_vec()),
                Just(b"DELIMITER ;;\n".to_vec()),
                Just(b"/*!40101 SET NAMES latin1 */".to_vec()),
                Just(b"_binary '".to_vec()),
                Just(b"NULL),(0x".to_vec()),
                Just(b"';--\n".to_vec()),
                prop::collection::vec(any::<u8>(), 0..20),
            ],
            0..20,
        ),
        size in 1_usize..9,
    ) {
        let text = pieces.concat();
        let one = rows_of(Dribble(&text, size)).map_err(|error| error.to_string());
        let other = rows_of(text.as_slice()).map_err(|error| error.to_string());
        prop_assert_eq!(one, other);
    }
}

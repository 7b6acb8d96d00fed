//! `merpati optout`: numbers that are sent nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use api::{NewOptOuts, Nothing, OptOut, OptOutHistory, OptOuts, OptedOut};
use contracts::PhoneNumber;
use serde_json::json;

use crate::cli;
use crate::client::Client;
use crate::output;

/// Numbers of one request.
const AT_ONCE: usize = 1_000;
/// Numbers of one page.
const PAGE: usize = 500;
/// Bytes of a line; a longer one has no number in it.
const LONGEST_LINE: u64 = 4_096;
/// So many lines that hold no number are named.
const NAMED: usize = 10;

/// Shows and changes who is sent nothing.
pub(crate) async fn run(as_json: bool, client: &Client, said: cli::OptOut) -> anyhow::Result<()> {
    match said {
        cli::OptOut::List => list(as_json, client).await,
        cli::OptOut::Show { number } => {
            let history = client.get::<OptOutHistory>(&path(&number)?).await?;
            if as_json {
                return history.print();
            }
            output::line(if history.out {
                "The number is sent nothing."
            } else {
                "The number is sent messages."
            });
            table(&history.changes);
            Ok(())
        }
        cli::OptOut::Add { numbers } => {
            let changed = put_out(client, numbers, false).await?;
            say(as_json, changed, "sent nothing from now on")
        }
        cli::OptOut::Remove { numbers } => {
            for number in &numbers {
                client.delete::<Nothing>(&path(number)?).await?;
            }
            say(as_json, numbers.len() as u64, "sent messages again")
        }
        cli::OptOut::Import { file, dry_run } => import(as_json, client, &file, dry_run).await,
    }
}

/// The path of what is known of a number.
fn path(number: &str) -> anyhow::Result<String> {
    let number = PhoneNumber::parse(number).with_context(|| format!("'{number}' is no number"))?;
    Ok(format!("/optouts/{}", number.as_str().replace('+', "%2B")))
}

fn say(as_json: bool, changed: u64, what: &str) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({ "changed": changed }));
    }
    output::line(&match changed {
        1 => format!("1 number is {what}."),
        _ => format!("{changed} numbers are {what}."),
    });
    Ok(())
}

async fn put_out(client: &Client, numbers: Vec<String>, imported: bool) -> anyhow::Result<u64> {
    let mut changed = 0;
    for some in numbers.chunks(AT_ONCE) {
        let new = NewOptOuts { numbers: some.to_vec(), imported };
        changed += client.post::<OptedOut>("/optouts", &new).await?.changed;
        if numbers.len() > AT_ONCE {
            output::note(&format!("{changed} numbers so far"));
        }
    }
    Ok(changed)
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let mut all: Vec<OptOut> = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get::<OptOuts>(&format!("/optouts?limit={PAGE}{after}")).await?;
        all.extend(page.optouts.iter().cloned());
        let Some(next) = &page.next else { break };
        after = format!("&after={}", next.as_str().replace('+', "%2B"));
    }
    if as_json {
        return output::json(&OptOuts { optouts: all, next: None });
    }
    if all.is_empty() {
        output::line("Everybody is sent messages: nobody sent STOP or the like, or was put here.");
    } else {
        table(&all);
    }
    Ok(())
}

fn table(changes: &[OptOut]) {
    let rows = changes.iter().map(|change| {
        let how = match change.source.as_str() {
            "message" => "asked by SMS",
            "import" => "imported",
            _ => "said here",
        };
        let now = if change.out { "nothing" } else { "messages" };
        vec![
            change.number.to_string(),
            now.to_owned(),
            output::local_time(change.at),
            how.to_owned(),
        ]
    });
    output::table(&["NUMBER", "IS SENT", "SINCE", "HOW"], &rows.collect::<Vec<_>>());
}

async fn import(as_json: bool, client: &Client, file: &Path, dry_run: bool) -> anyhow::Result<()> {
    let found = if file == Path::new("-") {
        numbers(std::io::stdin().lock())
    } else {
        File::open(file).and_then(|file| numbers(BufReader::new(file)))
    };
    let Found { numbers, wrong, wrong_lines } =
        found.with_context(|| format!("cannot read {}", file.display()))?;
    if !wrong_lines.is_empty() {
        output::note(&format!(
            "{wrong} lines begin with no number and are left out, such as {}",
            wrong_lines.join(", ")
        ));
    }
    if numbers.is_empty() {
        bail!("there is no number in {}; the first column of each line is read", file.display());
    }
    if dry_run {
        if as_json {
            return output::json(&json!({ "numbers": numbers.len(), "left_out": wrong }));
        }
        let first = numbers.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let count = numbers.len();
        output::line(&format!("{count} numbers would be sent nothing from then on: {first}, …"));
        return Ok(());
    }
    let changed = put_out(client, numbers, true).await?;
    say(as_json, changed, "sent nothing from now on")
}

/// What stands in a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) numbers: Vec<String>,
    /// How many lines begin with no number.
    pub(super) wrong: usize,
    /// The first of them, as their places.
    wrong_lines: Vec<String>,
}

/// Reads the first column of each line. A first line without a number is a heading.
pub(super) fn numbers(mut file: impl BufRead) -> std::io::Result<Found> {
    let mut found = Found::default();
    for line in 1.. {
        let mut bytes = Vec::new();
        if (&mut file).take(LONGEST_LINE).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if !bytes.ends_with(b"\n") {
            skip_line(&mut file)?;
        }
        let text = String::from_utf8_lossy(&bytes);
        let first = text.split([',', ';', '\t']).next().unwrap_or_default();
        let first = first.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\u{feff}');
        if first.is_empty() || first.starts_with('#') {
            continue;
        }
        match PhoneNumber::parse(first) {
            // Without the signs between them, the digits of a date are a number, too.
            Ok(_) if is_date(first) => found.leave_out(line),
            Ok(number) => found.numbers.push(number.to_string()),
            Err(_) if line == 1 => {}
            Err(_) => found.leave_out(line),
        }
    }
    Ok(found)
}

impl Found {
    fn leave_out(&mut self, line: usize) {
        self.wrong += 1;
        if self.wrong_lines.len() < NAMED {
            self.wrong_lines.push(format!("line {line}"));
        }
    }
}

/// Whether this is a date such as 2026-11-30 or 30.11.2026.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.', '/']).collect();
    let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit()) && part.len() <= 4;
    parts.len() == 3 && parts.iter().all(digits) && parts.iter().any(|part| part.len() == 4)
}

/// Reads to the end of a line.
fn skip_line(file: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let some = file.fill_buf()?;
        let end = some.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(some.len(), |end| end + 1);
        file.consume(count);
        if end.is_some() || count == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_column_of_each_line_is_read() {
        let file = "\u{feff}Number,Name\n\"+62 811-1\",Ani\n\n# a comment\n+628112;Budi\nnobody,x\n888\tBank";
        let found = numbers(file.as_bytes()).unwrap();
        assert_eq!(found.numbers, ["+628111", "+628112", "888"]);
        assert_eq!((found.wrong, found.wrong_lines), (1, vec!["line 6".to_owned()]));
    }

    #[test]
    fn what_is_no_list_is_read_to_its_end() {
        let endless = vec![b'x'; 100_000];
        let found = numbers(&endless[..]).unwrap();
        assert_eq!((found.numbers.len(), found.wrong), (0, 0), "it is one line, the heading");
        let long = [&b"number\n"[..], &endless, b",888\n2026-11-30\n+62811\n"].concat();
        let found = numbers(&long[..]).unwrap();
        assert_eq!((found.numbers, found.wrong), (vec!["+62811".to_owned()], 2));
        assert_eq!(numbers(&[0xff, 0xfe, b'\n', b'8', b'8', b'8'][..]).unwrap().numbers, ["888"]);
    }
}

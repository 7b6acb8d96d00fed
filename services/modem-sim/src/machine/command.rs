//! The command line of 3GPP TS 27.007, 4.2 (ITU-T V.250, 5.3), taken apart.
//!
//! ```text
//! line     = *junk "AT" *command
//! command  = basic / extended
//! basic    = ["&" / "\"] letter [*digit] / "D" rest / "S" number ("=" number / "?")
//! extended = mark name ["?" / "=?" / "=" values] [";"]
//! mark     = "+" / "^" / "*" / "#" / "$" / "%"
//! values   = any, where ";" outside of quotes ends it
//! ```

/// What is wanted of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    /// `AT+CSQ`
    Run,
    /// `AT+CREG?`
    Read,
    /// `AT+CREG=?`
    Test,
    /// `AT+CREG=1`, with what follows the equals sign. Of basic commands: the digits.
    Set(String),
}

/// One command of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Upper case, with its mark: `+CSQ`, `E`, `&F`, `^ICCID`.
    pub(super) name: String,
    /// What is wanted.
    pub(super) op: Op,
}

impl Command {
    /// `AT` with nothing behind it.
    pub(super) fn attention() -> Self {
        Self { name: "AT".to_owned(), op: Op::Run }
    }

    /// The values of a set command, quotes removed; empty for the others.
    pub(super) fn values(&self) -> Vec<String> {
        match &self.op {
            Op::Set(text) => values(text),
            _ => Vec::new(),
        }
    }
}

/// Takes a line apart. `None`: there is no `AT` in it, which a modem does not answer.
pub(super) fn parse(line: &str) -> Option<Vec<Command>> {
    let start = line.to_ascii_uppercase().find("AT")?;
    let mut rest = line.get(start + 2..)?;
    let mut commands = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ';']);
        let Some(first) = rest.chars().next() else { return Some(commands) };
        let (command, left) =
            if "+^*#$%".contains(first) { extended(rest) } else { basic(rest, first) };
        commands.push(command);
        rest = left;
    }
}

fn extended(text: &str) -> (Command, &str) {
    let end = text.find(['=', '?', ';']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let (op, rest) = if let Some(rest) = rest.strip_prefix("=?") {
        (Op::Test, rest)
    } else if let Some(rest) = rest.strip_prefix('?') {
        (Op::Read, rest)
    } else if let Some(rest) = rest.strip_prefix('=') {
        let end = end_of_values(rest);
        (Op::Set(rest[..end].trim().to_owned()), &rest[end..])
    } else {
        (Op::Run, rest)
    };
    (Command { name: name.trim().to_ascii_uppercase(), op }, rest)
}

fn basic(text: &str, first: char) -> (Command, &str) {
    let prefix = usize::from("&\\".contains(first));
    let letter = text[prefix..].chars().next().map_or(0, char::len_utf8);
    let (name, rest) = text.split_at(prefix + letter);
    let name = name.to_ascii_uppercase();
    if name == "D" {
        return (Command { name, op: Op::Set(rest.to_owned()) }, "");
    }
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, mut rest) = rest.split_at(digits);
    if name == "S" {
        let end = rest.find(|c: char| !"=?0123456789".contains(c)).unwrap_or(rest.len());
        rest = &rest[end..];
    }
    let op = if number.is_empty() { Op::Run } else { Op::Set(number.to_owned()) };
    (Command { name, op }, rest)
}

fn end_of_values(text: &str) -> usize {
    let mut quoted = false;
    text.find(|c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
    .unwrap_or(text.len())
}

fn values(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(String::new()),
            ' ' if !quoted => {}
            _ => {
                if let Some(last) = all.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(name: &str, op: Op) -> Command {
        Command { name: name.into(), op }
    }

    #[test]
    fn lines_are_taken_apart() {
        assert_eq!(parse("AT"), Some(vec![]));
        assert_eq!(parse("\u{1b}AT"), Some(vec![]));
        assert_eq!(parse("0011000C"), None);
        assert_eq!(
            parse("ate0v1&d2+cmee=1;+CREG?;+CNMI=?"),
            Some(vec![
                command("E", Op::Set("0".into())),
                command("V", Op::Set("1".into())),
                command("&D", Op::Set("2".into())),
                command("+CMEE", Op::Set("1".into())),
                command("+CREG", Op::Read),
                command("+CNMI", Op::Test),
            ])
        );
        assert_eq!(
            parse("ATS0=0I"),
            Some(vec![command("S", Op::Set("0".into())), command("I", Op::Run)])
        );
    }

    #[test]
    fn values_keep_what_is_quoted() {
        let line = parse("AT+CUSD=1,\"*1;2,3#\",15;+CSQ").unwrap_or_default();
        assert_eq!(line[0].values(), ["1", "*1;2,3#", "15"]);
        assert_eq!(line[1], command("+CSQ", Op::Run));
    }
}

//! Texts of playSMS as services have them.

/// The most characters of a text that is sent back, of a line of a scenario, and of a name.
pub(super) const REPLY: usize = 2_000;
pub(super) const LINE: usize = 500;
const NAME: usize = 64;

/// A name that a service may have.
pub(super) fn fitting(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    name.trim().to_owned()
}

/// A text in which nothing is filled in: a brace is one. It stands on one line.
pub(super) fn literal(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().trim().replace('{', "{{")
}

/// An expression that matches texts which begin with these words.
pub(super) fn pattern(words: &[&str]) -> String {
    let escaped = |word: &&str| {
        word.chars().fold(String::new(), |mut all, c| {
            if !c.is_alphanumeric() {
                all.push('\\');
            }
            all.push(c);
            all
        })
    };
    let words: Vec<String> = words.iter().map(escaped).collect();
    format!(r"^\s*{}(\s|$)", words.join(r"\s+"))
}

/// A command line of playSMS as a service has it. None: it needs a shell, or names its program by no whole path.
pub(super) fn command_line(line: &str) -> Option<String> {
    let line = line.trim();
    let is_plain = !line.chars().any(|c| ";|&$`<>\"'\\*?~#()!\n".contains(c));
    if !line.starts_with('/') || !is_plain {
        return None;
    }
    let codes = [
        ("{SMSDATETIME}", "{time}"),
        ("{SMSSENDER}", "{from}"),
        ("{COMMANDKEYWORD}", "{keyword}"),
        ("{COMMANDPARAM}", "{rest}"),
        ("{COMMANDRAW}", "{text}"),
    ];
    Some(codes.iter().fold(line.to_owned(), |line, (theirs, ours)| line.replace(theirs, ours)))
}

/// A URL of playSMS with Kannel's codes, which services have.
pub(super) fn with_codes(url: &str, name: &str) -> String {
    let encoded = |text: &str| {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        text.replace('%', "%%")
    };
    let name = encoded(name);
    let codes = [
        ("{SERVICENAME}", name.as_str()),
        ("{SMSDATETIME}", "%t"),
        ("{SMSSENDER}", "%p"),
        ("{SMSRECEIVER}", "%P"),
        ("{CUSTOMKEYWORD}", "%k"),
        ("{CUSTOMPARAM}", "%r"),
        ("{CUSTOMRAW}", "%b"),
    ];
    // What was encoded in the URL stays so.
    let url = url.replace('%', "%%");
    codes.iter().fold(url, |url, (theirs, ours)| url.replace(theirs, ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_codes() {
        assert_eq!(
            with_codes(
                "http://a.example/?s={SMSSENDER}&t={CUSTOMPARAM}&n={SERVICENAME}&x=%20",
                "a b"
            ),
            "http://a.example/?s=%p&t=%r&n=a+b&x=%%20"
        );
        assert_eq!(
            command_line(" /usr/bin/stock {SMSSENDER} {COMMANDPARAM}").as_deref(),
            Some("/usr/bin/stock {from} {rest}")
        );
        for shell in
            ["stock", "/bin/a; rm -rf /", "/bin/a | /bin/b", "/bin/a `id`", "/bin/a \"b\"", ""]
        {
            assert_eq!(command_line(shell), None, "{shell}");
        }
    }

    #[test]
    fn words_are_matched_as_they_are() {
        assert_eq!(pattern(&["JOIN", "REG"]), r"^\s*JOIN\s+REG(\s|$)");
        assert_eq!(pattern(&["a.b"]), r"^\s*a\.b(\s|$)");
        assert_eq!(literal(" Hai {nama}\r\n"), "Hai {{nama}");
        assert_eq!(fitting(&"x".repeat(99)).len(), NAME);
    }
}

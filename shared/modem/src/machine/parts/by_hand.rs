//! Which commands a person may give, and which of them undo the set-up.

/// Why a command may not be sent by hand; `None` when it may.
pub(crate) fn forbidden(command: &str) -> Option<&'static str> {
    let upper = command.to_ascii_uppercase();
    if !upper.starts_with("AT") {
        return Some("a command begins with AT");
    }
    if command.chars().any(char::is_control) {
        return Some("it holds a control character");
    }
    if command.len() > 512 {
        return Some("it is longer than 512 characters");
    }
    // Modems pass over blanks, and take an extended command behind basic ones without a semicolon. A question for what
    // is possible (`=?`) does nothing.
    let line: String = upper[2..].chars().filter(|c| *c != ' ').collect();
    let line = line.replace("=?", "?");
    let has = |names: &[&str]| names.iter().any(|name| line.contains(name));
    if has(&["+CMGS=", "+CMGW=", "+CMGC=", "+CMSS=", "+CNMA"]) {
        return Some("messages are sent with `merpati send`, so that none is sent twice");
    }
    if has(&["CPIN=", "CPIN2=", "+CPWD=", "+CLCK=\"SC\",0", "+CLCK=\"SC\",1"]) {
        return Some("the PIN is set with `merpati pin`, so that a wrong one is not tried twice");
    }
    let unquoted: String = line.split('"').step_by(2).collect();
    if has(&["+CGDATA="]) || unquoted.split(';').any(dials) {
        return Some("it would make the modem dial");
    }
    None
}

/// Whether basic commands (V.250, 5.3.1) dial, answer, or go online.
fn dials(part: &str) -> bool {
    let mut before = ' ';
    for c in part.chars() {
        match c {
            // An extended command goes to the end.
            '+' | '^' | '#' | '*' | '$' | '%' | '\\' => return false,
            'D' | 'A' | 'O' if before != '&' => return true,
            _ => before = c,
        }
    }
    false
}

/// Whether a command changes settings, so that nothing of the set-up is certain after it.
pub(crate) fn changes_set_up(command: &str) -> bool {
    const SETTINGS: [&str; 14] = [
        "+CMGF", "+CNMI", "+CPMS", "+CSMS", "+CFUN", "+CMEE", "+CSCS", "+CREG", "+CGREG", "+CEREG",
        "+CSCA", "+CLCK", "+CPWD", "+COPS",
    ];
    let line: String = command.to_ascii_uppercase().chars().filter(|c| *c != ' ').collect();
    let line = line.replace("=?", "?");
    let Some(rest) = line.strip_prefix("AT") else { return false };
    let sets = |part: &str| SETTINGS.iter().any(|name| part.contains(&format!("{name}=")));
    rest.split(';').any(|part| {
        let basic = part.split(['+', '^', '#', '*', '$', '%']).next().unwrap_or_default();
        sets(part) || basic.contains("&F") || basic.replace("&V", "").contains(['Z', 'E', 'V', 'Q'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_sent_by_hand() {
        for command in [
            "AT+CMGS=20",
            "at+cmgs=20",
            "AT+CPIN=\"1234\"",
            "AT+CLCK=\"SC\",0,\"1234\"",
            "AT+CPWD=\"SC\",\"1234\",\"0000\"",
            "ATD123;",
            "ATA",
            "ATO",
            "+CSQ",
            "AT\r+CFUN=0",
            "AT+CSQ;+CMGS=3",
            "ATD123;+CSQ",
            "AT+CSQ;D123;",
            "ATE0D123;",
            "AT D123;",
            "ATE0+CPIN=\"1234\"",
            "AT+CPIN = \"1234\"",
            "AT^CPIN=\"1234\"",
            "AT+CMGS=20;+CMGS=?",
        ] {
            assert!(forbidden(command).is_some(), "{command}");
        }
        for command in [
            "AT",
            "AT+CSQ",
            "ATI",
            "AT+CPIN?",
            "AT+CMGL=4",
            "AT&V",
            "AT+COPS=?",
            "AT&D2",
            "ATE0&C1&D2",
            "AT+CMGS=?",
            "AT+CUSD=1,\"*1;2D3#\"",
            "AT^SYSCFG?",
        ] {
            assert_eq!(forbidden(command), None, "{command}");
        }
    }

    #[test]
    fn what_changes_the_set_up() {
        for command in [
            "ATZ",
            "AT&F",
            "ATE1",
            "ATX4Z",
            "AT+CMGF=1",
            "AT + CMGF=1",
            "AT+CSQ;+CMGF=1",
            "AT+CNMI=0,0,0,0,0",
        ] {
            assert!(changes_set_up(command), "{command}");
        }
        for command in ["AT+CSQ", "AT+CNMI?", "AT+CNMI=?", "ATI", "AT&V", "AT+CSQ;+CMGF?"] {
            assert!(!changes_set_up(command), "{command}");
        }
    }
}

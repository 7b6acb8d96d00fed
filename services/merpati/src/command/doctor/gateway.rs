//! What a running gateway says of its modems, and what to type.

use api::Modem;
use contracts::modem::{ModemState, ModemStatus};

use super::Finding;

/// One finding a modem.
pub(super) fn look(modems: &[Modem]) -> Vec<Finding> {
    let mut findings =
        vec![Finding::good("gateway-runs", format!("The gateway runs, with {}.", count(modems)))];
    findings.extend(modems.iter().map(|shown| modem(&shown.state)));
    findings
}

fn count(modems: &[Modem]) -> String {
    match modems.len() {
        0 => "no modem".to_owned(),
        1 => "one modem".to_owned(),
        more => format!("{more} modems"),
    }
}

fn modem(modem: &ModemState) -> Finding {
    use ModemStatus::{Degraded, Disabled, Ready, Sending, Starting};
    let (name, state, status) = (&modem.name, &modem.text, modem.status);
    let problem = modem.problem.as_ref();
    let words = match problem {
        // What went wrong is why it is so.
        Some(problem) if status == Degraded => format!("{name}: {state} Last: {}", problem.text),
        Some(problem) if !problem.text.is_empty() => format!("{name}: {}", problem.text),
        _ => format!("{name}: {state}"),
    };
    let advice = problem.map(|problem| [problem.advice.clone(), command(&problem.code, name)]);
    let advice: Vec<String> =
        advice.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let advice = advice.join(" ");
    let code = problem.map(|problem| problem.code.clone());
    match (status, code) {
        (Ready | Sending, None) => Finding::good("modem-ready", words),
        // It works, and had an error before.
        (Ready | Sending, Some(code)) => Finding::notice(code, words, advice),
        // Somebody wants it so.
        (Disabled, _) => Finding::good("modem-disabled", words),
        (Degraded, _) => Finding::problem("modem-degraded", words, advice),
        (Starting, None) => Finding::notice("modem-starting", words, "Look again in a minute."),
        (_, None) => Finding::problem(format!("modem-{}", status.as_str()), words, advice),
        (_, Some(code)) => Finding::problem(code, words, advice),
    }
}

/// What to type about it.
fn command(code: &str, modem: &str) -> String {
    match code {
        "pin-needed" | "pin-wrong" => format!("Type it into: merpati pin {modem}"),
        "no-smsc" | "cms-330" => format!("merpati smsc {modem} +62…"),
        "flight-mode" => format!("merpati flight {modem} off"),
        "not-registered" | "registration-denied" | "emergency-only" => {
            format!("What the modem sees: merpati at {modem} AT+COPS=? (takes minutes)")
        }
        "no-answer" | "garbage" => {
            "A stick shows several ports, of which some take no commands: try its others, or leave \
             them all to discovery. A HiLink stick has none."
                .to_owned()
        }
        "host-silent" | "modem-gone" => {
            format!(
                "merpati modems forget {modem}, or until it is back: merpati modems disable {modem}"
            )
        }
        "cms-38" => format!("The balance: merpati ussd {modem} '*888#' (your operator's code)"),
        "port-busy" => {
            "Which program it is: merpati doctor on the modem's host, as root.".to_owned()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Grade;
    use super::*;
    use serde_json::{Value, json};

    fn one(status: &str, code: &str) -> Finding {
        let at = "2026-01-01T00:00:00Z";
        let problem =
            json!({"code": code, "text": "What is wrong.", "advice": "What to do.", "at": at});
        let modem = json!({
            "id": "mdm_00000000000000000000000000000000", "name": "ttyUSB2", "port": "", "host": "",
            "status": status, "text": "In words.", "since": at, "seen_at": at, "online": true,
            "problem": if code.is_empty() { Value::Null } else { problem },
        });
        look(&[serde_json::from_value(modem).unwrap()]).remove(1)
    }

    #[test]
    fn each_cause_is_explained() {
        for (code, words) in [
            ("pin-needed", "merpati pin ttyUSB2"),
            ("pin-wrong", "merpati pin ttyUSB2"),
            ("puk-needed", "What to do."),
            ("no-sim", "What to do."),
            ("not-registered", "AT+COPS=?"),
            ("registration-denied", "AT+COPS=?"),
            ("no-smsc", "merpati smsc ttyUSB2"),
            ("flight-mode", "merpati flight ttyUSB2 off"),
            ("garbage", "several ports"),
            ("no-answer", "HiLink"),
        ] {
            let finding = one("blocked", code);
            assert_eq!((finding.grade, &*finding.code), (Grade::Problem, code));
            assert_eq!(finding.text, "ttyUSB2: What is wrong.");
            assert!(finding.advice.contains(words), "{code}: {}", finding.advice);
        }
    }

    #[test]
    fn what_works_is_no_problem() {
        assert_eq!(one("ready", "").grade, Grade::Good);
        assert_eq!(one("sending", "cms-42").grade, Grade::Notice);
        assert_eq!(one("disabled", "").grade, Grade::Good);
        let gone = one("offline", "modem-gone");
        assert!(gone.advice.contains("merpati modems forget ttyUSB2"), "{}", gone.advice);
        let ill = one("degraded", "cms-42");
        assert_eq!((ill.grade, &*ill.code), (Grade::Problem, "modem-degraded"));
        assert_eq!(ill.text, "ttyUSB2: In words. Last: What is wrong.");
        assert_eq!(one("offline", "").code, "modem-offline");
        assert_eq!(one("starting", "").grade, Grade::Notice);
    }
}

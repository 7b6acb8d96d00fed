//! What a running gateway says of its modems, and what to type.

use serde_json::Value;

use super::Finding;

/// One finding a modem.
pub(super) fn look(modems: &[Value]) -> Vec<Finding> {
    let mut findings =
        vec![Finding::good("gateway-runs", format!("The gateway runs, with {}.", count(modems)))];
    findings.extend(modems.iter().map(modem));
    findings
}

fn count(modems: &[Value]) -> String {
    match modems.len() {
        0 => "no modem".to_owned(),
        1 => "one modem".to_owned(),
        more => format!("{more} modems"),
    }
}

fn modem(modem: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = text(&modem["name"]);
    let problem = &modem["problem"];
    let (state, told) = (text(&modem["text"]), text(&problem["text"]));
    let code = text(&problem["code"]);
    let status = modem["status"].as_str().unwrap_or_default();
    let words = match status {
        // What went wrong is why it is so.
        "degraded" => format!("{name}: {state} Last: {told}"),
        _ if told.is_empty() => format!("{name}: {state}"),
        _ => format!("{name}: {told}"),
    };
    let advice = [text(&problem["advice"]), command(&code, &name)];
    let advice = advice.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    match (status, problem.is_null()) {
        ("ready" | "sending", true) => Finding::good("modem-ready", words),
        // It works, and had an error before.
        ("ready" | "sending", false) => Finding::notice(code, words, advice),
        // Somebody wants it so.
        ("disabled", _) => Finding::good("modem-disabled", words),
        ("degraded", _) => Finding::problem("modem-degraded", words, advice),
        ("starting", true) => Finding::notice("modem-starting", words, "Look again in a minute."),
        (_, true) => Finding::problem(format!("modem-{status}"), words, advice),
        (_, false) => Finding::problem(code, words, advice),
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
    use serde_json::json;

    fn one(status: &str, code: &str) -> Finding {
        let problem = json!({"code": code, "text": "What is wrong.", "advice": "What to do."});
        let modem = json!({
            "name": "ttyUSB2", "status": status, "text": "In words.",
            "problem": if code.is_empty() { Value::Null } else { problem },
        });
        look(&[modem]).remove(1)
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

//! Why a message was not taken or not delivered, in the reader's language: what networks, modems and the gateway itself answer,
//! by its stable name. What few meet has the words in which it was told.

use tpdu::{Outcome, Status};

use super::problem::Then;
use crate::words::Words;

/// Words and advice of a refusal; none: it has no words of its own. The advice may be empty.
pub(super) fn refusal_words(w: Words, code: &str, then: Then) -> Option<(String, String)> {
    let again = || match then {
        Then::TriedAgain => w.refused_wait(),
        Then::Over => w.refused_again(),
        // Whether it is to be sent again is not known before the recipient was asked.
        Then::Unclear => String::new(),
    };
    Some(match code {
        "cms-1" | "cms-30" | "cms-195" => (w.refused_no_number(), w.refused_check_number()),
        "cms-8" | "cms-10" | "cms-21" | "cms-29" | "cms-50" => {
            (w.refused_barred(), w.refused_check_credit())
        }
        "cms-17" | "cms-22" | "cms-41" | "cms-42" | "cms-47" | "cms-98" | "cms-192" | "cms-194" => {
            (w.refused_busy(), again())
        }
        "cms-27" => (w.refused_unreachable(), w.refused_try_later()),
        "cms-28" => (w.refused_unidentified(), w.refused_check_sim()),
        "cms-69" | "cms-95" | "cms-96" | "cms-97" | "cms-99" | "cms-111" | "cms-128"
        | "cms-129" | "cms-143" | "cms-144" | "cms-145" | "cms-159" | "cms-176" | "cms-198"
        | "cms-199" | "cms-304" => (w.refused_malformed(), w.refused_plain()),
        "cms-127" => (w.refused_on_the_way(), w.refused_check_number()),
        "cms-193" | "cms-196" => (w.refused_destination(), w.refused_ask_operator()),
        "cms-255" | "cms-500" | "cms-512" => (w.refused_unsaid(), w.refused_check_credit()),
        "cms-300" | "cms-301" | "cms-302" | "cms-314" | "no-prompt" | "modem-not-ready" => {
            (w.refused_modem(), w.refused_modem_advice())
        }
        "modem-restarted" => (w.refused_restarted(), again()),
        "not-sent" | "not-stored" => (w.refused_not_out(), again()),
        "sim-away" | "other-sim" => (w.refused_sim_away(), again()),
        "opted-out" => (w.refused_opted_out(), w.refused_opted_out_advice()),
        "number-impossible" => (w.refused_impossible(), w.refused_check_number()),
        "destination-not-allowed" | "premium-number" => {
            (w.refused_not_allowed(), w.refused_not_allowed_advice())
        }
        "text-too-long" => (w.refused_long(), w.refused_shorter()),
        code => return report_words(w, Status(code.strip_prefix("report-")?.parse().ok()?)),
    })
}

/// Words and advice of a delivery report that says that a message did not arrive.
fn report_words(w: Words, status: Status) -> Option<(String, String)> {
    if status.outcome() != Outcome::Undelivered {
        return None;
    }
    Some(match status.0 {
        0x41 => (w.report_cannot_take(), w.report_plain()),
        0x42 | 0x65 => (w.report_phone_rejected(), w.refused_try_later()),
        0x43 => (w.refused_unreachable(), w.refused_try_later()),
        0x45 => (w.refused_on_the_way(), w.refused_check_number()),
        0x46 => (w.report_expired(), w.report_expired_advice()),
        0x60..=0x62 => (w.report_no_answer(), w.refused_try_later()),
        _ => (w.report_gave_up(), w.refused_try_later()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn what_networks_answer_most_has_words_and_advice() {
        for language in Language::ALL {
            let w = Words::of(language);
            let named =
                [1, 8, 10, 17, 21, 27, 28, 41, 42, 50, 69, 95, 111, 127, 193, 196, 255, 500];
            let codes = named.iter().map(|cms| format!("cms-{cms}"));
            let others = ["opted-out", "number-impossible", "premium-number", "text-too-long"];
            for code in codes.chain(others.map(str::to_owned)) {
                for then in [Then::TriedAgain, Then::Over] {
                    let known = refusal_words(w, &code, then);
                    let (words, advice) = known.unwrap_or_else(|| panic!("{code}"));
                    assert!(words.ends_with('.') && advice.ends_with('.'), "{words} {advice}");
                }
            }
            assert_eq!(refusal_words(w, "cms-999", Then::Over), None);
            assert_eq!(refusal_words(w, "moon", Then::Over), None);
        }
    }

    #[test]
    fn each_report_of_what_did_not_arrive_has_words() {
        let w = Words::of(Language::Indonesian);
        for status in 0..=u8::MAX {
            let is_over = Status(status).outcome() == Outcome::Undelivered;
            let words = refusal_words(w, &format!("report-{status}"), Then::Over);
            assert_eq!(words.is_some(), is_over, "{status}");
        }
        assert_eq!(refusal_words(w, "report-x", Then::Over), None);
        assert_eq!(refusal_words(w, "report-256", Then::Over), None);
    }
}

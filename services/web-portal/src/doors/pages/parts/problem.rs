//! What went wrong, in the reader's language.

use contracts::MtState;
use contracts::mt::SendError;

use super::refusal::refusal_words;
use crate::words::{Language, Words};

/// What becomes of a message with which something went wrong, which is what the advice depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is tried again by itself.
    TriedAgain,
    /// It is not tried again.
    Over,
    /// It is not tried again, and nobody knows whether it went out.
    Unclear,
}

impl Then {
    /// Of a message in this state.
    pub(super) const fn of(state: MtState) -> Self {
        match state {
            MtState::Accepted
            | MtState::Admitted
            | MtState::Held
            | MtState::Released
            | MtState::Deferred
            | MtState::Sending => Self::TriedAgain,
            MtState::Uncertain => Self::Unclear,
            MtState::Rejected
            | MtState::Cancelled
            | MtState::Expired
            | MtState::Failed
            | MtState::Sent
            | MtState::Undelivered
            | MtState::Delivered
            | MtState::Unknown => Self::Over,
        }
    }
}

/// What went wrong and what to do, in the reader's language where its name is known, else as it was told. Modems tell it in English, with
/// what to do and whether the message may have gone out; service centres tell nothing that is a sentence.
pub(super) fn error_words(w: Words, error: &SendError, then: Then) -> String {
    let is_sentence = !error.code.starts_with("report-");
    let Some((words, advice)) = known_words(w, &error.code, then)
        .filter(|_| w.language() != Language::English || !is_sentence)
    else {
        return error.text.clone();
    };
    // The words of these two say so themselves, and what settles it.
    let says_so = matches!(error.code.as_str(), "driver-stopped" | "unheard");
    let unclear = (then == Then::Unclear && !says_so).then(|| w.refused_unclear());
    let advice = Some(advice).filter(|advice| !advice.is_empty());
    let sentences = [Some(words), advice, unclear].into_iter().flatten();
    sentences.collect::<Vec<_>>().join(" ")
}

/// Words and advice of problems by their stable names, where nothing is tried again by itself.
pub(crate) fn problem_words(w: Words, code: &str) -> Option<(String, String)> {
    known_words(w, code, Then::Over)
}

fn known_words(w: Words, code: &str, then: Then) -> Option<(String, String)> {
    Some(match code {
        "no-sim" | "cme-10" | "cms-310" => (w.problem_no_sim(), w.problem_no_sim_advice()),
        "pin-needed" | "cme-11" | "cms-311" => {
            (w.problem_pin_needed(), w.problem_pin_needed_advice())
        }
        "pin-wrong" | "cme-16" => (w.problem_pin_wrong(), w.problem_pin_wrong_advice()),
        "pin-last-try" => (w.problem_pin_last_try(), w.problem_pin_last_try_advice()),
        "flight-mode" => (w.problem_flight_mode(), w.problem_flight_mode_advice()),
        "sim-failure" | "cme-13" | "cms-313" => {
            (w.problem_sim_failure(), w.problem_sim_failure_advice())
        }
        "sim-busy" => (w.problem_sim_busy(), w.problem_sim_busy_advice()),
        "set-up-refused" => (w.problem_set_up_refused(), w.problem_set_up_refused_advice()),
        "no-pdu-mode" => (w.problem_no_pdu_mode(), w.problem_no_pdu_mode_advice()),
        "no-reports" => (w.problem_no_reports(), w.problem_no_reports_advice()),
        "modem-locked" => (w.problem_modem_locked(), w.problem_modem_locked_advice()),
        "storage-full" | "cms-322" => (w.problem_storage_full(), w.problem_storage_full_advice()),
        "garbage" => (w.problem_garbage(), w.problem_garbage_advice()),
        "registration-denied" | "emergency-only" => (w.problem_denied(), w.problem_denied_advice()),
        "port-missing" | "port-lost" | "port-closed" => {
            (w.problem_port_gone(), w.problem_port_gone_advice())
        }
        "puk-needed" | "cme-12" | "cms-316" => {
            (w.problem_puk_needed(), w.problem_puk_needed_advice())
        }
        "not-registered" | "cms-331" | "cme-30" => {
            (w.problem_not_registered(), w.problem_not_registered_advice())
        }
        "no-smsc" | "cms-330" => (w.problem_no_smsc(), w.problem_no_smsc_advice()),
        "port-permission" => (w.problem_port_permission(), w.problem_port_permission_advice()),
        "port-busy" => (w.problem_port_busy(), w.problem_port_busy_advice()),
        "no-answer" | "port-no-answer" | "port-refused" => {
            (w.problem_no_answer(), w.problem_no_answer_advice())
        }
        "driver-stopped" => (w.problem_driver_stopped(), w.problem_driver_stopped_advice()),
        "unheard" => (w.problem_unheard(), w.problem_unheard_advice()),
        "host-silent" => (w.problem_host_silent(), w.problem_host_silent_advice()),
        "modem-gone" => (w.problem_modem_gone(), w.problem_modem_gone_advice()),
        "limit-not-counted" => {
            (w.problem_limit_not_counted(), w.problem_limit_not_counted_advice())
        }
        "cms-38" => (w.problem_cms_38(), w.problem_cms_38_advice()),
        "account-disabled" => (w.problem_account_disabled(), w.problem_account_disabled_advice()),
        "sim-not-allowed" => (w.problem_sim_not_allowed(), w.problem_sim_not_allowed_advice()),
        "sim-of-team" => (w.problem_sim_of_team(), w.problem_sim_of_team_advice()),
        "team-sims-only" => (w.problem_team_sims_only(), w.problem_team_sims_only_advice()),
        "balance-refused" => (w.problem_balance_refused(), w.problem_balance_refused_advice()),
        "balance-no-answer" => {
            (w.problem_balance_no_answer(), w.problem_balance_no_answer_advice())
        }
        "balance-unread" => (w.problem_balance_unread(), w.problem_balance_unread_advice()),
        "spool-full" => (w.problem_spool_full(), w.problem_spool_full_advice()),
        "spool-unwritable" => (w.problem_spool_unwritable(), w.problem_spool_unwritable_advice()),
        code => return refusal_words(w, code, then),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(language: Language, code: &str, state: MtState) -> String {
        let error = SendError { code: code.to_owned(), text: "As it was told.".to_owned() };
        error_words(Words::of(language), &error, Then::of(state))
    }

    #[test]
    fn only_what_is_tried_again_is_waited_for() {
        let of = |code, state| told(Language::Indonesian, code, state);
        let again = "Tunggu: pesan dicoba lagi dengan sendirinya.";
        assert!(of("cms-42", MtState::Deferred).ends_with(again));
        assert!(of("modem-restarted", MtState::Held).ends_with(again));
        let ended = of("cms-42", MtState::Failed);
        assert!(ended.ends_with("Kirim lagi beberapa saat kemudian."), "{ended}");
        let known = problem_words(Words::of(Language::English), "not-sent");
        assert_eq!(known.map(|(_, advice)| advice).as_deref(), Some("Send it again in a while."));
    }

    #[test]
    fn what_may_have_gone_out_is_said_once() {
        let may = "Pesan mungkin sudah terkirim";
        for code in ["modem-restarted", "no-answer", "port-lost", "driver-stopped", "unheard"] {
            let words = told(Language::Indonesian, code, MtState::Uncertain);
            assert_eq!(words.matches(may).count(), 1, "{words}");
            assert!(!words.contains("dicoba lagi") && !words.contains("Kirim lagi"), "{words}");
            // Who told it in English said all of it.
            assert_eq!(told(Language::English, code, MtState::Uncertain), "As it was told.");
        }
        assert!(!told(Language::Indonesian, "no-answer", MtState::Failed).contains(may));
    }
}

//! What went wrong, in the reader's language.

use contracts::mt::SendError;

use super::refusal::refusal_words;
use crate::words::{Language, Words};

/// What went wrong and what to do, in the reader's language where its name is known, else as it was told. Modems tell it in English, with
/// what to do; service centres tell nothing that is a sentence.
pub(super) fn error_words(w: Words, error: &SendError) -> String {
    let is_sentence = !error.code.starts_with("report-");
    match problem_words(w, &error.code) {
        Some((words, advice)) if w.language() != Language::English || !is_sentence => {
            format!("{words} {advice}")
        }
        _ => error.text.clone(),
    }
}

/// Words and advice of problems by their stable names.
pub(crate) fn problem_words(w: Words, code: &str) -> Option<(String, String)> {
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
        code => return refusal_words(w, code),
    })
}

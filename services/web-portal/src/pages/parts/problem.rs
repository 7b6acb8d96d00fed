//! What went wrong, in the reader's language.

use contracts::mt::SendError;

use crate::words::{Language, Words};

/// What went wrong, in the reader's language where its name is known, else as it was told.
pub(super) fn error_words(w: Words, error: &SendError) -> String {
    match problem_words(w, &error.code) {
        Some((words, advice)) if w.language() != Language::English => format!("{words} {advice}"),
        _ => error.text.clone(),
    }
}

/// Words and advice of problems by their stable names.
pub(super) fn problem_words(w: Words, code: &str) -> Option<(String, String)> {
    Some(match code {
        "no-sim" | "sim-missing" | "cme-10" | "cms-310" => {
            (w.problem_no_sim(), w.problem_no_sim_advice())
        }
        "pin-needed" | "pin-asked" | "pin-refused" | "cme-11" | "cms-311" => {
            (w.problem_pin_needed(), w.problem_pin_needed_advice())
        }
        "puk-needed" | "puk-asked" | "cme-12" | "cms-316" => {
            (w.problem_puk_needed(), w.problem_puk_needed_advice())
        }
        "not-registered" | "no-network" | "registration-denied" | "cms-331" | "cme-30" => {
            (w.problem_not_registered(), w.problem_not_registered_advice())
        }
        "no-smsc" | "smsc-empty" | "cms-330" => (w.problem_no_smsc(), w.problem_no_smsc_advice()),
        "port-permission" => (w.problem_port_permission(), w.problem_port_permission_advice()),
        "port-busy" => (w.problem_port_busy(), w.problem_port_busy_advice()),
        "no-answer" | "port-no-answer" | "silent" => {
            (w.problem_no_answer(), w.problem_no_answer_advice())
        }
        "cms-38" => (w.problem_cms_38(), w.problem_cms_38_advice()),
        _ => return None,
    })
}

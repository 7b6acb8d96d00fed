//! The faults set on a modem, and which of them is next.

use std::time::Duration;

use crate::fault::{Fault, FaultRule, Stage};

/// Faults in the order in which they were set.
#[derive(Debug, Default)]
pub(super) struct Board {
    rules: Vec<FaultRule>,
}

impl Board {
    pub(super) fn set(&mut self, rule: FaultRule) {
        if rule.fault.stage() == Stage::Standing {
            self.rules.retain(|other| {
                std::mem::discriminant(&other.fault) != std::mem::discriminant(&rule.fault)
            });
        }
        if rule.count != Some(0) {
            self.rules.push(rule);
        }
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = &FaultRule> {
        self.rules.iter()
    }

    /// Removes those of a name (with or without its value), or all, and gives them.
    pub(super) fn clear(&mut self, name: Option<&str>) -> Vec<FaultRule> {
        let is_meant = |rule: &FaultRule| {
            name.is_none_or(|name| {
                let text = rule.fault.to_string();
                text == name || text.split('=').next() == Some(name)
            })
        };
        self.rules.extract_if(.., |rule| is_meant(rule)).collect()
    }

    /// Removes one whose time is over, and gives it, unless it was used up or cleared.
    pub(super) fn expire(&mut self, over: &FaultRule) -> Option<FaultRule> {
        let at = self.rules.iter().position(|rule| {
            // Some of its uses may be used up.
            rule.fault == over.fault && rule.on == over.on && rule.lasts == over.lasts
        });
        at.map(|at| self.rules.remove(at))
    }

    pub(super) fn has(&self, fault: &Fault) -> bool {
        self.rules.iter().any(|rule| rule.fault == *fault)
    }

    /// How long the answer to a command line waits.
    pub(super) fn slow(&self, command_line: &str) -> Option<Duration> {
        let line = command_line.to_ascii_uppercase();
        self.rules.iter().find_map(|rule| match rule.fault {
            Fault::Slow(time) if rule.on.as_ref().is_none_or(|on| line.contains(on)) => Some(time),
            _ => None,
        })
    }

    pub(super) fn submit_time(&self) -> Option<Duration> {
        self.rules.iter().find_map(|rule| match rule.fault {
            Fault::SubmitTime(time) => Some(time),
            _ => None,
        })
    }

    /// Uses up one of this fault.
    pub(super) fn take(&mut self, fault: &Fault) -> bool {
        self.take_first(|rule| rule.fault == *fault).is_some()
    }

    /// The fault for a command that is run now.
    pub(super) fn take_of_command(&mut self, command: &str) -> Option<Fault> {
        self.take_first(|rule| {
            rule.fault.is_of_command()
                && match &rule.on {
                    Some(on) => on == command,
                    None => matches!(rule.fault, Fault::Silence | Fault::Garbage),
                }
        })
    }

    /// The fault for a submit that is made now.
    pub(super) fn take_of_submit(&mut self) -> Option<Fault> {
        self.take_first(|rule| rule.on.is_none() && rule.fault.is_of_submit())
    }

    fn take_first(&mut self, is_meant: impl Fn(&FaultRule) -> bool) -> Option<Fault> {
        let at = self.rules.iter().position(is_meant)?;
        let rule = &mut self.rules[at];
        let fault = rule.fault.clone();
        if let Some(count) = &mut rule.count {
            *count -= 1;
            if *count == 0 {
                self.rules.remove(at);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_used_up_in_order() {
        let mut board = Board::default();
        board.set(FaultRule::times(Fault::Cms(38), 2));
        board.set(FaultRule::times(Fault::Cms(500), 1));
        board.set(FaultRule::times(Fault::Cms(321), 1).on("CMGD"));
        assert_eq!(board.take_of_command("+CMGS"), None);
        assert_eq!(board.take_of_submit(), Some(Fault::Cms(38)));
        assert_eq!(board.take_of_submit(), Some(Fault::Cms(38)));
        assert_eq!(board.take_of_submit(), Some(Fault::Cms(500)));
        assert_eq!(board.take_of_submit(), None);
        assert_eq!(board.take_of_command("+CMGD"), Some(Fault::Cms(321)));
        assert_eq!(board.rules().count(), 0);
    }

    #[test]
    fn standing_faults_replace_each_other_and_are_cleared_by_name() {
        let mut board = Board::default();
        board.set(Fault::Slow(Duration::from_millis(5)).into());
        board.set(Fault::Slow(Duration::from_millis(9)).into());
        assert_eq!(board.slow("AT"), Some(Duration::from_millis(9)));
        assert_eq!(board.clear(Some("slow")).len(), 1);
        assert_eq!(board.slow("AT"), None);
        board.set(FaultRule::always(Fault::Slow(Duration::from_millis(7))).on("CMGL"));
        assert_eq!(board.slow("at+cmgl=4"), Some(Duration::from_millis(7)));
        assert_eq!(board.slow("AT+CMGS=18"), None);
    }
}

//! Who is sent nothing. Pure, and a few steps a message, however many opted out.

use std::collections::{HashMap, HashSet};

use contracts::PhoneNumber;

/// Numbers that are sent nothing, by what all writings of one have in common ([`PhoneNumber::phone`]).
#[derive(Debug, Default)]
pub(crate) struct OptedOut(HashMap<String, HashSet<PhoneNumber>>);

impl OptedOut {
    /// A number's holder opted out, or in again.
    pub(crate) fn put(&mut self, number: PhoneNumber, out: bool) {
        let numbers = self.0.entry(number.phone().to_owned()).or_default();
        if out {
            numbers.insert(number);
        } else {
            numbers.remove(&number);
        }
    }

    /// Whether a phone is sent nothing, however its number is written.
    pub(crate) fn has(&self, number: &PhoneNumber) -> bool {
        let numbers = self.0.get(number.phone());
        numbers.is_some_and(|numbers| numbers.iter().any(|out| out.is_same_phone(number)))
    }
}

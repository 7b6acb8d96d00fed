//! Whether a rule takes everything that a later one would take, so that the later one takes nothing.

use std::collections::BTreeSet;

use contracts::routes::{Conditions, Hours, Rule};
use contracts::subject::Target;

use crate::conditions::{Prefixes, days};

/// What of a rule is asked about often.
pub(crate) struct Cover<'r> {
    rule: &'r Rule,
    prefixes: Prefixes,
}

impl<'r> Cover<'r> {
    /// None for a rule that leaves something to later ones whatever it asks for: one that is switched off, or whose SIMs may
    /// be for other accounts.
    pub(crate) fn new(rule: &'r Rule) -> Option<Self> {
        let is_for_all = rule.refuse.is_some()
            || rule.targets.iter().any(|target| matches!(target, Target::Pool(_)));
        (rule.enabled && is_for_all)
            .then(|| Self { rule, prefixes: Prefixes::new(&rule.when.prefixes) })
    }

    /// Whether the rule takes whatever fulfils the conditions of a later one.
    pub(crate) fn hides(&self, later: &Rule) -> bool {
        // What names a SIM or a pool is asked about by rules that refuse, and by no other.
        if self.rule.refuse.is_none() && later.refuse.is_some() {
            return false;
        }
        let (when, wanted) = (&self.rule.when, &later.when);
        let Conditions { prefixes, hours, .. } = when;
        let has_prefixes = prefixes.is_empty()
            || !wanted.prefixes.is_empty()
                && wanted.prefixes.iter().all(|one| self.prefixes.cover(one));
        takes_in(&when.priorities, &wanted.priorities)
            && takes_in(&when.accounts, &wanted.accounts)
            && takes_in(&when.keywords, &wanted.keywords)
            && takes_in(&when.keys, &wanted.keys)
            && takes_in(&when.tags, &wanted.tags)
            && takes_in(&when.senders, &wanted.senders)
            && hours.as_ref().is_none_or(|hours| {
                wanted.hours.as_ref().is_some_and(|wanted| is_within(wanted, hours))
            })
            && has_prefixes
    }
}

/// Whether a condition holds for whatever another one holds for. An empty one asks for nothing.
fn takes_in<T: Ord>(outer: &BTreeSet<T>, inner: &BTreeSet<T>) -> bool {
    outer.is_empty() || !inner.is_empty() && inner.is_subset(outer)
}

/// Whether some hours lie within others; of two zones nobody says.
fn is_within(inner: &Hours, outer: &Hours) -> bool {
    let is_plain = |hours: &Hours| hours.from < hours.until;
    inner.zone == outer.zone
        && days(inner) & !days(outer) == 0
        && (is_plain(inner) == is_plain(outer))
        && inner.from >= outer.from
        && inner.until <= outer.until
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Rule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_rule_that_asks_for_less_hides_one_that_asks_for_more() {
        let pool = r#""targets":[{"pool":"x"}]"#;
        let with = |when: &str| rule(&format!(r#"{{"name":"r",{pool},"when":{{{when}}}}}"#));
        for (earlier, later, hides) in [
            ("", "", true),
            ("", r#""prefixes":["+62"]"#, true),
            (r#""prefixes":["+62"]"#, "", false),
            (r#""prefixes":["+62"]"#, r#""prefixes":["+62812","+628"]"#, true),
            (r#""prefixes":["62"]"#, r#""prefixes":["+62812"]"#, true),
            (r#""prefixes":["+62"]"#, r#""prefixes":["62812"]"#, false),
            (r#""prefixes":["+62812"]"#, r#""prefixes":["+62"]"#, false),
            (r#""priorities":["otp","bulk"]"#, r#""priorities":["bulk"]"#, true),
            (r#""priorities":["otp"]"#, r#""priorities":["otp","bulk"]"#, false),
            (r#""keywords":["a","b"]"#, r#""keywords":["a"],"prefixes":["1"]"#, true),
            (r#""keywords":["a"],"prefixes":["2"]"#, r#""keywords":["a"],"prefixes":["1"]"#, false),
            (r#""tags":["a","b"]"#, r#""tags":["a"]"#, true),
            (r#""tags":["a"]"#, r#""senders":["a"]"#, false),
            (r#""senders":["A"]"#, r#""senders":["A"],"tags":["x"]"#, true),
            (
                r#""hours":{"zone":"UTC","from":"07:00"}"#,
                r#""hours":{"zone":"UTC","from":"08:00","until":"09:00","days":["mon"]}"#,
                true,
            ),
            (
                r#""hours":{"zone":"UTC","from":"07:00"}"#,
                r#""hours":{"zone":"Asia/Jakarta","from":"08:00"}"#,
                false,
            ),
            (
                r#""hours":{"zone":"UTC","from":"22:00","until":"06:00"}"#,
                r#""hours":{"zone":"UTC","from":"23:00","until":"05:00"}"#,
                true,
            ),
            (
                r#""hours":{"zone":"UTC","from":"22:00","until":"06:00"}"#,
                r#""hours":{"zone":"UTC","from":"23:00"}"#,
                false,
            ),
        ] {
            let (earlier, later) = (with(earlier), with(later));
            assert_eq!(Cover::new(&earlier).unwrap().hides(&later), hides, "{later:?}");
        }
    }

    #[test]
    fn what_a_rule_leaves_to_others_is_not_hidden() {
        let off = rule(r#"{"name":"r","enabled":false,"targets":[{"pool":"x"}]}"#);
        assert!(Cover::new(&off).is_none());
        let sim = contracts::SimId::derived("1");
        let through_sim = rule(&format!(r#"{{"name":"r","targets":[{{"sim":"{sim}"}}]}}"#));
        assert!(Cover::new(&through_sim).is_none(), "the SIM may be for others");
        let chooses = rule(r#"{"name":"r","targets":[{"pool":"x"}]}"#);
        let refuses = rule(r#"{"name":"s","refuse":"no"}"#);
        assert!(!Cover::new(&chooses).unwrap().hides(&refuses), "of what names a SIM");
        assert!(Cover::new(&refuses).unwrap().hides(&chooses));
    }
}

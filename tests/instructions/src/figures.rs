//! The figures that are kept, and how they compare with new ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/figures.toml");
/// How much more a case may take, in percent, when compiler and C library are the same.
const TOLERANCE: u64 = 5;
/// With another compiler, which inlines otherwise, or another C library, whose allocator is counted too: only what is
/// far off is seen.
const TOLERANCE_OF_OTHERS: u64 = 40;

/// Instructions of each case, and what they depend on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figures {
    rustc: String,
    libc: String,
    target: String,
    instructions: BTreeMap<String, u64>,
}

impl Figures {
    /// Figures of the compiler and machine that this runs on.
    pub(crate) fn new(instructions: BTreeMap<String, u64>) -> anyhow::Result<Self> {
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let rustc = said(Path::new(&compiler))?;
        let rustc = rustc.split(' ').nth(1).context("rustc's version")?.to_owned();
        let libc = said(Path::new("ldd"))?;
        let libc = libc.split(' ').next_back().context("the C library's version")?.to_owned();
        Ok(Self { rustc, libc, target: std::env::consts::ARCH.to_owned(), instructions })
    }

    /// Those of the file.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(Path::new(FILE)).context(FILE)?;
        toml::from_str(&text).context(FILE)
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        std::fs::write(FILE, self.render()).context(FILE)
    }

    fn render(&self) -> String {
        let mut text = format!(
            "# Instructions an operation, as callgrind counts them. `tests/bench/instructions` compares with them and fails when\n\
             # a case takes {TOLERANCE} % more; with another compiler or C library than these, {TOLERANCE_OF_OTHERS} %. When that is meant to\n\
             # be so, or for a new compiler: tests/bench/instructions --renew\n\
             rustc = \"{}\"\n\
             libc = \"{}\"\n\
             target = \"{}\"\n\n\
             [instructions]\n",
            self.rustc, self.libc, self.target
        );
        for (case, count) in &self.instructions {
            let _ = writeln!(text, "\"{case}\" = {count}");
        }
        text
    }

    fn is_of_the_same_tools(&self, other: &Self) -> bool {
        (&self.rustc, &self.libc) == (&other.rustc, &other.libc)
    }

    /// A table of both, and whether none of `new` is too much.
    pub(crate) fn compare(&self, new: &Self) -> (String, bool) {
        let mut text = String::new();
        if self.target != new.target {
            let _ = writeln!(
                text,
                "NOT COMPARED: the figures are of {}, and this is {}.",
                self.target, new.target
            );
        } else if !self.is_of_the_same_tools(new) {
            let _ = writeln!(
                text,
                "The figures are of rustc {} and C library {}, and this is {} and {}: compared within {TOLERANCE_OF_OTHERS} %.",
                self.rustc, self.libc, new.rustc, new.libc
            );
        }
        let allowed = match self {
            Self { target, .. } if *target != new.target => u64::MAX,
            _ if self.is_of_the_same_tools(new) => TOLERANCE,
            _ => TOLERANCE_OF_OTHERS,
        };
        let (mut good, mut less) = (true, false);
        let cases: BTreeSet<&String> =
            self.instructions.keys().chain(new.instructions.keys()).collect();
        for case in cases {
            let pair = (self.instructions.get(case), new.instructions.get(case));
            let verdict = match pair {
                (Some(&before), Some(&now)) => {
                    let limit = before.saturating_mul(allowed.saturating_add(100)) / 100;
                    let too_many = now > limit;
                    good &= !too_many;
                    less |= now.saturating_mul(100 + TOLERANCE) / 100 < before;
                    format!("{before:>9} → {now:>9}{}", if too_many { "  TOO MANY" } else { "" })
                }
                (before, now) => {
                    good = false;
                    let shown =
                        |count: Option<&u64>| count.map_or("none".to_owned(), u64::to_string);
                    format!("{:>9} → {:>9}  NOT IN BOTH", shown(before), shown(now))
                }
            };
            let _ = writeln!(text, "{case:<58} {verdict}");
        }
        if !good {
            text.push_str("Too much, or not the same cases. If it is meant to be so: tests/bench/instructions --renew\n");
        } else if less {
            text.push_str(
                "Some take less than before. To hold that: tests/bench/instructions --renew\n",
            );
        }
        (text, good)
    }
}

/// The first line of what a program says of its version.
fn said(program: &Path) -> anyhow::Result<String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.with_context(|| format!("{} --version", program.display()))?;
    let said = String::from_utf8(output.stdout)?;
    Ok(said.lines().next().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(rustc: &str, target: &str, count: u64) -> Figures {
        let instructions = BTreeMap::from([("a".to_owned(), count)]);
        let libc = "2.36".to_owned();
        Figures { rustc: rustc.to_owned(), libc, target: target.to_owned(), instructions }
    }

    #[test]
    fn more_than_the_tolerance_is_too_much() {
        let known = figures("1", "x", 1_000);
        for (count, good, words) in [
            (1_050, true, "1050"),
            (1_051, false, "TOO MANY"),
            (960, true, "960"),
            (900, true, "Some take less"),
        ] {
            let (text, is_good) = known.compare(&figures("1", "x", count));
            assert!(is_good == good && text.contains(words), "{count}: {text}");
        }
    }

    #[test]
    fn another_compiler_or_library_may_take_more_and_another_machine_is_said_not_to_be_compared() {
        let known = figures("1", "x", 1_000);
        assert!(known.compare(&figures("2", "x", 1_400)).1);
        assert!(!known.compare(&figures("2", "x", 1_401)).1);
        let other_library = Figures { libc: "2.41".to_owned(), ..figures("1", "x", 1_400) };
        let (text, good) = known.compare(&other_library);
        assert!(good && text.contains("C library 2.36"), "{text}");
        let (text, good) = known.compare(&figures("1", "y", 9_000));
        assert!(good && text.starts_with("NOT COMPARED"), "{text}");
    }

    #[test]
    fn a_case_that_is_new_or_gone_is_not_passed_over() {
        let mut new = figures("1", "x", 1_000);
        new.instructions.insert("b".to_owned(), 1);
        for (one, other) in
            [(figures("1", "x", 1_000), new.clone()), (new, figures("1", "x", 1_000))]
        {
            let (text, good) = one.compare(&other);
            assert!(!good && text.contains("NOT IN BOTH"), "{text}");
        }
    }

    #[test]
    fn the_file_is_read_as_it_is_written() {
        let known = figures("1.95.0", "x86_64", 7);
        assert_eq!(toml::from_str::<Figures>(&known.render()).unwrap(), known);
    }
}

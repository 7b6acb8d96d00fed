//! Which requirement of security is held by which tests: `requirements.txt`, beside this file.
//!
//! The requirements stand in `SECURITY.md` in the same words. What is not there yet says what is missing. That each test which is
//! named exists is all that is looked at here; what it holds, it holds by itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many there are.
const COUNT: usize = 28;

/// A requirement.
#[derive(Debug)]
struct Requirement {
    number: usize,
    /// What it says, as `SECURITY.md` says it.
    says: &'static str,
    /// The tests that hold it: the file and the name of each.
    tests: Vec<(&'static str, &'static str)>,
    /// Files of the repository that hold it, with words that each has.
    settings: Vec<(&'static str, &'static str)>,
    /// What of it is still to come.
    later: Option<&'static str>,
}

/// All of them, in the order of the file.
fn all() -> Vec<Requirement> {
    let mut all: Vec<Requirement> = Vec::new();
    for line in include_str!("requirements.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(line) = line.strip_prefix('R') {
            let (number, says) = line.split_once(' ').expect("a number and what is required");
            let number = number.parse().expect("a number");
            let (tests, settings) = (Vec::new(), Vec::new());
            all.push(Requirement { number, says, tests, settings, later: None });
            continue;
        }
        let last = all.last_mut().expect("a requirement before what holds it");
        let (word, rest) = line.trim().split_once(' ').expect("a word and what it is of");
        let named = || rest.split_once(": ").expect("a file and what is in it");
        match word {
            "by" => {
                let (file, tests) = named();
                last.tests.extend(tests.split(", ").map(|test| (file, test)));
            }
            "in" => last.settings.push(named()),
            "later" => last.later = Some(rest),
            word => panic!("{word} says nothing"),
        }
    }
    all
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn each_requirement_is_held_by_tests_that_there_are() {
    let all = all();
    assert_eq!(all.len(), COUNT);
    for (at, one) in all.iter().enumerate() {
        let number = one.number;
        assert_eq!(number, at + 1, "in the order of their numbers");
        let is_held = !one.tests.is_empty() || !one.settings.is_empty();
        assert!(is_held || one.later.is_some(), "R{number} is held by nothing");
        for (path, name) in &one.tests {
            let is_there = read(path).contains(&format!("fn {name}("));
            assert!(is_there, "R{number}: there is no test {name} in {path}");
        }
        for (path, words) in &one.settings {
            assert!(read(path).contains(words), "R{number}: {path} does not say {words}");
        }
    }
}

/// A test of this folder that no requirement names would be missed by nobody.
#[test]
fn each_attack_belongs_to_a_requirement() {
    let all = all();
    let named: BTreeSet<&str> =
        all.iter().flat_map(|one| &one.tests).map(|(_, name)| *name).collect();
    let folder = repository().join("services/web-portal/tests/it/attacks");
    for entry in fs::read_dir(folder).expect("this folder") {
        let path = entry.expect("an entry").path();
        if path.ends_with("requirements.rs") || path.ends_with("requirements.txt") {
            continue;
        }
        let source = fs::read_to_string(&path).expect("a file of tests");
        let tests = source.split("test]\n").skip(1);
        for test in tests.filter_map(|test| test.split_once("fn ")?.1.split('(').next()) {
            assert!(named.contains(test), "{test} of {} holds nothing", path.display());
        }
    }
}

#[test]
fn the_documentation_says_what_is_required() {
    let document = read("SECURITY.md");
    for Requirement { number, says, later, .. } in all() {
        let later = later.map(|later| format!(" *Still to come:* {later}")).unwrap_or_default();
        let row = format!("| R{number} | {says}{later} |");
        assert!(document.contains(&row), "SECURITY.md lacks the row {row}");
    }
}

//! Which file may know which: held against the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The doors: the folders of `doors`.
fn doors() -> Vec<String> {
    let doors = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doors");
    let entries = fs::read_dir(doors).expect("the doors").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Every file under `folder` of `src`, with its path from there.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<PathBuf> = vec![src.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.strip_prefix(&src).expect("under src").display().to_string();
                found.push((name, fs::read_to_string(&path).expect("source")));
            }
        }
    }
    assert!(!found.is_empty(), "no source under {folder}");
    found
}

/// The names that a source takes from this crate, each as `acts::draft`, and the crates that it names.
fn taken(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut taken = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let path = &code[at + "crate::".len()..];
        // A group names several: `crate::{a, b::c}`.
        if let Some(group) = path.strip_prefix('{') {
            let end = group.find(';').expect("the end of a use");
            taken.extend(group[..end].split([',', '{', '}']).map(|name| name.trim().to_owned()));
        } else {
            let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let (name, rest) = path.split_at(end.unwrap_or(path.len()));
            match rest.strip_prefix('{').and_then(|group| group.split_once(';')) {
                Some((group, _)) => taken.extend(
                    group.split([',', '{', '}']).map(|inner| format!("{name}{}", inner.trim())),
                ),
                None => taken.push(name.to_owned()),
            }
        }
    }
    for name in ["axum", "axum_extra", "askama", "api"] {
        let begins = |line: &&str| line.trim_start().starts_with(&format!("use {name}::"));
        if code.lines().any(|line| begins(&line)) {
            taken.push(format!("::{name}"));
        }
    }
    taken
}

#[test]
fn acts_know_no_door_and_speak_no_format() {
    for (file, source) in files("acts") {
        assert!(!source.contains("super::super"), "{file} leaves the acts");
        for name in taken(&source) {
            let is_fine = !name.starts_with("doors") && name != "serve" && !name.starts_with("::");
            assert!(is_fine, "{file} names {name}");
        }
    }
}

#[test]
fn no_door_knows_another() {
    for door in doors() {
        for (file, source) in files(&format!("doors/{door}")) {
            for name in taken(&source) {
                let Some(inside) = name.strip_prefix("doors") else { continue };
                let own = format!("::{door}");
                let is_own = inside == own || inside.starts_with(&format!("{own}::"));
                // The tools of agents are calls of the API.
                let is_called = door == "mcp" && inside.starts_with("::api");
                let is_shared = inside == "::refused" || inside.starts_with("::refused::");
                assert!(is_own || is_called || is_shared, "{file} names {name}");
                assert!(!source.contains("super::super::super"), "{file} leaves its door");
            }
        }
    }
}

/// A route is added where it has to say what it needs, and nowhere else.
#[test]
fn no_route_is_added_beside_those_that_declare_what_they_need() {
    for (file, source) in files("doors") {
        let may = file == "doors/api/calls.rs" || file == "doors/pages/mod.rs";
        assert!(may || !source.contains(".route("), "{file} adds a route of its own");
    }
}

#[test]
fn what_doors_and_acts_stand_on_knows_neither() {
    for (file, source) in files("") {
        let is_above = file.contains('/') || ["lib.rs", "serve.rs", "rooms.rs"].contains(&&*file);
        if is_above && !file.starts_with("live/") {
            continue;
        }
        for name in taken(&source) {
            let is_fine = !name.starts_with("doors") && !name.starts_with("acts");
            assert!(is_fine, "{file} names {name}");
        }
    }
}

/// The listeners lead to doors by what these offer at their root, and do nothing themselves.
#[test]
fn the_listeners_know_doors_and_no_acts() {
    let doors = doors();
    let source = files("").into_iter().find(|(file, _)| file == "serve.rs").expect("serve.rs").1;
    let mut led_to = 0;
    for name in taken(&source) {
        assert!(!name.starts_with("acts") && name != "::api", "serve.rs names {name}");
        let Some(door) = name.strip_prefix("doors::").filter(|door| !door.is_empty()) else {
            continue;
        };
        let (door, inside) = door.split_once("::").unwrap_or((door, ""));
        assert!(doors.iter().any(|known| known == door), "serve.rs names {name}");
        assert!(!inside.contains("::"), "serve.rs reaches into a door: {name}");
        led_to += 1;
    }
    assert!(led_to >= doors.len(), "serve.rs leads to {led_to} doors");
}

/// An act that takes an authority asks it for a power, so that no door has to. What somebody may do about their own
/// session needs none.
#[test]
fn acts_ask_for_their_power() {
    let mut asked = 0;
    for (file, source) in files("acts") {
        for act in source.split("\npub(crate) async fn ").skip(1) {
            let body = act.split("\n}\n").next().expect("a body");
            let name = body.split(['(', '<']).next().expect("a name");
            if !body.contains("authority: &Authority")
                || (file.as_str(), name) == ("acts/session.rs", "end")
            {
                continue;
            }
            assert!(body.contains("authority.must"), "{file}: {name} asks for no power");
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked} acts were found");
}

/// Acts that a page calls and no call of the API, each with why.
const OF_PEOPLE: [(&str, &str); 42] = [
    // A browser's session, which a program has no need of.
    ("session", "begin"),
    ("session", "check"),
    ("session", "end"),
    ("session", "find"),
    // Somebody who sees the pages as another does.
    ("act_as", "begin"),
    ("act_as", "times"),
    // A log-in that waits for a code, of which programs have none.
    ("log_in", "begin"),
    ("log_in", "enrol"),
    ("log_in", "give"),
    ("log_in", "needs_code"),
    ("log_in", "waiting"),
    // One's own sessions and one's own phone: administrators end sessions and remove second factors by the API.
    ("open_session", "end_others"),
    ("open_session", "end_own"),
    ("open_session", "own"),
    ("second_factor", "begin"),
    ("second_factor", "confirm"),
    ("second_factor", "is_required"),
    ("second_factor", "off"),
    ("second_factor", "own"),
    ("second_factor", "renew"),
    // Links are opened in a browser, by who has no key yet.
    ("invitation", "check"),
    ("invitation", "take"),
    ("password_link", "check"),
    ("password_link", "take"),
    ("setup", "check"),
    ("setup", "set_up"),
    // It asks for the password of before, which a program does not know. Administrators set anybody's by the API.
    ("account", "change_own_password"),
    // People write names where programs have the ids that lists give them; what is one's own, `GET /credits` has among the rest.
    ("credit", "account_named"),
    ("credit", "own"),
    ("addressing", "find"),
    ("addressing", "offers"),
    // Before it is sent: a program asks by `dry_run`, and whoever may read the rules by `POST /routes/test`.
    ("way", "of_own"),
    // A board is seen by everybody, without a key: for programs at its own address, as JSON.
    ("entry", "board"),
    // What a form offers; a program names the team.
    ("belonging", "teams"),
    // What a page shows around a conversation, which `GET /conversations/{number}` has in one; and that somebody writes an answer.
    ("conversation", "answered_since"),
    ("conversation", "assignees"),
    ("conversation", "heading"),
    ("conversation", "is_there"),
    ("conversation", "personalia"),
    ("conversation", "write"),
    // It undoes a click of a moment ago. A program that removes something means it.
    ("restoring", "restore"),
    // The API waits for news of the message too: `history::next`, which does this when there is nothing to wait for.
    ("history", "one"),
];

/// The acts that the files of a door call: module and name.
fn called(door: &str, acts: &BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    let sources = files(&format!("doors/{door}"));
    let is_called = |(module, name): &&(String, String)| {
        let call = format!("{module}::{name}(");
        sources.iter().any(|(_, source)| {
            source.match_indices(&call).any(|(at, _)| {
                let before = source[..at].chars().next_back();
                before.is_none_or(|before| !before.is_alphanumeric() && before != '_')
            })
        })
    };
    acts.iter().filter(is_called).cloned().collect()
}

/// Everything that a person can do on a page, a program can do by the API.
#[test]
fn what_the_pages_do_the_api_does() {
    let mut acts = BTreeSet::new();
    for (file, source) in files("acts") {
        let module = file.trim_start_matches("acts/").trim_end_matches(".rs");
        for act in source.split("\npub(crate) async fn ").skip(1) {
            let name = act.split(['(', '<']).next().expect("a name");
            acts.insert((module.to_owned(), name.to_owned()));
        }
    }
    let (pages, api) = (called("pages", &acts), called("api", &acts));
    assert!(pages.len() > 30 && api.len() > 30, "{} and {}", pages.len(), api.len());
    let of_people: BTreeSet<(String, String)> =
        OF_PEOPLE.iter().map(|(module, name)| ((*module).to_owned(), (*name).to_owned())).collect();
    let only: BTreeSet<_> = pages.difference(&api).cloned().collect();
    assert_eq!(only, of_people, "what only the pages do, and what is known to be so");
}

#[test]
fn what_a_source_takes_is_seen() {
    let source = "use crate::doors::{api, pages::parts};\nuse crate::{acts, doors::kannel};\nuse axum::Json;\n\
                  // crate::doors\nlet x = crate::doors::api::fields::NAME;";
    let seen = taken(source);
    for name in
        ["doors::api", "doors::pages::parts", "acts", "doors::kannel", "doors::api::fields::NAME"]
    {
        assert!(seen.iter().any(|one| one == name), "{name} in {seen:?}");
    }
    assert!(seen.contains(&"::axum".to_owned()), "{seen:?}");
}

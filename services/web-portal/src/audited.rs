//! Whatever changes something is told of in the audit log: held against the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::rooms::files;

/// Calls of the store that change something and are told of in no entry, each with why.
const UNTOLD: [(&str, &str); 22] = [
    // What becomes of a message stands with the message, and who sent it.
    ("acts/acceptance.rs", "note_send_attempt"),
    ("acts/acceptance.rs", "send_attempt_accepted"),
    // It is a message like others, and has its history.
    ("acts/broadcast.rs", "note_broadcast_test"),
    // The order stands in the log; that its batches were told it is a note for persistence.
    ("acts/broadcast.rs", "broadcast_told"),
    // That it is sent is told when it begins; how far it is stands with the file.
    ("acts/bulk.rs", "note_bulk_batches"),
    // That a file is made to contacts, or taken back, is told when it begins; how far it is stands with the import.
    ("acts/contact_import.rs", "undo_contact_import"),
    ("acts/contact_import.rs", "write_contact_import"),
    // What somebody has read is theirs alone.
    ("acts/conversation.rs", "read_conversation"),
    ("acts/conversation.rs", "mute_conversation"),
    // A note stands in its conversation, with who wrote it.
    ("acts/conversation.rs", "note_in_conversation"),
    // The entry of what is done to the gateway has the modems in it.
    ("acts/gateway.rs", "change_modem"),
    // Whoever is in then is told of, and so is a code that was refused.
    ("acts/log_in.rs", "begin_log_in"),
    ("acts/log_in.rs", "end_log_in"),
    // A secret counts once it is confirmed, which is told of; a code is part of a log-in.
    ("acts/second_factor.rs", "begin_second_factor"),
    ("acts/second_factor.rs", "take_code_step"),
    // The gateway makes this link itself when it starts; whoever uses it is told of.
    ("acts/setup.rs", "open_setup"),
    // The language and the clock of one's own pages.
    ("doors/pages/account.rs", "set_zone"),
    ("doors/pages/language.rs", "set_language"),
    // What is over is tidied away.
    ("lib.rs", "remove_ended_sessions"),
    ("lib.rs", "remove_old_bulks"),
    ("lib.rs", "remove_old_removed"),
    ("lib.rs", "remove_old_send_attempts"),
];

/// Acts that do something by the broker and are told of in no entry, each with why.
const BESIDE: [(&str, &str); 5] = [
    ("acts/acceptance.rs", "messages stand in their history with who sent them"),
    ("acts/batch.rs", "an order to a batch has in it who gave it, and so do the ends of messages"),
    ("acts/cancellation.rs", "who took a message back stands on its timeline"),
    ("acts/sim_limits.rs", "it reads what was counted"),
    ("acts/account_limits.rs", "it reads what was counted"),
];

/// What an act does something with by the broker.
const BY_BROKER: [&str; 5] =
    [".publish(", ".publish_within(", ".publish_all(", ".send_request(", ".kv::<"];

/// The names of the calls of the store that write, read from its source: their queries begin a transaction, or write without one.
fn calls_that_write() -> BTreeSet<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/store/src");
    let mut folders: Vec<PathBuf> = vec![src];
    let mut calls = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the source of the store") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_queries = path.ends_with("queries.rs") || folder.ends_with("queries");
            if !is_queries {
                continue;
            }
            let source = fs::read_to_string(&path).expect("source");
            for call in source.split("\n    pub(crate) async fn ").skip(1) {
                let body = call.split("\n    }\n").next().expect("a body");
                let name = call.split(['(', '<']).next().expect("a name");
                if ["self.begin(", "self.write", "again!("].iter().any(|mark| body.contains(mark)) {
                    calls.insert(name.to_owned());
                }
            }
        }
    }
    calls
}

/// The calls of the store that a source makes by the handle that tells of nothing.
fn called(source: &str) -> Vec<String> {
    let mut called = Vec::new();
    for (at, _) in source.match_indices("app") {
        let mut rest = &source[at + "app".len()..];
        let mut follows = |word: &str| {
            rest = rest.trim_start();
            let after = rest.strip_prefix(word);
            rest = after.unwrap_or(rest);
            after.is_some()
        };
        if follows(".store") && follows(".") {
            let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
            called.extend(name.map(str::to_owned));
        }
    }
    called
}

/// A change that nothing tells of would be one that nobody can be asked about. Whoever adds a call writes
/// `app.store.audited(authority.entry(app, AuditAction::…))` in the place of `app.store`.
#[test]
fn whatever_changes_something_is_told_of() {
    let writes = calls_that_write();
    assert!(writes.len() > 40 && writes.contains("revoke_key"), "{writes:?}");
    let mut untold = BTreeSet::new();
    let mut told = 0;
    for (file, source) in files("") {
        for name in called(&source) {
            told += usize::from(name == "audited");
            // It tells of something by itself.
            if writes.contains(&name) && name != "append_audit" {
                untold.insert((file.clone(), name));
            }
        }
    }
    let known = UNTOLD.iter().map(|(file, name)| ((*file).to_owned(), (*name).to_owned()));
    assert_eq!(
        untold,
        known.collect::<BTreeSet<_>>(),
        "what is told of by nothing, and what is known to be so"
    );
    assert!(told > 35, "{told}");
}

#[test]
fn what_is_done_by_the_broker_is_told_of() {
    let mut acts = BTreeSet::new();
    for (file, source) in files("acts") {
        let does = BY_BROKER.iter().any(|mark| source.contains(mark));
        if does && !source.contains("app.store.append_audit(") {
            acts.insert(file);
        }
    }
    let known: BTreeSet<String> = BESIDE.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(acts, known, "what is told of by nothing, and what is known to be so");
}

#[test]
fn a_call_is_seen_however_it_is_written() {
    let source =
        "app.store.a(); app\n    .store\n    .b(x); let s = app.store.audited(e); apple.store.c()";
    assert_eq!(called(source), ["a", "b", "audited"]);
}

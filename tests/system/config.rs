//! What is set in a gateway as a file: exported, compared, imported and taken back by the command line.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::gateway::{Gateway, run};

/// Runs `merpati config ARGUMENTS`: exit status, standard output, standard error.
async fn config(gateway: &Gateway, arguments: &[&str]) -> (Option<i32>, String, String) {
    let all: Vec<&str> = std::iter::once("config").chain(arguments.iter().copied()).collect();
    let output = run(gateway.data(), &all, None).await;
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), said(output.stdout), said(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_go_to_git_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let (status, text, _) = config(&gateway, &[]).await;
    assert_eq!(status, Some(0));
    assert!(text.contains("[nats]"), "the default configuration file: {text}");

    gateway
        .cli(&["service", "add", "jadwal", "--keyword", "jadwal", "--reply", "Senin 08:00"])
        .await;
    gateway.cli(&["route", "add", "abroad", "--prefix", "+1", "--refuse", "Not abroad."]).await;
    gateway.cli(&["pool", "set", "default", "--strategy", "round-robin"]).await;
    let path = folder.path().join("gateway.toml");
    let file = path.to_str().unwrap();
    assert_eq!(config(&gateway, &["export", file]).await.0, Some(0));
    let exported = std::fs::read_to_string(&path).unwrap();
    assert!(
        exported.contains("\n[[services]]\nname = \"jadwal\"\nkeyword = \"jadwal\"\n"),
        "{exported}"
    );
    assert!(exported.contains("\nwebhooks = []\n"), "{exported}");
    let (_, again, _) = config(&gateway, &["export"]).await;
    assert_eq!(again, exported, "twice the same");
    assert_eq!(config(&gateway, &["diff", file]).await.0, Some(0));

    let changed = exported.replace("round_robin", "sticky").replace("Senin 08:00", "Senin 09:00")
        + "\n[[groups]]\nname = \"Kelas\"\n\n[[services]]\nname = \"ikut\"\nkeyword = \"ikut\"\nsubscribe = \"Kelas\"\n";
    // A list is empty or has entries.
    std::fs::write(&path, changed.replace("groups = []\n", "")).unwrap();
    let (status, lines, said) = config(&gateway, &["diff", file]).await;
    assert_eq!(status, Some(1), "{said}");
    let expected = [
        "~ pool default: strategy round_robin → sticky",
        "+ group Kelas",
        "~ service jadwal: reply \"Senin 08:00\" → \"Senin 09:00\"",
        "+ service ikut",
    ];
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_unstable();
    let mut sorted = expected;
    sorted.sort_unstable();
    assert_eq!(lines, sorted);
    let (status, _, said) = config(&gateway, &["import", "--dry-run", file]).await;
    assert_eq!(status, Some(0));
    assert!(said.trim_end().ends_with("Nothing was changed."), "{said}");
    assert_eq!(config(&gateway, &["diff", file]).await.0, Some(1));

    let (status, lines, said) = config(&gateway, &["import", file]).await;
    assert_eq!((status, lines.lines().count()), (Some(0), 4), "{lines}{said}");
    assert!(said.contains("4 settings were changed."), "{said}");
    assert_eq!(config(&gateway, &["diff", file]).await.0, Some(0));
    let (status, _, said) = config(&gateway, &["import", file]).await;
    assert_eq!((status, said.trim()), (Some(0), "There is nothing to change."));

    let services = gateway.cli(&["service", "list"]).await;
    assert!(services.to_string().contains("Senin 09:00"), "{services}");

    let backups = gateway.data().join("backups");
    let kept: Vec<_> =
        std::fs::read_dir(&backups).unwrap().map(|one| one.unwrap().path()).collect();
    let [kept] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(std::fs::read_to_string(kept).unwrap(), exported);
    assert_eq!(std::fs::metadata(kept).unwrap().permissions().mode() & 0o777, 0o600);
    let kept = kept.to_str().unwrap();
    let (status, lines, said) = config(&gateway, &["import", "--prune", kept]).await;
    assert_eq!(status, Some(0), "{said}");
    assert!(lines.contains("- service ikut\n") && lines.contains("- group Kelas\n"), "{lines}");
    assert_eq!(config(&gateway, &["export"]).await.1, exported);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_wrong_changes_nothing_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let path = folder.path().join("wrong.toml");
    let file = path.to_str().unwrap();
    let (_, before, _) = config(&gateway, &["export"]).await;
    let text = "[[groups]]\nname = \"Baru\"\n\n[[rules]]\nname = \"bank\"\nprefixes = [\"bank\"]\nrefuse = \"No.\"\n\n\
                [[services]]\nname = \"satu\"\nkeywrod = \"satu\"\nreply = \"x\"\n\n\
                [[services]]\nname = \"dua\"\nkeyword = \"dua kata\"\nreply = \"x\"\n";
    std::fs::write(&path, text).unwrap();
    for arguments in [&["diff", file][..], &["import", file], &["import", "--dry-run", file]] {
        let (status, lines, said) = config(&gateway, arguments).await;
        assert_eq!(status, Some(if arguments[0] == "diff" { 2 } else { 1 }), "{said}");
        assert_eq!(lines, "");
        for place in [":4: rules 1 'bank': ", ":9: services 1 'satu': ", ":14: services 2 'dua': "]
        {
            assert!(said.contains(&format!("{file}{place}")), "{place} in {said}");
        }
        assert!(said.contains("3 things are wrong") && said.contains("keywrod"), "{said}");
    }
    assert_eq!(config(&gateway, &["export"]).await.1, before);
    assert!(!Path::new(&gateway.data().join("backups")).exists());

    for (text, words) in [
        ("services = [[[", "wrong.toml:1: "),
        (&"a = 1\n".repeat(10)[..], "wrong.toml:2: "),
        ("[[schedules]]\nat = 2026-12-01T08:00:00\n", "write dates and times in quotes"),
        (&format!("x = {}", "[".repeat(200_000))[..], "wrong.toml:1: "),
        (&"#".repeat(10 * 1024 * 1024)[..], "larger than 1024 KiB"),
    ] {
        std::fs::write(&path, text).unwrap();
        let (status, _, said) = config(&gateway, &["diff", file]).await;
        assert_eq!(status, Some(2));
        assert!(said.contains(words) && said.len() < 1_000, "{words} in {}", said.len());
    }
    std::fs::write(&path, b"\xff\xfe").unwrap();
    assert_eq!(config(&gateway, &["import", file]).await.0, Some(1));
    assert_eq!(config(&gateway, &["import", "/nowhere/at.toml"]).await.0, Some(1));
    assert_eq!(config(&gateway, &["export"]).await.1, before);
}

//! A gateway takes over what Gammu and SMS Server Tools sent and received. Nothing of it is sent again.

use std::fs;
use std::io::Write as _;

use modem_sim::Make;
use reqwest::Method;
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::import::as_administrator;
use crate::rig::Rig;

const GAMMU: &str = "-- MySQL dump
CREATE TABLE `inbox` (`UpdatedInDB` timestamp, `ReceivingDateTime` timestamp, `Text` text, `SenderNumber` varchar(20), `Coding` varchar(9), `UDH` text, `TextDecoded` text, `ID` int);
INSERT INTO `inbox` VALUES ('','2024-05-06 07:00:00','','+62855','Default_No_Compression','050003A70302','dua ',11),('','2024-05-06 07:00:01','','+62855','Default_No_Compression','050003A70301','Satu ',12),('','2024-05-06 07:00:02','','BANK','Default_No_Compression','','Kode',13),('','2024-05-06 07:00:03','','+62855','Default_No_Compression','050003A70303','tiga',14),('','2024-05-06 07:00:04','','+62856','8bit','','',15),('','2024-05-06 07:00:05','','+62857','Default_No_Compression','050003A80201','Separuh',16);
CREATE TABLE `outbox` (`DestinationNumber` varchar(20), `TextDecoded` text, `ID` int);
INSERT INTO `outbox` VALUES ('+62899','Menunggu',1);
CREATE TABLE `pbk` (`ID` int, `GroupID` int, `Name` text, `Number` text);
INSERT INTO `pbk` VALUES (1,1,'Siti','+6281200000001'),(2,-1,'x','y');
CREATE TABLE `pbk_groups` (`Name` text, `ID` int);
INSERT INTO `pbk_groups` VALUES ('Toko',1);
CREATE TABLE `sentitems` (`InsertIntoDB` timestamp, `SendingDateTime` timestamp, `DeliveryDateTime` timestamp NULL, `DestinationNumber` varchar(20), `Coding` varchar(9), `TextDecoded` text, `ID` int, `SequencePosition` int, `Status` varchar(20));
INSERT INTO `sentitems` VALUES ('','2024-05-06 07:00:00','2024-05-06 07:00:09','+6281200000001','Unicode_No_Compression','Panjang ',21,1,'DeliveryOK'),('','2024-05-06 07:00:00',NULL,'+6281200000001','Unicode_No_Compression','sekali',21,2,'DeliveryOK'),('','2024-05-06 08:00:00',NULL,'+6281200000002','Default_No_Compression','Gagal',22,1,'SendingError');
";

/// Texts and what else is said of messages, oldest first.
async fn texts(gateway: &Gateway, what: &str, more: &str) -> Vec<(String, String)> {
    let listed = gateway.cli(&[what]).await;
    let messages = listed["messages"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = messages.iter().filter(|one| one["imported_from"].is_string());
    all.rev().map(|one| (text(&one["text"]), text(&one[more]))).collect()
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

fn counts(report: &Value) -> Vec<(String, [u64; 4])> {
    let counts = report["counts"].as_array().unwrap().iter();
    let number = |count: &Value, name: &str| count[name].as_u64().unwrap();
    let numbers =
        |count: &Value| ["found", "made", "there", "refused"].map(|name| number(count, name));
    counts.map(|count| (count["what"].as_str().unwrap().to_owned(), numbers(count))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn gammu_s_database_is_imported_once() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("smsd.sql");
    fs::write(&file, GAMMU).unwrap();
    let import = async |more: &[&str]| {
        let said = ["import", "gammu", file.to_str().unwrap(), "--timezone", "+07:00"];
        rig.gateway.cli(&[&said[..], more].concat()).await
    };
    let count = |what: &str, numbers| (what.to_owned(), numbers);
    let report = import(&["--dry-run"]).await;
    let found = [
        count("contacts", [2, 0, 0, 0]),
        count("sent messages", [2, 0, 0, 0]),
        count("received messages", [4, 0, 0, 0]),
    ];
    assert_eq!(counts(&report), found);
    let remarks = report["remarks"].to_string();
    assert!(remarks.contains("a message to +62899 still waits there"), "{remarks}");
    let report = import(&[]).await;
    let made = [
        count("contacts", [2, 1, 0, 1]),
        count("sent messages", [2, 2, 0, 0]),
        count("received messages", [4, 3, 0, 0]),
    ];
    assert_eq!(counts(&report), made);
    assert!(report["remarks"].to_string().contains("the message is data"), "{report}");
    let there = [
        count("contacts", [2, 0, 1, 1]),
        count("sent messages", [2, 0, 2, 0]),
        count("received messages", [4, 0, 3, 0]),
    ];
    assert_eq!(counts(&import(&[]).await), there);
    assert_eq!(
        texts(&rig.gateway, "messages", "state").await,
        of(&[("Panjang sekali", "delivered"), ("Gagal", "failed")])
    );
    assert_eq!(
        texts(&rig.gateway, "inbox", "received_at").await,
        of(&[
            ("Satu dua tiga", "2024-05-06T00:00:01Z"),
            ("Kode", "2024-05-06T00:00:02Z"),
            ("Separuh", "2024-05-06T00:00:05Z"),
        ])
    );
    let (_, contacts) = rig.gateway.get("/contacts?q=siti").await;
    assert_eq!(contacts["contacts"][0]["groups"].as_array().map(Vec::len), Some(1), "{contacts}");
}

/// What still waited there is sent from here when that is asked for, and once, however often.
#[tokio::test(flavor = "multi_thread")]
async fn what_waited_there_is_sent_once_when_it_is_asked_for() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let folder = tempfile::tempdir().unwrap();
    let dump = "CREATE TABLE `outbox` (`InsertIntoDB` timestamp, `SendingDateTime` timestamp, `DestinationNumber` varchar(20), `Coding` varchar(9), `Class` int, `TextDecoded` text, `ID` int, `MultiPart` varchar(5));
INSERT INTO `outbox` VALUES ('2024-05-06 07:00:00','2024-05-06 07:00:00','+6285700000001','Default_No_Compression',-1,'Menunggu',1,'false'),('2024-05-06 07:00:00','2024-05-06 07:00:00','+6285700000002','Default_No_Compression',-1,'Panjang ',2,'true'),('2024-05-06 07:00:00','2099-05-06 07:00:00','+6285700000003','Default_No_Compression',-1,'Nanti',3,'false'),('2024-05-06 07:00:00','2024-05-06 07:00:00','+6285700000004','8bit',-1,'',4,'false'),('2024-05-06 07:00:00','2024-05-06 07:00:00','+6285700000005','Default_No_Compression',-1,'Separuh',5,'true');
CREATE TABLE `outbox_multipart` (`Coding` varchar(9), `TextDecoded` text, `ID` int, `SequencePosition` int);
INSERT INTO `outbox_multipart` VALUES ('Default_No_Compression','kali',2,3),('Default_No_Compression','se',2,2),('Default_No_Compression','tiga',5,3);
";
    // Packed, as dumps are kept.
    let file = folder.path().join("smsd.sql.gz");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(dump.as_bytes()).unwrap();
    fs::write(&file, packer.finish().unwrap()).unwrap();
    let spool = folder.path().join("sms/outgoing");
    fs::create_dir_all(&spool).unwrap();
    fs::write(spool.join("send_3"), "To: 6285700000006\n\nAntre").unwrap();
    fs::write(spool.join("send_4"), "To: 6285700000007\nFlash: yes\n\nKilat").unwrap();
    let (dump, spool) = (file.to_str().unwrap(), folder.path().join("sms"));
    let spool = spool.to_str().unwrap();
    let waiting = |report: &Value| {
        counts(report).into_iter().find(|(what, _)| what == "waiting messages").unwrap().1
    };

    let report = rig.gateway.cli(&["import", "gammu", dump, "--send-waiting", "--dry-run"]).await;
    assert_eq!(waiting(&report), [5, 0, 0, 0]);
    let mut ended = Vec::new();
    for (made, there) in [(2, 0), (0, 2)] {
        let report = rig.gateway.cli(&["import", "gammu", dump, "--send-waiting"]).await;
        assert_eq!(waiting(&report), [5, made, there, 0]);
        let remarks = report["remarks"].to_string();
        for said in [
            "a message to +6285700000003 is for a later time; it is left alone",
            "a message to +6285700000004 is data",
            "a message to +6285700000005 lacks parts",
        ] {
            assert!(remarks.contains(said), "{said} in {remarks}");
        }
        let report = rig.gateway.cli(&["import", "smstools", spool, "--send-waiting"]).await;
        assert_eq!(waiting(&report), [1, made / 2, there / 2, 0]);
        let remarks = report["remarks"].to_string();
        assert!(remarks.contains("6285700000007 is more than a text"), "{remarks}");
        let sent = rig.network().sent_at_least(3).await;
        ended = sent.iter().map(|sent| (sent.to(), sent.text())).collect();
        ended.sort();
    }
    let marker = rig.gateway.send("+6285700000009", "penutup").await;
    rig.gateway.until(&marker, &["sent", "delivered"]).await;
    let sent = rig.network().sent();
    let mut all: Vec<_> = sent.iter().map(|sent| (sent.to(), sent.text())).collect();
    all.sort();
    assert_eq!(all.pop().unwrap().1, "penutup");
    assert_eq!(all, ended, "the second run sent nothing");
    let texts: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["Menunggu", "Panjang sekali", "Antre"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn spool_folders_of_sms_server_tools_are_imported_once() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "incoming/GSM1.1",
            "From: 6285500000001\nFrom_TOA: 91\nReceived: 24-05-06 07:00:00\nAlphabet: UTF-8\n\nTerima kasih",
        ),
        ("incoming/GSM1.2", "no head"),
        ("sent/send_1", "To: 6281200000001\nSent: 24-05-06 07:00:00\n\nHalo"),
        ("failed/send_2", "To: 6281200000002\nFailed: 24-05-06 08:00:00\n\nGagal"),
        ("outgoing/send_3", "To: 6281200000003\n\nMenunggu"),
    ] {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    as_administrator(&rig.gateway, Method::POST, "/users", &json!({ "name": "toko" })).await;
    let import = async |more: &[&str]| {
        let said = ["import", "smstools", folder.path().to_str().unwrap(), "--user", "toko"];
        rig.gateway.cli(&[&said[..], more].concat()).await
    };
    let count = |what: &str, numbers| (what.to_owned(), numbers);
    for (more, sent, received) in [
        (&["--dry-run"][..], [2, 0, 0, 0], [1, 0, 0, 0]),
        (&[], [2, 2, 0, 0], [1, 1, 0, 0]),
        (&[], [2, 0, 2, 0], [1, 0, 1, 0]),
    ] {
        let report = import(more).await;
        let counted = [count("received messages", received), count("sent messages", sent)];
        assert_eq!(counts(&report), counted);
        let remarks = report["remarks"].to_string();
        for said in ["a message to 6281200000003 still waits there", "a line without a colon"] {
            assert!(remarks.contains(said), "{said} in {remarks}");
        }
    }
    assert_eq!(
        texts(&rig.gateway, "messages", "to").await,
        of(&[("Halo", "+6281200000001"), ("Gagal", "+6281200000002")])
    );
    assert_eq!(
        texts(&rig.gateway, "inbox", "from").await,
        of(&[("Terima kasih", "+6285500000001")])
    );
}

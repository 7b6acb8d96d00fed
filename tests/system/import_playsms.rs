//! A gateway takes over what playSMS had: its users' programs go on, and nothing is brought or sent twice.

use std::fs;
use std::path::Path;

use modem_sim::Make;
use reqwest::Method;
use serde_json::{Value, json};

use crate::gateway::{Gateway, run};
use crate::import::as_administrator;
use crate::rig::Rig;

/// MD5 of "rahasia".
const MD5: &str = "ac43724f16e9241d990427ab7c8f4228";
const TOKEN: &str = "c1d9f50f86825a1a2302ec2449c17196";
/// That of an administrator.
const ADMIN: &str = "0b7e8b7f2d0c4c6f9a3e1d5b6c7a8f90";

/// As mysqldump writes it, with a prefix of its own.
fn dump() -> String {
    format!(
        r"-- MySQL dump 10.19
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `sms_featureAutoreply` (`autoreply_id` int(11), `uid` int(11), `autoreply_keyword` varchar(10), `smsc` varchar(100));
INSERT INTO `sms_featureAutoreply` VALUES (1,2,'JAM',''),(2,2,'HARGA','');
CREATE TABLE `sms_featureAutoreply_scenario` (`autoreply_scenario_id` int, `autoreply_id` int, `autoreply_scenario_param1` varchar(20), `autoreply_scenario_result` text);
INSERT INTO `sms_featureAutoreply_scenario` VALUES (1,1,'','Buka jam 9.'),(2,2,'KUE','Rp 5000'),(3,2,'ROTI','Rp 7000');
CREATE TABLE `sms_featureBoard` (`board_id` int, `uid` int, `board_keyword` varchar(100), `board_forward_email` varchar(255), `board_reply_msg` varchar(140));
INSERT INTO `sms_featureBoard` VALUES (1,2,'PAPAN','toko@a.example','Dicatat');
CREATE TABLE `sms_featureCommand` (`command_id` int, `uid` int, `command_keyword` varchar(10), `command_exec` text);
INSERT INTO `sms_featureCommand` VALUES (1,2,'RUN','rm -rf /; --');
CREATE TABLE `sms_featureCustom` (`custom_id` int, `uid` int, `service_name` varchar(255), `custom_keyword` varchar(255), `sms_receiver` varchar(20), `custom_url` text, `custom_return_as_reply` int, `smsc` varchar(100));
INSERT INTO `sms_featureCustom` VALUES (1,2,'Cek stok','STOK CEK','','http://127.0.0.1:9/?s={{SMSSENDER}}&p={{CUSTOMPARAM}}',1,'m1');
CREATE TABLE `sms_featureInboxgroup` (`id` int, `uid` int, `in_receiver` varchar(20), `keywords` varchar(100), `deleted` int, `status` int);
INSERT INTO `sms_featureInboxgroup` VALUES (1,2,'','RAPAT,NOTULEN',0,1);
CREATE TABLE `sms_featureInboxgroup_members` (`id` int, `rid` int, `uid` int);
INSERT INTO `sms_featureInboxgroup_members` VALUES (1,1,2),(2,1,99);
CREATE TABLE `sms_featureMsgtemplate` (`tid` int, `uid` int, `t_title` varchar(100), `t_text` text);
INSERT INTO `sms_featureMsgtemplate` VALUES (1,2,'Salam','Selamat pagi'),(2,2,'SALAM','Selamat siang'),(3,99,'x','y');
CREATE TABLE `sms_featurePhonebook` (`id` int, `uid` int, `mobile` varchar(100), `name` varchar(255), `email` varchar(255), `tags` varchar(255));
INSERT INTO `sms_featurePhonebook` VALUES (1,2,'+6281200000001','Siti \'; DROP TABLE users; --','siti@a.example','vip kue'),(2,2,'dua','Dua','',''),(3,1,'0812345678','Budi','none',''),(4,99,'0811','Nobody','','');
CREATE TABLE `sms_featurePhonebook_group` (`id` int, `uid` int, `name` varchar(100), `code` varchar(20), `flag_sender` int);
INSERT INTO `sms_featurePhonebook_group` VALUES (7,2,'Toko','TOKO',0);
CREATE TABLE `sms_featurePhonebook_group_contacts` (`id` int, `gpid` int, `pid` int);
INSERT INTO `sms_featurePhonebook_group_contacts` VALUES (1,7,1),(2,7,2),(3,8,1);
CREATE TABLE `sms_featurePoll` (`poll_id` int, `uid` int, `poll_keyword` varchar(10), `poll_enable` int, `poll_message_valid` text);
INSERT INTO `sms_featurePoll` VALUES (1,2,'PILIH',1,'Terima kasih'),(2,2,'LAMA',0,'');
CREATE TABLE `sms_featurePoll_choice` (`choice_id` int, `poll_id` int, `choice_keyword` varchar(10));
INSERT INTO `sms_featurePoll_choice` VALUES (1,1,'YA'),(2,1,'TIDAK');
CREATE TABLE `sms_featureQuiz` (`quiz_id` int, `uid` int, `quiz_keyword` varchar(20), `quiz_question` varchar(100), `quiz_answer` varchar(20), `quiz_msg_correct` varchar(100), `quiz_msg_incorrect` varchar(100), `quiz_enable` int);
INSERT INTO `sms_featureQuiz` VALUES (1,2,'KUIS','Ibu kota?','Jakarta','Benar','Salah',1);
CREATE TABLE `sms_featureStoplist` (`id` int, `uid` int, `mobile` varchar(20));
INSERT INTO `sms_featureStoplist` VALUES (1,1,'+62899');
CREATE TABLE `sms_featureSubscribe` (`subscribe_id` int, `uid` int, `subscribe_keyword` varchar(20), `subscribe_msg` varchar(140), `unsubscribe_msg` varchar(140), `subscribe_enable` int, `subscribe_param` varchar(20), `unsubscribe_param` varchar(20), `forward_param` varchar(20), `unknown_format_msg` varchar(140));
INSERT INTO `sms_featureSubscribe` VALUES (5,2,'GABUNG','Selamat datang','Sampai jumpa',1,'REG','UNREG','BC','Balas GABUNG REG');
CREATE TABLE `sms_featureSubscribe_member` (`member_id` int, `subscribe_id` int, `member_number` varchar(20));
INSERT INTO `sms_featureSubscribe_member` VALUES (9,5,'+6281200000009');
CREATE TABLE `sms_tblSMSInbox` (`in_id` int, `flag_deleted` int, `in_sender` varchar(20), `in_receiver` varchar(20), `in_uid` int, `in_msg` text, `in_datetime` varchar(20), `reference_id` varchar(255));
INSERT INTO `sms_tblSMSInbox` VALUES (41,0,'+62855','+62811',2,'Terima kasih','2024-05-06 07:08:09',''),(42,1,'+62855','',2,'deleted','2024-05-06 07:08:09','');
CREATE TABLE `sms_tblSMSIncoming` (`in_id` int, `flag_deleted` int, `in_uid` int, `in_feature` varchar(255), `in_sender` varchar(100), `in_receiver` varchar(20), `in_message` text, `in_datetime` varchar(20), `in_status` int);
INSERT INTO `sms_tblSMSIncoming` VALUES (1,0,2,'','+62855','+62811','Terima kasih','2024-05-06 07:08:09',1),(2,0,0,'','BANK','','Kode','2024-05-06 08:00:00',0);
CREATE TABLE `sms_tblSMSOutgoing` (`id` int, `smslog_id` int, `flag_deleted` int, `uid` int, `p_dst` varchar(100), `p_footer` varchar(30), `p_msg` text, `p_datetime` varchar(20), `p_update` varchar(20), `p_status` int);
INSERT INTO `sms_tblSMSOutgoing` VALUES (1,5001,0,2,'+6281200000001','- Toko','Halo','2024-05-06 07:00:00','2024-05-06 07:00:09',3),(2,5002,0,2,'+6281200000002','','Menunggu','2024-05-06 07:00:00','0000-00-00 00:00:00',0),(3,5003,0,1,'+6281200000003','','Gagal','2024-05-06 07:00:00','2024-05-06 07:01:00',2),(4,5004,0,2,'@siapa','','x','2024-05-06 07:00:00','',1);
CREATE TABLE `sms_tblSMSOutgoing_queue` (`id` int, `flag` int, `message` text);
INSERT INTO `sms_tblSMSOutgoing_queue` VALUES (1,0,'Menunggu'),(2,1,'Halo');
CREATE TABLE `sms_tblUser` (`parent_uid` int, `uid` int, `status` int, `username` varchar(100), `password` varchar(255), `token` varchar(255), `enable_webservices` int, `webservices_ip` varchar(100), `footer` varchar(30), `flag_deleted` int);
INSERT INTO `sms_tblUser` VALUES (0,1,2,'bos','{MD5}','{ADMIN}',1,'*.*.*.*','',0),(1,2,3,'toko','{MD5}','{TOKEN}',1,'127.0.0.1, 192.168.*.*','- Toko',0),(1,3,3,'hapus','x','x',1,'',NULL,1);
-- Dump completed
"
    )
}

fn states(report: &Value) -> Vec<(String, String, String)> {
    let lines = report["lines"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    lines.iter().map(|l| (text(&l["what"]), text(&l["name"]), text(&l["state"]))).collect()
}

fn all(state: &str) -> Vec<(String, String, String)> {
    let things = [
        ("user", "bos"),
        ("user", "toko"),
        ("group", "Toko"),
        ("template", "Salam"),
        ("template", "SALAM (2)"),
        ("template", "x"),
        ("group", "subscribe GABUNG"),
        ("service", "autoreply JAM"),
        ("service", "autoreply HARGA"),
        ("service", "board PAPAN"),
        ("service", "Cek stok"),
        ("service", "inbox RAPAT"),
        ("service", "poll PILIH"),
        ("service", "quiz KUIS"),
        ("service", "subscribe GABUNG"),
        ("service", "unsubscribe GABUNG"),
        ("service", "help GABUNG"),
    ];
    let named = things.map(|(what, name)| {
        // Its user is not in the dump.
        let state = if name == "x" { "failed" } else { state };
        (what.to_owned(), name.to_owned(), state.to_owned())
    });
    named.to_vec()
}

/// What an import says, though a template of nobody is not made.
async fn import(gateway: &Gateway, file: &Path, more: &[&str]) -> Value {
    let said = ["--json", "import", "playsms", file.to_str().unwrap()];
    let output = run(gateway.data(), &[&said[..], more].concat(), None).await;
    assert!(!output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

async fn ask(gateway: &Gateway, fields: &[(&str, &str)]) -> Value {
    let url = format!("{}/index.php", gateway.url);
    let user = if fields.iter().any(|(name, _)| *name == "u") { &[][..] } else { &[("u", "toko")] };
    let query = [&[("app", "ws")][..], user, fields].concat();
    let answer = reqwest::Client::new().get(url).query(&query).send().await.unwrap();
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn playsms_is_imported_once_and_its_programs_go_on() {
    let rig = Rig::start_with(&[Make::Wavecom], &[("MERPATI__DOORS__PLAYSMS", "true")]).await;
    let gateway = &rig.gateway;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("playsms.sql");

    // A dump that is not whole brings nothing.
    let whole = dump();
    fs::write(&file, &whole[..whole.len() - 60]).unwrap();
    let said = ["import", "playsms", file.to_str().unwrap()];
    let output = run(gateway.data(), &said, None).await;
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("the dump is not whole; nothing was imported"), "{words}");
    fs::write(&file, &whole).unwrap();

    let report = import(gateway, &file, &["--dry-run"]).await;
    assert_eq!(states(&report), all("new"));
    let counts = json!([
        { "what": "contacts", "found": 4, "made": 0, "there": 0, "refused": 0 },
        { "what": "sent messages", "found": 4, "made": 0, "there": 0, "refused": 0 },
        { "what": "received messages", "found": 3, "made": 0, "there": 0, "refused": 0 },
        { "what": "stopped numbers", "found": 1, "made": 0, "there": 0, "refused": 0 },
    ]);
    assert_eq!(report["counts"], counts);
    let remarks = report["remarks"].to_string();
    for said in [
        "the board 'PAPAN' is seen by nobody without logging in until",
        "'board_forward_email' is not carried over: an endpoint of a webhook may be a mailto: address",
        "the command 'RUN' is not carried over: a service runs a program by its whole path",
        "the poll 'LAMA' is switched off there",
        "'forward_param' is not carried over: a sender's number proves nothing",
        "'smsc' is not carried over: the service takes what comes to every SIM",
        "the user 'toko': 'footer' is not carried over",
        "1 messages that were deleted in playSMS are left out",
        "1 sendings still waited in playSMS's queue",
        "line 8, byte",
    ] {
        assert!(remarks.contains(said), "{said} in {remarks}");
    }
    assert!(!report.to_string().contains(TOKEN) && !report.to_string().contains(MD5));
    assert_eq!(gateway.cli(&["service", "list"]).await, json!({ "services": [] }));

    let report = import(gateway, &file, &[]).await;
    assert_eq!(states(&report), all("made"));
    let count = |report: &Value, n: usize| {
        let of = |name: &str| report["counts"][n][name].as_u64().unwrap();
        (of("made"), of("there"), of("refused"))
    };
    // One has no number, and one no user; `@siapa` is no number either; one stands in both tables of received messages.
    assert_eq!((count(&report, 0), count(&report, 1)), ((2, 0, 1), (3, 0, 1)), "{report}");
    assert_eq!((count(&report, 2), count(&report, 3)), ((2, 1, 0), (1, 0, 0)), "{report}");
    let stopped = "/optouts/%2B62899";
    let nothing = json!({});
    let out = as_administrator(gateway, Method::GET, stopped, &nothing).await;
    assert_eq!((&out["out"], &out["changes"][0]["source"]), (&json!(true), &json!("import")));
    // What is said here goes before what the dump says.
    as_administrator(gateway, Method::DELETE, stopped, &nothing).await;
    let again = import(gateway, &file, &[]).await;
    assert_eq!(states(&again), all("there"));
    assert_eq!((count(&again, 0), count(&again, 1)), ((0, 2, 1), (0, 3, 1)), "{again}");
    assert_eq!((count(&again, 2), count(&again, 3)), ((0, 3, 0), (0, 1, 0)), "{again}");
    let out = as_administrator(gateway, Method::GET, stopped, &nothing).await;
    assert_eq!(out["out"], false, "{out}");

    // What the services of playSMS did, those of here do.
    for (text, said, summary) in [
        ("HARGA kue", "reply", "Rp 5000"),
        ("KUIS jakarta", "reply", "Benar"),
        ("kuis bandung", "reply", "Salah"),
        ("PILIH ya", "vote", "ya"),
        ("PAPAN banjir di pasar", "keeps", "banjir di pasar"),
        ("gabung reg", "reply", "Selamat datang"),
        ("gabung unreg", "reply", "Sampai jumpa"),
        ("gabung saja", "reply", "Balas GABUNG REG"),
    ] {
        let test = ["service", "test", "--from", "+6281234567890", "--text", text];
        let tested = gateway.cli(&test).await;
        assert_eq!(tested[said], summary, "{tested}");
    }
    let test = ["service", "test", "--from", "+6281234567890", "--text", "notulen rapat"];
    let tested = gateway.cli(&test).await;
    assert_eq!(tested["inbox"].as_array().map(Vec::len), Some(1), "{tested}");

    // The program goes on with its token: contacts, what was sent under its old number, what was received.
    let found = ask(gateway, &[("h", TOKEN), ("op", "get_contact"), ("kwd", "siti")]).await;
    let siti = &found["data"][0];
    assert_eq!(siti["p_desc"], "Siti '; DROP TABLE users; --", "{found}");
    assert_eq!((&siti["group_name"], &siti["code"]), (&json!("Toko"), &json!("TOKO")));
    let sent = ask(gateway, &[("h", TOKEN), ("op", "ds"), ("smslog_id", "5001")]).await;
    let sent = &sent["data"][0];
    assert_eq!((&sent["status"], &sent["dt"]), (&json!("3"), &json!("2024-05-06 07:00:00")));
    assert_eq!(sent["msg"], "Halo - Toko");
    let came = ask(gateway, &[("h", TOKEN), ("op", "ix")]).await;
    assert_eq!(
        (&came["data"][0]["id"], &came["data"][0]["msg"]),
        (&json!("41"), &json!("Terima kasih"))
    );
    let last =
        ask(gateway, &[("h", TOKEN), ("op", "pv"), ("to", "+6285711112222"), ("msg", "Baru")])
            .await;
    let number: i64 = last["data"][0]["smslog_id"].as_str().unwrap().parse().unwrap();
    assert!(number > 5_004, "{number}");
    assert_eq!(ask(gateway, &[("h", "wrong"), ("op", "ix")]).await["error"], "100");
    // The old password is given a token, until another one is set.
    let token = ask(gateway, &[("op", "get_token"), ("p", "rahasia")]).await;
    let token = token["token"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned();
    assert_eq!(ask(gateway, &[("h", &token), ("op", "ix")]).await["error_string"], Value::Null);
    let user = ["user", "password", "toko", "--password-stdin"];
    assert!(run(gateway.data(), &user, Some("merpati terbang tinggi\n")).await.status.success());
    assert_eq!(ask(gateway, &[("op", "get_token"), ("p", "rahasia")]).await["error"], "100");
    assert_eq!(ask(gateway, &[("h", TOKEN), ("op", "ix")]).await["error_string"], Value::Null);

    // An administrator's does what only administrators may, but makes no other one.
    let bos = async |more: &[(&str, &str)]| {
        ask(gateway, &[&[("u", "bos"), ("h", ADMIN)][..], more].concat()).await
    };
    let user = |status| {
        [
            ("op", "accountadd"),
            ("data_username", "kasir"),
            ("data_password", "merpati terbang"),
            ("data_status", status),
        ]
    };
    assert_eq!(bos(&user("2")).await["error"], "600");
    assert_eq!(bos(&user("3")).await["status"], "OK");
    let kasir = [("data_username", "kasir")];
    for op in ["accountban", "accountunban"] {
        let done = bos(&[&kasir[..], &[("op", op)]].concat()).await;
        assert_eq!(done["status"], "OK", "{done}");
    }
    let inject = [("op", "inject"), ("from", "+62855"), ("msg", "Disuntik")];
    assert_eq!(bos(&inject).await["status"], "OK");
    let refused = ask(gateway, &[&[("h", TOKEN)][..], &inject].concat()).await;
    assert_eq!(refused["status"], "ERR", "{refused}");
    // Its old password gives a token that does none of it.
    let token = ask(gateway, &[("u", "bos"), ("op", "get_token"), ("p", "rahasia")]).await;
    let token = token["token"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned();
    let asked = [&[("u", "bos"), ("h", token.as_str())][..], &inject].concat();
    assert_eq!(ask(gateway, &asked).await["status"], "ERR");

    // Nothing of it was sent: the new message is the only one.
    let sent = rig.network().sent_at_least(1).await;
    assert_eq!(sent.iter().map(modem_sim::Sent::to).collect::<Vec<_>>(), ["+6285711112222"]);
    let waited = gateway.cli(&["messages", "--state", "cancelled"]).await;
    let messages = waited["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 1, "{waited}");
    assert_eq!(messages[0]["imported_from"], "playSMS", "{waited}");
}

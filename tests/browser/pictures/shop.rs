//! A shop that sends and receives: everything that it keeps, and two weeks of messages.

use std::fmt::Write as _;
use std::time::Duration;

use contracts::Timestamp;
use modem_sim::{Fault, FaultRule, Simulation};
use serde_json::{Value, json};

use super::api::Api;
use super::fleet;

/// Who writes with the shop.
const PEOPLE: [&str; 14] = [
    "Siti Rahma",
    "Budi Santoso",
    "Wayan Sudarma",
    "Rina Kartika",
    "Agus Salim",
    "Dewi Lestari",
    "Joko Susilo",
    "Maria Tan",
    "Hendra Wijaya",
    "Nur Aini",
    "Eko Prasetyo",
    "Fitri Handayani",
    "Yohanes Manek",
    "Lina Marlina",
];
/// The zone of the shop.
const ZONE: &str = "Asia/Jakarta";
/// The days of messages that another gateway left.
const DAYS: u64 = 14;
/// The rows of the file that is being sent: two modems have work for as long as pictures are taken.
const ROWS: usize = 600;

/// Addresses of what was made, by the names of their pictures.
pub(super) type Places = Vec<(&'static str, String)>;

/// The number of one of the people.
fn number(person: usize) -> String {
    format!("+62812345000{:02}", 11 + person % PEOPLE.len())
}

/// Fills the gateway, and returns where to look at what was made.
pub(super) async fn fill(api: &Api, simulation: &Simulation) -> Places {
    let sim = sim_of(api, 1).await;
    let mut places = keep(api, &sim).await;
    history(api).await;
    // Before anything else is sent, which could take the fault.
    places.push(("message-failed", fail(api, simulation, &sim).await));
    places.extend(automate(api).await);
    places.extend(talk(api, simulation, &sim).await);
    places.extend(files(api).await);
    places
}

async fn sim_of(api: &Api, place: usize) -> String {
    let modem = api.modem(fleet::name(place)).await;
    modem["sim"]["id"].as_str().unwrap_or_else(|| panic!("{modem}")).to_owned()
}

/// People, their groups, accounts, and what operators set.
async fn keep(api: &Api, sim: &str) -> Places {
    let mut places = Places::new();
    for (name, role) in [
        ("budi", "operator"),
        ("sari", "manager"),
        ("wati", "user"),
        ("kasir", "read-only"),
        ("toko-online", "service"),
    ] {
        let mut new = json!({ "name": name, "role": role });
        if role != "service" {
            new["password"] = json!("empat ekor merpati");
        }
        let id = api.made("/users", &new).await;
        if name == "wati" {
            api.put(&format!("/users/{id}/limits"), &json!({ "per_day": 500, "zone": ZONE })).await;
            let credit = json!({ "amount": "150000", "note": "Faktur 17" });
            api.post(&format!("/credits/{id}"), &credit).await;
            places.push(("user", format!("/users/{id}")));
            places.push(("user-limits", format!("/users/{id}/limits")));
            places.push(("credit", format!("/credits/{id}")));
        }
    }
    api.post("/invitations", &json!({ "role": "user", "label": "Rini, bagian gudang" })).await;
    let key = json!({ "label": "Toko online", "scopes": ["messages:send"] });
    places.push(("key", format!("/keys/{}", api.made("/keys", &key).await)));
    // Without a SIM, through which nobody else would send.
    let team = json!({ "name": "Penjualan", "users": ["sari", "wati"] });
    places.push(("team", format!("/teams/{}", api.made("/teams", &team).await)));

    let mut groups = Vec::new();
    for (name, code) in [("Pelanggan", "PLG"), ("Karyawan", "KRY"), ("Pemasok", "PMS")] {
        let new = json!({ "name": name, "code": code, "shared": true });
        groups.push(api.made("/groups", &new).await);
    }
    let contacts: Vec<Value> = PEOPLE
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let group = &groups[usize::from(at % 5 == 0)];
            let tags: &[&str] = if at % 3 == 0 { &["vip"] } else { &[] };
            json!({ "name": name, "number": number(at), "groups": [group], "tags": tags })
        })
        .collect();
    let made = api.post("/contacts/bulk", &json!({ "contacts": contacts, "shared": true })).await;
    let first = made["contacts"][0]["id"].as_str().unwrap_or_else(|| panic!("{made}"));
    places.push(("contact", format!("/contacts/{first}")));
    places.push(("group", format!("/groups/{}", groups[0])));
    for number in ["+6281234500701", "+6281234500702"] {
        let twice = json!({ "name": "Toko Sumber Rejeki", "number": number });
        api.made("/contacts", &twice).await;
    }
    let rows = "Nama;No. HP;Kota;Grup\nSinta;+6281234500711;Bandung;Grosir\nTanpa nomor;;Garut;\n";
    let import = api.file("/contact-imports", "kontak-lama.csv", rows.to_owned()).await;
    api.patch(&format!("/contact-imports/{import}"), &json!({})).await;
    places.push(("contact-import", format!("/contact-imports/{import}")));
    for (name, text) in [
        ("Pesanan siap", "Halo {name}, pesanan Anda sudah siap diambil."),
        ("Terima kasih", "Terima kasih sudah berbelanja di Toko Merpati!"),
        ("Pengingat", "Halo {name}, tagihan Anda jatuh tempo besok."),
    ] {
        let id =
            api.made("/templates", &json!({ "name": name, "text": text, "shared": true })).await;
        if name == "Pesanan siap" {
            places.push(("template", format!("/templates/{id}")));
        }
    }
    let out = json!({ "numbers": ["+6281234500901", "+6281234500902", "+6281234500903"] });
    api.post("/optouts", &out).await;

    let limits = json!({
        "per_hour": 1_000, "per_day": 5_000, "recipients_per_month": 2_000, "price": 350, "zone": ZONE,
    });
    api.patch(&format!("/sims/{sim}"), &json!({ "limits": limits })).await;
    places.push(("sim", format!("/sims/{sim}")));
    for (name, place) in [("modem", 1), ("modem-pin", 3), ("modem-offline", 4)] {
        let modem = api.modem(fleet::name(place)).await;
        let id = modem["id"].as_str().unwrap_or_else(|| panic!("{modem}"));
        places.push((name, format!("/modems/{id}")));
        if name == "modem" {
            places.push(("modem-lines", format!("/modems/{id}/lines")));
        }
    }
    let version = api.get("/routes").await["version"].clone();
    let rules = json!([
        { "name": "Kata sandi sekali pakai", "priorities": ["otp"], "targets": [{ "pool": "default" }] },
        { "name": "Telkomsel", "prefixes": ["+62811", "+62812"], "targets": [{ "sim": sim }, { "pool": "default" }] },
        { "name": "Nomor premium", "prefixes": ["+62809"], "refuse": "Nomor premium tidak dikirimi." },
    ]);
    let pools = json!([{ "name": "default", "strategy": "round_robin" }]);
    let routes = json!({ "version": version, "rules": rules, "pools": pools });
    api.put("/routes", &routes).await;
    let version = api.get("/prices").await["version"].clone();
    let prefixes =
        json!([{ "prefix": "+62", "price": "350" }, { "prefix": "+65", "price": "900" }]);
    let prices =
        json!({ "version": version, "currency": "IDR", "usual": "1500", "prefixes": prefixes });
    api.put("/prices", &prices).await;
    places
}

/// Two weeks of messages in both directions, as another gateway left them.
async fn history(api: &Api) {
    const TEXTS: [&str; 6] = [
        "Pesanan Anda sedang dikemas.",
        "Paket sudah dikirim dengan kurir, tiba besok.",
        "Toko tutup hari Minggu. Terima kasih!",
        "Tagihan bulan ini Rp 185.000, jatuh tempo tanggal 10.",
        "Stok sudah tersedia lagi, silakan mampir.",
        "Pembayaran Anda sudah kami terima.",
    ];
    const ANSWERS: [&str; 4] =
        ["Baik, terima kasih", "Jam berapa buka?", "Sudah saya transfer ya", "Mohon dikirim besok"];
    let now = Timestamp::now();
    let at = |day: u64, message: u64| {
        let seconds = day * 86_400 + 3_600 + message * 2_917 % 36_000;
        now.minus(Duration::from_secs(seconds))
    };
    let (mut sent, mut received) = (Vec::new(), Vec::new());
    for day in 0..DAYS {
        for message in 0..8 + day * 5 % 9 {
            let each = usize::try_from(day * 17 + message).unwrap();
            let state = match each % 23 {
                7 => "undelivered",
                15 => "failed",
                _ => "delivered",
            };
            sent.push(json!({
                "source": format!("s{day}-{message}"), "to": number(each), "state": state,
                "text": TEXTS[each % TEXTS.len()], "at": at(day, message),
            }));
            if message % 4 == 1 {
                received.push(json!({
                    "source": format!("r{day}-{message}"), "from": number(each),
                    "text": ANSWERS[each % ANSWERS.len()], "at": at(day, message),
                    "to": fleet::number(1),
                }));
            }
        }
    }
    let all = json!({ "from": "Gammu", "sent": sent, "received": received });
    api.post("/history", &all).await;
}

/// A message that the network refuses; returns its page.
async fn fail(api: &Api, simulation: &Simulation, sim: &str) -> String {
    simulation.modem(1).fault(FaultRule::times(Fault::Cms(28), 1));
    let lost = json!({ "to": "+6281234500099", "text": "Pesanan 4711 siap diambil.", "sim": sim });
    let lost = api.send(&lost).await;
    api.until(&lost, &["failed"]).await;
    format!("/messages/{lost}")
}

/// What was said today, in both directions, a one-time password among it.
async fn talk(api: &Api, simulation: &Simulation, sim: &str) -> Places {
    let mut places = Places::new();
    let network = simulation.network();
    let siti = number(0);
    let code = json!({ "to": number(3), "text": "Kode Anda 481 204. Jangan beri tahu siapa pun.", "priority": "otp" });
    let code = api.send(&code).await;
    let mut last = String::new();
    for (said, answer) in [
        ("Halo Bu Siti, pesanan 4712 sudah siap.", "Baik, saya ambil jam 4 sore"),
        ("Kami tunggu. Totalnya Rp 185.000.", "Bisa bayar pakai QRIS?"),
    ] {
        last = api.send(&json!({ "to": siti, "text": said, "sim": sim })).await;
        api.until(&last, &["delivered"]).await;
        network.send_text(1, &siti, answer).unwrap();
    }
    places.push(("message", format!("/messages/{last}")));
    api.until(&code, &["sent", "delivered"]).await;
    places.push(("message-otp", format!("/messages/{code}")));
    network.send_text(2, &number(1), "Apakah besok buka?").unwrap();
    network.send_text(2, &number(2), "INFO").unwrap();
    testkit::wait_for_within(super::PATIENCE, "what is received", || async {
        let inbox = api.get("/inbox?limit=10").await.to_string();
        inbox.contains("besok buka").then_some(())
    })
    .await;
    let later = json!({ "to": number(5), "text": "Selamat pagi!", "not_before": Timestamp::now().plus(Duration::from_secs(86_400)) });
    let later = api.send(&later).await;
    places.push(("message-waiting", format!("/messages/{later}")));
    let inbox = api.get("/inbox?limit=1").await;
    let newest = inbox["messages"][0]["id"].as_str().unwrap_or_else(|| panic!("{inbox}"));
    places.push(("received-one", format!("/received/{newest}")));
    places.push(("conversation", format!("/conversations/{siti}")));
    places
}

/// What goes on by itself.
async fn automate(api: &Api) -> Places {
    let mut places = Places::new();
    let groups = api.get("/groups").await;
    let all = groups["groups"].as_array().expect("groups");
    let of_customers = all.iter().find(|group| group["name"] == json!("Pelanggan"));
    let group = of_customers.unwrap_or_else(|| panic!("{groups}"))["id"].clone();
    let new = json!({
        "name": "Salam hari Senin", "text": "Selamat pagi, toko buka jam 8.", "groups": [group],
        "at": "2130-01-02 08:00", "zone": ZONE, "repeat": "FREQ=WEEKLY;BYDAY=MO",
    });
    places.push(("schedule", format!("/schedules/{}", api.made("/schedules", &new).await)));
    let new = json!({
        "name": "Pengingat tagihan", "text": "Tagihan Anda jatuh tempo tanggal 10.", "to": [number(4)],
        "at": "2130-01-05 09:00", "zone": ZONE, "repeat": "FREQ=MONTHLY;BYMONTHDAY=5", "paused": true,
    });
    api.made("/schedules", &new).await;

    let new = json!({
        "name": "Diskon akhir tahun", "text": "Hai {name}, diskon 20% sampai Sabtu!", "groups": [group],
        "zone": ZONE, "pace": "60/hour", "quiet": "21:00-08:00",
    });
    let draft = api.made("/broadcasts", &new).await;
    places.push(("broadcast-draft", format!("/broadcasts/{draft}")));
    let numbers: Vec<String> = (0..40).map(|n| format!("+62812345003{n:02}")).collect();
    let new = json!({
        "name": "Libur toko", "text": "Toko tutup tanggal 25 dan 26.", "to": numbers, "zone": ZONE,
        "pace": "60/hour",
    });
    let started = api.made("/broadcasts", &new).await;
    api.post(&format!("/broadcasts/{started}/start"), &json!({})).await;
    places.push(("broadcast", format!("/broadcasts/{started}")));

    for (name, new) in [
        (
            "service",
            json!({ "name": "Jam buka", "keyword": "info", "aliases": ["jam"], "reply": "Buka jam 8 sampai 17." }),
        ),
        (
            "service-vote",
            json!({ "name": "Rasa baru", "keyword": "pilih", "vote": ["kopi", "teh"], "reply": "Terima kasih!" }),
        ),
        (
            "service-survey",
            json!({
                "name": "Survei", "keyword": "survei", "survey": ["Siapa nama Anda?", "Puas? = ya, tidak"], "wait_minutes": 60,
            }),
        ),
    ] {
        places.push((name, format!("/services/{}", api.made("/services", &new).await)));
    }
    for (name, url, events) in [
        ("webhook", "https://toko.example/sms", json!(["sms.received", "sms.delivered"])),
        ("webhook-modems", "https://gudang.example/modem", json!(["modem.offline", "balance.low"])),
    ] {
        let new = json!({ "url": url, "events": events });
        places.push((name, format!("/webhooks/{}", api.made("/webhooks", &new).await)));
    }
    places
}

/// Files of rows: one that was uploaded, one of which it was said what is sent, and one that is being sent.
async fn files(api: &Api) -> Places {
    let rows = |count: usize| {
        (0..count).fold("nomor;nama;jumlah\n".to_owned(), |mut rows, row| {
            let name = PEOPLE[row % PEOPLE.len()];
            let _ = writeln!(rows, "+6281234{:05};{name};{}", 10_000 + row, 50_000 + row * 250);
            rows
        })
    };
    let plan = json!({
        "number": "nomor", "has_names": true, "text": "Halo {nama}, tagihan Anda Rp {jumlah}.",
    });
    let fresh = api.file("/bulk", "pelanggan.csv", rows(20)).await;
    let planned = rows(20) + "6.28E+11;Cici;1\n;Tanpa nomor;2\n";
    let planned = api.file("/bulk", "tagihan-januari.csv", planned).await;
    api.patch(&format!("/bulk/{planned}"), &plan).await;
    let sending = api.file("/bulk", "tagihan-desember.csv", rows(ROWS)).await;
    let said = api.patch(&format!("/bulk/{sending}"), &plan).await;
    let send = json!({ "revision": said["revision"] });
    api.post(&format!("/bulk/{sending}/send"), &send).await;
    vec![
        ("bulk-file", format!("/bulk/{fresh}")),
        ("bulk-plan", format!("/bulk/{planned}")),
        ("bulk-sending", format!("/bulk/{sending}")),
    ]
}

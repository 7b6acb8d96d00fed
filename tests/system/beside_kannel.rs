//! Kannel and Merpati, asked the same: status, body, and what goes on the air are compared.
//!
//! Kannel (the distribution's package) drives a simulated modem of its own. What differs on purpose stands in
//! [`differences`], each with its reason; everything else must be the same. Not compared: TP-MR and TP-SRR (Merpati always
//! asks for a report, for its own pages), the order of elements in a header, and TP-VP where the request says nothing
//! of it (Kannel's configuration has one, and Merpati leaves it to the network).

#[expect(dead_code, reason = "the benchmark of the door asks which processes they are")]
mod daemon;
mod dice;
mod differences;
mod requests;
mod side;

use std::collections::{BTreeMap, BTreeSet};

use modem_sim::{Make, PortAddress, Simulation, SimulationConfig};
use tokio_util::sync::CancellationToken;
use tpdu::Submit;

use self::daemon::Kannel;
use self::dice::Dice;
use self::differences::{ACCEPTED, ON_PURPOSE, REFUSED_ON_PURPOSE};
use self::requests::{Case, get, made_up, numbered};
use self::side::{Side, all_sent, ask, on_air, sent_to};
use crate::rig::Rig;

/// How many requests are made up.
const REQUESTS: usize = 300;
/// Modems of Kannel, which looks at a modem for two seconds after each message.
const MODEMS: usize = 32;
/// What they are made up from.
const SEED: u64 = 0x4d65_7270_6174_6931;

#[tokio::test(flavor = "multi_thread")]
async fn what_kannel_takes_goes_on_the_air_alike() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = SimulationConfig::of_makes(MODEMS, &[Make::Wavecom]);
    config.tcp = true;
    let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();
    let modems: Vec<String> =
        (1..=MODEMS).map(|place| group(&simulation.modem(place).address().unwrap())).collect();
    let key = rig.gateway.key();
    let kannel = Kannel::start(folder.path(), "sms-resend-freq = 1\n", &modems, key).await;
    let theirs = Side { name: "Kannel", address: &kannel.sendsms, network: simulation.network() };
    let address = rig.gateway.url.strip_prefix("http://").unwrap();
    let ours = Side { name: "Merpati", address, network: rig.network() };

    let mut dice = Dice(SEED);
    let mut cases: Vec<Case> = (0..REQUESTS).map(|n| made_up(&mut dice, n, key)).collect();
    let first_on_purpose = cases.len();
    cases.extend(ON_PURPOSE.iter().enumerate().map(|(n, differs)| {
        let to = numbered(REQUESTS + n);
        let to_escaped = to.replace('+', "%2B");
        let query = [format!("to={to_escaped}&").as_bytes(), differs.query].concat();
        Case { request: get(key, &query), to: vec![to], validity: false }
    }));

    // Both are asked in turn, and both at one time.
    let ask_all = async |side: &Side<'_>| {
        let mut answers = Vec::with_capacity(cases.len());
        for case in &cases {
            answers.push(ask(side, &case.request).await);
        }
        let accepted = |(_, answer): &(&Case, &String)| answer.starts_with("202");
        let to: BTreeSet<&str> = cases
            .iter()
            .zip(&answers)
            .filter(accepted)
            .flat_map(|(case, _)| case.to.iter().map(String::as_str))
            .collect();
        all_sent(side, &to).await;
        answers
    };
    let (their_answers, our_answers) = tokio::join!(ask_all(&theirs), ask_all(&ours));
    let (their_air, our_air) = (sent_to(theirs.network), sent_to(ours.network));
    let seen = |air: &BTreeMap<String, Vec<Submit>>, case: &Case| -> Vec<String> {
        let parts = |to: &String| air.get(to).and_then(|sent| on_air(sent, case.validity));
        case.to.iter().map(|to| parts(to).unwrap_or_default()).collect()
    };

    let mut differences = Vec::new();
    let mut accepted = 0;
    for (n, case) in cases.iter().enumerate() {
        let answers = [&their_answers[n], &our_answers[n]];
        let air = [seen(&their_air, case), seen(&our_air, case)];
        if let Some(differs) = n.checked_sub(first_on_purpose).map(|n| &ON_PURPOSE[n]) {
            let expected = [[differs.kannel], [differs.merpati]];
            if answers != [ACCEPTED, ACCEPTED] || air != expected {
                differences.push(format!("{}:\n  {answers:?}\n  {air:#?}", differs.name));
            }
            continue;
        }
        accepted += usize::from(answers[0].starts_with("202"));
        if answers[0] != answers[1] || air[0] != air[1] {
            differences.push(format!(
                "{}\n  Kannel:  {} {:?}\n  Merpati: {} {:?}\n",
                String::from_utf8_lossy(&case.request).replace(key, "KEY"),
                answers[0],
                air[0],
                answers[1],
                air[1]
            ));
        }
    }
    assert!(accepted > REQUESTS / 2, "{accepted} of {REQUESTS} were accepted");

    for (n, refused) in REFUSED_ON_PURPOSE.iter().enumerate() {
        let to = numbered(2 * REQUESTS + n).replace('+', "%2B");
        let query = String::from_utf8_lossy(refused.query).replace("{to}", &to);
        let request = get(key, query.as_bytes());
        let answers = [ask(&theirs, &request).await, ask(&ours, &request).await];
        if answers != [refused.kannel, refused.merpati] {
            differences.push(format!("{query}: {answers:#?}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {REQUESTS} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// A modem as Kannel's configuration has it.
fn group(modem: &PortAddress) -> String {
    let PortAddress::Tcp(modem) = modem else { panic!("{modem} is no TCP port") };
    format!(
        "group = smsc\nsmsc = at\nsmsc-id = air\nmodemtype = sim\ndevice = rawtcp\nhost = 127.0.0.1\nport = {}\n\
         validityperiod = 167\n",
        modem.port()
    )
}

use modem_sim::{Simulation, SimulationConfig};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, submits};

struct Control(BufReader<TcpStream>);

impl Control {
    async fn ask(&mut self, line: &str) -> Vec<String> {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).await.unwrap(), 0);
            answer.push(line.trim_end().to_owned());
            if line == "ok\n" || line.starts_with("error: ") {
                return answer;
            }
        }
    }
}

#[tokio::test]
async fn everything_can_be_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let config = SimulationConfig {
        control: Some(([127, 0, 0, 1], 0).into()),
        dir: Some(dir.path().into()),
        ..SimulationConfig::new(2)
    };
    let sim = Simulation::start(config, CancellationToken::new()).await.unwrap();
    let stream = TcpStream::connect(sim.control().unwrap()).await.unwrap();
    let mut control = Control(BufReader::new(stream));

    let list = control.ask("list").await;
    assert_eq!(list.len(), 3);
    let first: serde_json::Value = serde_json::from_str(&list[0]).unwrap();
    assert_eq!(first["number"], "+6281200000001");
    assert_eq!(first["status"]["registration"], 1);
    assert!(control.ask("help").await.len() > 10);

    let mut client = Client::open(&sim.modem(1).address().unwrap()).await.unwrap();
    client.set_up("2,1,0,0,0").await;
    assert_eq!(control.ask("mo modem1 from=+628123456789 text=Halo\\nlagi").await, ["ok"]);
    client.until("+CMTI: \"SM\",1\r\n").await;
    assert_eq!(control.ask("fault modem1 cms-38 count=1").await, ["ok"]);
    assert_eq!(sim.modem(1).status().faults, ["cms-38 count=1"]);
    assert_eq!(control.ask("clear modem1 cms-38").await, ["ok"]);
    client.send(&submits("+628111222333", "satu dua")[0]).await;
    assert_eq!(control.ask("wait 1 10").await, ["ok"]);
    let sent: serde_json::Value = serde_json::from_str(&control.ask("sent 1").await[0]).unwrap();
    assert_eq!(sent["text"], "satu dua");
    assert_eq!(sent["to"], "+628111222333");

    assert_eq!(control.ask("ring modem1 +62811 1").await, ["ok"]);
    client.until("RING\r\n").await;
    client.at("AT+CUSD=1").await;
    assert_eq!(control.ask("ussd modem1 Bonus\\n100 SMS").await, ["ok"]);
    client.until("+CUSD: 0,\"Bonus\n100 SMS\",15\r\n").await;
    assert_eq!(control.ask("top-up modem1 5000").await, ["ok"]);
    client.at("AT+CUSD=1,\"*888#\",15").await;
    client.until("Rp 30.000").await;
    assert_eq!(control.ask("unplug modem1").await, ["ok"]);
    client.gone().await;
    assert_eq!(control.ask("replug modem1 modem7").await, ["ok"]);
    assert!(dir.path().join("modem7").is_symlink());
    assert_eq!(control.ask("reboot all").await, ["ok"]);
    assert_eq!(control.ask("swap modem2 50").await, ["ok"]);
    assert_eq!(sim.modem(2).number(), "+6281200000050");
    assert_eq!(control.ask("signal modem2 3").await, ["ok"]);
    assert_eq!(sim.modem(2).status().signal, 3);
    assert_eq!(control.ask("network report-delay=50 status=0x46").await, ["ok"]);

    for wrong in [
        "fault modem1 nothing",
        "unplug modem9",
        "jump",
        "sent x",
        "mo modem1 halo",
        "network speed=3",
        "swap all 3",
        "ussd modem1",
        "pdu modem1 zz",
    ] {
        let answer = control.ask(wrong).await;
        assert!(answer[0].starts_with("error: "), "{wrong}: {answer:?}");
    }
}

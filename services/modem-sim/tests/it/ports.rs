use modem_sim::{Fault, FaultRule, Interfaces, PortAddress, Role, Simulation, SimulationConfig};
use tokio_util::sync::CancellationToken;

use crate::client::Client;

async fn start(config: SimulationConfig) -> Simulation {
    Simulation::start(config, CancellationToken::new()).await.unwrap()
}

fn tcp(modems: usize) -> SimulationConfig {
    SimulationConfig { tcp: true, ..SimulationConfig::new(modems) }
}

#[tokio::test]
async fn a_terminal_answers_and_outlives_its_client() {
    let dir = tempfile::tempdir().unwrap();
    let config = SimulationConfig { dir: Some(dir.path().join("dev")), ..SimulationConfig::new(1) };
    let sim = start(config).await;
    let link = dir.path().join("dev/modem1");
    assert_eq!(sim.modem(1).address(), Some(PortAddress::Path(link.clone())));

    let address = sim.modem(1).address().unwrap();
    let mut client = Client::open(&address).await.unwrap();
    assert_eq!(client.at("AT").await, "AT\r\r\nOK\r\n");
    let onlooker = Client::open(&address).await.unwrap();
    // Nobody reads this answer: the next client must not get it.
    sim.modem(1).fault(FaultRule::times(Fault::Cms(1), 1).on("CSQ"));
    client.write("AT+CSQ\r").await;
    while !sim.modem(1).status().faults.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(onlooker.unread() > 0);
    drop(client);
    while onlooker.unread() > 0 {
        tokio::task::yield_now().await;
    }

    for _ in 0..3 {
        let mut client = Client::open(&address).await.unwrap();
        client.write("AT+CGSN\r").await;
        let answer = client.until("OK\r\n").await;
        assert_eq!(answer, format!("AT+CGSN\r\r\n{}\r\n\r\nOK\r\n", "359001000000013"));
    }
    sim.stop().await;
    assert!(!link.is_symlink());
}

#[tokio::test]
async fn what_was_said_to_nobody_is_lost() {
    let sim = start(SimulationConfig::new(1)).await;
    sim.modem(1).reboot();
    while !sim.modem(1).status().running {
        tokio::task::yield_now().await;
    }
    let mut client = Client::open(&sim.modem(1).address().unwrap()).await.unwrap();
    // The answer is not preceded by the lines of the boot.
    client.write("AT\r").await;
    let answer = client.until("OK\r\n").await;
    assert!(answer.ends_with("AT\r\r\nOK\r\n"), "{answer:?}");
    // What it says while somebody has it open arrives, though nothing was typed before.
    let mut second = Client::open(&sim.modem(1).address().unwrap()).await.unwrap();
    drop(client);
    sim.modem(1).reboot();
    second.until("+WIND: 4").await;
}

#[tokio::test]
async fn exclusive_use_ends_with_the_client() {
    let sim = start(SimulationConfig::new(1)).await;
    let address = sim.modem(1).address().unwrap();
    let PortAddress::Path(path) = &address else { panic!("{address}") };
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
    let terminal = rustix::fs::open(path, flags, rustix::fs::Mode::empty()).unwrap();
    rustix::termios::ioctl_tiocexcl(&terminal).unwrap();
    drop(terminal);
    // Root may open it anyway; the answer is what shows that the line is tidy again.
    let mut client = Client::open(&address).await.unwrap();
    client.at("AT").await;
}

#[tokio::test]
async fn a_listener_takes_one_client_at_a_time() {
    let sim = start(tcp(2)).await;
    let address = sim.modem(2).address().unwrap();
    assert!(matches!(address, PortAddress::Tcp(_)));
    let mut first = Client::open(&address).await.unwrap();
    first.at("AT").await;
    let mut second = Client::open(&address).await.unwrap();
    second.gone().await;
    first.at("AT").await;
    drop(first);
    // Its end may not have come yet.
    let mut third = loop {
        let mut client = Client::open(&address).await.unwrap();
        client.write("AT\r").await;
        if client.answers().await {
            break client;
        }
    };
    third.at("AT").await;
}

#[tokio::test]
async fn unplugged_is_gone_and_comes_back_under_another_name() {
    let dir = tempfile::tempdir().unwrap();
    let config = SimulationConfig { dir: Some(dir.path().into()), ..SimulationConfig::new(1) };
    let sim = start(config).await;
    let modem = sim.modem(1);
    let mut client = Client::open(&modem.address().unwrap()).await.unwrap();
    client.at("ATE0").await;
    modem.unplug().await;
    client.gone().await;
    assert!(!dir.path().join("modem1").is_symlink());
    assert_eq!(modem.address(), None);
    assert!(!modem.status().running);

    assert!(modem.replug(Some("../modem9")).await.is_err());
    modem.replug(Some("modem9")).await.unwrap();
    let address = modem.address().unwrap();
    assert_eq!(address, PortAddress::Path(dir.path().join("modem9")));
    let mut client = Client::open(&address).await.unwrap();
    // It booted: echo is on again.
    client.write("AT\r").await;
    assert!(client.until("OK\r\n").await.contains("AT\r\r\nOK\r\n"));
}

#[tokio::test]
async fn a_listener_is_gone_when_unplugged_and_comes_back_on_its_port() {
    let sim = start(tcp(1)).await;
    let modem = sim.modem(1);
    let address = modem.address().unwrap();
    let mut client = Client::open(&address).await.unwrap();
    client.at("AT").await;
    modem.unplug().await;
    client.gone().await;
    assert!(Client::open(&address).await.is_err());
    modem.replug(None).await.unwrap();
    assert_eq!(modem.address(), Some(address.clone()));
    Client::open(&address).await.unwrap().at("AT").await;
}

#[tokio::test]
async fn a_stick_shows_all_its_ports() {
    let dir = tempfile::tempdir().unwrap();
    let config = SimulationConfig {
        dir: Some(dir.path().into()),
        ..SimulationConfig::of_makes(1, &[modem_sim::Make::Quectel])
    };
    let sim = start(config.interfaces(Interfaces::All)).await;
    let ports = sim.all_ports();
    let roles: Vec<_> = ports.iter().map(|port| port.role).collect();
    assert_eq!(roles, [Role::Mute, Role::Position, Role::Command, Role::Modem]);
    assert_eq!(sim.ports().len(), 1);
    assert!(dir.path().join("modem1").is_symlink());
    assert!(dir.path().join("modem1.if03").is_symlink());

    // A message is told on the command port only, though the dial-up port answers too.
    let mut command = Client::open(&ports[2].address).await.unwrap();
    let mut dial_up = Client::open(&ports[3].address).await.unwrap();
    command.set_up("2,1,0,1,0").await;
    dial_up.at("ATE0").await;
    sim.network().send_text(1, "+628999", "halo").unwrap();
    command.until("+CMTI: \"SM\",0\r\n").await;
    assert_eq!(dial_up.at("AT").await, "\r\nOK\r\n");
}

#[tokio::test]
async fn hundreds_of_modems_answer() {
    let sim = start(SimulationConfig::new(200)).await;
    let mut clients = Vec::new();
    for port in sim.ports() {
        clients.push(Client::open(&port.address).await.unwrap());
    }
    for client in &mut clients {
        client.write("AT+CIMI\r").await;
    }
    for (at, client) in clients.iter_mut().enumerate() {
        client.until(&format!("00101{:010}\r\n\r\nOK\r\n", at + 1)).await;
    }
}

#[tokio::test]
async fn the_command_starts_what_its_options_say_and_ends_with_the_shutdown() {
    let dir = tempfile::tempdir().unwrap();
    let mut args = modem_sim::SimArgs::new(3);
    args.dir = Some(dir.path().into());
    args.makes = vec!["sim800".parse().unwrap()];
    args.faults = vec!["modem2 slow=10".parse().unwrap()];
    let config = args.simulation().unwrap();
    assert_eq!(config.modems.len(), 3);
    assert!(config.modems.iter().all(|modem| modem.make == modem_sim::Make::Sim800));
    assert_eq!((config.modems[0].faults.len(), config.modems[1].faults.len()), (0, 1));

    let shutdown = CancellationToken::new();
    let running = tokio::spawn(modem_sim::run(args.clone(), shutdown.clone()));
    while !dir.path().join("modem3").is_symlink() {
        tokio::task::yield_now().await;
    }
    shutdown.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

    args.faults = vec!["modem9 silence".parse().unwrap()];
    let error = args.simulation().unwrap_err().to_string();
    assert_eq!(error, "there is no 'modem9' to set a fault on; there are 3 modems");
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("modem1"), "a file of somebody").unwrap();
    let config = SimulationConfig { dir: Some(dir.path().into()), ..SimulationConfig::new(1) };
    let error = Simulation::start(config, CancellationToken::new()).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("cannot make the link") && cause.contains("modem1"), "{cause}");
    assert_eq!(std::fs::read(dir.path().join("modem1")).unwrap(), b"a file of somebody");
}

//! The control service of a modem: a NATS micro service (ADR-32), so `nats micro ls` shows every modem.

use std::sync::Arc;
use std::time::Duration;

use async_nats::service::error::Error as CallError;
use async_nats::service::{Request, ServiceExt as _};
use contracts::ModemId;
use contracts::control::{
    AtReply, AtRequest, COMMAND_NOT_ALLOWED, Call, FlightRequest, LinesReply, NumberRequest,
    PIN_REFUSED, PinReply, PinRequest, TraceReply, TraceRequest, UssdReply, UssdRequest,
};
use futures_util::StreamExt as _;
use futures_util::stream::{self, SelectAll};
use modem::{RequestError, Session, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::port::handle::{Command, Handle};
use crate::port::said::View;
use crate::report::state::Teller;

/// How long an answer of the modem may take; an open USSD dialogue ends after a minute.
const ANSWERED_WITHIN: Duration = Duration::from_secs(150);
/// How long a SIM may take to take or refuse its PIN.
const PIN_DECIDED: Duration = Duration::from_secs(12);
const LONGEST_TRACE: u8 = 60;

/// An answer for the outside: code and words.
type Refusal = (usize, String);

/// Serves the calls for one modem until `stop`.
pub(crate) async fn serve(
    client: async_nats::Client,
    modem: ModemId,
    pump: Handle,
    teller: Arc<Teller>,
    stop: CancellationToken,
) {
    loop {
        let serving = serve_once(&client, modem, &pump, &teller, &stop);
        match serving.await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(modem.id = %modem, "the control service of the modem cannot be offered: {error}");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}

async fn serve_once(
    client: &async_nats::Client,
    modem: ModemId,
    pump: &Handle,
    teller: &Arc<Teller>,
    stop: &CancellationToken,
) -> Result<(), async_nats::Error> {
    let service = client
        .service_builder()
        .description(
            "One GSM modem: state, USSD, AT commands, restart, flight mode, PIN, numbers, lines, trace",
        )
        .start("merpati-modem", env!("CARGO_PKG_VERSION"))
        .await?;
    let mut requests = SelectAll::new();
    for call in Call::ALL {
        let endpoint =
            service.endpoint_builder().name(call.as_str()).add(call.subject(modem)).await?;
        requests.push(endpoint.map(move |request| (call, request)).boxed());
    }
    requests.push(stream::pending().boxed());
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some((call, request)) = requests.next() => {
                tasks.spawn(answer(call, request, pump.clone(), Arc::clone(teller)));
            }
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
        }
    }
    if let Err(error) = service.stop().await {
        tracing::debug!(modem.id = %modem, "the control service of the modem ended without a word: {error}");
    }
    Ok(())
}

async fn answer(call: Call, request: Request, pump: Handle, teller: Arc<Teller>) {
    let payload = &request.message.payload;
    let result = match call {
        Call::Info => encode(&teller.state()),
        Call::Ussd => ussd(payload, &pump).await,
        Call::At => at(payload, &pump).await,
        Call::Lines => lines(&pump).await,
        Call::Trace => trace(payload, &pump).await,
        Call::Pin => enter_pin(payload, &pump).await,
        Call::Restart | Call::Reset | Call::Flight | Call::Number | Call::Smsc => {
            order(call, payload).map(|command| {
                pump.tell(command);
                Vec::new()
            })
        }
    };
    let result = result.map(Into::into).map_err(|(code, status)| CallError { status, code });
    if let Err(error) = request.respond(result).await {
        tracing::debug!("an answer of the control service did not get through: {error}");
    }
}

async fn ussd(payload: &[u8], pump: &Handle) -> Result<Vec<u8>, Refusal> {
    let UssdRequest { code } = decode(payload)?;
    let (answer, answered) = oneshot::channel();
    pump.tell(Command::Ussd(code, answer));
    let said = wait(answered).await?.map_err(|error| (502, error.to_string()))?;
    let refusal = |words: &str| Err((502, words.to_owned()));
    match (said.session, said.text) {
        (Session::NotSupported, None) => refusal("the network does not know this code"),
        (Session::TimedOut, None) => refusal("the network took too long to answer"),
        (Session::OtherClient, None) => refusal("another program of the modem was answered"),
        (session, text) => encode(&UssdReply {
            text: text.unwrap_or_default(),
            answer_wanted: session == Session::AnswerWanted,
        }),
    }
}

async fn at(payload: &[u8], pump: &Handle) -> Result<Vec<u8>, Refusal> {
    let AtRequest { command } = decode(payload)?;
    let (answer, answered) = oneshot::channel();
    pump.tell(Command::At(command, answer));
    let lines = wait(answered).await?.map_err(|error| match error {
        RequestError::NotAllowed(_) => (COMMAND_NOT_ALLOWED, error.to_string()),
        _ => (502, error.to_string()),
    })?;
    encode(&AtReply { lines })
}

/// Reads a call that has no answer of its own: how the modem is afterwards is seen in its state.
fn order(call: Call, payload: &[u8]) -> Result<Command, Refusal> {
    Ok(match call {
        Call::Flight => {
            let FlightRequest { on } = decode(payload)?;
            Command::FlightMode(on)
        }
        Call::Number => Command::Number(number(payload)?),
        Call::Smsc => Command::Centre(number(payload)?),
        Call::Reset => Command::Reset,
        _ => Command::Restart,
    })
}

fn number(payload: &[u8]) -> Result<Option<String>, Refusal> {
    let NumberRequest { number } = decode(payload)?;
    Ok(number.as_ref().map(ToString::to_string))
}

/// Gives the PIN to the modem and waits for what the SIM says. Only the SIM knows whether it is the right one.
async fn enter_pin(payload: &[u8], pump: &Handle) -> Result<Vec<u8>, Refusal> {
    let pin = pin(payload)?;
    let mut view = pump.view.clone();
    let before = view.borrow_and_update().pins_refused;
    let asks = |view: &View| {
        let problem = view.snapshot.problem.as_ref();
        problem
            .filter(|problem| matches!(problem.code, "pin-needed" | "pin-wrong" | "pin-last-try"))
            .cloned()
    };
    let asked = asks(&view.borrow()).is_some();
    pump.tell(Command::Pin(pin));
    if !asked {
        return encode(&PinReply { entered: view.borrow().snapshot.status == Status::Ready });
    }
    let decided = |view: &Arc<View>| view.pins_refused != before || asks(view).is_none();
    let decided = tokio::time::timeout(PIN_DECIDED, view.wait_for(decided)).await;
    if matches!(decided, Ok(Err(_))) {
        return Err((503, "the modem is being closed".to_owned()));
    }
    let view = pump.view();
    if view.pins_refused != before {
        let words =
            "The SIM refused this PIN. It is not tried again, for three wrong ones lock the SIM.";
        return Err((PIN_REFUSED, words.to_owned()));
    }
    match asks(&view) {
        Some(problem) => Err((PIN_REFUSED, format!("{} {}", problem.text, problem.advice))),
        None => encode(&PinReply { entered: true }),
    }
}

fn pin(payload: &[u8]) -> Result<String, Refusal> {
    let PinRequest { pin } = decode(payload)?;
    if !(4..=8).contains(&pin.len()) || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err((400, "a PIN has 4 to 8 digits".to_owned()));
    }
    Ok(pin)
}

async fn lines(pump: &Handle) -> Result<Vec<u8>, Refusal> {
    let (answer, answered) = oneshot::channel();
    pump.tell(Command::Lines(answer));
    encode(&LinesReply { lines: wait(answered).await? })
}

async fn trace(payload: &[u8], pump: &Handle) -> Result<Vec<u8>, Refusal> {
    let TraceRequest { seconds } = decode(payload)?;
    let (answer, answered) = oneshot::channel();
    let time = Duration::from_secs(u64::from(seconds.min(LONGEST_TRACE)));
    pump.tell(Command::Trace(time, answer));
    encode(&TraceReply { transcript: wait(answered).await? })
}

async fn wait<T>(answered: oneshot::Receiver<T>) -> Result<T, Refusal> {
    match tokio::time::timeout(ANSWERED_WITHIN, answered).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err((503, "the modem is being closed".to_owned())),
        Err(_) => Err((504, "the modem did not answer in time".to_owned())),
    }
}

fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(payload).map_err(|error| (400, format!("the request is wrong: {error}")))
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value).map_err(|error| (500, error.to_string()))
}

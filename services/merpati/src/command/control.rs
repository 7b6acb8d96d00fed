//! What a modem is asked and told: `merpati at`, `ussd`, `lines`, `trace`, `restart`, `flight`, `number`, `smsc`, `pin`.

use api::Nothing;
use contracts::control::{
    AtReply, AtRequest, FlightRequest, LinesReply, PinReply, PinRequest, TraceReply, TraceRequest,
    UssdReply, UssdRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::modems::find;
use crate::cli::SimNumber;
use crate::client::{Answer, Client};
use crate::output;

async fn ask<T: DeserializeOwned>(
    client: &Client,
    modem: &str,
    call: &str,
    body: &impl Serialize,
) -> anyhow::Result<Answer<T>> {
    let id = find(client, modem).await?;
    Ok(client.post(&format!("/modems/{id}/{call}"), body).await?)
}

/// Gives the modem an AT command.
pub(crate) async fn at(
    as_json: bool,
    client: &Client,
    modem: &str,
    command: &str,
) -> anyhow::Result<()> {
    let command = AtRequest { command: command.to_owned() };
    let answer = ask::<AtReply>(client, modem, "at", &command).await?;
    if as_json {
        return answer.print();
    }
    for line in &answer.lines {
        output::line(&output::visible(line));
    }
    Ok(())
}

/// Dials a USSD code.
pub(crate) async fn ussd(
    as_json: bool,
    client: &Client,
    modem: &str,
    code: &str,
) -> anyhow::Result<()> {
    let code = UssdRequest { code: code.to_owned() };
    let answer = ask::<UssdReply>(client, modem, "ussd", &code).await?;
    if as_json {
        return answer.print();
    }
    for line in answer.text.lines() {
        output::line(&output::visible(line));
    }
    if answer.answer_wanted {
        output::note(&format!("The network waits for an answer: merpati ussd {modem} ANSWER"));
    }
    Ok(())
}

/// Shows the last lines of the serial line.
pub(crate) async fn lines(as_json: bool, client: &Client, modem: &str) -> anyhow::Result<()> {
    let answer = ask::<LinesReply>(client, modem, "lines", &Nothing {}).await?;
    if as_json {
        return answer.print();
    }
    for said in &answer.lines {
        let mark = if said.written { '>' } else { '<' };
        output::line(&output::visible(&format!("{} {mark} {}", said.at, said.text)));
    }
    Ok(())
}

/// Records the serial line.
pub(crate) async fn trace(
    as_json: bool,
    client: &Client,
    modem: &str,
    seconds: u8,
) -> anyhow::Result<()> {
    if !as_json {
        output::note(&format!("recording for {seconds} s …"));
    }
    let answer = ask::<TraceReply>(client, modem, "trace", &TraceRequest { seconds }).await?;
    if as_json {
        return answer.print();
    }
    for line in answer.transcript.lines() {
        output::line(&output::visible(line));
    }
    output::note("It holds phone numbers, message texts and the SIM's numbers, but no PIN.");
    Ok(())
}

/// Asks for something that has no answer but what becomes of the modem.
async fn order(
    as_json: bool,
    client: &Client,
    modem: &str,
    call: &str,
    body: &impl Serialize,
    said: &str,
) -> anyhow::Result<()> {
    let answer = ask::<Nothing>(client, modem, call, body).await?;
    if as_json {
        return answer.print();
    }
    output::line(said);
    Ok(())
}

/// Sets a modem up anew, or switches it off and on.
pub(crate) async fn restart(
    as_json: bool,
    client: &Client,
    modem: &str,
    hard: bool,
) -> anyhow::Result<()> {
    let (call, said) = if hard {
        ("reset", "The modem is switched off and on, when the message at hand is out.")
    } else {
        ("restart", "The modem is set up anew, when the message at hand is out.")
    };
    order(as_json, client, modem, call, &Nothing {}, said).await
}

/// Turns the radio off or on.
pub(crate) async fn flight(
    as_json: bool,
    client: &Client,
    modem: &str,
    on: bool,
) -> anyhow::Result<()> {
    let said = if on {
        "The radio is turned off, and stays off until: merpati flight MODEM off"
    } else {
        "The radio is turned on."
    };
    order(as_json, client, modem, "flight", &FlightRequest { on }, said).await
}

/// Sets a number of the SIM: its own (`number`), or its service centre's (`smsc`).
pub(crate) async fn number(
    as_json: bool,
    client: &Client,
    call: &str,
    number: &SimNumber,
) -> anyhow::Result<()> {
    let said = match number.number {
        Some(_) => "The number is kept on the modem's host, for this SIM.",
        None => "What was said is forgotten: the configuration or the SIM itself counts again.",
    };
    let body = json!({ "number": number.number });
    order(as_json, client, &number.modem, call, &body, said).await
}

/// Gives the SIM its PIN, and says what the SIM did with it.
pub(crate) async fn pin(as_json: bool, client: &Client, modem: &str) -> anyhow::Result<()> {
    let pin = super::first_line_of_input("the PIN")?;
    let answer = ask::<PinReply>(client, modem, "pin", &PinRequest { pin }).await?;
    if as_json {
        return answer.print();
    }
    output::line(if answer.entered {
        "The SIM is unlocked. The PIN is kept sealed on the modem's host."
    } else {
        "The PIN is kept sealed on the modem's host, for when the SIM asks for it."
    });
    Ok(())
}

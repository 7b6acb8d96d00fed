//! Mail: whether its server answers, and whether mails that come in find somebody who listens.

use std::time::Duration;

use platform::config::{Config, SmtpTls};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::Finding;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Nothing where mail is off.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let smtp = &config.mail.smtp;
    if let Some(host) = &smtp.host {
        // Within TLS, the server is silent until that has begun.
        let greets = smtp.tls != SmtpTls::Tls;
        let at = format!("{host}:{}", smtp.port());
        findings.push(match answers(&at, greets).await {
            Ok(()) => Finding::good("mail-server", format!("The mail server at {at} answers.")),
            Err(why) => Finding::problem(
                "mail-server",
                format!("The mail server at {at} does not answer: {why}."),
                "Look at mail.smtp. What is received waits, and is mailed when it answers.",
            ),
        });
        if smtp.tls == SmtpTls::None && !["localhost", "127.0.0.1", "::1"].contains(&host.as_str())
        {
            findings.push(Finding::notice(
                "mail-plain",
                format!("Mails go to {at} without TLS: whoever is between reads them."),
                "Set mail.smtp.tls to starttls or tls.",
            ));
        }
    }
    if let Some(listen) = config.mail.door.listen {
        findings.push(match answers(&listen.to_string(), true).await {
            Ok(()) => Finding::good("mail-door", format!("Mails are taken at {listen}.")),
            Err(why) => Finding::notice(
                "mail-door",
                format!("Nobody takes mails at {listen}: {why}."),
                "It is taken by: merpati up, or merpati web-portal.",
            ),
        });
        let has_tls = config.http.tls.cert.is_some();
        if !has_tls && !listen.ip().is_loopback() && !config.mail.door.allow_plain {
            findings.push(Finding::problem(
                "mail-door-tls",
                "No other machine can send mails here: names and keys are not taken without TLS, \
                 and there is no certificate.",
                "Set http.tls.cert and http.tls.key, or mail.door.allow_plain in a network of your own.",
            ));
        }
    }
    findings
}

/// Whether somebody takes a connection and, where that is expected, greets.
async fn answers(at: &str, greets: bool) -> Result<(), String> {
    let look = async {
        let mut stream = TcpStream::connect(at).await.map_err(|error| error.to_string())?;
        if !greets {
            return Ok(());
        }
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.map_err(|error| error.to_string())?;
        if &greeting == b"220" {
            Ok(())
        } else {
            Err("it greets as no mail server does".to_owned())
        }
    };
    let looked = tokio::time::timeout(PATIENCE, look).await;
    looked.unwrap_or_else(|_| Err(format!("nothing came within {} s", PATIENCE.as_secs())))
}

#[cfg(test)]
mod tests {
    use platform::config::Sources;

    use super::super::Grade;
    use super::*;

    async fn looked(flags: &[(&str, &str)]) -> Vec<(String, Grade)> {
        let sources =
            flags.iter().fold(Sources::new(), |sources, (key, value)| sources.flag(key, *value));
        let found = look(&Config::load(&sources).unwrap()).await;
        found.into_iter().map(|finding| (finding.code.into_owned(), finding.grade)).collect()
    }

    #[tokio::test]
    async fn a_server_that_answers_and_one_that_does_not_are_told_apart() {
        assert_eq!(looked(&[]).await, []);
        let sink = testkit::MailSink::start().await;
        let port = sink.address.port().to_string();
        let flags = |port: &'static str| {
            [
                ("mail.smtp.host", "127.0.0.1"),
                ("mail.smtp.from", "a@b.example"),
                ("mail.smtp.tls", "none"),
                ("mail.smtp.port", port),
            ]
        };
        let is = |code: &str, grade| (code.to_owned(), grade);
        let port: &'static str = port.leak();
        assert_eq!(looked(&flags(port)).await, [is("mail-server", Grade::Good)]);
        let free =
            tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let free: &'static str = free.port().to_string().leak();
        assert_eq!(looked(&flags(free)).await, [is("mail-server", Grade::Problem)]);
        let door = format!("127.0.0.1:{port}").leak();
        assert_eq!(looked(&[("mail.door.listen", door)]).await, [is("mail-door", Grade::Good)]);
        let open = format!("0.0.0.0:{free}").leak();
        let found = looked(&[("mail.door.listen", open)]).await;
        assert_eq!(found, [is("mail-door", Grade::Notice), is("mail-door-tls", Grade::Problem)]);
    }
}

//! Connecting to a far port.

use std::time::Duration;

use tokio::net::TcpStream;

use crate::port::serial::OpenError;

/// How long a far port may take to answer.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// Opens a connection to `host:port`, without the delay that gathers octets.
pub(crate) async fn connect(at: &str) -> Result<TcpStream, OpenError> {
    let stream = tokio::time::timeout(CONNECT_PATIENCE, TcpStream::connect(at))
        .await
        .map_err(|_| OpenError::NoAnswer(at.to_owned()))?
        .map_err(|error| OpenError::Connect(at.to_owned(), error))?;
    stream.set_nodelay(true).map_err(OpenError::Io)?;
    Ok(stream)
}

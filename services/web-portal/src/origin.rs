//! From where the request came that is being answered: by which door, and from which address.
//!
//! It is noted once, around all doors, and read where an authority is made: so no door can forget to hand it on, or hand on
//! another. Where no address was noted, a key that is bound to addresses does not work.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use store::AuditDoor;

use crate::app::App;

tokio::task_local! {
    static ORIGIN: Origin;
}

/// From where somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The door.
    pub(crate) door: AuditDoor,
    /// The client's address, by the proxies that are believed; none over the socket in the data folder.
    pub(crate) address: Option<IpAddr>,
}

impl Origin {
    /// That of the request that is being answered. Beside all requests nobody came from anywhere: that is the socket's.
    pub(crate) fn of_this_request() -> Self {
        let here = Self { door: AuditDoor::Socket, address: None };
        ORIGIN.try_with(|origin| *origin).unwrap_or(here)
    }
}

/// What paths begin with behind which there is a door; all others are pages. Of two that fit, the first is meant.
const PATHS: [(&str, AuditDoor); 15] = [
    ("/api/v1/", AuditDoor::Api),
    ("/api/v2/", AuditDoor::SmsEagle),
    ("/api/3rdparty/", AuditDoor::SmsGate),
    ("/3rdparty/", AuditDoor::SmsGate),
    ("/mcp", AuditDoor::Mcp),
    ("/cgi-bin/", AuditDoor::Kannel),
    ("/2010-04-01/", AuditDoor::Twilio),
    ("/http_api/", AuditDoor::SmsEagle),
    ("/jsonrpc/", AuditDoor::SmsEagle),
    ("/index.php/", AuditDoor::SmsEagle),
    ("/index.php", AuditDoor::PlaySms),
    ("/secure/", AuditDoor::Jasmin),
    ("/rate", AuditDoor::Jasmin),
    ("/balance", AuditDoor::Jasmin),
    ("/ping", AuditDoor::Jasmin),
];

/// The middleware around all doors. What comes by no address comes by the socket in the data folder.
pub(crate) async fn note(State(app): State<App>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address = peer.map(|peer| app.settings.proxies.client(request.headers(), peer));
    let path = request.uri().path();
    let door = if address.is_some() {
        let known = PATHS.into_iter().find(|(begin, _)| path.starts_with(begin));
        known.map_or(AuditDoor::Page, |(_, door)| door)
    } else {
        AuditDoor::Socket
    };
    ORIGIN.scope(Origin { door, address }, next.run(request)).await
}

/// The middleware around Kannel's admin pages.
pub(crate) async fn note_kannel_admin(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address = peer.map(|peer| app.settings.proxies.client(request.headers(), peer));
    let origin = Origin { door: AuditDoor::KannelAdmin, address };
    ORIGIN.scope(origin, next.run(request)).await
}

/// Does work for a client who sends mails from this address.
pub(crate) async fn of_mail<T>(client: IpAddr, work: impl Future<Output = T>) -> T {
    let origin = Origin { door: AuditDoor::Mail, address: Some(client) };
    ORIGIN.scope(origin, work).await
}

/// The client's address, by the proxies that are believed; none over the socket in the data folder.
pub(crate) fn of_this_request() -> Option<IpAddr> {
    Origin::of_this_request().address
}

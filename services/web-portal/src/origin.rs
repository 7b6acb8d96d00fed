//! From which address the request came that is being answered.
//!
//! It is noted once, around all doors, and read where a key is looked at: so no door can forget to hand it on, or hand on
//! another. Where nothing was noted, a key that is bound to addresses does not work.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;

tokio::task_local! {
    static ORIGIN: Option<IpAddr>;
}

/// The middleware around all doors.
pub(crate) async fn note(State(app): State<App>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let client = peer.map(|peer| app.settings.proxies.client(request.headers(), peer));
    ORIGIN.scope(client, next.run(request)).await
}

/// Does work whose client is at this address.
pub(crate) async fn within<T>(client: IpAddr, work: impl Future<Output = T>) -> T {
    ORIGIN.scope(Some(client), work).await
}

/// The client's address, by the proxies that are believed; none over the socket in the data folder.
pub(crate) fn of_this_request() -> Option<IpAddr> {
    ORIGIN.try_with(|origin| *origin).ok().flatten()
}

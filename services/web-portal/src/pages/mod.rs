//! Pages for people.

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::assets;

/// All pages.
pub(crate) fn routes(_app: &App) -> Router<App> {
    Router::new().route("/static/{hash}/{name}", get(assets::serve))
}

//! The calls, each with the power that it needs of its caller. There is no other way to add one.

use axum::Router;
use axum::extract::Extension;
use axum::handler::Handler;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use super::fields::check_query;
use crate::app::App;
use crate::authority::{Declared, Need};

/// The calls so far.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) router: Router<App>,
    pub(super) declared: Vec<Declared>,
}

impl Calls {
    pub(super) fn get<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("GET", path, need, get(handler))
    }

    pub(super) fn post<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("POST", path, need, post(handler))
    }

    pub(super) fn put<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("PUT", path, need, put(handler))
    }

    pub(super) fn patch<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("PATCH", path, need, patch(handler))
    }

    pub(super) fn delete<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("DELETE", path, need, delete(handler))
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        need: Need,
        handler: MethodRouter<App>,
    ) -> Self {
        // Around what the call does, and not around the answer that it is made with another method.
        let checked = handler.route_layer(from_fn(check_query)).route_layer(Extension(need));
        self.router = self.router.route(path, checked);
        self.declared.push(need.declared(method, path));
        self
    }
}

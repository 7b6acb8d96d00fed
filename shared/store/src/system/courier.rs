//! What the service `webhooks` does with callbacks.

use std::time::Duration;

use contracts::{CallbackId, Timestamp};

use crate::engine::on_engine;
use crate::{Callback, CallbackAttempt, NewCallback, NextStep, Store, StoreError};

impl Store {
    /// Keeps a new callback. Returns none when the callback was kept before.
    pub async fn create_callback(
        &self,
        new: &NewCallback,
        at: Timestamp,
    ) -> Result<Option<CallbackId>, StoreError> {
        on_engine!(self, db => db.create_callback(new, at))
    }

    /// Takes callbacks that are due at `now`, and puts each off by `lease`. A callback whose taker dies is due again
    /// after that time.
    pub async fn take_callbacks(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        on_engine!(self, db => db.take_callbacks(now, lease, limit))
    }

    /// Puts off a taken callback from `held_until` to `until`. Returns false when the callback no longer belongs to
    /// the caller, because the time was over and somebody else took it, or because it is settled.
    pub async fn keep_callback(
        &self,
        callback: CallbackId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.keep_callback(callback, held_until, until))
    }

    /// Returns when the next callback is due, if one is pending.
    pub async fn next_callback_at(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_callback_at())
    }

    /// Keeps an attempt and what follows it.
    pub async fn record_callback_attempt(
        &self,
        callback: CallbackId,
        attempt: &CallbackAttempt,
        next: NextStep,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.record_callback_attempt(callback, attempt, next))
    }
}

//! What the services do of themselves, for all organisations and on nobody's behalf. No call here takes a
//! [`Reach`](crate::Reach), and none answers anybody's request.

pub(crate) mod asking;
mod auditing;
pub(crate) mod batches;
mod blocking;
pub(crate) mod boards;
pub(crate) mod broadcasting;
pub(crate) mod calls;
mod courier;
pub(crate) mod crediting;
pub(crate) mod deadlines;
mod indexing;
pub(crate) mod lanes;
pub(crate) mod loops;
mod numbers;
pub(crate) mod projection;
pub(crate) mod replies;
pub(crate) mod retention;
pub(crate) mod scheduling;
pub(crate) mod settings;
mod tallying;
pub(crate) mod watching;

//! What calls have in common.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of a call that takes none, and the answer of one that has nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

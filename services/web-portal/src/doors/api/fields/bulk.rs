//! What the calls of files take of which each row becomes a message.

use sheet::LONGEST_NAME;

use super::{Call, Field, Kind, PAGE, get, may, must, patch, post};
use crate::acts::bulk;

/// The place of a row: the first may name the columns.
const ROW: Kind = Kind::Number(0, 50_000);
const _: () = assert!(sheet::MOST_ROWS == 50_000, "as above");

/// What `POST /bulk` takes beside the file.
const UPLOAD: &[Field] = &[may("name", Kind::Text(bulk::LONGEST_NAME))];

/// The calls of files.
pub(super) const BULK: [Call; 4] = [
    Call { method: "POST", path: "/bulk", query: UPLOAD, body: &[] },
    patch(
        "/bulk/{id}",
        &[
            must("number", Kind::Text(LONGEST_NAME + 4)),
            must("text", Kind::Text(bulk::LONGEST_TEXT)),
            may("has_names", Kind::Flag),
            may("alike", Kind::Flag),
            may("mend", Kind::Flag),
            may("priority", Kind::OneOf(&["otp", "normal", "bulk"])),
            may("sim", Kind::Id("sim_")),
            may("pool", Kind::Text(32)),
            may("at", Kind::LocalTime),
            may("zone", Kind::Zone),
        ],
    ),
    get(
        "/bulk/{id}/rows",
        &[
            may("from", ROW),
            may("message", ROW),
            may("show", Kind::OneOf(&["all", "skipped"])),
            may("limit", Kind::Number(1, PAGE as i64)),
        ],
    ),
    post("/bulk/{id}/send", &[must("revision", Kind::Number(1, u32::MAX as i64))]),
];

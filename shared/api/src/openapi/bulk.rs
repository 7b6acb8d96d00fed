//! The calls of files of which each row becomes a message.

use super::call::{Call, Calls};
use crate::{Bulk, BulkRows, Bulks, ListBulkRows, PlanBulk, SendBulk, UploadBulk};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Files");
    calls.add(
        Call::post(
            "uploadBulk",
            "/bulk",
            "Uploads a CSV file or an XLSX workbook; nothing is sent.",
        )
        .needs("messages:send")
        .asks::<UploadBulk>()
        .takes_file("The file itself, of at most 16 MB.")
        .answers::<Bulk>(201, "The file."),
    );
    calls.add(
        Call::get("listBulks", "/bulk", "Lists one's own files, newest first.")
            .needs("messages:send")
            .answers::<Bulks>(200, "The files."),
    );
    calls.add(
        Call::get("showBulk", "/bulk/{id}", "Shows a file.")
            .needs("messages:send")
            .answers::<Bulk>(200, "The file."),
    );
    calls.add(
        Call::patch(
            "planBulk",
            "/bulk/{id}",
            "Says what is sent of a file, and counts it; nothing is sent.",
        )
        .needs("messages:send")
        .takes::<PlanBulk>()
        .answers::<Bulk>(200, "The file as it is now."),
    );
    calls.add(
        Call::get(
            "listBulkRows",
            "/bulk/{id}/rows",
            "Lists the rows of a file with what becomes of each.",
        )
        .needs("messages:send")
        .asks::<ListBulkRows>()
        .answers::<BulkRows>(200, "A page."),
    );
    calls.add(
        Call::post(
            "sendBulk",
            "/bulk/{id}/send",
            "Sends a file, once however often this is called.",
        )
        .needs("messages:send")
        .takes::<SendBulk>()
        .answers::<Bulk>(202, "The broker has all of the messages."),
    );
    calls.add(
        Call::delete("removeBulk", "/bulk/{id}", "Removes a file; what it sent stays.")
            .needs("messages:send")
            .done("It is removed."),
    );
}

//! The calls of rules and pools.

use super::call::{Call, Calls};
use crate::{NewRoutes, RestoreRoutes, Routes, RoutesVersions, TestRoutes, TestedRoutes};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Routes");
    calls.add(
        Call::get("showRoutes", "/routes", "Shows all rules and what is set for pools.")
            .needs("routes:read")
            .answers::<Routes>(200, "The rules."),
    );
    calls.add(
        Call::put("setRoutes", "/routes", "Puts rules and pools in place of those that there are.")
            .needs("routes:manage")
            .takes::<NewRoutes>()
            .answers::<Routes>(200, "The rules as they are now."),
    );
    calls.add(
        Call::post("testRoutes", "/routes/test", "Says which way a message would go, and why.")
            .needs("routes:read")
            .takes::<TestRoutes>()
            .answers::<TestedRoutes>(200, "What would happen. Nothing was sent."),
    );
    calls.add(
        Call::get("listRoutesVersions", "/routes/versions", "Lists the versions that are kept.")
            .needs("routes:read")
            .answers::<RoutesVersions>(200, "The versions, newest first."),
    );
    calls.add(
        Call::get(
            "showRoutesVersion",
            "/routes/versions/{version}",
            "Shows the rules of a version.",
        )
        .needs("routes:read")
        .answers::<Routes>(200, "The rules as they were."),
    );
    calls.add(
        Call::post("restoreRoutes", "/routes/restore", "Makes the rules like those of a version.")
            .needs("routes:manage")
            .takes::<RestoreRoutes>()
            .answers::<Routes>(200, "The rules as they are now."),
    );
}

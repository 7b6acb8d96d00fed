//! The calls of how people come in.

use super::call::{Call, Calls};
use crate::{Invitation, Invitations, NewInvitation, PasswordLink, Sessions, SignIn, User};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.add(
        Call::get("showUser", "/users/{id}", "Shows an account.")
            .needs("users:manage")
            .answers::<User>(200, "The account."),
    );
    calls.add(
        Call::get("listSessions", "/users/{id}/sessions", "Lists where an account is logged in.")
            .needs("users:manage")
            .answers::<Sessions>(200, "The sessions that are open."),
    );
    calls.add(
        Call::delete("endSessions", "/users/{id}/sessions", "Logs an account out everywhere.")
            .needs("users:manage")
            .done("It is logged out."),
    );
    calls.add(
        Call::delete("endSession", "/sessions/{id}", "Ends one session.")
            .needs("users:manage")
            .done("It is ended."),
    );
    calls.add(
        Call::post(
            "makePasswordLink",
            "/users/{id}/password-link",
            "Makes a one-time link by which an account sets a new password.",
        )
        .needs("users:manage")
        .answers::<PasswordLink>(200, "The link, which is shown this once."),
    );
    calls.add(
        Call::delete(
            "removeTotp",
            "/users/{id}/totp",
            "Removes the codes of a lost phone from an account.",
        )
        .needs("users:manage")
        .done("The password alone is enough."),
    );
    calls.add(
        Call::get("listInvitations", "/invitations", "Lists the open invitations, newest first.")
            .needs("users:manage")
            .answers::<Invitations>(200, "The invitations."),
    );
    calls.add(
        Call::post(
            "addInvitation",
            "/invitations",
            "Makes a one-time link by which somebody makes an account.",
        )
        .needs("users:manage")
        .takes::<NewInvitation>()
        .answers::<Invitation>(201, "The invitation, whose link is shown this once."),
    );
    calls.add(
        Call::delete("revokeInvitation", "/invitations/{id}", "Revokes an open invitation.")
            .needs("users:manage")
            .done("It is revoked."),
    );
    calls.add(
        Call::get("showSignIn", "/sign-in", "Shows which roles need a phone to log in.")
            .needs("users:manage")
            .answers::<SignIn>(200, "The roles."),
    );
    calls.add(
        Call::put("setSignIn", "/sign-in", "Says which roles need a phone to log in.")
            .needs("users:manage")
            .takes::<SignIn>()
            .answers::<SignIn>(200, "The roles."),
    );
}

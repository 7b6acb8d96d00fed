//! The calls of contacts, groups and templates.

use super::call::{Call, Calls};
use crate::{
    Contact, ContactChanges, Contacts, ContactsMade, Group, GroupChanges, Groups, ListByName,
    ListContacts, NewContact, NewContacts, NewGroup, NewTemplate, Template, TemplateChanges,
    Templates,
};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Contacts");
    contacts(calls);
    groups(calls);
    calls.group("Templates");
    templates(calls);
}

fn contacts(calls: &mut Calls) {
    calls.add(
        Call::get("listContacts", "/contacts", "Lists contacts by name.")
            .needs("contacts:read")
            .asks::<ListContacts>()
            .answers::<Contacts>(200, "A page."),
    );
    calls.add(
        Call::post("addContact", "/contacts", "Makes a contact.")
            .needs("contacts:write")
            .takes::<NewContact>()
            .answers::<Contact>(201, "The contact."),
    );
    calls.add(
        Call::post("addContacts", "/contacts/bulk", "Makes many contacts, each once.")
            .needs("contacts:write")
            .takes::<NewContacts>()
            .answers::<ContactsMade>(200, "What became of each."),
    );
    calls.add(
        Call::get("showContact", "/contacts/{id}", "Shows a contact.")
            .needs("contacts:read")
            .answers::<Contact>(200, "The contact."),
    );
    calls.add(
        Call::patch("changeContact", "/contacts/{id}", "Changes a contact.")
            .needs("contacts:write")
            .takes::<ContactChanges>()
            .answers::<Contact>(200, "The contact as it is now."),
    );
    calls.add(
        Call::delete("removeContact", "/contacts/{id}", "Removes a contact.")
            .needs("contacts:write")
            .done("It is removed."),
    );
}

fn groups(calls: &mut Calls) {
    calls.add(
        Call::get("listGroups", "/groups", "Lists groups of contacts by name.")
            .needs("contacts:read")
            .asks::<ListByName>()
            .answers::<Groups>(200, "A page."),
    );
    calls.add(
        Call::post("addGroup", "/groups", "Makes a group.")
            .needs("contacts:write")
            .takes::<NewGroup>()
            .answers::<Group>(201, "The group."),
    );
    calls.add(
        Call::get("showGroup", "/groups/{id}", "Shows a group.")
            .needs("contacts:read")
            .answers::<Group>(200, "The group."),
    );
    calls.add(
        Call::patch(
            "changeGroup",
            "/groups/{id}",
            "Changes a group, puts contacts into it and takes them out.",
        )
        .needs("contacts:write")
        .takes::<GroupChanges>()
        .answers::<Group>(200, "The group as it is now."),
    );
    calls.add(
        Call::delete("removeGroup", "/groups/{id}", "Removes a group; its contacts stay.")
            .needs("contacts:write")
            .done("It is removed."),
    );
}

fn templates(calls: &mut Calls) {
    calls.add(
        Call::get("listTemplates", "/templates", "Lists templates by name.")
            .needs("templates:read")
            .asks::<ListByName>()
            .answers::<Templates>(200, "A page."),
    );
    calls.add(
        Call::post("addTemplate", "/templates", "Makes a template.")
            .needs("templates:write")
            .takes::<NewTemplate>()
            .answers::<Template>(201, "The template."),
    );
    calls.add(
        Call::get("showTemplate", "/templates/{id}", "Shows a template.")
            .needs("templates:read")
            .answers::<Template>(200, "The template."),
    );
    calls.add(
        Call::patch("changeTemplate", "/templates/{id}", "Changes a template.")
            .needs("templates:write")
            .takes::<TemplateChanges>()
            .answers::<Template>(200, "The template as it is now."),
    );
    calls.add(
        Call::delete("removeTemplate", "/templates/{id}", "Removes a template.")
            .needs("templates:write")
            .done("It is removed."),
    );
}

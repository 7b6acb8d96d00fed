//! The calls of contacts, groups and templates.

use super::call::{Call, Calls};
use crate::{
    ConfirmContactImport, Contact, ContactChanges, ContactImport, ContactImportRows,
    ContactImports, Contacts, ContactsMade, Doubles, Group, GroupChanges, Groups, ListByName,
    ListContactImportRows, ListContacts, ListDoubles, MergeContacts, NewContact, NewContacts,
    NewGroup, NewTemplate, PlanContactImport, Template, TemplateChanges, Templates, UploadContacts,
};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Contacts");
    contacts(calls);
    imports(calls);
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

fn imports(calls: &mut Calls) {
    calls.add(
        Call::get(
            "listDoubles",
            "/contacts/doubles",
            "Lists contacts of one account that have the same number or name.",
        )
        .needs("contacts:write")
        .asks::<ListDoubles>()
        .answers::<Doubles>(200, "A page."),
    );
    calls.add(
        Call::post("mergeContacts", "/contacts/merge", "Makes contacts one, which can be undone.")
            .needs("contacts:write")
            .takes::<MergeContacts>()
            .answers::<ContactImport>(200, "What remembers it."),
    );
    calls.add(
        Call::post(
            "uploadContacts",
            "/contact-imports",
            "Uploads a CSV file, an XLSX workbook or a vCard; no contact is made.",
        )
        .needs("contacts:write")
        .asks::<UploadContacts>()
        .takes_file("The file itself, of at most 16 MB.")
        .answers::<ContactImport>(201, "The import."),
    );
    calls.add(
        Call::get(
            "listContactImports",
            "/contact-imports",
            "Lists one's own imports, newest first.",
        )
        .needs("contacts:write")
        .answers::<ContactImports>(200, "The imports."),
    );
    calls.add(
        Call::get("showContactImport", "/contact-imports/{id}", "Shows an import.")
            .needs("contacts:write")
            .answers::<ContactImport>(200, "The import."),
    );
    calls.add(
        Call::patch(
            "planContactImport",
            "/contact-imports/{id}",
            "Says what the columns of a file are, and counts what would become of it; no contact is made.",
        )
        .needs("contacts:write")
        .takes::<PlanContactImport>()
        .answers::<ContactImport>(200, "The import as it is now."),
    );
    calls.add(
        Call::get(
            "listContactImportRows",
            "/contact-imports/{id}/rows",
            "Lists the rows of a file with what would become of each.",
        )
        .needs("contacts:write")
        .asks::<ListContactImportRows>()
        .answers::<ContactImportRows>(200, "A page."),
    );
    calls.add(
        Call::post(
            "confirmContactImport",
            "/contact-imports/{id}/confirm",
            "Makes the rows of a file to contacts, once however often this is called.",
        )
        .needs("contacts:write")
        .takes::<ConfirmContactImport>()
        .answers::<ContactImport>(200, "The import as it is now."),
    );
    calls.add(
        Call::post(
            "undoContactImport",
            "/contact-imports/{id}/undo",
            "Takes an import or a merge back, as far as nothing of it was changed since.",
        )
        .needs("contacts:write")
        .answers::<ContactImport>(200, "The import as it is now."),
    );
    calls.add(
        Call::delete(
            "removeContactImport",
            "/contact-imports/{id}",
            "Forgets an import; its contacts stay.",
        )
        .needs("contacts:write")
        .done("It is forgotten."),
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

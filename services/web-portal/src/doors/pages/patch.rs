//! A part of a page, and where it belongs. `static/live.js` puts it there.

use askama::Template;
use serde::Serialize;

/// What is done with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    /// In place of the element of that id, unless somebody types in it; else into the list, if one is named.
    Swap,
    /// In place of the element of that id, whatever it holds.
    Put,
    /// First in the list, unless it is there.
    Add,
    /// Last in the list, unless it is there.
    Append,
    /// Gone.
    Remove,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Patch {
    op: Op,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

impl Patch {
    /// In place of the element of that id.
    pub(crate) fn swap(id: impl Into<String>, part: &impl Template) -> askama::Result<Self> {
        Self::new(Op::Swap, id.into(), None, part)
    }

    /// The same; where there is none, it is added to the list.
    pub(crate) fn swap_or_add(
        list: &str,
        id: impl Into<String>,
        part: &impl Template,
    ) -> askama::Result<Self> {
        Self::new(Op::Swap, id.into(), Some(list.to_owned()), part)
    }

    /// In place of a form that was just sent.
    pub(crate) fn put(id: impl Into<String>, part: &impl Template) -> askama::Result<Self> {
        Self::new(Op::Put, id.into(), None, part)
    }

    /// First in a list.
    pub(crate) fn add(
        list: &str,
        id: impl Into<String>,
        part: &impl Template,
    ) -> askama::Result<Self> {
        Self::new(Op::Add, id.into(), Some(list.to_owned()), part)
    }

    /// Last in a list.
    pub(crate) fn append(
        list: String,
        id: impl Into<String>,
        part: &impl Template,
    ) -> askama::Result<Self> {
        Self::new(Op::Append, id.into(), Some(list), part)
    }

    /// Gone.
    pub(crate) fn remove(id: impl Into<String>) -> Self {
        Self { op: Op::Remove, id: id.into(), list: None, html: None }
    }

    fn new(op: Op, id: String, list: Option<String>, part: &impl Template) -> askama::Result<Self> {
        Ok(Self { op, id, list, html: Some(part.render()?) })
    }
}

//! How urgent a message is.

crate::named! {
    /// One-time passwords go first, bulk last. A token of the subjects.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
    pub enum Priority in json {
        /// A person is waiting for it.
        Otp = "otp",
        /// What is not said to be otherwise.
        #[default]
        Normal = "normal",
        /// Many at once, none of them urgent.
        Bulk = "bulk",
    }
}

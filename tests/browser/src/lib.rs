//! Browser tests of the portal.

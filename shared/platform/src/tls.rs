//! One cryptography provider for all TLS of the process.
//!
//! Two are linked (ring and aws-lc-rs come in through different libraries), so rustls would refuse to
//! choose. HTTP clients built without TLS in mind need one too.

/// Makes ring the provider of this process. To be called at the start of `main`; again does no harm.
pub fn install_provider() {
    // An error means that one is installed: then there is a choice already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

//! AT command framing, results, builders, and CMS and CME codes in words: 3GPP TS 27.005 and 27.007. Pure.

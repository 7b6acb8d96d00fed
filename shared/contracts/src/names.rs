//! Enums whose variants have names: on the wire, in subjects, in the database, on the command line.

/// A text is none of the names there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not known here: use {}", listed(.known))]
pub struct UnknownName {
    /// The text, cut.
    found: String,
    known: &'static [&'static str],
}

impl UnknownName {
    /// `found` is none of `known`.
    pub fn new(found: &str, known: &'static [&'static str]) -> Self {
        Self { found: found.chars().take(32).collect(), known }
    }
}

/// As in `otp, normal or bulk`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} or {last}", names.join(", ")),
    }
}

/// Declares an enum each of whose variants has a name, which is written once.
///
/// The enum has `ALL`, its variants in the order in which they are declared, and `as_str`, the name of one; it is
/// displayed by its name and parsed from it. With `in json`, it is that name in JSON too.
///
/// What is read from other releases has an `else`: the variant that stands for every name of a later version. It is not
/// in `ALL`, and `from_name` takes the place of parsing, for it cannot fail.
///
/// ```
/// contracts::named! {
///     /// How loud it is.
///     #[derive(Debug, Clone, Copy, PartialEq, Eq)]
///     pub enum Volume in json {
///         /// Nobody wakes.
///         Low = "low",
///         /// Everybody does.
///         VeryHigh = "very_high",
///     } else {
///         /// A volume of a later version.
///         Unknown = "unknown"
///     }
/// }
///
/// assert_eq!(Volume::ALL.map(Volume::as_str), ["low", "very_high"]);
/// assert_eq!(Volume::from_name("deafening"), Volume::Unknown);
/// assert_eq!(serde_json::to_string(&Volume::VeryHigh).unwrap(), "\"very_high\"");
/// ```
#[macro_export]
macro_rules! named {
    // Names are taken as tokens, for a literal that was taken as one is not seen by other derives.
    (
        $(#[$meta:meta])* $vis:vis enum $name:ident {
            $($(#[$about:meta])* $variant:ident = $text:tt),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis enum $name { $($(#[$about])* $variant,)+ }
        $crate::named!(@names $vis $name [$($variant = $text)+] []);
        $crate::named!(@parsed $name [$($text)+]);
    };
    (
        $(#[$meta:meta])* $vis:vis enum $name:ident in json {
            $($(#[$about:meta])* $variant:ident = $text:tt),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$about])* #[serde(rename = $text)] $variant,)+ }
        $crate::named!(@names $vis $name [$($variant = $text)+] []);
        $crate::named!(@parsed $name [$($text)+]);
    };
    (
        $(#[$meta:meta])* $vis:vis enum $name:ident in json {
            $($(#[$about:meta])* $variant:ident = $text:tt),+ $(,)?
        } else {
            $(#[$rest:meta])* $other:ident = $other_text:tt
        }
    ) => {
        $(#[$meta])*
        #[derive(serde::Serialize, serde::Deserialize)]
        $vis enum $name {
            $($(#[$about])* #[serde(rename = $text)] $variant,)+
            $(#[$rest])* #[serde(rename = $other_text, other)] $other,
        }
        $crate::named!(@names $vis $name [$($variant = $text)+] [$other = $other_text]);

        impl $name {
            #[doc = concat!("The one of that name; [`", stringify!($name), "::", stringify!($other), "`] when there is none.")]
            $vis fn from_name(name: &str) -> Self {
                Self::ALL.into_iter().find(|each| each.as_str() == name).unwrap_or(Self::$other)
            }
        }
    };
    (@names $vis:vis $name:ident [$($variant:ident = $text:tt)+] [$($other:ident = $other_text:tt)?]) => {
        impl $name {
            #[doc = concat!("All", $(" but [`", stringify!($name), "::", stringify!($other), "`]",)? ", in order.")]
            $vis const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The name.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                    $(Self::$other => $other_text,)?
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
    (@parsed $name:ident [$($text:tt)+]) => {
        impl std::str::FromStr for $name {
            type Err = $crate::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let named = Self::ALL.into_iter().find(|each| each.as_str() == text);
                named.ok_or_else(|| $crate::UnknownName::new(text, &[$($text),+]))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::Priority;

    #[test]
    fn a_text_that_is_no_name_is_told_the_names() {
        assert_eq!("bulk".parse(), Ok(Priority::Bulk));
        let error = "urgent".parse::<Priority>().unwrap_err();
        assert_eq!(error.to_string(), "'urgent' is not known here: use otp, normal or bulk");
    }
}

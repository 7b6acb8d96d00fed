//! Schemas of the types that are written as a text, for the OpenAPI document of `/api/v1`.

use crate::{Address, Amount, PhoneNumber, PoolId, Timestamp};

/// A type that is a text in JSON, of this pattern.
macro_rules! text {
    ($name:ident, $pattern:expr) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some($pattern))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use text;

text!(PhoneNumber, "^\\+?[0-9]+$");
text!(PoolId, "^[a-z0-9-]{1,32}$");
text!(Amount, "^-?[0-9]+(\\.[0-9]+)?$");
text!(Address, "^.+$");
text!(Timestamp, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$");

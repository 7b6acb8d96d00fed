//! One call on its way into the document.

use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOf, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{HttpMethod, Paths, Ref, RefOr, Required, Schema};
use utoipa::{IntoParams, ToSchema};

pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// The name of the security scheme: an API key.
pub(super) const KEY: &str = "key";

/// What was listed so far.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) paths: Paths,
    pub(super) schemas: Schemas,
    /// The group that the next calls belong to.
    group: &'static str,
}

impl Calls {
    /// The calls that follow belong to this group.
    pub(super) fn group(&mut self, name: &'static str) {
        self.group = name;
    }

    pub(super) fn add(&mut self, call: Call) {
        self.schemas.extend(call.schemas);
        let operation = call.operation.tag(self.group).security(call.security);
        let operation = operation.response("default", refusal()).build();
        self.paths.add_path_operation(call.path, vec![call.method], operation);
    }

    pub(super) fn schema<T: ToSchema>(&mut self) {
        collect::<T>(&mut self.schemas);
    }
}

/// What every call may answer instead of what it is for.
fn refusal() -> Response {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).build();
    let wait = HeaderBuilder::new()
        .schema(Some(seconds))
        .description(Some("In how many seconds it makes sense to ask again, where that is known."))
        .build();
    ResponseBuilder::new()
        .description("A refusal. Its `code` says which.")
        .header("Retry-After", wait)
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
        )
        .build()
}

fn collect<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// The names in braces of a path.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// A call on its way into the document.
pub(super) struct Call {
    method: HttpMethod,
    path: &'static str,
    operation: OperationBuilder,
    security: SecurityRequirement,
    schemas: Schemas,
}

impl Call {
    fn new(method: HttpMethod, id: &str, path: &'static str, summary: &str) -> Self {
        let mut operation = OperationBuilder::new().operation_id(Some(id)).summary(Some(summary));
        for name in path_parameters(path) {
            let text = ObjectBuilder::new().schema_type(Type::String).build();
            operation = operation.parameter(
                ParameterBuilder::new()
                    .name(name)
                    .parameter_in(ParameterIn::Path)
                    .required(Required::True)
                    .schema(Some(text))
                    .build(),
            );
        }
        let security = SecurityRequirement::new(KEY, Vec::<String>::new());
        Self { method, path, operation, security, schemas: Schemas::new() }
    }

    pub(super) fn get(id: &str, path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, id, path, summary)
    }

    pub(super) fn post(id: &str, path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Post, id, path, summary)
    }

    pub(super) fn put(id: &str, path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Put, id, path, summary)
    }

    pub(super) fn patch(id: &str, path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Patch, id, path, summary)
    }

    pub(super) fn delete(id: &str, path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Delete, id, path, summary)
    }

    /// What the scopes of the key have to name.
    pub(super) fn needs(mut self, scope: &str) -> Self {
        self.security = SecurityRequirement::new(KEY, [scope]);
        self
    }

    /// It needs no key.
    pub(super) fn for_everybody(mut self) -> Self {
        self.security = SecurityRequirement::default();
        self
    }

    pub(super) fn asks<T: IntoParams>(mut self) -> Self {
        let parameters: Vec<Parameter> = T::into_params(|| Some(ParameterIn::Query));
        for mut parameter in parameters {
            parameter.schema = parameter.schema.map(without_null);
            self.operation = self.operation.parameter(parameter);
        }
        self
    }

    pub(super) fn header(mut self, name: &str, description: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        self.operation = self.operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .description(Some(description))
                .schema(Some(text))
                .build(),
        );
        self
    }

    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        collect::<T>(&mut self.schemas);
        // An empty body is read as `{}`.
        let needed = needs_fields(&T::schema());
        let body = RequestBodyBuilder::new()
            .content("application/json", content::<T>())
            .required(Some(if needed { Required::True } else { Required::False }))
            .build();
        self.operation = self.operation.request_body(Some(body));
        self
    }

    /// The body is a file, whatever its type.
    pub(super) fn takes_file(mut self, description: &str) -> Self {
        let any = ContentBuilder::new().schema(Some(Object::new())).build();
        let body = RequestBodyBuilder::new()
            .description(Some(description))
            .content("application/octet-stream", any)
            .required(Some(Required::True))
            .build();
        self.operation = self.operation.request_body(Some(body));
        self
    }

    pub(super) fn answers<T: ToSchema>(mut self, status: u16, description: &str) -> Self {
        collect::<T>(&mut self.schemas);
        let answer = ResponseBuilder::new()
            .description(description)
            .content("application/json", content::<T>())
            .build();
        self.operation = self.operation.response(status.to_string(), answer);
        self
    }

    /// It answers with something made of a type of this crate.
    pub(super) fn answers_with<T: ToSchema>(
        mut self,
        status: u16,
        description: &str,
        kind: &str,
    ) -> Self {
        collect::<T>(&mut self.schemas);
        let answer =
            ResponseBuilder::new().description(description).content(kind, content::<T>()).build();
        self.operation = self.operation.response(status.to_string(), answer);
        self
    }

    /// It answers with something that is no type of this crate.
    pub(super) fn answers_in(mut self, status: u16, description: &str, kind: &str) -> Self {
        let any = ContentBuilder::new().schema(Some(Object::new())).build();
        let answer = ResponseBuilder::new().description(description).content(kind, any).build();
        self.operation = self.operation.response(status.to_string(), answer);
        self
    }

    /// It answers with no body.
    pub(super) fn without_body(mut self, status: u16, description: &str) -> Self {
        let answer = ResponseBuilder::new().description(description).build();
        self.operation = self.operation.response(status.to_string(), answer);
        self
    }

    /// It answers 204.
    pub(super) fn done(self, description: &str) -> Self {
        self.without_body(204, description)
    }
}

fn content<T: ToSchema>() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(T::name()))).build()
}

/// Whether an object has fields that must be there.
fn needs_fields(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => !object.required.is_empty(),
        _ => true,
    }
}

/// What may be left out of a query cannot be `null` there, as it can in a body.
fn without_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Array(types) = &object.schema_type {
                let mut others = types.iter().filter(|one| **one != Type::Null);
                if let Some(one) = others.next() {
                    object.schema_type = SchemaType::Type(one.clone());
                }
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::OneOf(OneOf { items, .. })) if items.len() == 2 => {
            let first = items.into_iter().next();
            first.unwrap_or_else(|| RefOr::T(Schema::Object(Object::new())))
        }
        other => other,
    }
}

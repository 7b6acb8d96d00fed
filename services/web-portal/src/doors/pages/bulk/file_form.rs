//! The form that uploads a file: `multipart/form-data`, the token of the visitor before the file.

use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use sheet::{LARGEST_FILE, Unreadable};
use subtle::ConstantTimeEq as _;

use crate::acts::bulk;
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::same_origin;
use crate::doors::pages::visit::Visit;

/// The most fields of the form.
const FIELDS: usize = 8;
/// The most bytes of a field that is no file.
const LARGEST_FIELD: usize = 256;
/// The most characters of a file's name that are taken.
const LONGEST_NAME: usize = 1_000;

/// See the module.
#[derive(Debug)]
pub(crate) struct FileForm {
    /// Who sends it.
    pub(crate) visit: Visit,
    /// What the file is called on the machine of the visitor.
    pub(crate) name: String,
    /// The file, or that there is none which may be taken.
    pub(crate) file: Result<Vec<u8>, Unreadable>,
    /// Whose is to be what comes of it, as the form says it.
    pub(crate) shared: String,
}

impl FromRequest<App> for FileForm {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let visit = Visit::of(&parts)?;
        if !same_origin(app, &parts.headers) {
            return Err(Failure::Forged);
        }
        // Before anything of a file is taken.
        visit.check(parts.extensions.get().copied())?;
        let declared = parts.headers.get(header::CONTENT_LENGTH);
        let declared = declared.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > LARGEST_FILE + super::AROUND) {
            let file = Err(Unreadable::TooLarge);
            return Ok(Self { visit, name: String::new(), file, shared: String::new() });
        }
        // Held until all of it has come.
        let _room = bulk::room().await;
        let request = Request::from_parts(parts, body);
        let form = Multipart::from_request(request, app).await.map_err(|_| Failure::Malformed)?;
        let (name, file, shared) = read(form, &visit.csrf).await?;
        Ok(Self { visit, name, file, shared })
    }
}

type File = (String, Result<Vec<u8>, Unreadable>, String);

async fn read(mut form: Multipart, csrf: &str) -> Result<File, Failure> {
    let mut is_ours = false;
    let mut shared = String::new();
    for _ in 0..FIELDS {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE && is_ours => {
                return Ok((String::new(), Err(Unreadable::TooLarge), shared));
            }
            Err(_) => return Err(Failure::Malformed),
        };
        let name = field.name().map(str::to_owned);
        match name.as_deref() {
            Some("csrf") => {
                let token = taken(field, LARGEST_FIELD).await?;
                let token = token.map_err(|_| Failure::Forged)?;
                is_ours = bool::from(token.as_slice().ct_eq(csrf.as_bytes()));
            }
            Some("shared") => {
                let said = taken(field, LARGEST_FIELD).await?.map_err(|_| Failure::Malformed)?;
                shared = String::from_utf8(said).map_err(|_| Failure::Malformed)?;
            }
            // A form that says who sends it after the file is none of our pages.
            Some("file") if !is_ours => return Err(Failure::Forged),
            Some("file") => {
                let name = field.file_name().unwrap_or_default();
                let name: String = name.chars().take(LONGEST_NAME).collect();
                return Ok((name, taken(field, LARGEST_FILE).await?, shared));
            }
            _ => {}
        }
    }
    if is_ours { Ok((String::new(), Err(Unreadable::Empty), shared)) } else { Err(Failure::Forged) }
}

/// A field, of which no more is taken than `most` bytes.
async fn taken(mut field: Field<'_>, most: usize) -> Result<Result<Vec<u8>, Unreadable>, Failure> {
    let mut bytes = Vec::new();
    loop {
        match field.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > most => {
                return Ok(Err(Unreadable::TooLarge));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(Ok(bytes)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Ok(Err(Unreadable::TooLarge));
            }
            Err(_) => return Err(Failure::Malformed),
        }
    }
}

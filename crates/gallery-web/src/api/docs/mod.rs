//! The readable page at `/api/docs`, made from the OpenAPI document when the process starts: no
//! script, no bundle of somebody else's. It knows the document and nothing of the operations.

mod document;
mod prose;

use askama::Template;

use document::{Document, MediaType, Operation, Schema};
use prose::Prose;

use crate::http::Code;

/// The page for this OpenAPI document.
pub(super) fn page(document: &str) -> Result<String, Box<dyn std::error::Error>> {
    let document: Document = serde_json::from_str(document)?;
    Ok(Docs::of(&document).render()?)
}

#[derive(Template)]
#[template(path = "api_docs.html")]
struct Docs {
    stylesheet: &'static str,
    title: String,
    version: String,
    base: String,
    about: Prose,
    groups: Vec<Group>,
    schemas: Vec<SchemaDoc>,
    codes: Vec<CodeDoc>,
}

struct Group {
    name: String,
    about: Prose,
    operations: Vec<OperationDoc>,
}

struct OperationDoc {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: Prose,
    login: bool,
    parameters: Vec<Row>,
    body: Option<Row>,
    answers: Vec<AnswerDoc>,
}

struct SchemaDoc {
    name: String,
    about: Prose,
    fields: Vec<Row>,
}

/// Something with a name and a type: a parameter, a body, a header, a field.
struct Row {
    name: String,
    place: String,
    kind: Kind,
    required: bool,
    about: Prose,
}

struct AnswerDoc {
    status: String,
    about: Prose,
    bodies: Vec<Row>,
    headers: Vec<Row>,
}

/// A type: its text, and the schema that it leads to.
struct Kind {
    text: String,
    schema: Option<String>,
}

struct CodeDoc {
    name: &'static str,
    statuses: Vec<u16>,
    title: String,
    detail: String,
}

impl Docs {
    fn of(document: &Document) -> Self {
        let groups = document.tags.iter().map(|tag| Group {
            name: tag.name.clone(),
            about: Prose::of(&tag.description),
            operations: document.operations_of(&tag.name).map(OperationDoc::of).collect(),
        });
        let schemas = document.components.schemas.0.iter();
        Self {
            stylesheet: crate::pages::stylesheet(),
            title: document.info.title.clone(),
            version: document.info.version.clone(),
            base: document.servers.first().map(|server| server.url.clone()).unwrap_or_default(),
            about: Prose::of(&document.info.description),
            groups: groups.collect(),
            schemas: schemas.map(|(name, schema)| SchemaDoc::of(name, schema)).collect(),
            codes: codes(),
        }
    }
}

impl OperationDoc {
    fn of((path, method, operation): (&str, &str, &Operation)) -> Self {
        let parameters = operation.parameters.iter().map(|parameter| {
            let schema = &parameter.schema;
            Row::of(&parameter.name, &parameter.place, schema, parameter.required, &parameter.description)
        });
        let body = operation.request_body.as_ref().and_then(|body| {
            let (media_type, content) = body.content.0.first()?;
            Some(Row::of(media_type, "body", &content.schema, body.required, &body.description))
        });
        Self {
            id: operation.id.clone(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: operation.summary.clone(),
            about: Prose::of(&operation.description),
            login: !operation.security.is_empty(),
            parameters: parameters.collect(),
            body,
            answers: operation
                .responses
                .0
                .iter()
                .map(|(status, response)| AnswerDoc::of(status, response))
                .collect(),
        }
    }
}

impl AnswerDoc {
    fn of(status: &str, response: &document::Response) -> Self {
        let body = |(media_type, content): &(String, MediaType)| {
            Row::of(media_type, "body", &content.schema, true, "")
        };
        let headers = response.headers.0.iter().map(|(name, header)| {
            Row::of(name, "header", &header.schema, header.required, &header.description)
        });
        Self {
            status: status.to_owned(),
            about: Prose::of(&response.description),
            // Problems are explained once, below.
            bodies: response
                .content
                .0
                .iter()
                .filter(|(kind, _)| kind != "application/problem+json")
                .map(body)
                .collect(),
            headers: headers.collect(),
        }
    }
}

impl SchemaDoc {
    fn of(name: &str, schema: &Schema) -> Self {
        let fields = schema.properties.0.iter().map(|(field, schema_of_field)| {
            let required = schema.required.contains(field);
            Row::of(field, "field", schema_of_field, required, &schema_of_field.description)
        });
        Self { name: name.to_owned(), about: Prose::of(&schema.description), fields: fields.collect() }
    }
}

impl Row {
    fn of(name: &str, place: &str, schema: &Schema, required: bool, about: &str) -> Self {
        let (name, place) = (name.to_owned(), place.to_owned());
        Self { name, place, kind: Kind::of(schema), required, about: Prose::of(about) }
    }
}

impl Kind {
    fn of(schema: &Schema) -> Self {
        let named = schema
            .reference
            .as_deref()
            .or_else(|| schema.all_of.iter().find_map(|part| part.reference.as_deref()));
        let mut kind = if let Some(reference) = named {
            let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
            Self { text: name.clone(), schema: Some(name) }
        } else if let Some(items) = &schema.items {
            let items = Self::of(items);
            Self { text: format!("list of {}", items.text), schema: items.schema }
        } else if let Some(values) = &schema.additional_properties {
            let values = Self::of(values);
            Self { text: format!("map of {}", values.text), schema: values.schema }
        } else if schema.choices.is_empty() {
            Self { text: schema.format.clone().unwrap_or_else(|| schema.ty.clone()), schema: None }
        } else {
            Self { text: schema.choices.join(" | "), schema: None }
        };
        if schema.nullable {
            kind.text.push_str(" or null");
        }
        kind
    }
}

/// Codes of one name are one row, whatever their statuses.
fn codes() -> Vec<CodeDoc> {
    let mut rows: Vec<CodeDoc> = Vec::new();
    for code in Code::ALL {
        let status = code.status().as_u16();
        match rows.iter_mut().find(|row| row.name == code.name()) {
            Some(row) => row.statuses.push(status),
            None => rows.push(CodeDoc {
                name: code.name(),
                statuses: vec![status],
                title: code.title().to_string(),
                detail: code.default_detail().to_string(),
            }),
        }
    }
    rows
}

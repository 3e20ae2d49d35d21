//! [`UploadBody`]: a photo's form, documented for clients and handed on unread.

use poem::http::HeaderMap;
use poem::{Body, Request, RequestBody, Result};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::http::{PhotoForm, Problem};

const NAME: &str = "PhotoForm";

/// The body of an upload.
pub(super) struct UploadBody {
    headers: HeaderMap,
    body: Body,
}

impl UploadBody {
    /// The form, to be received.
    pub(super) fn form(self) -> std::result::Result<PhotoForm, Problem> {
        PhotoForm::new(&self.headers, self.body)
    }
}

impl<'a> ApiExtractor<'a> for UploadBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(NAME.to_owned(), |_| schema());
    }

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchemaRef::Reference(NAME.to_owned());
        let content = vec![MetaMediaType { content_type: "multipart/form-data", schema }];
        Some(MetaRequest {
            description: Some("The photo and what is said about it."),
            content,
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self { headers: request.headers().clone(), body: body.take()? })
    }
}

fn schema() -> MetaSchema {
    let text = |description| {
        let schema = MetaSchema { description: Some(description), ..MetaSchema::ANY };
        String::schema_ref().merge(schema)
    };
    let file = MetaSchema {
        description: Some("The photo: exactly one file."),
        ..MetaSchema::new_with_format("string", "binary")
    };
    MetaSchema {
        description: Some("A photo to be uploaded."),
        required: vec!["file"],
        properties: vec![
            ("file", MetaSchemaRef::Inline(Box::new(file))),
            ("title", text("The title, at most 200 characters; else that inside the file.")),
            ("description", text("The description, at most 5,000 characters; else that inside the file.")),
            (
                "tags",
                text(
                    "The tags, separated by commas: at most 50 of 50 characters; else those inside the file.",
                ),
            ),
        ],
        ..MetaSchema::new("object")
    }
}

//! Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
mod connect;
mod sample;

use personalize::apis::configuration::Configuration;
use personalize::apis::events_api::{self, ReportExperienceEventsError};
use personalize::apis::experiences_api::{
    self, FetchExperiencesError, ListExperienceMetadataError,
};
use personalize::apis::{Error, ResponseContent};
use personalize::models::ErrorResponse;
use serde_json::{from_value, json, Map, Value};
use std::{env, io};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    if env::args().len() > 1 {
        return sample::sample().await;
    }
    let configuration = connect::connect()?;
    for line in io::stdin().lines() {
        let mut case: Value = serde_json::from_str(&line?)?;
        let arguments = case["arguments"].take();
        let outcome = match case["operation"].as_str() {
            Some("fetchExperiences") => fetch(&configuration, arguments).await?,
            Some("listExperienceMetadata") => metadata(&configuration, arguments).await?,
            Some("reportExperienceEvents") => report(&configuration, arguments).await?,
            _ => json!({ "read": configuration.base_path }),
        };
        println!("{outcome}");
    }
    Ok(())
}

async fn fetch(configuration: &Configuration, mut arguments: Value) -> Result<Value> {
    let body = from_value(arguments["body"].take())?;
    let answer = match experiences_api::fetch_experiences(configuration, body).await {
        Err(Error::ResponseError(content)) => return Ok(failure(content)),
        answer => answer?,
    };
    let mut experiences = Map::new();
    for (key, experience) in answer.experiences {
        let items = experience.payload.into_iter();
        let payload: Map<_, _> = items
            .map(|(name, item)| {
                (
                    name,
                    json!({ "value": item.value, "data_type": item.data_type }),
                )
            })
            .collect();
        let context = experience.experience_context;
        experiences.insert(
            key,
            json!({ "payload": payload, "experience_context": context }),
        );
    }
    Ok(json!({ "read": { "experiences": experiences } }))
}

async fn metadata(configuration: &Configuration, mut arguments: Value) -> Result<Value> {
    let status = from_value(arguments["status"].take())?;
    let listing = match experiences_api::list_experience_metadata(configuration, status).await {
        Err(Error::ResponseError(content)) => return Ok(failure(content)),
        answer => answer?.metadata,
    };
    let experiences: Vec<_> = listing
        .experiences
        .into_iter()
        .map(|one| {
            json!({
                "experience_name": one.experience_name,
                "experience_key": one.experience_key,
                "status": one.status,
            })
        })
        .collect();
    Ok(json!({ "read": { "metadata": { "count": listing.count, "experiences": experiences } } }))
}

async fn report(configuration: &Configuration, mut arguments: Value) -> Result<Value> {
    let body = from_value(arguments["body"].take())?;
    let answer = match events_api::report_experience_events(configuration, body).await {
        Err(Error::ResponseError(content)) => return Ok(failure(content)),
        answer => answer?,
    };
    let mut read = json!({ "status": answer.status });
    put(&mut read, "message", answer.message);
    put(&mut read, "req_id", answer.req_id);
    Ok(json!({ "read": read }))
}

/// A call's typed error, which has a variant for each status.
trait Told {
    fn told(self) -> Option<ErrorResponse>;
}

macro_rules! told {
    ($($error:ident),*) => {$(
        impl Told for $error {
            fn told(self) -> Option<ErrorResponse> {
                match self {
                    Self::Status400(api) | Self::Status401(api) | Self::Status500(api) => Some(api),
                    _ => None, // a gateway's page
                }
            }
        }
    )*};
}
told!(
    FetchExperiencesError,
    ListExperienceMetadataError,
    ReportExperienceEventsError
);

fn failure<T: Told>(content: ResponseContent<T>) -> Value {
    let mut error = json!({ "status": content.status.as_u16() });
    if let Some(api) = content.entity.and_then(Told::told) {
        error["title"] = api.title.into();
        error["description"] = api.description.into();
        put(&mut error, "code", api.code);
    }
    json!({ "error": error })
}

fn put(fields: &mut Value, name: &str, value: Option<String>) {
    if let Some(value) = value {
        fields[name] = value.into();
    }
}

use crate::connect::connect;
use personalize::apis::{
    configuration::Configuration, events_api::report_experience_events,
    experiences_api::fetch_experiences,
};
use personalize::models::*;
use std::{error::Error, time::SystemTime};
use uuid::Uuid;

const CUSTOMER: &str = "user_8821";

/// Fetches an experience for a visitor, and reports that it was shown and clicked.
pub async fn sample() -> Result<(), Box<dyn Error>> {
    let configuration = connect()?;
    let mut request = FetchExperiencesRequest {
        identifiers: Some(Box::new(Identifiers {
            customer_id: Some(CUSTOMER.to_owned()),
            ..Default::default()
        })),
        experience_key: Some(vec!["loyalty-offer".to_owned()]),
        ..Default::default()
    };
    let in_session = &mut request.additional_properties;
    in_session.insert("utm_medium".to_owned(), "email".into());
    let answer = fetch_experiences(&configuration, request).await?;

    let Some(offer) = answer.experiences.get("loyalty-offer") else {
        println!("Welcome"); // no error: not meant for this visitor
        return Ok(());
    };
    let title = offer.payload["Title"].value.as_ref();
    println!(
        "{}",
        title.and_then(|value| value.as_str()).unwrap_or("Welcome")
    );

    let mut context = offer.experience_context.clone();
    let shown = EventActionName::MoePersonalizationMessageShown;
    report(&configuration, shown, &context).await?;
    context.b_id = Some("Add to Cart".to_owned()); // what was clicked
    let clicked = EventActionName::MoePersonalizationMessageClicked;
    report(&configuration, clicked, &context).await
}

/// Reports one event; a repeat after a failure keeps its UUID.
async fn report(
    configuration: &Configuration,
    action: EventActionName,
    context: &ExperienceContext,
) -> Result<(), Box<dyn Error>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let time = now.as_secs().try_into()?;
    let event = EventAction::new(action, Uuid::new_v4(), time, Platform::Web, context.clone());
    let element = EventElement::new(CUSTOMER.to_owned(), vec![event]);
    let report = ReportExperienceEventsRequest::new(vec![element]);
    report_experience_events(configuration, report).await?;
    Ok(())
}

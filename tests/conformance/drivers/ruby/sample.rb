# frozen_string_literal: true

# Fetches an experience for a visitor, and reports that it was shown and clicked.
require 'securerandom'
require_relative 'connect'

CUSTOMER = 'user_8821'

# Reports one event; a repeat after a failure keeps its UUID.
def report(events, action, attributes)
  event = Personalize::EventAction.new(
    action: action,
    moe_event_uuid: SecureRandom.uuid,
    event_time: Time.now.to_i,
    platform: Personalize::Platform::WEB,
    attributes: attributes
  )
  element = Personalize::EventElement.new(customer_id: CUSTOMER, actions: [event])
  events.report_experience_events(
    Personalize::ReportExperienceEventsRequest.new(elements: [element])
  )
end

client = connect
# A plain hash: the generated model refuses in-session attributes.
answer = Personalize::ExperiencesApi.new(client).fetch_experiences(
  identifiers: { customer_id: CUSTOMER },
  experience_key: ['loyalty-offer'],
  utm_medium: 'email'
)

offer = answer.experiences['loyalty-offer']
if offer.nil? # no error: not meant for this visitor
  puts 'Welcome'
else
  puts offer.payload['Title'].value
  events = Personalize::EventsApi.new(client)
  shown = offer.experience_context
  report(events, Personalize::EventActionName::MOE_PERSONALIZATION_MESSAGE_SHOWN, shown)
  clicked = shown.merge(b_id: 'Add to Cart') # what was clicked
  report(events, Personalize::EventActionName::MOE_PERSONALIZATION_MESSAGE_CLICKED, clicked)
end

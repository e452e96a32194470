# frozen_string_literal: true

# Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
require_relative 'connect'

CLIENT = connect
EXPERIENCES = Personalize::ExperiencesApi.new(CLIENT)
EVENTS = Personalize::EventsApi.new(CLIENT)

def fetch_experiences(body:)
  experiences = EXPERIENCES.fetch_experiences(body).experiences.transform_values do |experience|
    payload = experience.payload.transform_values do |item|
      { value: item.value, data_type: item.data_type }
    end
    { payload: payload, experience_context: experience.experience_context }
  end
  { experiences: experiences }
end

def list_experience_metadata(status: nil)
  listing = EXPERIENCES.list_experience_metadata({ status: status }.compact).metadata
  experiences = listing.experiences.map do |one|
    { experience_name: one.experience_name, experience_key: one.experience_key, status: one.status }
  end
  { metadata: { count: listing.count, experiences: experiences } }
end

def report_experience_events(body:)
  report = Personalize::ReportExperienceEventsRequest.build_from_hash(body)
  answer = EVENTS.report_experience_events(report)
  { status: answer.status, message: answer.message, req_id: answer.req_id }.compact
end

def failure(error)
  return { status: error.code } unless [400, 401, 500].include?(error.code) # else a gateway's

  api = Personalize::ErrorResponse.build_from_hash(JSON.parse(error.response_body))
  { status: error.code, title: api.title, description: api.description, code: api.code }.compact
end

CALLS = {
  'baseUrl' => -> { CLIENT.config.base_url },
  'fetchExperiences' => method(:fetch_experiences),
  'listExperienceMetadata' => method(:list_experience_metadata),
  'reportExperienceEvents' => method(:report_experience_events)
}.freeze

$stdout.sync = true
$stdin.each_line do |line|
  one = JSON.parse(line)
  outcome = begin
    { read: CALLS.fetch(one['operation']).call(**one['arguments'].transform_keys(&:to_sym)) }
  rescue Personalize::ApiError => e
    { error: failure(e) }
  end
  puts JSON.generate(outcome)
end

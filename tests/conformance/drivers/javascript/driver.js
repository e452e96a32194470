// Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
import { createInterface } from "node:readline";
import { connect } from "./connect.js";
import {
  ErrorResponseFromJSON,
  EventsApi,
  ExperiencesApi,
  ResponseError,
} from "./personalize/index.js";

const configuration = connect();
const experiencesApi = new ExperiencesApi(configuration);
const eventsApi = new EventsApi(configuration);

const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

const calls = {
  baseUrl: () => configuration.basePath,
  async fetchExperiences({ body }) {
    const answer = await experiencesApi.fetchExperiences({ fetchExperiencesRequest: body });
    return {
      experiences: mapValues(answer.experiences, ({ payload, experience_context }) => ({
        payload: mapValues(payload, ({ value, data_type }) => ({ value, data_type })),
        experience_context,
      })),
    };
  },
  async listExperienceMetadata({ status }) {
    const { metadata } = await experiencesApi.listExperienceMetadata({ status });
    const experiences = metadata.experiences.map(({ experience_name, experience_key, status }) => ({
      experience_name,
      experience_key,
      status,
    }));
    return { metadata: { count: metadata.count, experiences } };
  },
  async reportExperienceEvents({ body }) {
    const { status, message, req_id } = await eventsApi.reportExperienceEvents({
      reportExperienceEventsRequest: body,
    });
    return { status, message, req_id };
  },
};

async function failure({ response }) {
  const { status } = response;
  if (![400, 401, 500].includes(status)) return { status }; // a gateway's answer, in any form
  const { title, description, code } = ErrorResponseFromJSON(await response.json());
  return { status, title, description, code };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, arguments: given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ read: await calls[operation](given) }));
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    console.log(JSON.stringify({ error: await failure(error) }));
  }
}

// Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
import { createInterface } from "node:readline";
import { isAxiosError } from "axios";
import { connect } from "./connect.js";
import {
  type ErrorResponse,
  EventsApi,
  type ExperienceStatus,
  ExperiencesApi,
  type FetchExperiencesRequest,
  type ReportExperienceEventsRequest,
} from "./personalize/index.js";

interface Case {
  operation: string;
  arguments: { body?: unknown; status?: ExperienceStatus[] };
}

const configuration = connect();
const experiencesApi = new ExperiencesApi(configuration);
const eventsApi = new EventsApi(configuration);

async function run({ operation, arguments: given }: Case): Promise<unknown> {
  switch (operation) {
    case "fetchExperiences": {
      const body = given.body as FetchExperiencesRequest;
      const { data } = await experiencesApi.fetchExperiences(body);
      const experiences = mapValues(data.experiences, ({ payload, experience_context }) => ({
        payload: mapValues(payload, ({ value, data_type }) => ({ value, data_type })),
        experience_context,
      }));
      return { experiences };
    }
    case "listExperienceMetadata": {
      const { data } = await experiencesApi.listExperienceMetadata(given.status);
      const experiences = data.metadata.experiences.map(
        ({ experience_name, experience_key, status }) => ({ experience_name, experience_key, status }),
      );
      return { metadata: { count: data.metadata.count, experiences } };
    }
    case "reportExperienceEvents": {
      const body = given.body as ReportExperienceEventsRequest;
      const { data } = await eventsApi.reportExperienceEvents(body);
      const { status, message, req_id } = data;
      return { status, message, req_id };
    }
    default:
      return configuration.basePath;
  }
}

function failure(error: unknown): unknown {
  if (!isAxiosError<ErrorResponse>(error) || !error.response) throw error;
  const { status, data } = error.response;
  if (![400, 401, 500].includes(status)) return { status }; // a gateway's answer, in any form
  const { title, description, code } = data;
  return { status, title, description, code };
}

function mapValues<T, U>(object: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ read: await run(JSON.parse(line) as Case) }));
  } catch (error) {
    console.log(JSON.stringify({ error: failure(error) }));
  }
}

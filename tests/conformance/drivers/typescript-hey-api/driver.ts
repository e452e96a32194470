// Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
import { createInterface } from "node:readline";
import { baseUrl, connect } from "./connect.js";
import {
  type ErrorResponse,
  type ExperienceStatus,
  type FetchExperiencesRequest,
  fetchExperiences,
  listExperienceMetadata,
  reportExperienceEvents,
  type ReportExperienceEventsRequestWritable,
} from "./personalize/index.js";

type Outcome = { read: unknown } | { error: unknown };

interface Case {
  operation: string;
  arguments: { body?: unknown; status?: ExperienceStatus[] };
}

const client = connect();

async function run({ operation, arguments: given }: Case): Promise<Outcome> {
  switch (operation) {
    case "fetchExperiences": {
      const body = given.body as FetchExperiencesRequest;
      const { data, error, response } = await fetchExperiences({ client, body });
      if (data === undefined) return failure(error, response);
      const experiences = mapValues(data.experiences, ({ payload, experience_context }) => ({
        payload: mapValues(payload, ({ value, data_type }) => ({ value, data_type })),
        experience_context,
      }));
      return { read: { experiences } };
    }
    case "listExperienceMetadata": {
      const query = given.status && { status: given.status };
      const { data, error, response } = await listExperienceMetadata({ client, query });
      if (data === undefined) return failure(error, response);
      const experiences = data.metadata.experiences.map(
        ({ experience_name, experience_key, status }) => ({ experience_name, experience_key, status }),
      );
      return { read: { metadata: { count: data.metadata.count, experiences } } };
    }
    case "reportExperienceEvents": {
      const body = given.body as ReportExperienceEventsRequestWritable;
      const { data, error, response } = await reportExperienceEvents({ client, body });
      if (data === undefined) return failure(error, response);
      const { status, message, req_id } = data;
      return { read: { status, message, req_id } };
    }
    default:
      return { read: baseUrl() };
  }
}

function failure(error: ErrorResponse | string, response: Response | undefined): Outcome {
  if (response === undefined) throw new Error("no answer", { cause: error });
  const { status } = response;
  if (typeof error !== "object") return { error: { status } }; // a gateway's page
  const { title, description, code } = error;
  return { error: { status, title, description, code } };
}

function mapValues<T, U>(object: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await run(JSON.parse(line) as Case)));
}

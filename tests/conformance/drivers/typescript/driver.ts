// Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
import { createInterface } from "node:readline";
import type { components } from "#personalize";
import { baseUrl, connect } from "./connect.js";

type Schemas = components["schemas"];
type Outcome = { read: unknown } | { error: unknown };

interface Case {
  operation: string;
  arguments: { body?: unknown; status?: Schemas["ExperienceStatus"][] };
}

const client = connect();

async function run({ operation, arguments: given }: Case): Promise<Outcome> {
  switch (operation) {
    case "fetchExperiences": {
      const body = given.body as Schemas["FetchExperiencesRequest"];
      const { data, error, response } = await client.POST("/experiences/fetch", { body });
      if (data === undefined) return failure(error, response);
      const experiences = mapValues(data.experiences, ({ payload, experience_context }) => ({
        payload: mapValues(payload, ({ value, data_type }) => ({ value, data_type })),
        experience_context,
      }));
      return { read: { experiences } };
    }
    case "listExperienceMetadata": {
      const query = given.status && { status: given.status };
      const { data, error, response } = await client.GET("/experiences/metadata", {
        params: query ? { query } : {},
      });
      if (data === undefined) return failure(error, response);
      const experiences = data.metadata.experiences.map(
        ({ experience_name, experience_key, status }) => ({ experience_name, experience_key, status }),
      );
      return { read: { metadata: { count: data.metadata.count, experiences } } };
    }
    case "reportExperienceEvents": {
      const body = given.body as Schemas["ReportExperienceEventsRequest"];
      const { data, error, response } = await client.POST("/experiences/events", { body });
      if (data === undefined) return failure(error, response);
      const { status, message, req_id } = data;
      return { read: { status, message, req_id } };
    }
    default:
      return { read: baseUrl() };
  }
}

function failure(error: Schemas["ErrorResponse"] | string | undefined, { status }: Response): Outcome {
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

import { createClient } from "./personalize/client/index.js";

/** Makes a client of MoEngage's Personalize API, or of the emulator that MOENGAGE_BASE_URL names. */
export function connect() {
  const workspaceId = variable("MOENGAGE_WORKSPACE_ID");
  const key = variable("MOENGAGE_PERSONALIZE_API_KEY");
  return createClient({
    baseUrl: baseUrl(),
    auth: ({ scheme }) => (scheme === "basic" ? `${workspaceId}:${key}` : workspaceId),
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(3000) }),
  });
}

export function baseUrl(): string {
  return (
    process.env.MOENGAGE_BASE_URL ??
    `https://sdk-${variable("MOENGAGE_DATA_CENTER")}.moengage.com/v1`
  );
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

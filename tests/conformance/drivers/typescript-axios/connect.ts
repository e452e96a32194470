import { Configuration } from "./personalize/index.js";

/**
 * Says how to reach MoEngage's Personalize API, or the emulator that MOENGAGE_BASE_URL names, as
 * the workspace that the environment names.
 */
export function connect() {
  const workspaceId = variable("MOENGAGE_WORKSPACE_ID");
  return new Configuration({
    basePath:
      process.env.MOENGAGE_BASE_URL ??
      `https://sdk-${variable("MOENGAGE_DATA_CENTER")}.moengage.com/v1`,
    username: workspaceId,
    password: variable("MOENGAGE_PERSONALIZE_API_KEY"),
    apiKey: workspaceId, // MOE-APPKEY
    baseOptions: { timeout: 3000 },
  });
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

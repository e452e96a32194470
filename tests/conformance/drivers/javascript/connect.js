import { Configuration } from "./personalize/index.js";

/**
 * Says how to reach MoEngage's Personalize API, or the emulator that MOENGAGE_BASE_URL names, as
 * the workspace that the environment names.
 */
export function connect() {
  const { env } = process;
  const dataCenter = env.MOENGAGE_DATA_CENTER;
  return new Configuration({
    basePath: env.MOENGAGE_BASE_URL ?? `https://sdk-${dataCenter}.moengage.com/v1`,
    username: env.MOENGAGE_WORKSPACE_ID,
    password: env.MOENGAGE_PERSONALIZE_API_KEY,
    apiKey: env.MOENGAGE_WORKSPACE_ID, // MOE-APPKEY
    fetchApi: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(3000) }),
  });
}

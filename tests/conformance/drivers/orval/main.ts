// Calls each operation once: what scripts/languages runs of a generator that has no driver.
import { randomUUID } from "node:crypto";
import {
  fetchExperiences,
  listExperienceMetadata,
  reportExperienceEvents,
} from "./personalize.js";

const { MOENGAGE_WORKSPACE_ID: workspaceId = "", MOENGAGE_PERSONALIZE_API_KEY: key = "" } =
  process.env;
const headers = {
  Authorization: `Basic ${Buffer.from(`${workspaceId}:${key}`).toString("base64")}`,
  "MOE-APPKEY": workspaceId,
};

await listExperienceMetadata({ status: ["Active", "Paused"] }, { headers });
const fetched = await fetchExperiences(
  {
    identifiers: { customer_id: "user_8821" },
    experience_key: ["loyalty-offer"],
    utm_medium: "email", // an in-session attribute
  },
  { headers },
);
if (fetched.status !== 200) throw new Error(`${fetched.status}`);
await reportExperienceEvents(
  {
    elements: [
      {
        customer_id: "user_8821",
        actions: [
          {
            action: "MOE_PERSONALIZATION_MESSAGE_SHOWN",
            moe_event_uuid: randomUUID(),
            event_time: Math.floor(Date.now() / 1000),
            platform: "web",
            attributes: fetched.data.experiences["loyalty-offer"].experience_context,
          },
        ],
      },
    ],
  },
  { headers },
);

// Fetches an experience for a visitor, and reports that it was shown and clicked.
import { randomUUID } from "node:crypto";
import { connect } from "./connect.js";
import {
  type EventActionName,
  type ExperienceContextWritable,
  fetchExperiences,
  reportExperienceEvents,
} from "./personalize/index.js";

const customer = "user_8821";
const client = connect();

/** Reports one event; a repeat after a failure keeps its UUID. */
async function report(action: EventActionName, attributes: ExperienceContextWritable) {
  const event = {
    action,
    moe_event_uuid: randomUUID(),
    event_time: Math.floor(Date.now() / 1000),
    platform: "web" as const,
    attributes,
  };
  const body = { elements: [{ customer_id: customer, actions: [event] }] };
  const { data, error } = await reportExperienceEvents({ client, body });
  if (data === undefined) throw new Error("the event was not accepted", { cause: error });
}

const { data, error } = await fetchExperiences({
  client,
  body: {
    identifiers: { customer_id: customer },
    experience_key: ["loyalty-offer"],
    utm_medium: "email", // an in-session attribute
  },
});
if (data === undefined) throw new Error("no experiences", { cause: error });

const offer = data.experiences["loyalty-offer"];
if (offer === undefined) {
  console.log("Welcome"); // no error: not meant for this visitor
} else {
  console.log(offer.payload["Title"]?.value);
  const shown = offer.experience_context;
  await report("MOE_PERSONALIZATION_MESSAGE_SHOWN", shown);
  const clicked = { ...shown, b_id: "Add to Cart" }; // what was clicked
  await report("MOE_PERSONALIZATION_MESSAGE_CLICKED", clicked);
}

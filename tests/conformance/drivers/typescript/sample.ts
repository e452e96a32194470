// Fetches an experience for a visitor, and reports that it was shown and clicked.
import { randomUUID } from "node:crypto";
import type { components } from "#personalize";
import { connect } from "./connect.js";

type Schemas = components["schemas"];

const customer = "user_8821";
const client = connect();

/** Reports one event; a repeat after a failure keeps its UUID. */
async function report(action: Schemas["EventActionName"], attributes: Schemas["ExperienceContext"]) {
  const event: Schemas["EventAction"] = {
    action,
    moe_event_uuid: randomUUID(),
    event_time: Math.floor(Date.now() / 1000),
    platform: "web",
    attributes,
  };
  const { data, error } = await client.POST("/experiences/events", {
    body: { elements: [{ customer_id: customer, actions: [event] }] },
  });
  if (data === undefined) throw new Error("the event was not accepted", { cause: error });
}

const { data, error } = await client.POST("/experiences/fetch", {
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

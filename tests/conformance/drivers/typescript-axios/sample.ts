// Fetches an experience for a visitor, and reports that it was shown and clicked.
import { randomUUID } from "node:crypto";
import { connect } from "./connect.js";
import {
  EventActionName,
  EventsApi,
  type ExperienceContext,
  ExperiencesApi,
  Platform,
} from "./personalize/index.js";

const customer = "user_8821";
const configuration = connect();
const experiencesApi = new ExperiencesApi(configuration);
const eventsApi = new EventsApi(configuration);

/** Reports one event; a repeat after a failure keeps its UUID. */
async function report(action: EventActionName, attributes: ExperienceContext) {
  const event = {
    action,
    moe_event_uuid: randomUUID(),
    event_time: Math.floor(Date.now() / 1000),
    platform: Platform.Web,
    attributes,
  };
  await eventsApi.reportExperienceEvents({
    elements: [{ customer_id: customer, actions: [event] }],
  });
}

const { data } = await experiencesApi.fetchExperiences({
  identifiers: { customer_id: customer },
  experience_key: ["loyalty-offer"],
  utm_medium: "email", // an in-session attribute
});

const offer = data.experiences["loyalty-offer"];
if (offer === undefined) {
  console.log("Welcome"); // no error: not meant for this visitor
} else {
  console.log(offer.payload["Title"]?.value);
  const shown = offer.experience_context;
  await report(EventActionName.MoePersonalizationMessageShown, shown);
  const clicked = { ...shown, b_id: "Add to Cart" }; // what was clicked
  await report(EventActionName.MoePersonalizationMessageClicked, clicked);
}

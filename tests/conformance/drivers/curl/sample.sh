#!/usr/bin/env bash
# Fetches an experience for a visitor, and reports that it was shown and clicked.
set -euo pipefail
source ./connect.sh
customer=user_8821

# report ACTION ATTRIBUTES: reports one event; a repeat after a failure keeps its UUID.
report() {
  jq -n --arg customer "$customer" --arg action "$1" --argjson attributes "$2" \
    --arg uuid "$(< /proc/sys/kernel/random/uuid)" \
    '{elements: [{customer_id: $customer, actions: [{$action, moe_event_uuid: $uuid,
      event_time: (now | floor), platform: "web", $attributes}]}]}' |
    personalize --fail-with-body --output /dev/null reportExperienceEvents -
}

answer=$(jq -n --arg customer "$customer" \
  '{identifiers: {customer_id: $customer}, experience_key: ["loyalty-offer"],
    utm_medium: "email"}' | # an in-session attribute
  personalize --fail-with-body fetchExperiences -)

if offer=$(jq -e '.experiences["loyalty-offer"]' <<< "$answer"); then
  jq -r .payload.Title.value <<< "$offer"
  shown=$(jq .experience_context <<< "$offer")
  report MOE_PERSONALIZATION_MESSAGE_SHOWN "$shown"
  clicked=$(jq '.b_id = "Add to Cart"' <<< "$shown") # what was clicked
  report MOE_PERSONALIZATION_MESSAGE_CLICKED "$clicked"
else
  echo Welcome # no error: not meant for this visitor
fi

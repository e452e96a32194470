#!/usr/bin/env bash
# Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
set -euo pipefail
source ./connect.sh

declare -A fields=(
  [fetchExperiences]='{experiences: .experiences | map_values(
    {payload: .payload | map_values({value, data_type}), experience_context})}'
  [listExperienceMetadata]='{metadata: .metadata | {count,
    experiences: .experiences | map({experience_name, experience_key, status})}}'
  [reportExperienceEvents]='{status, message, req_id} | with_entries(select(.value != null))'
)
told='{title, description, code} | with_entries(select(.value != null))'

while IFS= read -r case; do
  operation=$(jq -r .operation <<< "$case")
  arguments=()
  case $operation in
    baseUrl)
      jq -cn --arg read "$base_url" '{$read}'
      continue
      ;;
    listExperienceMetadata)
      status=$(jq -r '.arguments.status // [] | join(",")' <<< "$case")
      [ -z "$status" ] || arguments=("status=$status")
      ;;
    *) arguments=(-) ;;
  esac
  # The body's lines, and the status on a line of its own.
  body=$(jq -c .arguments.body <<< "$case")
  answer=$(personalize --write-out '\\n%{http_code}' "$operation" "${arguments[@]}" <<< "$body")
  status=${answer##*$'\n'} body=${answer%$'\n'*}
  if [ "$status" = 200 ]; then
    jq -c "{read: (${fields[$operation]})}" <<< "$body"
  elif [[ $body == {* ]]; then
    jq -c --argjson status "$status" "{error: ({\$status} + ($told))}" <<< "$body"
  else # a gateway's page
    jq -cn --argjson status "$status" '{error: {$status}}'
  fi
done

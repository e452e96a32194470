# Reaches MoEngage's Personalize API, or the emulator that MOENGAGE_BASE_URL names.
# personalize [cURL's options] OPERATION [PARAMETER=VALUE] [-]    (-: the body comes from stdin)
base_url=${MOENGAGE_BASE_URL:-https://sdk-${MOENGAGE_DATA_CENTER:-}.moengage.com/v1}

personalize() {
  local credentials
  # The generated client hands them to a shell once more.
  printf -v credentials %q "$MOENGAGE_WORKSPACE_ID:$MOENGAGE_PERSONALIZE_API_KEY"
  ../client/client.sh --host "${base_url%/v1}" --user "$credentials" --silent --show-error \
    --max-time 3 "$@" "MOE-APPKEY:$MOENGAGE_WORKSPACE_ID"
}

"""From a commit to a release: checked, built twice, tried, tagged, uploaded, recorded."""

package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"example.com/acme/personalize"
)

// connect makes a client of MoEngage's Personalize API, or of the emulator that
// MOENGAGE_BASE_URL names, and a context that carries the workspace's credentials.
func connect() (*personalize.APIClient, context.Context) {
	workspace := os.Getenv("MOENGAGE_WORKSPACE_ID")
	ctx := context.WithValue(context.Background(), personalize.ContextBasicAuth, personalize.BasicAuth{
		UserName: workspace,
		Password: os.Getenv("MOENGAGE_PERSONALIZE_API_KEY"),
	})
	ctx = context.WithValue(ctx, personalize.ContextAPIKeys, map[string]personalize.APIKey{
		"AppKey": {Key: workspace},
	})

	configuration := personalize.NewConfiguration()
	configuration.HTTPClient = &http.Client{Timeout: 3 * time.Second}
	if url := os.Getenv("MOENGAGE_BASE_URL"); url != "" {
		configuration.Servers = personalize.ServerConfigurations{{URL: url}}
	} else {
		ctx = context.WithValue(ctx, personalize.ContextServerVariables, map[string]string{
			"dc": os.Getenv("MOENGAGE_DATA_CENTER"),
		})
	}
	return personalize.NewAPIClient(configuration), ctx
}

package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"example.com/acme/shop/personalize"
)

// connect makes a client of MoEngage's Personalize API, or of the emulator that
// MOENGAGE_BASE_URL names, for the workspace that the environment names.
func connect() *personalize.ClientWithResponses {
	credentials := func(_ context.Context, request *http.Request) error {
		workspace := os.Getenv("MOENGAGE_WORKSPACE_ID")
		request.SetBasicAuth(workspace, os.Getenv("MOENGAGE_PERSONALIZE_API_KEY"))
		request.Header.Set("MOE-APPKEY", workspace)
		return nil
	}
	client, err := personalize.NewClientWithResponses(baseURL(),
		personalize.WithHTTPClient(&http.Client{Timeout: 3 * time.Second}),
		personalize.WithRequestEditorFn(credentials))
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func baseURL() string {
	if url := os.Getenv("MOENGAGE_BASE_URL"); url != "" {
		return url
	}
	return "https://sdk-" + os.Getenv("MOENGAGE_DATA_CENTER") + ".moengage.com/v1"
}

// Calls each operation once: what scripts/languages runs of a generator that has no driver.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"example.com/acme/shop/personalize"
	"github.com/go-faster/jx"
	"github.com/google/uuid"
)

type credentials struct{ workspace, key string }

func (c credentials) AppKey(context.Context, personalize.OperationName) (personalize.AppKey, error) {
	return personalize.AppKey{APIKey: c.workspace}, nil
}

func (c credentials) BasicAuth(context.Context, personalize.OperationName) (personalize.BasicAuth, error) {
	return personalize.BasicAuth{Username: c.workspace, Password: c.key}, nil
}

func main() {
	ctx := context.Background()
	client, err := personalize.NewClient(os.Getenv("MOENGAGE_BASE_URL"),
		credentials{os.Getenv("MOENGAGE_WORKSPACE_ID"), os.Getenv("MOENGAGE_PERSONALIZE_API_KEY")},
		personalize.WithClient(&http.Client{Timeout: 3 * time.Second}))
	check(err)

	_, err = client.ListExperienceMetadata(ctx, personalize.ListExperienceMetadataParams{
		Status: []personalize.ExperienceStatus{
			personalize.ExperienceStatusActive, personalize.ExperienceStatusPaused,
		},
	})
	check(err)

	fetched, err := client.FetchExperiences(ctx, &personalize.FetchExperiencesRequest{
		Identifiers: personalize.NewOptIdentifiers(personalize.Identifiers{
			CustomerID: personalize.NewOptString("user_8821"),
		}),
		ExperienceKey:   []string{"loyalty-offer"},
		AdditionalProps: map[string]jx.Raw{"utm_medium": jx.Raw(`"email"`)}, // in-session
	})
	check(err)
	answer, ok := fetched.(*personalize.FetchExperiencesAnswerHeaders)
	if !ok {
		log.Fatalf("%T", fetched)
	}

	_, err = client.ReportExperienceEvents(ctx, &personalize.ReportExperienceEventsRequest{
		Elements: []personalize.EventElement{{
			CustomerID: "user_8821",
			Actions: []personalize.EventAction{{
				Action:       personalize.EventActionNameMOEPERSONALIZATIONMESSAGESHOWN,
				MoeEventUUID: uuid.New(),
				EventTime:    time.Now().Unix(),
				Platform:     personalize.PlatformWeb,
				Attributes:   answer.Response.Experiences["loyalty-offer"].ExperienceContext,
			}},
		}},
	})
	check(err)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

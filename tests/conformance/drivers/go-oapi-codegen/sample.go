package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"example.com/acme/shop/personalize"
	"github.com/google/uuid"
)

var (
	ctx      = context.Background()
	customer = "user_8821"
)

// sample fetches an experience for a visitor, and reports that it was shown and clicked.
func sample() {
	client := connect()
	answer, err := client.FetchExperiencesWithResponse(ctx, personalize.FetchExperiencesRequest{
		Identifiers:          &personalize.Identifiers{CustomerId: &customer},
		ExperienceKey:        &[]string{"loyalty-offer"},
		AdditionalProperties: map[string]any{"utm_medium": "email"}, // in-session
	})
	if err != nil {
		log.Fatal(err)
	}
	if answer.JSON200 == nil { // an error of the API, or a gateway's page
		log.Fatal(answer.Status())
	}

	offer, found := answer.JSON200.Experiences["loyalty-offer"]
	if !found { // no error: not meant for this visitor
		fmt.Println("Welcome")
		return
	}
	fmt.Println(offer.Payload["Title"].Value)
	shown := offer.ExperienceContext
	report(client, personalize.MOEPERSONALIZATIONMESSAGESHOWN, shown)
	clicked, element := shown, "Add to Cart" // what was clicked
	clicked.BId = &element
	report(client, personalize.MOEPERSONALIZATIONMESSAGECLICKED, clicked)
}

// report reports one event; a repeat after a failure keeps its UUID.
func report(client *personalize.ClientWithResponses, action personalize.EventActionName,
	attributes personalize.ExperienceContext) {
	answer, err := client.ReportExperienceEventsWithResponse(ctx, personalize.ReportExperienceEventsRequest{
		Elements: []personalize.EventElement{{CustomerId: customer, Actions: []personalize.EventAction{{
			Action: action, MoeEventUuid: uuid.New(), EventTime: time.Now().Unix(),
			Platform: personalize.Web, Attributes: attributes,
		}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if answer.JSON200 == nil {
		log.Fatal(answer.Status())
	}
}

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"example.com/acme/personalize"
)

const customer = "user_8821"

// sample fetches an experience for a visitor, and reports that it was shown and clicked.
func sample() {
	client, ctx := connect()
	request := personalize.NewFetchExperiencesRequest()
	request.Identifiers = &personalize.Identifiers{CustomerId: personalize.PtrString(customer)}
	request.ExperienceKey = []string{"loyalty-offer"}
	request.AdditionalProperties = map[string]interface{}{"utm_medium": "email"} // in-session
	answer, _, err := client.ExperiencesAPI.FetchExperiences(ctx).FetchExperiencesRequest(*request).Execute()
	if err != nil {
		log.Fatal(err)
	}

	offer, found := answer.Experiences["loyalty-offer"]
	if !found { // no error: not meant for this visitor
		fmt.Println("Welcome")
		return
	}
	fmt.Println(offer.Payload["Title"].Value)
	shown := offer.ExperienceContext
	report(ctx, client, personalize.EVENTACTIONNAME_MOE_PERSONALIZATION_MESSAGE_SHOWN, shown)
	clicked := shown
	clicked.BId = personalize.PtrString("Add to Cart") // what was clicked
	report(ctx, client, personalize.EVENTACTIONNAME_MOE_PERSONALIZATION_MESSAGE_CLICKED, clicked)
}

// report reports one event; a repeat after a failure keeps its UUID.
func report(ctx context.Context, client *personalize.APIClient,
	action personalize.EventActionName, attributes personalize.ExperienceContext) {
	event := personalize.NewEventAction(action, newUUID(), time.Now().Unix(),
		personalize.PLATFORM_WEB, attributes)
	element := personalize.NewEventElement(customer, []personalize.EventAction{*event})
	body := personalize.NewReportExperienceEventsRequest([]personalize.EventElement{*element})
	_, _, err := client.EventsAPI.ReportExperienceEvents(ctx).ReportExperienceEventsRequest(*body).Execute()
	if err != nil {
		log.Fatal(err)
	}
}

// newUUID makes a UUID version 4.
func newUUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

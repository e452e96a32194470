// Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
package main

import (
	"encoding/json"
	"log"
	"os"

	"example.com/acme/shop/personalize"
)

type object = map[string]any

type conformanceCase struct {
	Operation string
	Arguments struct {
		Body   json.RawMessage
		Status *[]personalize.ExperienceStatus
	}
}

func main() {
	if len(os.Args) > 1 {
		sample()
		return
	}
	client := connect()
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for in.More() {
		var one conformanceCase
		must(in.Decode(&one))
		must(out.Encode(run(client, one)))
	}
}

func run(client *personalize.ClientWithResponses, one conformanceCase) object {
	switch one.Operation {
	case "fetchExperiences":
		var body personalize.FetchExperiencesRequest
		must(json.Unmarshal(one.Arguments.Body, &body))
		answer, err := client.FetchExperiencesWithResponse(ctx, body)
		must(err)
		if answer.JSON200 == nil {
			return failure(answer.StatusCode(), answer.JSON400, answer.JSON401, answer.JSON500)
		}
		experiences := object{}
		for key, experience := range answer.JSON200.Experiences {
			payload := object{}
			for name, item := range experience.Payload {
				payload[name] = object{"value": item.Value, "data_type": item.DataType}
			}
			experiences[key] = object{
				"payload": payload, "experience_context": experience.ExperienceContext}
		}
		return object{"read": object{"experiences": experiences}}
	case "listExperienceMetadata":
		answer, err := client.ListExperienceMetadataWithResponse(ctx,
			&personalize.ListExperienceMetadataParams{Status: one.Arguments.Status})
		must(err)
		if answer.JSON200 == nil {
			return failure(answer.StatusCode(), answer.JSON400, answer.JSON401, answer.JSON500)
		}
		experiences := []object{}
		for _, item := range answer.JSON200.Metadata.Experiences {
			experiences = append(experiences, object{"experience_name": item.ExperienceName,
				"experience_key": item.ExperienceKey, "status": item.Status})
		}
		return object{"read": object{"metadata": object{
			"count": answer.JSON200.Metadata.Count, "experiences": experiences}}}
	case "reportExperienceEvents":
		var body personalize.ReportExperienceEventsRequest
		must(json.Unmarshal(one.Arguments.Body, &body))
		answer, err := client.ReportExperienceEventsWithResponse(ctx, body)
		must(err)
		if answer.JSON200 == nil {
			return failure(answer.StatusCode(), answer.JSON400, answer.JSON401, answer.JSON500)
		}
		read := object{"status": answer.JSON200.Status}
		put(read, "message", answer.JSON200.Message)
		put(read, "req_id", answer.JSON200.ReqId)
		return object{"read": read}
	default: // baseUrl
		return object{"read": baseURL()}
	}
}

func failure(status int, errors ...*personalize.ErrorResponse) object {
	told := object{"status": status}
	for _, api := range errors { // at most one; none for a gateway's page
		if api != nil {
			told["title"], told["description"] = api.Title, api.Description
			put(told, "code", api.Code)
		}
	}
	return object{"error": told}
}

func put(fields object, name string, value *string) {
	if value != nil {
		fields[name] = *value
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Runs conformance cases: a call as JSON in on a line, what the client read out on a line.
package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"

	"example.com/acme/personalize"
)

type object = map[string]any

type conformanceCase struct {
	Operation string
	Arguments struct {
		Body   json.RawMessage
		Status []personalize.ExperienceStatus
	}
}

func main() {
	if len(os.Args) > 1 {
		sample()
		return
	}
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for in.More() {
		var one conformanceCase
		must(in.Decode(&one))
		read, response, err := run(one)
		if err == nil {
			must(out.Encode(object{"read": read}))
		} else {
			must(out.Encode(object{"error": failure(response, err)}))
		}
	}
}

func run(one conformanceCase) (any, *http.Response, error) {
	client, ctx := connect()
	switch one.Operation {
	case "fetchExperiences":
		var body personalize.FetchExperiencesRequest
		must(json.Unmarshal(one.Arguments.Body, &body))
		answer, response, err := client.ExperiencesAPI.FetchExperiences(ctx).FetchExperiencesRequest(body).Execute()
		if err != nil {
			return nil, response, err
		}
		experiences := object{}
		for key, experience := range answer.Experiences {
			payload := object{}
			for name, item := range experience.Payload {
				payload[name] = object{"value": item.Value, "data_type": item.DataType}
			}
			experiences[key] = object{
				"payload": payload, "experience_context": experience.ExperienceContext}
		}
		return object{"experiences": experiences}, response, nil
	case "listExperienceMetadata":
		request := client.ExperiencesAPI.ListExperienceMetadata(ctx)
		if one.Arguments.Status != nil {
			request = request.Status(one.Arguments.Status)
		}
		answer, response, err := request.Execute()
		if err != nil {
			return nil, response, err
		}
		experiences := []object{}
		for _, item := range answer.Metadata.Experiences {
			experiences = append(experiences, object{"experience_name": item.ExperienceName,
				"experience_key": item.ExperienceKey, "status": item.Status})
		}
		return object{"metadata": object{
			"count": answer.Metadata.Count, "experiences": experiences}}, response, nil
	case "reportExperienceEvents":
		var body personalize.ReportExperienceEventsRequest
		must(json.Unmarshal(one.Arguments.Body, &body))
		answer, response, err := client.EventsAPI.ReportExperienceEvents(ctx).ReportExperienceEventsRequest(body).Execute()
		if err != nil {
			return nil, response, err
		}
		read := object{"status": answer.Status}
		put(read, "message", answer.Message)
		put(read, "req_id", answer.ReqId)
		return read, response, nil
	default: // baseUrl
		url, err := client.GetConfig().ServerURLWithContext(ctx, "")
		return url, nil, err
	}
}

func failure(response *http.Response, err error) object {
	var generated *personalize.GenericOpenAPIError
	if response == nil || !errors.As(err, &generated) {
		log.Fatal(err)
	}
	told := object{"status": response.StatusCode}
	if api, ok := generated.Model().(personalize.ErrorResponse); ok {
		told["title"], told["description"] = api.Title, api.Description
		put(told, "code", api.Code)
	}
	return told
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

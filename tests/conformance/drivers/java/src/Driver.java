import com.example.personalize.ApiClient;
import com.example.personalize.ApiException;
import com.example.personalize.api.EventsApi;
import com.example.personalize.api.ExperiencesApi;
import com.example.personalize.model.ErrorResponse;
import com.example.personalize.model.ExperienceStatus;
import com.example.personalize.model.FetchExperiencesRequest;
import com.example.personalize.model.ReportExperienceEventsRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import java.util.stream.Stream;

/** Runs conformance cases: a call as JSON in on a line, what the client read out on a line. */
final class Driver {
  private static final ApiClient CLIENT = Connect.connect();
  private static final ObjectMapper JSON = CLIENT.getObjectMapper();

  public static void main(String[] arguments) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ObjectNode outcome = JSON.createObjectNode();
      try {
        outcome.set("read", read(JSON.readTree(line)));
      } catch (ApiException error) {
        outcome.set("error", failure(error));
      }
      System.out.println(outcome);
    }
  }

  private static JsonNode read(JsonNode one) throws ApiException, IOException {
    JsonNode given = one.get("arguments");
    return switch (one.get("operation").asText()) {
      case "fetchExperiences" -> fetch(given);
      case "listExperienceMetadata" -> metadata(given);
      case "reportExperienceEvents" -> report(given);
      default -> JSON.valueToTree(CLIENT.getBaseUri());
    };
  }

  private static JsonNode fetch(JsonNode given) throws ApiException, IOException {
    var body = JSON.treeToValue(given.get("body"), FetchExperiencesRequest.class);
    var answer = new ExperiencesApi(CLIENT).fetchExperiences(body);
    ObjectNode read = JSON.createObjectNode();
    ObjectNode experiences = read.putObject("experiences");
    answer.getExperiences().forEach((key, experience) -> {
      ObjectNode told = experiences.putObject(key);
      ObjectNode payload = told.putObject("payload");
      experience.getPayload().forEach((name, item) ->
          payload.putObject(name)
              .put("data_type", item.getDataType())
              .set("value", JSON.valueToTree(item.getValue())));
      told.set("experience_context", JSON.valueToTree(experience.getExperienceContext()));
    });
    return read;
  }

  private static JsonNode metadata(JsonNode given) throws ApiException {
    List<ExperienceStatus> statuses = given.has("status")
        ? Stream.of(JSON.convertValue(given.get("status"), ExperienceStatus[].class)).toList()
        : null;
    var listing = new ExperiencesApi(CLIENT).listExperienceMetadata(statuses).getMetadata();
    ObjectNode read = JSON.createObjectNode();
    ObjectNode metadata = read.putObject("metadata").put("count", listing.getCount());
    var experiences = metadata.putArray("experiences");
    for (var one : listing.getExperiences()) {
      experiences.addObject()
          .put("experience_name", one.getExperienceName())
          .put("experience_key", one.getExperienceKey())
          .put("status", one.getStatus());
    }
    return read;
  }

  private static JsonNode report(JsonNode given) throws ApiException, IOException {
    var body = JSON.treeToValue(given.get("body"), ReportExperienceEventsRequest.class);
    var answer = new EventsApi(CLIENT).reportExperienceEvents(body);
    ObjectNode read = JSON.createObjectNode().put("status", answer.getStatus());
    put(read, "message", answer.getMessage());
    put(read, "req_id", answer.getReqId());
    return read;
  }

  private static JsonNode failure(ApiException error) throws IOException {
    ObjectNode told = JSON.createObjectNode().put("status", error.getCode());
    if (List.of(400, 401, 500).contains(error.getCode())) { // and no gateway's answer
      ErrorResponse api = JSON.readValue(error.getResponseBody(), ErrorResponse.class);
      told.put("title", api.getTitle()).put("description", api.getDescription());
      put(told, "code", api.getCode());
    }
    return told;
  }

  private static void put(ObjectNode fields, String name, String value) {
    if (value != null) {
      fields.put(name, value);
    }
  }
}

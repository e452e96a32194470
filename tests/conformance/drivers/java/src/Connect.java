import static com.fasterxml.jackson.annotation.JsonInclude.Include.ALWAYS;
import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.example.personalize.ApiClient;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.Base64;

/** How to reach MoEngage's Personalize API, or the emulator that MOENGAGE_BASE_URL names. */
final class Connect {
  private Connect() {}

  /** Makes a client of the workspace that the environment names. */
  static ApiClient connect() {
    String workspaceId = System.getenv("MOENGAGE_WORKSPACE_ID");
    String pair = workspaceId + ":" + System.getenv("MOENGAGE_PERSONALIZE_API_KEY");
    String basic = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));

    ApiClient client = new ApiClient();
    // Leaves out what is not set, but keeps a null in a context, which goes back unchanged.
    client.setObjectMapper(
        client.getObjectMapper()
            .setDefaultPropertyInclusion(JsonInclude.Value.construct(NON_NULL, ALWAYS)));
    client.updateBaseUri(baseUrl());
    client.setConnectTimeout(Duration.ofSeconds(1));
    client.setReadTimeout(Duration.ofSeconds(3));
    client.setRequestInterceptor(
        request -> request.header("Authorization", basic).header("MOE-APPKEY", workspaceId));
    return client;
  }

  private static String baseUrl() {
    String url = System.getenv("MOENGAGE_BASE_URL");
    String dataCenter = System.getenv("MOENGAGE_DATA_CENTER");
    return url != null ? url : "https://sdk-" + dataCenter + ".moengage.com/v1";
  }
}

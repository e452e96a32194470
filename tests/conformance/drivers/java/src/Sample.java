import com.example.personalize.ApiClient;
import com.example.personalize.ApiException;
import com.example.personalize.api.EventsApi;
import com.example.personalize.api.ExperiencesApi;
import com.example.personalize.model.EventAction;
import com.example.personalize.model.EventActionName;
import com.example.personalize.model.EventElement;
import com.example.personalize.model.Experience;
import com.example.personalize.model.ExperienceContext;
import com.example.personalize.model.FetchExperiencesRequest;
import com.example.personalize.model.Identifiers;
import com.example.personalize.model.Platform;
import com.example.personalize.model.ReportExperienceEventsRequest;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Fetches an experience for a visitor, and reports that it was shown and clicked. */
final class Sample {
  private static final String CUSTOMER = "user_8821";

  public static void main(String[] arguments) throws ApiException {
    ApiClient client = Connect.connect();
    FetchExperiencesRequest request =
        new FetchExperiencesRequest()
            .identifiers(new Identifiers().customerId(CUSTOMER))
            .experienceKey(List.of("loyalty-offer"))
            .putAdditionalProperty("utm_medium", "email"); // an in-session attribute
    Experience offer =
        new ExperiencesApi(client).fetchExperiences(request).getExperiences().get("loyalty-offer");
    if (offer == null) { // no error: not meant for this visitor
      System.out.println("Welcome");
      return;
    }
    System.out.println(offer.getPayload().get("Title").getValue());

    EventsApi events = new EventsApi(client);
    ExperienceContext context = offer.getExperienceContext();
    report(events, EventActionName.MOE_PERSONALIZATION_MESSAGE_SHOWN, context);
    context.setbId("Add to Cart"); // what was clicked
    report(events, EventActionName.MOE_PERSONALIZATION_MESSAGE_CLICKED, context);
  }

  /** Reports one event; a repeat after a failure keeps its UUID. */
  private static void report(EventsApi events, EventActionName action, ExperienceContext context)
      throws ApiException {
    EventAction event =
        new EventAction()
            .action(action)
            .moeEventUuid(UUID.randomUUID())
            .eventTime(Instant.now().getEpochSecond())
            .platform(Platform.WEB)
            .attributes(context);
    EventElement element = new EventElement().customerId(CUSTOMER).actions(List.of(event));
    events.reportExperienceEvents(
        new ReportExperienceEventsRequest().elements(List.of(element)));
  }
}

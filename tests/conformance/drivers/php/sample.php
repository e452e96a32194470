<?php

// Fetches an experience for a visitor, and reports that it was shown and clicked.

declare(strict_types=1);

use Personalize\Api\EventsApi;
use Personalize\Api\ExperiencesApi;
use Personalize\Model\EventAction;
use Personalize\Model\EventActionName;
use Personalize\Model\EventElement;
use Personalize\Model\Platform;
use Personalize\Model\ReportExperienceEventsRequest;

require __DIR__ . '/connect.php';

const CUSTOMER = 'user_8821';

/** Reports one event; a repeat after a failure keeps its UUID. */
function report(EventsApi $events, string $action, array $attributes): void
{
    $event = new EventAction([
        'action' => $action,
        'moe_event_uuid' => uuid4(),
        'event_time' => time(),
        'platform' => Platform::WEB,
        'attributes' => $attributes,
    ]);
    $element = new EventElement(['customer_id' => CUSTOMER, 'actions' => [$event]]);
    $events->reportExperienceEvents(new ReportExperienceEventsRequest(['elements' => [$element]]));
}

function uuid4(): string
{
    $bytes = random_bytes(16);
    $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
    $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);
    return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
}

$configuration = connect();
// A plain array: the generated model would drop the in-session attribute.
$answer = (new ExperiencesApi(httpClient(), $configuration))->fetchExperiences([
    'identifiers' => ['customer_id' => CUSTOMER],
    'experience_key' => ['loyalty-offer'],
    'utm_medium' => 'email',
]);

$offer = $answer->getExperiences()['loyalty-offer'] ?? null;
if ($offer === null) { // no error: not meant for this visitor
    echo "Welcome\n";
    exit;
}
echo $offer->getPayload()['Title']->getValue(), "\n";

$events = new EventsApi(httpClient(), $configuration);
$shown = $offer->getExperienceContext();
report($events, EventActionName::MOE_PERSONALIZATION_MESSAGE_SHOWN, $shown);
$clicked = ['b_id' => 'Add to Cart'] + $shown; // what was clicked
report($events, EventActionName::MOE_PERSONALIZATION_MESSAGE_CLICKED, $clicked);
